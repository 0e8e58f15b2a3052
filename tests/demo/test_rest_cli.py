"""The command ``demo`` as a process: its first line, its options, its end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from dash_app.demo import cli
from tests.demo.small import small_company

COMMAND = [sys.executable, "-c", "import sys; from dash_app.demo.cli import main; sys.exit(main(sys.argv[1:]))"]


@contextmanager
def demo(*options: str) -> Iterator[str]:
    """A running portal process; yields the first line of its stdout, ends it by SIGTERM and expects exit code 0."""
    process = subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def post(webhook: str, method: str, **params: object) -> requests.Response:
    return requests.post(webhook + method, json=params, timeout=10)


def test_the_first_line_is_the_webhook_and_a_restart_keeps_address_and_changes(tmp_path: Path) -> None:
    options = (
        "--scale",
        "20",
        "--seed",
        "5",
        "--today",
        "2026-11-20",
        "--database",
        str(tmp_path / "c.sqlite"),
        "--keep",
    )
    with demo(*options) as webhook:
        port = webhook.split(":")[2].split("/")[0]
        assert post(webhook, "server.time").json()["result"].startswith("2026-11-20T")
        deal = post(webhook, "crm.deal.add", fields={"TITLE": "Останется"}).json()["result"]
    with demo(*options, "--port", port) as again:
        assert again == webhook
        assert post(again, "crm.deal.get", id=deal).json()["result"]["TITLE"] == "Останется"


def test_options_reach_the_portal(tmp_path: Path) -> None:
    small_company(tmp_path / "c.sqlite")
    with demo(
        "--database",
        str(tmp_path / "c.sqlite"),
        "--keep",
        "--not-admin",
        "--scopes",
        "crm",
        "--limits",
        "off",
        "--fault",
        "503:next=1",
    ) as webhook:
        assert "/rest/7/" in webhook
        assert post(webhook, "profile").status_code == 503
        answer = post(webhook, "profile").json()
        assert answer["result"]["ADMIN"] is False and "operating" not in answer["time"]
        assert post(webhook, "user.get").json()["error"] == "insufficient_scope"


@pytest.mark.parametrize("options", [["--fault", "nonsense"], ["--scale", "-1"]])
def test_senseless_options_end_with_2_and_a_sentence(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(options) == 2
    assert capsys.readouterr().err.startswith("demo: ")


def test_a_senseless_day_ends_with_2() -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--today", "2026-02-30"])
    assert ended.value.code == 2


def test_a_taken_port_ends_with_2_and_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small_company(tmp_path / "c.sqlite")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert cli.main(["--database", str(tmp_path / "c.sqlite"), "--keep", "--port", str(port)]) == 2
    output = capsys.readouterr()
    assert output.out == "" and f"127.0.0.1:{port}" in output.err


def test_a_company_is_made_again_only_when_its_numbers_differ(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    numbers = {"seed": 1, "today": cli._day("2026-11-20"), "keep": False}
    cli.prepare(path, scale=20, **numbers)  # type: ignore[arg-type]
    first = path.stat().st_mtime_ns
    cli.prepare(path, scale=20, **numbers)  # type: ignore[arg-type]
    assert path.stat().st_mtime_ns == first
    cli.prepare(path, scale=30, **{**numbers, "keep": True})  # type: ignore[arg-type]
    assert path.stat().st_mtime_ns == first
    cli.prepare(path, scale=30, **numbers)  # type: ignore[arg-type]
    assert path.stat().st_mtime_ns != first


def test_demo_imports_no_other_room() -> None:
    """The demo portal is a process of its own: it must not know the app that reads it."""
    script = (
        "import sys, dash_app.demo.cli, dash_app.demo.testing, dash_app.demo.rest.methods\n"
        "rooms = ('portal', 'store', 'metrics', 'reports', 'views', 'web')\n"
        "print([name for name in sys.modules if name.startswith(tuple('dash_app.' + room for room in rooms))])"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
        == "[]"
    )
