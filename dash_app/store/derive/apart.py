"""The derivation in a process of its own, so that its memory does not come on top of what reading left behind."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import orjson

from dash_app.store.derive import DeriveConfig
from dash_app.store.machine import limits


class DerivationFailed(RuntimeError):
    """The derivation ended with an error; the end of its message."""


def derive_apart(raw_path: Path, facts_path: Path, as_of: datetime, config: DeriveConfig) -> None:
    """Like ``derive``, all tables; raises DerivationFailed. The facts file appears whole or not at all."""
    asked = {
        "raw": str(raw_path),
        "facts": str(facts_path),
        "as_of": as_of.isoformat(),
        "config": config.document(),
        "limits": asdict(limits("deriving")),
    }
    done = subprocess.run(
        [sys.executable, "-m", "dash_app.store.derive"], input=orjson.dumps(asked), capture_output=True, check=False
    )
    if done.returncode:
        raise DerivationFailed(done.stderr.decode(errors="replace")[-2000:])
