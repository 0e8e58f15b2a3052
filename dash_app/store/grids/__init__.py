"""Monthly grids: which there are. One room a grid, its ``GRID`` in ``grid.py``; nothing else is registered (CONTRIBUTING, "Add a grid")."""

from __future__ import annotations

from functools import cache

from dash_app.rooms import of_grid_rooms
from dash_app.store.grids.base import MonthlyGrid, MonthlyValue


@cache
def known_grids() -> dict[str, MonthlyGrid]:
    """Grid by the name of its kind: every ``GRID`` of a room, by ``place``."""
    found: list[MonthlyGrid] = of_grid_rooms("grid", "GRID")
    return {grid.name: grid for grid in sorted(found, key=lambda grid: (grid.place, grid.name))}


def grid_of(value: MonthlyValue) -> MonthlyGrid:
    """The grid a value is of. StopIteration for a value of none."""
    return next(grid for grid in known_grids().values() if grid.model is type(value))
