"""What is missing on a card and what is wrong with it, decided when facts are made (metrics.md section 8). As of 20 March 2026, 12:00 in Moscow."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.store.raw_builder import Facts, Raw, day

WORK = [("NEW", "2026-03-01 10:00"), ("WORK", "2026-03-02 10:00")]
NEW = [("NEW", "2026-03-01 10:00")]
WHOLE = {"contact_id": 5, "source_id": "WEB", "closedate": day("2026-04-01")}


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    made = Raw(tmp_path / "raw.duckdb")
    made.add("departments", id=1, name="Отдел")
    for person, active, departments in ((1, True, [1]), (2, False, [1]), (3, True, [])):
        made.add("users", id=person, active=active, name=f"Имя {person}", departments=departments)
    return made


def field(raw: Raw, name: str, kind: str, *, several: bool = False) -> None:
    raw.add("user_fields", entity="deal", field=name, type=kind, label=name, multiple=several, sort=1)


def found(facts: Facts, entity: str = "deal", card: int = 1) -> tuple[Any, Any]:
    """(checks violated, required fields empty) of a card."""
    [row] = facts.rows(f"SELECT violated, empty_required FROM audits WHERE entity = '{entity}' AND id = {card}")
    return row[0], row[1]


def filled(facts: Facts, name: str, entity: str = "deal") -> dict[int, bool]:
    """Card -> whether a field is filled."""
    return dict(
        facts.rows(
            "SELECT id, get_bit(filled, place) = 1 FROM audits JOIN audit_fields ON of_entity = entity "
            f"WHERE entity = '{entity}' AND field = '{name}' ORDER BY id"
        )
    )


TEXTS = (
    ("Иван", True),
    ("  ", False),
    ("\t \n", False),
    ("-", False),
    (" . ", False),
    ("ТЕСТ", False),
    ("Test", False),
    ("нет", False),
    ("Нет ", False),
    ("xxx", False),
    ("ааАа", False),
    ("---", False),
    ("1111", False),
    ("7", True),  # one character is not repeated
    ("0", True),  # a zero of no money field
    ("нет данных", True),
    ("тестовый", True),
)
"""Text -> whether it fills a field."""


def test_placeholders_fill_nothing(raw: Raw) -> None:
    field(raw, "UF_CRM_T", "string")
    for number, (text, _) in enumerate(TEXTS):
        raw.deal(number + 1, "2026-03-01 10:00", NEW, uf={"UF_CRM_T": text})
    known = filled(raw.facts(), "UF_CRM_T")
    assert [(text, known[number]) for number, (text, _) in enumerate(TEXTS, 1)] == [*TEXTS]


def test_a_field_of_any_type_is_filled_by_a_value_of_it(raw: Raw) -> None:
    values: dict[str, tuple[str, bool, list[tuple[Any, bool]]]] = {
        "UF_CRM_B": ("boolean", False, [("0", True), ("1", True), (None, False)]),
        "UF_CRM_I": ("integer", False, [("0", True), ("11", True), ("много", False)]),
        "UF_CRM_D": ("double", False, [("0", True), ("0.5", True), (None, False)]),
        "UF_CRM_M": ("money", False, [("0|RUB", False), ("5|RUB", True), ("|RUB", False)]),
        "UF_CRM_L": ("enumeration", False, [("45", True), ("0", False), (None, False)]),
        "UF_CRM_S": ("string", True, [(["-", "нет"], False), (["-", "да"], True), ([], False)]),
        "UF_CRM_DAY": ("date", False, [("2026-03-01T03:00:00+03:00", True), ("завтра", False), (None, False)]),
        "UF_CRM_F": ("file", False, [("77", True), (None, False), (None, False)]),
    }
    for name, (kind, several, _) in values.items():
        field(raw, name, kind, several=several)
    for number in range(3):
        raw.deal(number + 1, "2026-03-01 10:00", NEW, uf={n: of[2][number][0] for n, of in values.items()})
    facts = raw.facts()
    for name, (_, _, cases) in values.items():
        assert filled(facts, name) == {i: expected for i, (_, expected) in enumerate(cases, 1)}, name


def test_system_fields_are_those_of_the_card_itself(raw: Raw) -> None:
    raw.lead(7, "2026-03-01 10:00", NEW, source_id="WEB", has_phone=True, has_email=False)
    raw.deal(1, "2026-03-01 10:00", NEW, lead_id=7, utm_source="-", utm_term="кран", begindate=day("2026-03-01"))
    names = ("TITLE", "OPPORTUNITY", "SOURCE_ID", "UTM_SOURCE", "UTM_TERM", "BEGINDATE", "CLOSEDATE", "CONTACT_ID")
    facts = raw.facts()
    assert [filled(facts, name)[1] for name in names] == [True, True, False, False, True, True, False, False]
    assert [filled(facts, name, "lead")[7] for name in ("HAS_PHONE", "HAS_EMAIL", "OPPORTUNITY")] == [
        True,
        False,
        False,
    ]


def test_the_usual_fields_are_required_from_the_second_stage_on(raw: Raw) -> None:
    raw.deal(1, "2026-03-01 10:00", NEW, opportunity=Decimal(0))
    raw.deal(2, "2026-03-01 10:00", WORK, opportunity=Decimal(0))
    raw.deal(3, "2026-03-01 10:00", [*WORK, ("LOSE", "2026-03-03 10:00")], company_id=8)
    raw.lead(1, "2026-03-01 10:00", [("NEW", "2026-03-01 10:00"), ("JUNK", "2026-03-02 10:00")])
    facts = raw.facts()
    assert found(facts)[1] == []
    assert found(facts, card=2) == (
        ["required_empty", "no_amount", "no_client"],
        ["OPPORTUNITY", "CLIENT", "SOURCE_ID"],
    )
    assert found(facts, card=3) == (["required_empty"], ["SOURCE_ID"])
    assert found(facts, "lead")[1] == ["OPPORTUNITY", "CLIENT", "SOURCE_ID"]


def test_settings_say_which_fields_are_required_from_which_stage_on(raw: Raw) -> None:
    field(raw, "UF_CRM_T", "string")
    chosen = {"deal:0:WORK": "UF_CRM_T", "deal:0:DOC": "TITLE, COMPANY_ID", "lead::NEW": "-", "deal:5:GONE": "TITLE"}
    raw.deal(1, "2026-03-01 10:00", NEW)
    raw.deal(2, "2026-03-01 10:00", WORK, uf={"UF_CRM_T": "нет"})
    raw.deal(3, "2026-03-01 10:00", [*WORK, ("DOC", "2026-03-03 10:00")])
    raw.deal(4, "2026-03-01 10:00", [("NEW", "2026-03-01 10:00", 5), ("WORK", "2026-03-02 10:00", 5)], contact_id=1)
    raw.lead(1, "2026-03-01 10:00", [("NEW", "2026-03-01 10:00"), ("PROCESS", "2026-03-02 10:00")])
    facts = raw.facts(required_fields=chosen)
    assert [found(facts, card=n)[1] for n in (1, 2, 3)] == [
        [],
        ["UF_CRM_T"],
        ["UF_CRM_T", "COMPANY_ID"],
    ]
    assert found(facts, card=4)[1] == ["SOURCE_ID"]  # of its pipeline only a stage is named that is none
    assert found(facts, "lead")[1] == []


def test_an_amount_without_a_rate_is_one(raw: Raw) -> None:
    raw.deal(1, "2026-03-01 10:00", WORK, **WHOLE, currency_id="XYZ")
    facts = raw.facts()
    assert found(facts) == ([], [])


def test_a_planned_close_date_is_past_the_day_after(raw: Raw) -> None:
    raw.deal(1, "2026-03-01 10:00", NEW, **{**WHOLE, "closedate": day("2026-03-19")})
    raw.deal(2, "2026-03-01 10:00", NEW, **{**WHOLE, "closedate": day("2026-03-20")}, title="Другая")
    raw.deal(
        3,
        "2026-03-01 10:00",
        [*WORK, ("LOSE", "2026-03-03 10:00")],
        **{**WHOLE, "closedate": day("2026-03-03")},
        opportunity=Decimal(7),
    )
    facts = raw.facts()
    assert "planned_close_past" in found(facts)[0]
    assert "planned_close_past" not in found(facts, card=2)[0] + found(facts, card=3)[0]


def test_the_responsible_is_gone_who_is_dismissed_or_in_no_department(raw: Raw) -> None:
    for number, person in enumerate((1, 2, 3, 99, None), 1):
        raw.lead(number, "2026-03-01 10:00", NEW, contact_id=number, assigned_by_id=person)
    facts = raw.facts()
    gone = [("owner_gone" in found(facts, "lead", n)[0]) for n in range(1, 6)]
    assert gone == [False, True, True, True, True]


def test_where_the_portal_tells_no_departments_nobody_is_without_one(tmp_path: Path) -> None:
    raw = Raw(tmp_path / "raw.duckdb")
    raw.add("users", id=1, active=True, name="Анна")
    raw.deal(1, "2026-03-01 10:00", NEW, **WHOLE)
    facts = raw.facts()
    assert found(facts) == ([], [])


def test_a_deal_is_stuck_that_stands_longer_than_nine_won_ones_in_ten(raw: Raw) -> None:
    for number, days in ((11, 2), (12, 4)):
        raw.deal(
            number,
            "2026-02-01 10:00",
            [("NEW", "2026-02-01 10:00"), ("WON", f"2026-02-0{1 + days} 10:00")],
            **WHOLE,
            opportunity=Decimal(number),
        )
    # p90 of 2 and 4 days is 3.8
    raw.deal(1, "2026-03-16 12:00", [("NEW", "2026-03-16 12:00")], **WHOLE, opportunity=Decimal(1))
    raw.deal(2, "2026-03-16 18:00", [("NEW", "2026-03-16 18:00")], **WHOLE, opportunity=Decimal(2))
    facts = raw.facts()
    assert "stuck" in found(facts)[0] and "stuck" not in found(facts, card=2)[0]


def test_a_lead_that_ended_well_has_a_deal(raw: Raw) -> None:
    converted = [("NEW", "2026-03-01 10:00"), ("CONVERTED", "2026-03-02 10:00")]
    raw.lead(1, "2026-03-01 10:00", converted)
    raw.lead(2, "2026-03-01 10:00", converted)
    raw.deal(1, "2026-03-02 10:00", NEW, **WHOLE, lead_id=2)
    facts = raw.facts()
    assert (
        "converted_without_deal" in found(facts, "lead")[0]
        and "converted_without_deal" not in found(facts, "lead", 2)[0]
    )


def test_duplicates_share_client_and_amount_within_a_week(raw: Raw) -> None:
    def made(number: int, moment: str, **more: Any) -> None:
        raw.deal(number, moment, [("NEW", moment)], **{"contact_id": 5, "company_id": 8, **more})

    made(1, "2026-03-01 10:00")
    made(2, "2026-03-08 10:00")  # a week later to the minute
    made(3, "2026-03-15 10:01")  # a minute more than a week after it
    made(4, "2026-03-02 10:00", opportunity=Decimal(101))
    made(5, "2026-03-02 10:00", contact_id=6)  # the contact is the client, the company where there is none
    made(6, "2026-03-02 10:00", contact_id=None)
    made(7, "2026-03-02 11:00", contact_id=None)
    made(8, "2026-03-02 10:00", opportunity=Decimal(0), contact_id=9)
    made(9, "2026-03-02 10:00", opportunity=Decimal(0), contact_id=9)
    raw.lead(1, "2026-03-01 10:00", NEW, contact_id=5, opportunity=Decimal(100))  # another kind
    twins = raw.facts().rows("SELECT entity, id FROM audits WHERE list_contains(violated, 'duplicate') ORDER BY ALL")
    assert twins == [("deal", 1), ("deal", 2), ("deal", 6), ("deal", 7)]


def test_closed_at_once_is_within_five_minutes(raw: Raw) -> None:
    for number, minute in ((1, "10:05"), (2, "10:06")):
        raw.deal(
            number,
            "2026-03-01 10:00",
            [("NEW", "2026-03-01 10:00"), ("WON", f"2026-03-01 {minute}")],
            **WHOLE,
            opportunity=Decimal(number),
        )
    facts = raw.facts()
    assert found(facts)[0] == ["closed_at_once"] and found(facts, card=2)[0] == []


def test_deals_of_other_pipelines_are_not_audited_and_an_earlier_day_is_judged_as_it_was(raw: Raw) -> None:
    raw.deal(1, "2026-03-01 10:00", WORK, opportunity=Decimal(0), contact_id=1)
    raw.deal(2, "2026-03-01 10:00", [("NEW", "2026-03-01 10:00", 9)])
    assert raw.facts(roles={9: "after-sale"}).rows("SELECT id FROM audits") == [(1,)]
    assert found(raw.facts("2026-03-01 12:00")) == ([], [])  # it stood in the first stage
    assert raw.facts("2026-03-01 09:00").rows("SELECT * FROM audits") == []
