"""Figures of the current snapshot: questions parsed, answered and kept."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dash_app import disk
from dash_app.access.scope import EVERYTHING, Scope
from dash_app.access.structure import nothing_because, scope_of
from dash_app.engine import answer, parsing, records
from dash_app.engine.blocks import Block, Cards, Counted, Series
from dash_app.engine.cards import card_url
from dash_app.engine.context import Context, FactsSource, connect
from dash_app.engine.course import is_total
from dash_app.engine.directory import NONE, Directory, option_label, options_known
from dash_app.engine.entered import Entered
from dash_app.engine.facts import FACTS
from dash_app.engine.filters import Choice
from dash_app.engine.language import Formula, Given, Measure, PerDay, Product, Ratio, Relative, Report, Unit, parts_of
from dash_app.engine.lists import LISTS
from dash_app.engine.memo import Memo
from dash_app.engine.page_plan import PagePlan
from dash_app.engine.parsing import Params
from dash_app.engine.periods import base_period, stepped, to_local
from dash_app.engine.query import Query
from dash_app.engine.result import BlockResult, Explanation, Note, RecordsPage, Value
from dash_app.errors import BadInput, NoData, UserError
from dash_app.record_kinds import SALE
from dash_app.reports import words
from dash_app.reports.api import Base, Chip, DataState, GridRequest
from dash_app.reports.cache import AnswerCache
from dash_app.reports.choices import choices_of, hidden_managers
from dash_app.reports.snoozes import Card
from dash_app.text import Lang, Text


class PublishedFacts(FactsSource, Protocol):
    """A published snapshot: its facts and what its refresh had to say."""

    @property
    def notes(self) -> list[Note]:
        """Entities that could not be read, and which right to grant."""
        ...


NO_DATA = Text(
    "Данных ещё нет. Нажмите «Обновить» или выполните python -m dash_app sync.",
    "There is no data yet. Press “Refresh” or run python -m dash_app sync.",
)

_DIRECTORY_TABLES = {
    "managers": "id",
    "manager_departments": "manager_id",
    "departments": "",
    "pipelines": "",
    "stages": "",
    "sources": "",
    "user_fields": "",
    "user_field_options": "",
    "stage_norms": "",
}
"""Directories given whole to analysts, each with the column of a person its rows are about."""
_OPTION_WORDS: dict[Lang, str] = {"ru": "label", "en": "label_en"}
_DIRECTORIES = 64
"""Directories kept: of each facts database and scope in use."""
_PAGES = 64
"""Plans of pages kept: a report under each choice of its options."""


class ReportService:
    """Answers questions of one set of rights over whatever snapshot is current when a method is called; asked through ``reports.session.Session``.

    ``current``: gives the published snapshot or None. ``typed``: what people typed, read anew for every question.
    """

    def __init__(
        self,
        current: Callable[[], PublishedFacts | None],
        reports: Sequence[Report],
        cache: AnswerCache | None = None,
        *,
        is_demo: bool = False,
        typed: Callable[[], Entered] = Entered,
    ) -> None:
        self._current = current
        self._reports = sorted(reports, key=lambda r: (r.order, r.slug))
        self._cache = cache or AnswerCache()
        self._is_demo = is_demo
        self._typed = typed
        self._rights: Scope = EVERYTHING
        self._blind: Text | None = None  # why nothing is seen
        self._seen: Memo[tuple[Entered, Entered]] = Memo(_DIRECTORIES)
        self._directories: Memo[Directory] = Memo(_DIRECTORIES)
        self._pages: Memo[PagePlan] = Memo(_PAGES)

    # -- the data --------------------------------------------------------------------------------------------

    def reports(self) -> list[Report]:
        """All reports in navigation order."""
        return list(self._reports)

    def report(self, slug: str) -> Report:
        """The report of this slug; BadInput names those there are."""
        for report in self._reports:
            if report.slug == slug:
                return report
        known = ", ".join(r.slug for r in self._reports)
        raise BadInput(
            Text(f"Отчёта «{slug[:40]}» нет. Есть: {known}.", f"There is no report “{slug[:40]}”. There are: {known}.")
        )

    def _snapshot(self) -> PublishedFacts:
        snapshot = self._current()
        if snapshot is None:
            raise NoData(NO_DATA)
        return snapshot

    # -- who asks --------------------------------------------------------------------------------------------

    @property
    def rights(self) -> Scope:
        """Whose records the answers speak of."""
        return self._rights

    @property
    def blind(self) -> Text | None:
        """Why who asks sees nothing; None for who sees something."""
        return self._blind

    def seen_by(self, rights: Scope, blind: Text | None = None) -> ReportService:
        """The same reports, asked by somebody of other rights; kept answers are shared with whoever has the same. ``blind``: why nothing is seen."""
        other = copy.copy(self)
        other._rights = rights
        other._blind = blind
        return other

    def works_here(self, user: int) -> bool:
        """Whether nothing says that a user of the portal was dismissed."""
        try:
            found = self._directory(self._snapshot().facts_path, EVERYTHING).managers.get(user)
        except UserError:  # no data, or none that can be read
            return True
        return found is None or not found.known or found.active

    def name_of(self, user: int) -> str:
        """The name of a user of the portal, '' for one nobody knows: of who is signed in."""
        try:
            found = self._directory(self._snapshot().facts_path, EVERYTHING).managers.get(user)
        except UserError:
            return ""
        return found.name if found is not None and found.known else ""

    def sight(self) -> tuple[int, int]:
        """How many departments of how many are seen whole, with all below them; those without people do not count."""
        whole = self._directory(self._snapshot().facts_path, EVERYTHING)
        people = [
            (number, person.within) for number, person in whole.managers.items() if person.known and person.active
        ]
        seen = total = 0
        for department in whole.departments:
            inside = [number for number, within in people if department in within]
            total += bool(inside)
            seen += bool(inside) and all(self._rights.sees(number) for number in inside)
        return seen, total

    def at_once(self) -> ReportService:
        """The same reports over the snapshot and what people typed as they are now: for many questions that belong together."""
        other = copy.copy(self)
        snapshot, typed = self._current(), self._typed()
        other._current = lambda: snapshot
        other._typed = lambda: typed
        return other

    def as_user(self, user: str) -> ReportService:
        """The same reports as a user of the portal sees them by the company structure; BadInput for what is no user's number."""
        if not (user.isascii() and user.isdigit() and len(user) < 10):
            raise BadInput(
                Text(
                    f"«{user[:40]}» – не номер сотрудника. Укажите номер из Битрикс24, например 7.",
                    f"“{user[:40]}” is no user's number. Give a number of Bitrix24, such as 7.",
                )
            )
        names = self._directory(self._snapshot().facts_path, EVERYTHING)
        other = self.seen_by(scope_of(int(user), names.managers, names.departments.values()))
        other._blind = nothing_because(int(user), names.managers)
        return other

    def _directory(self, path: Path, rights: Scope | None = None) -> Directory:
        rights = self._rights if rights is None else rights

        def load() -> Directory:
            try:
                return Directory.load(connect(path), rights)
            except Exception as error:
                if type(error) is not disk.DamagedData and isinstance(disk.foreseen(error), disk.Damaged):
                    raise disk.damaged(path) from error
                raise

        return self._directories.get((path, rights.fingerprint), load)

    def directory(self) -> Directory:
        """Names of the current snapshot."""
        return self._directory(self._snapshot().facts_path)

    def state(self) -> DataState:
        """The current snapshot."""
        snapshot = self._snapshot()
        directory = self._directory(snapshot.facts_path)
        as_of = to_local(directory.as_of, ZoneInfo(directory.timezone))
        return DataState(
            snapshot.id,
            as_of,
            directory.address,
            directory.currency,
            self._notes(snapshot),
            self._is_demo,
            {} if self._rights.is_limited else dict(getattr(snapshot, "changes", {})),
        )

    def _notes(self, snapshot: PublishedFacts) -> list[Note]:
        """What is to be said of the whole: what a refresh could not read counts records of the whole portal, so it is not for limited rights."""
        if self._blind is not None:
            return [Note(self._blind)]
        return [] if self._rights.is_limited else list(snapshot.notes)

    def context(self, query: Query, lang: Lang = "ru") -> Context:
        """The question against the current snapshot, or against the day ``query.as_of`` asks for."""
        snapshot = self._snapshot()
        path = snapshot.facts_path if query.as_of is None else snapshot.facts_as_of(datetime.fromisoformat(query.as_of))
        return Context.of(
            snapshot,
            self._directory(path),
            query,
            path,
            lang,
            self.typed(),
            self._rights,
            self._directory(path, EVERYTHING) if self._rights.is_limited else None,
        )

    def _on_page(self, report: Report, query: Query, lang: Lang) -> Context:
        """The question of a block, which knows what the other blocks of its page ask."""
        page = self._pages.get((report.slug, query.options), lambda: PagePlan.of(report.blocks, query.option))
        return replace(self.context(query, lang), page=page)

    def typed(self) -> Entered:
        """What people typed, as far as the rights reach: plans, costs, settings. The same object until somebody types."""
        whole = self._typed()
        if not self._rights.is_limited:
            return whole
        key = (self._rights.fingerprint, id(whole))  # kept beside what it was made of, so the id stays its own
        return self._seen.get(key, lambda: (whole, whole.seen_by(self._rights)))[1]

    def _key(self, name: str, query: Query, lang: Lang, more: tuple[object, ...]) -> tuple[object, ...]:
        """Everything a kept answer depends on."""
        version, rights = self._typed().version, self._rights.fingerprint
        return (self._snapshot().id, version, rights, name, lang, _canonical(query), more)

    def _cached(self, name: str, query: Query, lang: Lang, compute: Callable[[], Any], *more: object) -> Any:
        return self._cache.get(self._key(name, query, lang, more), compute)

    def tables(self) -> list[str]:
        """What ``table`` gives: the facts, and the directories beside them."""
        return [*FACTS, *_DIRECTORY_TABLES]

    def table(self, name: str) -> Any:
        """A fact table, narrowed by its base predicate, or a directory, as an Arrow table as far as the rights reach; BadInput names those there are.

        Shapes: ``store.schema.FACTS``. Instants are naive UTC.
        """
        connection, rights, columns = connect(self._snapshot().facts_path), self._rights, "*"
        if name in FACTS:
            fact = FACTS[name]
            where = f"({fact.base}) AND {rights.condition(fact.person)}"
        elif name in _DIRECTORY_TABLES:
            where = rights.condition(_DIRECTORY_TABLES[name]) if _DIRECTORY_TABLES[name] else "true"
            if name == "departments" and rights.is_limited:
                own = rights.condition("manager_id")
                where = f"id IN (SELECT department_id FROM manager_departments WHERE {own})"
            if name == "user_field_options":
                words = ", ".join(f"{option_label(lang, rights)} AS {column}" for lang, column in _OPTION_WORDS.items())
                columns, where = f"* REPLACE ({words})", options_known(connection, rights)
        else:
            known = ", ".join(self.tables())
            raise BadInput(
                Text(
                    f"Таблицы «{name[:40]}» нет. Есть: {known}.",
                    f"There is no table “{name[:40]}”. There are: {known}.",
                )
            )
        return connection.sql(f"SELECT {columns} FROM {name} AS o WHERE {where}").to_arrow_table()

    def cards(self, entity: str, ids: Sequence[int]) -> dict[int, Card]:
        """Deals or leads by id; those the data does not know are not there."""
        if not ids:
            return {}
        table = LISTS[entity].table
        listed = ", ".join(str(int(i)) for i in ids)
        rows = (
            connect(self._snapshot().facts_path)
            .execute(
                f"SELECT id, title, status FROM {table} WHERE id IN ({listed}) AND {self._rights.condition('manager_id')}"
            )
            .fetchall()
        )
        address = self.directory().address
        return {i: Card(i, title or f"#{i}", card_url(address, entity, i), status) for i, title, status in rows}

    # -- queries ---------------------------------------------------------------------------------------------

    def parse(self, report: Report, params: Params, *, interface: bool = True) -> Query:
        """Typed query from a query string; BadInput with a sentence for anything senseless."""
        return parsing.parse(report, params, self.directory(), interface=interface, typed=self.typed())

    def query_string(self, report: Report, query: Query) -> str:
        """Canonical query string of a query, '' for the bare address."""
        return parsing.query_string(report, query, self.typed())

    def period_text(self, query: Query) -> Text:
        """The period in words, with its dates."""
        return words.period_text(query.period, query.preset, self.first_month())

    def first_month(self) -> int:
        """First month of the fiscal year."""
        return self._typed().preferences.fiscal_year_month

    def moment(self, query: Query) -> datetime:
        """The instant the figures speak of, aware, portal zone: as-of, or that of the data."""
        directory = self.directory()
        as_of = directory.as_of if query.as_of is None else datetime.fromisoformat(query.as_of)
        return to_local(as_of, ZoneInfo(directory.timezone))

    def stepped(self, query: Query, steps: int) -> Query:
        """The query of the period before (-1) or after (1)."""
        return stepped(query, steps, self.moment(query).date(), self.first_month())

    def dates_text(self, query: Query) -> Text:
        """The period in as few words as it takes."""
        return words.dates_text(query.period, self._typed().preferences.fiscal_year_month)

    def base(self, query: Query) -> Base | None:
        """The period compared with; None without a comparison."""
        context = self.context(self._with_base(query))
        base = context.base()
        return None if base is None else Base(base.span.period, to_local(base.span.end, base.zone), base.span.cut)

    def base_text(self, query: Query) -> Text | None:
        """The exact dates of the base; None without a comparison."""
        base = self.context(self._with_base(query)).base()
        return answer.base_dates(base) if base else None

    def _with_base(self, query: Query) -> Query:
        """The query as cards ask it: against the period before where nobody chose otherwise."""
        if not query.cards_compared or query.compare_mode is not None:
            return query
        base = base_period(query.period, "previous", self.first_month())
        return replace(query, compare=base, compare_mode="previous")

    def _asked_by(self, block: Block, query: Query) -> Query:
        """Cards, and a running total beside them, stand against the period before where nobody chose otherwise."""
        against = isinstance(block, Cards) or (isinstance(block, Series) and is_total(self.context(query), block))
        return self._with_base(query) if against else query

    def remarks(self, query: Query) -> list[Note]:
        """What is to be known of the instant a query speaks of, before any figure."""
        directory = self.directory()
        zone = ZoneInfo(directory.timezone)
        if query.too_late is not None:
            asked, known = to_local(datetime.fromisoformat(query.too_late), zone), to_local(directory.as_of, zone)
            return [words.too_late(asked, known)]
        if query.as_of is None:
            return []
        moment = datetime.fromisoformat(query.as_of)
        if directory.first_record is None or moment < directory.first_record:
            first = directory.first_record
            return [words.too_early(to_local(moment, zone), to_local(first, zone) if first else None)]
        if directory.log_since is None or moment < directory.log_since:
            return [Note(answer.todays(answer.moment_in_words(to_local(moment, zone))))]
        return []

    def chips(self, report: Report, query: Query) -> list[Chip]:
        """Active filters in words."""
        return words.chips(report, query, self.directory(), self.typed())

    def field_filters(self, report: Report) -> list[tuple[str, Text]]:
        """User fields people filter by – lists, directories, people, links, yes or no: (UF_CRM_X, label)."""
        found: dict[str, Text] = {}
        for (_, name), meta in self.directory().fields.items():
            if meta.type.filters:
                found.setdefault(name, Text(meta.label, meta.label))
        return list(found.items())

    def choices(self, report: Report, filter_id: str, query: Query, *, lang: Lang = "ru") -> list[Choice]:
        """Options of a filter control with counts under the other filters; BadInput for a filter or own field there is not."""
        result: list[Choice] = self._cached(
            "choices",
            query,
            lang,
            lambda: choices_of(self.context(query, lang), filter_id, report.counted),
            filter_id,
            report.counted,
        )
        return result

    def hidden(self, report: Report, query: Query) -> Text | None:
        """«Показаны 2 менеджера из 14 – из-за фильтра „Отдел“», if a filter hides people with something to show."""
        if query.filters.is_empty():
            return None
        result: Text | None = self._cached(
            "hidden", query, "ru", lambda: hidden_managers(self.context(query), report.counted), report.counted
        )
        return result

    # -- answers ---------------------------------------------------------------------------------------------

    def block(self, report: Report, block_id: str, query: Query, *, lang: Lang = "ru") -> BlockResult:
        """One block's answer; BadInput for a list, which has records and no answer."""
        block = self.block_of(report, block_id, query)
        if not isinstance(block, Counted):
            raise BadInput(
                Text(
                    f"Блок «{block.title.ru}» – список записей, показателей в нём нет.",
                    f"The block “{block.title.en}” is a list of records and has no figures.",
                )
            )
        query = self._asked_by(block, query)
        result: BlockResult = self._cached(
            "block",
            query,
            lang,
            lambda: answer.answer(self._on_page(report, query, lang), block),
            report.slug,
            block_id,
        )
        return result

    @staticmethod
    def block_of(report: Report, block_id: str, query: Query | None = None) -> Block:
        """A block by its id, as the query's options make it; BadInput for an unknown one."""
        try:
            block = report.block(block_id)
            return block if query is None else block.settled(query.option)
        except KeyError:
            known = ", ".join(b.id for b in report.blocks)
            raise BadInput(
                Text(
                    f"Блока «{block_id[:40]}» в отчёте нет. Есть: {known}.",
                    f"The report has no block “{block_id[:40]}”. There are: {known}.",
                )
            ) from None

    def records(
        self,
        report: Report,
        block_id: str,
        measure_id: str,
        row: Mapping[str, str],
        query: Query,
        request: GridRequest,
        *,
        lang: Lang = "ru",
    ) -> RecordsPage:
        """The records behind a number (``row``: key column -> id), or of a list block (``measure_id`` ''). BadInput for a block, number or column there is not."""
        block = self.block_of(report, block_id, query)
        query = self._asked_by(block, query)
        context = self._on_page(report, query, lang)
        counted = records.find(block, measure_id).counted
        label = counted.label if counted else block.title
        where = words.row_text(context.directory, block, row)
        title = Text(f"{label.ru}. {where.ru}", f"{label.en}. {where.en}") if where.ru else label
        result: RecordsPage = self._cached(
            "records",
            query,
            lang,
            lambda: records.page(
                context,
                block,
                measure_id,
                row,
                start=request.start,
                end=request.end,
                sort=request.sort,
                filters=request.filters,
                extra=request.columns,
                title=title,
            ),
            report.slug,
            block_id,
            measure_id,
            sorted(row.items()),
            request,
        )
        return result

    def list_columns(self, report: Report, block_id: str, measure_id: str = "") -> list[tuple[str, Text, str]]:
        """Columns a list can show beyond the default ones (own fields): (id, label, kind). ``measure_id``: of the records behind a number."""
        entity = records.entity_of(self.block_of(report, block_id), measure_id) or SALE.id
        return [
            (meta.field, Text(meta.label, meta.label), meta.type.kind)
            for (owner, _), meta in self.directory().fields.items()
            if owner == entity
        ]

    def explain(
        self, report: Report, block_id: str, figure_id: str, row: Mapping[str, str], query: Query, *, lang: Lang = "ru"
    ) -> Explanation:
        """How a number is counted, with its own numbers; BadInput for a block or number there is not."""
        block = self.block_of(report, block_id, query)
        result = self.block(report, block_id, query, lang=lang)
        figure = next((f for f in block.figures if f.id == figure_id), None)
        shown = _find_row(result, row)
        parts: list[tuple[str, Text, Value, Unit]] = []
        formula: Text | None = None
        if figure is None:
            column = next((c for c in result.columns if c.id == figure_id), None)
            if column is None:
                records.find(block, figure_id)  # raises the sentence
            return Explanation(column.label if column else block.title, block.help, None, result.notes, [])
        value = shown.get(figure.id)
        if isinstance(figure, Ratio):
            parts = [
                (m.id, m.label, shown.get(f"{figure.id}_{part}"), m.unit)
                for m, part in ((figure.num, "num"), (figure.den, "den"))
            ]
            formula = _formula(parts[0][2], figure.num.unit, parts[1][2], figure.den.unit, value, figure.unit)
        elif isinstance(figure, Relative):
            parts = [
                (f"{figure.id}_{p}", figure.of.label, shown.get(f"{figure.id}_{p}"), figure.of.unit)
                for p in ("num", "den")
            ]
            formula = _formula(parts[0][2], figure.of.unit, parts[1][2], figure.of.unit, value, figure.unit)
        elif isinstance(figure, PerDay):
            days = self.context(query, lang).days_passed
            total = None if value is None or days is None else value * days.numerator / days.denominator  # type: ignore[operator]
            parts = [(figure.num.id, figure.num.label, total, figure.num.unit)]
            formula = _formula(
                total, figure.num.unit, None if days is None else float(days), Unit.COUNT, value, figure.unit
            )
        elif isinstance(figure, Product | Formula):
            parts = [(p.id, p.label, shown.get(p.id), p.unit) for p in parts_of(figure)]
            formula = (
                _product_text(figure, shown, value) if isinstance(figure, Product) else _words_of(figure, shown, value)
            )
        elif isinstance(figure, Measure | Given):
            parts = [(figure.id, figure.label, value, figure.unit)]
        when = answer.instants_in_words(self.context(query, lang), figure)
        help_ = figure.help if when is None else Text(f"{figure.help.ru} {when.ru}", f"{figure.help.en} {when.en}")
        return Explanation(figure.label, help_, formula, result.notes, parts)


