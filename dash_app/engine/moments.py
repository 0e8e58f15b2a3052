"""Which instant a figure speaks of (docs/metrics.md, section 0: "State in a period that is over").

An event – a deal created, won – is what the facts of as-of say of a period. A state of a period that is over is that of its end, asked of the facts as
they stood then; a base's state is that of its end, so both sides are equally old. A cohort – «of those created, won» – is asked as of as-of, and its
base as of the instant as far from its own start, so both are equally ripe.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from dash_app.engine.periods import ALL_START, Span, to_local, to_utc

if TYPE_CHECKING:
    from dash_app.engine.context import Context

Speaking = Literal["events", "state", "cohort", "present"]
"""What a measure speaks of: ``events`` of a period; a ``state`` at its end, or now while it runs; a ``cohort`` as ripe as it is; the ``present``
state of what the period only picks, by creation (metrics.md sections 6 and 7)."""

STATE_OPTION: Final = "state"
"""Option: ``period_end`` (default) | ``now``: states of a period that is over are today's, and have no base."""


def is_over(context: Context) -> bool:
    """Whether the period asked for ended before as-of."""
    return context.asked().span.end < context.directory.as_of


def instant_of(context: Context, speaking: Speaking) -> datetime | None:
    """The instant (naive UTC, not after as-of) whose facts answer; None where nothing can be said: of a base of a state of today, of a base too young."""
    as_of = context.directory.as_of
    match speaking:
        case "events":
            return as_of
        case "state":
            today = context.query.option(STATE_OPTION) == "now" and is_over(context)
            if today:
                return None if context.is_base else as_of
            return min(context.span.end, as_of)
        case "cohort" | "present":
            return as_ripe(context.asked().span, context.span, as_of, context.zone) if context.is_base else as_of


def as_ripe(period: Span, base: Span, as_of: datetime, zone: ZoneInfo) -> datetime | None:
    """When a base's cohort is as ripe as the period's at ``as_of``: as far from its start on the wall clock, but not before its end.

    Of a base that is cut, and of all of time, which begins nowhere, that is its end. None where it is yet to come.
    """
    if base.cut or period.period.start == ALL_START:
        return min(base.end, as_of)
    passed = to_local(as_of, zone).replace(tzinfo=None) - to_local(period.start, zone).replace(tzinfo=None)
    ripe = max(base.end, to_utc(to_local(base.start, zone).replace(tzinfo=None) + passed, zone))
    return ripe if ripe <= as_of else None
