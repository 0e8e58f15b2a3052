"""One odd record costs itself alone: what is kept with a mark and what is left out, by name.

A record without a stage is kept; one without a moment of creation cannot be placed in any period and is left out; one whose facts
contradict each other (``store.validate``) is left out and everything else derived without it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import duckdb

from dash_app.portal.entities import ENTITIES
from dash_app.store.schema import RAW
from dash_app.store.validate import RECORDS

MOST_PART = 0.01
MOST = 20
"""Contradicting records that are left out: so many, or such a part of all. More are no odd ones but a fault of the whole, which
``validate`` stops."""

_TABLES = {"deal": "deals", "lead": "leads"}
_MOMENTS = {table: entity.moment for table, entity in ENTITIES.items() if entity.moment}
"""Raw table -> the column without which a record has no place in time."""


def leave_out(con: duckdb.DuckDBPyConnection, ids: Mapping[str, Collection[int]]) -> None:
    """``contradicting``: cards that derivation passes over. ids: ``deal`` | ``lead`` -> ids."""
    con.execute("CREATE TEMP TABLE contradicting (entity VARCHAR, id BIGINT)")
    for entity, wanted in ids.items():
        for number in sorted(wanted):
            con.execute("INSERT INTO contradicting VALUES (?, ?)", [entity, number])


def contradicting(con: duckdb.DuckDBPyConnection) -> dict[str, set[int]]:
    """Cards that break a rule of ``validate``: ``deal`` | ``lead`` -> ids. Empty where they are too many to be odd ones."""
    found: dict[str, set[int]] = {}
    for entity, sql in RECORDS.values():
        ids = {int(row[0]) for row in con.execute(sql).fetchall() if row[0] is not None}
        if ids:
            found.setdefault(entity, set()).update(ids)
    for entity, ids in list(found.items()):
        total = con.execute(f"SELECT count(*) FROM raw.{_TABLES[entity]}").fetchall()[0][0]
        if len(ids) > max(MOST, int(total * MOST_PART)):
            del found[entity]
    return found


def fill(con: duckdb.DuckDBPyConnection, *, replay: bool) -> None:
    """Fills ``odd``. At an earlier as-of only what had to be left out then: the rest speaks of the present."""
    con.execute(
        "INSERT INTO odd SELECT entity || 's', id, NULL, 'contradicting', false FROM contradicting ORDER BY ALL"
    )
    if replay:
        return
    for table in _TABLES.values():
        con.execute(
            f"INSERT INTO odd SELECT '{table}', id, NULL, 'no_stage', true FROM {table} WHERE stage_id IS NULL ORDER BY id"
        )
    for table, column in _MOMENTS.items():
        con.execute(
            f"""
            INSERT INTO odd
            SELECT '{table}', id, NULL, CASE WHEN {column} IS NULL THEN 'no_date' ELSE 'future' END, false FROM raw.{table}
            WHERE id IS NOT NULL AND ({column} IS NULL OR {column} > (SELECT as_of FROM asked) + INTERVAL 1 DAY) ORDER BY id
            """
        )
    known = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'raw' AND table_name = 'odd_values'"
    ).fetchall()[0][0]
    if known:  # what an older version read has none
        for table in sorted(
            RAW.keys() & {row[0] for row in con.execute("SELECT DISTINCT entity FROM raw.odd_values").fetchall()}
        ):
            there = (
                f"OR id IN (SELECT id FROM raw.{table})" if "id" in RAW[table] else ""
            )  # what was deleted since is not odd any more
            con.execute(
                f"INSERT INTO odd SELECT entity, id, field, why, why <> 'no_id' FROM raw.odd_values WHERE entity = '{table}' AND (id = 0 {there}) ORDER BY ALL"
            )
