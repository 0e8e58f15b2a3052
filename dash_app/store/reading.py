"""Amounts, whole numbers and months as people write them, in a cell or in a file. What is doubtful is refused, never guessed."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from dash_app.errors import BadInput
from dash_app.text import Text

MOST = Decimal("1e15")
MOST_COUNT = 1_000_000
_SPACES = "\u00a0\u202f\u2009\u2007"
_SIGNS = ("₽", "руб.", "руб", "р.", "шт.", "шт", "$", "€", "₸", "Br", "RUB", "USD", "EUR")
_GROUPS = re.compile(r"\d{1,3}(?: \d{3})+|\d+")
_CENT = Decimal("0.01")
_MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_MONTHS_EN = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _shown(value: object) -> str:
    return str(value).strip()[:40]


def not_a_number(value: object) -> BadInput:
    """«12а» – не число."""
    return BadInput(
        Text(
            f"«{_shown(value)}» – не число. Напишите цифрами, например 1 200 000,50.",
            f"“{_shown(value)}” is no number. Write it in digits, for example 1 200 000.50.",
        )
    )


def _doubtful(value: object) -> BadInput:
    return BadInput(
        Text(
            f"«{_shown(value)}»: после запятой больше двух знаков. Округлите до копеек; тысячи отделяйте пробелом.",
            f"“{_shown(value)}” has more than two decimals. Round it; separate thousands by a space.",
        )
    )


def _plain(value: str) -> str:
    """Digits with a decimal point, out of ``1 200 000,50``, ``1,200,000.50``, ``1.200.000,50 ₽``."""
    text = value.strip()
    for space in _SPACES:
        text = text.replace(space, " ")
    for sign in _SIGNS:
        if text.casefold().endswith(sign.casefold()):
            text = text[: -len(sign)].rstrip()
            break
        if text.startswith(sign):
            text = text[len(sign) :].lstrip()
            break
    minus = text[:1] in ("-", "−", "–")
    text = text[1:].lstrip() if minus else text
    commas, points = text.count(","), text.count(".")
    if commas and points:
        decimal = "," if text.rfind(",") > text.rfind(".") else "."
        text = text.replace("." if decimal == "," else ",", " ").replace(decimal, ".")
        if text.count(".") > 1:
            raise not_a_number(value)
    elif commas > 1 or points > 1:
        text = text.replace(",", " ").replace(".", " ")
    else:
        text = text.replace(",", ".")
        if re.fullmatch(r"\d{1,3}\.\d{3}", text):  # 1,200: a thousand two hundred, or one and a fifth?
            raise _doubtful(value)
    whole, point, rest = text.partition(".")
    if not _GROUPS.fullmatch(whole) or (point and not re.fullmatch(r"\d+", rest, re.ASCII)) or not text.isascii():
        raise not_a_number(value)
    return ("-" if minus else "") + whole.replace(" ", "") + point + rest


def amount(value: object) -> Decimal | None:
    """Money of at most two decimals; None for an empty cell. BadInput otherwise. Numbers of a workbook lose their binary noise."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise not_a_number(value)
    try:
        exact = Decimal(_plain(value)) if isinstance(value, str) else Decimal(str(value))
    except InvalidOperation:
        raise not_a_number(value) from None
    if not exact.is_finite():
        raise not_a_number(value)
    if exact < 0:
        raise BadInput(
            Text(
                f"«{_shown(value)}» меньше нуля. Число здесь не бывает отрицательным.",
                f"“{_shown(value)}” is below zero. It cannot be negative here.",
            )
        )
    if exact > MOST:
        raise BadInput(
            Text(
                f"«{_shown(value)}» – слишком большая сумма. Проверьте число нулей.",
                f"“{_shown(value)}” is too large. Check the number of zeros.",
            )
        )
    rounded = exact.quantize(_CENT, ROUND_HALF_EVEN)
    if rounded != exact and not (isinstance(value, float) and abs(rounded - exact) < Decimal("1e-6")):
        raise _doubtful(value)
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded


def count(value: object) -> int | None:
    """A whole number; None for an empty cell."""
    exact = amount(value)
    if exact is None:
        return None
    if exact != exact.to_integral_value():
        raise BadInput(Text(f"«{_shown(value)}» – не целое число.", f"“{_shown(value)}” is no whole number."))
    if exact > MOST_COUNT:
        raise BadInput(
            Text(
                f"«{_shown(value)}» – слишком много сделок. Наибольшее число – миллион.",
                f"“{_shown(value)}” is too many deals. A million is the most.",
            )
        )
    return int(exact)


def month(value: object) -> str:
    """``2026-02`` out of 2026-02, 2026-02-01, 02.2026, 01.02.2026, «фев 2026» or a date; BadInput otherwise."""
    if isinstance(value, datetime | date):
        return _month(value.year, value.month, value)
    text = str(value if value is not None else "").strip().casefold()
    if found := re.fullmatch(r"(\d{4})[-./](\d{1,2})(?:[-./]\d{1,2}(?:[ t]00:00(?::00)?)?)?", text, re.ASCII):
        return _month(int(found[1]), int(found[2]), value)
    if found := re.fullmatch(r"(?:\d{1,2}[.])?(\d{1,2})[./](\d{4})", text, re.ASCII):
        return _month(int(found[2]), int(found[1]), value)
    if found := re.fullmatch(r"([a-zа-я]{3,9})\.?,?\s+(\d{4})(?:\s*г\.?)?", text):
        for names in (_MONTHS, _MONTHS_EN):
            for number, name in enumerate(names, 1):
                if found[1].startswith(name):
                    return _month(int(found[2]), number, value)
    raise _no_month(value)


def _month(year: int, number: int, value: object) -> str:
    if not (1900 <= year < 2200 and 1 <= number <= 12):
        raise _no_month(value)
    return f"{year}-{number:02d}"


def _no_month(value: object) -> BadInput:
    return BadInput(
        Text(
            f"«{_shown('' if value is None else value)}» – не месяц. Напишите его как 2026-02.",
            f"“{_shown('' if value is None else value)}” is no month. Write it as 2026-02.",
        )
    )
