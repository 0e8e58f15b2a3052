"""Monthly grids: which there are. One module a grid, each with its ``GRID``; nothing else is registered (CONTRIBUTING, "Add a grid")."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from dash_app.store.grids.base import MonthlyGrid, MonthlyValue


@cache
def known_grids() -> dict[str, MonthlyGrid]:
    """Grid by the name of its kind: every ``GRID`` of this package's modules, by ``place``."""
    modules = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    found = [module.GRID for module in modules if hasattr(module, "GRID")]
    return {grid.name: grid for grid in sorted(found, key=lambda grid: (grid.place, grid.name))}


def grid_of(value: MonthlyValue) -> MonthlyGrid:
    """The grid a value is of."""
    return next(grid for grid in known_grids().values() if grid.model is type(value))
