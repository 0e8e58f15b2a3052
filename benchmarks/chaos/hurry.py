"""Refreshes in a hurry: waits are two hundred times shorter, patience ends soon, this machine shows the time it is told.

``python -m benchmarks.chaos.hurry '{"local": …, "patience": …, "bytes": …}' sync …`` is the command line so, in a process that can be killed; no file may grow
beyond ``bytes``: the disk is full there.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dash_app.portal.client import Client
from dash_app.portal.pacing import Pacing
from dash_app.portal.reader import PortalInfo, Reader

SPEED = 200.0
_info = Reader.info
_sleep = Pacing.sleep


class Machine:
    """This machine's clock as a refresh of this process sees it. ``at``: epoch seconds; None: as it is."""

    at: float | None = None


def _info_at(reader: Reader) -> PortalInfo:
    found = _info(reader)
    return (
        found
        if Machine.at is None
        else replace(found, local=datetime.fromtimestamp(Machine.at, UTC).replace(tzinfo=None))
    )


def _brief_sleep(pacing: Pacing, seconds: float) -> None:
    _sleep(pacing, seconds / SPEED)


def hurry(patience: float) -> None:
    """From now on in this process. ``patience``: seconds a busy portal is waited for."""
    Reader.info = _info_at  # type: ignore[method-assign]
    Pacing.sleep = _brief_sleep  # type: ignore[method-assign]
    pacing: dict[str, Any] = Pacing.__init__.__kwdefaults__ or {}
    pacing["clock"] = lambda: time.monotonic() * SPEED
    client: dict[str, Any] = Client.__init__.__kwdefaults__ or {}
    client["patience"] = patience


def main() -> int:
    """A command, in a hurry."""
    asked = json.loads(sys.argv[1])
    hurry(asked["patience"])
    Machine.at = asked["local"]
    if asked.get("bytes") is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["bytes"], asked["bytes"]))
    from dash_app.__main__ import main as command

    return command(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
