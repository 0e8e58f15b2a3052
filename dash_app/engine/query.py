"""What is asked: period, comparison, filters, options. One typed value, parsed from a URL, the CLI or a form, and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

FILTERS = ("pipeline", "department", "manager", "source", "status", "stage", "customer", "project", "tag")
"""Filters by id, beside the user fields people filter by; each is a field of ``Filters``."""


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
    """Sets; empty means all. Ids are the portal's, as strings; ``none`` stands for records without the value."""

    pipeline: frozenset[str] = frozenset()
    department: frozenset[str] = frozenset()
    manager: frozenset[str] = frozenset()
    source: frozenset[str] = frozenset()
    status: frozenset[str] = frozenset()  # in_work | won | lost
    stage: frozenset[str] = frozenset()
    customer: frozenset[str] = frozenset()  # new | repeat
    project: frozenset[str] = frozenset()  # tasks: workgroup ids
    tag: frozenset[str] = frozenset()  # tasks
    fields: tuple[tuple[str, frozenset[str]], ...] = ()  # user fields: (UF_CRM_X, ids of values)

    def is_empty(self) -> bool:
        """Whether nothing is filtered."""
        return self == Filters()


@dataclass(frozen=True, slots=True)
class Query:
    """Everything an answer depends on besides the snapshot. Hashable: the key of cached answers.

    URL form (the page's only memory of filters)::

        ?period=this_month | 2026-02 | 2026-Q1 | 2026 | from=2026-02-01&to=2026-02-28
        &compare=previous | year | 2025-02-01..2025-02-28   [&whole_base=1] [&align=working_days]
        &pipeline=1&pipeline=5&department=3&manager=7&source=WEB&status=won&stage=C5:NEW&customer=new&uf.UF_CRM_1=45
        &grain=week  (options by their id)
        &as_of=2026-10-15T12:00:00+03:00
        &drill=BLOCK.MEASURE&row.manager_id=7   (the open drawer; not part of Query)
    """

    period: Period
    preset: str | None = None
    compare: Period | None = None  # resolved base dates, not yet cut
    compare_mode: str | None = None  # previous | year | custom
    whole_base: bool = False
    align: str = "calendar"  # how a base is cut: calendar | working_days
    filters: Filters = field(default_factory=Filters)
    options: tuple[tuple[str, str], ...] = ()
    as_of: str | None = None  # ISO instant of an earlier day; None: the snapshot's own
    too_late: str | None = field(default=None, compare=False)  # an instant asked for that the data does not reach

    def option(self, option_id: str, default: str = "") -> str:
        """Value of an option."""
        return dict(self.options).get(option_id, default)
