"""Whole numbers for amounts: nothing is lost on the way from the records, however large."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dash_app.figures.exact_words import divided, scaled
from dash_app.figures.money_units import amount_of, column_units, rounded, units_of

large = st.decimals(Decimal(-(10**28)), Decimal(10**28), places=8)


@given(st.lists(large | st.decimals(-1000, 1000, places=8), max_size=20), st.integers(0, 5))
def test_a_column_is_read_exactly(amounts: list[Decimal], skipped: int) -> None:
    column = pa.chunked_array([pa.array(amounts, pa.decimal128(38, 8))])
    assert column_units(column) == [units_of(a) for a in amounts]
    assert column_units(column.slice(skipped)) == [units_of(a) for a in amounts[skipped:]]


def test_a_column_of_other_places_is_refused() -> None:
    with pytest.raises(ValueError, match="places"):
        column_units(pa.chunked_array([pa.array([Decimal("1.00")], pa.decimal128(38, 2))]))


@given(st.decimals(Decimal(-(10**15)), Decimal(10**15), places=8))
def test_units_are_the_amount(amount: Decimal) -> None:
    assert amount_of(units_of(amount)) == amount
    assert rounded(units_of(amount)) == round(Fraction(amount) * 100)


@given(st.fractions(), st.integers(0, 6))
def test_rounding_is_that_of_fractions(value: Fraction, digits: int) -> None:
    assert scaled(value, digits) == round(value * 10**digits)
    assert scaled(value, digits, "ROUND_FLOOR") == (value * 10**digits).__floor__()
    assert divided(value.numerator, value.denominator, "ROUND_CEILING") == value.__ceil__()
