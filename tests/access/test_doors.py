"""Where data leaves, and through which door. What may be imported is held by ``lint-imports``; here, what may be called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = (
    "callbacks",
    "dash_app/web",
    "dash_app/motivation",
    "dash_app/views",
    "dash_app/exports",
    "dash_app/cli",
    "dash_app/analysis.py",
    "pages",
)
ADMINISTRATION = {
    "callbacks/acts.py",  # the days of a stage are a setting
    "callbacks/connect.py",  # another portal
    "callbacks/nav.py",  # whether its form is shown
    "callbacks/refresh.py",  # the check of the connection
    "callbacks/settings_page.py",
    "dash_app/web/settings_form.py",
    "dash_app/web/settings_history.py",
}
"""Modules that go through ``Services.admin``."""
COMMANDS = {"dash_app/cli/serve.py", "dash_app/cli/sync.py", "dash_app/cli/user.py", "dash_app/cli/workspace.py"}
"""Commands of administration: they take of ``services_factory`` what they need; every other command takes a session."""
PRIVATE = {"_reports", "_typed", "_workspace", "administration"}
"""What lies behind a session and behind the door of administration."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        path = ROOT / room
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def test_nobody_reaches_behind_a_session() -> None:
    found = [
        (name, node.lineno, node.attr)
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in PRIVATE and not _is_own(node)
    ]
    assert found == []


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def test_the_door_of_administration_is_small() -> None:
    through = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "admin"
    }
    assert through == ADMINISTRATION


def test_commands_take_a_session() -> None:
    for name, tree in modules():
        taken = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "dash_app.services_factory"
            for alias in node.names
        }
        assert taken <= {"session_of"} or name in COMMANDS, name


def test_every_room_is_read() -> None:
    names = {name for name, _ in modules()}
    assert (
        ADMINISTRATION | COMMANDS | {"callbacks/blocks.py", "dash_app/exports/excel.py", "dash_app/analysis.py"}
        <= names
    )
