"""The portal's data and figures as pandas DataFrames, for notebooks and scripts (docs/analysis.md).

::

    from dash_app import analysis

    analysis.facts("deals")                                              # every deal of sales pipelines, a row each
    analysis.report("sales-dynamics", period="2026-02")["deal_stages"]   # a block as the page shows it
    analysis.records("sales-dynamics", "summary", "deals_won", period="2026-02")

The settings are those of the application (environment or ``.env``). Money is float64 – exact to the kopeck up to 90 trillion –, instants are
timezone-aware, ids of people and pipelines in ``facts`` are integers, in ``report`` and ``records`` texts, as on the command line.
Errors are ``dash_app.errors.UserError`` with a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import pandas as pd
import pyarrow as pa

from dash_app.engine.blocks import RecordList
from dash_app.engine.query import Query
from dash_app.exports.cells import records as pages_of
from dash_app.exports.frames import table_of, tables_of
from dash_app.reports.session import Session
from dash_app.settings import Settings
from dash_app.text import Lang

_ALL = 10**12
"""Records of a list read: every one."""
ParamValue = str | int | float | bool | Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Portal:
    """One portal's published data, asked in one language. Every call speaks of the snapshot that is current then."""

    session: Session
    lang: Lang = "ru"

    @property
    def as_of(self) -> datetime:
        """The moment the data was taken, in the portal's time zone."""
        return self.session.state().as_of

    @property
    def reports(self) -> list[str]:
        """Slugs of all reports."""
        return [report.slug for report in self.session.reports()]

    @property
    def tables(self) -> list[str]:
        """Names ``facts`` knows."""
        return self.session.tables()

    def facts(self, name: str) -> pd.DataFrame:
        """A fact table or a directory whole: ``deals``, ``leads``, ``activities``, ``tasks``, ``responses``, ``deal_stages``, ``managers`` …

        Columns are those of docs/architecture.md, "A snapshot"; facts are narrowed by their base predicate (deals: of sales pipelines).
        """
        return _frame(self.session.table(name), naive_is_utc=True)

    def report(self, slug: str, **given: ParamValue) -> dict[str, pd.DataFrame]:
        """Block id -> its rows. ``given`` is the address of the page: ``period="2026-02"`` or ``start``/``end``, ``compare="previous"``,
        ``pipeline=[1, 2]``, ``manager=7``, ``as_of="2026-02-28T18:00"``, options by id. Totals are in ``.attrs["totals"]``."""
        report = self.session.report(slug)
        query = self._query(slug, given)
        found: dict[str, pd.DataFrame] = {}
        for block in report.blocks:
            if isinstance(block, RecordList):
                found[block.id] = self._list(slug, block.id, "", {}, query)
                continue
            result = self.session.block(report, block.id, query, lang=self.lang)
            frame = _frame(tables_of(result))
            frame.attrs["totals"] = result.totals
            frame.attrs["notes"] = [note.text.of(self.lang) for note in result.notes]
            found[block.id] = frame
        return found

    def records(
        self, slug: str, block: str, measure: str = "", row: Mapping[str, str] | None = None, **given: ParamValue
    ) -> pd.DataFrame:
        """The records behind a number: as many rows as it counts. ``row``: its key, ``{"manager_id": "7"}``; none for totals."""
        return self._list(slug, block, measure, row or {}, self._query(slug, given))

    def _query(self, slug: str, given: Mapping[str, ParamValue]) -> Query:
        names = {"start": "from", "end": "to"}
        params = {names.get(name, name): _values(value) for name, value in given.items()}
        return self.session.parse(self.session.report(slug), params, interface=False)

    def _list(self, slug: str, block: str, measure: str, row: Mapping[str, str], query: Query) -> pd.DataFrame:
        report = self.session.report(slug)
        page, rows = pages_of(self.session, report, block, measure, row, query, self.lang, most=_ALL)
        return _frame(table_of(page.columns, rows))


def _values(value: ParamValue) -> list[str]:
    if isinstance(value, bool):
        return [str(value).lower()]
    return [str(value)] if isinstance(value, str | int | float) else [str(v) for v in value]


def _frame(table: pa.Table, *, naive_is_utc: bool = False) -> pd.DataFrame:
    """Decimals as floats; instants of fact tables, which are naive UTC, as aware ones."""
    fields = []
    for field in table.schema:
        kind = field.type
        if pa.types.is_decimal(kind):
            kind = pa.float64()
        elif naive_is_utc and pa.types.is_timestamp(kind) and kind.tz is None:
            kind = pa.timestamp(kind.unit, tz="UTC")
        fields.append(pa.field(field.name, kind))
    frame: pd.DataFrame = table.cast(pa.schema(fields)).to_pandas()
    return frame


def portal(settings: Settings | None = None, *, as_user: int | None = None, lang: Lang | None = None) -> Portal:
    """The portal of the settings, by default those of the environment. ``as_user``: only what this user of the portal may see."""
    from dash_app.services_factory import session_of

    chosen = settings or Settings()
    session = session_of(chosen)
    return Portal(session if as_user is None else session.as_user(str(as_user)), lang or chosen.language)


@cache
def _usual() -> Portal:
    return portal()


def facts(name: str) -> pd.DataFrame:
    """``Portal.facts`` of the usual portal."""
    return _usual().facts(name)


def report(slug: str, **given: ParamValue) -> dict[str, pd.DataFrame]:
    """``Portal.report`` of the usual portal."""
    return _usual().report(slug, **given)


def records(
    slug: str, block: str, measure: str = "", row: Mapping[str, str] | None = None, **given: ParamValue
) -> pd.DataFrame:
    """``Portal.records`` of the usual portal."""
    return _usual().records(slug, block, measure, row, **given)


__all__ = ["Portal", "facts", "portal", "records", "report"]
