"""The first answer to a card, in working minutes: 9 to 18, Russian calendar. Taken on 20 March 2026, 12:00 in Moscow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.store.raw_builder import Raw, at

NEW = [("NEW", "2026-02-04 10:00")]
LEAD, DEAL, CONTACT = 1, 2, 3


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    return Raw(tmp_path / "raw.duckdb")


def call(
    raw: Raw,
    start: str,
    *,
    seconds: int = 60,
    incoming: bool = False,
    owner: int = 1,
    owner_type: int = LEAD,
    **more: Any,
) -> None:
    """A call of so many seconds."""
    begun = at(start)
    raw.con.execute("SELECT count(*) FROM activities")
    number = raw.con.execute("SELECT count(*) + 1 FROM activities").fetchall()[0][0]
    end = raw.con.execute("SELECT ?::TIMESTAMP + to_seconds(?)", [begun, seconds]).fetchall()[0][0]
    values = {
        "type_id": 2,
        "direction": 1 if incoming else 2,
        "created": begun,
        "start_time": begun,
        "end_time": end,
        "completed": True,
        "responsible_id": 1,
    }
    raw.add("activities", id=number, owner_id=owner, owner_type_id=owner_type, **{**values, **more})


def mail(raw: Raw, moment: str, direction: int, **more: Any) -> None:
    """An e-mail: 1 in, 2 out."""
    call(raw, moment, type_id=4, direction=direction, end_time=at(moment), **more)


def answer(raw: Raw, entity: str = "lead", card: int = 1, **config: Any) -> tuple[Any, ...]:
    """(answered_at, kind, minutes) of a card."""
    found = raw.facts(**config).rows(
        f"SELECT answered_at, answer_kind, response_minutes FROM responses WHERE entity = '{entity}' AND id = {card}"
    )
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("created", "answered", "minutes"),
    [
        ("2026-02-04 10:00", "2026-02-04 10:12", 12),
        ("2026-02-04 07:30", "2026-02-04 09:05", 5),  # nobody works before nine
        ("2026-02-04 17:50", "2026-02-05 09:10", 20),  # ten minutes in the evening, ten in the morning
        ("2026-02-06 17:00", "2026-02-09 10:00", 120),  # over a weekend
        ("2026-02-20 17:00", "2026-02-24 09:30", 90),  # Monday the 23rd is a holiday
        ("2026-02-07 12:00", "2026-02-07 20:00", 0),  # a Saturday takes no working time
        ("2026-02-04 19:00", "2026-02-04 23:00", 0),
    ],
)
def test_only_working_time_is_counted(raw: Raw, created: str, answered: str, minutes: float) -> None:
    raw.lead(1, created, [("NEW", created)])
    call(raw, answered)
    assert answer(raw) == (at(answered), "call_out", pytest.approx(minutes))


def test_working_hours_and_own_days_off_are_settings(raw: Raw) -> None:
    raw.lead(1, "2026-02-04 17:50", NEW)
    call(raw, "2026-02-06 08:10")
    assert answer(raw, work_hours=(8, 20), calendar={"2026-02-05": False})[2] == pytest.approx(130 + 10)


def test_what_is_no_answer(raw: Raw) -> None:
    raw.lead(1, "2026-02-04 10:00", NEW)
    call(raw, "2026-02-04 10:05", seconds=9)  # nobody talks for nine seconds
    call(raw, "2026-02-04 10:06", incoming=True, missed_call=True)
    mail(raw, "2026-02-04 10:07", 1)
    call(raw, "2026-02-04 10:08", type_id=6, provider_id="IMOPENLINES_SESSION", direction=1)
    call(raw, "2026-02-04 10:09", completed=False)  # a planned call
    call(raw, "2026-02-04 10:10", type_id=1)
    call(raw, "2026-02-04 10:11", owner_type=CONTACT)
    call(raw, "2026-04-04 10:00")  # in the future
    assert answer(raw) == (None, None, None)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("call_in", {"incoming": True, "completed": False}),
        ("email_out", {"type_id": 4}),
        ("message_out", {"type_id": 6, "provider_id": "CRM_SMS"}),
    ],
)
def test_what_is_an_answer(raw: Raw, kind: str, values: dict[str, Any]) -> None:
    raw.lead(1, "2026-02-04 10:00", NEW)
    call(raw, "2026-02-04 10:30", **values)
    call(raw, "2026-02-04 10:40")  # the second one
    assert answer(raw) == (at("2026-02-04 10:30"), kind, pytest.approx(30))


def test_the_call_that_made_the_card_answered_it_at_once(raw: Raw) -> None:
    raw.lead(1, "2026-02-04 10:00", NEW)
    call(raw, "2026-02-04 09:59", incoming=True)
    assert answer(raw) == (at("2026-02-04 10:00"), "call_in", 0)


def test_a_deal_counts_only_where_no_lead_stands_before_it(raw: Raw) -> None:
    raw.lead(1, "2026-02-04 10:00", [("CONVERTED", "2026-02-04 11:00")])
    raw.deal(1, "2026-02-04 11:00", NEW, lead_id=1)
    raw.deal(2, "2026-02-04 11:00", NEW)
    raw.deal(3, "2026-02-04 11:00", NEW, lead_id=77)  # its lead is gone
    raw.deal(9, "2026-02-04 11:00", [("NEW", "2026-02-04 11:00", 9)])
    call(raw, "2026-02-04 11:30", owner=2, owner_type=DEAL)
    facts = raw.facts(roles={9: "after-sale"})
    assert facts.rows("SELECT entity, id, response_minutes FROM responses ORDER BY 1, 2") == [
        ("deal", 2, 30.0),
        ("deal", 3, None),
        ("lead", 1, None),
    ]


def test_a_card_made_by_the_person_responsible_is_marked(raw: Raw) -> None:
    raw.lead(1, "2026-02-04 10:00", NEW, created_by_id=1)
    raw.lead(2, "2026-02-04 10:00", NEW, created_by_id=5)
    raw.lead(3, "2026-02-04 10:00", NEW)
    raw.lead(4, "2026-02-04 10:00", NEW, assigned_by_id=None, created_by_id=1)
    assert raw.facts().rows("SELECT self_made FROM responses ORDER BY id") == [(True,), (False,), (False,), (False,)]


def test_an_earlier_day_knows_no_later_answer(raw: Raw) -> None:
    raw.lead(1, "2026-02-04 10:00", NEW)
    call(raw, "2026-02-06 10:00")
    assert raw.facts(as_of="2026-02-05 10:00").rows("SELECT answered_at FROM responses") == [(None,)]
