"""The derivation in a process of its own, so that its memory does not come on top of what reading left behind."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import orjson

from dash_app.portal.errors import Cancelled
from dash_app.store.derive import DeriveConfig
from dash_app.store.machine import limits
from dash_app.text import Text

_LOOK_EVERY = 0.2


class DerivationFailed(RuntimeError):
    """The derivation ended with an error; the end of its message."""


def derive_apart(
    raw_path: Path,
    facts_path: Path,
    as_of: datetime,
    config: DeriveConfig,
    *,
    cancelled: threading.Event | None = None,
) -> None:
    """Like ``derive``, all tables. The facts file appears whole or not at all.

    The process ends with this one, whatever ends it: it watches the pipe of its standard input, which the system closes.
    Raises DerivationFailed, or Cancelled once ``cancelled`` is set.
    """
    asked = {
        "raw": str(raw_path),
        "facts": str(facts_path),
        "as_of": as_of.isoformat(),
        "config": config.document(),
        "limits": asdict(limits("deriving")),
    }
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "dash_app.store.derive"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        try:
            assert child.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # it ended at once: its message says why
                child.stdin.write(orjson.dumps(asked) + b"\n")
                child.stdin.flush()
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    code = child.wait(_LOOK_EVERY)
                    break
                if cancelled is not None and cancelled.is_set():
                    raise Cancelled(Text("Обновление отменено.", "The refresh was cancelled."))
        finally:
            child.kill()
            child.wait()
            with contextlib.suppress(BrokenPipeError):
                child.stdin.close()  # type: ignore[union-attr]
        if code:
            said.seek(0)
            raise DerivationFailed(said.read().decode(errors="replace")[-2000:])
