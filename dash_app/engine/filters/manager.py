"""By the person responsible."""

from __future__ import annotations

from dash_app.engine.directory import NONE, NOT_SET, Directory
from dash_app.engine.filters.base import Choice, Counts, OfNumbers, is_number, together
from dash_app.text import Lang, Text


class _Managers(OfNumbers):
    def knows(self, directory: Directory, value: str) -> bool:
        return is_number(value) and int(value) in directory.managers

    def name(self, directory: Directory, value: str) -> Text:
        return directory.manager(int(value))

    def choices(self, directory: Directory, counts: Counts, lang: Lang) -> list[Choice]:
        number = together(counts)
        listed = [
            Choice(str(m.id), directory.manager(m.id).of(lang), number.get(m.id, 0), inactive=not m.active)
            for m in directory.managers.values()
            if m.active or number.get(m.id)
        ]
        if number.get(None):
            listed.append(Choice(NONE, NOT_SET.of(lang), number[None]))
        return listed


FILTER = _Managers(
    id="manager",
    title=Text("Менеджер", "Manager"),
    genitive=Text("Менеджера", "manager"),
    column="manager_id",
    place=30,
    main=True,
    carried=True,
    row_key="manager_id",
    counted=None,
)
