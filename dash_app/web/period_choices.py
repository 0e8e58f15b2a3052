"""What the period control offers: presets, then a grid of quarters and months a year, from which any month is two clicks away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dash_app.engine import units
from dash_app.engine.periods import PRESETS
from dash_app.engine.query import Period, Query
from dash_app.reports.session import Session
from dash_app.text import Lang
from dash_app.web import words

CUSTOM = "custom"
YEARS = 4
"""Years in the grid, that of the data and those before it."""

_SHORT = {
    "ru": ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a grid depends on: the last (fiscal) year shown, its first month, a period beside it."""

    year: int
    first_month: int
    beside: str = ""

    @property
    def key(self) -> str:
        """The same offer, the same key."""
        return f"{self.year}:{self.first_month}:{self.beside}"

    @classmethod
    def of(cls, reports: Session, query: Query | None = None) -> Offer:
        """The offer of the data at hand, with the query's own period where the grid does not have it. May raise NoData."""
        first_month = reports.first_month()
        year, _ = units.place(reports.state().as_of.date(), first_month)
        offer = cls(year, first_month)
        if query is None or query.preset is None or query.preset in PRESETS:
            return offer
        known = {name for _, names in offer.years() for name in names}
        return offer if query.preset in known else cls(year, first_month, query.preset)

    def years(self) -> list[tuple[int, list[str]]]:
        """(year, names of it, its quarters and their months in order), the latest first."""
        found = []
        for year in range(self.year, self.year - YEARS, -1):
            names = [str(year)]
            for quarter in range(1, 5):
                names.append(f"{year}-Q{quarter}")
                first = _period(names[-1], self.first_month).start
                month = units.whole("month", first)
                for _ in range(3):
                    names.append(units.name_of(month) or "")
                    month = units.moved(month, 1)
            found.append((year, names))
        return found

    def choices(self, lang: Lang) -> list[dict[str, Any]]:
        """Items of the select; ``short``: what a cell of the grid says (``renderPeriod`` of ``assets/shell/40-choices.js``)."""
        items: list[dict[str, Any]] = [{"value": name, "label": text.of(lang)} for name, text in PRESETS.items()]
        items.append({"value": CUSTOM, "label": words.OWN_DATES.of(lang)})
        if self.beside:
            items.append({"value": self.beside, "label": _title(self.beside, self.first_month, lang)})
        for year, names in self.years():
            cells = [self._cell(name, lang) for name in names]
            items.append({"group": units.year_text(year, self.first_month), "items": cells})
        return items

    def _cell(self, name: str, lang: Lang) -> dict[str, Any]:
        period = _period(name, self.first_month)
        title = _title(name, self.first_month, lang)
        kind = units.unit_of(period, self.first_month)
        if kind == "month":
            short = _SHORT[lang][period.start.month - 1]
        elif kind == "quarter":
            _, quarter = units.place(period.start, self.first_month)
            short = f"{units.ROMAN[quarter - 1]} кв." if lang == "ru" else f"Q{quarter}"
        else:
            short = title
        return {"value": name, "label": title, "short": short, "kind": kind}


def _period(name: str, first_month: int) -> Period:
    found = units.named(name, first_month)
    assert found is not None, name
    return found


def _title(name: str, first_month: int, lang: Lang) -> str:
    period = units.named(name, first_month) or Period(date.min, date.min)
    title = units.title_of(period, first_month)
    return title.of(lang) if title else name
