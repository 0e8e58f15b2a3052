"""What the portal cannot tell again, kept beside the workspace in ``history.duckdb`` and only ever added to.

The change log, stage rows once seen, checks of silent cards, and the last known values of what the change log watches: with these, ``snapshots/`` can
be deleted at any time, and the next load replays the past as before. A snapshot holds the same, so that facts stay a function of it; this
file is what snapshots are made from when the last one is gone, or is not the last that was observed.

Order of a refresh: what it saw is added here, in one transaction, before its snapshot is published. A kill in between leaves observations whose snapshot
nobody published – true ones: the next load compares with them (``LastKnown``), so that nothing is lost and nothing logged twice. Every load and
everything it added bears the same number; adding a load again does nothing.

DuckDB, because everything here is compared and copied set by set with the raw database beside it (a million deals: seconds, where rows through
Python would take minutes), and because a transaction is on disk or not there: added rows go to its log, then to new blocks; nothing is rewritten.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import portalocker

from dash_app import disk
from dash_app.errors import UserError
from dash_app.store.files import copy_file, set_aside, sync_folder
from dash_app.store.machine import open_database
from dash_app.store.paths import PortalPaths
from dash_app.store.raw import TRACKED, LastKnown, forget_future, is_sound, unreadable
from dash_app.store.schema import RAW
from dash_app.store.snapshots import Snapshot
from dash_app.text import Text

_FORMAT = 1
_LOGS: Mapping[str, tuple[str, ...]] = {
    "deal_history": ("id",),
    "lead_history": ("id",),
    "change_log": ("entity", "id", "field", "old", "new", "seen_at"),
    "card_checks": ("owner_type_id", "owner_id", "checked_at", "commented_at"),
    "bound_activities": ("activity_id", "owner_type_id", "owner_id"),
}
"""Raw tables kept here row by row -> what tells two rows apart."""
_SEEN = {
    f"seen_{table}": {"id": "BIGINT", **{f: RAW[table][f] for f in fields}} for table, (_, fields) in TRACKED.items()
}
_TABLES = {**{table: RAW[table] for table in _LOGS}, **_SEEN}


class NewerHistory(UserError):
    """The file was written by a newer version."""


@dataclass(frozen=True, slots=True)
class Observed:
    """The observations of one company behind a portal's address (``store.companies``). One writer at a time: whoever holds the refresh lock."""

    paths: PortalPaths
    company: str = ""

    @property
    def path(self) -> Path:
        """The database."""
        first = self.paths.history
        return first.with_name(f"{first.stem}~{self.company}{first.suffix}") if self.company else first

    # -- what is there ---------------------------------------------------------------------------------------------

    def known(self, previous: Snapshot | None) -> LastKnown | None:
        """What the next load compares with; None before the first.

        The raw data of the snapshot before, if that is the last load observed and nothing else was added since; else what is here.
        """
        if not self.path.exists():
            return None
        with self._open() as con:
            last = con.execute("SELECT snapshot, whole FROM loads ORDER BY n DESC LIMIT 1").fetchone()
        if last is None:
            return None
        if previous is not None and last == (previous.id, True) and previous.raw_path.exists():
            return LastKnown(previous.raw_path, stored=False)
        return LastKnown(self.path, stored=True)

    def loads(self) -> list[str]:
        """Ids of the snapshots whose observations are here, in order."""
        if not self.path.exists():
            return []
        with self._open() as con:
            return [row[0] for row in con.execute("SELECT snapshot FROM loads ORDER BY n").fetchall()]

    # -- adding ----------------------------------------------------------------------------------------------------

    def add(self, raw_path: Path, snapshot: str, as_of: datetime, known: LastKnown | None) -> None:
        """Adds what a load saw: what ``RawDatabase.log_changes`` found to differ from ``known``, everything without one."""
        self._add(raw_path, snapshot, as_of, fresh=known is not None, whole=True)

    def renamed(self, old: str, new: str) -> None:
        """The same raw data under another snapshot's id (facts derived anew)."""
        if not self.path.exists():
            return
        with self._open() as con:
            con.execute(
                "INSERT INTO loads SELECT n + 1, ?, as_of, whole FROM loads WHERE n = (SELECT max(n) FROM loads) AND snapshot = ?",
                [new, old],
            )

    def catch_up(self, snapshots: list[Snapshot]) -> bool:
        """Adds snapshots that are not here, the oldest first: those of versions that kept no history, of a restored backup, of a lost file.

        A damaged file is put aside and made anew of the snapshots, which hold the same; True then. UserError where there is nothing to make it of.
        """
        try:
            self._add_missing(snapshots, self.loads())
        except duckdb.Error as error:
            found = disk.foreseen(error)
            if isinstance(found, disk.Locked | disk.ReadOnly | disk.NoRoom):
                raise found from error
            if self.is_sound():
                raise
            self.begin_anew(snapshots)
            return True
        return False

    def is_sound(self) -> bool:
        """Whether all of it can be read."""
        return not self.path.exists() or is_sound(self.path)

    def begin_anew(self, snapshots: list[Snapshot]) -> None:
        """Puts a damaged file aside and makes another one of the snapshots; FileTrouble where there is nothing to make it of."""
        if not any(is_sound(snapshot.raw_path) for snapshot in snapshots):
            raise disk.damaged(self.path)
        self.set_aside("damaged")
        self._add_missing(snapshots, [])

    def _add_missing(self, snapshots: list[Snapshot], here: list[str]) -> None:
        missing = sorted((s for s in snapshots if s.id not in here), key=lambda s: (s.manifest.created, s.id))
        for number, snapshot in enumerate(missing):
            alone = not here and len(missing) == 1
            try:
                self._add(
                    snapshot.raw_path, snapshot.id, snapshot.manifest.moment, fresh=False, whole=alone and number == 0
                )
            except duckdb.Error:
                if is_sound(snapshot.raw_path):
                    raise  # a damaged snapshot tells nothing

    def set_aside(self, why: str) -> Path:
        """Renames the file: what follows begins anew, nothing is deleted. ``why``: damaged or replaced."""
        return set_aside(self.path, why, ".wal")

    def _add(self, raw_path: Path, snapshot: str, as_of: datetime, *, fresh: bool, whole: bool) -> None:
        with self._open() as con:
            if con.execute("SELECT 1 FROM loads WHERE snapshot = ?", [snapshot]).fetchone():
                return
            con.execute(f"ATTACH '{_literal(raw_path)}' AS raw (READ_ONLY)")
            con.execute("BEGIN")
            try:
                row = con.execute("SELECT coalesce(max(n), 0) + 1 FROM loads").fetchone()
                number = int(row[0]) if row else 1
                for table in _LOGS:
                    self._add_rows(con, table, number, fresh=fresh, as_of=as_of)
                for table in TRACKED:
                    self._add_seen(con, table, number, fresh=fresh)
                con.execute("INSERT INTO loads VALUES (?, ?, ?, ?)", [number, snapshot, as_of, whole])
                con.execute("COMMIT")
            except BaseException:
                con.execute("ROLLBACK")
                raise
            con.execute("DETACH raw")

    @staticmethod
    def _add_rows(con: duckdb.DuckDBPyConnection, table: str, number: int, *, fresh: bool, as_of: datetime) -> None:
        """Rows of the raw table that are not here."""
        columns = _common(con, table, RAW[table])
        key = _LOGS[table]
        if not set(key) <= set(columns):
            return
        chosen, bound = "true", {"n": number}
        if fresh and key == ("id",):
            chosen = f"id IN (SELECT id FROM raw.fresh WHERE name = '{table}')"
        elif fresh and table == "change_log":
            chosen = "seen_at >= CAST($as_of AS TIMESTAMP)"
            bound["as_of"] = as_of  # type: ignore[assignment]
        same = " AND ".join(f"o.{k} IS NOT DISTINCT FROM r.{k}" for k in key)
        con.execute(
            f"""
            INSERT INTO {table} BY NAME
            SELECT DISTINCT ON ({", ".join(key)}) {", ".join(columns)}, CAST($n AS BIGINT) AS n
            FROM raw.{table} r WHERE {chosen} AND NOT EXISTS (SELECT 1 FROM main.{table} o WHERE {same})
            """,
            bound,
        )

    @staticmethod
    def _add_seen(con: duckdb.DuckDBPyConnection, table: str, number: int, *, fresh: bool) -> None:
        """Values of the raw table that are not the last known ones; of what could not be read the last known ones stay."""
        columns = _common(con, table, _SEEN[f"seen_{table}"])
        if "id" not in columns:
            return
        odd = (
            bool(_common(con, "odd_values", RAW["odd_values"]))
            and con.execute(
                "SELECT 1 FROM raw.odd_values WHERE entity = ? AND why = 'unreadable' LIMIT 1", [table]
            ).fetchone()
        )
        values = {c: f"r.{c}" for c in columns}
        if odd:
            values |= {
                c: f"CASE WHEN {unreadable('raw', table, 'r.id', c)} THEN o.{c} ELSE r.{c} END"
                for c in columns
                if c != "id"
            }
        before = ""
        if odd or not fresh:
            con.execute(f"CREATE OR REPLACE TEMP TABLE latest AS {latest('main', table)}")
            before = "LEFT JOIN latest o ON o.id = r.id"
        if fresh:
            chosen = f"r.id IN (SELECT id FROM raw.fresh WHERE name = '{table}')"
        else:
            chosen = "o.id IS NULL OR " + " OR ".join(f"o.{c} IS DISTINCT FROM r.{c}" for c in columns)
        con.execute(
            f"INSERT INTO seen_{table} BY NAME SELECT {', '.join(f'{v} AS {c}' for c, v in values.items())}, CAST(? AS BIGINT) AS n "
            f"FROM raw.{table} r {before} WHERE r.id IS NOT NULL AND ({chosen})",
            [number],
        )
        con.execute("DROP TABLE IF EXISTS latest")

    def forget_future(self, now: datetime) -> None:
        """Moments that a wrong clock wrote down: as ``RawDatabase.forget_future``."""
        if not self.path.exists():
            return
        with self._open() as con:
            forget_future(con, now)

    # -- as a file -------------------------------------------------------------------------------------------------

    @classmethod
    def every(cls, paths: PortalPaths) -> list[Observed]:
        """Of every company that has any."""
        found = [cls(paths), *(cls(paths, f.stem.partition("~")[2]) for f in paths.root.glob("history~*.duckdb"))]
        return sorted((o for o in found if o.path.exists()), key=lambda o: o.company)

    def copy_to(self, target: Path) -> None:
        """A consistent copy while it is in use; what a kill left in its log is in the copy's file. duckdb.Error if it is damaged."""
        log, copied = (path.with_name(path.name + ".wal") for path in (self.path, target))
        with contextlib.ExitStack() as held:
            with contextlib.suppress(OSError):  # on a read-only disk there is nobody to wait for
                held.enter_context(self._lock())
            copy_file(self.path, target)
            with contextlib.suppress(FileNotFoundError):
                copy_file(log, copied)
        if copied.exists():
            open_database(target, "loading").close()
        self.loads_in(target)

    def put(self, file: Path) -> None:
        """Puts a checked copy in this place; its file is moved. What stands here has to be ``set_aside`` before."""
        with self._lock():
            os.replace(file, self.path)
            sync_folder(self.path.parent)

    def merge(self, saved: Path) -> None:
        """Takes in a checked copy, which becomes this file: what was observed here and is not in it comes after it. Under the refresh lock."""
        with self._lock():
            con = open_database(saved, "loading", spill=saved.with_suffix(".spill"))
            try:
                _prepare(con, saved)
                con.execute(f"ATTACH '{_literal(self.path)}' AS other (READ_ONLY)")
                con.execute("BEGIN")
                _append(con)
                con.execute("COMMIT")
                con.execute("DETACH other")
            finally:
                con.close()

    @staticmethod
    def loads_in(file: Path) -> list[str]:
        """``loads`` of a copy nobody writes. NewerHistory, or duckdb.Error if this is no history."""
        con = open_database(file, "loading", read_only=True)
        try:
            _refuse_newer(con, file)
            con.execute("SELECT count(*) FROM loads, change_log WHERE false")
            return [row[0] for row in con.execute("SELECT snapshot FROM loads ORDER BY n").fetchall()]
        finally:
            con.close()

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        with portalocker.Lock(str(self.path.with_suffix(".lock")), flags=portalocker.LockFlags.EXCLUSIVE):
            yield

    @contextlib.contextmanager
    def _open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The database with this version's tables. One process at a time, for seconds."""
        with self._lock():
            con = open_database(self.path, "loading", spill=self.path.with_suffix(".spill"))
            try:
                _prepare(con, self.path)
                yield con
            finally:
                con.close()


