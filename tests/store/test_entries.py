"""Entries people type: versions, refusals, history, undo, files – for every kind the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from dash_app.errors import BadInput
from dash_app.store.workspace import EditConflict, Workspace


def plan(manager: str = "7", pipeline: str = "", month: str = "2026-02", amount: str = "100000.50") -> dict[str, str]:
    return {"manager_id": manager, "pipeline_id": pipeline, "month": month, "plan_amount": amount}


def test_what_is_typed_is_read_back_exactly(workspace: Workspace) -> None:
    workspace.put_entries("plan", {"7:all:2026-02": plan()}, "Анна")
    entry = workspace.entries("plan")["7:all:2026-02"]
    assert (str(entry.value.plan_amount), entry.version) == ("100000.50", 1)  # type: ignore[attr-defined]


def test_the_second_of_two_editors_is_told_and_sees_both_values(workspace: Workspace) -> None:
    key = "7:all:2026-02"
    workspace.put_entries("plan", {key: plan()}, "Анна")
    workspace.put_entries("plan", {key: plan(amount="2")}, "Пётр", expected={key: 1})
    with pytest.raises(EditConflict) as said:
        workspace.put_entries("plan", {key: plan(amount="3")}, "Анна", expected={key: 1})
    assert "Пётр" in said.value.text.ru
    assert (said.value.theirs["plan_amount"], said.value.yours["plan_amount"]) == ("2", "3")
    assert str(workspace.entries("plan")[key].value.plan_amount) == "2"  # type: ignore[attr-defined]


def test_all_or_nothing(workspace: Workspace) -> None:
    with pytest.raises(BadInput, match="amount"):
        workspace.put_entries("plan", {"7:all:2026-02": plan(), "8:all:2026-02": plan("8", amount="много")}, "Анна")
    assert workspace.entries("plan") == {}
    assert workspace.version_of_all() == 0


def test_a_plan_for_all_pipelines_beside_one_of_its_own_is_refused(workspace: Workspace) -> None:
    workspace.put_entries("plan", {"7:1:2026-02": plan(pipeline="1"), "7:2:2026-02": plan(pipeline="2")}, "Анна")
    with pytest.raises(BadInput, match="twice"):
        workspace.put_entries("plan", {"7:all:2026-02": plan()}, "Анна")
    workspace.put_entries("plan", {"7:all:2026-03": plan(month="2026-03")}, "Анна")
    assert len(workspace.entries("plan")) == 3


def test_every_change_is_kept_and_can_be_undone(workspace: Workspace) -> None:
    key = "7:all:2026-02"
    workspace.put_entries("plan", {key: plan()}, "Анна")
    (removed,) = workspace.put_entries("plan", {key: None}, "Пётр", expected={key: 1})
    assert workspace.entries("plan") == {}
    workspace.undo(removed.id, "Анна")
    assert str(workspace.entries("plan")[key].value.plan_amount) == "100000.50"  # type: ignore[attr-defined]
    assert [(c.who, c.before is None, c.after is None) for c in workspace.history(f"plan:{key}")] == [
        ("Анна", True, False),
        ("Пётр", False, True),
        ("Анна", True, False),
    ]


def test_a_removed_entry_that_comes_back_fits_nobodys_old_version(workspace: Workspace) -> None:
    key = "7:all:2026-02"
    workspace.put_entries("plan", {key: plan()}, "Анна")
    workspace.put_entries("plan", {key: None}, "Анна")
    workspace.put_entries("plan", {key: plan(amount="5")}, "Анна", expected={key: 0})
    with pytest.raises(EditConflict):
        workspace.put_entries("plan", {key: plan(amount="6")}, "Пётр", expected={key: 1})


def test_an_undo_of_what_was_changed_since_is_refused(workspace: Workspace) -> None:
    key = "7:all:2026-02"
    (first,) = workspace.put_entries("plan", {key: plan()}, "Анна")
    workspace.put_entries("plan", {key: plan(amount="2")}, "Пётр")
    with pytest.raises(EditConflict):
        workspace.undo(first.id, "Анна")


def test_settings_and_entries_leave_and_come_back_as_one_file(workspace: Workspace, tmp_path: Path) -> None:
    workspace.set("refresh_minutes", 30, "Анна")
    workspace.put_entries("plan", {"7:all:2026-02": plan()}, "Анна")
    workspace.put_entries(
        "snooze", {"deal:5": {"entity": "deal", "id": "5", "until": "2026-04-01", "reason": "ждём"}}, "Анна"
    )
    other = Workspace(f"sqlite:///{tmp_path / 'other.db'}", portal="p")
    other.import_(workspace.export(), "Пётр")
    assert other.values().refresh_minutes == 30
    assert other.entries("plan") == workspace.entries("plan")
    assert set(other.entries("snooze")) == {"deal:5"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"settings": {"time_zone": "Mars"}}', "settings, time_zone: "),
        ('{"settings": {}, "entries": {"plan": [{"manager_id": "x"}]}}', "plan, строка 1: "),
        ('{"settings": {}, "entries": {"expense": [E, E]}}', "expense, строка 2: то же, что в строке 1"),
        ('{"settings": {"refresh_minutes": 5, "refresh_minutes": 6}}', "«refresh_minutes» есть в файле дважды"),
        ('{"settings": {}, "entires": {}}', "Раздела «entires» нет"),
        ('{"settings": {}, "entries": {"plan": {"1": 2}}}', "Это не файл настроек"),
        ('{"settings": {}, "entries": {"plan": "все"}}', "Это не файл настроек"),
        ('{"format": 2, "settings": {}}', "другой версией"),
        ('{"settings": {"refresh_minutes": NaN}}', "Это не файл настроек"),
        ("[" * 100_000, "Это не файл настроек"),
    ],
)
def test_whatever_is_wrong_with_a_settings_file_is_named_by_its_place(
    workspace: Workspace, content: str, said: str
) -> None:
    content = content.replace("E", '{"source_id": "WEB", "month": "2026-02", "amount": "5"}')
    with pytest.raises(BadInput) as error:
        workspace.import_(content.encode(), "Анна")
    assert said in error.value.text.ru
    assert workspace.history() == []


def test_a_file_with_one_bad_line_changes_nothing(workspace: Workspace) -> None:
    content = b'{"settings": {"refresh_minutes": 15}, "entries": {"plan": [{"manager_id": "x"}], "odd": []}}'
    with pytest.raises(BadInput, match="Nothing was imported"):
        workspace.import_(content, "Анна")
    assert workspace.values().refresh_minutes == 0
