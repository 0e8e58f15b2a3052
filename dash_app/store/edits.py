"""Changes of what people typed: how one is kept, how a lost race is said, and what keeps entries (the workspace, or a part of it that somebody may see)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dash_app.errors import UserError
from dash_app.store.entries import Entry
from dash_app.store.kinds import ENTRY_KINDS
from dash_app.store.preferences import title
from dash_app.text import Text


def name_of(what: str) -> Text:
    """A setting's title, or an entry's kind with its key."""
    kind, colon, key = what.partition(":")
    if colon and kind in ENTRY_KINDS:
        return Text(f"{ENTRY_KINDS[kind].title.ru} {key}", f"{ENTRY_KINDS[kind].title.en} {key}")
    if kind == "account":
        return Text(f"Учётная запись {key}", f"Account {key}")
    return title(what)


class EditConflict(UserError):
    """Two people changed the same setting; the second is told and sees both values."""

    def __init__(self, key: str, theirs: Any, yours: Any, who: str) -> None:
        name = name_of(key)
        self.key = key
        super().__init__(
            Text(
                f"Пока вы меняли «{name.ru}», её изменил {who}: теперь «{theirs}», у вас «{yours}». Обновите страницу и решите, что оставить.",
                f"While you were changing “{name.en}”, {who} changed it: now “{theirs}”, yours is “{yours}”. Reload and decide which to keep.",
            )
        )
        self.theirs = theirs
        self.yours = yours
        self.who = who


class Changed(UserError):
    """Something was typed since what a change rests on was read."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Пока это готовилось, кто-то изменил данные. Повторите.",
                "Somebody changed the data meanwhile. Try again.",
            )
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a setting. ``at`` is aware, UTC."""

    id: int
    at: datetime
    who: str
    what: str
    before: Any
    after: Any
    undoes: int | None = None


class EntryBook(Protocol):
    """``Workspace``, or ``access.entries.Entries``: the same as far as somebody's rights reach."""

    def entries(self, kind: str) -> dict[str, Entry]:
        """Entries of a kind by key."""
        ...

    def history(self, key: str | None = None, most: int = 200) -> list[Change]:
        """Changes, the newest first, ``most`` of them: of one setting or entry, or of everything."""
        ...

    def version_of_all(self) -> int:
        """Grows with every change of anything."""
        ...

    def put_entries(
        self,
        kind: str,
        values: Mapping[str, Any],
        who: str,
        *,
        expected: Mapping[str, int] | None = None,
        since: int | None = None,
    ) -> list[Change]:
        """Writes entries by key, ``None`` removes one: all or none. BadInput for a senseless value or state, EditConflict for a lost race."""
        ...
