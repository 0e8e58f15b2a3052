"""``python -m dash_app sync`` as people and systems stop it, at every phase it shows: the next one finishes and publishes the whole portal."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import psutil

from dash_app.demo.testing import running_portal
from dash_app.portal.credentials import Webhook
from dash_app.store import progress as progresses
from dash_app.store.paths import PortalPaths
from dash_app.store.snapshots import Snapshots
from tests.cli.test_serving import ROOT

READ = ("deals", "leads", "activities", "tasks", "deal_history", "lead_history", "users", "statuses", "pipelines")


def started(environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dash_app", "sync"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def in_phase(process: subprocess.Popen[str], paths: PortalPaths, phase: str) -> None:
    begun, deadline = time.time() - 1, time.monotonic() + 90
    while True:
        found = progresses.read(paths)
        if found is not None and found.started > begun and found.phase == phase and (phase != "read" or found.rows):
            return
        assert process.poll() is None and time.monotonic() < deadline, f"{phase} was not seen"
        time.sleep(0.002)


def raw(paths: PortalPaths) -> dict[str, list[Any]]:
    current = Snapshots(paths).current()
    assert current is not None
    con = duckdb.connect(str(current.raw_path), read_only=True)
    try:
        return {table: con.execute(f"FROM {table} ORDER BY ALL").fetchall() for table in READ}
    finally:
        con.close()


def test_a_load_stopped_as_people_and_systems_stop_it_is_finished_by_the_next(tmp_path: Path) -> None:
    with running_portal(scale=300, seed=3, limits="off", today=date(2026, 11, 20)) as portal:
        key = Webhook.parse(portal.webhook).portal_key

        def environment(folder: str) -> dict[str, str]:
            return dict(os.environ) | {
                "DATA_DIR": str(tmp_path / folder),
                "B24_WEBHOOK_URL": portal.webhook,
                "REQUESTS_PER_SECOND": "10000",
                "REQUEST_BURST": "10000",
            }

        paths = PortalPaths.of(tmp_path / "stopped", key)
        for phase, how in (
            ("read", signal.SIGINT),
            ("derive", signal.SIGINT),
            ("derive", signal.SIGTERM),
            ("derive", signal.SIGKILL),
        ):
            process = started(environment("stopped"))
            try:
                in_phase(process, paths, phase)
                if how is signal.SIGINT:
                    os.killpg(process.pid, how)  # as a terminal does it: those that derive are interrupted as well
                else:
                    process.send_signal(how)
                said = process.communicate(timeout=60)[1]
            finally:
                if process.poll() is None:
                    process.kill()
            if process.returncode == 0:  # on a loaded machine it was done before the signal came
                shutil.rmtree(tmp_path / "stopped")
                continue
            assert process.returncode == (130 if how is signal.SIGINT else -how), said
            assert "Traceback" not in said
            assert Snapshots(paths).current() is None
        for folder in ("stopped", "undisturbed"):
            PortalPaths.of(tmp_path / folder, key)
            last = started(environment(folder))
            assert last.wait(timeout=120) == 0
        assert raw(paths) == raw(PortalPaths.of(tmp_path / "undisturbed", key))
    left = [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(p.info["cmdline"] or ())]
    assert not left
