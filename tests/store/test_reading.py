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
    ],
)
def test_doubtful_amounts_are_refused_with_a_sentence(text: object) -> None:
    with pytest.raises(BadInput) as said:
        reading.amount(text)
    assert said.value.text.ru.endswith(".") and said.value.text.en.endswith(".")


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
    "text", ["", None, "2026", "2026-13", "13.2026", "0026-01", "месяц 2026", "46054", 46054, "2026-02-xx"]
)
def test_other_months_are_refused(text: object) -> None:
    with pytest.raises(BadInput):
        reading.month(text)
