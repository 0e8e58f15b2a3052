"""By the project (workgroup) of a task."""

from __future__ import annotations

from dash_app.engine.directory import NO_PROJECT, NONE, Directory
from dash_app.engine.filters.base import Choice, Counts, OfNumbers, is_number, together
from dash_app.text import Lang, Text


class _Projects(OfNumbers):
    def knows(self, directory: Directory, value: str) -> bool:
        return is_number(value) and int(value) in directory.workgroups

    def name(self, directory: Directory, value: str) -> Text:
        return directory.project(int(value))

    def choices(self, directory: Directory, counts: Counts, lang: Lang) -> list[Choice]:
        number = together(counts)
        return [
            *(Choice(str(project), name, number.get(project, 0)) for project, name in directory.workgroups.items()),
            Choice(NONE, NO_PROJECT.of(lang), number.get(None, 0)),
        ]


FILTER = _Projects(
    id="project",
    title=Text("Проект", "Project"),
    genitive=Text("Проекта", "project"),
    column="project_id",
    place=80,
    row_key="project_id",
    unset=NO_PROJECT,
    counted=("tasks",),
)
