"""Аудит карточек and План-факт руководителей as the command line prints them against a plain reading of the portal's own records."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.protocol.plain_audit import Audit
from tests.protocol.plain_reading import Reading
from tests.protocol.test_truth import AFTER_SALE, instant
from tests.protocol.test_truth_of_reports import PERIOD, World, world

__all__ = ["world"]


@pytest.fixture(scope="module")
def told(world: World) -> tuple[dict[str, Any], Audit, list[Any]]:
    """What is printed of the period, the plain reading, and its cards."""
    document = world.report("card-audit", "--option", "by_stage=false")
    as_of = datetime.fromisoformat(document["as_of"]).timestamp()
    audit = Audit(Reading(world.database, as_of, {AFTER_SALE: "after-sale"}, {}), world.database)
    return document, audit, audit.created(*audit.reading.span(*PERIOD))


def test_fields_of_every_pipeline(told: tuple[dict[str, Any], Audit, list[Any]]) -> None:
    document, audit, cards = told
    total: Counter[tuple[str, str, str | None]] = Counter()
    filled: Counter[tuple[str, str, str | None]] = Counter()
    for entity, card in cards:
        for field in audit.fields(entity):
            key = (entity, field, str(card["pipeline"]) if entity == "deal" else None)
            total[key] += 1
            filled[key] += audit.filled(entity, card, field)
    printed = {
        (r["entity"], r["field_id"], r["pipeline_id"]): (r["filled"], r["total"])
        for r in document["blocks"]["fields"]["rows"]
    }
    assert printed == {key: (filled[key], number) for key, number in total.items()}
    assert len(printed) > 100 and 0 < sum(filled.values()) < sum(total.values())


def test_checks_people_weeks_and_offenders(world: World, told: tuple[dict[str, Any], Audit, list[Any]]) -> None:
    document, audit, cards = told
    blocks = document["blocks"]
    violated = {(entity, card["id"]): audit.violated(entity, card) for entity, card in cards}
    by_check = Counter(check for checks in violated.values() for check in checks)
    assert {r["check"]: r["violations"] for r in blocks["checks"]["rows"]} == {
        r["check"]: by_check[r["check"]] for r in blocks["checks"]["rows"]
    }
    assert len(by_check) >= 6 and all(r["share_den"] == len(cards) for r in blocks["checks"]["rows"])
    people = Counter(str(card["manager"]) for _, card in cards)
    faulty = Counter(str(card["manager"]) for entity, card in cards if violated[entity, card["id"]])
    assert {r["manager_id"]: (r["cards"], r["violations"]) for r in blocks["managers"]["rows"]} == {
        person: (number, faulty[person]) for person, number in people.items()
    }
    weeks = Counter(audit.week(card) for _, card in cards)
    clean = Counter(audit.week(card) for entity, card in cards if not violated[entity, card["id"]])
    assert {r["week"]: (r["cards"], r["clean_share_num"]) for r in blocks["weeks"]["rows"]} == {
        week: (number, clean[week]) for week, number in weeks.items()
    }
    offenders = {
        (r["entity"], int(r["id"])): (set(r["checks_id"]), set(r["empty_required_id"])) for r in blocks["cards"]["rows"]
    }
    missing = {(entity, card["id"]): audit.missing(entity, card) for entity, card in cards}
    assert offenders == {key: (checks, missing[key]) for key, checks in violated.items() if checks}
    assert world.total("card-audit", "checks", "violations", "--row", "check=no_client") == by_check["no_client"]


def test_all_open_cards(world: World, told: tuple[dict[str, Any], Audit, list[Any]]) -> None:
    _, audit, _ = told
    opened = [(entity, card) for entity, card in audit.cards if card["status"] == "in_work"]
    by_check = Counter(check for entity, card in opened for check in audit.violated(entity, card))
    printed = world.report("card-audit", "--option", "cards=open")["blocks"]["checks"]["rows"]
    assert {r["check"]: r["violations"] for r in printed if r["violations"]} == by_check
    assert by_check["stuck"] and by_check["planned_close_past"]


def test_fields_nobody_uses(world: World, told: tuple[dict[str, Any], Audit, list[Any]]) -> None:
    # of the portal as it is every field is used: of one source alone some are not
    _, audit, _ = told
    sources = Counter(card["source"] for _, card in audit.recent() if card["source"])
    source = min(sources, key=lambda name: (sources[name], name))
    cards = [(entity, card) for entity, card in audit.recent() if card["source"] == source]
    expected = set()
    for kind in ("deal", "lead"):
        of_kind = [card for entity, card in cards if entity == kind]
        for field in audit.fields(kind):
            filled = sum(audit.filled(kind, card, field) for card in of_kind)
            if of_kind and filled / len(of_kind) < 0.01:
                expected.add((kind, field, filled, len(of_kind)))
    document = world.report(
        "card-audit", "--source", source, period=(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=1))
    )
    printed = {
        (r["entity"], r["field_id"], r["recent_filled"], r["recent_total"])
        for r in document["blocks"]["unused"]["rows"]
    }
    assert printed == expected and expected


def heads_work(world: World, first: date, last: date, as_of: float) -> dict[tuple[str, str, str], Counter[str]]:
    """(head, week, kind) -> what was promised for each whole week from ``first`` on, and what became of it (metrics.md section 9)."""
    heads = {r["UF_HEAD"] for r in world.rows("SELECT UF_HEAD FROM departments WHERE UF_HEAD IS NOT NULL")}
    items = [
        ("tasks", t["RESPONSIBLE_ID"], t["CREATED_DATE"], t["DEADLINE"], t["CLOSED_DATE"])
        for t in world.rows("SELECT * FROM tasks")
    ] + [
        (
            "activities",
            a["RESPONSIBLE_ID"],
            a["CREATED"],
            a["DEADLINE"],
            a["LAST_UPDATED"] if a["COMPLETED"] == "Y" else None,
        )
        for a in world.rows("SELECT * FROM activities")
    ]
    found: dict[tuple[str, str, str], Counter[str]] = {}
    monday = first
    while monday <= last:
        start, end = instant(monday), instant(monday + timedelta(days=7))
        week = "{}-W{:02d}".format(*monday.isocalendar())
        for kind, head, created, deadline, finished in items:
            if head not in heads or not deadline or not start <= deadline < end or created > as_of:
                continue
            if finished and finished > as_of:
                finished = None
            promised = created < start and not (finished and finished < start)
            added = start <= created < end
            if not (promised or added):
                continue
            count = found.setdefault((str(head), week, kind), Counter())
            done = bool(finished and start <= finished < end)
            count["promised"] += promised
            count["added"] += added
            count["done"] += done
            count["on_time"] += done and finished <= deadline
            count["slipped"] += end <= as_of and not (finished and finished < end)
        monday += timedelta(days=7)
    return found


PARTS = ("promised", "added", "done", "on_time", "slipped")


def test_what_heads_promised_and_how_their_departments_stood(world: World) -> None:
    # two whole weeks: the days asked for lie within them
    document = world.report("leaders-week", period=(date(2026, 10, 20), date(2026, 10, 27)))
    as_of = datetime.fromisoformat(document["as_of"]).timestamp()
    expected = heads_work(world, date(2026, 10, 19), date(2026, 10, 26), as_of)
    rows = document["blocks"]["leaders"]["rows"]
    assert {r["week"] for r in rows} == {"2026-W43", "2026-W44"}
    heads = {(r["department_id"], r["manager_id"]) for r in rows}
    assert heads == {
        (str(r["ID"]), str(r["UF_HEAD"])) for r in world.rows("SELECT * FROM departments WHERE UF_HEAD IS NOT NULL")
    }
    nothing: Counter[str] = Counter()
    for row in rows:
        apart = {
            kind: expected.get((row["manager_id"], row["week"], kind), nothing) for kind in ("tasks", "activities")
        }
        for kind, count in apart.items():
            assert [row[f"{kind}_{n}"] for n in PARTS] == [count[n] for n in PARTS], (row["manager_id"], row["week"])
        assert [row[n] for n in PARTS] == [sum(count[n] for count in apart.values()) for n in PARTS]
    assert sum(sum(count.values()) for count in expected.values()) > 30
    # the department's figures are those other reports print of the week, its month and its end
    row = next(r for r in rows if r["week"] == "2026-W43" and r["department_id"] == "21")
    of_it, end = ("--department", "21"), ("--as-of", "2026-10-26T00:00:00+03:00")
    assert (
        row["overdue"]
        == world.report("overdue-activities", *of_it, *end, period=None)["blocks"]["summary"]["rows"][0]["overdue"]
        > 0
    )
    forgotten = world.report("forgotten", *of_it, *end, period=None)["blocks"]["summary"]["rows"][0]
    assert (row["forgotten_deals"], row["forgotten_leads"]) == (
        forgotten["deals_forgotten"],
        forgotten["leads_forgotten"],
    )
    week, month = (date(2026, 10, 19), date(2026, 10, 25)), (date(2026, 10, 1), date(2026, 10, 25))
    assert (
        row["execution"]
        == world.report("team-performance", *of_it, period=week)["blocks"]["summary"]["rows"][0]["execution"]
    )
    assert (
        row["attainment_num"]
        == world.report("sales-plan", *of_it, period=month)["blocks"]["total"]["rows"][0]["fact_amount"]
    )
