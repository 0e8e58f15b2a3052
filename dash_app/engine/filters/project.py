"""By the project (workgroup) of a task."""

from __future__ import annotations

from dash_app.engine.filters.base import OfNames
from dash_app.text import Text

FILTER = OfNames(
    id="project",
    title=Text("Проект", "Project"),
    genitive=Text("Проекта", "project"),
    column="project_id",
    table="workgroups",
    place=80,
    row_key="project_id",
    counted=("tasks",),
)
