"""What lies in DATA_DIR is its owner's alone, whatever made it; what a person wants elsewhere is not."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dash_app import private
from dash_app.demo.testing import running_portal

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights of files as POSIX has them")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def open_to_others(folder: Path) -> list[str]:
    return [f"{mode(path):o} {path.relative_to(folder)}" for path in folder.rglob("*") if mode(path) & 0o077]


def run(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """As somebody whose files others may read."""
    code = "import os, runpy, sys; os.umask(0o022); sys.argv = sys.argv[1:]; runpy.run_module('dash_app', run_name='__main__', alter_sys=True)"
    return subprocess.run(
        [sys.executable, "-c", code, "dash_app", *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_nobody_else_reads_what_commands_write(tmp_path: Path) -> None:
    data, report, folder, backup = (tmp_path / name for name in ("data", "report.json", "report", "backup"))
    with running_portal(scale=30, seed=2) as portal:
        environment: dict[str, Any] = {
            "DATA_DIR": str(data),
            "B24_WEBHOOK_URL": portal.webhook,
            "REQUESTS_PER_SECOND": "1000",
            "REQUEST_BURST": "1000",
        }
        assert run(environment, "sync").returncode == 0
        assert run(environment, "workspace", "set", "forgotten_deal_days", "5").returncode == 0
        for form, output in (("json", report), ("parquet", folder)):
            done = run(environment, "report", "forgotten", "--format", form, "--output", str(output))
            assert done.returncode == 0, done.stderr
        assert run(environment, "workspace", "backup", str(backup)).returncode == 0
    assert mode(data) == 0o700 and open_to_others(data) == []
    assert any(data.rglob("facts.duckdb")) and any(data.rglob("workspace.sqlite")) and any(data.rglob("app.log"))
    written = {mode(path) for path in folder.iterdir()}
    assert (mode(report), mode(folder), written) == (0o644, 0o755, {0o644}), "what is asked for elsewhere is as usual"
    assert not mode(backup) & 0o077, "a backup holds what people typed"


def test_what_an_earlier_version_left_open_is_closed_once_and_nothing_else(tmp_path: Path) -> None:
    mine, foreign = tmp_path / "portal", tmp_path / "shared"
    for folder in (mine / "snapshots" / "1", mine / "cache" / "answers", tmp_path / "logs", foreign):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    (mine / "snapshots" / "out").symlink_to(foreign)
    for path in (tmp_path, *tmp_path.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    before = os.umask(0o022)
    try:
        private.keep(tmp_path)
    finally:
        os.umask(before)
    assert mode(tmp_path) == 0o755 and mode(foreign) == 0o755 and mode(foreign / "file") == 0o644
    assert [line for line in open_to_others(mine) if "out" not in line] == [] == open_to_others(tmp_path / "logs")
    assert mode(mine) == 0o700 and mode(mine / "snapshots" / "1" / "file") == 0o600
