"""Notes on a head's week: written and taken back, the same from the page and from the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from dash_app.engine import units
from dash_app.engine.directory import Directory
from dash_app.errors import BadInput
from dash_app.store.edits import Change
from dash_app.store.entries import Entry
from dash_app.store.kinds import LeaderNote
from dash_app.text import Text

KIND = "leader_note"


class NotesSession(Protocol):
    """What is asked of a session (``reports.session.Session``)."""

    @property
    def directory(self) -> Callable[[], Directory]:
        """Names of the portal."""
        ...

    @property
    def entries(self) -> Callable[[str], dict[str, Entry]]:
        """Entries of a kind."""
        ...

    @property
    def put_entries(self) -> Callable[[str, Mapping[str, Any], str], list[Change]]:
        """Writes entries by key; None removes one."""
        ...


def key_of(names: Directory, department: str, manager: str, week: str) -> str:
    """The key of a head's week; BadInput where the person does not head the department, or there is no such week."""
    head = names.departments.get(int(department)) if department.isascii() and department.isdigit() else None
    if head is None or head.head_id is None or str(head.head_id) != manager:
        raise BadInput(
            Text(
                f"Сотрудник №{manager[:20]} не руководит отделом №{department[:20]}. Проверьте номера.",
                f"User #{manager[:20]} does not head department #{department[:20]}. Check the numbers.",
            )
        )
    if "W" not in week or units.named(week) is None:
        raise BadInput(
            Text(f"Недели «{week[:40]}» нет: пишите 2026-W06.", f"There is no week “{week[:40]}”: write 2026-W06.")
        )
    return f"{department}:{manager}:{week}"


def write(
    session: NotesSession, department: str, manager: str, week: str, text: str, who: str, now: datetime | None = None
) -> Change | None:
    """Keeps what is said of the week, with who and when; an empty text takes it back. None where nothing changes."""
    key = key_of(session.directory(), department, manager, week)
    said = text.strip()
    before = session.entries(KIND).get(key)
    if before is not None and isinstance(before.value, LeaderNote) and before.value.text == said:
        return None
    if before is None and not said:
        return None
    value = {
        "department_id": department,
        "manager_id": manager,
        "week": week,
        "text": said,
        "author": who[:200],
        "written_at": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
    }
    changes = session.put_entries(KIND, {key: value if said else None}, who)
    return changes[0] if changes else None


def listed(session: NotesSession) -> list[dict[str, Any]]:
    """All notes, the latest week first: department, head, week, text, author, written_at."""
    values = [e.value for e in session.entries(KIND).values() if isinstance(e.value, LeaderNote)]
    return [v.model_dump(mode="json") for v in sorted(values, key=lambda v: (v.week, v.key), reverse=True)]
