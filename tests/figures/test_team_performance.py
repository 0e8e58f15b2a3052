"""Производительность команды on tables small enough to check by eye. As-of: 20 March 2026, 12:00 in Moscow."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dash_app.engine.result import BlockResult
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from pages.team_performance import REPORT
from tests.figures.facts_builder import Facts, Published, moscow, random_portal, service_of
from tests.figures.test_sales_dynamics import by, only
from tests.thorough import asked

FEBRUARY = {"from": ["2026-02-01"], "to": ["2026-02-28"]}
MARCH = {"from": ["2026-03-01"], "to": ["2026-03-31"]}


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    built = Facts(tmp_path / "portal.duckdb")
    built.department(1, "Продажи")
    built.department(2, "Сервис")
    built.manager(1, "Анна", 1)
    built.manager(2, "Борис", 1, 2)
    built.manager(9, "Шеф")
    built.add("workgroups", id=4, name="Запуск", closed=False)
    return built


def ask(facts: Facts, block: str, period: dict[str, list[str]] = FEBRUARY, **params: Any) -> BlockResult:
    service = service_of(Published(facts.done()), REPORT)
    return service.block(REPORT, block, service.parse(REPORT, {**period, **params}, interface=False))


def parts(row: dict[str, Any], name: str) -> tuple[int, int]:
    return row[f"{name}_num"], row[f"{name}_den"]


def test_a_start_is_on_time_up_to_its_planned_moment_or_the_end_of_its_planned_day(facts: Facts) -> None:
    facts.task(1, "2026-02-01 09:00", start="2026-02-05 10:00", started="2026-02-05 10:00")  # to the second
    facts.task(2, "2026-02-01 09:00", start="2026-02-05 10:00", started="2026-02-05 10:01")  # late
    facts.task(3, "2026-02-01 09:00", start="2026-02-05 00:00", started="2026-02-05 23:59")  # a day without a time
    facts.task(4, "2026-02-01 09:00", start="2026-02-05 00:00", started="2026-02-06 00:00")  # late
    facts.task(
        5, "2026-02-01 09:00", start="2026-02-05 10:00", finished="2026-02-04 10:00"
    )  # never started, finished: began then
    facts.task(6, "2026-02-01 09:00", start="2026-02-05 10:00")  # never started
    facts.task(7, "2026-02-01 09:00", start="2026-03-01 00:00", started="2026-02-05 10:00")  # planned after the period
    facts.task(8, "2026-02-01 09:00", started="2026-02-05 10:00")  # no plan
    assert parts(only(ask(facts, "summary")), "start_on_time") == (3, 6)


def test_a_finish_is_on_time_up_to_its_deadline_and_what_is_put_off_is_late(facts: Facts) -> None:
    facts.task(1, "2026-02-01 09:00", deadline="2026-02-05 19:00", finished="2026-02-05 19:00")
    facts.task(2, "2026-02-01 09:00", deadline="2026-02-05 19:00", finished="2026-02-05 19:01")
    facts.task(3, "2026-02-01 09:00", deadline="2026-02-05 19:00", status=6)  # put off
    facts.task(
        4, "2026-01-01 09:00", deadline="2026-02-06 19:00", finished="2026-01-15 10:00", status=4
    )  # handed in before the period
    facts.task(5, "2026-02-01 09:00", deadline="2026-03-05 19:00", finished="2026-02-05 10:00")  # due after it
    facts.task(6, "2026-02-01 09:00", finished="2026-02-05 10:00")  # no deadline
    row = only(ask(facts, "summary"))
    assert parts(row, "finish_on_time") == (2, 4)
    assert (row["set"], row["completed"], row["completed_on_time"], row["completed_late"]) == (5, 4, 2, 1)
    assert (row["overdue"], row["not_started"], row["in_progress"]) == (1, 0, 0)


def test_what_is_still_to_come_is_in_no_base(facts: Facts) -> None:
    facts.task(1, "2026-03-01 09:00", start="2026-03-20 11:59", deadline="2026-03-20 11:59")
    facts.task(2, "2026-03-01 09:00", start="2026-03-20 12:00", deadline="2026-03-20 12:00")
    facts.task(
        3,
        "2026-03-01 09:00",
        start="2026-03-25 12:00",
        deadline="2026-03-25 12:00",
        started="2026-03-02 10:00",
        finished="2026-03-03 10:00",
    )
    row = only(ask(facts, "summary", MARCH))
    assert (parts(row, "start_on_time"), parts(row, "finish_on_time")) == ((0, 1), (0, 1))
    assert (row["overdue"], row["completed_on_time"]) == (1, 1)


def test_execution_is_the_product_of_its_factors_and_unknown_without_a_base(facts: Facts) -> None:
    for task in range(1, 6):  # four of five started, three of four finished
        facts.task(
            task,
            "2026-02-01 09:00",
            start="2026-02-05 10:00",
            started="2026-02-05 09:00" if task < 5 else "2026-02-07 09:00",
        )
    for task in range(11, 15):
        facts.task(
            task,
            "2026-02-01 09:00",
            deadline="2026-02-09 19:00",
            finished="2026-02-08 09:00" if task < 14 else None,
            manager=2,
        )
    service = service_of(Published(facts.done()), REPORT)
    query = service.parse(REPORT, FEBRUARY)
    row = only(service.block(REPORT, "summary", query))
    assert row["execution"] == pytest.approx(0.8 * 0.75)
    assert parts(row, "execution") == (12, 20)
    people = by(service.block(REPORT, "employees", query), "manager_id")
    assert (people["1"]["execution"], people["2"]["execution"]) == (None, None)
    assert (people["1"]["start_on_time"], people["1"]["finish_on_time"]) == (0.8, None)
    said = service.explain(REPORT, "summary", "execution", {}, query)
    assert "4 / 5 × 3 / 4 = 60" in (said.formula.ru if said.formula else "")
    assert service.records(REPORT, "summary", "started_on_time", {}, query, GridRequest()).total == 4


@pytest.mark.parametrize(
    ("option", "start"),
    [("exclude", (1, 1)), ("as_on_time", (4, 4)), ("by_deadline", (3, 4))],
)
def test_tasks_without_a_planned_start_count_as_the_option_says(
    facts: Facts, option: str, start: tuple[int, int]
) -> None:
    facts.task(1, "2026-02-01 09:00", start="2026-02-05 10:00", deadline="2026-02-06 10:00", started="2026-02-05 09:00")
    facts.task(2, "2026-02-01 09:00", deadline="2026-02-06 10:00", started="2026-02-06 09:00")
    facts.task(3, "2026-02-01 09:00", deadline="2026-02-06 10:00", finished="2026-02-06 09:00")
    facts.task(4, "2026-02-01 09:00", deadline="2026-02-06 10:00")
    facts.task(5, "2026-02-01 09:00")  # nothing places it
    facts.task(6, "2026-02-01 09:00", deadline="2026-03-06 10:00")  # placed after the period
    assert parts(only(ask(facts, "summary", start_without_plan=[option])), "start_on_time") == start


def test_the_original_deadline_can_be_the_measure(facts: Facts) -> None:
    facts.task(
        1,
        "2026-02-01 09:00",
        original="2026-02-05 19:00",
        deadline="2026-02-25 19:00",
        finished="2026-02-20 10:00",
        moved="2026-01-31 23:59",
    )
    facts.task(
        2,
        "2026-02-01 09:00",
        original="2026-02-05 19:00",
        deadline="2026-03-05 19:00",
        moved="2026-02-06 10:00",
        moved_overdue=True,
    )
    facts.task(3, "2026-02-01 09:00", deadline="2026-02-10 19:00", finished="2026-02-09 10:00")
    service = service_of(Published(facts.done()), REPORT)
    now = only(service.block(REPORT, "summary", service.parse(REPORT, FEBRUARY)))
    assert (parts(now, "finish_on_time"), now["deadline_moved"], now["deadline_moved_overdue"]) == ((2, 2), 1, 1)
    query = service.parse(REPORT, {**FEBRUARY, "deadline_basis": ["original"], "grain": ["week"]})
    then = only(service.block(REPORT, "summary", query))
    assert (parts(then, "finish_on_time"), then["deadline_moved"], then["deadline_moved_overdue"]) == ((1, 3), 1, 1)
    weeks = by(service.block(REPORT, "dynamics", query), "bucket")
    assert {day.isoformat(): row["finish_on_time_den"] for day, row in weeks.items() if row["finish_on_time_den"]} == {
        "2026-02-02": 2,
        "2026-02-09": 1,
    }
    assert (
        service.records(REPORT, "dynamics", "finish_on_time_den", {"bucket": "2026-02-02"}, query, GridRequest()).total
        == 2
    )


def test_tasks_set_for_oneself_can_be_left_out_of_everything(facts: Facts) -> None:
    facts.task(1, "2026-02-01 09:00", deadline="2026-02-05 19:00", creator=1)
    facts.task(2, "2026-02-01 09:00", deadline="2026-02-05 19:00", creator=9)
    facts.task(3, "2026-02-01 09:00", deadline="2026-02-05 19:00", creator=None)
    service = service_of(Published(facts.done()), REPORT)
    query = service.parse(REPORT, {**FEBRUARY, "self_tasks": ["exclude"]})
    row = only(service.block(REPORT, "summary", query))
    assert (row["set"], row["overdue"], row["finish_on_time_den"]) == (2, 2, 2)
    assert {r["id"] for r in service.records(REPORT, "tasks", "", {}, query, GridRequest()).rows} == {"2", "3"}


def test_a_person_of_two_departments_counts_in_both_and_once_in_the_total(facts: Facts) -> None:
    facts.task(1, "2026-02-01 09:00", deadline="2026-02-05 19:00", finished="2026-02-04 10:00", manager=1)
    facts.task(2, "2026-02-01 09:00", deadline="2026-02-05 19:00", manager=2, project_id=4)
    facts.task(3, "2026-02-01 09:00", deadline="2026-02-05 19:00", manager=None)
    service = service_of(Published(facts.done()), REPORT)
    query = service.parse(REPORT, FEBRUARY)
    departments = service.block(REPORT, "departments", query)
    assert {k: parts(r, "finish_on_time") for k, r in by(departments, "department_id").items()} == {
        "1": (1, 2),
        "2": (0, 1),
        None: (0, 1),
    }
    assert departments.totals is not None
    assert parts(departments.totals, "finish_on_time") == (1, 3)
    assert by(departments, "department_id")[None]["department"] == "(без отдела)"
    projects = by(service.block(REPORT, "projects", query), "project")
    assert (projects["Запуск"]["overdue"], projects["(без проекта)"]["set"]) == (1, 2)


def test_statuses_are_those_of_the_moment_of_the_data_over_tasks_of_the_period(facts: Facts) -> None:
    facts.task(1, "2026-02-01 09:00", status=1)
    facts.task(2, "2026-01-01 09:00", deadline="2026-02-10 10:00", started="2026-03-02 10:00")
    facts.task(3, "2026-01-01 09:00", finished="2026-02-10 10:00", status=4)
    facts.task(4, "2026-01-01 09:00", start="2026-02-10 10:00", status=6)
    facts.task(5, "2026-01-01 09:00", finished="2026-01-10 10:00")  # of no period asked
    service = service_of(Published(facts.done()), REPORT)
    query = service.parse(REPORT, FEBRUARY)
    result = service.block(REPORT, "statuses", query)
    assert {r["task_status"]: r["tasks"] for r in result.rows if r["tasks"]} == {
        "not_started": 1,
        "in_progress": 1,
        "awaiting_control": 1,
        "deferred": 1,
    }
    assert service.records(REPORT, "tasks", "", {}, query, GridRequest()).total == 4


def test_buckets_hold_each_event_on_its_own_day_and_states_by_theirs(facts: Facts) -> None:
    # set in the first week, planned in the second, due in the third, finished in the fourth
    facts.task(
        1,
        "2026-02-02 09:00",
        start="2026-02-09 09:00",
        deadline="2026-02-16 09:00",
        started="2026-02-09 08:00",
        finished="2026-02-23 09:00",
    )
    facts.task(2, "2026-02-03 09:00", deadline="2026-02-17 09:00")
    facts.task(
        3, "2026-01-29 09:00", deadline="2026-01-30 09:00"
    )  # the first bucket begins in January; this is no task of February
    service = service_of(Published(facts.done()), REPORT)
    query = service.parse(REPORT, {**FEBRUARY, "grain": ["week"]})
    rows = service.block(REPORT, "dynamics", query).rows
    assert [r["bucket"].isoformat() for r in rows] == [
        "2026-01-26",
        "2026-02-02",
        "2026-02-09",
        "2026-02-16",
        "2026-02-23",
    ]
    assert [r["set"] for r in rows] == [0, 2, 0, 0, 0]
    assert [r["start_on_time_den"] for r in rows] == [0, 0, 1, 0, 0]
    assert [r["finish_on_time"] for r in rows] == [None, None, None, 0, None]
    assert [r["completed_late"] for r in rows] == [0, 0, 0, 0, 1]
    assert [r["overdue"] for r in rows] == [0, 0, 0, 1, 0]
    assert [r["not_started"] for r in rows] == [0, 1, 0, 0, 0]
    assert service.records(REPORT, "dynamics", "overdue", {"bucket": "2026-02-16"}, query, GridRequest()).total == 1
    assert service.records(REPORT, "dynamics", "not_started", {"bucket": "2026-01-26"}, query, GridRequest()).total == 0
    departments = service.block(REPORT, "department_dynamics", query)
    (row,) = [r for r in departments.rows if r["department_id"] == "1" and r["bucket"].isoformat() == "2026-02-16"]
    assert parts(row, "finish_on_time") == (0, 2)
    assert len(departments.rows) == 5


def test_states_of_the_base_are_asked_of_the_facts_of_its_end(facts: Facts, tmp_path: Path) -> None:
    facts.task(1, "2026-01-05 09:00", deadline="2026-01-10 09:00", finished="2026-02-10 09:00")
    then = Facts(tmp_path / "then.duckdb", as_of="2026-02-01 00:00")
    then.manager(1, "Анна", 1)
    then.task(1, "2026-01-05 09:00", deadline="2026-01-10 09:00")
    end = moscow("2026-02-01 00:00")
    assert end is not None
    service = service_of(Published(facts.done(), {end: then.done()}), REPORT)
    query = service.parse(REPORT, {**FEBRUARY, "compare": ["previous"], "grain": ["month"]})
    row = only(service.block(REPORT, "summary", query))
    assert (row["overdue"], row["overdue_base"], row["finish_on_time_base"]) == (0, 1, 0)
    (month,) = service.block(REPORT, "dynamics", query).rows
    assert (month["overdue"], month["overdue_base"]) == (0, 1)
    assert (
        service.records(REPORT, "dynamics", "overdue_base", {"bucket": "2026-02-01"}, query, GridRequest()).total == 1
    )


def test_notes_say_what_is_left_out_and_how_far_the_log_reaches(facts: Facts) -> None:
    facts.task(1, "2026-02-01 09:00", start="2026-02-05 10:00")
    facts.task(2, "2026-02-01 09:00", deadline="2026-02-05 10:00")
    facts.task(3, "2026-02-01 09:00", deadline="2026-02-05 10:00")
    facts.con.execute("UPDATE meta SET log_since = ?", [moscow("2026-02-11 10:00")])
    said = [n.text.ru for n in ask(facts, "summary").notes]
    assert any("без крайнего срока: 1 из 3 (33 %)" in text for text in said)
    assert any("без планового начала: 2 из 3 (67 %)" in text for text in said)
    assert any("с 11.02.2026" in text for text in said)


def test_filters_by_project_and_tag_and_the_line_on_people_hidden(facts: Facts) -> None:
    facts.task(1, "2026-02-01 09:00", deadline="2026-02-05 10:00", project_id=4, tags=["срочно"])
    facts.task(2, "2026-02-01 09:00", deadline="2026-02-05 10:00", manager=2)
    service = service_of(Published(facts.done()), REPORT)
    query = service.parse(REPORT, {**FEBRUARY, "project": ["4"], "tag": ["срочно"]})
    assert only(service.block(REPORT, "summary", query))["set"] == 1
    hidden = service.hidden(REPORT, query)
    assert hidden is not None
    assert hidden.ru.startswith("Показаны сотрудники: 1 из 2")
    assert {c.value: c.count for c in service.choices(REPORT, "manager", service.parse(REPORT, FEBRUARY))} == {
        "1": 1,
        "2": 1,
        "9": 0,
    }


def test_the_list_begins_with_the_latest(facts: Facts) -> None:
    facts.task(1, "2026-02-01 09:00", deadline="2026-02-10 12:00", finished="2026-02-11 12:00")
    facts.task(2, "2026-02-01 09:00", deadline="2026-03-15 12:00")
    facts.task(3, "2026-02-01 09:00", deadline="2026-02-10 12:00", finished="2026-02-09 12:00")
    service = service_of(Published(facts.done()), REPORT)
    rows = service.records(REPORT, "tasks", "", {}, service.parse(REPORT, FEBRUARY), GridRequest()).rows
    assert [(r["id"], r["late_days"]) for r in rows] == [("2", pytest.approx(5)), ("1", pytest.approx(1)), ("3", None)]
    assert rows[0]["url"].endswith("/company/personal/user/1/tasks/task/view/2/")


# -- whatever the data ------------------------------------------------------------------------------------------------

OPTIONS = {
    "self_tasks": ["include", "exclude"],
    "start_without_plan": ["exclude", "as_on_time", "by_deadline"],
    "deadline_basis": ["current", "original"],
    "grain": ["day", "week", "month", "quarter"],
}


@st.composite
def queries(draw: Any) -> dict[str, list[str]]:
    """A query string with any filters and options."""
    days = st.dates(min_value=moscow("2025-10-20 12:00").date(), max_value=moscow("2026-04-05 12:00").date())  # type: ignore[union-attr]
    first, last = sorted((draw(days), draw(days)))
    chosen = {"from": [first.isoformat()], "to": [last.isoformat()]}
    for name, values in {
        "department": ["1", "2", "3", "none"],
        "manager": ["1", "2", "4", "none"],
        "project": ["1", "2", "none"],
        "tag": ["срочно", "отдел", "none"],
    }.items():
        if draw(st.integers(0, 3)) == 0:
            chosen[name] = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
    for name, values in OPTIONS.items():
        chosen[name] = [draw(st.sampled_from(values))]
    return chosen


@pytest.fixture(scope="module")
def anything(tmp_path_factory: pytest.TempPathFactory) -> ReportService:
    return service_of(Published(random_portal(tmp_path_factory.mktemp("facts") / "portal.duckdb", 3)), REPORT)


@settings(max_examples=asked(12), deadline=None)
@given(queries())
def test_parts_belong_together(anything: ReportService, asked: dict[str, list[str]]) -> None:
    query = anything.parse(REPORT, asked)
    row = only(anything.block(REPORT, "summary", query))
    for name in ("start_on_time", "finish_on_time"):
        num, den = parts(row, name)
        assert 0 <= num <= den
        assert row[name] == (num / den if den else None)
    assert row["execution"] == (
        None
        if row["start_on_time"] is None or row["finish_on_time"] is None
        else pytest.approx(row["start_on_time"] * row["finish_on_time"])
    )
    assert row["completed_on_time"] + row["completed_late"] <= row["completed"]
    assert row["deadline_moved_overdue"] <= row["deadline_moved"]
    listed = {r["id"] for r in anything.records(REPORT, "tasks", "", {}, query, GridRequest(0, 1000)).rows}
    for name in ("set", "completed", "due_to_start", "due_to_finish", "started_on_time", "finished_on_time"):
        assert {
            r["id"] for r in anything.records(REPORT, "summary", name, {}, query, GridRequest(0, 1000)).rows
        } <= listed
    statuses = anything.block(REPORT, "statuses", query)
    assert sum(r["tasks"] for r in statuses.rows) == len(listed)  # type: ignore[misc]


@settings(max_examples=asked(10), deadline=None)
@given(queries())
def test_rows_and_buckets_are_parts_of_the_whole(anything: ReportService, asked: dict[str, list[str]]) -> None:
    query = anything.parse(REPORT, asked)
    row = only(anything.block(REPORT, "summary", query))
    dynamics = anything.block(REPORT, "dynamics", query).rows
    for name in (
        "set",
        "completed",
        "completed_on_time",
        "completed_late",
        "start_on_time_num",
        "start_on_time_den",
        "finish_on_time_num",
        "finish_on_time_den",
    ):
        assert sum(r[name] for r in dynamics) == row[name]  # type: ignore[misc]
        for block in ("projects", "employees"):
            assert sum(r[name] for r in anything.block(REPORT, block, query).rows) == row[name]  # type: ignore[misc]
    for bucket in anything.block(REPORT, "department_dynamics", query).rows[:12]:
        keys = {"bucket": str(bucket["bucket"]), "department_id": str(bucket["department_id"] or "none")}
        for name in ("overdue", "not_started", "set", "start_on_time_den"):
            assert (
                anything.records(REPORT, "department_dynamics", name, keys, query, GridRequest()).total == bucket[name]
            )


@settings(max_examples=asked(10), deadline=None)
@given(queries())
def test_the_address_holds_the_whole_question(anything: ReportService, asked: dict[str, list[str]]) -> None:
    query = anything.parse(REPORT, asked)
    assert anything.parse(REPORT, parse_qs(anything.query_string(REPORT, query))) == query
