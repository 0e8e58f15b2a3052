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


def decimal(value: Number, digits: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """The exact value rounded once to ``digits`` places: ROUND_HALF_EVEN, ROUND_FLOOR or ROUND_CEILING."""
    scaled = Fraction(value) * 10**digits
    if rounding == ROUND_HALF_EVEN:
        whole = round(scaled)
    else:
        whole = scaled.__floor__() if rounding == ROUND_FLOOR else scaled.__ceil__()
    return Decimal(whole).scaleb(-digits)


def plain(value: Number, digits: int = 4, rounding: str = ROUND_HALF_EVEN) -> Text:
    """``1 234,5`` / ``1,234.5``: no more digits than it has."""
    shown = f"{decimal(value, digits, rounding):,f}"
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return Text(shown.replace(",", NBSP).replace(".", ","), shown)


def percent(value: Number, digits: int = 2, rounding: str = ROUND_HALF_EVEN) -> Text:
    """0.86 -> ``86 %`` / ``86%``."""
    shown = plain(Fraction(value) * 100, digits, rounding)
    return Text(f"{shown.ru}{NBSP}%", f"{shown.en}%")


def money(value: Number, currency: str, rounding: str = ROUND_HALF_EVEN) -> Text:
    """``84 000 ₽``, ``10,50 ₽``: kopecks only where there are any."""
    exact = decimal(value, 2, rounding)
    shown = f"{exact:,.0f}" if exact == exact.to_integral_value() else f"{exact:,.2f}"
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
