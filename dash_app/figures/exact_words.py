"""Exact numbers in the words of both languages, for sentences figures are explained with.

Spaces inside a number are no-break. Nothing here goes through a float.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from dash_app.text import Text

Number = int | Decimal | Fraction
NBSP = "\u00a0"
_SIGNS = {"RUB": "₽", "USD": "$", "EUR": "€", "KZT": "₸", "BYN": "Br", "UAH": "₴", "GBP": "£", "CNY": "¥"}


def scaled(value: Number, digits: int, rounding: str = ROUND_HALF_EVEN) -> int:
    """The exact value in units of ``10**-digits``, rounded once. Whole numbers all the way: several times faster than fractions."""
    numerator, denominator = value.as_integer_ratio()
    return divided(numerator * 10**digits, denominator, rounding)


def divided(numerator: int, denominator: int, rounding: str = ROUND_HALF_EVEN) -> int:
    """``numerator / denominator`` (above 0) as a whole number, rounded once."""
    whole, rest = divmod(numerator, denominator)
    if rounding == ROUND_HALF_EVEN:
        return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))
    return whole + (rounding != ROUND_FLOOR and rest > 0)


def decimal(value: Number, digits: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """The exact value rounded once to ``digits`` places: ROUND_HALF_EVEN, ROUND_FLOOR or ROUND_CEILING."""
    return Decimal(scaled(value, digits, rounding)).scaleb(-digits)


def plain(value: Number, digits: int = 4, rounding: str = ROUND_HALF_EVEN) -> Text:
    """``1 234,5`` / ``1,234.5``: no more digits than it has."""
    return plain_units(scaled(value, digits, rounding), digits)


def plain_units(units: int, digits: int) -> Text:
    """The same for a number already in units of ``10**-digits``."""
    shown = _grouped(units, digits)
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return Text(shown.replace(",", NBSP).replace(".", ","), shown)


def _grouped(units: int, digits: int) -> str:
    """``1,234.50``: all its digits."""
    if not digits:
        return f"{units:,}"
    whole, rest = divmod(abs(units), 10**digits)
    return f"{'-' if units < 0 else ''}{whole:,}.{rest:0{digits}}"


def percent(value: Number, digits: int = 2, rounding: str = ROUND_HALF_EVEN) -> Text:
    """0.86 -> ``86 %`` / ``86%``."""
    return percent_units(scaled(value, digits + 2, rounding), digits)


def percent_units(units: int, digits: int) -> Text:
    """The same for a number of ``10**-digits`` of a per cent."""
    shown = plain_units(units, digits)
    return Text(f"{shown.ru}{NBSP}%", f"{shown.en}%")


def money(value: Number, currency: str, rounding: str = ROUND_HALF_EVEN) -> Text:
    """``84 000 ₽``, ``10,50 ₽``: kopecks only where there are any."""
    return money_units(scaled(value, 2, rounding), currency)


def money_units(cents: int, currency: str) -> Text:
    """The same for a number of kopecks."""
    shown = _grouped(cents, 2) if cents % 100 else f"{cents // 100:,}"
    sign = _SIGNS.get(currency, currency)
    ru = shown.replace(",", NBSP).replace(".", ",")
    return Text(f"{ru}{NBSP}{sign}", f"{sign}{NBSP if len(sign) > 1 else ''}{shown}")


def deals(count: int) -> Text:
    """``2 сделки`` / ``2 deals``."""
    tail = count % 100
    if tail % 10 == 1 and tail != 11:
        word = "сделка"
    else:
        word = "сделки" if tail % 10 in (2, 3, 4) and tail not in (12, 13, 14) else "сделок"
    shown = plain(count)
    return Text(f"{shown.ru}{NBSP}{word}", f"{shown.en} {'deal' if count == 1 else 'deals'}")


def joined(parts: list[Text], ru: str, en: str | None = None) -> Text:
    """Texts with a separator between them."""
    return Text(ru.join(p.ru for p in parts), (ru if en is None else en).join(p.en for p in parts))
