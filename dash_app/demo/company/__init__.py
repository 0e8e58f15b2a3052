"""The demo company: 24 months of a Russian maker of industrial equipment, drawn from a seed.

``build`` writes it as a SQLite file whose tables are described in ``dash_app.demo.fields``. Everything is made month by
month with numpy and written as it is made, so memory does not grow with the company. The data ends at the midnight that
begins ``today``: whatever the hour, nothing in the portal has happened in the future.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np

from dash_app.demo.company import activities, comments, history, tasks
from dash_app.demo.company.calendar import Calendar, Floats, Ints
from dash_app.demo.company.clients import write_own_company
from dash_app.demo.company.deals import make_deals, write_templates
from dash_app.demo.company.leads import make_leads
from dash_app.demo.company.pipelines import write_directories
from dash_app.demo.company.structure import make_staff, write_staff
from dash_app.demo.company.world import World
from dash_app.demo.company.write import Writer
from dash_app.demo.fields import VERSION

__all__ = ["VERSION", "build"]

_LEADS_PER_DEAL = 1.5
_TASKS_PER_DEAL = 0.75
_MOST_TASKS = 500_000
_TEMPLATES = 3
_MOSCOW = timezone(timedelta(hours=3))


def build(
    path: Path,
    *,
    scale: int = 12_000,
    seed: int = 1,
    today: date | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> None:
    """Write the company of ``scale`` deals to ``path``; the same (scale, seed, today) gives the same company.

    today: the first day without data, the present day in Moscow by default. progress: called with a month ``YYYY-MM``,
    the number of finished months and of all. ``path`` appears whole or not at all. scale 0 is a portal without cards.
    """
    if scale < 0:
        raise ValueError("scale must not be negative")
    today = today or datetime.now(_MOSCOW).date()
    calendar = Calendar(date(today.year - 2, today.month, 1), today)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = Writer(str(temporary))
    try:
        _fill(writer, scale, seed, calendar, progress or _silent)
        writer.finish()
        os.replace(temporary, path)
    except BaseException:
        writer.abandon()
        temporary.unlink(missing_ok=True)
        raise


def _silent(_month: str, _done: int, _all: int) -> None:
    """No progress wanted."""


def _split(total: int, weights: Floats) -> Ints:
    """Whole numbers in proportion to weights that sum to ``total``."""
    edges = np.round(np.cumsum(weights) / weights.sum() * total).astype(np.int64)
    return np.diff(edges, prepend=0)


def _fill(writer: Writer, scale: int, seed: int, calendar: Calendar, progress: Callable[[str, int, int], None]) -> None:
    rng = np.random.default_rng([seed, scale])
    months = calendar.months()
    staff = make_staff(rng, scale, calendar)
    world = World(scale, writer, rng, calendar, staff)
    write_staff(writer, staff)
    write_directories(writer, calendar.end)
    facts = {"scale": scale, "seed": seed, "today": calendar.today.isoformat(), "now": calendar.end, "version": VERSION}
    writer.insert("meta", len(facts), {"KEY": list(facts), "VALUE": [str(value) for value in facts.values()]})
    groups = tasks.write_projects(writer, world)
    write_own_company(world)
    weights = np.array([calendar.weights(low, high).sum() for low, high in months])
    leads = _split(round(scale * _LEADS_PER_DEAL), weights)
    deals = np.cumsum(_split(scale, weights))
    jobs = _split(min(_MOST_TASKS, round(scale * _TASKS_PER_DEAL)), weights)
    if scale >= 100:
        write_templates(world, _TEMPLATES)

    made = 0
    for number, (low, high) in enumerate(months):
        make_leads(world, low, high, int(leads[number]))
        made += make_deals(world, low, high, scale - made, int(deals[number]) - made)
        tasks.make_tasks(world, low, high, int(jobs[number]), groups, world.month_deals)
        for flush in (history.flush, activities.flush, comments.flush):
            flush(world, high)
        progress(datetime.fromtimestamp(low, _MOSCOW).strftime("%Y-%m"), number + 1, len(months))
