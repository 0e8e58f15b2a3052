"""Plausible plans for the demo company, so that its reports have something to say at the first start. Never for a real portal."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from dateutil.relativedelta import relativedelta

from dash_app.cli.example_entries import type_examples
from dash_app.engine.context import connect
from dash_app.plans.grid import GRID, Plan
from dash_app.store.workspace import Workspace

_MONTHS_BEFORE, _MONTHS_AFTER = 6, 1
_SMALL = Decimal(50_000)


def _rounded(amount: Decimal, step: int) -> Decimal:
    return (amount / step).to_integral_value() * step


def example_plans(facts: Path) -> list[Plan]:
    """A plan a seller, pipeline and month around as-of: what was usually won before, a little raised. Every fourth seller has one for all pipelines."""
    con = connect(facts)
    row = con.execute("SELECT as_of FROM meta").fetchone()
    assert row
    this_month = row[0].date().replace(day=1)
    found: list[Plan] = []
    for step in range(-_MONTHS_BEFORE, _MONTHS_AFTER + 1):
        month = this_month + relativedelta(months=step)
        end = min(month, this_month)
        usual: dict[int, dict[int, tuple[Decimal, int]]] = {}
        for manager, pipeline, amount, count in con.execute(
            """SELECT d.manager_id, d.pipeline_id, CAST(sum(d.amount) / 4 AS DECIMAL(28, 2)), count(*) // 4 FROM deals d JOIN managers m ON m.id = d.manager_id
               WHERE d.in_sales AND m.active AND d.won_on >= $start AND d.won_on < $end GROUP BY ALL HAVING sum(d.amount) > 0 ORDER BY ALL""",
            {"start": end - relativedelta(months=4), "end": end},
        ).fetchall():
            usual.setdefault(manager, {})[pipeline] = (amount, count)
        for manager, by in usual.items():
            whole = manager % 4 == 0
            rows: dict[str, tuple[Decimal, int]] = {str(p): pair for p, pair in by.items()}
            if whole:
                rows = {"": (sum((a for a, _ in by.values()), Decimal(0)), sum(n for _, n in by.values()))}
            for pipeline, (amount, count) in rows.items():
                plan = _rounded(amount * Decimal("1.08"), 10_000)
                if plan >= _SMALL:
                    found.append(
                        Plan(
                            manager_id=str(manager),
                            pipeline_id=pipeline,
                            month=f"{month:%Y-%m}",
                            plan_amount=plan,
                            plan_count=max(1, count) if manager % 3 == 0 else None,
                            bonus=_rounded(plan * Decimal("0.02"), 500),
                        )
                    )
    return found


def type_example_plans(workspace: Workspace, facts: Path) -> int:
    """Types them unless somebody ever typed a plan; returns how many."""
    return type_examples(workspace, GRID, lambda: example_plans(facts))
