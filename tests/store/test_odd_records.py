"""One odd record costs itself alone: kept with a mark or left out, counted in a note, and nothing else changes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dash_app.store import oddities, validate
from dash_app.store.validate import ContradictingFacts
from tests.store.raw_builder import Facts, Raw, at


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    return Raw(tmp_path / "raw.duckdb")


class Checked(Facts):
    """Facts that passed, and what the manifest says of their oddities."""

    def __init__(self, path: Path) -> None:
        self.notes = oddities.notes(path)
        super().__init__(path)


def checked(raw: Raw, **config: Any) -> Checked:
    """Facts that ``validate`` has nothing against."""
    facts = raw.facts(**config)
    facts.con.close()
    raw.con.close()
    validate.validate(raw.path, facts.path)
    return Checked(facts.path)


def said(facts: Checked) -> list[str]:
    return [line["ru"] for line in facts.notes]


@pytest.mark.parametrize("history", [True, False])
@pytest.mark.parametrize("entity", ["deal", "lead"])
def test_a_card_without_a_stage_is_kept_in_work_and_named(raw: Raw, entity: str, history: bool) -> None:
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")])
    if entity == "deal":
        raw.deal(2, "2026-01-05 10:00", [("WORK", "2026-01-06 10:00")], history=history, stage_id=None, semantic=None)
    else:
        raw.lead(2, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")], stage_id=None, semantic=None)
    facts = checked(raw)
    row = facts.row(f"{entity}s", 2)
    assert (row["status"], row["stage_id"], row["closed_at"]) == ("in_work", None, None)
    assert facts.row("deals", 1)["stage_id"] == "NEW"
    (line,) = said(facts)
    assert line.startswith({"deal": "Сделок", "lead": "Лидов"}[entity] + " без стадии: 1 (№ 2).")


def test_a_closed_card_without_a_stage_stays_closed(raw: Raw) -> None:
    path = [("NEW", "2026-01-05 10:00"), ("WON", "2026-01-10 10:00")]
    raw.deal(1, "2026-01-05 10:00", path, stage_id=None, semantic="S")
    raw.deal(2, "2026-01-05 10:00", path[:1], stage_id=None, semantic="F", moved_time=at("2026-02-01 10:00"))
    facts = checked(raw)
    assert (facts.row("deals", 1)["status"], facts.row("deals", 1)["won_at"]) == ("won", at("2026-01-10 10:00"))
    assert (facts.row("deals", 2)["status"], facts.row("deals", 2)["lost_at"]) == ("lost", at("2026-02-01 10:00"))


def test_before_it_lost_its_stage_a_card_stood_where_its_history_says(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("WORK", "2026-01-06 10:00")], stage_id=None, semantic=None)
    assert raw.facts(as_of="2026-02-01 10:00").row("deals", 1)["stage_id"] == "WORK"


def test_a_card_without_a_creation_date_is_left_out_and_counted(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")])
    raw.deal(2, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")], date_create=None)
    raw.deal(3, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")], date_create=datetime(2090, 1, 1))
    raw.add("tasks", id=7, title="Без даты")
    facts = checked(raw)
    assert facts.rows("SELECT id FROM deals") == [(1,)]
    assert [line.partition(".")[0] for line in said(facts)] == [
        "Сделок без даты создания: 1 (№ 2)",
        "Задач без даты создания: 1 (№ 7)",
        "Сделок с датой создания в будущем: 1 (№ 3)",
    ]


def test_a_card_whose_facts_contradict_each_other_is_left_out_and_the_rest_is_there(
    raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        raw.deal(number, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("WON", "2026-01-10 10:00")])
    monkeypatch.setitem(validate.RECORDS, "odd on purpose", ("deal", "SELECT id FROM deals WHERE id = 2"))  # type: ignore[arg-type]
    facts = checked(raw)
    assert facts.rows("SELECT id FROM deals ORDER BY id") == [(1,), (3,)]
    assert facts.rows("SELECT DISTINCT id FROM deal_stages ORDER BY id") == [(1,), (3,)]
    assert said(facts) == ["Сделок с данными, которые противоречат друг другу: 1 (№ 2). В отчёты не вошли."]


def test_many_contradictions_are_a_fault_of_the_whole_and_stop_the_publication(
    raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 61):
        raw.deal(number, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")])
    monkeypatch.setitem(validate.RECORDS, "all of them", ("deal", "SELECT id FROM deals"))  # type: ignore[arg-type]
    facts = raw.facts()
    facts.con.close()
    raw.con.close()
    with pytest.raises(ContradictingFacts, match="all of them: 60"):
        validate.validate(raw.path, facts.path)


def test_rows_of_directories_that_come_twice_or_have_impossible_ids_double_nothing(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")])
    for number in (1, 10**12, -5, None):
        raw.add("users", id=number, name="Анна", departments=[1, 10**12])
        raw.add("departments", id=number, name="Отдел", parent_id=10**12)
        raw.add("workgroups", id=number, name="Проект")
    for _ in range(2):
        raw.add("users", id=1, name="Анна")
        raw.add("departments", id=1, name="Отдел")
        raw.add("workgroups", id=1, name="Проект")
        raw.add("pipelines", id=0, name="Ещё раз")
        raw.add("pipelines", id=None, name="Без номера")
        raw.add("statuses", entity_id="DEAL_STAGE", status_id="NEW", name="Ещё раз", sort=10**6)
        raw.add("statuses", entity_id="SOURCE", status_id="WEB", name="Сайт")
    facts = checked(raw)
    assert facts.rows("SELECT id FROM deals") == [(1,)]
    for table in ("managers", "departments", "workgroups"):
        assert facts.rows(
            f"SELECT id FROM {table} WHERE known IS NOT FALSE" if table == "managers" else f"SELECT id FROM {table}"
        ) == [(1,)]
    assert facts.rows("SELECT count(*) FROM sources WHERE source_id = 'WEB'") == [(1,)]


def test_notes_name_three_at_most(raw: Raw) -> None:
    for number in range(1, 6):
        raw.deal(number, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")], date_create=None)
        raw.add("activities", id=number, created=at("2026-01-05 10:00"))
        raw.add("odd_values", entity="activities", id=number, field="deadline", why="unreadable")
    raw.add("odd_values", entity="activities", id=99, field="deadline", why="unreadable")  # deleted since
    facts = checked(raw)
    assert said(facts)[0].startswith("Сделок без даты создания: 5 (№ 1, 2, 3…).")
    (line,) = [note for note in facts.notes if "value" in note["en"]]
    assert line["en"] == (
        "Activities with a field's value that cannot be read: 5 (ids 1, 2, 3…; fields deadline). The value is left out, the rest is there."
    )
