"""The plan of the running month in one line: the report «План продаж» of all who are asked about."""

from __future__ import annotations

from dash_app.reports.today.api import PlanLine
from dash_app.reports.today.desk import Desk

REPORT, BLOCK = "sales-plan", "total"


def plan_line(desk: Desk) -> PlanLine | None:
    """None where there is no such report, or nothing of all it says."""
    if not desk.has(REPORT, BLOCK):
        return None
    asked = desk.ask(REPORT, {"period": ["this_month"]})
    rows = desk.block(asked, BLOCK).rows
    if not rows:
        return None
    row, period = rows[0], asked.query.period
    return PlanLine(
        REPORT,
        asked.search,
        desk.service.dates_text(asked.query),
        row.get("plan_amount"),  # type: ignore[arg-type]
        row["fact_amount"],  # type: ignore[arg-type]
        row.get("attainment"),  # type: ignore[arg-type]
        row.get("expected_by_now"),  # type: ignore[arg-type]
        row.get("pace"),  # type: ignore[arg-type]
        row.get("forecast"),  # type: ignore[arg-type]
        row.get("forecast_p10"),  # type: ignore[arg-type]
        row.get("forecast_p90"),  # type: ignore[arg-type]
        row.get("p_plan"),  # type: ignore[arg-type]
        row.get("elapsed"),  # type: ignore[arg-type]
        desk.service.typed().workdays.count(period.start, period.end),
    )
