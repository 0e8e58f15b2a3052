"""One derivation, asked as one line of JSON on standard input (``apart.derive_apart``), which stays open while it is wanted."""

from __future__ import annotations

import os
import sys
import threading
from datetime import datetime
from pathlib import Path

import orjson

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
    main()
