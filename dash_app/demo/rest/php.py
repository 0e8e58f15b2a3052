"""PHP habits that show through the portal's wire: arrays that are lists or maps, numbers read from any text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_INTEGER = re.compile(r"\s*([+-]?\d+)")
_LARGEST = 2**63 - 1
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")


def intval(value: Any) -> int:
    """Integer the way PHP casts: leading digits of a text, 0 for anything else (also for an unresolved ``$result[...]``)."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float)):
        return max(-_LARGEST, min(_LARGEST, int(value)))
    if isinstance(value, str):
        match = _INTEGER.match(value)
        return max(-_LARGEST, min(_LARGEST, int(match.group(1)[:25]))) if match else 0
    return int(bool(value))


def floatval(value: Any) -> float:
    """Number the way PHP casts: leading numeric part of a text, 0.0 for anything else."""
    if isinstance(value, (bool, int, float)):
        number = float(value)
    else:
        match = _NUMBER.match(value) if isinstance(value, str) else None
        number = float(match.group(1)) if match else 0.0
    return max(-1e16, min(1e16, number))  # beyond any amount, and its hundredths still fit


def truth(value: Any) -> bool:
    """``Y``, ``1``, ``true`` in whatever type a form, a query or a JSON body brings them."""
    if isinstance(value, str):
        return value.strip().lower() in {"y", "1", "true", "yes"}
    return bool(value)


def is_empty(value: Any) -> bool:
    """What a filter takes as "empty": null, false, '' and an empty array."""
    return value is None or value is False or value == "" or (isinstance(value, (list, dict)) and not value)


def as_map(value: Any) -> dict[str, Any]:
    """An array parameter as a map (a list gets its indices as keys); anything else is an empty map."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}


def as_list(value: Any) -> list[Any]:
    """An array parameter as a list of its values; a scalar becomes a list of one, nothing an empty list."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return list(value.values())
    return [] if value is None or value == "" else [value]


def php_array(pairs: dict[str, Any]) -> dict[str, Any] | list[Any]:
    """A map as PHP's JSON writes it: ``[]`` when empty, a list when its keys are exactly 0..n-1 in order."""
    if all(key == str(index) for index, key in enumerate(pairs)):
        return list(pairs.values())
    return pairs


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Form fields or query pairs in bracket notation (``filter[>ID]=5``, ``select[]=ID``) as nested arrays."""
    root: dict[str, Any] = {}
    deep = False
    for key, value in pairs:
        bracket = key.find("[")
        if bracket <= 0:
            root[key] = value
            continue
        deep = True
        path = [key[:bracket], *_brackets(key[bracket:])]
        target = root
        for position, part in enumerate(path):
            if part == "" and position:
                part = str(_next_index(target))
            if position == len(path) - 1:
                target[part] = value
            else:
                child = target.get(part)
                if not isinstance(child, dict):
                    child = target[part] = {}
                target = child
    return {key: _lists(value) for key, value in root.items()} if deep else root


def _brackets(rest: str) -> list[str]:
    parts = []
    while rest.startswith("["):
        end = rest.find("]")
        if end < 0:
            break
        parts.append(rest[1:end])
        rest = rest[end + 1 :]
    return parts


def _next_index(target: dict[str, Any]) -> int:
    count = len(target)
    if count == 0 or str(count - 1) in target:  # the common case: select[] repeated
        return count
    return max((int(key) + 1 for key in target if key.isdigit()), default=0)


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return php_array({key: _lists(item) for key, item in value.items()})
