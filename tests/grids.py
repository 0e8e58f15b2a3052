"""The grids of the product as tests of one of them speak of it: a plan has a manager and a pipeline, an expense a source."""

from __future__ import annotations

from functools import partial
from typing import Literal

from dash_app.store import cells
from dash_app.store.entries import Entry
from dash_app.store.grids.expenses import GRID as EXPENSES
from dash_app.store.grids.plans import GRID as PLANS

Measure = Literal["plan_amount", "plan_count", "bonus"]


class PlanCell(cells.Cell):
    """A cell of the plan grid."""

    def __init__(self, manager_id: str, pipeline_id: str, month: str, measure: str) -> None:
        super().__init__((manager_id, pipeline_id), month, measure)

    @property
    def manager_id(self) -> str:
        return self.row[0]

    @property
    def pipeline_id(self) -> str:
        return self.row[1]


class ExpenseEdit(cells.Edit):
    """What was typed into a cell of the expense grid."""

    def __init__(self, source_id: str, month: str, text: str, was: str = "") -> None:
        super().__init__(cells.Cell((source_id,), month, "amount"), text, was)

    @property
    def key(self) -> str:
        return self.cell.key


def stored_amount(entry: Entry | None) -> str:
    """The one value of an expense."""
    return cells.stored(EXPENSES, entry)["amount"]


stored_plan = partial(cells.stored, PLANS)
save_plans = partial(cells.save, PLANS)
save_expenses = partial(cells.save, EXPENSES)
