"""Numbers and months as people write them: understood, or refused with a sentence; never guessed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dash_app.errors import BadInput
from dash_app.store import reading


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 200 000,50", "1200000.50"),
        ("1\u00a0200\u00a0000,5", "1200000.5"),
        ("1\u202f200", "1200"),
        ("1200000", "1200000"),
        ("1,200,000.50", "1200000.50"),
        ("1.200.000,50 ₽", "1200000.50"),
        ("1.200.000", "1200000"),
        ("300 000 руб.", "300000"),
        ("$1,500.00", "1500"),
        ("0", "0"),
        ("0,5", "0.5"),
        ("10.0", "10"),
        (100000.0, "100000"),
        (1234.5600000000001, "1234.56"),
        (7, "7"),
        ("1500,000", "1500"),
        ("1'200'000,50", "1200000.50"),
        ("1’200’000", "1200000"),
        ("1 200 000р", "1200000"),
        ("1 200 000 рублей", "1200000"),
        ("+1200", "1200"),
        ("1\u200b200\u200e", "1200"),
        ("\ufeff\u2068 1\u2009200\u2069", "1200"),
        ("'1200", "1200"),
        ("12 тыс.", "12000"),
        ("12 тыс. руб.", "12000"),
        ("12 т.р.", "12000"),
        ("12к", "12000"),
        ("1,2 млн", "1200000"),
        ("0,125 млн", "125000"),
        ("2 млрд ₽", "2000000000"),
        ("-0", "0"),
        (-0.0, "0"),
    ],
)
def test_amounts_are_understood(text: object, value: str) -> None:
    assert reading.amount(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "  ", "\u00a0", None])
def test_an_empty_cell_is_no_amount(text: object) -> None:
    assert reading.amount(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "12а",
        "1 2",
        "12 00",
        "-5",
        "−5",
        "1e5",
        "١٢",
        "nan",
        "inf",
        "1,200",
        "1.200",
        "0,125",
        "1,2,3",
        "5%",
        "=1+1",
        True,
        "1" * 30,
        float("nan"),
        float("inf"),
        0.001,
        [],
        "—",
        "(500)",
        "(500) ₽",
        "1,234 млн",
        "млн",
        "₽",
        "1,20E+06",
        "#####",
        "#REF!",
        "1" + " " * 300 + "5",
        10**400,
        pytest.param(-(10**5000), id="endless"),
    ],
)
def test_doubtful_amounts_are_refused_with_a_sentence(text: object) -> None:
    with pytest.raises(BadInput) as said:
        reading.amount(text)
    assert said.value.text.ru.endswith(".") and said.value.text.en.endswith(".")


def test_a_failed_formula_is_called_so() -> None:
    with pytest.raises(BadInput, match="a formula failed"):
        reading.amount("#REF!")
    with pytest.raises(BadInput, match="shortened"):
        reading.amount("#####")


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_every_amount_is_read_as_it_is_shown(value: Decimal) -> None:
    assert reading.amount(f"{value:,.2f}".replace(",", "\u00a0").replace(".", ",")) == value
    assert reading.amount(f"{value:.2f}") == value
    if value >= 1000:
        assert reading.amount(f"{value:,.2f}") == value


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (reading.amount, reading.count, reading.month):
        try:
            read(text)
        except BadInput as error:
            assert error.text.ru


def test_counts_are_whole() -> None:
    assert (
        reading.count("12") == 12
        and reading.count("1 200") == 1200
        and reading.count("") is None
        and reading.count(5.0) == 5
    )
    for text in ("1,5", "2000000", "x"):
        with pytest.raises(BadInput):
            reading.count(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02",
        "2026-2",
        "2026-02-01",
        "2026-02-28",
        "02.2026",
        "01.02.2026",
        "2026/02",
        "фев 2026",
        "Февраль 2026 г.",
        "Feb 2026",
        "February, 2026",
        "2026-02-01 00:00:00",
        date(2026, 2, 1),
        datetime(2026, 2, 1),
        "фев.26",
        "Feb-26",
        "февр. 2026",
        "фев'26",
        "01.02.2026 0:00",
        "2026-02-01T00:00:00",
        "\u200e01.02.2026\u200b",
        "1 февраля 2026 г.",
        "01-Feb-26",
        "2026 февраль",
        "28.02.26",
        "02.26",
        "13/02/2026",
        "02/02/2026",
        "202602",
        202602,
        46054,
        46054.5,
        "46054",
    ],
)
def test_months_are_understood(text: object) -> None:
    assert reading.month(text) == "2026-02"


def test_march_is_not_may() -> None:
    assert [reading.month(f"{name} 2026") for name in ("март", "марта", "май", "мая", "march", "may")] == [
        "2026-03",
        "2026-03",
        "2026-05",
        "2026-05",
        "2026-03",
        "2026-05",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "2026",
        "2026-13",
        "13.2026",
        "0026-01",
        "месяц 2026",
        "2026-02-xx",
        "99.02.2026",
        "2026-02-31",
        "01/02/2026",
        "02.12",
        "26.фев",
        "январщина 2026",
        "фев26",
        2026,
        0,
        1e9,
        True,
        float("nan"),
        float("inf"),
        [],
        "1" * 5000,
    ],
)
def test_other_months_are_refused(text: object) -> None:
    with pytest.raises(BadInput):
        reading.month(text)
