"""Connections to the workspace's SQLite file; for reading alone where nothing can be written – a read-only disk, missing rights, a full disk."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

from dash_app import disk

PATIENCE = 15.0
"""Seconds another program may hold the file."""
_NOT_READ_SO = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


class Connection(sqlite3.Connection):
    """``reads_only``: nothing could be written when it was made. ``frozen``: it sees the file as it was then."""

    reads_only = False
    frozen = False
    made = 0.0

    def is_current(self, file: Path) -> bool:
        """Whether a new one would be no better."""
        if not self.reads_only or time.monotonic() - self.made < 1.0:
            return True
        return not (_can_write(file) or (self.frozen and _beside(file, "-shm").exists()))


def connect(file: Path, patience: float | None = None) -> Connection:
    """A connection for any thread. Where nothing can be written, one for reading; what a kill left in the log is read too.

    ``patience``: see ``PATIENCE``. sqlite3.Error where even reading fails.
    """
    patience = PATIENCE if patience is None else patience
    if not file.exists() or writable(file):
        try:
            return _writing(file, patience)
        except sqlite3.OperationalError as error:
            if not file.exists() or _code(error) not in _NOT_READ_SO or not disk.is_full(file.parent):
                raise
    try:
        return _reading(file, "mode=ro", patience)
    except sqlite3.OperationalError as error:
        if _code(error) not in _NOT_READ_SO:
            raise
    # the index of the log is not there, so nobody has it open, and SQLite may not make it
    log = _beside(file, "-wal")
    if not log.exists() or log.stat().st_size == 0:
        return _reading(file, "mode=ro&immutable=1", patience, frozen=True)
    folder = Path(tempfile.mkdtemp(prefix="workspace-"))
    try:
        for ending in ("", "-wal"):
            shutil.copyfile(_beside(file, ending), folder / f"copy{ending}")
        connection = _reading(folder / "copy", "mode=rw", patience, frozen=True)
        connection.execute("PRAGMA query_only = ON")
        return connection
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # what is open stays readable


def writable(file: Path) -> bool:
    """Whether this process has the right to write the database: the file and its folder, where SQLite keeps its log."""
    return os.access(file if file.exists() else file.parent, os.W_OK) and os.access(file.parent, os.W_OK)


def _can_write(file: Path) -> bool:
    return writable(file) and not disk.is_full(file.parent)


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def _code(error: sqlite3.Error) -> int:
    return error.sqlite_errorcode & 0xFF


def _open(address: str, patience: float) -> Connection:
    return sqlite3.connect(address, uri=True, timeout=patience, check_same_thread=False, factory=Connection)


def _writing(file: Path, patience: float) -> Connection:
    """WAL with synchronous=FULL: a change is on disk before it is acknowledged."""
    connection = _open(file.absolute().as_uri(), patience)
    try:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _reading(file: Path, how: str, patience: float, *, frozen: bool = False) -> Connection:
    connection = _open(f"{file.absolute().as_uri()}?{how}", patience)
    connection.reads_only, connection.frozen, connection.made = True, frozen, time.monotonic()
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
