"""What the one refresh of a portal is doing, readable by every process, and the lock that makes it one."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson
import portalocker

from dash_app import disk
from dash_app.errors import UserError
from dash_app.store.files import read_json, write_json, write_over
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
    except OSError as error:
        raise disk.of_os(error, paths.lock) or error from error
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
    except disk.FileTrouble:  # nothing can be written here; somebody else may
        return _is_held_elsewhere(paths)


def _is_held_elsewhere(paths: PortalPaths) -> bool:
    try:
        with paths.lock.open("rb") as file:
            portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
            portalocker.unlock(file)
    except portalocker.exceptions.LockException:
        return True
    except OSError:
        pass
    return False


def write(paths: PortalPaths, progress: Progress) -> None:
    """Publishes progress to the other processes."""
    progress.updated = time.time()
    document: dict[str, Any] = asdict(progress)
    try:
        write_json(paths.progress, document)
    except OSError as error:
        if not isinstance(disk.of_os(error), disk.NoRoom) or not paths.progress.exists():
            raise
        write_over(paths.progress, orjson.dumps(document))  # a full disk must not hide why a refresh ends


def _fits(value: object, usual: object) -> bool:
    """Whether a value read is of the kind of the usual one; another version, or a broken file, may say anything."""
    if usual is None:
        return value is None or isinstance(value, str | float | int)
    if isinstance(usual, dict):
        rows = value.values() if isinstance(value, dict) else [None]
        return all(isinstance(row, list) and [type(n) for n in row] == [int, int] for row in rows)
    return isinstance(value, type(usual)) or (isinstance(usual, float) and isinstance(value, int))


def read(paths: PortalPaths) -> Progress | None:
    """The last progress written; a refresh that died without a word is shown as failed."""
    document = read_json(paths.progress)
    if document is None:
        return None
    error = document.pop("error", None)
    empty = Progress()
    known = {k: v for k, v in document.items() if k in Progress.__dataclass_fields__ and _fits(v, getattr(empty, k))}
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
