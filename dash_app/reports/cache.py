"""Cached answers: a small memory of this process in front of a cache shared by all of them.

A key holds the snapshot id, so an answer never outlives its data; nothing needs to be invalidated by hand.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Protocol


class Backend(Protocol):
    """What Flask-Caching's backends (files, Redis) offer."""

    def get(self, key: str) -> Any:
        """The stored bytes or None."""
        ...

    def set(self, key: str, value: Any, timeout: int | None = None) -> Any:
        """Stores bytes for ``timeout`` seconds."""
        ...


class AnswerCache:
    """Memoises answers by a hashable key. Thread-safe; two threads may compute the same answer, never a wrong one."""

    def __init__(self, backend: Backend | None = None, *, keep: int = 512, seconds: int = 86_400) -> None:
        self._backend = backend
        self._keep = keep
        self._seconds = seconds
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """The answer for ``key``, a fresh copy each time, computed on first use. Errors are not kept."""
        name = hashlib.sha256(repr(key).encode()).hexdigest()
        with self._lock:
            stored = self._memory.get(name)
            if stored is not None:
                self._memory.move_to_end(name)
        if stored is None and self._backend is not None:
            stored = self._backend.get(name)
            if stored is not None:
                self._remember(name, stored)
        if stored is not None:
            return pickle.loads(stored)
        answer = compute()
        stored = pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
        self._remember(name, stored)
        if self._backend is not None:
            self._backend.set(name, stored, timeout=self._seconds)
        return answer

    def _remember(self, name: str, stored: bytes) -> None:
        with self._lock:
            self._memory[name] = stored
            self._memory.move_to_end(name)
            while len(self._memory) > self._keep:
                self._memory.popitem(last=False)
