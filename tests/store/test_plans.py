"""Cells of the plan: saved, refused one by one, and never written over what somebody else saved unseen."""

from __future__ import annotations

from decimal import Decimal
from time import perf_counter

import pytest

from dash_app.store.cells import Edit
from dash_app.store.workspace import EditConflict, Workspace
from tests.grids import Measure
from tests.grids import PlanCell as Cell
from tests.grids import save_plans as save
from tests.grids import stored_plan as stored


def edit(
    text: str,
    was: str = "",
    *,
    manager: str = "7",
    pipeline: str = "",
    month: str = "2026-02",
    measure: Measure = "plan_amount",
) -> Edit:
    return Edit(Cell(manager, pipeline, month, measure), text, was)


def values(workspace: Workspace, key: str = "7:all:2026-02") -> dict[Measure, str]:
    return stored(workspace.entries("plan").get(key))


def test_a_cell_is_saved_as_typed(workspace: Workspace) -> None:
    outcome = save(
        workspace, [edit("1 200 000,50"), edit("3", measure="plan_count"), edit("50 000", measure="bonus")], "Анна"
    )
    assert len(outcome.saved) == 3 and len(outcome.changes) == 1
    assert values(workspace) == {"plan_amount": "1200000.50", "plan_count": "3", "bonus": "50000"}


def test_a_bad_cell_does_not_take_the_others_with_it(workspace: Workspace) -> None:
    outcome = save(workspace, [edit("5"), edit("много", month="2026-03"), edit("7", month="2026-04")], "Анна")
    assert [r.edit.cell.month for r in outcome.refused] == ["2026-03"]
    assert set(workspace.entries("plan")) == {"7:all:2026-02", "7:all:2026-04"}


def test_count_and_bonus_need_an_amount(workspace: Workspace) -> None:
    outcome = save(workspace, [edit("5", measure="bonus")], "Анна")
    assert "Сначала введите сумму" in outcome.refused[0].why.ru
    assert workspace.entries("plan") == {}


def test_clearing_the_amount_removes_the_plan_of_the_month(workspace: Workspace) -> None:
    save(workspace, [edit("5"), edit("1", measure="bonus")], "Анна")
    outcome = save(workspace, [edit("", was="5")], "Анна")
    assert workspace.entries("plan") == {}
    workspace.undo_all([c.id for c in outcome.changes], "Анна")
    assert values(workspace) == {"plan_amount": "5", "plan_count": "", "bonus": "1"}


def test_the_second_editor_of_a_cell_is_told_and_sees_both(workspace: Workspace) -> None:
    save(workspace, [edit("5")], "Анна")
    save(workspace, [edit("6", was="5")], "Пётр")
    outcome = save(workspace, [edit("7", was="5"), edit("9", month="2026-03")], "Анна")
    (conflict,) = outcome.conflicts
    assert (conflict.theirs, conflict.edit.text, conflict.who) == ("6", "7", "Пётр")
    assert values(workspace)["plan_amount"] == "6"
    assert "7:all:2026-03" in workspace.entries("plan")
    assert save(workspace, [edit("7", was="6")], "Анна").conflicts == []
    assert values(workspace)["plan_amount"] == "7"


def test_two_editors_of_different_cells_of_a_month_do_not_meet(workspace: Workspace) -> None:
    save(workspace, [edit("5")], "Анна")
    save(workspace, [edit("6", was="5")], "Пётр")
    assert save(workspace, [edit("100", measure="bonus")], "Анна").conflicts == []
    assert values(workspace) == {"plan_amount": "6", "plan_count": "", "bonus": "100"}


def test_a_save_repeated_after_a_lost_answer_is_no_conflict(workspace: Workspace) -> None:
    save(workspace, [edit("5")], "Анна")
    outcome = save(workspace, [edit("5")], "Анна")
    assert outcome.saved and not outcome.conflicts and not outcome.changes


def test_all_pipelines_beside_a_pipeline_is_refused_at_its_cell(workspace: Workspace) -> None:
    outcome = save(workspace, [edit("5"), edit("6", pipeline="0"), edit("7", pipeline="0", month="2026-03")], "Анна")
    assert [(r.edit.cell.pipeline_id, r.edit.cell.month) for r in outcome.refused] == [("0", "2026-02")]
    assert "дважды" in outcome.refused[0].why.ru
    outcome = save(workspace, [edit("6", pipeline="0"), edit("", was="5")], "Анна")
    assert not outcome.refused and set(workspace.entries("plan")) == {"7:0:2026-02", "7:0:2026-03"}
    workspace.undo_all([c.id for c in outcome.changes], "Анна")
    assert set(workspace.entries("plan")) == {"7:all:2026-02", "7:0:2026-03"}


def test_a_paste_is_undone_whole_or_not_at_all(workspace: Workspace) -> None:
    done = save(workspace, [edit("5"), edit("6", month="2026-03")], "Анна").changes
    save(workspace, [edit("8", was="6", month="2026-03")], "Пётр")
    with pytest.raises(EditConflict) as said:
        workspace.undo_all([c.id for c in done], "Анна")
    assert "Пётр" in said.value.text.ru
    assert len(workspace.entries("plan")) == 2
    assert workspace.entries("plan")["7:all:2026-02"].value.plan_amount == Decimal(5)  # type: ignore[attr-defined]


def test_a_closed_month_keeps_its_plan(workspace: Workspace) -> None:
    save(workspace, [edit("5")], "Анна")
    workspace.put_entries("closing", {"2026-02": {"month": "2026-02", "state": "closed"}}, "Анна")
    outcome = save(workspace, [edit("6", was="5"), edit("7", month="2026-03"), edit("8", manager="9")], "Анна")
    assert [(r.edit.cell.manager_id, r.edit.cell.month) for r in outcome.refused] == [
        ("7", "2026-02"),
        ("9", "2026-02"),
    ]
    assert "закрыт" in outcome.refused[0].why.ru
    assert set(workspace.entries("plan")) == {"7:all:2026-02", "7:all:2026-03"}
    assert not save(workspace, [edit("5,00", was="4")], "Анна").refused


def test_a_big_paste_is_saved_and_undone_in_a_moment(workspace: Workspace) -> None:
    cells = [edit("1000", manager=str(m), month=f"2026-{k:02d}") for m in range(100) for k in range(1, 13)]
    began = perf_counter()
    done = save(workspace, cells, "Анна").changes
    assert [c.id for c in done] == sorted(c.id for c in done) and len(done) == 1200
    workspace.undo_all([c.id for c in done], "Анна")
    assert perf_counter() - began < 15
    assert workspace.entries("plan") == {}
    save(workspace, cells[:1], "Анна")
    assert workspace.entries("plan")["0:all:2026-01"].version == 3
