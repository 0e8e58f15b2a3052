"""Amounts, whole numbers and months as people write them, in a cell or in a file. What is doubtful is refused, never guessed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from dash_app.errors import BadInput
from dash_app.text import Text

MOST = Decimal("1e15")
MOST_COUNT = 1_000_000
LONGEST = 200
"""Characters of a number or a month; a longer text is none."""
_SIGNS = (
    "рублей", "рубля", "рубль", "руб.", "руб", "р.", "р", "₽", "rub.", "rub", "rur",
    "долларов", "долл.", "usd", "$", "евро", "eur", "€", "тенге", "тг.", "тг", "kzt", "₸", "byn", "br",
    "гривен", "грн.", "грн", "uah", "₴", "£", "gbp", "шт.", "шт",
)  # fmt: skip
_SCALES = {
    **dict.fromkeys(("тысячи", "тысяча", "тысяч", "тыс.", "тыс", "т.", "thousand", "к", "k"), 3),
    **dict.fromkeys(("миллионов", "миллиона", "миллион", "млн.", "млн", "million", "mln"), 6),
    **dict.fromkeys(("миллиардов", "миллиарда", "миллиард", "млрд.", "млрд", "billion", "bln"), 9),
}
_APOSTROPHES = "'’ʼ`´"
_MINUSES = "-−–—‐‑‒"
_GROUPS = re.compile(r"\d{1,3}(?: \d{3})+|\d+")
_CENT = Decimal("0.01")
_NAMES = (
    ("январь", "января", "january"),
    ("февраль", "февраля", "february"),
    ("март", "марта", "march"),
    ("апрель", "апреля", "april"),
    ("май", "мая", "may"),
    ("июнь", "июня", "june"),
    ("июль", "июля", "july"),
    ("август", "августа", "august"),
    ("сентябрь", "сентября", "september"),
    ("октябрь", "октября", "october"),
    ("ноябрь", "ноября", "november"),
    ("декабрь", "декабря", "december"),
)
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_050
"""Excel's day numbers of 2000-01-01 and 2099-12-31."""
_EXCEL_ZERO = date(1899, 12, 30)


def visible(text: str) -> str:
    """A text as it looks: without what cannot be seen (zero-width signs, marks of direction, soft hyphens), any space as a plain one."""
    if text.isascii() and text.isprintable():
        return text.strip()
    kept = []
    for sign in text:
        category = unicodedata.category(sign)
        if category in ("Zs", "Zl", "Zp") or sign in "\t\n\r\v\f\u2800\u3164":
            kept.append(" ")
        elif category not in ("Cf", "Cc") and not 0xFE00 <= ord(sign) <= 0xFE0F:
            kept.append(sign)
    return "".join(kept).strip()


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else "…" if isinstance(value, int) and abs(value) > 10**60 else str(value)
    return visible(text[: 2 * LONGEST])[:40]


def not_a_number(value: object) -> BadInput:
    """«12а» – не число."""
    shown = _shown(value)
    if shown.startswith("#") and shown.strip("#"):
        return BadInput(
            Text(
                f"«{shown}»: формула не посчиталась. Исправьте её или впишите число.",
                f"“{shown}”: a formula failed. Mend it or enter the number.",
            )
        )
    if shown.startswith("#") or re.fullmatch(r"\d+(?:[.,]\d+)?e[+-]?\d+", shown.casefold(), re.ASCII):
        return BadInput(
            Text(
                f"«{shown}»: Excel сократил число. Задайте столбцу числовой формат и сохраните файл снова.",
                f"“{shown}”: Excel has shortened the number. Give the column a number format and save the file again.",
            )
        )
    return BadInput(
        Text(
            f"«{shown}» – не число. Напишите цифрами, например 1 200 000,50.",
            f"“{shown}” is no number. Write it in digits, for example 1 200 000.50.",
        )
    )


def _doubtful(value: object) -> BadInput:
    return BadInput(
        Text(
            f"«{_shown(value)}»: после запятой больше двух знаков. Округлите до копеек; тысячи отделяйте пробелом.",
            f"“{_shown(value)}” has more than two decimals. Round it; separate thousands by a space.",
        )
    )


def _without_sign(text: str) -> str:
    """Without a currency behind or before."""
    lower = text.casefold()
    if len(lower) != len(text):  # a sign that folds into two is in no number
        return text
    for sign in _SIGNS:
        if lower.endswith(sign):
            return text[: -len(sign)].rstrip()
        if lower.startswith(sign):
            return text[len(sign) :].lstrip()
    return text


def _scaled(text: str) -> tuple[str, int]:
    """(the number, zeros to add) of «1,2 млн»."""
    lower = text.casefold()
    if len(lower) == len(text):
        for word, zeros in _SCALES.items():
            before = lower[: -len(word)]
            if lower.endswith(word) and before and before[-1] in " 0123456789":
                return text[: len(before)].rstrip(), zeros
    return text, 0


def _exact(value: str) -> Decimal:
    """The number in ``1 200 000,50``, ``1'200'000.50``, ``1,200,000.50``, ``1.200.000,50 ₽``, ``+5``, ``(5)``, ``1,2 млн руб.``."""
    if len(value) > LONGEST:
        raise not_a_number(value)
    text = visible(value)
    text = text[1:].lstrip() if text[:1] == "'" else text  # how a spreadsheet marks a text
    bracketed = text[:1] == "(" and text[-1:] == ")"
    text = _without_sign(text[1:-1].strip() if bracketed else text)
    if not bracketed and text[:1] == "(" and text[-1:] == ")":
        bracketed, text = True, text[1:-1].strip()
    minus = text[:1] in tuple(_MINUSES)
    if minus or text[:1] == "+":
        text = text[1:].lstrip()
    text, zeros = _scaled(_without_sign(text))
    if bracketed and minus:
        raise not_a_number(value)
    for apostrophe in _APOSTROPHES:
        text = text.replace(apostrophe, " ")
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
        if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text) or (not zeros and re.fullmatch(r"0\.\d{3}", text)):
            raise _doubtful(value)  # 1,200: a thousand two hundred, or one and a fifth?
    whole, point, rest = text.partition(".")
    if not _GROUPS.fullmatch(whole) or (point and not re.fullmatch(r"\d+", rest, re.ASCII)) or not text.isascii():
        raise not_a_number(value)
    return Decimal(("-" if minus or bracketed else "") + whole.replace(" ", "") + point + rest).scaleb(zeros)


