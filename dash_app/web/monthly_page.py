"""The page of a monthly grid: its declaration, and what the browser works with. How it looks is ``web/cell_editor.py``, the script ``assets/grid/``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import IO, Any

from dash import html

from dash_app.engine.directory import Directory
from dash_app.errors import BadInput, NoData
from dash_app.exports.monthly_file import read_file, values_of, xlsx_file
from dash_app.exports.references import REFERENCES, name_of, order_of
from dash_app.exports.typed_file import Taken
from dash_app.services import Services
from dash_app.store.cells import Cell, Edit, stored
from dash_app.store.grids.base import BLANK, MonthlyGrid, key_of, month_of
from dash_app.text import Lang, Text
from dash_app.web import grid_words, ids, words


@dataclass(frozen=True, slots=True)
class MonthSpan:
    """The months on screen: a year, or a half of it."""

    year: int
    half: str = ""

    @property
    def months(self) -> list[str]:
        """2026-01 ... in order."""
        first, last = {"1": (1, 6), "2": (7, 12)}.get(self.half, (1, 12))
        return [f"{self.year}-{month:02d}" for month in range(first, last + 1)]


Action = tuple[str, str, Text, Text]
"""A button: (name in the script, icon, on the button, in full)."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """Rows that people add, copy and delete: the buttons, and the panel that chooses which."""

    actions: tuple[Action, ...]
    panel: Callable[[Directory, Lang], html.Div]


@dataclass(frozen=True)
class MonthlyPage:
    """The page of a grid. Without ``by_hand`` every id of its directory has a row."""

    grid: MonthlyGrid
    slug: str  # its address
    prefix: str  # ids of its elements begin so
    file: str  # a downloaded file's name begins so
    icon: str
    title: Text
    question: Text
    about: Text  # on the page of settings
    open: Text
    find: Text
    from_page: Text  # who, where no name is given
    said: Mapping[str, Text] = field(default_factory=dict)  # by the script, instead of what it says on every page
    by_hand: ByHand | None = None

    @cached_property
    def own(self) -> ids.CellIds:
        """Ids of its elements."""
        return ids.CellIds(self.prefix)

    @property
    def kind(self) -> str:
        """The kind of entries it edits."""
        return self.grid.name

    @property
    def measures(self) -> list[str]:
        """Fields of what is edited, as the script and the address name them."""
        return [measure.field for measure in self.grid.measures]

    @property
    def words(self) -> dict[str, Text]:
        """What the script says."""
        return {
            **grid_words.BROWSER,
            "total": grid_words.TOTAL,
            "closed": grid_words.CLOSED.format(ru=self.grid.words.it.ru, en=self.grid.words.it.en),
            **self.said,
        }


def span_of(params: Mapping[str, Sequence[str]], today: date) -> MonthSpan:
    """The months an address asks for; nonsense is this year."""
    year = params.get("year", [""])[-1]
    half = params.get("half", [""])[-1]
    chosen = int(year) if year.isascii() and year.isdigit() and 2000 <= int(year[:5]) < 2100 else today.year
    return MonthSpan(chosen, half if half in grid_words.HALVES else "")


def measure_of(page: MonthlyPage, params: Mapping[str, Sequence[str]]) -> str:
    """What is edited."""
    shown = params.get("show", [""])[-1]
    return shown if shown in page.measures else page.measures[0]


def today_of(services: Services) -> date:
    """The day the data speaks of."""
    return services.session().state().as_of.date()


# -- what the browser works with ------------------------------------------------------------------------------------
# A row has the field ``manager`` whatever keys it; ``pipeline`` is the second field of its key, "" where there is one alone.


def names(
    page: MonthlyPage, directory: Directory, today: date, lang: Lang, *, read_only: bool = False
) -> dict[str, Any]:
    """Names of what keys rows, and the words the browser says itself. ``read_only``: who looks changes nothing here."""
    said = {**page.words, "closed": words.READ_ONLY, "empty": grid_words.NOTHING_HERE} if read_only else page.words
    first, *others = page.grid.rows
    reference = REFERENCES[first.of]
    parts = {"": ""}
    for row in others:
        parts = {id_: name_of(row, id_, directory, lang) for id_ in ("", *REFERENCES[row.of].ids(directory))}
    return {
        "page": page.prefix,
        "path": f"/{page.slug}",
        "measures": page.measures,
        "managers": {
            id_: [name_of(first, id_, directory, lang), reference.noted(id_, directory).of(lang)]
            for id_ in reference.ids(directory)
        },
        "pipelines": parts,
        "year": today.year,
        "words": {name: text.of(lang) for name, text in said.items()},
    }


def data(page: MonthlyPage, services: Services, span: MonthSpan, lang: Lang) -> dict[str, Any]:
    """Rows on screen; ``version`` changes with every change of anything typed. Cells: the measures as stored, '' for none."""
    session = services.session()
    version = session.version_of_all()
    directory = session.directory()
    months = set(span.months)
    rows: dict[tuple[str, ...], dict[str, list[str]]] = {}
    if page.by_hand is None:
        rows = {(id_,): {} for id_ in REFERENCES[page.grid.rows[0].of].current(directory)}
    for key, value in values_of(entries := session.entries(page.kind)).items():
        if month_of(value) in months:
            rows.setdefault(value.row, {})[month_of(value)] = list(stored(page.grid, entries[key]).values())
    called = {row: [name_of(r, i, directory, lang) for r, i in zip(page.grid.rows, row, strict=True)] for row in rows}
    shown = {
        "months": span.months,
        "rows": [_row(page, row, called[row], rows[row], directory, lang) for row in _ordered(page, called, directory)],
        "version": version,
    }
    if not session.may_type(page.kind):
        return shown | {"closed": span.months}
    return shown | {"closed": sorted(session.closed_months() & months)} if page.grid.closes else shown


def _ordered(
    page: MonthlyPage, called: Mapping[tuple[str, ...], list[str]], directory: Directory
) -> list[tuple[str, ...]]:
    """Rows added by hand as lists have them; where every id has one, in the order of the directory, what it does not know any more last."""
    if page.by_hand is not None:
        return sorted(called, key=lambda row: order_of(page.grid.rows, row, called[row]))
    places = {id_: place for place, id_ in enumerate(REFERENCES[page.grid.rows[0].of].ids(directory))}
    return sorted(called, key=lambda row: places.get(row[0], len(places)))


def _row(
    page: MonthlyPage,
    row: tuple[str, ...],
    called: Sequence[str],
    cells: Mapping[str, list[str]],
    directory: Directory,
    lang: Lang,
) -> dict[str, Any]:
    first, part = _pair(row)
    return {
        "id": f"{first}:{part or BLANK}",
        "manager_id": first,
        "manager": called[0],
        "department": REFERENCES[page.grid.rows[0].of].noted(first, directory).of(lang),
        "pipeline_id": part,
        "pipeline": called[1] if len(called) > 1 else "",
        "cells": cells,
    }


def _pair(row: tuple[str, ...]) -> tuple[str, str]:
    return row[0], row[1] if len(row) > 1 else ""


# -- what is stored ------------------------------------------------------------------------------------------------


def entry_of(page: MonthlyPage, place: str) -> str:
    """The key of an entry by its place in the grid, ``row:pipeline:month``."""
    row, _, month = place.rpartition(":")
    first, _, part = row.rpartition(":")
    return key_of((first, "" if part == BLANK else part)[: len(page.grid.rows)], month)


def saved(page: MonthlyPage, services: Services, given: object, who: str, lang: Lang) -> dict[str, Any]:
    """Saves cells as the browser sends them and gives what became of them; BadInput for what is no cell."""
    session = services.session()
    outcome = session.save_cells(page.grid, _edits(page, given), who)
    touched = {cell.key: cell for cell in outcome.touched}
    entries = session.entries(page.kind)
    return {
        "cells": [
            [*_pair(cell.row), cell.month, list(stored(page.grid, entries.get(key)).values())]
            for key, cell in touched.items()
        ],
        "refused": [[*_place(r.edit), r.edit.text, r.why.of(lang)] for r in outcome.refused],
        "conflicts": [[*_place(c.edit), c.edit.text, c.theirs, c.who] for c in outcome.conflicts],
        "changes": [change.id for change in outcome.changes],
    }


def _edits(page: MonthlyPage, given: object) -> list[Edit]:
    """Edits out of [row, pipeline, month, measure, text, was]."""
    edits = []
    for item in given if isinstance(given, list) else []:
        if (
            not (isinstance(item, list) and len(item) == 6 and all(isinstance(part, str) for part in item))
            or item[3] not in page.measures
        ):
            raise BadInput(grid_words.BAD_CELL)
        first, part, month, measure, text, was = item
        row = (first, part)[: len(page.grid.rows)]
        page.grid.check(row, month)
        edits.append(Edit(Cell(row, month, measure), text[:200], was[:40]))
    return edits


def _place(edit: Edit) -> tuple[str, str, str, str]:
    return *_pair(edit.cell.row), edit.cell.month, edit.cell.measure


def write(page: MonthlyPage, services: Services, span: MonthSpan, lang: Lang, out: IO[bytes]) -> None:
    """A workbook of the months on screen."""
    months = set(span.months)
    session = services.session()
    values = [value for value in values_of(session.entries(page.kind)).values() if month_of(value) in months]
    xlsx_file(page.grid, values, session.directory(), lang, out)


def read(page: MonthlyPage, services: Services, content: bytes) -> Taken[Any]:
    """Values of a file by key, to be stored, and what of it was not read."""
    session = services.session()
    try:
        directory = session.directory()
    except NoData:
        directory = None
    existing = values_of(session.entries(page.kind))
    return read_file(page.grid, content, directory, existing, session.closed_months()).dumped()
