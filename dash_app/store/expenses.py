"""Cells of the expense grid: what was typed into them is saved, refused with a sentence, or shown beside what somebody else saved.

Cells that make sense are saved together in one transaction; one that does not never takes the others with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from dash_app.errors import BadInput
from dash_app.store import reading
from dash_app.store.edits import Change, EditConflict, EntryBook
from dash_app.store.entries import Entry
from dash_app.store.kinds import KINDS, Expense
from dash_app.text import Text

MOST_EDITS = 20_000
_ATTEMPTS = 5
_BUSY = Text(
    "Расходы сейчас правит кто-то ещё. Сохраните ещё раз.",
    "Somebody else is changing the expenses just now. Save once more.",
)


@dataclass(frozen=True, slots=True)
class Edit:
    """What was typed into a cell. ``was``: the value its editor saw there, '' for none."""

    source_id: str
    month: str
    text: str
    was: str = ""

    @property
    def key(self) -> str:
        """The entry it belongs to."""
        return f"{self.source_id}:{self.month}"


@dataclass(slots=True)
class Outcome:
    """What became of edits: every one is in ``saved``, ``refused`` (with why) or ``conflicts`` (what stands there, by whom)."""

    saved: list[Edit] = field(default_factory=list)
    refused: list[tuple[Edit, Text]] = field(default_factory=list)
    conflicts: list[tuple[Edit, str, str]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def stored(entry: Entry | None) -> str:
    """The amount as a text, '' for none."""
    return "" if entry is None else str(cast("Expense", entry.value).amount)


def save(workspace: EntryBook, edits: Sequence[Edit], who: str) -> Outcome:
    """Saves edits, an empty text removes one; BadInput only if there are too many at once."""
    if len(edits) > MOST_EDITS:
        raise BadInput(
            Text(
                f"Слишком много ячеек сразу: {len(edits)}. Вставьте по частям.",
                f"Too many cells at once: {len(edits)}. Paste them in parts.",
            )
        )
    latest = {edit.key: edit for edit in edits}
    for _ in range(_ATTEMPTS):
        entries = workspace.entries("expense")
        outcome, values = _sorted(workspace, list(latest.values()), entries)
        try:
            outcome.changes = workspace.put_entries(
                "expense", values, who, expected={key: entries[key].version if key in entries else 0 for key in values}
            )
        except EditConflict:  # somebody was quicker between reading and writing: look again
            continue
        return outcome
    return Outcome(refused=[(edit, _BUSY) for edit in latest.values()])


def _sorted(
    workspace: EntryBook, edits: Sequence[Edit], entries: Mapping[str, Entry]
) -> tuple[Outcome, dict[str, Any]]:
    """(what becomes of each edit, entries to write)."""
    outcome, values = Outcome(), dict[str, Any]()
    for edit in edits:
        now = stored(entries.get(edit.key))
        try:
            amount = reading.amount(edit.text)
            value = (
                None if amount is None else {"source_id": edit.source_id, "month": edit.month, "amount": str(amount)}
            )
            if value is not None:
                KINDS["expense"].value(value)
        except BadInput as error:
            outcome.refused.append((edit, error.text))
            continue
        if not _same(now, edit.was) and not _same(now, "" if amount is None else str(amount)):
            last = next(iter(workspace.history(f"expense:{edit.key}", most=1)), None)
            outcome.conflicts.append((edit, now, last.who if last else "?"))
            continue
        values[edit.key] = value
        outcome.saved.append(edit)
    return outcome, values


def _same(now: str, was: str) -> bool:
    """Whether two stored texts say the same value."""
    try:
        return Decimal(now) == Decimal(was) if now and was else now == was
    except InvalidOperation:
        return False
