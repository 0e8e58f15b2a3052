"""The schedule and refreshes in the background: nobody reads their standard error, so they go on, or say it on the page."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dash_app.__main__ import main
from dash_app.cli import sync
from dash_app.store import progress as progresses
from dash_app.store import sqlite_file
from dash_app.store.control import RefreshProcess
from dash_app.store.paths import PortalPaths
from dash_app.store.progress import Progress
from dash_app.store.workspace import Workspace
from tests.cli.test_upgrade import WEBHOOK


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortalPaths:
    from dash_app.portal.credentials import Webhook

    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("B24_WEBHOOK_URL", WEBHOOK)
    monkeypatch.setenv("REFRESH_MINUTES", "45")
    monkeypatch.setattr(sqlite_file, "PATIENCE", 0.1)
    found = PortalPaths.of(tmp_path, Webhook.parse(WEBHOOK).portal_key)
    Workspace(f"sqlite:///{found.workspace}", portal=found.root.name).close()
    return found


@pytest.fixture
def other_program(paths: PortalPaths) -> Iterator[sqlite3.Connection]:
    """Keeps the workspace to itself until its transaction ends."""
    with closing(sqlite3.connect(paths.workspace, isolation_level=None)) as con:
        con.execute("PRAGMA locking_mode = EXCLUSIVE")
        con.execute("BEGIN EXCLUSIVE")
        yield con


class Enough(BaseException):
    """Ends the schedule."""


def test_a_schedule_that_begins_while_the_workspace_is_locked_begins_later(
    paths: PortalPaths, other_program: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    pauses: list[int] = []

    def pause(_: float) -> None:
        pauses.append(len(started))
        if len(pauses) == 2:
            other_program.execute("ROLLBACK")
            other_program.close()
        if len(pauses) == 3:
            raise Enough

    monkeypatch.setattr(sync.time, "sleep", pause)
    monkeypatch.setattr(RefreshProcess, "start", lambda _, by, **__: not started.append(by))
    with pytest.raises(Enough):
        main(["sync", "--schedule", "--quiet"])
    assert pauses == [0, 0, 1] and started == ["schedule"]


def test_a_refresh_in_the_background_that_cannot_begin_says_why_on_the_page(
    paths: PortalPaths, other_program: sqlite3.Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    progresses.write(paths, Progress(running=True, phase="connect", started_by="Анна"))  # as the button does
    assert main(["sync", "--quiet", "--started-by", "Анна"]) == 2
    said = capfd.readouterr().err.strip()
    progress = RefreshProcess(paths).progress()
    assert progress is not None and progress.error is not None
    assert (progress.phase, progress.error.ru) == ("failed", said) and "workspace.sqlite занят" in said


def test_progress_on_the_command_line_is_written_as_people_write_numbers() -> None:
    progress = Progress(phase="read", entity="deals", rows=861, expected=4096, seconds_left=9)
    assert sync.line(progress, "ru") == "Читаю deals: 861 / 4\u00a0096 (21 %, осталось 9 с)"
    assert sync.line(progress, "en") == "Reading deals: 861 / 4\u00a0096 (21 %, 9 s left)"
