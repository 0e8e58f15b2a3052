"""Declarations of monthly grids: one that contradicts itself is no grid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dash_app.errors import BadInput
from dash_app.expenses.grid import GRID as EXPENSES
from dash_app.plans.grid import GRID as PLANS
from dash_app.plans.grid import Plan
from dash_app.store.grids import grid_of, known_grids
from dash_app.store.grids.base import GridMeasure
from dash_app.text import Text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rows": PLANS.rows[:1]}, "the fields of Plan are not manager_id, month, plan_amount, plan_count, bonus"),
        ({"measures": PLANS.measures[::-1]}, "the fields of Plan are not"),
        ({"measures": (*PLANS.measures, GridMeasure("more", Text("Ещё", "More")))}, "the fields of Plan are not"),
        ({"words": EXPENSES.words}, "no sentence says that the first measure goes before the others"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        replace(PLANS, **changed)


def test_grids_are_found_and_know_their_values() -> None:
    assert list(known_grids()) == ["plan", "expense"]
    plan = Plan(manager_id="7", month="2026-02", plan_amount=5)
    assert grid_of(plan) is PLANS
    assert (plan.row, plan.key) == (("7", ""), "7:all:2026-02")


def test_a_row_or_a_month_that_cannot_be_is_a_sentence() -> None:
    PLANS.check(("7", ""), "2026-02")
    for row, month in ((("x", ""), "2026-02"), (("7", "y"), "2026-02"), (("7", ""), "2026-13")):
        with pytest.raises(BadInput, match="does not take"):
            PLANS.check(row, month)


def test_a_value_that_takes_the_place_of_a_new_one_clashes_with_nobody_it_replaces() -> None:
    def plan(pipeline: str, amount: int = 5) -> Plan:
        return Plan(manager_id="7", pipeline_id=pipeline, month="2026-02", plan_amount=amount)

    standing = [plan("1"), plan("2")]
    changed = {value.key: value for value in (plan("1", 6), plan(""), plan("3"))}
    assert list(PLANS.clashing(standing, changed)) == ["7:all:2026-02"]
    assert PLANS.broken([*standing, plan("3")]) == []
    assert [len(group) for _, group in PLANS.broken([*standing, plan("")])] == [3]
