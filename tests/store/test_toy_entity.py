"""A new portal entity is one declaration, taken from CONTRIBUTING.md as it stands there: nothing else is touched."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def _beside(folder: Path, real: Path, inside: tuple[str, ...], file: str, code: str) -> None:
    """``folder``: what is in ``real``, with one file more in the folder ``inside`` it."""
    folder.mkdir()
    for entry in real.iterdir():
        if entry.name != (inside or ("__pycache__",))[0]:
            (folder / entry.name).symlink_to(entry)
    if inside:
        _beside(folder / inside[0], real / inside[0], inside[1:], file, code)
    else:
        (folder / file).write_text(code, encoding="utf-8")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a program with the guide's file beside ours says after three refreshes; a process of its own, for tables are made at import."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Add a portal entity")[1]
    code = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)[0]
    folder = tmp_path_factory.mktemp("entity")
    program = folder / "program"
    program.mkdir()
    for name in ("tests", "callbacks"):
        (program / name).symlink_to(ROOT / name)
    _beside(program / "dash_app", ROOT / "dash_app", ("portal", "entities"), "product_sections.py", code)
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.toy_entity", str(folder / "data")],
        cwd=program,
        env={**os.environ, "PYTHONPATH": str(program), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def test_its_rows_are_in_a_raw_table_and_its_ids_have_names(found: dict[str, Any]) -> None:
    assert found["raw"] == [[1, "Section 1"]]
    assert found["names"] == ["Section 5", "#8", "Section #99", "(no section)"]


def test_what_is_refused_odd_new_and_gone_is_said_in_its_words(found: dict[str, Any]) -> None:
    (refused,) = [line for line in found["refused"] if "каталога" in line]
    assert refused.startswith("Разделы каталога не прочитаны: вместо имён номера. Вебхуку не хватает прав")
    assert "«CRM (crm)»" in refused
    assert "Разделов каталога без номера: 1. В отчёты не вошли." in found["odd"]
    assert found["new"].replace("\u00a0", " ") == "8 новых разделов каталога"
    assert "разделов каталога было 8, стало 0" in found["question"]
