"""What heads promised for each week and what became of it (metrics.md section 9). As of Friday 20 March 2026, 12:00 in Moscow.

Weeks: W10 is 2–8 March, W11 9–15 March, W12 16–22 March, which is running.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.store.raw_builder import Raw, at

PROMISED, ADDED = (True, False), (False, True)


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    made = Raw(tmp_path / "raw.duckdb")
    made.add("departments", id=1, name="Отдел", head_id=5)
    made.add("departments", id=2, name="Второй", head_id=5)
    made.add("departments", id=3, name="Третий", head_id=6)
    for person in (5, 6, 7):
        made.add("users", id=person, active=True, name=f"Имя {person}", departments=[1])
    return made


def task(raw: Raw, number: int, created: str, deadline: str | None, finished: str | None = None, who: int = 5) -> None:
    raw.add(
        "tasks", id=number, title=f"Задача {number}", status=5 if finished else 2, responsible_id=who, created_by=who,
        created_date=at(created), deadline=at(deadline), closed_date=at(finished),
    )  # fmt: skip


def activity(raw: Raw, number: int, created: str, deadline: str, changed: str | None = None, who: int = 5) -> None:
    raw.add(
        "activities", id=number, subject=f"Дело {number}", responsible_id=who, owner_id=8, owner_type_id=2, provider_id="CRM_TODO",
        created=at(created), deadline=at(deadline), completed=changed is not None, last_updated=at(changed or created),
    )  # fmt: skip


def changed(raw: Raw, entity: str, number: int, field: str, old: str | None, new: str, seen: str) -> None:
    raw.add("change_log", entity=entity, id=number, field=field, old=old, new=new, seen_at=at(seen))


def told(raw: Raw, as_of: str = "2026-03-20 12:00") -> dict[tuple[str, int, str], tuple[Any, ...]]:
    """(kind, id, week) -> (head, promised, added, done, on time, slipped)."""
    rows = raw.facts(as_of).rows(
        "SELECT kind, id, week, manager_id, promised, added, done, on_time, slipped FROM commitments ORDER BY week, kind, id"
    )
    return {(r[0], r[1], r[2]): r[3:] for r in rows}


def test_what_is_open_at_the_start_of_its_week_is_promised(raw: Raw) -> None:
    task(raw, 1, "2026-03-01 10:00", "2026-03-04 18:00", "2026-03-04 18:00")  # to the minute
    task(raw, 2, "2026-03-01 10:00", "2026-03-04 18:00", "2026-03-06 10:00")
    task(raw, 3, "2026-03-01 10:00", "2026-03-08 23:59", "2026-03-09 00:00")  # the week is over
    task(raw, 4, "2026-03-01 10:00", "2026-03-08 23:59")
    task(raw, 5, "2026-02-20 10:00", "2026-03-04 18:00", "2026-03-01 23:59")  # finished before the week
    task(raw, 6, "2026-03-01 10:00", None)
    task(raw, 7, "2026-03-01 10:00", "2026-03-04 18:00", who=7)  # of nobody who heads anything
    assert told(raw) == {
        ("task", 1, "2026-W10"): (5, *PROMISED, True, True, False),
        ("task", 2, "2026-W10"): (5, *PROMISED, True, False, False),
        ("task", 3, "2026-W10"): (5, *PROMISED, False, False, True),
        ("task", 4, "2026-W10"): (5, *PROMISED, False, False, True),
    }


def test_what_is_created_in_the_week_of_its_deadline_is_added(raw: Raw) -> None:
    task(raw, 1, "2026-03-02 00:00", "2026-03-04 18:00", "2026-03-03 10:00", who=6)
    activity(raw, 1, "2026-03-05 10:00", "2026-03-06 10:00", "2026-03-06 10:01")
    activity(raw, 2, "2026-03-05 10:00", "2026-03-12 10:00")  # for the next week
    activity(raw, 3, "2026-03-05 10:00", "9999-12-31 00:00")  # without a deadline
    assert told(raw) == {
        ("task", 1, "2026-W10"): (6, *ADDED, True, True, False),
        ("activity", 1, "2026-W10"): (5, *ADDED, True, False, False),
        ("activity", 2, "2026-W11"): (5, *PROMISED, False, False, True),
    }


def test_a_running_week_has_no_slips_but_what_was_moved_out_of_it(raw: Raw) -> None:
    task(raw, 1, "2026-03-10 10:00", "2026-03-17 18:00")  # late, but the week is not over
    task(raw, 2, "2026-03-10 10:00", "2026-03-24 18:00")
    changed(raw, "task", 2, "deadline", "2026-03-18 15:00:00", "2026-03-24 15:00:00", "2026-03-17 12:00")
    task(raw, 3, "2026-03-10 10:00", "2026-03-24 18:00")  # of a week to come
    assert told(raw) == {
        ("task", 1, "2026-W12"): (5, *PROMISED, False, False, False),
        ("task", 2, "2026-W12"): (5, *PROMISED, False, False, True),
    }


def test_deadlines_and_owners_are_those_of_the_week_where_the_log_knows_them(raw: Raw) -> None:
    # promised for W10, moved on its Tuesday to W11, finished there
    task(raw, 1, "2026-02-25 10:00", "2026-03-11 18:00", "2026-03-11 12:00")
    changed(raw, "task", 1, "deadline", "2026-03-05 15:00:00", "2026-03-11 15:00:00", "2026-03-03 12:00")
    # another person took it over in W11
    task(raw, 2, "2026-02-25 10:00", "2026-03-05 18:00", who=7)
    changed(raw, "task", 2, "responsible_id", "5", "7", "2026-03-10 12:00")
    # created and moved out within one week, finished in it all the same
    activity(raw, 1, "2026-03-02 10:00", "2026-03-10 10:00", "2026-03-06 10:00")
    changed(raw, "activity", 1, "deadline", "2026-03-05 07:00:00", "2026-03-10 07:00:00", "2026-03-04 12:00")
    assert told(raw) == {
        ("task", 1, "2026-W10"): (5, *PROMISED, False, False, True),
        ("task", 1, "2026-W11"): (5, *PROMISED, True, True, False),
        ("task", 2, "2026-W10"): (5, *PROMISED, False, False, True),
        ("activity", 1, "2026-W10"): (5, *ADDED, True, True, True),
    }


def test_an_activity_is_completed_when_it_was_last_changed_or_seen_completed_before(raw: Raw) -> None:
    activity(raw, 1, "2026-03-01 10:00", "2026-03-04 10:00", "2026-03-15 10:00")  # commented on long after
    changed(raw, "activity", 1, "completed", "false", "true", "2026-03-04 09:00")
    assert told(raw) == {("activity", 1, "2026-W10"): (5, *PROMISED, True, True, False)}


def test_an_earlier_day_knows_nothing_of_what_came_after(raw: Raw) -> None:
    task(raw, 1, "2026-03-01 10:00", "2026-03-04 18:00", "2026-03-04 12:00")
    task(raw, 2, "2026-03-05 10:00", "2026-03-06 18:00")
    assert told(raw, "2026-03-03 12:00") == {("task", 1, "2026-W10"): (5, *PROMISED, False, False, False)}