def amount(value: object) -> Decimal | None:
    """Money of at most two decimals; None for an empty cell. BadInput otherwise. Numbers of a workbook lose their binary noise."""
    if value is None or (isinstance(value, str) and not visible(value)):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise not_a_number(value)
    if isinstance(value, int) and abs(value) > 10 * MOST:
        value = Decimal(10 * MOST).copy_sign(Decimal(1 if value > 0 else -1))
    try:
        exact = _exact(value) if isinstance(value, str) else Decimal(str(value))
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
    rounded = abs(exact).quantize(_CENT, ROUND_HALF_EVEN)
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


_CLOCK = r"(?:[ t]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[ap]m)?z?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-./](\d{{1,2}})(?:[-./](\d{{1,2}}){_CLOCK})?", re.ASCII)
_DAY_FIRST = re.compile(rf"(\d{{1,2}})[.-](\d{{1,2}})[.-](\d{{4}}|\d\d)(?:\s*г\.?)?{_CLOCK}", re.ASCII)
_SLASHES = re.compile(rf"(\d{{1,2}})/(\d{{1,2}})/(\d{{4}}){_CLOCK}", re.ASCII)
_MONTH_FIRST = re.compile(r"(\d{1,2})[./-](\d{4})(?:\s*г\.?)?", re.ASCII)
_MONTH_SHORT = re.compile(r"(\d{1,2})[./](\d\d)", re.ASCII)
_NAMED = re.compile(
    r"(?:(\d{1,2})[ .-]+)?([a-zа-я]{3,9})[ .,'’-]*(?<=[ .,'’-])(\d{4}|\d\d)(?:\s*г\.?|\s*года?)?", re.UNICODE
)
_NAMED_LAST = re.compile(r"(\d{4})(?:\s*г\.?)?[ ,-]+([a-zа-я]{3,9})\.?", re.UNICODE)


def month(value: object) -> str:
    """``2026-02`` as people and Excel write it; BadInput otherwise.

    2026-02, 2026-02-01, 02.2026, 01.02.2026 0:00, «фев 2026», «янв.26», Jan-26, 202602, a date, Excel's number of a day (2000–2099).
    Days and months between slashes are taken only where they cannot be mistaken for each other.
    """
    if isinstance(value, datetime | date):
        return _month(value.year, value.month, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _numbered(value, value)
    if isinstance(value, str) and len(value) > LONGEST:
        raise _no_month(value)
    text = visible(value if isinstance(value, str) else "").casefold().removeprefix("'").strip()
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(int(found[1]), int(found[2]), found[3], value)
    if found := _DAY_FIRST.fullmatch(text):
        return _day(_year(found[3]), int(found[2]), found[1], value)
    if found := _SLASHES.fullmatch(text):
        first, second = int(found[1]), int(found[2])
        if first != second and first <= 12 and second <= 12:
            raise _no_month(value)
        day, number = (second, first) if second > 12 else (first, second)
        return _day(int(found[3]), number, str(day), value)
    if found := _MONTH_FIRST.fullmatch(text):
        return _month(int(found[2]), int(found[1]), value)
    if (found := _MONTH_SHORT.fullmatch(text)) and int(found[2]) > 12:  # 02.26, which no day of December is
        return _month(_year(found[2]), int(found[1]), value)
    if found := _NAMED.fullmatch(text):
        return _day(_year(found[3]), _named(found[2], value), found[1], value)
    if found := _NAMED_LAST.fullmatch(text):
        return _month(int(found[1]), _named(found[2], value), value)
    if re.fullmatch(r"\d{5,6}", text, re.ASCII):
        return _numbered(int(text), value)
    raise _no_month(value)


def _numbered(number: float, value: object) -> str:
    """202602, or Excel's number of a day."""
    if _FIRST_SERIAL <= number < _LAST_SERIAL + 1:
        day = _EXCEL_ZERO + timedelta(days=int(number))
        return f"{day.year}-{day.month:02d}"
    if 190_001 <= number <= 219_912 and number == int(number):
        return _month(int(number) // 100, int(number) % 100, value)
    raise _no_month(value)


def _named(word: str, value: object) -> int:
    for number, names in enumerate(_NAMES, 1):
        if any(name.startswith(word) for name in names):
            return number
    raise _no_month(value)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _day(year: int, number: int, day: str | None, value: object) -> str:
    try:
        date(year, number, int(day or 1))
    except ValueError:
        raise _no_month(value) from None
    return _month(year, number, value)


def _month(year: int, number: int, value: object) -> str:
    if not (1900 <= year < 2200 and 1 <= number <= 12):
        raise _no_month(value)
    return f"{year}-{number:02d}"


def _no_month(value: object) -> BadInput:
    shown = _shown("" if value is None else value)
    return BadInput(
        Text(
            f"«{shown}» – не месяц. Напишите его как 2026-02.",
            f"“{shown}” is no month. Write it as 2026-02.",
        )
    )
