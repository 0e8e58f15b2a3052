"""Rows of departments stand under the department they belong to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from dash_app.engine.tree import as_tree

ABOVE = {1: None, 2: 1, 3: 1, 4: 2, 5: 4, 8: 9, 9: 8}
DEPARTMENTS: Any = {key: SimpleNamespace(parent_id=parent) for key, parent in ABOVE.items()}


def tree(*ids: int | None) -> list[tuple[object, object, object]]:
    rows = as_tree([{"department_id": None if d is None else str(d)} for d in ids], "department_id", DEPARTMENTS)
    return [(row["department_id"] and int(str(row["department_id"])), row["depth"], row["is_parent"]) for row in rows]


def test_each_department_is_followed_by_those_below_it_in_the_order_they_came() -> None:
    assert tree(4, 3, 1, 5, 2) == [(1, 0, True), (3, 1, False), (2, 1, True), (4, 2, True), (5, 3, False)]


def test_departments_without_rows_are_passed_over_and_rows_without_department_stand_alone() -> None:
    assert tree(5, None, 1) == [(None, 0, False), (1, 0, True), (5, 1, False)]


def test_no_row_is_lost_where_the_structure_runs_in_a_circle() -> None:
    assert sorted(row[0] for row in tree(8, 9, 3)) == [3, 8, 9]  # type: ignore[type-var]
