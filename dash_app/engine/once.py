"""What a question needs once though several of its blocks ask for it: kept for a while, for one database and one key."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dash_app.engine.context import Context

T = TypeVar("T")
_KEEP = 256
_kept: OrderedDict[Hashable, _Kept] = OrderedDict()
_lock = threading.Lock()


class _Kept:
    """A value and who computes it: blocks of a page ask at the same time, one of them works."""

    __slots__ = ("lock", "ready", "value")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ready = False
        self.value: Any = None


def once(context: Context, key: Hashable, compute: Callable[[], T]) -> T:
    """The value for ``key`` in the context's database. ``key`` names everything else the value depends on; treat it as read-only."""
    path = context.facts_path
    name = (path, path.stat().st_mtime_ns, key)
    with _lock:
        kept = _kept.get(name)
        if kept is None:
            kept = _kept[name] = _Kept()
            while len(_kept) > _KEEP:
                _kept.popitem(last=False)
        else:
            _kept.move_to_end(name)
    with kept.lock:
        if not kept.ready:
            kept.value = compute()  # an error is not kept: the next one tries again
            kept.ready = True
        value: T = kept.value
        return value
