"""A log of one's own for each test."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dash_app import logs
from dash_app.logs.handlers import Console, LogFile

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """DATA_DIR, with everything about logging put back afterwards."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield tmp_path / "data"
    for handler in [h for h in root.handlers if h not in before or isinstance(h, LogFile | Console)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logs._file = None
    logs._of_process.clear()


@pytest.fixture
def lines(folder: Path) -> Lines:
    """The log of the test, set up at DEBUG, as it stands now."""
    logs.setup(folder, "DEBUG", "cli", hidden=["known-secret-1"])
    return lambda: [json.loads(line) for line in (folder / "logs" / "app.log").read_text(encoding="utf-8").splitlines()]