def latest(database: str, table: str) -> str:
    """SQL of the last known values of every record of a tracked table, with ``n``, the load that saw them first."""
    return f"SELECT * FROM {database}.seen_{table} QUALIFY row_number() OVER (PARTITION BY id ORDER BY n DESC) = 1"


def _prepare(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Brings a database to this version."""
    con.execute("CREATE TABLE IF NOT EXISTS format (version INTEGER)")
    _refuse_newer(con, file)
    if con.execute("SELECT 1 FROM format").fetchone() is None:
        con.execute("INSERT INTO format VALUES (?)", [_FORMAT])
    con.execute("CREATE TABLE IF NOT EXISTS loads (n BIGINT, snapshot VARCHAR, as_of TIMESTAMP, whole BOOLEAN)")
    _make_tables(con)


def _append(con: duckdb.DuckDBPyConnection) -> None:
    """After the loads that are here come those of the attached ``other`` that are not; the last one is not whole: no snapshot holds all of it."""
    con.execute(
        """
        CREATE TEMP TABLE later AS
        SELECT n, (SELECT coalesce(max(n), 0) FROM main.loads) + row_number() OVER (ORDER BY n) AS becomes, snapshot, as_of
        FROM other.loads WHERE snapshot NOT IN (SELECT snapshot FROM main.loads)
        """
    )
    for table, columns in _TABLES.items():
        shared = ", ".join(f"o.{c}" for c in _common(con, table, columns, "other"))
        same = " AND ".join(f"k.{c} IS NOT DISTINCT FROM o.{c}" for c in _LOGS.get(table, ()))
        new = f"WHERE NOT EXISTS (SELECT 1 FROM main.{table} k WHERE {same})" if same else ""
        con.execute(
            f"INSERT INTO main.{table} BY NAME SELECT {shared}, l.becomes AS n FROM other.{table} o JOIN later l ON l.n = o.n {new}"
        )
    con.execute("INSERT INTO main.loads SELECT becomes, snapshot, as_of, false FROM later")


def _refuse_newer(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    row = con.execute("SELECT max(version) FROM format").fetchone()
    if row and row[0] is not None and row[0] > _FORMAT:
        raise NewerHistory(
            Text(
                f"Файл {file.name} записан более новой версией приложения. Обновите приложение.",
                f"{file.name} was written by a newer version of the application. Upgrade it.",
            )
        )


def _make_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Tables and columns of this version; what an older one kept stays, columns are never taken away."""
    there: dict[str, dict[str, str]] = {}
    for table, column, kind in con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = current_database() AND NOT internal"
    ).fetchall():
        there.setdefault(table, {})[column] = kind
    for table, columns in _TABLES.items():
        wanted = {**columns, "n": "BIGINT"}
        if table not in there:
            con.execute(f"CREATE TABLE {table} ({', '.join(f'{c} {t}' for c, t in wanted.items())})")
            continue
        for column, kind in wanted.items():
            if column not in there[table]:
                con.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
            elif there[table][column] != kind:
                con.execute(f"ALTER TABLE {table} ALTER {column} TYPE {kind} USING TRY_CAST({column} AS {kind})")


def _common(con: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], database: str = "raw") -> list[str]:
    """Columns the attached database has in the same type."""
    there = dict(
        con.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = ? AND table_name = ?",
            [database, table],
        ).fetchall()
    )
    return [column for column, kind in columns.items() if there.get(column) == kind]


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")
