"""Connections to the workspace's SQLite file, for reading alone where nothing may be written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

PATIENCE = 15.0
"""Seconds another program may hold the file."""


def writable(file: Path) -> bool:
    """Whether this process may write the database: the file and its folder, where SQLite keeps its log."""
    return os.access(file if file.exists() else file.parent, os.W_OK) and os.access(file.parent, os.W_OK)


def connect(file: Path) -> sqlite3.Connection:
    """A connection for any thread. Where nothing may be written, one for reading; what a kill left in the log is read too."""
    if writable(file) or not file.exists():
        return _writing(file)
    try:
        return _reading(file, "mode=ro")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
    # the index of the log is not there, and SQLite may not make it
    log = file.with_name(file.name + "-wal")
    if not log.exists() or log.stat().st_size == 0:
        return _reading(file, "mode=ro&immutable=1")
    folder = Path(tempfile.mkdtemp(prefix="workspace-"))
    try:
        for ending in ("", "-wal"):
            shutil.copyfile(file.with_name(file.name + ending), folder / f"copy{ending}")
        connection = _reading(folder / "copy", "mode=rw")
        connection.execute("PRAGMA query_only = ON")
        return connection
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # what is open stays readable


def _writing(file: Path) -> sqlite3.Connection:
    """WAL with synchronous=FULL: a change is on disk before it is acknowledged."""
    connection = sqlite3.connect(file, timeout=PATIENCE, check_same_thread=False)
    try:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _reading(file: Path, how: str) -> sqlite3.Connection:
    address = f"{file.resolve().as_uri()}?{how}"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, check_same_thread=False)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
