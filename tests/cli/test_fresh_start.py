"""A fresh start as the README says, then refreshes through the page's own button: the page answers after each."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dash_app.app import create_app
from dash_app.engine import context
from tests.cli.test_serving import ROOT, free_port, get
from tests.fakes import fake_services
from tests.web.conftest import Call, caller

REFRESHES = 5


class Answer:
    """As Flask's test client gives it."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status_code = status
        self._body = body

    def get_json(self, *, silent: bool = False) -> Any:
        return json.loads(self._body) if self._body else None


class Browser:
    """Posts to a running application."""

    def __init__(self, address: str) -> None:
        self.address = address

    def post(self, path: str, json: Any) -> Answer:
        body = _json(json)
        request = urllib.request.Request(self.address + path, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return Answer(answer.status, answer.read())


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[str]:
    """Address of ``python -m dash_app run`` over nothing."""
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if k != "B24_WEBHOOK_URL"} | {
        "DATA_DIR": str(tmp_path),
        "DEMO_SCALE": "40",
        "DEMO_PORT": str(free_port()),
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "REQUESTS_PER_SECOND": "10000",
        "REQUEST_BURST": "10000",
        "REFRESH_MINUTES": "100000",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "dash_app", "run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 180
        while True:
            try:
                get(address + "/healthz")
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < deadline, "the site did not start"
                time.sleep(0.2)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def test_after_a_fresh_start_the_page_answers_however_often_the_data_is_refreshed(fresh: str, tmp_path: Path) -> None:
    (tmp_path / "fake").mkdir()
    services = fake_services(tmp_path / "fake")
    app = create_app(services.settings, services)
    call: Call = caller(app, Browser(fresh))  # type: ignore[arg-type]
    snapshots = set()
    for number in range(1, REFRESHES + 1):
        watched: dict[str, Any] = {
            "snapshot.data": "",
            "refresh-tick.disabled": False,
            "refresh-button.n_clicks": number,
        }
        call("refresh-progress.children", watched, "refresh-button.n_clicks")
        deadline = time.monotonic() + 120
        while True:
            time.sleep(0.3)
            said = call("refresh-progress.children", watched, "refresh-tick.n_intervals")["response"]
            if said["refresh-tick"]["disabled"]:
                break
            assert time.monotonic() < deadline, "the refresh does not end"
        snapshots.add(said["snapshot"]["data"])
        page = call("page.children", {"url.pathname": "/sales-dynamics", "url.search": ""}, "url.pathname")
        assert page["response"]["page"]["children"]
    assert len(snapshots) == REFRESHES


def test_expired_databases_are_let_go_outside_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "facts.duckdb"
    context.open_database(path, "questions").close()
    held: list[bool] = []

    class Handle:
        def __del__(self) -> None:
            held.append(context._lock.locked())

    context._databases[tmp_path / "expired.duckdb"] = Handle()  # type: ignore[assignment]
    context.connect(path).execute("SELECT 1")
    assert held == [False]
    context._databases.pop(path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
def test_a_forked_process_opens_databases_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "facts.duckdb"
    context.open_database(path, "questions").close()
    context.connect(path).execute("SELECT 1")
    with context._lock:  # a thread of the parent holds it, or its database, at the moment of the fork
        child = os.fork()
        if child == 0:
            try:
                path.rename(tmp_path / "other.duckdb")
                answer = context.connect(tmp_path / "other.duckdb").execute("SELECT 1").fetchone()
                os._exit(0 if answer == (1,) else 1)
            finally:
                os._exit(2)
    ended = threading.Event()
    status: list[int] = []

    def wait() -> None:
        status.append(os.waitpid(child, 0)[1])
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    if not ended.wait(30):
        os.kill(child, signal.SIGKILL)
        ended.wait(5)
    assert status == [0]
