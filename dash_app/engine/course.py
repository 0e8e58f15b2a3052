"""A series as a running total: the sum of its buckets from the period's beginning, whose last point is the figure of the whole period.

Buckets stay what they are – a row each, in tables and files; only the picture adds them up, and a point opens the records up to its day.
"""

from __future__ import annotations

from dash_app.engine.blocks import Series
from dash_app.engine.context import Context
from dash_app.engine.periods import grain_of

TOTAL = "total"
"""Value of the option a block names as ``course``: always a running total; any other but '': never."""
_FEW = 7


def is_total(context: Context, block: Series) -> bool:
    """Whether a series is drawn so: as chosen, else by itself for the days of a period that runs."""
    if block.course is None:
        return False
    chosen = context.query.option(block.course)
    if chosen:
        return chosen == TOTAL
    period = context.span.period
    runs = context.span.start <= context.as_of < context.span.end
    return runs and period.days > _FEW and grain_of(context.query.option("grain"), period, block.finest) == "day"
