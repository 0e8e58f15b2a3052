"""Sentences with values in them, in the words and numbers of a language.

A template names a value and how it is written: ``{n:deal}`` a count with its word, ``{n:~стоит|стоят|стоят}`` the form that goes with it,
``{amount:money}``, ``{share:ratio}``, ``{day:date}`` … A value is a value: braces in it mean nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Any

from dash_app.engine.query import Period
from dash_app.reports.today.api import Said
from dash_app.text import Lang, Text
from dash_app.views import format as fmt

_SPREADS = Text("{n} обычного разброса", "{n} usual spreads")
_POINTS: Mapping[Lang, str] = {"ru": "п. п.", "en": "pp"}
_WEEKDAYS: Mapping[Lang, Sequence[str]] = {
    "ru": ("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}

Writer = Callable[[Any, Lang, str], str]


def _weekday(value: Any, lang: Lang, _: str) -> str:
    """«В четверг 19 ноября» / “Thursday 19 November”: without the year, it is near."""
    shown = fmt.day_words(value, lang).removesuffix(f"{fmt.NBSP}{value.year}")
    name = _WEEKDAYS[lang][value.weekday()]
    if lang == "en":
        return f"{name} {shown}"
    return f"{'Во' if name == 'вторник' else 'В'} {name} {shown}"


def _number(value: Any, lang: Lang, _: str) -> str:
    return fmt.number(float(value), lang, 0 if float(value).is_integer() else 1)


def _days(value: Any, lang: Lang, _: str) -> str:
    return fmt.bucket_long(value.start, value.end, "week", lang)


def _listed(write: Writer) -> Writer:
    return lambda values, lang, currency: "; ".join(write(v, lang, currency) for v in values)


def _money(value: Any, lang: Lang, currency: str) -> str:
    return fmt.money_short(value, lang, currency)


def _ratio(value: Any, lang: Lang, _: str) -> str:
    return fmt.ratio(value, lang)


WRITERS: Mapping[str, Writer] = {
    "number": _number,
    "tenth": lambda value, lang, _: fmt.number(float(value), lang, 1),
    "money": _money,
    "ratio": _ratio,
    "points": lambda value, lang, _: f"{fmt.number(float(value) * 100, lang, 1)}{fmt.NBSP}{_POINTS[lang]}",
    "spreads": lambda value, lang, _: _SPREADS.format(n=fmt.number(float(value), lang, 1)).of(lang),
    "date": lambda value, lang, _: fmt.day(value, lang),
    "weekday": _weekday,
    "days": _days,
    "numbers": _listed(_number),
    "moneys": _listed(_money),
    "ratios": _listed(_ratio),
}
"""How a value is written; whatever else a template names is a word that is counted (``format.plural``)."""


class _Sayer(Formatter):
    def __init__(self, lang: Lang, currency: str) -> None:
        self.lang: Lang = lang
        self.currency = currency

    def format_field(self, value: Any, spec: str) -> str:
        if isinstance(value, Said):
            return say(value, self.lang, self.currency)
        if isinstance(value, Text):
            return value.of(self.lang)
        if spec.startswith("~"):
            return fmt.form(int(value), spec[1:].split("|"), self.lang)
        if spec in WRITERS:
            return WRITERS[spec](value, self.lang, self.currency)
        if spec:
            return fmt.plural(int(value), spec, self.lang)
        if isinstance(value, Period | date | Decimal | float):
            raise ValueError(f"a {type(value).__name__} needs a way to be written")
        return str(value)


def say(said: Said, lang: Lang, currency: str) -> str:
    """The sentence."""
    return _Sayer(lang, currency).vformat(said.words.of(lang), (), said.values)
