"""What is asked: period, comparison, filters, options. One typed value, parsed from a URL, the CLI or a form, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """Inclusive local dates in the portal's time zone."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Filters:
    """What is filtered: filter id (``engine.filters``) -> ids of its values. Empty means all, so what is not chosen is not here.

    Ids are the portal's, as strings; ``none`` stands for records without the value. Equal sets are equal, however they were given.
    """

    chosen: tuple[tuple[str, frozenset[str]], ...] = ()  # sorted by id

    @classmethod
    def by(cls, chosen: Mapping[str, Iterable[str]]) -> Filters:
        """Of filter id -> values; empty ones are left out."""
        sets = ((name, frozenset(values)) for name, values in chosen.items())
        return cls(tuple(sorted(((name, values) for name, values in sets if values), key=lambda pair: pair[0])))

    def of(self, filter_id: str) -> frozenset[str]:
        """Values of a filter; empty: all."""
        return next((values for name, values in self.chosen if name == filter_id), frozenset())

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the filters set."""
        return tuple(name for name, _ in self.chosen)

    def with_(self, filter_id: str, values: Iterable[str]) -> Filters:
        """The same with one filter set anew; without values it is gone."""
        return Filters.by({**dict(self.chosen), filter_id: values})

    def only(self, *filter_ids: str) -> Filters:
        """These filters alone."""
        return Filters(tuple(pair for pair in self.chosen if pair[0] in filter_ids))

    def without(self, *filter_ids: str) -> Filters:
        """All but these."""
        return Filters(tuple(pair for pair in self.chosen if pair[0] not in filter_ids))

    def is_empty(self) -> bool:
        """Whether nothing is filtered."""
        return not self.chosen


@dataclass(frozen=True, slots=True)
class Query:
    """Everything an answer depends on besides the snapshot. Hashable: the key of cached answers.

    URL form (the page's only memory of filters)::

        ?period=this_month | 2026-02 | 2026-Q1 | 2026 | from=2026-02-01&to=2026-02-28
        &compare=none | previous | year | 2025-02-01..2025-02-28   [&whole_base=1] [&align=working_days]
        &pipeline=1&pipeline=5&department=3&manager=7&source=WEB&status=won&stage=C5:NEW&customer=new&uf.UF_CRM_1=45
        &grain=week  (options by their id)
        &as_of=2026-10-15T12:00:00+03:00
        &drill=BLOCK.MEASURE&row.manager_id=7   (the open drawer; not part of Query)
    """

    period: Period
    preset: str | None = None
    compare: Period | None = None  # resolved base dates, not yet cut
    compare_mode: str | None = None  # none | previous | year | custom; None: nobody chose
    cards_compared: bool = False  # a page's question: while nobody chose, its cards stand against the period before
    whole_base: bool = False
    align: str = "calendar"  # how a base is cut: calendar | working_days
    filters: Filters = field(default_factory=Filters)
    options: tuple[tuple[str, str], ...] = ()
    as_of: str | None = None  # ISO instant of an earlier day; None: the snapshot's own
    too_late: str | None = field(default=None, compare=False)  # an instant asked for that the data does not reach

    def without_option(self, option_id: str) -> Query:
        """The same with an option as it is when nobody chooses."""
        return replace(self, options=tuple(pair for pair in self.options if pair[0] != option_id))

    def option(self, option_id: str, default: str = "") -> str:
        """Value of an option."""
        return dict(self.options).get(option_id, default)
