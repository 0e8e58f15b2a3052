"""What the demo company types at its first start; never for a real portal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dash_app.store.grids.base import MonthlyGrid, MonthlyValue
from dash_app.store.workspace import Workspace

_WHO = "demo"


def type_examples(workspace: Workspace, grid: MonthlyGrid, examples: Callable[[], Sequence[MonthlyValue]]) -> int:
    """Types values into a grid unless somebody ever typed one; returns how many."""
    if workspace.entries(grid.name) or workspace.history(most=1, kinds=(grid.name,)):
        return 0
    values = {value.key: value.model_dump(mode="json") for value in examples()}
    return len(workspace.put_entries(grid.name, values, _WHO)) if values else 0
