"""Filters of the pages: which there are, and which of them a fact or a report knows."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from dash_app.engine.directory import Directory
from dash_app.engine.facts import FACTS, Fact
from dash_app.engine.filters.base import Choice, Clause, Counts, Filter
from dash_app.engine.filters.own_field import PREFIX, OwnFieldFilter, own_field
from dash_app.engine.language import Report, measures_of

OWN_FIELDS = "fields"
"""How documentation names all filters by own fields at once."""


@cache
def known_filters() -> dict[str, Filter]:
    """Filter by id, in the order of the bar: every ``FILTER`` of this package's modules. Own fields are not among them (``filter_of``)."""
    modules = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    found = [module.FILTER for module in modules if hasattr(module, "FILTER")]
    return {f.id: f for f in sorted(found, key=lambda f: (f.place, f.id))}


def filter_of(filter_id: str, directory: Directory) -> Filter:
    """The filter of an id, an own field's too; KeyError if there is none."""
    if filter_id.startswith(PREFIX):
        return own_field(filter_id.removeprefix(PREFIX), directory)
    return known_filters()[filter_id]


def ordered(ids: frozenset[str] | list[str] | tuple[str, ...]) -> list[str]:
    """Ids of filters in the order of the bar, own fields last."""
    places = {name: place for place, name in enumerate(known_filters())}
    return sorted(ids, key=lambda name: (places.get(name, len(places)), name))


def facts_of(report: Report) -> list[Fact]:
    """Facts whose records a report speaks of."""
    names = dict.fromkeys(m.fact for block in report.blocks for m in measures_of(block.figures))
    names.update(dict.fromkeys(block.fact for block in report.blocks if block.fact))
    return [FACTS[name] for name in names]


def _reaches(fact: Fact, column: str) -> bool:
    owners = [FACTS[fact.through[1]]] if fact.through else []
    return any(f.column(column) is not None for f in (fact, *owners, *(FACTS[cards] for cards in fact.cards)))


def of_report(report: Report) -> tuple[str, ...]:
    """Ids of the filters a report has: those its facts know, less those it says it does without; ``fields`` for own fields."""
    facts = facts_of(report)
    names = [f.id for f in known_filters().values() if any(_reaches(fact, f.column) for fact in facts)]
    if any(f.own_fields for fact in facts for f in (fact, *(FACTS[cards] for cards in fact.cards))):
        names.append(OWN_FIELDS)
    return tuple(name for name in names if name not in report.without_filters)


def is_offered(report: Report, filter_id: str) -> bool:
    """Whether a report has a filter; an own field's id too."""
    return (OWN_FIELDS if filter_id.startswith(PREFIX) else filter_id) in of_report(report)


__all__ = [
    "OWN_FIELDS",
    "PREFIX",
    "Choice",
    "Clause",
    "Counts",
    "Filter",
    "OwnFieldFilter",
    "facts_of",
    "filter_of",
    "is_offered",
    "known_filters",
    "of_report",
    "ordered",
    "own_field",
]
