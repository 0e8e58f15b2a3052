"""Cells of a monthly grid: what was typed into them is saved, refused with a sentence, or shown beside what somebody else saved.

Cells that make sense are saved together in one transaction; one that does not never takes the others with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from dash_app.errors import BadInput
from dash_app.store.edits import Change, EditConflict, EntryBook
from dash_app.store.entries import Entry
from dash_app.store.entry_kind import EntryValue
from dash_app.store.grids.base import MonthlyGrid, key_of
from dash_app.text import Text

MOST_EDITS = 20_000
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid. ``row``: ids of the grid's row fields, '' for an empty one."""

    row: tuple[str, ...]
    month: str
    measure: str

    @property
    def key(self) -> str:
        """The entry it belongs to."""
        return key_of(self.row, self.month)


@dataclass(frozen=True, slots=True)
class Edit:
    """What was typed into a cell. ``was``: the value its editor saw there, '' for none."""

    cell: Cell
    text: str
    was: str = ""


class RefusedEdit(NamedTuple):
    """Text that makes no sense in its cell, and why."""

    edit: Edit
    why: Text


class Conflict(NamedTuple):
    """Somebody else saved another value meanwhile."""

    edit: Edit
    theirs: str
    who: str


@dataclass(slots=True)
class Outcome:
    """What became of edits: every one is in ``saved``, ``refused`` or ``conflicts``."""

    saved: list[Edit] = field(default_factory=list)
    refused: list[RefusedEdit] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def touched(self) -> list[Cell]:
        """Cells of all edits: saved, refused, in conflict."""
        return [
            edit.cell
            for edit in (*self.saved, *(one.edit for one in self.refused), *(one.edit for one in self.conflicts))
        ]


def closed_months(workspace: EntryBook) -> frozenset[str]:
    """Months whose entries do not change any more, where a grid closes."""
    return frozenset(
        key for key, entry in workspace.entries("closing").items() if getattr(entry.value, "state", "") == "closed"
    )


def stored(grid: MonthlyGrid, entry: Entry | None) -> dict[str, str]:
    """The measures of an entry as texts, '' for none."""
    return {name: "" if value is None else str(value) for name, value in _numbers(grid, entry).items()}


def _numbers(grid: MonthlyGrid, entry: Entry | None) -> dict[str, Any]:
    return {m.field: None if entry is None else getattr(entry.value, m.field) for m in grid.measures}


def save(grid: MonthlyGrid, workspace: EntryBook, edits: Sequence[Edit], who: str) -> Outcome:
    """Saves edits; without its first measure an entry is removed. BadInput only if there are too many at once."""
    if len(edits) > MOST_EDITS:
        raise BadInput(
            Text(
                f"Слишком много ячеек сразу: {len(edits)}. Вставьте по частям.",
                f"Too many cells at once: {len(edits)}. Paste them in parts.",
            )
        )
    latest = list({edit.cell: edit for edit in edits}.values())
    for _ in range(_ATTEMPTS):
        entries = workspace.entries(grid.name)
        outcome, values = _Sorting(grid, workspace, entries).of(latest)
        expected = {key: entries[key].version if key in entries else 0 for key in values}
        try:
            outcome.changes = workspace.put_entries(grid.name, values, who, expected=expected)
        except (EditConflict, BadInput):  # somebody was quicker between reading and writing: look again
            continue
        return outcome
    it = grid.words.it
    busy = Text(
        f"{it.ru.capitalize()} сейчас правит кто-то ещё. Сохраните ещё раз.",
        f"Somebody else is changing {it.en} just now. Save once more.",
    )
    return Outcome(refused=[RefusedEdit(edit, busy) for edit in latest])


class _Sorting:
    """What becomes of edits where ``entries`` stand."""

    def __init__(self, grid: MonthlyGrid, workspace: EntryBook, entries: Mapping[str, Entry]) -> None:
        self._grid = grid
        self._workspace = workspace
        self._entries = entries
        self._closed = closed_months(workspace) if grid.closes else frozenset()
        self._outcome = Outcome()

    def of(self, edits: Sequence[Edit]) -> tuple[Outcome, dict[str, EntryValue | None]]:
        """(what becomes of each edit, entries to write)."""
        by_key: dict[str, list[Edit]] = {}
        for edit in edits:
            by_key.setdefault(edit.cell.key, []).append(edit)
        values: dict[str, EntryValue | None] = {}
        taken: dict[str, list[Edit]] = {}
        for key, group in by_key.items():
            value, good = self._entry(group, self._entries.get(key))
            before = self._entries[key].value if key in self._entries else None
            shut = self._grid.kind.closed(self._closed, before, value) if good and before != value else None
            if shut is not None:
                self._refuse(good, shut)
            elif good:
                values[key] = value
                taken[key] = good
        standing = [e.value for key, e in self._entries.items() if values.get(key, e.value) is not None]
        new = {key: value for key, value in values.items() if value is not None}
        for key, rule in self._grid.clashing(standing, new).items():
            self._refuse(taken.pop(key), rule.why)
            del values[key]
        self._outcome.saved = [edit for group in taken.values() for edit in group]
        return self._outcome, values

    def _refuse(self, edits: Sequence[Edit], why: Text) -> None:
        self._outcome.refused += [RefusedEdit(edit, why) for edit in edits]

    def _entry(self, edits: Sequence[Edit], entry: Entry | None) -> tuple[EntryValue | None, list[Edit]]:
        """(the entry as it becomes, edits that made it so); the rest goes to the outcome."""
        grid, now = self._grid, stored(self._grid, entry)
        new = _numbers(grid, entry)
        good: list[Edit] = []
        for edit in edits:
            name = edit.cell.measure
            try:
                number = grid.measure(name).number.read(edit.text)
            except BadInput as error:
                self._refuse([edit], error.text)
                continue
            if not _same(now[name], edit.was) and new[name] != number:
                self._outcome.conflicts.append(Conflict(edit, now[name], self._last_editor(edit)))
                continue
            new[name] = number
            good.append(edit)
        main = grid.main.field
        if new[main] is not None:
            return self._value(edits[0].cell, new, good)
        if all(number is None for number in new.values()):
            return None, good
        if now[main] and not any(edit.cell.measure != main and edit.text.strip() for edit in good):
            return None, good  # the first measure was cleared: the whole entry goes
        assert grid.words.amount_first is not None
        self._refuse(good, grid.words.amount_first)
        return None, []

    def _value(self, cell: Cell, numbers: Mapping[str, Any], good: list[Edit]) -> tuple[EntryValue | None, list[Edit]]:
        try:
            return self._grid.kind.value({**self._grid.named(cell.row), "month": cell.month, **numbers}), good
        except BadInput as error:
            self._refuse(good, error.text)
            return None, []

    def _last_editor(self, edit: Edit) -> str:
        last = next(iter(self._workspace.history(f"{self._grid.name}:{edit.cell.key}", most=1)), None)
        return last.who if last else "?"


def _same(now: str, was: str) -> bool:
    """Whether two stored texts say the same value."""
    try:
        return Decimal(now) == Decimal(was) if now and was else now == was
    except InvalidOperation:
        return False
