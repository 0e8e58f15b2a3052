"""Writing columns into SQLite, ids with holes, and rows that wait for their month."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dash_app.demo.company.calendar import Ints
from dash_app.demo.fields import ENTITIES, index_sql, table_sql

Block = dict[str, npt.NDArray[Any]]
"""Columns of equal length."""
_ROWS_AT_ONCE: Final = 20_000
NONE: Final[npt.NDArray[Any]] = np.array(None, dtype=object)
"""NULL, for ``numpy.where``."""


def or_null(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_]) -> list[Any]:
    """Python values of a column, None where ``missing``."""
    found = values.astype(object)
    found[missing] = None
    return list(found.tolist())


class Writer:
    """The file being made. Nothing is durable before ``finish``: a failed build leaves only a temporary file."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in (
            "page_size=8192",
            "journal_mode=OFF",
            "synchronous=OFF",
            "locking_mode=EXCLUSIVE",
            "cache_size=-65536",
            "temp_store=FILE",
        ):
            self._connection.execute(f"PRAGMA {pragma}")
        for table in ENTITIES:
            self._connection.execute(table_sql(table))
        self._connection.execute("BEGIN")

    def insert(self, table: str, count: int, columns: Mapping[str, Any]) -> None:
        """Add ``count`` rows. A column is an array, a list, or one value for all rows; left-out ones get their default.

        Large arrays become Python values a slice at a time, so a block never stands in memory twice.
        """
        if not count:
            return
        names = ", ".join(f'"{name}"' for name in columns)
        sql = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
        for low in range(0, count, _ROWS_AT_ONCE):
            high = min(count, low + _ROWS_AT_ONCE)
            parts: list[Iterable[Any]] = []
            for value in columns.values():
                if isinstance(value, np.ndarray):
                    parts.append(value[low:high].tolist())
                elif isinstance(value, (list, tuple)):
                    parts.append(value[low:high])
                else:
                    parts.append(itertools.repeat(value, high - low))
            self._connection.executemany(sql, zip(*parts, strict=True))

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Any other statement."""
        self._connection.executemany(sql, rows)

    def finish(self) -> None:
        """Make the indices and close."""
        for statement in index_sql():
            self._connection.execute(statement)
        self._connection.execute("COMMIT")
        self._connection.execute("PRAGMA locking_mode=NORMAL")
        self._connection.close()

    def abandon(self) -> None:
        """Close whatever the state."""
        self._connection.close()


class Ids:
    """A sequence that only grows and has holes, as after deletions."""

    def __init__(self, first: int, hole: float = 0.02) -> None:
        self._last = first - 1
        self._hole = hole

    def take(self, rng: np.random.Generator, count: int) -> Ints:
        """The next ``count`` ids."""
        steps = 1 + (rng.random(count) < self._hole) * rng.integers(1, 12, count)
        found = self._last + np.cumsum(steps)
        if count:
            self._last = int(found[-1])
        return found


class Pending:
    """Rows that happen later than the records they belong to. They leave in the order of time."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._parts: list[Block] = []

    def add(self, block: Block) -> None:
        """Keep rows."""
        if len(block[self._key]):
            self._parts.append(block)

    def take(self, before: int) -> Block | None:
        """All rows earlier than an instant, sorted; None when there are none."""
        if not self._parts:
            return None
        whole = {name: np.concatenate([part[name] for part in self._parts]) for name in self._parts[0]}
        early = whole[self._key] < before
        rest = {name: column[~early] for name, column in whole.items()}
        self._parts = [rest] if len(rest[self._key]) else []
        if not early.any():
            return None
        order = np.argsort(whole[self._key][early], kind="stable")
        return {name: column[early][order] for name, column in whole.items()}
