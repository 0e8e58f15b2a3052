"""Kept answers: a memory of this process in front of one that all processes share.

A key holds the snapshot's id and the program's own fingerprint, so an answer outlives neither its data nor the code that counted it; nothing
needs to be invalidated by hand. What comes from the shared memory is
read by ``reports/codec.py`` and only if it bears the seal of this installation's secret: whatever somebody else put there is not there.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from dash_app.engine.memo import Memo
from dash_app.engine.result import BlockResult, RecordsPage
from dash_app.reports import codec

log = logging.getLogger(__name__)

MOST_CELLS = 400_000
"""Cells of answers kept in a process, some tens of megabytes."""
_AN_ANSWER = 50
"""What an answer weighs beside its cells."""
_SEAL = 16
_AWAY = 30.0
"""Seconds a shared memory that failed is left alone."""


@lru_cache(maxsize=1)
def program() -> str:
    """A fingerprint of the code that answers: the same on every machine of one version, another after an upgrade."""
    root = Path(__file__).parents[2]
    files = sorted(path for folder in ("dash_app", "pages") for path in (root / folder).rglob("*.py"))
    found = hashlib.blake2b(digest_size=12)
    for path in files:
        found.update(f"{path.relative_to(root).as_posix()}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


class Backend(Protocol):
    """What Flask-Caching offers."""

    def get(self, key: str) -> Any:
        """The stored bytes or None."""
        ...

    def set(self, key: str, value: Any, timeout: int | None = None) -> Any:
        """Stores bytes for ``timeout`` seconds."""
        ...


class AnswerCache:
    """Memoises answers by a hashable key. Thread-safe; of those who ask for the same at once one computes, others wait for it alone.

    ``shared``: a memory of several processes, sealed with ``secret``; without it answers stay in this one.
    """

    def __init__(self, shared: Backend | None = None, secret: bytes = b"", *, seconds: int = 86_400) -> None:
        if shared is not None and not secret:
            raise ValueError("a shared memory needs a secret")
        self._shared = shared
        self._secret = hashlib.blake2b(secret, digest_size=32, person=b"kept answers").digest()
        self._seconds = seconds
        self._memo: Memo[Any] = Memo(MOST_CELLS, weigh)
        self._away_until = 0.0

    def get(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """The answer for ``key``, computed on first use; lists and rows are the caller's own. Errors are not kept."""
        name = hashlib.blake2b(f"{program()}{key!r}".encode(), key=self._secret, digest_size=24).hexdigest()
        return fresh(self._memo.get(name, lambda: self._fetched(name, compute)))

    def _fetched(self, name: str, compute: Callable[[], Any]) -> Any:
        if self._shared is None:
            return compute()
        found = self._opened(name, self._asked(lambda shared: shared.get(name)))
        if found is not _NOTHING:
            return found
        answer = compute()
        try:
            content = codec.encode(answer)
        except codec.Unshareable as error:
            log.warning("an answer is kept in one process alone: %s", error)
            return answer
        self._asked(lambda shared: shared.set(name, self._seal(name, content) + content, timeout=self._seconds))
        return answer

    def _asked(self, ask: Callable[[Backend], Any]) -> Any:
        """The shared memory's answer, None where it fails: it saves time and is nobody's data."""
        assert self._shared is not None
        if time.monotonic() < self._away_until:
            return None
        try:
            return ask(self._shared)
        except Exception as error:  # whatever Redis or SQLite raise
            self._away_until = time.monotonic() + _AWAY
            log.warning("the shared memory of answers failed (%s), it is left alone for a while", type(error).__name__)
            return None

    def _seal(self, name: str, content: bytes) -> bytes:
        return hashlib.blake2b(name.encode() + content, key=self._secret, digest_size=_SEAL).digest()

    def _opened(self, name: str, stored: object) -> Any:
        if not isinstance(stored, bytes):
            return _NOTHING
        seal, content = stored[:_SEAL], stored[_SEAL:]
        if not hmac.compare_digest(seal, self._seal(name, content)):
            return _NOTHING
        try:
            return codec.decode(content)
        except ValueError:
            return _NOTHING


_NOTHING = object()


def weigh(answer: Any) -> int:
    """Cells of an answer, about."""
    if isinstance(answer, BlockResult | RecordsPage):
        return _AN_ANSWER + len(answer.rows) * max(1, len(answer.columns))
    return _AN_ANSWER + (len(answer) if isinstance(answer, list) else 0)


def fresh(answer: Any) -> Any:
    """The same answer in lists and rows of its own: whoever changes his does not change the next one's."""
    if isinstance(answer, BlockResult):
        return replace(
            answer,
            columns=list(answer.columns),
            rows=[dict(row) for row in answer.rows],
            totals=None if answer.totals is None else dict(answer.totals),
            notes=list(answer.notes),
        )
    if isinstance(answer, RecordsPage):
        return replace(answer, columns=list(answer.columns), rows=[dict(row) for row in answer.rows])
    return list(answer) if isinstance(answer, list) else answer
