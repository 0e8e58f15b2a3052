"""Connections to the company's SQLite file: a pool of read-only ones and one writer behind a lock."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dash_app.demo.fields import index_sql


def _fold(value: object) -> str | None:
    """Lower case of any alphabet, for LIKE."""
    return None if value is None else str(value).lower()


class Database:
    """One company. Readers never wait for the writer (WAL); every read sees the last committed change."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = sqlite3.connect(path, check_same_thread=False, isolation_level=None, cached_statements=256)
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.execute("PRAGMA synchronous=OFF")  # a demo's changes need not survive a power cut
        self._lock = threading.RLock()
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._closed = False
        for statement in index_sql():
            self._writer.execute(statement)

    @contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """A read-only connection for the length of a request."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = sqlite3.connect(
                f"file:{self.path}?mode=ro",
                uri=True,
                check_same_thread=False,
                isolation_level=None,
                cached_statements=512,
            )
            connection.execute("PRAGMA query_only=ON")
            connection.create_function("fold", 1, _fold, deterministic=True)
            connection.execute("PRAGMA mmap_size=1073741824")
        try:
            yield connection
        finally:
            if self._closed:
                connection.close()
            else:
                self._idle.put(connection)

    @contextmanager
    def writer(self) -> Iterator[sqlite3.Connection]:
        """The writing connection inside a transaction: committed at the end, rolled back by an exception."""
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    def close(self) -> None:
        """Close all connections that are not in use."""
        self._closed = True
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                break
        with self._lock:
            self._writer.close()
