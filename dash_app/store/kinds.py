"""Entries people type, by kind: what a value must look like, its key, and what may not stand beside it.

A kind is declared once, here, in ``motivation/kinds.py`` or, where it has a value a month, as a grid (``store/grids``);
keeping, versions, history, undo, files and the page's conflicts follow (``store/workspace.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from dash_app.found import Found
from dash_app.motivation.kinds import MOTIVATION
from dash_app.store.entry_kind import EntryKind, EntryValue, EntryValues, Id
from dash_app.store.grids import known_grids
from dash_app.text import Text

MOST_SNOOZE_DAYS = 90


class Snooze(EntryValue):
    """A card put off until a date, with the reason (metrics.md section 6). ``since``: the day it was put off, local; before it the
    card was not. On ``until`` the card is back."""

    entity: CardKind
    id: Annotated[str, Field(pattern=r"^\d{1,18}$")]
    until: date
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    since: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the card is put off on a local day."""
        return day < self.until and (self.since is None or self.since <= day)

    @property
    def key(self) -> str:
        """The card."""
        return f"{self.entity}:{self.id}"


IsoWeek = Annotated[str, Field(pattern=r"^(19|20|21)\d\d-W(0[1-9]|[1-4]\d|5[0-3])$")]


class LeaderNote(EntryValue):
    """What is said of a head's week in a department (metrics.md section 9): by whom and when, as it was typed."""

    department_id: Id
    manager_id: Id
    week: IsoWeek
    text: Annotated[str, Field(min_length=1, max_length=2000)]
    author: Annotated[str, Field(max_length=200)] = ""
    written_at: datetime | None = None

    @property
    def key(self) -> str:
        """Department, head, week."""
        return f"{self.department_id}:{self.manager_id}:{self.week}"


class Absence(EntryValue):
    """Working days a person is away, ``start`` to ``end`` inclusive (metrics.md section 3)."""

    manager_id: Id
    start: date
    end: date
    reason: Annotated[str, Field(max_length=200)] = ""

    @property
    def key(self) -> str:
        """Person, first day."""
        return f"{self.manager_id}:{self.start.isoformat()}"


def _far_snooze(after: EntryValues) -> Text | None:
    for value in after.values():
        assert isinstance(value, Snooze)
        if value.since is not None and not 0 < (value.until - value.since).days <= MOST_SNOOZE_DAYS:
            return Text(
                f"Отложить можно на срок от одного до {MOST_SNOOZE_DAYS} дней. Выберите дату ближе.",
                f"A card can be put off for one to {MOST_SNOOZE_DAYS} days. Choose a nearer date.",
            )
    return None


def _backward_absence(after: EntryValues) -> Text | None:
    for value in after.values():
        assert isinstance(value, Absence)
        if value.start > value.end:
            return Text(
                "Отсутствие заканчивается раньше, чем начинается. Поменяйте даты местами.",
                "An absence ends before it begins. Swap the dates.",
            )
    return None


CardKind = Literal["deal", "lead"]
"""Kinds of cards that may be put off."""


_OTHERS = (
    EntryKind("snooze", Text("Отложенная карточка", "Card put off"), Snooze, _far_snooze),
    EntryKind("leader_note", Text("Комментарий к неделе", "Note on a week"), LeaderNote),
    EntryKind("absence", Text("Отсутствие", "Absence"), Absence, _backward_absence),
    *MOTIVATION,
)


def _kinds() -> dict[str, EntryKind]:
    return {kind.name: kind for kind in (*(grid.kind for grid in known_grids().values()), *_OTHERS)}


ENTRY_KINDS: Mapping[str, EntryKind] = Found(_kinds)
"""Kind by name: those of the monthly grids (``store/grids``), then the others."""
