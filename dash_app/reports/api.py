"""What the pages, the CLI and the exports may ask: the one door from the interface to the figures.

``ReportService`` (``reports/service.py``) implements it over the current snapshot, caching answers by
(snapshot id, settings digest, report, block, query, access).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dash_app.engine.filters import Choice
from dash_app.engine.language import Report
from dash_app.engine.query import Query
from dash_app.engine.result import BlockResult, Explanation, Note, RecordsPage
from dash_app.text import Lang, Text

Params = Mapping[str, Sequence[str]]
"""A parsed query string: name -> values."""


@dataclass(frozen=True, slots=True)
class DataState:
    """The snapshot on screen."""

    snapshot: str  # id
    as_of: datetime  # aware, portal zone
    address: str  # https://portal.bitrix24.ru
    currency: str  # base currency code
    notes: list[Note]  # entities that could not be read and which right to grant; not an admin ...
    is_demo: bool
    changes: Mapping[str, int] = field(
        default_factory=dict
    )  # what its refresh saw: deals_new, deals_changed, leads_deleted ...


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, in words, and the parameters without it."""

    filter: str  # pipeline, department, ..., uf.UF_CRM_X
    value: str
    text: Text  # «Воронка: Продажи»
    without: str  # query string that removes just this value


@dataclass(frozen=True, slots=True)
class GridRequest:
    """One page of a list: AG Grid infinite model. ``sort``: (column, asc|desc). ``filters``: AG Grid filterModel."""

    start: int = 0
    end: int = 100
    sort: tuple[tuple[str, str], ...] = ()
    filters: Mapping[str, object] | None = None
    columns: tuple[str, ...] = ()  # extra user-field columns


class Reports(Protocol):
    """Implemented by ``reports.service.ReportService``. Every method may raise ``UserError`` (NoData, BadInput)."""

    def reports(self) -> list[Report]:
        """All reports in navigation order."""
        ...

    def state(self) -> DataState:
        """The current snapshot."""
        ...

    def parse(self, report: Report, params: Params, *, interface: bool = True) -> Query:
        """Typed query from a query string; BadInput with a sentence for anything senseless."""
        ...

    def query_string(self, report: Report, query: Query) -> str:
        """Canonical query string of a query, '' for the bare address."""
        ...

    def block(self, report: Report, block_id: str, query: Query, *, lang: Lang = "ru") -> BlockResult:
        """One block's answer; names of people, stages, "(not set)" in ``lang``."""
        ...

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
        """The records behind a number (``row``: key columns of the row, e.g. {'manager_id': '7'}; empty for totals), or a list block (measure_id '')."""
        ...

    def explain(
        self, report: Report, block_id: str, figure_id: str, row: Mapping[str, str], query: Query, *, lang: Lang = "ru"
    ) -> Explanation:
        """How a number is counted, with its own numbers."""
        ...

    def choices(self, report: Report, filter_id: str, query: Query, *, lang: Lang = "ru") -> list[Choice]:
        """Options of a filter control with counts under the other filters."""
        ...

    def field_filters(self, report: Report) -> list[tuple[str, Text]]:
        """User fields people filter by: (UF_CRM_X, label)."""
        ...

    def dates_text(self, query: Query) -> Text:
        """«февраль 2026», «за всё время»: the period in as few words as it takes."""
        ...

    def period_text(self, query: Query) -> Text:
        """«Этот месяц, 01.11.2026 – 30.11.2026», «III квартал 2026/27, …»: the period in words, with its dates."""
        ...

    def first_month(self) -> int:
        """First month of the fiscal year, 1 – 12."""
        ...

    def moment(self, query: Query) -> datetime:
        """The instant the figures speak of, aware, portal zone: as-of, or that of the data."""
        ...

    def stepped(self, query: Query, steps: int) -> Query:
        """The query of the period before (-1) or after (1): a unit goes to the next one, other dates by their own number of days."""
        ...

    def base_text(self, query: Query) -> Text | None:
        """«01.10.2026 – 26.10.2026 14:03, столько же времени…»: the exact dates of the base, cut as it is; None without a comparison."""
        ...

    def remarks(self, query: Query) -> list[Note]:
        """What is to be known of the instant a query speaks of: today's amounts, an instant the data does not reach or the portal did not know."""
        ...

    def chips(self, report: Report, query: Query) -> list[Chip]:
        """Active filters in words."""
        ...

    def hidden(self, report: Report, query: Query) -> Text | None:
        """«Показаны 2 менеджера из 14 – из-за фильтра „Отдел“», if a filter hides rows."""
        ...

    def list_columns(self, report: Report, block_id: str) -> list[tuple[str, Text, str]]:
        """Columns a list can show beyond the default ones (user fields): (id, label, kind)."""
        ...
