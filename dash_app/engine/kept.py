"""What several blocks of one question share, made once: the first that asks makes it, those that ask at once wait for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar, cast

from dash_app.engine.typed import Typed

T = TypeVar("T")

_MOST = 32
_kept: OrderedDict[tuple[Any, ...], tuple[Typed, Any]] = OrderedDict()
_lock = threading.RLock()


def kept_for(key: tuple[Any, ...], typed: Typed, make: Callable[[], T]) -> T:
    """What was made for ``key`` (facts file, query, what it is) as long as nobody typed anything since. A few questions are kept."""
    with _lock:
        kept = _kept.get(key)
        if kept is not None and kept[0] is typed:
            _kept.move_to_end(key)
            return cast(T, kept[1])
        made = make()
        _kept[key] = (typed, made)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
        return made
