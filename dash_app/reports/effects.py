"""What a change of settings did to the figures: those a setting's declaration names, asked before and after, and kept with the history.

A figure is said as it was at the moment of the change, with its label, so that it stays readable when reports have changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dash_app.engine.blocks import Cards
from dash_app.engine.language import Unit
from dash_app.errors import UserError
from dash_app.reports.session import Session
from dash_app.store.edits import Change
from dash_app.store.preferences import affects, figures_of, report_of
from dash_app.text import Text


@dataclass(frozen=True, slots=True)
class FigureThen:
    """A first figure of a report at a moment. ``dates``: the period in words."""

    report: Text
    label: Text
    unit: Unit
    value: float | None
    currency: str
    dates: Text


Figures = Mapping[tuple[str, str], FigureThen]
"""(report's slug, figure) -> what it was."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure before and after a change."""

    was: FigureThen
    became: FigureThen

    @property
    def is_same(self) -> bool:
        """Whether nothing came of the change."""
        return self.was.value == self.became.value and self.was.label == self.became.label

    def document(self) -> dict[str, Any]:
        """As JSON."""
        now = self.became
        return {
            "report": [now.report.ru, now.report.en],
            "label": [now.label.ru, now.label.en],
            "label_was": [self.was.label.ru, self.was.label.en],
            "unit": now.unit.value,
            "currency": now.currency,
            "dates": [now.dates.ru, now.dates.en],
            "was": self.was.value,
            "became": now.value,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Moved:
        """Read back; KeyError, TypeError or ValueError for what another version wrote."""
        report, label, before, dates = (
            Text(*map(str, kept[name])) for name in ("report", "label", "label_was", "dates")
        )
        unit, currency = Unit(kept["unit"]), str(kept["currency"])
        was, became = (None if kept[name] is None else float(kept[name]) for name in ("was", "became"))
        return cls(
            FigureThen(report, before, unit, was, currency, dates),
            FigureThen(report, label, unit, became, currency, dates),
        )


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change did. ``together``: settings that were changed in the same moment, so that it may be their doing."""

    moved: tuple[Moved, ...]
    together: tuple[str, ...] = ()


def figures_now(session: Session, keys: Iterable[str]) -> Figures:
    """Figures that a change of these settings or entries may move – the first of their reports and those they name –: of this month, or of all time where
    a report speaks of that. A report that fails is left out."""
    moving = [key for key in keys if affects(key) != "work"]
    named = {tuple(spelled.split(".", 1)) for key in moving for spelled in figures_of(key)}
    wanted = {report_of(key) for key in moving} | {report for report, _ in named}
    if any(affects(key) == "facts" for key in moving):
        wanted.add("sales-dynamics")
    found: dict[tuple[str, str], FigureThen] = {}
    for report in session.reports():
        block = next((block for block in report.blocks if isinstance(block, Cards)), None)
        if block is None or report.slug not in wanted:
            continue
        try:
            query = session.parse(report, {} if report.default_period == "all" else {"period": ["this_month"]})
            result = session.block(report, block.id, query)
            currency, dates = session.state().currency, session.dates_text(query)
        except UserError:
            continue
        row = result.totals or (result.rows[0] if result.rows else {})
        unchosen = {name for option, chosen, names in block.only if query.option(option) != chosen for name in names}
        own = [name for slug, names in named if slug == report.slug for name in names.split("|")]
        for name in dict.fromkeys((*(block.headline or tuple(figure.id for figure in block.figures)), *own)):
            value = row.get(name)
            if name in row and name not in unchosen and (value is None or isinstance(value, int | float | Decimal)):
                column, number = result.column(name), None if value is None else float(value)
                found[report.slug, name] = FigureThen(report.title, column.label, column.unit, number, currency, dates)
    return found


def moved(before: Figures, after: Figures, keys: Iterable[str]) -> list[Moved]:
    """Figures there were before and are after, in the order of the reports; of a figure these settings choose among several, the one and the other."""
    chosen = [spelled for key in keys for spelled in figures_of(key) if "|" in spelled]
    pairs = [(_first(spelled, before), _first(spelled, after)) for spelled in chosen]
    others = [Moved(was, became) for was, became in pairs if was and became and was.label != became.label]
    return [*others, *(Moved(was, after[place]) for place, was in before.items() if place in after)]


def of_change(change: Change, changes: Sequence[Change], before: Figures, after: Figures) -> Effect | None:
    """What a change did to the figures its setting names; None where it names none, or they could not be asked."""
    found: list[Moved] = []
    for spelled in figures_of(change.what):
        was, became = _first(spelled, before), _first(spelled, after)
        if was is not None and became is not None:
            found.append(Moved(was, became))
    others = tuple(dict.fromkeys(c.what for c in changes if c.what != change.what and _shares(c.what, change.what)))
    return Effect(tuple(found), others) if found else None


def _first(spelled: str, figures: Figures) -> FigureThen | None:
    """``report.figure``, or ``report.one|other`` for whichever the report shows."""
    report, _, names = spelled.partition(".")
    return next((figures[report, name] for name in names.split("|") if (report, name) in figures), None)


def _shares(one: str, other: str) -> bool:
    return bool(set(figures_of(one)) & set(figures_of(other))) or report_of(one) == report_of(other)


class Effects:
    """What changes did, as it is kept. ``read`` and ``write``: documents by number of the change."""

    def __init__(
        self,
        read: Callable[[Iterable[int]], Mapping[int, Any]],
        write: Callable[[Mapping[int, Any]], None],
    ) -> None:
        self._read = read
        self._write = write

    def keep(self, changes: Sequence[Change], before: Figures, after: Figures) -> None:
        """Keeps what changes made in one moment did."""
        kept: dict[int, Any] = {}
        for change in changes:
            effect = of_change(change, changes, before, after)
            if effect is not None:
                kept[change.id] = {
                    "moved": [m.document() for m in effect.moved],
                    "together": list(effect.together),
                }
        if kept:
            self._write(kept)

    def of(self, changes: Iterable[Change]) -> dict[int, Effect]:
        """What is kept of changes, by their number."""
        found: dict[int, Effect] = {}
        for number, document in self._read(change.id for change in changes).items():
            try:
                found[number] = Effect(
                    tuple(Moved.of(m) for m in document["moved"]), tuple(map(str, document["together"]))
                )
            except (KeyError, TypeError, ValueError):  # of another version
                continue
        return found
