"""How fast the portal may be asked: a leaky bucket of requests and the operating time of each method."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from dash_app.portal.errors import Cancelled
from dash_app.text import Text

OPERATING_LIMIT = 480.0
"""Seconds of execution a method may use in ten minutes."""
_CAREFUL = 0.8


class Pacing:
    """Shared by all threads that ask one portal.

    ``rate`` requests a second drain the portal's bucket, ``burst`` fill it. Two requests of the burst are left for other
    applications on the same address, so a healthy portal never answers 503 to us.
    """

    def __init__(
        self,
        rate: float = 2.0,
        burst: int = 50,
        *,
        clock: Callable[[], float] = time.monotonic,
        cancelled: threading.Event | None = None,
    ) -> None:
        self._rate = rate
        self._capacity = float(max(1, burst - 2))
        self._level = 0.0
        self._seen = clock()
        self._not_before = 0.0
        self._methods: dict[str, float] = {}
        self._clock = clock
        self._lock = threading.Lock()
        self.cancelled = cancelled or threading.Event()
        self.requests = 0

    def sleep(self, seconds: float) -> None:
        """Waits unless cancelled; Cancelled at once if so."""
        if self.cancelled.wait(max(0.0, seconds)):
            raise Cancelled(Text("Обновление отменено.", "The refresh was cancelled."))

    def take(self, methods: frozenset[str] = frozenset()) -> None:
        """Waits for the turn of one request that will run these methods."""
        self.sleep(0)
        while True:
            with self._lock:
                now = self._clock()
                self._level = max(0.0, self._level - (now - self._seen) * self._rate)
                self._seen = now
                until = max([self._not_before, *(self._methods.get(m, 0.0) for m in methods)])
                wait = until - now
                if wait <= 0:
                    wait = (self._level + 1 - self._capacity) / self._rate
                    if wait <= 0:
                        self._level += 1
                        self.requests += 1
                        return
            self.sleep(min(wait, 5.0))

    def busy(self, seconds: float) -> None:
        """The portal said 503: its bucket is full, whoever filled it. Everyone waits."""
        with self._lock:
            self._level = self._capacity
            self._seen = self._clock()
            self._not_before = max(self._not_before, self._clock() + seconds)

    def blocked(self, method: str, seconds: float) -> None:
        """The portal blocked a method for its operating time; other methods go on."""
        with self._lock:
            self._methods[method] = max(self._methods.get(method, 0.0), self._clock() + seconds)

    def operating(self, method: str, used: float, resets_in: float) -> None:
        """A method's operating time so far: above 80 % of the limit it pauses, the longer the closer."""
        if used > OPERATING_LIMIT * _CAREFUL:
            share = (used / OPERATING_LIMIT - _CAREFUL) / (1 - _CAREFUL)
            self.blocked(method, min(max(resets_in, 1.0), 600.0) * min(1.0, share))
