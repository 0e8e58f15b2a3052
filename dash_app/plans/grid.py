"""Plans: what a manager is to sell in a month, in one pipeline or in all, and the bonus for it (metrics.md section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from dash_app.store.entry_kind import Amount, Count, Id, Month
from dash_app.store.grids.base import (
    MANAGER,
    PIPELINE,
    GridMeasure,
    GridNumber,
    GridRow,
    GridRule,
    GridWords,
    MonthlyGrid,
    MonthlyValue,
)
from dash_app.text import Text


class Plan(MonthlyValue):
    """A manager's plan for a month, in one pipeline or (``pipeline_id`` '') in all (metrics.md section 3)."""

    manager_id: Id
    pipeline_id: Annotated[str, Field(pattern=r"^\d{0,9}$")] = ""
    month: Month
    plan_amount: Amount
    plan_count: Count | None = None
    bonus: Amount | None = None


def _person_and_month(plan: Plan) -> tuple[str, str]:
    return plan.manager_id, plan.month


def _counts_twice(plans: Sequence[Plan]) -> bool:
    return len(plans) > 1 and any(plan.pipeline_id == "" for plan in plans)


GRID = MonthlyGrid(
    "plan",
    Text("План", "Plan"),
    Plan,
    rows=(GridRow("manager_id", MANAGER), GridRow("pipeline_id", PIPELINE, blank=Text("все воронки", "all pipelines"))),
    measures=(
        GridMeasure("plan_amount", Text("Сумма", "Amount")),
        GridMeasure("plan_count", Text("Количество", "Count"), GridNumber.COUNT),
        GridMeasure("bonus", Text("Бонус", "Bonus")),
    ),
    rules=(
        GridRule(
            Text(
                "За этот месяц у менеджера есть и план «все воронки», и план отдельной воронки: он посчитался бы дважды. Оставьте одно из двух.",
                "For this month the manager has a plan for all pipelines beside one of a single pipeline: it would count twice. Keep one of them.",
            ),
            column="pipeline_id",
            together=_person_and_month,
            breaks=_counts_twice,
        ),
    ),
    words=GridWords(
        it=Text("план", "the plan"),
        counted=Text("планов", "plans"),
        lines=Text("строк с планом", "lines with a plan"),
        same=Text("Тот же менеджер, воронка и месяц", "The same manager, pipeline and month"),
        no_amount=Text(
            "Сумма плана пуста. Впишите её или уберите строку.",
            "The plan's amount is empty. Enter it or remove the line.",
        ),
        ids=Text("Справочник", "Ids"),
        amount_first=Text(
            "Сначала введите сумму плана на этот месяц: количество и бонус – к ней.",
            "Enter the plan's amount for this month first: count and bonus go with it.",
        ),
    ),
    about="plans of sales",
    closes=True,
    place=10,
)
