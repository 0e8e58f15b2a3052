"""One derivation, asked as one line of JSON on standard input (``apart.derive_apart``), which stays open while it is wanted."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import orjson
from pydantic import ValidationError

from dash_app import logs
from dash_app.logs.start import start
from dash_app.settings import Settings
from dash_app.store.derive import DeriveConfig, derive
from dash_app.store.machine import Limits


def _end_with_the_parent() -> None:
    """The system closes the other end when the parent is gone, also by kill -9: nobody wants the answer then."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)


def main() -> None:
    """Derives what was asked."""
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        return
    asked = orjson.loads(line)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    config = DeriveConfig.of(asked["config"])
    derive(
        Path(asked["raw"]),
        Path(asked["facts"]),
        datetime.fromisoformat(asked["as_of"]),
        config,
        use=Limits(**asked["limits"]),
    )


if __name__ == "__main__":
    with contextlib.suppress(ValidationError):
        start(Settings(), "derive")
    started = time.monotonic()
    try:
        main()
    except Exception as error:
        logs.failure(error, "derivation_failed")
        raise
    logs.get(__name__).info("derived", ms=round(1000 * (time.monotonic() - started)))
