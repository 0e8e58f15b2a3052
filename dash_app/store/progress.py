"""What the one refresh of a portal is doing, readable by every process, and the lock that makes it one."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import portalocker

from dash_app.errors import UserError
from dash_app.store.files import read_json, write_json
from dash_app.store.paths import PortalPaths
from dash_app.text import Text

RUNNING = Text("Обновление уже идёт.", "A refresh is already running.")


class AlreadyRunning(UserError):
    """Somebody else is refreshing this portal."""

    def __init__(self) -> None:
        super().__init__(RUNNING)


@dataclass(slots=True)
class Progress:
    """A refresh as people see it. ``expected`` 0: not known yet. Times are epoch seconds."""

    running: bool = False
    phase: str = ""  # connect | read | derive | publish | done | failed | cancelled
    entity: str = ""  # table being read
    rows: int = 0
    expected: int = 0
    requests: int = 0
    seconds_left: float | None = None
    started_by: str = ""
    started: float = 0.0
    updated: float = 0.0
    error: Text | None = None
    finished_snapshot: str | None = None
    question: str | None = None  # id of what a person has to confirm (``store.companies``)
    entities: dict[str, list[int]] = field(default_factory=dict)  # table -> [rows, expected]

    @property
    def percent(self) -> int:
        """0..100; 99 while deriving, 100 only when published."""
        if self.phase == "done":
            return 100
        if self.phase in ("derive", "publish"):
            return 99
        return min(98, int(100 * self.rows / self.expected)) if self.expected else 0

    def without_counts(self) -> Progress:
        """The same for who does not see the whole portal: how far it is, without what is read, how much, and what went wrong with it."""
        return replace(
            self, entity="", rows=self.percent, expected=100, requests=0, error=None, question=None, entities={}
        )


_PATIENCE = 0.5
"""Seconds a refresh waits for the lock: whoever only asks whether it is held (``is_held``) has it for an instant."""


@contextlib.contextmanager
def held(paths: PortalPaths, patience: float = _PATIENCE) -> Iterator[None]:
    """Holds the portal's refresh lock; AlreadyRunning if another process does. The system frees it on a kill."""
    try:
        lock = portalocker.Lock(
            str(paths.lock),
            mode="a",
            timeout=patience,
            check_interval=0.02,
            flags=portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING,
        )
        lock.acquire()
    except (portalocker.exceptions.LockException, portalocker.exceptions.AlreadyLocked):
        raise AlreadyRunning from None
    try:
        yield
    finally:
        lock.release()


def is_held(paths: PortalPaths) -> bool:
    """Whether a refresh is running now, whoever started it."""
    try:
        with held(paths, patience=0):
            return False
    except AlreadyRunning:
        return True


def write(paths: PortalPaths, progress: Progress) -> None:
    """Publishes progress to the other processes."""
    progress.updated = time.time()
    document: dict[str, Any] = asdict(progress)
    write_json(paths.progress, document)


def read(paths: PortalPaths) -> Progress | None:
    """The last progress written; a refresh that died without a word is shown as failed."""
    document = read_json(paths.progress)
    if document is None:
        return None
    error = document.pop("error", None)
    known = {k: v for k, v in document.items() if k in Progress.__dataclass_fields__}
    progress = Progress(**known)  # type: ignore[arg-type]
    if isinstance(error, dict):
        progress.error = Text(str(error.get("ru")), str(error.get("en")))
    if progress.running and not is_held(paths):
        progress.running = False
        progress.phase = "failed"
        progress.error = Text(
            "Обновление прервалось. Следующее продолжит с того же места, старые данные на месте.",
            "The refresh was interrupted. The next one goes on from there; the old data is still here.",
        )
    return progress
