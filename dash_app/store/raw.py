"""``raw.duckdb`` under construction: pages in, cursors beside them, changes against the snapshot before.

Cursors stay until the next load begins: whatever stops a load after reading, what was read is known to be whole. The tables describe
themselves: a file of another version is brought to this one's columns (``adopt``), and says what has to be read anew.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from dash_app import disk
from dash_app.portal.entities import ENTITIES, TABLES, Entity, Odd
from dash_app.store.changes import counted
from dash_app.store.files import copy_file
from dash_app.store.machine import open_database
from dash_app.store.own_fields import LINKED, OwnField, at, literal
from dash_app.store.schema import RAW, RAW_VERSIONS

_ARROW = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP": pa.timestamp("us"),
    "DATE": pa.date32(),
    "DECIMAL(20,4)": pa.decimal128(20, 4),
    "DECIMAL(20,8)": pa.decimal128(20, 8),
    "VARCHAR[]": pa.list_(pa.string()),
    "BIGINT[]": pa.list_(pa.int64()),
}
_SCHEMAS = {
    table: pa.schema([(name, _ARROW[kind]) for name, kind in columns.items()]) for table, columns in RAW.items()
}

TRACKED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    table.table: (table.record.id, table.tracked)
    for table in TABLES.values()
    if isinstance(table, Entity) and table.record is not None and table.tracked
}
"""Fields the portal keeps no past of (metrics.md section 11): table -> (entity, fields)."""


def unreadable(database: str, table: str, record: str, column: str) -> str:
    """SQL: whether the value of a column of a record could not be read. ``database``: of the raw tables; ``record``: SQL of its id."""
    name = next(f.name for f in ENTITIES[table].fields if f.column == column)
    return f"EXISTS (SELECT 1 FROM {database}.odd_values v WHERE v.entity = '{table}' AND v.id = {record} AND v.field = '{name}' AND v.why = 'unreadable')"


@dataclass(frozen=True, slots=True)
class LastKnown:
    """What was known before a load: the raw data of the snapshot before, or (``stored``) the observations (``store.observed``)."""

    path: Path
    stored: bool


def _each_once(page: pa.Table) -> pa.Table:
    """The last row of every id: a record that moved between two pages of one answer comes twice."""
    if "id" not in page.column_names:
        return page
    ids = page.column("id").to_pylist()
    last = {number: row for row, number in enumerate(ids)}
    return page if len(last) == len(ids) else page.take(pa.array(sorted(last.values()), pa.int64()))


def _int32(values: Sequence[Any]) -> list[Any]:
    return [v if v is None or -(2**31) <= v < 2**31 else None for v in values]


def _shape(table: str, columns: Mapping[str, str], version: int | None = None) -> str:
    """What tells two versions of a table apart."""
    return orjson.dumps([version or RAW_VERSIONS.get(table, 1), sorted(columns.items())]).decode()


def adopt(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Brings the raw tables of a connection to this version: missing columns are added, empty; removed ones go; retyped ones are emptied.

    Returns the portal's lists that have to be read whole, because their rows were read by another version; they stay
    so until ``RawDatabase.read_whole``.
    """
    found = _columns(con)
    if "shapes" not in found:
        con.execute("CREATE TABLE shapes (name VARCHAR, shape VARCHAR)")
        for table in RAW_VERSIONS:
            con.execute(
                "INSERT INTO shapes VALUES (?, ?)",
                [table, _shape(table, found.get(table, RAW[table]), 1 if table in found else None)],
            )
    for table, columns in RAW.items():
        there = found.get(table)
        if there is None:
            con.execute(f"CREATE TABLE {table} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
            continue
        changed = [c for c, kind in there.items() if columns.get(c) != kind]
        for column, kind in columns.items():
            if column not in there or column in changed:
                con.execute(f"ALTER TABLE {table} ADD COLUMN {'adopted_' if column in changed else ''}{column} {kind}")
        for column in changed:
            con.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
            if column in columns:
                con.execute(f"ALTER TABLE {table} RENAME COLUMN adopted_{column} TO {column}")
        if "id" in changed:
            con.execute(f"DELETE FROM {table}")
    con.execute("CREATE TABLE IF NOT EXISTS cursors (name VARCHAR, last_id BIGINT, rows BIGINT, done BOOLEAN)")
    con.execute("CREATE TABLE IF NOT EXISTS fresh (name VARCHAR, id BIGINT)")  # what a load saw for the first time
    known = dict(con.execute("SELECT name, shape FROM shapes").fetchall())
    return {table for table in RAW_VERSIONS if known.get(table) != _shape(table, RAW[table])}


def _columns(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = current_database() AND NOT internal"
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def adopt_file(path: Path) -> None:
    """``adopt`` of a file nobody writes; what has to be read anew stays marked for the next load. Where readers share the file it is copied."""
    con = open_database(path, "loading", read_only=True)
    try:
        there = _columns(con)
    finally:
        con.close()
    if all(there.get(table) == columns for table, columns in RAW.items()):
        return
    own = path.with_suffix(".adopted")
    copy_file(path, own)
    con = open_database(own, "loading")
    try:
        adopt(con)
        con.execute("CHECKPOINT")
    finally:
        con.close()
    os.replace(own, path)


def is_sound(file: Path) -> bool:
    """Whether every block of a database can be read."""
    try:
        con = open_database(file, "loading", read_only=True)
        try:
            tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
            for (table,) in tables:
                con.execute(f'SELECT bit_xor(hash(t)) FROM "{table}" t').fetchone()
        finally:
            con.close()
    except duckdb.Error as error:
        return not isinstance(disk.foreseen(error), disk.Damaged)
    return True


def forget_future(con: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Moments that a wrong clock wrote down: checks of cards are made again, changes seen count as seen ``now`` (naive UTC)."""
    con.execute("DELETE FROM card_checks WHERE checked_at > CAST($now AS TIMESTAMP) + INTERVAL 1 HOUR", {"now": now})
    con.execute(
        "UPDATE change_log SET seen_at = CAST($now AS TIMESTAMP) WHERE seen_at > CAST($now AS TIMESTAMP) + INTERVAL 1 HOUR",
        {"now": now},
    )


class RawDatabase:
    """A raw database being written by one thread. Every page and its cursor are committed together.

    ``stale``: portal lists whose rows were read by another version (``adopt``).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._con = open_database(path, "loading", spill=path.with_suffix(".spill"))
        self._con.execute("SET preserve_insertion_order = false")
        try:
            self.stale = adopt(self._con)
        except BaseException:
            self._con.close()
            raise

    def close(self) -> None:
        """Checkpoints and closes."""
        self._con.execute("CHECKPOINT")
        self._con.close()
        pa.default_memory_pool().release_unused()  # the derivation that follows needs it more

    def abandon(self) -> None:
        """Closes as it is: what was committed stays."""
        self._con.close()

    def _arrow(self, table: str, columns: Mapping[str, Sequence[Any]]) -> pa.Table:
        schema = _SCHEMAS[table]
        arrays = []
        for column in schema:
            values = columns[column.name]
            if column.type == pa.int32():
                values = _int32(values)
            arrays.append(pa.array(values, column.type))
        return pa.Table.from_arrays(arrays, schema=schema)

    def append(
        self,
        table: str,
        columns: Mapping[str, Sequence[Any]],
        cursor: tuple[str, int] | None = None,
        *,
        upsert: bool = False,
    ) -> int:
        """Adds typed rows, each id once; with ``upsert`` those of the same id are replaced, with ``cursor`` those at or below the
        last one are there already. Returns the number of rows given."""
        page = _each_once(self._arrow(table, columns))
        new = "" if cursor is None else f" WHERE id > {self.cursor(cursor[0])[0]}"
        self._con.execute("BEGIN")
        try:
            self._con.register("page", page)
            if upsert:
                self._con.execute(f"DELETE FROM {table} WHERE id IN (SELECT id FROM page)")
            self._con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM page{new}")
            if cursor is not None:
                self._con.execute("DELETE FROM cursors WHERE name = ?", [cursor[0]])
                total = self.count(table)
                self._con.execute("INSERT INTO cursors VALUES (?, ?, ?, false)", [cursor[0], cursor[1], total])
            self._con.execute("COMMIT")
        except BaseException:
            self._con.execute("ROLLBACK")
            raise
        finally:
            self._con.unregister("page")
        return int(page.num_rows)

    def replace(self, table: str, columns: Mapping[str, Sequence[Any]], where: str = "true") -> int:
        """Puts a directory in place of what was there."""
        page = self._arrow(table, columns)
        self._con.execute("BEGIN")
        try:
            self._con.execute(f"DELETE FROM {table} WHERE {where}")
            self._con.register("page", page)
            self._con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM page")
            self._con.unregister("page")
            self._con.execute("COMMIT")
        except BaseException:
            self._con.execute("ROLLBACK")
            raise
        return int(page.num_rows)

    def cursor(self, name: str) -> tuple[int, bool]:
        """(last id read, whether the entity is whole) of an interrupted load."""
        row = self._con.execute("SELECT last_id, done FROM cursors WHERE name = ?", [name]).fetchone()
        return (int(row[0]), bool(row[1])) if row else (0, False)

    def finish(self, name: str) -> None:
        """Marks an entity as whole."""
        last, _ = self.cursor(name)
        self._con.execute("DELETE FROM cursors WHERE name = ?", [name])
        self._con.execute("INSERT INTO cursors VALUES (?, ?, 0, true)", [name, last])

    def begin(self) -> None:
        """A load begins on what an earlier one published."""
        self._con.execute("DELETE FROM cursors")
        self._con.execute("DELETE FROM fresh")

    def read_whole(self, table: str) -> None:
        """A list was read anew, every row of it: nothing of another version is left."""
        self.stale.discard(table)
        self._con.execute("UPDATE shapes SET shape = ? WHERE name = ?", [_shape(table, RAW[table]), table])

    def count(self, table: str) -> int:
        """Rows of a table."""
        row = self._con.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0

    def without_id(self, table: str) -> int:
        """Rows of a list that came without an id and are not in the table."""
        row = self._con.execute(
            "SELECT count(*) FROM odd_values WHERE entity = ? AND why = 'no_id'", [table]
        ).fetchone()
        return int(row[0]) if row else 0

    def max_id(self, table: str) -> int:
        """The highest id of a table, 0 if empty."""
        row = self._con.execute(f"SELECT max(id) FROM {table}").fetchone()
        return int(row[0] or 0) if row else 0

    def compare_ids(self, table: str, chunks: Iterable[Sequence[int]]) -> tuple[int, list[int]]:
        """Deletes rows whose id the portal no longer has; returns (deleted, ids the portal has and we do not)."""
        self._con.execute("CREATE OR REPLACE TEMP TABLE alive (id BIGINT)")
        for chunk in chunks:
            self._con.register("page", pa.table({"id": pa.array(chunk, pa.int64())}))
            self._con.execute("INSERT INTO alive SELECT id FROM page")
            self._con.unregister("page")
        missing = self._con.execute(
            f"SELECT id FROM alive WHERE id NOT IN (SELECT id FROM {table}) ORDER BY id"
        ).fetchall()
        before = self.count(table)
        self._con.execute(f"DELETE FROM {table} WHERE id NOT IN (SELECT id FROM alive)")
        self._con.execute("DROP TABLE alive")
        return before - self.count(table), [int(r[0]) for r in missing]

    def drop_orphans(self) -> None:
        """History of records that are no more goes with them, as it does in the portal."""
        self._con.execute("DELETE FROM deal_history WHERE owner_id NOT IN (SELECT id FROM deals)")
        self._con.execute("DELETE FROM lead_history WHERE owner_id NOT IN (SELECT id FROM leads)")

    def drop_unbound(self) -> None:
        """What was bound to a card and is no more. Only where the activities have been read."""
        self._con.execute("DELETE FROM bound_activities WHERE activity_id NOT IN (SELECT id FROM activities)")

    def unknown_people(self, most: int = 500) -> list[int]:
        """Responsible persons the list of users left out."""
        rows = self._con.execute(
            """
            SELECT DISTINCT id FROM (
                SELECT assigned_by_id AS id FROM deals UNION ALL SELECT assigned_by_id FROM leads
                UNION ALL SELECT responsible_id FROM activities UNION ALL SELECT responsible_id FROM tasks
            ) WHERE id IS NOT NULL AND id NOT IN (SELECT id FROM users WHERE id IS NOT NULL) ORDER BY id LIMIT ?
            """,
            [most],
        ).fetchall()
        return [int(r[0]) for r in rows]

    def unnamed(self, prefix: str, table: str, most: int) -> list[int]:
        """Ids of contacts (``C``) or companies (``CO``) that links of own fields lead to and ``table`` knows no name of. Names no link
        leads to any more are forgotten."""
        links = []
        for entity, name, settings in self._con.execute(
            "SELECT entity, field, settings FROM user_fields WHERE type = 'crm' AND field IS NOT NULL"
        ).fetchall():
            field = OwnField.of(name, "crm", several=True, settings=settings)
            value = field.expression(f"json_extract(uf, {at(name)})")
            cards = f"SELECT uf FROM {entity}s WHERE json_valid(uf) AND contains(uf, {literal(name)})"
            links.append(f"SELECT unnest({value}) AS link FROM ({cards})")
        if not links:
            self._con.execute(f"DELETE FROM {table}")
            return []
        self._con.execute(f"CREATE OR REPLACE TEMP MACRO linked(x, prefix) AS {LINKED}")
        self._con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE wanted AS
            SELECT DISTINCT TRY_CAST(substr(link, {len(prefix) + 2}) AS BIGINT) AS id FROM ({" UNION ALL ".join(links)})
            WHERE starts_with(link, '{prefix}_') AND id IS NOT NULL
            """
        )
        self._con.execute(f"DELETE FROM {table} WHERE id NOT IN (SELECT id FROM wanted)")
        rows = self._con.execute(
            f"SELECT id FROM wanted WHERE id NOT IN (SELECT id FROM {table}) ORDER BY id DESC LIMIT {int(most)}"
        ).fetchall()
        self._con.execute("DROP TABLE wanted")
        return [int(r[0]) for r in rows]

    def silent_cards(
        self, owner_type_id: int, now: datetime, before: datetime, stale: datetime, most: int
    ) -> tuple[list[int], int]:
        """(ids, how many silent ones more there are) of open cards nobody has asked about since ``stale``: those nothing known has touched
        since ``before``, then those silent for a day (N of a report may be less) or without an open activity; never asked first, then the dearest."""
        table, extra = {2: ("deals", "AND NOT coalesce(c.is_recurring, false)"), 1: ("leads", "")}[owner_type_id]
        rows = self._con.execute(
            f"""
            WITH touched AS (
                SELECT owner_id, max(greatest(created, CASE WHEN completed THEN last_updated END)) AS touched_at,
                       bool_or(NOT coalesce(completed, false)) AS planned
                FROM activities WHERE owner_type_id = $kind GROUP BY 1
            ), asked AS (
            SELECT c.id, k.checked_at, c.opportunity, coalesce(a.planned, false) AS planned,
                   greatest(c.date_create, c.moved_time, c.last_activity_time, c.last_communication_time, a.touched_at) AS touched_at
            FROM {table} c
            LEFT JOIN touched a ON a.owner_id = c.id
            LEFT JOIN card_checks k ON k.owner_type_id = $kind AND k.owner_id = c.id
            WHERE coalesce(c.semantic, 'P') NOT IN ('S', 'F') {extra}
              AND (k.checked_at IS NULL OR k.checked_at <= CAST($stale AS TIMESTAMP))
            )
            SELECT id, touched_at <= CAST($before AS TIMESTAMP) AS silent FROM asked
            WHERE silent OR NOT planned OR touched_at <= CAST($now AS TIMESTAMP) - INTERVAL 1 DAY
            ORDER BY silent DESC, checked_at NULLS FIRST, opportunity DESC NULLS LAST, id
            """,
            {"kind": owner_type_id, "before": before, "stale": stale, "now": now},
        ).fetchall()
        return [int(r[0]) for r in rows[:most]], sum(bool(silent) for _, silent in rows[most:])

    def forget_nameless(self, table: str) -> None:
        """Rows of a list that said no id have come with one."""
        self._con.execute("DELETE FROM odd_values WHERE entity = ? AND why = 'no_id'", [table])

    def odd_records(self, table: str, most: int) -> list[int]:
        """Ids of records of a list with values that could not be read, the latest first."""
        rows = self._con.execute(
            f"SELECT DISTINCT id FROM odd_values WHERE entity = ? AND why = 'unreadable' AND id IN (SELECT id FROM {table}) "
            "ORDER BY id DESC LIMIT ?",
            [table, most],
        ).fetchall()
        return [int(r[0]) for r in rows]

    def keep_odd(self, table: str, ids: Sequence[int] | None, odd: Sequence[Odd], *, again: bool = False) -> None:
        """What is odd about the rows of a page, in place of what was known of them. ids: theirs; None: of the whole table.

        again: the page may have been read before, so that records without an id are not to be counted twice.
        """
        old = "true" if ids is None else "id IN (SELECT unnest(?::BIGINT[]))"
        self._con.execute(
            f"DELETE FROM odd_values WHERE entity = ? AND {old}", [table] if ids is None else [table, list(ids)]
        )
        if again and any(why == "no_id" for _, _, why in odd):
            self._con.execute("DELETE FROM odd_values WHERE entity = ? AND why = 'no_id'", [table])
        if odd:
            page = pa.table(
                {
                    "entity": pa.array([table] * len(odd), pa.string()),
                    "id": pa.array([number for number, _, _ in odd], pa.int64()),
                    "field": pa.array([field for _, field, _ in odd], pa.string()),
                    "why": pa.array([why for _, _, why in odd], pa.string()),
                }
            )
            self._con.register("strange", page)
            self._con.execute("INSERT INTO odd_values SELECT entity, id, field, why FROM strange")
            self._con.unregister("strange")

    def keep_checks(
        self,
        owner_type_id: int,
        at: datetime,
        bound: Mapping[int, Sequence[int]],
        commented: Mapping[int, datetime | None],
    ) -> None:
        """What asking cards by themselves brought: card id -> ids of activities bound to it; card id -> its latest comment, None without any.

        A card that is in one of them alone keeps what was known of the other, and is not taken for asked.
        """
        cards = sorted(bound.keys() | commented.keys())
        pairs = [(activity, card) for card, activities in bound.items() for activity in activities]
        self._con.execute("BEGIN")
        try:
            self._con.register(
                "page",
                pa.table(
                    {
                        "id": pa.array(cards, pa.int64()),
                        "commented_at": pa.array([commented.get(c) for c in cards], pa.timestamp("us")),
                        "bound": pa.array([c in bound for c in cards], pa.bool_()),
                        "told": pa.array([c in commented for c in cards], pa.bool_()),
                    }
                ),
            )
            self._con.execute(
                f"DELETE FROM bound_activities WHERE owner_type_id = {int(owner_type_id)} AND owner_id IN (SELECT id FROM page WHERE bound)"
            )
            self._con.execute(
                """
                CREATE OR REPLACE TEMP TABLE checked AS
                SELECT p.id, CASE WHEN p.bound AND p.told THEN CAST($at AS TIMESTAMP) ELSE k.checked_at END AS checked_at,
                       CASE WHEN p.told THEN p.commented_at ELSE k.commented_at END AS commented_at
                FROM page p LEFT JOIN card_checks k ON k.owner_type_id = $kind AND k.owner_id = p.id
                """,
                {"kind": owner_type_id, "at": at},
            )
            self._con.execute(
                f"DELETE FROM card_checks WHERE owner_type_id = {int(owner_type_id)} AND owner_id IN (SELECT id FROM page)"
            )
            self._con.execute(
                "INSERT INTO card_checks SELECT $kind, id, checked_at, commented_at FROM checked",
                {"kind": owner_type_id},
            )
            self._con.unregister("page")
            self._con.register(
                "page",
                pa.table(
                    {
                        "activity": pa.array([p[0] for p in pairs], pa.int64()),
                        "card": pa.array([p[1] for p in pairs], pa.int64()),
                    }
                ),
            )
            self._con.execute(
                "INSERT INTO bound_activities SELECT activity, $kind, card FROM page", {"kind": owner_type_id}
            )
            self._con.execute("COMMIT")
        except BaseException:
            self._con.execute("ROLLBACK")
            raise
        finally:
            self._con.unregister("page")

    @contextlib.contextmanager
    def _attached(self, known: LastKnown) -> Iterator[None]:
        """What was known before as the database ``previous``."""
        self._con.execute(f"ATTACH '{str(known.path).replace(chr(39), chr(39) * 2)}' AS previous (READ_ONLY)")
        try:
            yield
        finally:
            self._con.execute("DETACH previous")

    def take_checks(self, known: LastKnown) -> None:
        """Checks of silent cards known before, of cards this database has none of."""
        with self._attached(known):
            last = "QUALIFY row_number() OVER (PARTITION BY owner_type_id, owner_id ORDER BY n DESC) = 1"
            self._con.execute(
                f"""
                CREATE OR REPLACE TEMP TABLE taken AS
                SELECT owner_type_id, owner_id, checked_at, commented_at FROM previous.card_checks o
                WHERE NOT EXISTS (SELECT 1 FROM card_checks k WHERE k.owner_type_id = o.owner_type_id AND k.owner_id = o.owner_id)
                {last if known.stored else ""}
                """
            )
            self._con.execute(
                """
                INSERT INTO bound_activities BY NAME
                SELECT DISTINCT activity_id, owner_type_id, owner_id FROM previous.bound_activities o
                WHERE EXISTS (SELECT 1 FROM taken t WHERE t.owner_type_id = o.owner_type_id AND t.owner_id = o.owner_id)
                  AND NOT EXISTS (SELECT 1 FROM main.bound_activities k WHERE k.owner_type_id = o.owner_type_id AND k.owner_id = o.owner_id)
                """
            )
            self._con.execute("INSERT INTO card_checks BY NAME SELECT * FROM taken")
            self._con.execute("DROP TABLE taken")

    def keep_history(self, known: LastKnown) -> None:
        """Stage rows once seen of records that live: the portal tells only the present pipeline of a deal that was moved."""
        with self._attached(known):
            for table, owner in (("deal_history", "deals"), ("lead_history", "leads")):
                there = self._previous_columns(table)
                columns = ", ".join(c for c, kind in RAW[table].items() if there.get(c) == kind)
                self._con.execute(
                    f"""
                    INSERT INTO {table} BY NAME SELECT {columns} FROM previous.{table} o
                    WHERE o.owner_id IN (SELECT id FROM {owner}) AND NOT EXISTS (SELECT 1 FROM main.{table} n WHERE n.id = o.id)
                    """
                )

    def short_histories(self) -> int:
        """Deals whose stage history does not begin at their creation."""
        row = self._con.execute(
            """
            SELECT count(*) FROM deals d LEFT JOIN (SELECT owner_id, min(created_time) AS t FROM deal_history GROUP BY 1) h ON h.owner_id = d.id
            WHERE NOT coalesce(d.is_recurring, false) AND (h.t IS NULL OR h.t > d.date_create + INTERVAL 1 MINUTE)
            """
        ).fetchone()
        return int(row[0]) if row else 0

    def count_changes(self, previous: Path) -> dict[str, int]:
        """What is new, changed and gone against the raw data of the snapshot before, for people."""
        with self._attached(LastKnown(previous, stored=False)):
            return counted(self._con)

    def log_changes(self, known: LastKnown, seen_at: datetime) -> None:
        """Writes what changed against what was known before to the change log, and what is new or differs to ``fresh``. What could not be read
        has not changed, nor what could not be read before.

        The log known before is carried over when this database was read from scratch.
        """
        with self._attached(known):
            self._con.execute("DELETE FROM fresh")
            self._con.execute("DELETE FROM change_log")
            self._con.execute(
                f"INSERT INTO change_log BY NAME SELECT {', '.join(RAW['change_log'])} FROM previous.change_log"
            )
            odd_before = not known.stored and bool(self._previous_columns("odd_values"))
            for table, (entity, tracked) in TRACKED.items():
                fields = self._known_before(table, tracked, known)
                before = f"previous.{table}"
                if known.stored:
                    before = "before"
                    self._con.execute(
                        f"CREATE OR REPLACE TEMP TABLE before AS SELECT * FROM previous.seen_{table} QUALIFY row_number() OVER (PARTITION BY id ORDER BY n DESC) = 1"
                    )
                differs = " OR ".join(f"n.{f} IS DISTINCT FROM o.{f}" for f in fields) or "false"
                self._con.execute(
                    f"INSERT INTO fresh SELECT '{table}', n.id FROM {table} n LEFT JOIN {before} o ON o.id = n.id WHERE o.id IS NULL OR {differs}"
                )
                pairs = f"FROM {table} n JOIN {before} o ON o.id = n.id WHERE n.id IN (SELECT id FROM fresh WHERE name = '{table}')"
                for f in fields:
                    guessed = unreadable("main", table, "n.id", f)
                    if odd_before:
                        guessed += f" OR {unreadable('previous', table, 'n.id', f)}"
                    self._con.execute(
                        f"""
                        INSERT INTO change_log (entity, id, field, old, new, seen_at)
                        SELECT '{entity}', n.id, '{f}', CAST(o.{f} AS VARCHAR), CAST(n.{f} AS VARCHAR), CAST($seen AS TIMESTAMP)
                        {pairs} AND n.{f} IS DISTINCT FROM o.{f} AND NOT ({guessed})
                        """,
                        {"seen": seen_at},
                    )
            for table in ("deal_history", "lead_history"):
                self._con.execute(
                    f"INSERT INTO fresh SELECT '{table}', id FROM {table} n WHERE NOT EXISTS (SELECT 1 FROM previous.{table} o WHERE o.id = n.id)"
                )
            self._con.execute("DROP TABLE IF EXISTS before")

    def _previous_columns(self, table: str) -> dict[str, str]:
        return dict(
            self._con.execute(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'previous' AND table_name = ?",
                [table],
            ).fetchall()
        )

    def _known_before(self, table: str, fields: Sequence[str], known: LastKnown) -> list[str]:
        """Fields known before in the same type and meaning: of a new one nobody knows what it was."""
        version = RAW_VERSIONS.get(table, 1)
        there = self._previous_columns(f"seen_{table}" if known.stored else table)
        with contextlib.suppress(duckdb.CatalogException):  # of a version without shapes: its columns are what it read
            row = self._con.execute("SELECT shape FROM previous.shapes WHERE name = ?", [table]).fetchone()
            if row is not None:
                read, columns = orjson.loads(row[0])
                there = dict(columns) if read == version else {}
        return [f for f in fields if there.get(f) == RAW[table][f]]

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query. duckdb.Error as it is."""
        return self._con.execute(sql).fetchall()

    def newest(self) -> datetime | None:
        """About the latest moment cards tell, naive UTC: a few that lie in the future do not decide."""
        row = self._con.execute(
            "SELECT quantile_disc(moment, 0.95) FROM (SELECT coalesce(date_modify, date_create) AS moment FROM deals "
            "UNION ALL SELECT coalesce(date_modify, date_create) FROM leads) WHERE moment IS NOT NULL"
        ).fetchone()
        return row[0] if row else None

    def latest_changes(self, most: int = 100) -> list[datetime]:
        """When cards were changed last, by the portal's own stamp, naive UTC: the latest first."""
        rows = self._con.execute(
            "SELECT date_modify FROM (SELECT date_modify FROM deals UNION ALL SELECT date_modify FROM leads) "
            "WHERE date_modify IS NOT NULL ORDER BY date_modify DESC LIMIT ?",
            [most],
        ).fetchall()
        return [row[0] for row in rows]

    def forget_future(self, now: datetime) -> None:
        """Moments that a wrong clock wrote down: see the function of this name."""
        forget_future(self._con, now)

    def counts(self) -> dict[str, int]:
        """Table -> number of its rows, of every raw table."""
        return {table: self.count(table) for table in RAW}

    def portal_row(self, **values: Any) -> None:
        """What the portal said of itself: values of columns of ``portal``, in place of what was there."""
        self._con.execute("DELETE FROM portal")
        names = ", ".join(values)
        self._con.execute(
            f"INSERT INTO portal ({names}) VALUES ({', '.join('?' * len(values))})", list(values.values())
        )
