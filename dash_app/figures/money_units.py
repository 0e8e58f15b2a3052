"""Sums of money as whole numbers: kopecks of what is typed or paid, hundred-millionths (units) of what records hold.

Thousands of rows are added and compared as integers; ``Decimal`` is what the last step makes of them.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np

from dash_app.figures.exact_words import divided, scaled

PLACES = 8
"""Places of an amount in the records; a unit is the last of them."""
UNITS = 10**PLACES
"""Units in an amount of one."""
UNITS_IN_KOPECK = 10 ** (PLACES - 2)


def units_of(amount: Decimal) -> int:
    """An amount of no more than ``PLACES`` places in units."""
    return scaled(amount, PLACES)


def amount_of(units: int) -> Decimal:
    """Units as an amount, all their places kept (``Decimal`` keeps 28 digits)."""
    return Decimal(units).scaleb(-PLACES) if units else Decimal(0)


def kopecks_of(amount: Decimal) -> int:
    """An amount of no more than two places in kopecks."""
    return int(amount.scaleb(2))


@lru_cache(maxsize=1 << 14)
def money_of(kopecks: int) -> Decimal:
    """Kopecks as an amount of two places."""
    return Decimal(kopecks).scaleb(-2)


def rounded(units: int) -> int:
    """Units in kopecks, half to the even one."""
    return divided(units, UNITS_IN_KOPECK)


def column_units(column: Any) -> list[int]:
    """An Arrow column of decimals with ``PLACES`` places and no NULL as units; read from its memory, no object a cell."""
    if column.type.scale != PLACES:
        raise ValueError(f"{column.type} has not {PLACES} places")
    found: list[int] = []
    for chunk in column.chunks if hasattr(column, "chunks") else [column]:
        words = np.frombuffer(chunk.buffers()[1], dtype=np.int64).reshape(-1, 2)[
            chunk.offset : chunk.offset + len(chunk)
        ]
        low, high = words[:, 0], words[:, 1]
        if np.array_equal(high, low >> 63):
            found += low.tolist()
        else:
            found += [
                (above << 64) | (below & (2**64 - 1)) for below, above in zip(low.tolist(), high.tolist(), strict=True)
            ]
    return found


def keys_of(table: Any) -> list[tuple[int | None, int | None]]:
    """(manager, pipeline) of each row of an Arrow table, -1 standing for none."""
    managers, pipelines = (
        [None if v < 0 else v for v in table[name].to_numpy().tolist()] for name in ("manager", "pipeline")
    )
    return list(zip(managers, pipelines, strict=True))
