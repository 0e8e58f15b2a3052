"""Cells of the plan grid: what was typed into them is saved, refused with a sentence, or shown beside what somebody else saved.

Cells that make sense are saved together in one transaction; one that does not never takes the others with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Literal, cast

from dash_app.errors import BadInput
from dash_app.store import reading
from dash_app.store.edits import Change, EditConflict, EntryBook
from dash_app.store.entries import Entry
from dash_app.store.kinds import KINDS, Plan
from dash_app.text import Text

Measure = Literal["plan_amount", "plan_count", "bonus"]
MEASURES: tuple[Measure, ...] = ("plan_amount", "plan_count", "bonus")
MOST_EDITS = 20_000
_ATTEMPTS = 5

TWICE = Text(
    "За этот месяц у менеджера есть и план «все воронки», и план отдельной воронки: он посчитался бы дважды. Оставьте одно из двух.",
    "For this month the manager has a plan for all pipelines beside one of a single pipeline: it would count twice. Keep one of them.",
)
NO_AMOUNT = Text(
    "Сначала введите сумму плана на этот месяц: количество и бонус – к ней.",
    "Enter the plan's amount for this month first: count and bonus go with it.",
)
BUSY = Text(
    "План сейчас правит кто-то ещё. Сохраните ещё раз.", "Somebody else is changing the plan just now. Save once more."
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the grid. ``pipeline_id`` '' means all pipelines."""

    manager_id: str
    pipeline_id: str
    month: str
    measure: Measure

    @property
    def key(self) -> str:
        """The entry it belongs to."""
        return f"{self.manager_id}:{self.pipeline_id or 'all'}:{self.month}"


@dataclass(frozen=True, slots=True)
class Edit:
    """What was typed into a cell. ``was``: the value its editor saw there, '' for none."""

    cell: Cell
    text: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Text that makes no sense in its cell, and why."""

    edit: Edit
    why: Text


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else saved another value meanwhile. ``at`` is aware, UTC."""

    edit: Edit
    theirs: str
    who: str
    at: datetime | None


@dataclass(slots=True)
class Outcome:
    """What became of edits: every one is in ``saved``, ``refused`` or ``conflicts``."""

    saved: list[Cell] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def closed_months(workspace: EntryBook) -> frozenset[str]:
    """Months whose plans do not change any more."""
    return frozenset(
        key for key, entry in workspace.entries("closing").items() if getattr(entry.value, "state", "") == "closed"
    )


Numbers = dict[Measure, Decimal | None]


def stored(entry: Entry | None) -> dict[Measure, str]:
    """The three values of an entry as texts, '' for none."""
    plan = cast("Plan | None", entry.value if entry else None)
    return {name: "" if plan is None or (value := getattr(plan, name)) is None else str(value) for name in MEASURES}


def save(workspace: EntryBook, edits: Sequence[Edit], who: str) -> Outcome:
    """Saves edits; BadInput only if there are too many at once."""
    if len(edits) > MOST_EDITS:
        raise BadInput(
            Text(
                f"Слишком много ячеек сразу: {len(edits)}. Вставьте по частям.",
                f"Too many cells at once: {len(edits)}. Paste them in parts.",
            )
        )
    latest = {edit.cell: edit for edit in edits}
    for _ in range(_ATTEMPTS):
        outcome, values, expected = _sorted(workspace, list(latest.values()), workspace.entries("plan"))
        try:
            outcome.changes = workspace.put_entries("plan", values, who, expected=expected)
        except (EditConflict, BadInput):  # somebody was quicker between reading and writing: look again
            continue
        return outcome
    return Outcome(refused=[Refused(edit, BUSY) for edit in latest.values()])


