"""Malformed requests against a server of its own: no 500, no trace, nothing over two seconds, memory flat."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import psutil

from benchmarks.chaos import Figures
from benchmarks.chaos.forged import Forged, Forger

ROOT = Path(__file__).parents[2]
SLOW = 2.0
TRACES = (
    "Traceback (most recent call last)",
    'File "/',
    "werkzeug",
    "Internal Server Error",
    "Что-то пошло не так",
    "Something went wrong",
)
"""None of these may be read by anybody; the last two are the page's own words for an error nobody foresaw."""
OVERHEAD = 1.25
"""Memory is flat where the last quarter of requests leaves at most this many times what the first left."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    text: str
    seconds: float


@dataclass(slots=True)
class Judge:
    """Counts answers, keeps what was wrong."""

    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    limit: float = SLOW

    def see(self, sent: Forged, answered: Answered) -> None:
        """One request and its answer."""
        self.statuses[f"{sent.kind} {answered.status}"] += 1
        self.slowest = max(self.slowest, answered.seconds)
        found = next((mark for mark in TRACES if mark in answered.text), None)
        if answered.status >= 500 or not answered.status:
            found = str(answered.status or f"no answer, {answered.text}")
        elif found is None and answered.seconds > self.limit:
            found = f"{answered.seconds:.1f} s"
        elif found is None and answered.status == 400 and len(answered.text.strip().splitlines()) > 1:
            found = "400 in more than a line"
        if found:
            body = (sent.body or b"")[:600].decode("utf-8", "replace")
            self.wrong.append(
                f"{found}: {sent.kind} {sent.method} {sent.path[:200]} {sent.headers} {sent.about[:120]} {body}"
            )


def ask(port: int, sent: Forged) -> Answered:
    """Sends one request on a connection of its own."""
    began = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.putrequest(
            sent.method, _line(sent.path), skip_host="Host" in sent.headers, skip_accept_encoding=True
        )
        for name, value in sent.headers.items():
            connection.putheader(name, value.encode("latin-1", "replace"))
        connection.putheader("Content-Length", str(len(sent.body or b"")))
        connection.endheaders(sent.body)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        return Answered(answer.status, text, time.monotonic() - began)


def tried(port: int, sent: Forged) -> Answered:
    """``ask``; what ends without an answer has the status 0."""
    began = time.monotonic()
    try:
        return ask(port, sent)
    except (OSError, http.client.HTTPException) as error:
        return Answered(0, type(error).__name__, time.monotonic() - began)


def _line(path: str) -> str:
    return "".join(c if 32 < ord(c) < 127 else "%3F" for c in path)


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, int]]:
    """(port, pid) of the application as the Procfile starts it, over a small demo portal that was read once."""
    from dash_app.__main__ import main
    from dash_app.demo.testing import running_portal

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    with running_portal(scale=200, seed=3, limits="off", today=date(2026, 11, 20)) as portal:
        given = {
            "DATA_DIR": str(folder), "B24_WEBHOOK_URL": portal.webhook, "REQUESTS_PER_SECOND": "10000", "REQUEST_BURST": "10000", "PORT": str(port),
            "WEB_CONCURRENCY": "1", "HOST": "127.0.0.1", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }  # fmt: skip
        os.environ.update(given)
        if main(["sync", "--quiet"]):
            raise SystemExit("the demo portal could not be read")
        command = next(
            line.partition(": ")[2] for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("web: ")
        )
        with (folder / "server.log").open("wb") as log:
            process = subprocess.Popen(["bash", "-c", "exec " + command], cwd=ROOT, stderr=log, stdout=log)
        try:
            deadline = time.monotonic() + 120
            while True:
                try:
                    ask(port, Forged("address", "GET", "/healthz"))
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > deadline:
                        raise SystemExit("the server did not start") from None
                    time.sleep(0.2)
            yield port, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def memory(pid: int) -> float:
    """MB of the server and its workers."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(p.memory_info().rss for p in family) / 1e6


def traces_in(folder: Path) -> list[str]:
    """Errors nobody foresaw, as the logs tell them: what, and the innermost places in the code."""
    found = []
    if "Traceback (most recent call last)" in (folder / "server.log").read_text(errors="replace"):
        found.append("a trace in what the server printed")
    for file in sorted((folder / "logs").glob("app.log*")):
        for line in file.read_text(errors="replace").splitlines():
            told = json.loads(line)
            if told.get("level") in ("error", "critical"):
                found.append(f"in the log: {str({k: told[k] for k in told if k not in ('time', 'pid')})[-900:]}")
    return found


def run(count: int, seed: int) -> Figures:
    """``count`` requests, one after another."""
    judge, figures = Judge(), Figures()
    with tempfile.TemporaryDirectory(prefix="chaos-") as name, server(Path(name)) as (port, pid):
        dependencies = json.loads(ask(port, Forged("address", "GET", "/_dash-dependencies")).text)
        from dash_app.web.discovery import discover

        slugs = ["", "settings", "plans", "expenses", "motivation", "nothing", *(r.slug for r in discover())]
        forger = Forger(seed, dependencies, slugs)
        for slug in slugs:  # what every process loads once is no growth
            ask(port, Forged("address", "GET", f"/{slug}"))
        began, held = time.monotonic(), []
        for number, sent in enumerate(forger.requests()):
            if number == count:
                break
            judge.see(sent, tried(port, sent))
            if number % max(1, count // 20) == 0:
                held.append(memory(pid))
        spent = time.monotonic() - began
        held.append(memory(pid))
        traces = traces_in(Path(name))
    quarter = max(1, len(held) // 4)
    first, last = max(held[:quarter]), max(held[-quarter:])
    figures.wrong = judge.wrong + traces
    if last > first * OVERHEAD:
        figures.wrong.append(f"memory grew from {first:.0f} to {last:.0f} MB")
    figures.lines = [
        f"{count} requests, seed {seed}: {spent:.0f} s, slowest {judge.slowest:.2f} s, wrong {len(judge.wrong)}, traces in its logs {len(traces)}",
        f"memory {first:.0f} MB in the first quarter, {last:.0f} MB in the last",
        "answers: " + ", ".join(f"{name} × {number}" for name, number in sorted(judge.statuses.items())),
    ]
    return figures
