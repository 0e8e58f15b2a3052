"""Documentation that can be checked is checked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dash_app.__main__ import COMMANDS
from dash_app.cli.docs import generated

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("name", sorted(generated()))
def test_generated_documentation_is_current(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == generated()[name], "run: make docs"


SECTION = re.compile(r"metrics\.md[`)\]]*,? (?:sections? )((?:\d+(?:\.\d+)?(?:, | and )?)+)")
SOURCES = [
    path
    for folder in ("dash_app", "callbacks", "pages", "tests", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def test_every_section_of_the_definitions_that_code_names_exists() -> None:
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    there = set(re.findall(r"^#{2,3} (\d+(?:\.\d+)?)[. ]", text, re.MULTILINE))
    assert {"0", "0.2", "0.15", "1", "11"} <= there
    named = {
        (path.relative_to(ROOT).as_posix(), number)
        for path in SOURCES
        for found in SECTION.findall(path.read_text(encoding="utf-8"))
        for number in re.findall(r"\d+(?:\.\d+)?", found)
    }
    assert len(named) > 20
    assert not {(path, number) for path, number in named if number not in there}


def test_sections_of_the_definitions_come_once_and_in_order() -> None:
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    numbers = [tuple(map(int, n.split("."))) for n in re.findall(r"^#{2,3} (\d+(?:\.\d+)?)[. ]", text, re.MULTILINE)]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_named_in_the_documentation_exist(page: Path) -> None:
    for command in re.findall(r"python -m dash_app (\w+)", page.read_text(encoding="utf-8")):
        assert command in COMMANDS, command


def test_every_direct_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    for line in (ROOT / "requirements.in").read_text().splitlines():
        name = re.split(r"[\[<>=~;#\s]", line.strip())[0].lower()
        if name:
            assert name in reasons, name


def test_requirements_are_locked() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith((" ", "#"))]
        assert lines
        assert all("==" in line for line in lines)
        assert not any("file:" in line or "--" in line for line in lines)
