"""The application as the Procfile starts it: several worker processes over one snapshot."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dash_app.__main__ import main
from dash_app.demo.testing import running_portal

ROOT = Path(__file__).parents[2]
WORKERS = 3


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def procfile(name: str) -> str:
    """The command of a process."""
    return next(
        line.partition(": ")[2] for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith(f"{name}: ")
    )


def get(address: str) -> tuple[int, str]:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.status, answer.read().decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """(address, pid of gunicorn) over a small portal that was read once."""
    folder = tmp_path_factory.mktemp("data")
    with (
        running_portal(scale=100, seed=3, limits="off", today=date(2026, 11, 20)) as portal,
        pytest.MonkeyPatch.context() as patch,
    ):
        port = free_port()
        for name, value in {
            "DATA_DIR": str(folder),
            "B24_WEBHOOK_URL": portal.webhook,
            "REQUESTS_PER_SECOND": "10000",
            "REQUEST_BURST": "10000",
            "PORT": str(port),
            "WEB_CONCURRENCY": str(WORKERS),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }.items():
            patch.setenv(name, value)
        assert main(["sync", "--quiet"]) == 0
        server = subprocess.Popen(["bash", "-c", "exec " + procfile("web")], cwd=ROOT, stderr=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{port}"
        try:
            deadline = time.monotonic() + 120
            while True:
                try:
                    get(address + "/healthz")
                    break
                except OSError:
                    assert server.poll() is None and time.monotonic() < deadline, "the server did not start"
                    time.sleep(0.2)
            yield address, server.pid
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)


def workers(pid: int) -> list[int]:
    """Child processes of gunicorn."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout.split()
    return [int(n) for n in found]


def test_several_workers_serve_the_same_page(site: tuple[str, int]) -> None:
    address, pid = site
    assert len(workers(pid)) == WORKERS
    pages = {get(address + "/sales-dynamics")[0] for _ in range(12)}
    assert pages == {200}


def test_a_killed_worker_is_replaced(site: tuple[str, int]) -> None:
    address, pid = site
    victim = workers(pid)[0]
    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while (alive := workers(pid)) and (victim in alive or len(alive) < WORKERS):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert get(address + "/sales-dynamics")[0] == 200


def test_an_address_with_ten_thousand_ids_reaches_the_page(site: tuple[str, int]) -> None:
    many = "&".join(f"manager={i}" for i in range(10_000))
    assert get(f"{site[0]}/sales-dynamics?{many}")[0] == 200  # which then says, in a sentence, that it is too many
