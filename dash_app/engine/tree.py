"""Rows by department as the structure has them: each followed by those below it, whose records it counts, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from dash_app.engine.result import Row, Value


class Placed(Protocol):
    """A department knows the one above it."""

    @property
    def parent_id(self) -> int | None: ...


def as_tree(rows: list[Row], key: str, departments: Mapping[int, Placed]) -> list[Row]:
    """Rows with ``depth`` (0: nobody above it among the rows) and ``is_parent``; those of one parent stay in the order they come in. ``key``: the
    column of a row's department, None for none; a structure that runs in a circle is a row of its own."""
    present = {_number(row[key]) for row in rows}
    below: dict[int | None, list[Row]] = {}
    for row in rows:
        below.setdefault(_above(_number(row[key]), present, departments), []).append(row)
    found: list[Row] = []
    waiting = [(row, 0) for row in reversed(below.get(None, []))]
    while waiting:
        row, depth = waiting.pop()
        number = _number(row[key])
        under = below.pop(number, []) if number is not None else []
        found.append({**row, "depth": depth, "is_parent": bool(under)})
        waiting += [(child, depth + 1) for child in reversed(under)]
    met = {row[key] for row in found}
    return found + [{**row, "depth": 0, "is_parent": False} for row in rows if row[key] not in met]


def _number(department: Value) -> int | None:
    """Ids of rows are texts."""
    return int(str(department)) if department is not None and str(department).isdigit() else None


def _above(department: int | None, present: set[int | None], departments: Mapping[int, Placed]) -> int | None:
    """The nearest department above that has a row."""
    seen: set[int] = set()
    current = department
    while current is not None and current not in seen:
        seen.add(current)
        known = departments.get(current)
        current = known.parent_id if known else None
        if current in present:
            return current
    return None
