"""What was made once and is asked again in this process: one memory for all of it, bounded, with a lock for each key.

Whoever asks first makes the value; those who ask for the same at the same time wait for it, those who ask for anything else do not. An error is not
kept. Values are shared: treat them as read-only.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from dash_app.engine.entered import Entered

if TYPE_CHECKING:
    from dash_app.engine.context import Context

T = TypeVar("T")


class _Slot:
    """A value and who makes it. ``weight``: 0 until it is there."""

    __slots__ = ("lock", "ready", "value", "weight")

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.ready = False
        self.value: Any = None
        self.weight = 0


class Memo(Generic[T]):
    """Keeps the values asked for last, ``most`` of them, or of that weight together where ``weigh`` says what each one weighs."""

    def __init__(self, most: int, weigh: Callable[[T], int] = lambda _: 1) -> None:
        self._most = most
        self._weigh = weigh
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._slots)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value for ``key``, made on first use. ``key`` names everything the value depends on."""
        with self._lock:
            slot = self._slots.get(key)
            if slot is None:
                slot = self._slots[key] = _Slot()
            else:
                self._slots.move_to_end(key)
        if slot.ready:
            return cast(T, slot.value)
        with slot.lock:
            if not slot.ready:
                try:
                    slot.value = make()
                except BaseException:
                    self._forget(key, slot)
                    raise
                slot.ready = True
                self._keep(key, slot)
            return cast(T, slot.value)

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._slots.clear()
            self._held = 0

    def _keep(self, key: Hashable, slot: _Slot) -> None:
        weight = max(1, self._weigh(slot.value))
        with self._lock:
            if self._slots.get(key) is not slot:  # forgotten meanwhile
                return
            slot.weight = weight
            self._held += weight
            while self._held > self._most and len(self._slots) > 1:
                _, oldest = self._slots.popitem(last=False)
                self._held -= oldest.weight

    def _forget(self, key: Hashable, slot: _Slot) -> None:
        with self._lock:
            if self._slots.get(key) is slot:
                del self._slots[key]


_of_databases: Memo[Any] = Memo(256)
_of_questions: Memo[Any] = Memo(32)


def once(context: Context, key: Hashable, compute: Callable[[], T]) -> T:
    """What blocks of a question read of its database: kept for this file and ``key``, which names everything else it depends on."""
    path = context.facts_path
    return cast(T, _of_databases.get((path, path.stat().st_mtime_ns, key), compute))


def kept_for(key: tuple[Any, ...], typed: Entered, make: Callable[[], T]) -> T:
    """What several blocks of one question share (``key``: facts file, rights, query, what it is), as long as nobody typed anything since."""
    made = _of_questions.get((*key, id(typed)), lambda: (typed, make()))  # what is held beside it keeps its id its own
    return cast(T, made[1])
