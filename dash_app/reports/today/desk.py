"""Questions of the start page to the reports: its filters go along, answers are those the reports themselves keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from dash_app.engine.directory import NONE
from dash_app.engine.facts import FACTS
from dash_app.engine.filters import known_filters
from dash_app.engine.language import Report, measures_of
from dash_app.engine.parsing import Params
from dash_app.engine.periods import to_local
from dash_app.engine.query import Query
from dash_app.engine.result import BlockResult, RecordsPage, Row
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.reports.today.api import Narrowed, Opened
from dash_app.text import Lang

AsParams = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A report under the filters of the start page."""

    report: Report
    query: Query
    search: str


class Desk:
    """One reading of the start page. ``params``: those of its address."""

    def __init__(self, service: ReportService, params: Params, lang: Lang) -> None:
        self.service = service
        self.lang: Lang = lang
        names = [f.id for f in known_filters().values() if f.carried]
        self.filters = {name: list(params[name]) for name in names if params.get(name)}
        self.carried = {**self.filters, **({"as_of": list(params["as_of"])} if params.get("as_of") else {})}
        self._known = {report.slug: report for report in service.reports()}

    @cached_property
    def query(self) -> Query:
        """What every question has in common: filters and the instant. BadInput for a filter that is none."""
        return self.service.parse(next(iter(self._known.values())), self.carried)

    @property
    def today(self) -> date:
        """The local day of the data, or of the earlier instant asked for."""
        return self.service.moment(self.query).date()

    @cached_property
    def since(self) -> date | None:
        """The local day of the first record; None without any."""
        directory = self.service.directory()
        first = directory.first_record
        return to_local(first, ZoneInfo(directory.timezone)).date() if first else None

    def is_working(self, day: date) -> bool:
        """Whether a day is worked by the calendar of the settings."""
        return self.service.typed().workdays.is_working(day)

    def has(self, report: str, block: str) -> bool:
        """Whether there is such a block to ask."""
        known = self._known.get(report)
        return known is not None and any(b.id == block for b in known.blocks)

    def speaks_of(self, report: str, block: str, figure: str) -> bool:
        """Whether there is such a figure, and every filter of the page says something of its records: a number that leaves one out would be of
        others too."""
        if not self.has(report, block):
            return False
        figures = getattr(self._known[report].block(block), "figures", ())
        facts = {m.fact for f in figures if f.id == figure for m in measures_of((f,))}
        context = self.service.context(self.query, self.lang)
        return bool(facts) and not any(context.meaningless(FACTS[fact]) for fact in facts)

    def ask(self, slug: str, params: AsParams) -> Asked:
        """A report with these parameters beside the page's filters."""
        report = self._known[slug]
        query = self.service.parse(report, {**self.carried, **params})
        return Asked(report, query, self.service.query_string(report, query))

    def block(self, asked: Asked, block: str) -> BlockResult:
        """The kept answer of a block."""
        return self.service.block(asked.report, block, asked.query, lang=self.lang)

    def records(self, asked: Asked, block: str, most: int) -> RecordsPage:
        """The first records of a list block, in its own order."""
        return self.service.records(asked.report, block, "", {}, asked.query, GridRequest(0, most), lang=self.lang)

    def opened(
        self,
        asked: Asked,
        block: str,
        figure: str,
        count: int,
        amount: Decimal | None = None,
        row: tuple[tuple[str, str], ...] = (),
    ) -> Opened:
        """What a figure opens."""
        return Opened(asked.report.slug, asked.search, block, figure, row, asked.query.options, count, amount)

    @staticmethod
    def keys_of(result: BlockResult, row: Row) -> tuple[tuple[str, str], ...]:
        """The key of a row, as addresses spell it."""
        keys = [c.id for c in result.columns if c.role == "key" and c.id in row]
        return tuple((k, NONE if row[k] is None else str(row[k])) for k in keys)

    def narrowed(self) -> tuple[Narrowed, ...]:
        """The filters of the page in words, each with the address without it."""
        report = next(iter(self._known.values()))
        found = []
        for chip in self.service.chips(report, self.query):
            left = {
                name: [v for v in values if (name, v) != (chip.filter, chip.value)]
                for name, values in self.carried.items()
            }
            found.append(Narrowed(chip.text, {name: values for name, values in left.items() if values}))
        return tuple(found)


def dates(first: date, last: date) -> AsParams:
    """A period by its days."""
    return {"from": [first.isoformat()], "to": [last.isoformat()]}


def days_before(day: date, days: int) -> date:
    """So many days earlier."""
    return day - timedelta(days=days)
