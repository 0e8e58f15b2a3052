"""Аудит карточек as the command line prints it against a plain reading of the portal's own records."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.protocol.plain_audit import Audit
from tests.protocol.plain_reading import Reading
from tests.protocol.test_truth import AFTER_SALE
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
