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
    [("a & b", "a & b"), ("", None), (None, None), (False, None), ([], None), (0, "0"), (12, "12")],
)
def test_texts_are_read_as_sent(value: Any, expected: str | None) -> None:
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
        "UF_NO": False,
        "UF_LIST": [],
        "UF_HOLES": {},
        "UF_ZERO": "0",
        "UF_INT": 0,
        "UF_MANY": [3157, 3159],
        "UF_PHP": {"0": 5, "2": 7},
    }
    assert json.loads(wire.user_fields(row) or "") == {
        "UF_A": "x",
        "UF_NO": False,  # "no" of a boolean; its type tells, at derivation
        "UF_ZERO": "0",
        "UF_INT": 0,
        "UF_MANY": [3157, 3159],
        "UF_PHP": [5, 7],
    }
    assert wire.user_fields({"ID": "1", "UF_A": None, "UF_BLANK": " \t\n", "UF_BLANKS": [" ", "\u00a0"]}) is None


def test_no_text_keeps_an_address_that_opens_something() -> None:
    assert wire.text("Файл: https://p/x?id=1&auth=T0ken") == "Файл: https://p/x?id=1"
    assert wire.text("и/или = 5/2") == "и/или = 5/2"


FILE = {"id": 5, "showUrl": "/x?auth=T0ken&id=5", "downloadUrl": "https://p/y?id=5&auth=T0ken"}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (FILE, 5),
        ([FILE, {**FILE, "id": "6"}], [5, "6"]),
        ({"0": FILE, "3": FILE}, [5, 5]),
        ({"id": 7, "url": "/z?auth=T0ken", "urlMachine": "/z?auth=T0ken"}, 7),
        ({"showUrl": "/x?auth=T0ken", "name": "a.pdf"}, {"name": "a.pdf"}),
        ("https://p/y?id=5&auth=T0ken&x=1#top", "https://p/y?id=5&x=1#top"),
        ("https://p/y?AUTH=T0ken&auth=T0ken&amp;auth=T0ken", "https://p/y"),
        ("author=T; oauth=no", "author=T; oauth=no"),
        ({"id": {"auth": "T0ken"}}, None),
        ("https://p/x?to=%3Fauth%3DT0ken%26z%3D1&q=2", "https://p/x?to=%3Fz%3D1&q=2"),
        ("https://p/rest/1/T0ken/crm.deal.list?x=1", "https://p/rest/1/***/crm.deal.list?x=1"),
        ('{"showUrl": "/x?auth=T0ken", "id": 5}', '{"showUrl": "/x", "id": 5}'),
    ],
)
def test_a_file_leaves_its_id_and_no_token(sent: Any, kept: Any) -> None:
    document = wire.user_fields({"UF_F": sent})
    assert (json.loads(document)["UF_F"] if document else None) == kept
    assert "T0ken" not in (document or "")
    assert document is None or wire.user_fields_again(document) == document


def test_one_odd_value_of_a_user_field_is_left_out_alone() -> None:
    deep: Any = "x"
    for _ in range(400):
        deep = [deep]
    row = {"UF_DEEP": deep, "UF_HUGE": 2**70, "UF_ODD": "\ud800", "UF_GOOD": "да"}
    assert json.loads(wire.user_fields(row) or "") == {"UF_HUGE": str(2**70), "UF_GOOD": "да"}


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("ООО &quot;Ромашка&quot;", 'ООО "Ромашка"'),
        ("Юг &amp; Восток", "Юг & Восток"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),  # once
        ("&#39;&#x2116;&nbsp;5", "'№\u00a05"),
        ("a&b; &copyright; &copy x?a=1&lt=2", "a&b; &copyright; &copy x?a=1&lt=2"),
    ],
)
def test_entities_are_decoded_once(sent: str, read: str) -> None:
    assert wire.text(sent) == read
    assert wire.texts([sent]) == [read]
    assert json.loads(wire.user_fields({"UF_A": [sent]}) or "") == {"UF_A": [read]}
