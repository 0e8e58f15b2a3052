"""What a refresh brought, counted for people: records that are new, changed or gone against the snapshot before, directories included."""

from __future__ import annotations

import duckdb

from dash_app.portal.entities import COUNTED
from dash_app.store.schema import RAW


def counted(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """``{kind}_new``, ``{kind}_changed``, ``{kind}_deleted`` of the raw database ``con`` against the attached ``previous``; zeros are left out.

    A record has changed when any of its columns has. A column the snapshot before did not have yet is no change.
    """
    found: dict[str, int] = {}
    for name, (read, what) in COUNTED.items():
        known = _columns(con, read.table)
        if not known:
            continue
        key = ", ".join(what.key)
        rows = f"SELECT {key}, hash({', '.join(known)}) AS content FROM {{}}{read.table} WHERE {what.where} AND {what.key[0]} IS NOT NULL"
        # a key twice (a directory told twice) is one record: counted by what is in it
        sql = f"""
            WITH n AS (SELECT {key}, min(content) AS content FROM ({rows.format("")}) GROUP BY ALL),
                 o AS (SELECT {key}, min(content) AS content FROM ({rows.format("previous.")}) GROUP BY ALL)
            SELECT count(*) FILTER (WHERE o.content IS NULL), count(*) FILTER (WHERE n.content <> o.content),
                   count(*) FILTER (WHERE n.content IS NULL)
            FROM n FULL JOIN o USING ({key})
        """
        row = con.execute(sql).fetchone() or (0, 0, 0)
        found |= {f"{name}_{how}": int(number) for how, number in zip(("new", "changed", "deleted"), row, strict=True)}
    return {name: number for name, number in found.items() if number}


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Columns both databases have, in the order of the schema."""
    here = {str(column[0]) for column in con.execute(f"SELECT * FROM {table} LIMIT 0").description or ()}
    try:
        there = {str(column[0]) for column in con.execute(f"SELECT * FROM previous.{table} LIMIT 0").description or ()}
    except duckdb.CatalogException:
        return []
    return [column for column in RAW[table] if column in here & there]
