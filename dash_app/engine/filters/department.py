"""By the department of the person responsible, with everything below it in the company structure."""

from __future__ import annotations

from collections.abc import Collection

from dash_app.engine.directory import NO_DEPARTMENT, NONE, Directory
from dash_app.engine.filters.base import Choice, Counts, OfNumbers, is_number, together
from dash_app.text import Lang, Text


class _Departments(OfNumbers):
    def knows(self, directory: Directory, value: str) -> bool:
        return is_number(value) and int(value) in directory.departments

    def name(self, directory: Directory, value: str) -> Text:
        return directory.department(int(value))

    def numbers(self, directory: Directory, values: frozenset[str]) -> Collection[int | None]:
        """People of the departments."""
        return directory.managers_of(values)

    def choices(self, directory: Directory, counts: Counts, lang: Lang) -> list[Choice]:
        number = together(counts)
        listed = []
        for department in directory.departments.values():
            people = directory.managers_of([str(department.id)])
            parent = str(department.parent_id) if department.parent_id in directory.departments else None
            held = sum(number.get(person, 0) for person in people)
            listed.append(Choice(str(department.id), department.name, held, parent=parent))
        alone = sum(number.get(person, 0) for person in directory.managers_of([NONE]))
        if alone:
            listed.append(Choice(NONE, NO_DEPARTMENT.of(lang), alone))
        return listed


FILTER = _Departments(
    id="department",
    title=Text("Отдел", "Department"),
    genitive=Text("Отдела", "department"),
    column="manager_id",
    place=20,
    main=True,
    carried=True,
    row_key="department_id",
    unset=NO_DEPARTMENT,
    counted=None,
)