def _canonical(query: Query) -> tuple[object, ...]:
    """A stable spelling of a query: sets have no order of their own."""
    sets = tuple((name, tuple(sorted(values))) for name, values in query.filters.chosen)
    return (
        query.period.start.isoformat(),
        query.period.end.isoformat(),
        (query.compare.start.isoformat(), query.compare.end.isoformat()) if query.compare else None,
        query.whole_base,
        query.align,
        sets,
        query.options,
        query.as_of,
    )


def _find_row(result: BlockResult, row: Mapping[str, str]) -> dict[str, Value]:
    if not row:
        return result.totals or (result.rows[0] if len(result.rows) == 1 else {})
    for candidate in result.rows:
        if all(_same(candidate.get(key), value) for key, value in row.items()):
            return candidate
    return {}


def _same(cell: Value, value: str) -> bool:
    return str(cell) == value or (cell is None and value in ("", NONE))


def _product_text(figure: Product, row: Mapping[str, Value], value: Value) -> Text:
    """«40 / 50 × 60 / 75 = 64 %»."""
    factors = [
        tuple(words.number_text(row.get(part.id), part.unit) for part in (ratio.num, ratio.den))
        for ratio in figure.factors
    ]
    end = words.number_text(value, figure.unit)
    return Text(
        " × ".join(f"{a.ru} / {b.ru}" for a, b in factors) + f" = {end.ru}",
        " × ".join(f"{a.en} / {b.en}" for a, b in factors) + f" = {end.en}",
    )


def _words_of(figure: Formula, row: Mapping[str, Value], value: Value) -> Text:
    """The formula as it is read; a fraction with its own numbers behind it."""
    if not figure.fraction:
        return figure.words
    unit = parts_of(figure)[0].unit
    numbers = _formula(row.get(f"{figure.id}_num"), unit, row.get(f"{figure.id}_den"), unit, value, figure.unit)
    return Text(f"{figure.words.ru} = {numbers.ru}", f"{figure.words.en} = {numbers.en}")


def _formula(num: Value, num_unit: Unit, den: Value, den_unit: Unit, value: Value, unit: Unit) -> Text:
    a, b, c = words.number_text(num, num_unit), words.number_text(den, den_unit), words.number_text(value, unit)
    return Text(f"{a.ru} / {b.ru} = {c.ru}", f"{a.en} / {b.en} = {c.en}")
