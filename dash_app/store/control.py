"""Starting, watching and cancelling the one refresh of a portal from any process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dash_app import logs
from dash_app.store import progress as progresses
from dash_app.store.companies import Companies
from dash_app.store.files import read_json
from dash_app.store.paths import PortalPaths
from dash_app.store.progress import Progress
from dash_app.store.snapshots import Snapshots

_STARTING = 15.0
_log = logs.get(__name__)
_WAITING = 360


class RefreshProcess:
    """The button, the schedule and the command line join the same refresh.

    A refresh runs in a process of its own, so it outlives the request, the worker and a closed tab.
    """

    def __init__(self, paths: PortalPaths, environment: Mapping[str, str] | None = None) -> None:
        self._paths = paths
        self._environment = dict(environment or {})

    def start(self, started_by: str, *, full: bool = False, accept: str | None = None) -> bool:
        """Starts a refresh; False if one is running already (its progress is the one to show). ``accept``: the question confirmed."""
        if progresses.is_held(self._paths):
            return False
        now = time.time()
        progresses.write(self._paths, Progress(running=True, phase="connect", started_by=started_by, started=now))
        command = [
            sys.executable,
            "-m",
            "dash_app",
            "sync",
            "--quiet",
            "--started-by",
            started_by,
            *(["--full"] if full else []),
            *([f"--accept={accept}"] if accept is not None else []),
        ]
        _log.info("refresh_asked", full=full)
        subprocess.Popen(
            command,
            env={**os.environ, **self._environment},
            cwd=Path.cwd(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return True

    def progress(self) -> Progress | None:
        """What the refresh is doing or how the last one ended; None before the first."""
        found = progresses.read(self._paths)
        if (
            found is not None
            and not found.running
            and found.phase == "failed"
            and time.time() - found.updated < _STARTING
        ):
            # the child has not taken the lock yet
            document = read_json(self._paths.progress) or {}
            if document.get("running"):
                found.running, found.phase, found.error = True, "connect", None
        if found is not None and not found.running and self._paths.question.exists():
            waits = Companies(self._paths).question()  # whatever became of later refreshes, it still waits
            if waits is not None:
                found.phase, found.error, found.question = "failed", waits.text, waits.id
        return found

    def cancel(self) -> None:
        """Asks the running refresh to stop; what was read is kept for the next one."""
        self._paths.cancel.touch()

    def due(self, minutes: int, now: datetime | None = None) -> bool:
        """Whether a scheduled refresh should start: the last snapshot is older than ``minutes`` and nothing runs."""
        if minutes <= 0 or progresses.is_held(self._paths):
            return False
        if self._paths.question.exists():
            minutes = max(minutes, _WAITING)  # a person is asked: reading everything again and again changes nothing
        current = Snapshots(self._paths).current()
        if current is None:
            return True
        last = progresses.read(self._paths)
        moment = now or datetime.now(UTC)
        # a moment that lies ahead was written by a wrong clock and puts nothing off
        recent = last is not None and 0 <= moment.timestamp() - last.updated < 60 * minutes
        age = moment - datetime.fromisoformat(current.manifest.created)
        return not recent and not timedelta(0) <= age < timedelta(minutes=minutes)
