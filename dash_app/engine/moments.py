"""Which instant a figure speaks of (docs/metrics.md, section 0: "State in a period that is over").

An event – a deal created, won – is what the facts of as-of say of a period. A state of a period that is over is that of its end, asked of the facts as
they stood then; a base's state is that of its end, so both sides are equally old. A cohort – «of those created, won» – is asked as of as-of, and its
base as of the instant as far from its own start, so both are equally ripe.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from dash_app.engine.periods import ALL_START, Span

if TYPE_CHECKING:
    from dash_app.engine.context import Context

Speaking = Literal["events", "state", "cohort", "present"]
"""What a measure speaks of: ``events`` of a period; a ``state`` at its end, or now while it runs; a ``cohort`` as ripe as it is; the ``present``
state of what the period only picks, by creation (metrics.md sections 6 and 7)."""

STATE_OPTION: Final = "state"
"""Option: ``period_end`` (default) | ``now``: states of a period that is over are today's, and have no base."""


def is_over(context: Context) -> bool:
    """Whether the period asked for ended before as-of."""
    return context.asked().span.end < context.as_of


def instant_of(context: Context, speaking: Speaking) -> datetime | None:
    """The instant (naive UTC, not after as-of) whose facts answer; None where nothing can be said: a base of a state of today."""
    end = min(context.span.end, context.as_of)
    match speaking:
        case "events":
            return context.as_of
        case "present":
            return end if context.is_base else context.as_of
        case "state":
            today = context.query.option(STATE_OPTION) == "now"
            if not context.is_base:
                return context.as_of if today else end
            return None if today and is_over(context) else end
        case "cohort":
            return as_ripe(context.asked().span, context.span, context.as_of) if context.is_base else context.as_of


def as_ripe(period: Span, base: Span, as_of: datetime) -> datetime:
    """As far from a base's start as as-of is from the period's, but not before the base's end; all of time begins nowhere: its end."""
    if period.period.start == ALL_START:
        return min(base.end, as_of)
    return min(max(base.end, base.start + (as_of - period.start)), as_of)
