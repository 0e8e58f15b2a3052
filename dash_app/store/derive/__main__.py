"""One derivation, asked as JSON on standard input (``apart.derive_apart``)."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import orjson

from dash_app.store.derive import DeriveConfig, derive
from dash_app.store.machine import Limits


def main() -> None:
    """Derives what was asked."""
    asked = orjson.loads(sys.stdin.buffer.read())
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
