"""Plausible expenses for the demo company, so that its marketing report has something to say at the first start. Never for a real portal."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from dateutil.relativedelta import relativedelta

from dash_app.cli.example_entries import type_examples
from dash_app.engine.context import connect
from dash_app.expenses.grid import GRID, Expense
from dash_app.store.workspace import Workspace

_MONTHS_BEFORE = 13
_PRICES = {
    "ADVERTISING": (1900, 60_000),
    "WEB": (450, 25_000),
    "WEBFORM": (300, 10_000),
    "UC_AVITO1": (900, 8_000),
    "UC_TGCHAN": (350, 15_000),
    "TRADE_SHOW": (2500, 0),
    "PARTNER": (700, 0),
}
"""Roubles a lead and a month of the sources that are paid for."""


def example_expenses(facts: Path) -> list[Expense]:
    """What the paid sources cost a month: so much a lead, and something whether leads come or not."""
    con = connect(facts)
    row = con.execute("SELECT as_of FROM meta").fetchone()
    assert row
    this_month = row[0].date().replace(day=1)
    came = {
        (source, month): count
        for source, month, count in con.execute(
            "SELECT source_id, date_trunc('month', created_on)::DATE, count(*) FROM leads WHERE created_on >= $start GROUP BY ALL",
            {"start": this_month - relativedelta(months=_MONTHS_BEFORE)},
        ).fetchall()
    }
    known = {source for (source,) in con.execute("SELECT source_id FROM sources").fetchall()}
    found = []
    for source, (price, fixed) in _PRICES.items():
        for step in range(-_MONTHS_BEFORE, 1):
            month = this_month + relativedelta(months=step)
            amount = Decimal(fixed + price * came.get((source, month), 0)).quantize(Decimal("1e3")).quantize(Decimal(1))
            if source in known and amount:
                found.append(Expense(source_id=source, month=f"{month:%Y-%m}", amount=amount))
    return found


def type_example_expenses(workspace: Workspace, facts: Path) -> int:
    """Types them unless somebody ever typed an expense; returns how many."""
    return type_examples(workspace, GRID, lambda: example_expenses(facts))
