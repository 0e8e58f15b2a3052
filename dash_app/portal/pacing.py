"""How fast the portal may be asked: a leaky bucket of requests and the operating time of each method."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from dash_app.portal.errors import Cancelled
from dash_app.text import Text

OPERATING_LIMIT = 480.0
"""Seconds of execution a method may use in ten minutes."""
_CAREFUL = 0.8
_LEFT_FOR_OTHERS = 2
_SHORTEST_BLOCK = 10.0


class Pacing:
    """Shared by all threads that ask one portal.

    ``rate`` requests a second drain the portal's bucket, ``burst`` fill it. Two requests of the burst are left for other
    applications on the same address, so a healthy portal never answers 503 to us. Of several waiting threads the most urgent goes
    first: the longest chain must not be the one that is left over at the end.
    ``memory``: a file that keeps the level between processes; a refresh right after another one meets a full bucket.
    ``clock`` counts seconds; ``idle`` waits for some and is given only by tests.
    """

    def __init__(
        self,
        rate: float = 2.0,
        burst: int = 50,
        *,
        clock: Callable[[], float] = time.monotonic,
        idle: Callable[[float], object] | None = None,
        cancelled: threading.Event | None = None,
        memory: Path | None = None,
    ) -> None:
        self._rate = rate
        self._capacity = float(max(1, burst - _LEFT_FOR_OTHERS))
        self._clock = clock
        self._idle = idle
        self._memory = memory
        self._turn = threading.Condition()
        self._waiting: dict[object, tuple[float, frozenset[str]]] = {}
        self._level = self._remembered()
        self._seen = clock()
        self._not_before = 0.0
        self._blocked: dict[str, float] = {}
        self._resets: dict[str, float] = {}
        self.cancelled = cancelled or threading.Event()
        self.requests = 0

    # -- waiting -----------------------------------------------------------------------------------------------

    def sleep(self, seconds: float) -> None:
        """Waits unless cancelled; Cancelled at once if so."""
        if self._idle is not None:
            self._idle(seconds)
            self._stop_if_cancelled()
        elif self.cancelled.wait(max(0.0, seconds)):
            self._stop_if_cancelled()

    def take(self, methods: frozenset[str] = frozenset(), urgency: float = 0.0) -> None:
        """Waits for the turn of one request that will run these methods. Raises Cancelled."""
        ticket = object()
        with self._turn:
            self._waiting[ticket] = (urgency, methods)
            try:
                while True:
                    self._stop_if_cancelled()
                    wait = self._wait_of(ticket)
                    if wait <= 0:
                        self._level += 1
                        self.requests += 1
                        self._remember()
                        return
                    (self._idle or self._turn.wait)(min(wait, 0.5))
            finally:
                del self._waiting[ticket]
                self._turn.notify_all()

    def _wait_of(self, ticket: object) -> float:
        now = self._clock()
        self._level = max(0.0, self._level - (now - self._seen) * self._rate)
        self._seen = now
        urgency, methods = self._waiting[ticket]
        blocked = max([self._not_before, *(self._blocked.get(m, 0.0) for m in methods)]) - now
        if blocked > 0:
            return blocked
        full = (self._level + 1 - self._capacity) / self._rate
        if full > 1e-9:
            return full
        for other, (others_urgency, others_methods) in self._waiting.items():
            if (
                other is not ticket
                and others_urgency > urgency
                and not any(self._blocked.get(m, 0.0) > now for m in others_methods)
            ):
                return 0.02
        return 0.0

    def _stop_if_cancelled(self) -> None:
        if self.cancelled.is_set():
            raise Cancelled(Text("Обновление отменено.", "The refresh was cancelled."))

    # -- what the portal says ----------------------------------------------------------------------------------

    def busy(self, seconds: float) -> None:
        """The portal said 503: its bucket is full, whoever filled it. Everyone waits, then goes no faster than it drains."""
        with self._turn:
            self._level = self._capacity
            self._seen = self._clock()
            self._not_before = max(self._not_before, self._clock() + seconds)

    def blocked(self, method: str, seconds: float | None = None) -> float:
        """The portal blocked a method for its operating time; other methods go on.

        ``seconds``: how long, if the answer says; else until the counter's reset told by the last good answer, at least ten.
        Returns the seconds.
        """
        with self._turn:
            now = self._clock()
            known = seconds if seconds is not None else self._resets.get(method, 0.0) - now
            wait = min(max(known, _SHORTEST_BLOCK), 600.0)
            self._blocked[method] = max(self._blocked.get(method, 0.0), now + wait)
            return wait

    def operating(self, method: str, used: float, resets_in: float) -> None:
        """A method's operating time so far, seconds: above 80 % of the limit it pauses, the longer the closer."""
        with self._turn:
            now = self._clock()
            self._resets[method] = now + resets_in
            if used > OPERATING_LIMIT * _CAREFUL:
                share = min(1.0, (used / OPERATING_LIMIT - _CAREFUL) / (1 - _CAREFUL))
                pause = min(max(resets_in, 1.0), 600.0) * share
                self._blocked[method] = max(self._blocked.get(method, 0.0), now + pause)

    # -- the level between processes ---------------------------------------------------------------------------

    def _remembered(self) -> float:
        if self._memory is None:
            return 0.0
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(self._memory.read_text())
            level = float(kept["level"]) - max(0.0, time.time() - float(kept["at"])) * self._rate
            return min(max(0.0, level), self._capacity)
        return 0.0

    def _remember(self) -> None:
        if self._memory is not None:
            with suppress(OSError):  # a hint only: without it the portal says 503 and we wait
                self._memory.write_text(json.dumps({"at": time.time(), "level": round(self._level, 3)}))
