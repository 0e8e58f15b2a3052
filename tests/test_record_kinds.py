"""What a kind of records is called and where it lives is said once: the middle of the application names no kind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dash_app.engine.cards import card_url, linked_url
from dash_app.engine.facts import FACTS
from dash_app.record_kinds import CARDS, LOADED, RECORD_KINDS, SALE

ROOT = Path(__file__).parents[1]
MIDDLE = ("access", "engine", "reports", "views", "web", "exports", "cli")
DECLARES = {"dash_app/engine/facts.py"}
"""Facts say whose records they are."""
NAMES = {name for kind in CARDS for name in (kind.id, kind.fact)}


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Texts of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.lineno, node.value


@pytest.mark.parametrize("room", [*(f"dash_app/{room}" for room in MIDDLE), "callbacks"])
def test_the_middle_names_no_kind_of_cards(room: str) -> None:
    modules = [p for p in (ROOT / room).rglob("*.py") if p.relative_to(ROOT).as_posix() not in DECLARES]
    assert modules
    named = [f"{p.relative_to(ROOT)}:{line} {text}" for p in modules for line, text in literals(p) if text in NAMES]
    assert named == []


def test_a_declared_kind_has_its_fact_words_and_card() -> None:
    assert [kind.id for kind in CARDS] == ["deal", "lead"] and SALE.id == "deal"
    for kind in LOADED:
        assert FACTS[kind.fact].entity == kind.id
    for kind in RECORD_KINDS.values():
        assert {"one", "few", "many", "other"} <= set(kind.forms["ru"]) and {"one", "other"} <= set(kind.forms["en"])
        assert card_url("https://p", kind.id, 5, user_id=7).startswith("https://p/c")
        if kind.prefix:
            assert linked_url("https://p", f"{kind.prefix}_5") == card_url("https://p", kind.id, 5)


def test_settings_name_a_stage_by_its_kind_and_pipeline() -> None:
    assert SALE.stage_key(1, "C1:NEW") == "deal:1:C1:NEW"
    assert RECORD_KINDS["lead"].stage_key(None, "NEW") == "lead::NEW"
    assert RECORD_KINDS["lead"].stage_key_sql() == "'lead:' || '' || ':' || stage_id"
