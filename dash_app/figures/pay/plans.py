"""Typed plans by month, in whole kopecks (metrics.md section 3); made once for everything typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dash_app.engine.entered import Entered
from dash_app.engine.memo import kept_for
from dash_app.figures.money_units import kopecks_of
from dash_app.plans.grid import Plan


@dataclass(frozen=True, slots=True)
class Planned:
    """A typed plan. ``pipeline`` '': all of them; ``amount``, ``bonus`` in kopecks."""

    plan: Plan
    manager: int
    pipeline: str
    amount: int
    bonus: int | None
    count: int | None


def plans_of(typed: Entered) -> Mapping[str, list[Planned]]:
    """Month -> its plans, until somebody types again."""
    return kept_for(("plans",), typed, lambda: _plans(typed))


def _plans(typed: Entered) -> Mapping[str, list[Planned]]:
    found: dict[str, list[Planned]] = {}
    for entry in typed.of("plan").values():
        plan = entry.value
        if isinstance(plan, Plan):
            bonus = None if plan.bonus is None else kopecks_of(plan.bonus)
            found.setdefault(plan.month, []).append(
                Planned(
                    plan, int(plan.manager_id), plan.pipeline_id, kopecks_of(plan.plan_amount), bonus, plan.plan_count
                )
            )
    return found