def _sorted(
    workspace: EntryBook, edits: Sequence[Edit], entries: Mapping[str, Entry]
) -> tuple[Outcome, dict[str, dict[str, object] | None], dict[str, int]]:
    """(what becomes of each edit, entries to write, their versions)."""
    outcome = Outcome()
    closed = closed_months(workspace)
    by_key: dict[str, list[Edit]] = {}
    for edit in edits:
        by_key.setdefault(edit.cell.key, []).append(edit)
    values: dict[str, dict[str, object] | None] = {}
    taken: dict[str, list[Edit]] = {}
    for key, group in by_key.items():
        value, good = _entry(workspace, group, entries.get(key), outcome)
        before = entries[key].value if key in entries else None
        after = None if value is None else KINDS["plan"].value(value)
        shut = KINDS["plan"].closed(closed, before, after) if good and before != after else None
        if shut is not None:
            outcome.refused += [Refused(edit, shut) for edit in good]
        elif good:
            values[key] = value
            taken[key] = good
    for key in _doubled(values, entries):
        outcome.refused += [Refused(edit, TWICE) for edit in taken.pop(key)]
        del values[key]
    outcome.saved = [edit.cell for group in taken.values() for edit in group]
    return outcome, values, {key: entries[key].version if key in entries else 0 for key in values}


def _entry(
    workspace: EntryBook, edits: Sequence[Edit], entry: Entry | None, outcome: Outcome
) -> tuple[dict[str, object] | None, list[Edit]]:
    """(the entry as it becomes, edits that made it so); the rest goes to the outcome."""
    now = stored(entry)
    new: Numbers = {name: Decimal(text) if text else None for name, text in now.items()}
    good: list[Edit] = []
    for edit in edits:
        measure = edit.cell.measure
        try:
            number = reading.count(edit.text) if measure == "plan_count" else reading.amount(edit.text)
        except BadInput as error:
            outcome.refused.append(Refused(edit, error.text))
            continue
        if not _same(now[measure], edit.was) and new[measure] != number:
            outcome.conflicts.append(_conflict(workspace, edit, now[measure]))
            continue
        new[measure] = None if number is None else Decimal(number)
        good.append(edit)
    if new["plan_amount"] is None and (new["plan_count"] is not None or new["bonus"] is not None):
        if now["plan_amount"] and not any(e.cell.measure != "plan_amount" and e.text.strip() for e in good):
            return None, good  # the amount was cleared: the whole plan of the month goes
        outcome.refused += [Refused(edit, NO_AMOUNT) for edit in good]
        return None, []
    first = edits[0].cell
    if new["plan_amount"] is None:
        return None, good
    number = new["plan_count"]
    return {
        "manager_id": first.manager_id,
        "pipeline_id": first.pipeline_id,
        "month": first.month,
        "plan_amount": str(new["plan_amount"]),
        "plan_count": None if number is None else int(number),
        "bonus": None if new["bonus"] is None else str(new["bonus"]),
    }, good


def _same(now: str, was: str) -> bool:
    """Whether two stored texts say the same value."""
    try:
        return Decimal(now) == Decimal(was) if now and was else now == was
    except InvalidOperation:
        return False


def _conflict(workspace: EntryBook, edit: Edit, theirs: str) -> Conflict:
    last = next(iter(workspace.history(f"plan:{edit.cell.key}", most=1)), None)
    return Conflict(edit, theirs, last.who if last else "?", last.at if last else None)


def _doubled(values: Mapping[str, dict[str, object] | None], entries: Mapping[str, Entry]) -> list[str]:
    """Keys among ``values`` that would put "all pipelines" beside a pipeline's own plan."""
    standing: dict[tuple[str, str], set[str]] = {}
    for key, entry in entries.items():
        plan = cast("Plan", entry.value)
        if values.get(key, entry) is not None:
            standing.setdefault((plan.manager_id, plan.month), set()).add(plan.pipeline_id)
    wrong = []
    for key, value in values.items():
        if value is None or key in entries:
            continue
        others = standing.setdefault((str(value["manager_id"]), str(value["month"])), set())
        pipeline = str(value["pipeline_id"])
        if (pipeline == "" and others) or "" in others:
            wrong.append(key)
        else:
            others.add(pipeline)
    return wrong
