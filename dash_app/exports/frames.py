"""Blocks and lists as typed Arrow tables: what Parquet files hold and DataFrames are made of.

Counts are 64-bit integers, money is an exact decimal with two places (rounded half-even), days, ratios and points are doubles, instants carry
their zone, ids and labels are texts. An empty cell is null. Columns are those of the command line, by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pyarrow as pa

from dash_app.engine.language import Unit
from dash_app.engine.result import BlockResult, Column, Money, Row

_MONEY = pa.decimal128(38, 2)
_KOPECK = Decimal("0.01")
_DOUBLES = frozenset({Unit.DAYS, Unit.MINUTES, Unit.RATIO, Unit.TIMES, Unit.POINTS})


def table_of(columns: Sequence[Column], rows: Iterable[Row]) -> pa.Table:
    """Rows as a table: a column for each of ``columns``, then for what rows carry beside them (ids, addresses), as texts."""
    listed = list(rows)
    known = {c.id: c.unit for c in columns}
    beside = dict.fromkeys(name for row in listed for name in row if name not in known)
    arrays = {name: _array([row.get(name) for row in listed], unit) for name, unit in known.items()}
    arrays |= {name: _array([row.get(name) for row in listed], Unit.TEXT) for name in beside}
    return pa.table(arrays)


def tables_of(result: BlockResult) -> pa.Table:
    """The rows of a block; totals are not among them: a sum over the column would count twice."""
    return table_of(result.columns, result.rows)


def _array(values: list[Any], unit: Unit) -> pa.Array:
    given = [v for v in values if v is not None]
    if any(isinstance(v, list | Money) for v in given):  # own fields of several values, or in several currencies
        return pa.array([None if v is None else _text(v) for v in values], pa.string())
    if unit is Unit.MONEY:
        return pa.array([None if v is None else _kopecks(v) for v in values], _MONEY)
    if unit is Unit.COUNT and all(isinstance(v, int) for v in given):
        return pa.array(values, pa.int64())
    if unit in _DOUBLES or (unit is Unit.COUNT and all(isinstance(v, int | float | Decimal) for v in given)):
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    if unit is Unit.DATE and given:
        return _dates(values, given)
    return pa.array([None if v is None else _text(v) for v in values], pa.string())


def _dates(values: list[Any], given: list[Any]) -> pa.Array:
    """Instants with the portal's zone, or days; a text where a column holds neither."""
    if all(isinstance(v, datetime) for v in given):
        zone = given[0].tzinfo
        return pa.array(values, pa.timestamp("us", tz=str(zone) if zone else None))
    if all(isinstance(v, date) and not isinstance(v, datetime) for v in given):
        return pa.array(values, pa.date32())
    return pa.array([None if v is None else _text(v) for v in values], pa.string())


def _kopecks(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(_KOPECK, ROUND_HALF_EVEN)


def _text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "; ".join(map(_text, value))
    if isinstance(value, Money):
        return f"{_kopecks(value.amount)} {value.currency}"
    if isinstance(value, Mapping):
        return "; ".join(f"{k}: {_text(v)}" for k, v in value.items())
    return str(value)
