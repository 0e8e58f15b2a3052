"""Two snapshots row by row."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb

from dash_app.store.snapshots import Snapshot

_MADE_WHILE_READING = frozenset({"cursors", "fresh", "shapes"})
"""Tables of a raw database that say how it was read, not what."""


def differences(
    one: Snapshot,
    other: Snapshot,
    raw: Collection[str] | None = None,
    facts: Collection[str] | None = None,
    more: Collection[str] = (),
) -> list[str]:
    """A line for every table whose rows are not the same in both, with a few of those that are in one alone. ``raw``, ``facts``: these tables
    only; None: all. ``more``: raw tables of which ``one`` may know rows the other does not."""
    return [
        *_of_files("raw", one.raw_path, other.raw_path, raw, more),
        *_of_files("facts", one.facts_path, other.facts_path, facts),
    ]


def _of_files(name: str, one: Path, other: Path, only: Collection[str] | None, more: Collection[str] = ()) -> list[str]:
    con = duckdb.connect(config={"threads": 1, "memory_limit": "300MB"})
    try:
        con.execute(f"ATTACH '{one}' AS one (READ_ONLY)")
        con.execute(f"ATTACH '{other}' AS other (READ_ONLY)")
        tables = [_columns(con, database) for database in ("one", "other")]
        found = []
        if tables[0] != tables[1]:
            found.append(f"{name}: not the same tables or columns")
        for table in sorted(tables[0].keys() & tables[1].keys() - _MADE_WHILE_READING):
            if only is None or table in only:
                found += _of_table(con, name, table, tables[0][table], more=table in more)
        return found
    finally:
        con.close()


def _columns(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = ? AND NOT internal ORDER BY ALL",
        [database],
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def _of_table(
    con: duckdb.DuckDBPyConnection, name: str, table: str, columns: dict[str, str], *, more: bool
) -> list[str]:
    # sums of doubles depend on the order of adding: the last digits are nobody's
    chosen = ", ".join(
        f'CASE WHEN "{c}" = 0 THEN 0 ELSE round("{c}", 8 - floor(log10(abs("{c}")))::INTEGER) END' + f' AS "{c}"'
        if kind == "DOUBLE"
        else f'"{c}"'
        for c, kind in columns.items()
    )
    alone = []
    for here, there in (("one", "other"), ("other", "one")):
        rows = con.execute(
            f'SELECT {chosen} FROM {here}."{table}" EXCEPT ALL SELECT {chosen} FROM {there}."{table}" ORDER BY ALL'
        ).fetchall()
        alone.append([dict(zip(columns, row, strict=True)) for row in rows])
    if not alone[1] and (more or not alone[0]):
        return []
    return [
        f"{name}.{table}: {len(alone[0])} rows are in one alone, {len(alone[1])} in the other: {_example(*alone)[:300]}"
    ]


def _example(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> str:
    """A row that is in both and differs, by its columns; else a row that is in one alone."""
    if one and other and "id" in one[0]:
        by_id = {row["id"]: row for row in other}
        for row in one:
            if twin := by_id.get(row["id"]):
                differs = {c: (str(v), str(twin[c])) for c, v in row.items() if v != twin[c]}
                return f"id {row['id']}: {differs}"
    return str({k: str(v) for k, v in (one or other)[0].items()})
