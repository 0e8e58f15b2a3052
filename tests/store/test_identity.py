"""Another company, an emptied portal, a database put back: noticed. Ordinary life: not."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dash_app.store.identity import COUNTED, CompanyMarks, Verdict, are_others, judge, known_of, look, mark_of, similar
from tests.thorough import asked

NOW = datetime(2026, 3, 1, 12)
LATER = NOW + timedelta(days=3)
Tables = dict[str, dict[int, tuple[datetime | None, str | None, datetime]]]
"""table -> id -> (created, title, changed)."""


def company(seed: int, deals: int = 40, leads: int = 20, first: int = 1) -> Tables:
    """Records with dates of their own."""

    def rows(count: int, salt: int) -> dict[int, tuple[datetime | None, str | None, datetime]]:
        found: dict[int, tuple[datetime | None, str | None, datetime]] = {}
        for number in range(first, first + count):
            at = NOW - timedelta(seconds=(number * 7919 + seed * 104_729 + salt) % 20_000_000 + 3600)
            found[number] = (at, f"Карточка {seed} {number}", at)
        return found

    return {
        "deals": rows(deals, 1),
        "leads": rows(leads, 2),
        "tasks": rows(deals, 3),
        "activities": rows(3 * deals, 4),
        "deal_history": rows(2 * deals, 5),
        "lead_history": rows(leads, 6),
        "users": rows(12, 7),
    }


def asking(tables: Tables) -> Any:
    con = duckdb.connect()
    for table in COUNTED:
        con.execute(f"CREATE TABLE {table} (id BIGINT, date_create TIMESTAMP, title VARCHAR, date_modify TIMESTAMP)")
        rows = [(i, *row) for i, row in tables.get(table, {}).items()]
        if rows:
            values = ", ".join(
                f"({i}, {_sql(created)}, {_sql(title)}, {_sql(changed)})" for i, created, title, changed in rows
            )
            con.execute(f"INSERT INTO {table} VALUES {values}")
    return lambda sql: con.execute(sql).fetchall()


def _sql(value: object) -> str:
    if value is None:
        return "NULL"
    return f"TIMESTAMP '{value}'" if isinstance(value, datetime) else "'" + str(value).replace("'", "''") + "'"


def verdict(before: Tables, after: Tables, unread: Sequence[str] = ()) -> Verdict:
    known = CompanyMarks.of(known_of(asking(before), NOW).document())
    return judge(known, look(asking(after), known, LATER), unread)


EVENTS = st.lists(
    st.tuples(st.sampled_from(["rename", "delete", "add", "restore", "decode"]), st.integers(0, 10**6)), max_size=19
)


@settings(max_examples=asked(60), deadline=None)
@given(EVENTS, st.sampled_from([-26, -3, 0, 1, 12]), st.integers(0, 4))
def test_ordinary_life_is_no_other_company(events: list[tuple[str, int]], zone: int, odd: int) -> None:
    before = company(1)
    after = copy.deepcopy(before)
    shifted = {
        t: {i: (at and at + timedelta(hours=zone), title, changed) for i, (at, title, changed) in after[t].items()}
        for t in ("deals", "leads")
    }
    after |= shifted
    following = 1000
    for event, number in events:
        for table in ("deals", "leads"):
            rows = after[table]
            chosen = sorted(rows)[number % len(rows)]
            at, title, _ = rows[chosen]
            moment = NOW + timedelta(minutes=number % 4000)
            match event:
                case "rename":
                    rows[chosen] = (at, f"Другое {number}", moment)
                case "decode":
                    rows[chosen] = (at, f" {title} ".replace("К", "&#1050;"), moment - timedelta(days=400))
                case "delete" if len(before[table]) - sum(i in rows for i in before[table]) < len(before[table]) // 2:
                    del rows[chosen]
                    after["activities"] = {i: r for i, r in after["activities"].items() if i % 41 != chosen % 41}
                case "add":
                    rows[following := following + 1] = (moment, "Новая", moment)
                case "restore":
                    rows[following := following + 1] = (NOW - timedelta(days=300), "Вернули", moment)
    number = sorted(after["deals"])[0]
    value = [None, datetime(1970, 1, 1), datetime(9999, 1, 1), datetime(1, 1, 1), after["deals"][number][0]][odd]
    after["deals"][number] = (value, *after["deals"][number][1:])
    found = verdict(before, after)
    assert not found.seen and not found.other, found


@settings(max_examples=asked(40), deadline=None)
@given(st.integers(2, 1000), st.integers(3, 90), st.integers(0, 90), st.sampled_from([1, 1, 5, 500]))
def test_another_company_is_noticed(seed: int, deals: int, leads: int, first: int) -> None:
    found = verdict(company(1), company(seed, deals, leads, first))
    assert found.seen and found.other, found


@pytest.mark.parametrize("shift", [timedelta(0), timedelta(hours=-3), timedelta(hours=23)])
def test_a_company_of_the_same_dates_and_other_titles_is_another(shift: timedelta) -> None:
    before = company(1)
    after = copy.deepcopy(before)
    after["deals"] = {
        i: (at + shift if at else None, f"Иное {i}", changed) for i, (at, _, changed) in after["deals"].items()
    }
    found = verdict(before, after)
    assert found.other and "другие названия" in found.seen[0].ru


def test_an_emptied_portal_is_noticed_and_is_the_same_company() -> None:
    found = verdict(company(1), {})
    assert not found.other
    assert found.seen[0].ru == "сделок было 40, стало 0" and found.seen[0].en == "there were 40 deals, now there are 0"
    assert [t for t in found.seen if "истории" in t.ru] == [], "what goes with the deals is not said beside them"


def test_a_list_that_was_refused_is_said_elsewhere() -> None:
    after = company(1) | {"tasks": {}}
    assert verdict(company(1), after).seen and not verdict(company(1), after, unread=("tasks",)).seen


def test_a_database_put_back_from_a_copy_is_noticed() -> None:
    before = company(1, deals=100, leads=60)
    after = {t: {i: r for i, r in rows.items() if i <= 0.85 * len(rows)} for t, rows in before.items()}
    assert "последний номер сделки был 100, стал 85" in verdict(before, after).seen[0].ru
    reused = copy.deepcopy(before)
    for number in (98, 99, 100):
        at = NOW + timedelta(days=2)
        reused["deals"][number] = (at, "Другая", at)
    found = verdict(before, reused)
    assert "под номером 98 другая сделка: создана 03.03.2026 12:00 вместо" in found.seen[0].ru and not found.other


def test_a_single_strange_record_is_only_said() -> None:
    after = company(1)
    after["deals"][17] = (NOW - timedelta(days=1, seconds=13), "Другая", NOW)
    found = verdict(company(1), after)
    assert not found.seen and "под номером 17 другая сделка" in found.asides[0].ru


def test_what_was_confirmed_is_that_alone() -> None:
    empty, other = known_of(asking({}), NOW), known_of(asking(company(2)), NOW)

    def sight(tables: Tables, known: CompanyMarks) -> Any:
        return look(asking(tables), known, LATER)

    assert similar(empty, sight({}, empty)) and not similar(empty, sight(company(1), empty))
    grown = company(2, deals=44)
    assert similar(other, sight(grown, other))
    assert not similar(other, sight(company(3), other)) and not similar(other, sight({}, other))


def test_a_page_of_the_oldest_cards_tells_whose_they_are() -> None:
    def marks(tables: Tables) -> list[Any]:
        return [mark_of(i, created, title) for i, (created, title, _) in tables["deals"].items()]

    here = {mark[0]: mark for mark in marks(company(1))}
    assert not are_others(marks(company(1)), here)
    assert are_others(marks(company(2)), here) and are_others(marks(company(1)), {})
    few = {i: here[i] for i in list(here)[:3]}
    assert not are_others(marks(company(1)), few)
