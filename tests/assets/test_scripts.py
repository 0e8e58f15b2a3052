"""The scripts of ``assets/``: their types, and what of them needs no browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from os import environ
from pathlib import Path

import pytest

from dash_app.app import create_app
from tests.fakes import fake_services

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
MOST_COLUMNS = 150  # texts and long tests of a condition read better whole


def run(*command: str | Path, **env: str) -> None:
    tool = shutil.which(command[0])
    assert tool, f"{command[0]} is not installed; make test installs it"
    done = subprocess.run(
        [tool, *command[1:]], cwd=ROOT, env=environ | env, capture_output=True, text=True, timeout=240, check=False
    )
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)


def test_types() -> None:
    run("tsc", "-p", "assets")


def test_units(tmp_path: Path) -> None:
    services = fake_services(tmp_path)
    page = create_app(services.settings, services).server.test_client().get("/").get_data(as_text=True)
    served = re.findall(r'<script src="/assets/((?!vendor/|head/)[^"?]+)', page)
    assert len(served) == len({*served}) > 10
    run("node", "--test", *sorted(HERE.glob("*.test.mjs")), SCRIPTS=json.dumps(served))


def test_lines_are_short_enough_to_read() -> None:
    scripts = [*(ROOT / "assets").rglob("*.js"), *(ROOT / "assets").rglob("*.d.ts"), *HERE.glob("*.mjs")]
    long = [
        f"{script.relative_to(ROOT)}:{number}"
        for script in scripts
        if "vendor" not in script.parts
        for number, line in enumerate(script.read_text().splitlines(), 1)
        if len(line) > MOST_COLUMNS
    ]
    assert long == []
