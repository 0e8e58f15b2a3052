"""Numbers, money, days, dates and counted words as people of each language read them.

Spaces inside a number and before its unit are no-break, so that a figure never falls apart; unknown is a dash. Separators are written
by hand because a page formats hundreds of numbers; words, months and plural rules come from CLDR through Babel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date

from dash_app.engine import units
from dash_app.engine.language import Unit
from dash_app.engine.result import Money, Value
from dash_app.record_kinds import RECORD_KINDS, Forms, is_card
from dash_app.text import Lang

NBSP = "\u00a0"
DASH = "—"
MINUS = "−"

_SYMBOLS = {"RUB": "₽", "USD": "$", "EUR": "€", "KZT": "₸", "BYN": "Br", "UAH": "₴", "GBP": "£", "CNY": "¥"}
_SCALES = {
    "ru": ((10**9, "млрд"), (10**6, "млн"), (10**3, "тыс.")),
    "en": ((10**9, "B"), (10**6, "M"), (10**3, "K")),
}
_OF_TIME: dict[Unit, dict[Lang, str]] = {
    Unit.DAYS: {"ru": "дн.", "en": "d"},
    Unit.MINUTES: {"ru": "мин", "en": "min"},
}
_LOCALES: dict[Lang, str] = {"ru": "ru", "en": "en_GB"}

_ENTITIES: dict[str, dict[Lang, Forms]] = {
    **{kind.id: dict(kind.forms) for kind in RECORD_KINDS.values()},
    "response": {
        "ru": {"one": "карточка", "few": "карточки", "many": "карточек", "other": "карточки"},
        "en": {"one": "card", "other": "cards"},
    },
    "card": {
        "ru": {"one": "карточка", "few": "карточки", "many": "карточек", "other": "карточки"},
        "en": {"one": "card", "other": "cards"},
    },
    "audit": {
        "ru": {"one": "карточка", "few": "карточки", "many": "карточек", "other": "карточки"},
        "en": {"one": "card", "other": "cards"},
    },
    "commitment": {
        "ru": {"one": "обещание", "few": "обещания", "many": "обещаний", "other": "обещания"},
        "en": {"one": "commitment", "other": "commitments"},
    },
    "record": {
        "ru": {"one": "запись", "few": "записи", "many": "записей", "other": "записи"},
        "en": {"one": "record", "other": "records"},
    },
    "row": {
        "ru": {"one": "строка", "few": "строки", "many": "строк", "other": "строки"},
        "en": {"one": "row", "other": "rows"},
    },
    "person": {
        "ru": {"one": "сотрудник", "few": "сотрудника", "many": "сотрудников", "other": "сотрудника"},
        "en": {"one": "person", "other": "people"},
    },
    "note": {
        "ru": {"one": "оговорка", "few": "оговорки", "many": "оговорок", "other": "оговорки"},
        "en": {"one": "note", "other": "notes"},
    },
    "day": {"ru": {"one": "день", "few": "дня", "many": "дней", "other": "дня"}, "en": {"one": "day", "other": "days"}},
}


def number(value: float | Decimal, lang: Lang, digits: int = 0) -> str:
    """``1 234 567,8`` / ``1,234,567.8``, half-even."""
    if isinstance(value, Decimal):
        value = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    shown = f"{value:,.{digits}f}"
    if shown.startswith("-"):
        shown = shown[1:] if not shown.strip("-0.,") else MINUS + shown[1:]
    return shown if lang == "en" else shown.replace(",", NBSP).replace(".", ",")


def currency_sign(currency: str) -> str:
    """₽ for RUB; the code itself where no sign is known."""
    return _SYMBOLS.get(currency, currency)


def _with_currency(shown: str, lang: Lang, currency: str) -> str:
    sign = currency_sign(currency)
    if lang == "ru":
        return f"{shown}{NBSP}{sign}"
    minus = MINUS if shown.startswith(MINUS) else ""
    gap = NBSP if len(sign) > 1 else ""
    return f"{minus}{sign}{gap}{shown.removeprefix(MINUS)}"


def money(value: float | Decimal, lang: Lang, currency: str) -> str:
    """In full, kopecks only where there are any: ``12 400 000 ₽``, ``10,50 ₽``."""
    exact = Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    return _with_currency(number(exact, lang, 0 if exact == exact.to_integral_value() else 2), lang, currency)


def money_short(value: float | Decimal, lang: Lang, currency: str) -> str:
    """``12,4 млн ₽``: for cards and labels; the full amount belongs into the title beside it. Below 10 000 in whole units."""
    exact = Decimal(str(value))
    for scale, word in _SCALES[lang]:
        part = (exact / scale).quantize(Decimal("0.1"), ROUND_HALF_EVEN)
        if abs(part) >= (10 if scale == 10**3 else 1):
            shown = number(part, lang, 1).removesuffix(",0").removesuffix(".0")
            return _with_currency(f"{shown}{NBSP}{word}" if lang == "ru" else f"{shown}{word}", lang, currency)
    return _with_currency(number(exact, lang), lang, currency)


def two_digits(value: float | Decimal) -> Decimal:
    """An estimate in the two digits it deserves, three where the first is a one: 53 856 410 -> 54 000 000, 14 846 666 -> 14 800 000."""
    exact = Decimal(str(value))
    if not exact:
        return exact
    digits = 3 if exact.as_tuple().digits[0] == 1 else 2
    return exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), ROUND_HALF_EVEN)


def times(value: float | Decimal, lang: Lang) -> str:
    """How many times over: ``×4,2``, whole from ten on: ``×16``."""
    return f"×{number(value, lang, _tenths(value))}"


def _tenths(value: float | Decimal) -> int:
    """Digits after the point: nobody acts on a tenth after ten."""
    return 0 if abs(float(value)) >= 10 else 1


def ratio(value: float | Decimal, lang: Lang) -> str:
    """0.183 -> ``18,3 %``."""
    shown = number(float(value) * 100, lang, 1).removesuffix(",0").removesuffix(".0")
    return f"{shown}{NBSP}%" if lang == "ru" else f"{shown}%"


def day(value: date, lang: Lang) -> str:
    """A date in digits, as columns show it: ``03.02.2026`` / ``2026-02-03``."""
    return f"{value:%d.%m.%Y}" if lang == "ru" else f"{value:%Y-%m-%d}"


def days_short(first: date, last: date, lang: Lang) -> str:
    """Days in digits, what they share once: ``01.10–20.10.2026`` / ``2026-10-01 – 10-20``."""
    if first == last:
        return day(first, lang)
    if first.year != last.year:
        return f"{day(first, lang)}{NBSP}–{NBSP}{day(last, lang)}"
    return f"{first:%d.%m}–{day(last, lang)}" if lang == "ru" else f"{day(first, lang)}{NBSP}–{NBSP}{last:%m-%d}"


def day_words(value: date, lang: Lang) -> str:
    """``3 февраля 2026`` / ``3 February 2026``."""
    return format_date(value, "d MMMM y", locale=_LOCALES[lang]).replace(" ", NBSP)


def moment(value: datetime, lang: Lang) -> str:
    """An instant (already in the portal's zone): ``3 фев 2026, 14:32``."""
    return f"{value.day}{NBSP}{_SHORT_MONTHS[lang][value.month - 1]}{NBSP}{value.year}, {value:%H:%M}"


def instant(value: datetime, lang: Lang) -> str:
    """An instant in digits (already in the portal's zone): ``15.10.2026, 12:00`` / ``2026-10-15, 12:00``."""
    return f"{day(value, lang)}, {value:%H:%M}"


def show(value: Value, unit: Unit, lang: Lang, currency: str, *, short: bool = False) -> str:
    """Any cell of a block as text; ``short`` for cards and labels."""
    if value is None or value == "":
        return DASH
    if isinstance(value, bool):
        return {"ru": ("нет", "да"), "en": ("no", "yes")}[lang][value]
    if isinstance(value, datetime):
        return moment(value, lang)
    if isinstance(value, date):
        return day(value, lang)
    if isinstance(value, list):
        return "; ".join(show(item, unit, lang, currency, short=short) for item in value)
    if isinstance(value, str):
        return value
    if isinstance(value, Money):
        return money(value.amount, lang, value.currency)
    match unit:
        case Unit.MONEY:
            return money_short(value, lang, currency) if short else money(value, lang, currency)
        case Unit.RATIO:
            return ratio(value, lang)
        case Unit.DAYS:
            return number(value, lang, _tenths(value))
        case Unit.MINUTES:
            return number(value, lang)
        case Unit.TIMES:
            return times(value, lang)
        case Unit.POINTS:
            size = abs(float(value)) if short else 0.0  # three figures say enough in a card
            shown = number(value, lang, 0 if size >= 100 else 1 if size >= 10 else 2)
            return shown.rstrip("0").rstrip(",.") if "," in shown or "." in shown else shown
        case _:
            return number(value, lang)


def with_unit(value: Value, unit: Unit, lang: Lang, currency: str, *, short: bool = False) -> str:
    """Like ``show``, with «дн.» after days and «мин» after minutes: for numbers that stand outside a labelled column."""
    shown = show(value, unit, lang, currency, short=short)
    word = _OF_TIME.get(unit)
    return f"{shown}{NBSP}{word[lang]}" if word and value is not None else shown


def days_exactly(value: float, lang: Lang) -> str:
    """``24,2 дн.``: with the tenth that columns leave out."""
    return f"{number(value, lang, 1)}{NBSP}{_OF_TIME[Unit.DAYS][lang]}"


def delta(value: Value, unit: Unit, lang: Lang, currency: str, *, short: bool = False) -> str:
    """A difference with its sign; of ratios in percentage points: ``+2,1 п.п.``. Money is short in cards."""
    if value is None or not isinstance(value, int | float | Decimal):
        return DASH
    sign = "+" if value > 0 else ""
    if unit is Unit.RATIO:
        return f"{sign}{number(float(value) * 100, lang, 1)}{NBSP}{'п.п.' if lang == 'ru' else 'pp'}"
    shown = with_unit(value, unit, lang, currency, short=short)
    return f"{sign}{shown}"


def delta_pct(value: Value, lang: Lang) -> str:
    """``+14 %``; past ten-fold as a multiple, because +3 367 % says nothing: ``×34,7``."""
    if value is None or not isinstance(value, int | float | Decimal):
        return DASH
    value = float(value)
    if value >= 9:
        return f"×{number(value + 1, lang, 1)}"
    size = abs(value)
    sign = "+" if value > 0 else ""
    digits = 0 if size >= 0.1 or not value else 1
    shown = number(value * 100, lang, digits)
    return f"{sign}{shown}{NBSP}%" if lang == "ru" else f"{sign}{shown}%"


@lru_cache(maxsize=2)
def _plural_rule(lang: Lang) -> Locale:
    return Locale.parse(_LOCALES[lang])


def form(amount: int, forms: Sequence[str], lang: Lang) -> str:
    """The form of a word that goes with a count: of «стоит», «стоят», «стоят» (one, few, many) or “stands”, “stand” (one, other)."""
    names = ("one", "few", "many") if lang == "ru" else ("one", "other")
    return dict(zip(names, forms, strict=True)).get(_plural_rule(lang).plural_form(amount), forms[-1])


def plural(amount: int, word: str, lang: Lang) -> str:
    """``1 сделка``, ``2 сделки``, ``5 сделок``: the count with its word (deal, lead, activity, task, record, row, day)."""
    return counted(amount, _ENTITIES.get(word, _ENTITIES["record"]), lang)


def counted(amount: int, forms: Mapping[Lang, Forms], lang: Lang) -> str:
    """The count with the form of a word that goes with it."""
    category = _plural_rule(lang).plural_form(amount)
    return f"{number(amount, lang)}{NBSP}{forms[lang].get(category, forms[lang]['other'])}"


def records_line(total: int, amount: Decimal | None, entity: str, lang: Lang, currency: str) -> str:
    """The header of a drawer: ``41 сделка · 12 400 000 ₽``."""
    line = plural(total, entity, lang)
    return line if amount is None or not is_card(entity) else f"{line} · {money(amount, lang, currency)}"


_SHORT_MONTHS = {
    "ru": ("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_BUCKETS = {"day": "EEEE, d MMMM y", "week": "d MMMM y", "month": "LLLL y", "quarter": "QQQQ y"}


def as_day(value: Value) -> date:
    """A cell that holds a day; TypeError for any other."""
    if not isinstance(value, date):
        raise TypeError(f"no day: {type(value).__name__}")
    return value


def as_number(value: Value) -> float:
    """A cell that holds a number; TypeError for any other."""
    if not isinstance(value, int | float | Decimal):
        raise TypeError(f"no number: {type(value).__name__}")
    return float(value)


def bucket_short(first: Value, grain: str, lang: Lang, first_month: int = 1) -> str:
    """Tick of an axis: ``3 фев``, ``май 26``, ``1 кв. 26`` (``26/27`` where the fiscal year begins in another month)."""
    start = as_day(first)
    year = f"{start.year % 100:02d}"
    if grain == "quarter":
        number_of_year, quarter = units.place(start, first_month)
        year = units.year_text(number_of_year, first_month)[2:]
        return f"{quarter}{NBSP}кв.{NBSP}{year}" if lang == "ru" else f"Q{quarter}{NBSP}{year}"
    month = _SHORT_MONTHS[lang][start.month - 1]
    if grain == "month":
        return f"{'май' if month == 'мая' else month}{NBSP}{year}"
    return f"{start.day}{NBSP}{month}"


def bucket_long(first: Value, last: Value, grain: str, lang: Lang, first_month: int = 1) -> str:
    """A bucket in words, for hover and tables: ``2–8 ноября 2026``, ``ноябрь 2026``, ``III квартал 2026/27``. ``first``, ``last``: its days."""
    start, end = as_day(first), as_day(last)
    if grain == "quarter" and first_month != 1:
        title = units.title_of(units.whole("quarter", start, first_month), first_month)
        return title.of(lang).replace(" ", NBSP) if title else ""
    if grain == "week":
        if start == end:
            return day_words(start, lang)
        if (start.year, start.month) == (end.year, end.month):
            return f"{start.day}–{day_words(end, lang)}"
        words = day_words(start, lang)
        if start.year == end.year:
            words = words.removesuffix(f"{NBSP}{start.year}")
        return f"{words} – {day_words(end, lang)}"
    shown = format_date(start, _BUCKETS[grain], locale=_LOCALES[lang])
    return shown.replace(" ", NBSP)


def period(start: date, end: date, lang: Lang) -> str:
    """``1–30 ноября 2026``."""
    return day_words(start, lang) if start == end else bucket_long(start, end, "week", lang)


def wilson(numerator: float, denominator: float, z: float = 1.6449) -> tuple[float, float]:
    """Wilson 90 % interval of a share, 0..1."""
    share = numerator / denominator
    spread = z * z / denominator
    centre = (share + spread / 2) / (1 + spread)
    half = z * ((share * (1 - share) + spread / 4) / denominator) ** 0.5 / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)
