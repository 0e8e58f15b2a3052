"""Expenses of the demo company: typed once, never over what people typed."""

from __future__ import annotations

from pathlib import Path

from dash_app.cli.example_expenses import type_example_expenses
from dash_app.store.workspace import Workspace
from tests.figures.facts_builder import Facts


def test_they_are_typed_once_for_known_sources_only(tmp_path: Path) -> None:
    facts = Facts(tmp_path / "facts.duckdb")
    for lead in range(1, 41):
        facts.lead(lead, "2026-02-10 10:00")
    path = facts.done()
    workspace = Workspace(f"sqlite:///{tmp_path / 'workspace.db'}", portal="p")
    assert type_example_expenses(workspace, path) > 0
    entries = workspace.entries("expense")
    assert {entry.value.source_id for entry in entries.values()} == {"WEB"}  # type: ignore[attr-defined]
    assert entries["WEB:2026-02"].value.amount == 43_000  # type: ignore[attr-defined]
    workspace.put_entries("expense", dict.fromkeys(entries), "somebody")
    assert type_example_expenses(workspace, path) == 0
