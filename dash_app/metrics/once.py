"""What a question needs once though several of its blocks ask for it: kept for a while, for one database and one key."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

from dash_app.metrics.context import Context

T = TypeVar("T")
_KEEP = 128
_kept: OrderedDict[Hashable, object] = OrderedDict()
_lock = threading.Lock()


def once(context: Context, key: Hashable, compute: Callable[[], T]) -> T:
    """The value for ``key`` in the context's database. ``key`` names everything else the value depends on; treat it as read-only."""
    path = context.facts_path
    name = (path, path.stat().st_mtime_ns, key)
    with _lock:
        if name in _kept:
            _kept.move_to_end(name)
            return _kept[name]  # type: ignore[return-value]
    value = compute()
    with _lock:
        _kept[name] = value
        while len(_kept) > _KEEP:
            _kept.popitem(last=False)
    return value
