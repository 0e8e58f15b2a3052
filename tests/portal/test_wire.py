"""One meaning for every spelling the portal has for it. Expected values are worked out by hand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dash_app.portal import wire


@pytest.mark.parametrize("value", [None, "", 0, "0", False, [], {}, "abc", "1x", "9" * 25, float("inf")])
def test_no_link_however_it_is_written(value: Any) -> None:
    assert wire.link(value) is None


@pytest.mark.parametrize("value", ["37", 37, 37.0])
def test_a_link_as_text_or_number(value: Any) -> None:
    assert wire.link(value) == 37


@pytest.mark.parametrize(
    ("value", "expected"), [(0, 0), ("0", 0), ("-1", -1), (5, 5), (None, None), ("", None), (False, None), ([], None)]
)
def test_zero_is_a_number_because_the_default_pipeline_has_id_zero(value: Any, expected: int | None) -> None:
    assert wire.integer(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a &amp; b", "a &amp; b"), ("", None), (None, None), (False, None), ([], None), (0, "0"), (12, "12")],
)
def test_texts_are_kept_as_sent(value: Any, expected: str | None) -> None:
    assert wire.text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("19999.99", "19999.99"),
        (19000, "19000"),
        (999.9, "999.9"),
        ("0.00", "0.00"),
        (0, "0"),
        ("1.23456", "1.2346"),
        ("1e3", "1000"),
        ("", None),
        (None, None),
        (False, None),
        ("abc", None),
        ("NaN", None),
        ("Infinity", None),
        ("9" * 30, None),
    ],
)
def test_money_is_exact(value: Any, expected: str | None) -> None:
    assert wire.money(value) == (None if expected is None else Decimal(expected))


def test_a_rate_keeps_eight_decimals() -> None:
    assert wire.rate("0.123456789") == Decimal("0.12345679")
    assert wire.rate("92.5000") == Decimal("92.5")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Y", True),
        ("N", False),
        ("1", True),
        ("0", False),
        (1, True),
        (0, False),
        (True, True),
        (False, False),
        (None, None),
        ("", None),
        ("?", None),
    ],
)
def test_flags(value: Any, expected: bool | None) -> None:
    assert wire.flag(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-08-30T14:29:00+03:00", datetime(2026, 8, 30, 11, 29)),
        ("2026-08-30T01:29:00+03:00", datetime(2026, 8, 29, 22, 29)),
        ("2026-01-01T00:00:00-05:30", datetime(2026, 1, 1, 5, 30)),
        ("2026-08-30T14:29:00+0300", datetime(2026, 8, 30, 11, 29)),
        ("2026-08-30T14:29:00Z", datetime(2026, 8, 30, 14, 29)),
        ("2026-08-30T14:29:00", datetime(2026, 8, 30, 14, 29)),
        ("2026-08-30T14:29:00.250000+03:00", datetime(2026, 8, 30, 11, 29)),
        ("9999-12-31T00:00:00+03:00", None),
        ("0001-01-01T00:00:00+03:00", None),
        ("2026-02-30T00:00:00+03:00", None),
        ("", None),
        (None, None),
        ({}, None),
        ([], None),
        (False, None),
        ("31.08.2026", None),
        (5, None),
    ],
)
def test_instants_are_naive_utc(value: Any, expected: datetime | None) -> None:
    assert wire.instant(value) == expected


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 31)).map(lambda m: m.replace(microsecond=0)),
    st.integers(-14 * 60, 14 * 60),
)
def test_an_instant_survives_any_offset(moment: datetime, minutes: int) -> None:
    written = moment.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes))).isoformat()
    assert wire.instant(written) == moment


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("31.08.2026 09:00:05", datetime(2026, 8, 31, 6, 0, 5)),
        ("31.08.2026", datetime(2026, 8, 30, 21, 0)),
        ("08/31/2026 09:00:05 am", datetime(2026, 8, 31, 6, 0, 5)),
        ("08/31/2026 12:10:00 PM", datetime(2026, 8, 31, 9, 10)),
        ("31/08/2026 09:00:05", datetime(2026, 8, 31, 6, 0, 5)),
        ("2026-08-31 09:00:05", datetime(2026, 8, 31, 6, 0, 5)),
        ("2026-08-31T09:00:05+05:00", datetime(2026, 8, 31, 4, 0, 5)),
        ("32.08.2026", None),
        ("", None),
        (None, None),
        (False, None),
    ],
)
def test_last_communication_in_the_portals_own_writing(value: Any, expected: datetime | None) -> None:
    assert wire.instant_in(value, ZoneInfo("Europe/Moscow")) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-08-30T03:00:00+03:00", date(2026, 8, 30)),  # Moscow
        ("2026-08-30T02:00:00+02:00", date(2026, 8, 30)),  # Berlin, summer
        ("2026-08-30T01:00:00+02:00", date(2026, 8, 30)),  # Berlin, written in winter about a summer day
        ("2026-08-29T19:00:00-05:00", date(2026, 8, 30)),  # New York: the printed day is wrong, the rule is not
        ("2026-08-30", date(2026, 8, 30)),
        ("9999-12-31T00:00:00+03:00", None),
        ("", None),
        (None, None),
        ("2026-13-01", None),
    ],
)
def test_date_fields_by_the_rule_of_twelve_hours(value: Any, expected: date | None) -> None:
    assert wire.day(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["D_410", "CO_9"], ["D_410", "CO_9"]),
        ([], None),
        (False, None),
        (None, None),
        ("D_1", ["D_1"]),
        ({"12": {"id": 12, "title": "срочно"}}, ["срочно"]),
        ([{"id": 12, "title": "срочно"}], ["срочно"]),
        ({"0": "a"}, ["a"]),
    ],
)
def test_lists_of_texts(value: Any, expected: list[str] | None) -> None:
    assert wire.texts(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [([1, "5"], [1, 5]), ([], None), (False, None), ({"0": 3}, [3]), ("7", [7]), ([0], None)]
)
def test_lists_of_links(value: Any, expected: list[int] | None) -> None:
    assert wire.links(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"MISSED_CALL": True}, True),
        ({"MISSED_CALL": "Y"}, True),
        ({"MISSED_CALL": False}, False),
        ([], False),
        (None, False),
        ({}, False),
    ],
)
def test_missed_calls(value: Any, expected: bool) -> None:
    assert wire.missed_call(value) is expected


def test_user_fields_keep_what_says_something() -> None:
    row = {
        "ID": "1",
        "UF_A": "x",
        "UF_NONE": None,
        "UF_EMPTY": "",
        "UF_FALSE": False,
        "UF_LIST": [],
        "UF_ZERO": "0",
        "UF_INT": 0,
        "UF_MANY": [3157, 3159],
    }
    assert json.loads(wire.user_fields(row) or "") == {
        "UF_A": "x",
        "UF_ZERO": "0",
        "UF_INT": 0,
        "UF_MANY": [3157, 3159],
    }
    assert wire.user_fields({"ID": "1", "UF_A": None}) is None
