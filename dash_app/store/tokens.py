"""Tokens of file addresses that earlier versions kept: out of every file at the first start.

Until facts of version 9 a file of a user field was kept as sent, with ``auth=…`` in its addresses; ``portal.wire`` now keeps its id alone.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import duckdb

from dash_app.portal import wire
from dash_app.store.files import read_json, share_file
from dash_app.store.machine import open_database
from dash_app.store.paths import PortalPaths
from dash_app.store.progress import AlreadyRunning, held
from dash_app.store.snapshots import Snapshot

CLEAN_SINCE = 9
"""The first version of facts whose raw data holds no token."""
_KEPT_WITH = "uf IS NOT NULL AND (contains(lower(uf), 'auth=') OR contains(lower(uf), 'url\"'))"
_HOLDERS = ("deals", "leads")


def share_without_tokens(snapshot: Snapshot, target: Path) -> None:
    """The raw data of a snapshot under ``target``: the same file, or, where an earlier version kept tokens in it, a clean copy."""
    if snapshot.manifest.facts >= CLEAN_SINCE or not _holds_tokens(snapshot.raw_path):
        share_file(snapshot.raw_path, target)
    else:
        _copy_clean(snapshot.raw_path, target)


def forget_tokens(paths: PortalPaths) -> None:
    """Removes what earlier versions left beside the current snapshot and may hold tokens: their snapshots with facts of earlier days,
    an unfinished load, kept answers. All of it can be read or made again. Nothing happens once they are gone, nor during a refresh."""
    try:
        current = paths.current.read_text().strip()
    except OSError:
        current = ""
    folders = [f for f in paths.snapshots.iterdir() if f.is_dir() and f.name != current]
    old = [folder for folder in folders if _version(folder / "manifest.json") < CLEAN_SINCE]
    unfinished = paths.building.exists() and _version(paths.building / "state.json") < CLEAN_SINCE
    if not old and not unfinished:
        return
    with contextlib.suppress(AlreadyRunning), held(paths):
        if old:
            shutil.rmtree(paths.cache, ignore_errors=True)
        for folder in [*old, paths.root / "rederiving", *([paths.building] if unfinished else [])]:
            shutil.rmtree(folder, ignore_errors=True)


def _version(document: Path) -> int:
    """Of which version of the facts a manifest or an unfinished load is; 0 where nothing says."""
    facts = (read_json(document) or {}).get("facts", 0)
    return facts if isinstance(facts, int) else 0


def _attached(raw: Path) -> duckdb.DuckDBPyConnection:
    con = open_database(None, "loading", spill=raw.parent / "spill")
    con.execute("SET autoinstall_known_extensions = false")
    con.execute(f"ATTACH '{_literal(raw)}' AS old (READ_ONLY)")
    return con


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")


def _holds_tokens(raw: Path) -> bool:
    """Whether cards of a raw database hold addresses of files. A file that cannot be read is taken to hold some."""
    try:
        con = _attached(raw)
    except duckdb.Error:
        return True
    try:
        return any(
            con.execute(f"SELECT id FROM old.{table} WHERE {_KEPT_WITH} LIMIT 1").fetchone() for table in _HOLDERS
        )
    except duckdb.CatalogException:
        return False
    finally:
        con.close()


def _copy_clean(raw: Path, target: Path) -> None:
    """A copy written anew, so that no page of the file keeps what was taken away."""
    con = _attached(raw)
    try:
        con.execute(f"ATTACH '{_literal(target)}' AS clean")
        con.create_function("without_tokens", wire.user_fields_again, ["VARCHAR"], "VARCHAR")
        tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'old'").fetchall()
        for (table,) in tables:
            changed = f"* REPLACE (CASE WHEN {_KEPT_WITH} THEN without_tokens(uf) ELSE uf END AS uf)"
            chosen = changed if table in _HOLDERS else "*"
            con.execute(f'CREATE TABLE clean."{table}" AS SELECT {chosen} FROM old."{table}"')
        con.execute("CHECKPOINT clean")
        con.execute("DETACH clean")
    finally:
        con.close()
