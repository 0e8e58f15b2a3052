"""The grids of the product as tests of one of them speak of it: a plan has a manager and a pipeline, an expense a source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

from dash_app.engine.directory import Directory
from dash_app.expenses.grid import GRID as EXPENSES
from dash_app.exports import monthly_file
from dash_app.exports.typed_file import Taken
from dash_app.plans.grid import GRID as PLANS
from dash_app.store import cells
from dash_app.store.entries import Entry
from dash_app.store.grids.base import MonthlyValue

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


def read_plans(
    content: bytes,
    directory: Directory | None,
    existing: Mapping[str, MonthlyValue],
    closed: frozenset[str] = frozenset(),
) -> Taken[Any]:
    """Plans of a file."""
    return monthly_file.read_file(PLANS, content, directory, existing, closed)


def read_expenses(content: bytes, directory: Directory | None) -> Taken[Any]:
    """Expenses of a file."""
    return monthly_file.read_file(EXPENSES, content, directory, {}, frozenset())


plans_csv = partial(monthly_file.csv_file, PLANS)
plans_xlsx = partial(monthly_file.xlsx_file, PLANS)
expenses_csv = partial(monthly_file.csv_file, EXPENSES)
expenses_xlsx = partial(monthly_file.xlsx_file, EXPENSES)
