"""Expenses: what a source of leads and deals cost in a month (metrics.md section 4)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dash_app.store.entry_kind import Amount, Month
from dash_app.store.grids.base import SOURCE, GridMeasure, GridRow, GridWords, MonthlyGrid, MonthlyValue
from dash_app.text import Text

SourceId = Annotated[str, Field(min_length=1, max_length=50)]


class Expense(MonthlyValue):
    """What a source cost in a month; ``source_id`` 'none' is the unknown source (metrics.md section 4)."""

    source_id: SourceId
    month: Month
    amount: Amount


GRID = MonthlyGrid(
    "expense",
    Text("Расходы", "Expenses"),
    Expense,
    rows=(GridRow("source_id", SOURCE),),
    measures=(GridMeasure("amount", Text("Сумма", "Amount")),),
    words=GridWords(
        it=Text("расходы", "the expenses"),
        counted=Text("строк", "expenses"),
        lines=Text("строк с расходами", "lines with expenses"),
        same=Text("Тот же источник и месяц", "The same source and month"),
        no_amount=Text(
            "Сумма пуста. Впишите её или уберите строку.", "The amount is empty. Enter it or remove the line."
        ),
        ids=Text("Источники", "Sources"),
    ),
    about="what sources cost",
    place=20,
)
