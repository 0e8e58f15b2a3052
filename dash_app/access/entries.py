"""What people typed, read and changed by somebody of certain rights: plans, costs, terms of pay, closed months, cards put off, and their history."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash_app.access.powers import ALL_POWERS, Power, power_over
from dash_app.access.scope import Scope
from dash_app.access.typed_values import seen
from dash_app.errors import BadInput, UserError
from dash_app.record_kinds import is_card
from dash_app.store.edits import Change
from dash_app.store.entries import Entry
from dash_app.store.entry_kind import EntryValue
from dash_app.store.kinds import ENTRY_KINDS, Snooze
from dash_app.store.workspace import Workspace
from dash_app.text import Text

NOT_YOURS = Text(
    "Это меняет тот, кому видны данные всей компании.", "Only somebody who sees the whole company's data changes this."
)
ADMINISTRATION = Text(
    "Это открыто владельцам отчётов. Если нужно вам, попросите владельца.",
    "This is open to owners of the reports. If you need it, ask an owner.",
)
OWNERS = Text(
    "Это меняет владелец отчётов. Вам это видно, но не изменить.",
    "The owner of the reports changes this. You see it and cannot change it.",
)
_ALL = 1_000_000_000
KnownCards = Callable[[str, Sequence[int]], Container[int]]
"""Of cards of a kind (deal, lead) by id, those somebody may see."""


class Entries:
    """Entries of the workspace and their history as far as ``rights`` reach (``access.typed_values``).

    Somebody without the power over a kind (``access.powers``) changes nothing but the putting off of cards he sees and notes on weeks of heads he sees;
    powers reach as far as somebody sees the whole company.
    """

    def __init__(
        self,
        workspace: Workspace,
        rights: Scope,
        powers: Collection[Power],
        cards: KnownCards,
        departments: Callable[[], Container[int]],
    ) -> None:
        self._workspace = workspace
        self._rights = rights
        self._powers = powers
        self._cards = cards
        self._departments = departments

    def entries(self, kind: str) -> dict[str, Entry]:
        """Entries of a kind by key."""
        found = self._workspace.entries(kind)
        if not self._rights.is_limited:
            return found
        own = self._departments()
        shown = {key: seen(entry.value, self._rights, own) for key, entry in found.items()}
        hidden = self._hidden([v for v in shown.values() if isinstance(v, Snooze)])
        return {
            key: replace(found[key], value=value)
            for key, value in shown.items()
            if value is not None and value.key not in hidden
        }

    def _hidden(self, snoozes: Sequence[Snooze]) -> set[str]:
        """Keys of those that are about cards not seen."""
        hidden: set[str] = set()
        for entity in {s.entity for s in snoozes}:
            about = [s for s in snoozes if s.entity == entity]
            known = self._cards(entity, [int(s.id) for s in about])
            hidden |= {s.key for s in about if int(s.id) not in known}
        return hidden

    def version_of_all(self) -> int:
        """Grows with every change of anything by anybody."""
        return self._workspace.version_of_all()

    def history(self, key: str | None = None, most: int = 200, *, kinds: Collection[str] | None = None) -> list[Change]:
        """Changes, the newest first: of one entry or setting, or of entries of some ``kinds``. Under limited rights of entries alone, with what they
        said before and after as far as the rights reach."""
        if not self._rights.is_limited:
            return self._workspace.history(key, most, kinds=kinds)
        changes = self._workspace.history(key, _ALL, kinds=ENTRY_KINDS if kinds is None else kinds)
        return [shown for change in changes if (shown := self._change(change)) is not None][:most]

    def _change(self, change: Change) -> Change | None:
        kind, colon, _ = change.what.partition(":")
        if not colon or kind not in ENTRY_KINDS:
            return None
        before, after = (self._stored(kind, value) for value in (change.before, change.after))
        if before is None and after is None:
            return None
        return replace(change, before=before, after=after)

    def _stored(self, kind: str, given: Any) -> Any:
        """A stored value as the rights leave it; None where nothing of it is theirs, or where this version does not understand it."""
        if given is None:
            return None
        try:
            value: EntryValue | None = seen(ENTRY_KINDS[kind].value(given), self._rights, self._departments())
        except BadInput:
            return None
        if value is None or (isinstance(value, Snooze) and self._hidden([value])):
            return None
        return value.model_dump(mode="json")

    # -- changing ------------------------------------------------------------------------------------------------------

    def put_entries(
        self,
        kind: str,
        values: Mapping[str, Any],
        who: str,
        *,
        expected: Mapping[str, int] | None = None,
        since: int | None = None,
    ) -> list[Change]:
        """``Workspace.put_entries``, as far as the rights allow."""
        if not self._may_all:
            self._allow(f"{kind}:{key}" for key in values)
        return self._workspace.put_entries(kind, values, who, expected=expected, since=since)

    def undo(self, change_id: int, who: str) -> Change | None:
        """``Workspace.undo``, as far as the rights allow."""
        done = self.undo_all([change_id], who)
        return done[0] if done else None

    def undo_all(self, change_ids: Sequence[int], who: str) -> list[Change]:
        """``Workspace.undo_all``, as far as the rights allow."""
        if not self._may_all:
            wanted = set(change_ids)
            taken = [c for c in self._workspace.history(most=_ALL) if c.id in wanted]
            if len(taken) != len(wanted):
                raise UserError(NOT_YOURS)
            self._allow(c.what for c in taken)
        return self._workspace.undo_all(change_ids, who)

    @property
    def _may_all(self) -> bool:
        return not self._rights.is_limited and frozenset(self._powers) >= ALL_POWERS

    def _allow(self, keys: Iterable[str]) -> None:
        """UserError unless all of these may be changed."""
        for what in keys:
            if not self._allowed(*what.partition(":")[::2]):
                raise UserError(NOT_YOURS if self._rights.is_limited else OWNERS)

    def _allowed(self, kind: str, key: str) -> bool:
        match kind:
            case "snooze":
                entity, _, number = key.partition(":")
                return is_card(entity) and _is_id(number) and int(number) in self._cards(entity, [int(number)])
            case "leader_note":
                head = (*key.split(":"), "", "")[1]
                return _is_id(head) and self._rights.sees(int(head))
        return not self._rights.is_limited and power_over(kind) in self._powers


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
