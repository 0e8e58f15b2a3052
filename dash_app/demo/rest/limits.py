"""The portal's two brakes: requests a second (leaky bucket) and seconds of work per method in ten minutes."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """Numbers of the brakes. Defaults are those of an ordinary plan.

    rate: requests a second that drain; burst: level above which a request is refused;
    operating: seconds of a method's work allowed in ``window`` seconds.
    """

    rate: float = 2.0
    burst: int = 50
    operating: float = 480.0
    window: float = 600.0


class LeakyBucket:
    """Counts HTTP requests: each adds one, the level drains at ``rate`` a second, above ``burst`` it says no."""

    def __init__(self, settings: LimitSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._level = 0.0
        self._at = clock()

    def admit(self) -> bool:
        """Whether one more request fits now. A refused request adds nothing."""
        with self._lock:
            now = self._clock()
            self._level = max(0.0, self._level - (now - self._at) * self._settings.rate)
            self._at = now
            if self._level + 1 > self._settings.burst:
                return False
            self._level += 1
            return True


class OperatingTime:
    """Seconds each method worked in the last ten minutes, in ten baskets; executions up to 0.1 s do not count."""

    BASKETS = 10
    IGNORED = 0.1

    def __init__(self, settings: LimitSettings, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._width = settings.window / self.BASKETS
        self._baskets: dict[str, deque[tuple[float, float]]] = defaultdict(deque)  # (start of the basket, seconds)

    def blocked(self, method: str) -> bool:
        """Whether the method has used up its time."""
        with self._lock:
            return self._sum(method) >= self._settings.operating

    def add(self, method: str, seconds: float) -> None:
        """Note an execution."""
        if seconds <= self.IGNORED:
            return
        with self._lock:
            start = self._clock() // self._width * self._width
            baskets = self._baskets[method]
            if baskets and baskets[-1][0] == start:
                baskets[-1] = (start, baskets[-1][1] + seconds)
            else:
                baskets.append((start, seconds))

    def state(self, method: str) -> tuple[float, int]:
        """(seconds used, epoch second at which the oldest basket is forgotten)."""
        with self._lock:
            used = self._sum(method)
            baskets = self._baskets.get(method)
            start = baskets[0][0] if baskets else self._clock() // self._width * self._width
            return used, round(start + self._settings.window)

    def _sum(self, method: str) -> float:
        baskets = self._baskets.get(method)
        if not baskets:
            return 0.0
        horizon = self._clock() - self._settings.window
        while baskets and baskets[0][0] <= horizon:
            baskets.popleft()
        return sum(seconds for _, seconds in baskets)
