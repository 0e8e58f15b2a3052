"""План-факт руководителей by a table small enough to check by eye (metrics.md section 9). Taken on Friday 20 March 2026, 12:00 in Moscow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dash_app.errors import BadInput
from dash_app.reports import leader_notes
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.reports.session import Session
from dash_app.services_factory import typed_of
from dash_app.store.workspace import Workspace
from pages.leaders_week import REPORT
from tests.figures.facts_builder import Facts, NoCache, Published, moscow, service_of, typed_entries

MARCH_2, MARCH_9, MARCH_16 = date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16)
WEEKS = {"from": ["2026-03-04"], "to": ["2026-03-12"]}
NORTH = {"department_id": "2", "manager_id": "5"}


def built(folder: Path) -> Path:
    facts = Facts(folder / "facts.duckdb")
    for department, name, parent, head in (
        (1, "Компания", None, 9),
        (2, "Север", 1, 5),
        (3, "Юг", 1, 5),
        (4, "Без главы", 1, None),
    ):
        facts.department(department, name, parent)
        facts.con.execute("UPDATE departments SET head_id = ? WHERE id = ?", [head, department])
    facts.manager(5, "Елена", 1, 2)
    facts.manager(6, "Илья", 1, 2)
    facts.manager(7, "Юлия", 1, 3)
    facts.manager(9, "Олег", 1)
    told = {"promised": True, "done": True, "on_time": True}
    facts.commitment(1, "task", MARCH_2, manager=5, finished_at=moscow("2026-03-03 10:00"), **told)
    facts.commitment(2, "task", MARCH_2, manager=5, promised=True, slipped=True)
    facts.commitment(1, "activity", MARCH_2, manager=5, added=True, done=True, owner_id=8)
    facts.commitment(2, "task", MARCH_9, manager=5, promised=True, done=True)
    facts.commitment(3, "task", MARCH_16, manager=9, promised=True)
    facts.activity(1, "todo", "2026-03-01 10:00", manager=6, completed=False, deadline=moscow("2026-03-05 10:00"))
    facts.activity(2, "todo", "2026-03-01 10:00", manager=6, completed=False, deadline=moscow("2026-03-12 10:00"))
    facts.activity(3, "todo", "2026-03-01 10:00", manager=7, completed=False, deadline=moscow("2026-03-12 10:00"))
    facts.task(
        1,
        "2026-03-01 10:00",
        start="2026-03-03 10:00",
        deadline="2026-03-04 18:00",
        started="2026-03-03 09:00",
        finished="2026-03-05 10:00",
        manager=6,
    )
    facts.deal(1, "2026-02-01 10:00", won="2026-03-04 10:00", manager=6, amount="300")
    facts.deal(2, "2026-02-01 10:00", won="2026-03-10 10:00", manager=6, amount="200")
    facts.deal(3, "2026-03-01 10:00", manager=6, idle_days=15)
    return facts.done()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportService]:
    typed = typed_entries(plan=[{"manager_id": "6", "month": "2026-03", "plan_amount": "2100"}])  # 21 working days
    yield service_of(Published(built(tmp_path_factory.mktemp("leaders"))), REPORT, typed=typed)


def rows(reports: ReportService, **params: list[str]) -> dict[tuple[str, str, str], dict[str, Any]]:
    query = reports.parse(REPORT, {**WEEKS, **params}, interface=False)
    found = reports.block(REPORT, "leaders", query).rows
    return {(str(r["week"]), str(r["department_id"]), str(r["manager_id"])): r for r in found}


def ids(reports: ReportService, measure: str, row: dict[str, str]) -> list[str]:
    query = reports.parse(REPORT, WEEKS, interface=False)
    page = reports.records(REPORT, "leaders", measure, row, query, GridRequest(0, 100))
    return sorted(str(r.get("key", r["id"])) for r in page.rows)


def test_a_row_a_head_a_department_and_a_week_that_overlaps_the_period(reports: ReportService) -> None:
    found = rows(reports)
    assert list(found) == [
        (week, department, head)
        for week in ("2026-W11", "2026-W10")
        for department, head in (("1", "9"), ("2", "5"), ("3", "5"))
    ]
    running = rows(reports, **{"from": ["2026-03-16"], "to": ["2026-04-30"]})
    assert {week for week, _, _ in running} == {"2026-W12"}  # weeks to come are not there
    assert list(rows(reports, manager=["9"])) == [("2026-W11", "1", "9"), ("2026-W10", "1", "9")]
    assert {d for _, d, _ in rows(reports, department=["3"])} == {"3"}


def test_the_heads_own_work_together_and_apart(reports: ReportService) -> None:
    row = rows(reports)["2026-W10", "2", "5"]
    parts = ("promised", "added", "done", "on_time", "slipped")
    assert [row[n] for n in parts] == [2, 1, 2, 1, 1]
    assert [row[f"tasks_{n}"] for n in parts] == [2, 0, 1, 1, 1]
    assert [row[f"activities_{n}"] for n in parts] == [0, 1, 1, 0, 0]
    assert [rows(reports)["2026-W11", "3", "5"][n] for n in parts] == [
        1,
        0,
        1,
        0,
        0,
    ]  # the same in each department he heads
    here = {**NORTH, "week": "2026-W10"}
    assert ids(reports, "promised", here) == ["task:1:2026-W10", "task:2:2026-W10"]
    assert ids(reports, "activities_done", here) == ["activity:1:2026-W10"]
    filtered = rows(reports, department=["2"])[
        "2026-W10", "2", "5"
    ]  # a filter chooses rows, it does not narrow what they count
    assert [filtered[n] for n in parts] == [2, 1, 2, 1, 1]


def test_the_department_at_the_weeks_end_beside_the_week_before(reports: ReportService) -> None:
    found = rows(reports)
    north, south, all_of_it = (found["2026-W11", d, h] for d, h in (("2", "5"), ("3", "5"), ("1", "9")))
    assert [(r["overdue"], r["overdue_base"], r["overdue_delta"]) for r in (north, south, all_of_it)] == [
        (2, 1, 1),
        (1, 0, 1),
        (3, 1, 2),
    ]
    assert (north["forgotten_deals"], north["forgotten_leads"]) == (1, 0)
    # of the week of 2 March one task of one was started in time, none was finished so
    before = found["2026-W10", "2", "5"]
    assert (before["execution"], before["due_to_start"], before["started_on_time"], before["finished_on_time"]) == (
        0.0,
        1,
        1,
        0,
    )
    assert (north["execution"], north["execution_base"]) == (None, 0.0)
    # up to 8 March 5 working days of 21, up to 15 March 9 (Monday the 9th is a day off)
    assert (float(before["attainment_num"]), float(before["attainment_den"])) == (300, 500)
    assert (float(north["attainment_num"]), float(north["attainment_den"])) == (500, 900)
    assert north["attainment_base"] == pytest.approx(0.6)
    here = {**NORTH, "week": "2026-W11"}
    assert (ids(reports, "overdue", here), ids(reports, "overdue_base", here)) == (["1", "2"], ["1"])
    assert (ids(reports, "forgotten_deals", here), ids(reports, "attainment_num", here)) == (["3"], ["1", "2"])
    assert ids(reports, "due_to_finish", {**NORTH, "week": "2026-W10"}) == ["1"]


def test_all_heads_together(reports: ReportService) -> None:
    query = reports.parse(REPORT, WEEKS, interface=False)
    [row] = reports.block(REPORT, "summary", query).rows
    assert [row[n] for n in ("heads_due", "heads_done", "heads_slipped", "heads_done_share_den")] == [4, 3, 1, 4]
    page = reports.records(REPORT, "summary", "heads_done", {}, query, GridRequest(0, 100))
    assert sorted(str(r["key"]) for r in page.rows) == ["activity:1:2026-W10", "task:1:2026-W10", "task:2:2026-W11"]


def test_items_are_those_of_the_weeks_of_the_period(reports: ReportService) -> None:
    query = reports.parse(REPORT, WEEKS, interface=False)
    page = reports.records(REPORT, "items", "", {}, query, GridRequest(0, 100))
    assert sorted(str(r["key"]) for r in page.rows) == [
        "activity:1:2026-W10",
        "task:1:2026-W10",
        "task:2:2026-W10",
        "task:2:2026-W11",
    ]
    shown = {str(r["key"]): (r["outcome"], str(r["url"]).partition("1:1")[2] or r["url"]) for r in page.rows}
    assert shown["task:1:2026-W10"][0] == "в срок" and shown["task:2:2026-W10"][0] == "перенесено или не сделано"
    assert shown["activity:1:2026-W10"][0] == "с опозданием"
    assert all("/tasks/task/view/" in url for key, (_, url) in shown.items() if key.startswith("task"))


@pytest.fixture
def session(tmp_path: Path) -> Session:
    workspace = Workspace(f"sqlite:///{tmp_path / 'workspace.sqlite'}", portal="test")
    published = Published(built(tmp_path))
    return Session(ReportService(lambda: published, (REPORT,), NoCache(), typed=typed_of(workspace)), workspace)


def test_a_note_is_kept_with_who_and_when_and_taken_back(session: Session) -> None:
    moment = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
    assert leader_notes.write(session, "2", "5", "2026-W10", " две сделки ушли ", "Анна", moment) is not None
    query = session.parse(REPORT, WEEKS, interface=False)

    def row() -> dict[str, Any]:
        found = session.block(REPORT, "leaders", query).rows
        return next(r for r in found if (r["week"], r["department_id"]) == ("2026-W10", "2"))

    assert (row()["note"], row()["note_author"], row()["note_at"]) == ("две сделки ушли", "Анна", moment)
    assert leader_notes.write(session, "2", "5", "2026-W10", "две сделки ушли", "Борис") is None  # nothing new
    leader_notes.write(session, "2", "5", "2026-W10", "", "Борис")
    assert row()["note"] is None
    assert [(c.who, bool(c.after)) for c in session.history(kinds=["leader_note"])] == [
        ("Борис", False),
        ("Анна", True),
    ]


@pytest.mark.parametrize(
    ("department", "manager", "week"),
    [("2", "6", "2026-W10"), ("77", "5", "2026-W10"), ("2", "5", "2026-02"), ("2", "5", "2026-W54")],
)
def test_a_note_is_of_a_head_and_a_week_there_is(session: Session, department: str, manager: str, week: str) -> None:
    with pytest.raises(BadInput):
        leader_notes.write(session, department, manager, week, "слова", "Анна")
