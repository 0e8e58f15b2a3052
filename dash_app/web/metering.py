"""Counting requests for Prometheus, together in all worker processes of one server.

Workers write to small files that they share (prometheus-client's multiprocess mode); without ``share`` a process counts for itself.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import psutil
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from dash_app import logs
from dash_app.web.routes import class_of

_log = logs.get(__name__)
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class _Meters:
    """The meters of this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "reports_requests", "Requests, by kind of address and status.", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "reports_answer_seconds", "Until an answer was ready.", ["route"], buckets=_BUCKETS, registry=self.registry
        )


@cache
def _meters() -> _Meters:
    return _Meters()


def share() -> None:
    """Counts together with the other workers of the same server. Call it in a worker before anything is counted.

    In memory where there is such a folder: a write to a mapped file on a full disk would end the process.
    """
    if _FOLDER in os.environ:  # whoever runs the server chose one
        return
    memory = Path("/dev/shm")
    root = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    mine = f"reports-metrics-{os.getuid()}-"
    try:
        folder = root / f"{mine}{_life(os.getppid())}"
        folder.mkdir(mode=0o700, exist_ok=True)
        about = folder.lstat()
        if about.st_uid != os.getuid() or about.st_mode & 0o77 or folder.is_symlink():
            raise PermissionError(folder.name)
        for other in root.glob(f"{mine}*"):
            if other.name != folder.name and other.name.removeprefix(mine) != _life_or_none(other.name):
                shutil.rmtree(other, ignore_errors=True)
    except (OSError, psutil.Error):
        _log.warning("metrics_not_shared")
        return
    os.environ[_FOLDER] = str(folder)
    values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]


def _life(pid: int) -> str:
    """A process, told from a later one with the same number."""
    return f"{pid}-{int(psutil.Process(pid).create_time() * 100)}"


def _life_or_none(name: str) -> str | None:
    with suppress(ValueError, psutil.Error):
        return _life(int(name.split("-")[3]))
    return None


def measure(server: Flask) -> None:
    """Counts every answer, refusals too. Call it before anything that may refuse a request."""

    @server.before_request
    def _() -> None:
        g.metered = time.perf_counter()

    @server.after_request
    def _(response: Response) -> Response:
        rule = request.url_rule
        route = class_of(None if rule is None else rule.rule)
        meters = _meters()
        meters.requests.labels(route, str(response.status_code)).inc()
        if (started := g.get("metered")) is not None:
            meters.seconds.labels(route).observe(time.perf_counter() - started)
        return response


def written(more: Any) -> bytes:
    """Everything in Prometheus' text format; ``more``: a collector of what is known otherwise."""
    folder = os.environ.get(_FOLDER)
    registry = CollectorRegistry()
    registry.register(more)
    if folder is None:
        return generate_latest(_meters().registry) + generate_latest(registry)
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
