"""Cells of the expense grid: saved, refused or shown beside what somebody else saved; nothing is lost and nothing is written over unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from dash_app.store.workspace import Workspace
from tests.grids import ExpenseEdit as Edit
from tests.grids import save_expenses as save
from tests.grids import stored_amount as stored


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(f"sqlite:///{tmp_path / 'workspace.db'}", portal="p")


def amounts(workspace: Workspace) -> dict[str, str]:
    return {key: stored(entry) for key, entry in workspace.entries("expense").items()}


def test_good_cells_are_saved_and_a_bad_one_takes_none_with_it(workspace: Workspace) -> None:
    outcome = save(
        workspace,
        [Edit("WEB", "2026-02", "1 200,50"), Edit("CALL", "2026-02", "много"), Edit("1|VK:x", "2026-02", "7")],
        "Анна",
    )
    assert [edit.key for edit in outcome.saved] == ["WEB:2026-02", "1|VK:x:2026-02"]
    assert [edit.key for edit, _ in outcome.refused] == ["CALL:2026-02"]
    assert amounts(workspace) == {"WEB:2026-02": "1200.50", "1|VK:x:2026-02": "7"}


def test_an_empty_cell_removes_its_expense(workspace: Workspace) -> None:
    save(workspace, [Edit("WEB", "2026-02", "5")], "Анна")
    save(workspace, [Edit("WEB", "2026-02", " ", "5")], "Анна")
    assert amounts(workspace) == {}


def test_the_second_of_two_editors_sees_both_values(workspace: Workspace) -> None:
    save(workspace, [Edit("WEB", "2026-02", "5")], "Анна")
    outcome = save(workspace, [Edit("WEB", "2026-02", "9", ""), Edit("CALL", "2026-02", "1")], "Борис")
    assert [(edit.text, theirs, who) for edit, theirs, who in outcome.conflicts] == [("9", "5", "Анна")]
    assert amounts(workspace) == {"CALL:2026-02": "1", "WEB:2026-02": "5"}
    assert (
        save(workspace, [Edit("WEB", "2026-02", "5.0", "")], "Борис").conflicts == []
    )  # the same value is no conflict
    assert save(workspace, [Edit("WEB", "2026-02", "9", "5")], "Борис").saved
    assert amounts(workspace)["WEB:2026-02"] == "9"
