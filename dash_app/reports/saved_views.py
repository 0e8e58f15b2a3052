"""Saved views of a report as somebody has them: his own and those open to everybody, what is wrong with an old one, and what he may do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from dash_app.access.scope import Scope
from dash_app.engine.filters import PREFIX, known_filters
from dash_app.engine.language import Report
from dash_app.engine.parsing import Params
from dash_app.engine.query import Query
from dash_app.errors import BadInput, UserError
from dash_app.store.saved_views import SavedView, SavedViews, ShownColumns
from dash_app.text import Text

MOST_VIEWS = 100
"""Views of a report that one person keeps."""
MOST_NAME = 80
MOST_SEARCH = 20_000
MOST_COLUMNS = 200
_OF_ALL = frozenset({"period", "from", "to", "compare", "whole_base", "align", "as_of"})

NO_NAME = Text("Назовите вид: имя нужно, чтобы найти его потом.", "Name the view: it is found by its name.")
LONG_NAME = Text(f"Имя вида – до {MOST_NAME} знаков.", f"A view's name has up to {MOST_NAME} letters.")
TAKEN = Text("Вид «{name}» уже есть. Назовите иначе.", "There is a view “{name}” already. Choose another name.")
TOO_MANY = Text(
    f"У отчёта уже {MOST_VIEWS} ваших видов. Удалите ненужные.",
    f"You keep {MOST_VIEWS} views of this report already. Delete those you do not need.",
)
TOO_LONG = Text(
    "Фильтров слишком много для вида. Выберите отдел или воронку целиком.",
    "Too many filters for a view. Choose a whole department or pipeline.",
)
GONE = Text("Этого вида уже нет.", "This view is gone.")
NOT_YOURS = Text("Этот вид меняет тот, кто его сохранил.", "Only who saved this view changes it.")
NOBODY = Text(
    "Браузер не хранит cookie, поэтому свои виды ему не запомнить. Разрешите их или сохраните вид для всех.",
    "The browser keeps no cookies, so it cannot remember views of your own. Allow them, or save the view for everybody.",
)
NO_SUCH_FILTER = Text(
    "Вид «{view}» отбирал по «{name}», такого отбора больше нет: без него показано больше. Сохраните вид заново.",
    "The view “{view}” chose by “{name}”, which there is no more: more is shown without it. Save the view anew.",
)
NO_SUCH_VIEW = Text(
    "Вида «{name}» для всех у отчёта нет. Есть: {there}.",
    "The report has no view “{name}” for everybody. There are: {there}.",
)
NONE = Text("ни одного", "none")


@dataclass(frozen=True, slots=True)
class View:
    """A view as somebody sees it. ``search``: its query string without "?"; ``first``: he opens the report with it; ``may_change``: he may."""

    id: int
    name: str
    search: str
    columns: ShownColumns
    mine: bool
    shared: bool
    first: bool
    may_change: bool

    @property
    def params(self) -> dict[str, list[str]]:
        """Its query string as parameters."""
        return parse_qs(self.search)


class Views:
    """Views as far as somebody's rights reach; ``owner`` is whoever ``web.owner`` says asks. A view shows nothing by itself: what its address shows
    is decided by the rights of who opens it."""

    def __init__(
        self,
        kept: SavedViews,
        rights: Scope,
        parse: Callable[[Report, Params], Query],
        query_string: Callable[[Report, Query], str],
    ) -> None:
        self._kept = kept
        self._rights = rights
        self._parse = parse
        self._query_string = query_string

    def of(self, report: Report, owner: str) -> list[View]:
        """Own views, then those of everybody, each by name."""
        first = self._kept.first(owner).get(report.slug) if owner else None
        found = [self._seen(view, owner, first) for view in self._kept.all(report.slug) if self._sees(view, owner)]
        return sorted(found, key=lambda view: (not view.mine, view.name.casefold()))

    def first(self, owner: str) -> dict[str, str]:
        """Report's slug -> the query string it is opened with."""
        if not owner:
            return {}
        chosen = self._kept.first(owner)
        there = {view.id: view for view in self._kept.all() if self._sees(view, owner)} if chosen else {}
        return {report: there[number].search for report, number in chosen.items() if number in there}

    def trouble(self, report: Report, view: View) -> Text | None:
        """What an old view asks for that is there no more; None where all of it is."""
        known = {*_OF_ALL, *known_filters(), *(option.id for option in report.options)}
        for name in view.params:
            if name not in known and not name.startswith(PREFIX):
                return NO_SUCH_FILTER.format(view=view.name, name=name[:40])
        try:
            self._parse(report, view.params)
        except UserError as error:
            return error.text
        return None

    def is_shown(self, report: Report, view: View, params: Params) -> bool:
        """Whether an address shows exactly this view; of one that can be shown no more, whether it asks for the same."""
        if _sorted(params) == _sorted(view.params):
            return True
        try:
            now, its = (self._query_string(report, self._parse(report, given)) for given in (params, view.params))
        except UserError:
            return False
        return now == its

    # -- changing ------------------------------------------------------------------------------------------------------

    def save(
        self, report: Report, owner: str, name: str, params: Params, columns: ShownColumns, *, shared: bool = False
    ) -> int:
        """Keeps what an address shows under a name; BadInput for a senseless address, a name that is taken or none."""
        if not owner and not shared:
            raise BadInput(NOBODY)
        name, views = _named(name), self._kept.all(report.slug)
        if sum(view.owner == owner for view in views) >= MOST_VIEWS:
            raise BadInput(TOO_MANY)
        self._refuse_taken(name, [v for v in views if self._sees(v, owner)])
        return self._kept.add(report.slug, owner, name, self._search(report, params), _columns(columns), shared=shared)

    def put(self, view: int, report: Report, owner: str, params: Params, columns: ShownColumns) -> None:
        """The view shows from now on what an address shows. Lists that are not on the page keep the columns it had."""
        had = self._own(view, report, owner)
        self._kept.change(view, search=self._search(report, params), columns={**had.columns, **_columns(columns)})

    def rename(self, view: int, report: Report, owner: str, name: str) -> None:
        """Gives a view another name; BadInput for none, one that is taken, or a view that is not his to change."""
        self._own(view, report, owner)
        name = _named(name)
        others = [v for v in self._kept.all(report.slug) if v.id != view and self._sees(v, owner)]
        self._refuse_taken(name, others)
        self._kept.change(view, name=name)

    def share(self, view: int, report: Report, owner: str, *, shared: bool) -> None:
        """Opens a view to everybody, or to its owner alone again; BadInput as of ``rename``."""
        had = self._own(view, report, owner)
        if shared:
            others = [v for v in self._kept.all(report.slug) if v.id != view and v.shared]
            self._refuse_taken(had.name, others)
        self._kept.change(view, shared=shared)

    def remove(self, view: int, report: Report, owner: str) -> str:
        """Takes a view away and returns its name; BadInput for one that is not his to change."""
        had = self._own(view, report, owner)
        self._kept.remove(view)
        return had.name

    def restore(self, view: int, report: Report, owner: str) -> None:
        """Brings back what ``remove`` took away."""
        self._own(view, report, owner, removed=True)
        self._kept.restore(view)

    def put_first(self, view: int | None, report: Report, owner: str) -> None:
        """Which view a report is opened with from the navigation; None for none. BadInput for a view that is gone, or without an owner."""
        if not owner:
            raise BadInput(NOBODY)
        if view is not None and not any(v.id == view and self._sees(v, owner) for v in self._kept.all(report.slug)):
            raise BadInput(GONE)
        self._kept.put_first(owner, report.slug, view)

    def of_everybody(self, report: Report, name: str) -> View:
        """A view for everybody by its name; BadInput names those there are."""
        views = [view for view in self.of(report, "") if view.shared]
        for view in views:
            if view.name.casefold() == name.strip().casefold():
                return view
        there = ", ".join(view.name for view in views)
        raise BadInput(
            Text(
                NO_SUCH_VIEW.ru.format(name=name[:MOST_NAME], there=there or NONE.ru),
                NO_SUCH_VIEW.en.format(name=name[:MOST_NAME], there=there or NONE.en),
            )
        )

    # -- whose -----------------------------------------------------------------------------------------------------------

    @staticmethod
    def _sees(view: SavedView, owner: str) -> bool:
        return view.shared or (view.owner == owner and owner != "")

    def _may_change(self, view: SavedView, owner: str) -> bool:
        """Its owner; of everybody's views whoever sees everything, or one whose owner is gone could never be mended."""
        return (view.owner == owner and owner != "") or (view.shared and not self._rights.is_limited)

    def _own(self, number: int, report: Report, owner: str, *, removed: bool = False) -> SavedView:
        found = next((v for v in self._kept.all(report.slug, removed=removed) if v.id == number), None)
        if found is None or not self._sees(found, owner):
            raise BadInput(GONE)
        if not self._may_change(found, owner):
            raise BadInput(NOT_YOURS)
        return found

    def _seen(self, view: SavedView, owner: str, first: int | None) -> View:
        return View(
            view.id,
            view.name,
            view.search,
            view.columns,
            mine=view.owner == owner and owner != "",
            shared=view.shared,
            first=view.id == first,
            may_change=self._may_change(view, owner),
        )

    def _search(self, report: Report, params: Params) -> str:
        search = self._query_string(report, self._parse(report, params))
        if len(search) > MOST_SEARCH:
            raise BadInput(TOO_LONG)
        return search

    @staticmethod
    def _refuse_taken(name: str, views: list[SavedView]) -> None:
        if any(view.name.casefold() == name.casefold() for view in views):
            raise BadInput(TAKEN.format(name=name))


def _sorted(params: Params) -> dict[str, list[str]]:
    return {name: sorted(values) for name, values in params.items()}


def _named(name: str) -> str:
    found = " ".join(name.split())
    if not found:
        raise BadInput(NO_NAME)
    if len(found) > MOST_NAME:
        raise BadInput(LONG_NAME)
    return found


def _columns(columns: ShownColumns) -> Mapping[str, tuple[str, ...]]:
    return {
        block[:100]: tuple(name[:100] for name in names[:MOST_COLUMNS]) for block, names in list(columns.items())[:50]
    }
