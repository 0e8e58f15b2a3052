"""Work of a click done at refresh: the earlier days that the usual comparisons will ask for."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dash_app.engine.context import FactsSource
from dash_app.engine.moments import as_ripe
from dash_app.engine.periods import base_period, base_span, preset_period, span_of, to_local

USUAL = (
    ("this_month", "previous"),
    ("all", "previous"),
    ("last_month", "previous"),
    ("this_month", "year"),
    ("last_month", "year"),
)
"""Period and comparison, the most asked first."""


def usual_days(as_of: datetime, timezone: str) -> list[datetime]:
    """Instants that figures of the usual comparisons speak of (naive UTC), each once; only those that lie in the past."""
    zone = ZoneInfo(timezone)
    today = to_local(as_of, zone).date()
    ends: dict[datetime, None] = {}
    for preset, mode in USUAL:
        period = preset_period(preset, today)
        span, base = span_of(period, zone), base_span(period, base_period(period, mode), as_of, zone)
        moments = (span.end, base.end, as_ripe(span, base, as_of, zone))
        ends.update(dict.fromkeys(i for i in moments if i is not None and i < as_of))
    return list(ends)


def warm(snapshot: FactsSource, as_of: datetime, timezone: str) -> int:
    """Derives the facts of those days; returns how many. A snapshot that expired meanwhile ends it quietly."""
    done = 0
    for moment in usual_days(as_of, timezone):
        if not snapshot.facts_path.exists():
            break
        snapshot.facts_as_of(moment)
        done += 1
    return done
