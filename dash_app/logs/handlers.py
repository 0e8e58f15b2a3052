"""Where lines go. A log that cannot be written never stops what writes it."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from pathlib import Path

from concurrent_log_handler import ConcurrentRotatingFileHandler

MOST_BYTES = 10_000_000
KEPT = 5
_SAY_AGAIN = 300.0


class LogFile(ConcurrentRotatingFileHandler):
    """The one file of all processes: ten megabytes, then the next; five old ones are kept. Readable for its owner only.

    ``aloud``: a failure to write is said on standard error, at most every five minutes.
    """

    def __init__(self, path: Path, *, aloud: bool) -> None:
        super().__init__(
            str(path),
            maxBytes=MOST_BYTES,
            backupCount=KEPT,
            encoding="utf-8",
            chmod=0o600,
            unicode_error_policy="replace",
        )
        self._path = path
        self._aloud = aloud
        self._ready = False
        self._told = -_SAY_AGAIN
        self.failed: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a line, or remembers why it could not."""
        try:
            if not self._ready:
                for folder in (self._path.parent.parent, self._path.parent):
                    folder.mkdir(mode=0o700, exist_ok=True, parents=True)
            self._ready = True
        except OSError:
            self.handleError(record)
            return
        before = self.failed
        self.failed = None
        super().emit(record)
        if self.failed is None and before is not None:
            self._told = -_SAY_AGAIN

    def handleError(self, record: logging.LogRecord) -> None:
        """Disk full, read-only, gone: the line is lost, the caller goes on."""
        error = sys.exc_info()[1]
        self.failed = getattr(error, "strerror", None) or type(error).__name__
        self._ready = False
        if self.stream is not None:
            with contextlib.suppress(Exception):
                self.stream.close()
            self.stream = None
        if self._aloud and time.monotonic() - self._told >= _SAY_AGAIN:
            self._told = time.monotonic()
            with contextlib.suppress(Exception):
                sys.stderr.write(f"log: {self._path}: {self.failed}\n")


class Console(logging.StreamHandler):  # type: ignore[type-arg]
    """Lines for people on standard error; a closed pipe is no reason to stop."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Nobody reads any more."""
