"""Answers as bytes, for other processes: MessagePack of the few types an answer is made of. Reading makes these types and nothing else; no code runs.

What MessagePack has no word for is an extension: decimals, days, instants with their zone, tuples, sets, and the classes of ``_CLASSES`` by number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.msgpack import Ext

from dash_app.engine.filters import Choice
from dash_app.engine.language import Unit
from dash_app.engine.result import (
    BarsResult,
    BulletResult,
    CardsResult,
    Column,
    FillResult,
    FunnelResult,
    MatrixResult,
    Note,
    OfPerson,
    RecordsPage,
    ScatterResult,
    SeriesResult,
    StepsResult,
    TableResult,
    WaterfallResult,
)
from dash_app.text import Text

ANSWERS = (
    BarsResult,
    BulletResult,
    CardsResult,
    FillResult,
    FunnelResult,
    MatrixResult,
    ScatterResult,
    SeriesResult,
    StepsResult,
    TableResult,
    WaterfallResult,
)
"""What a block of each view answers."""
_CLASSES: tuple[type, ...] = (*ANSWERS, Choice, Column, Note, OfPerson, RecordsPage, Text)
_ENUMS: tuple[type[Enum], ...] = (Unit,)
_PLAIN = frozenset({type(None), bool, int, float, str, bytes})
_DECIMAL, _DATE, _INSTANT, _TUPLE, _SET, _PAIRS, _ENUM, _OBJECT = range(1, 9)
_fields = {cls: tuple(f.name for f in dataclasses.fields(cls)) for cls in _CLASSES}
_encoder = msgspec.msgpack.Encoder()


class Unshareable(TypeError):
    """A type an answer is not made of."""


def encode(value: Any) -> bytes:
    """The bytes of an answer; Unshareable for what is none."""
    try:
        return _encoder.encode(_plain(value))
    except (OverflowError, RecursionError) as error:
        raise Unshareable(str(error)) from None


def decode(stored: bytes) -> Any:
    """The answer again, equal to what was encoded; ValueError for bytes that are none."""
    try:
        return _decoder.decode(stored)
    except (msgspec.MsgspecError, TypeError, ArithmeticError, LookupError, RecursionError, UnicodeError) as error:
        raise ValueError(str(error)) from None


def _packed(code: int, value: Any) -> Ext:
    return Ext(code, _encoder.encode(value))


def _dict(value: dict[Any, Any]) -> Any:
    if all(type(key) is str for key in value):
        return {key: cell if type(cell) in _PLAIN else _plain(cell) for key, cell in value.items()}
    return _packed(_PAIRS, [[_plain(key), _plain(cell)] for key, cell in value.items()])


def _instant(value: datetime) -> Ext:
    zone = value.tzinfo
    if zone is None:
        return _packed(_INSTANT, [value.isoformat(), "", value.fold])
    name = zone.key if isinstance(zone, ZoneInfo) else "UTC" if zone is UTC else None
    if name is None:
        raise Unshareable(f"an instant in {zone!r}")
    return _packed(_INSTANT, [value.replace(tzinfo=None).isoformat(), "+" if zone is UTC else name, value.fold])


_WRITE: dict[type, Callable[[Any], Any]] = {
    dict: _dict,
    list: lambda value: [cell if type(cell) in _PLAIN else _plain(cell) for cell in value],
    Decimal: lambda value: Ext(_DECIMAL, str(value).encode()),
    date: lambda value: Ext(_DATE, value.isoformat().encode()),
    datetime: _instant,
    tuple: lambda value: _packed(_TUPLE, [_plain(cell) for cell in value]),
    frozenset: lambda value: _packed(_SET, [_plain(cell) for cell in value]),
    **{cls: lambda value, n=n: _packed(_ENUM, [n, value.value]) for n, cls in enumerate(_ENUMS)},  # type: ignore[misc]
    **{
        cls: lambda value, n=n, names=_fields[cls]: _packed(_OBJECT, [n, *(_plain(getattr(value, f)) for f in names)])  # type: ignore[misc]
        for n, cls in enumerate(_CLASSES)
    },
}


def _plain(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    write = _WRITE.get(type(value))
    if write is None:
        raise Unshareable(type(value).__name__)
    return write(value)


def _read(code: int, data: memoryview) -> Any:
    if code == _DECIMAL:
        return Decimal(bytes(data).decode())
    if code == _DATE:
        return date.fromisoformat(bytes(data).decode())
    value = _decoder.decode(data)
    match code:
        case c if c == _INSTANT:
            moment = datetime.fromisoformat(value[0]).replace(fold=value[2])
            return moment.replace(tzinfo=UTC if value[1] == "+" else ZoneInfo(value[1])) if value[1] else moment
        case c if c == _TUPLE:
            return tuple(value)
        case c if c == _SET:
            return frozenset(value)
        case c if c == _PAIRS:
            return dict(value)
        case c if c == _ENUM:
            return _ENUMS[value[0]](value[1])
        case c if c == _OBJECT:
            cls = _CLASSES[value[0]]
            return cls(**dict(zip(_fields[cls], value[1:], strict=True)))
    raise ValueError(f"extension {code}")


_decoder = msgspec.msgpack.Decoder(ext_hook=_read)
