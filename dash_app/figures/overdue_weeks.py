"""How much was overdue at this hour of the weeks before, as far as the present facts say it: no earlier facts are derived.

An activity counts as open until its last update, if it is completed now; a deal as in work until it was closed. Planned dates and people are those of now.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dash_app.engine.blocks import Block, Counted, Table
from dash_app.engine.context import Context
from dash_app.engine.facts import FACTS
from dash_app.engine.language import Measure, Unit
from dash_app.engine.periods import to_local, to_utc
from dash_app.engine.result import Column, Note, TableResult
from dash_app.text import Text

WEEKS = 8
INCOMING = "kind IN ('call_in', 'email_in', 'message_in', 'form')"
_CREATED = "created_at >= $start AND created_at < $end"
_NOTE = Note(
    Text(
        "По нынешним данным: дело считается открытым до своего последнего изменения, плановые даты и ответственные – сегодняшние.",
        "As the present data has it: an activity counts as open until its last change; planned dates and people are those of today.",
    )
)


def _moments(context: Context) -> dict[str, Any]:
    """``at0`` … ``at8``: as-of and the same time of day of the weeks before (naive UTC); ``day0`` …: their local days."""
    now = to_local(context.as_of, context.zone).replace(tzinfo=None)
    found: dict[str, Any] = {"at0": context.as_of, "day0": now.date()}
    for n in range(1, WEEKS + 1):
        then = now - timedelta(weeks=n)
        found |= {f"at{n}": to_utc(then, context.zone), f"day{n}": then.date()}
    return found


def _was_open(n: int) -> str:
    """SQL: an activity was there and not completed."""
    return "NOT completed" if n == 0 else f"created_at <= $at{n} AND (NOT completed OR updated_at > $at{n})"


def _was_in_work(n: int) -> str:
    """SQL: a deal was there and not closed."""
    return "status = 'in_work'" if n == 0 else f"created_at <= $at{n} AND (closed_at IS NULL OR closed_at > $at{n})"


def _activities(context: Context, moments: dict[str, Any]) -> list[tuple[int, int]]:
    """(overdue, incoming that waited for over a day) of each moment."""
    scope, params = context.scope(FACTS["activities"])
    counted = [
        f"count(*) FILTER (WHERE {_was_open(n)} AND {rest})"
        for n in range(WEEKS + 1)
        for rest in (f"deadline < $at{n}", f"{INCOMING} AND epoch($at{n} - created_at) / 86400 >= 1")
    ]
    sql = f"SELECT {', '.join(counted)} FROM activities WHERE {scope} AND {_CREATED} AND (NOT completed OR updated_at > $at{WEEKS})"
    row = context.execute(sql, {**params, **moments}).fetchone() or ()
    return list(zip(row[::2], row[1::2], strict=True))


def _deals(context: Context, moments: dict[str, Any]) -> list[tuple[int, int]]:
    """(with an activity of their own person overdue, past their planned close) of each moment."""
    scope, params = context.scope(FACTS["deals"])
    late = " UNION ALL ".join(
        f"SELECT {n} AS n, owner_id, manager_id FROM activities WHERE owner_type = 'deal' AND {_was_open(n)} AND deadline < $at{n}"
        for n in range(WEEKS + 1)
    )
    having = " OR ".join(f"(n = {n} AND {_was_in_work(n)})" for n in range(WEEKS + 1))
    sql = f"""
        WITH late AS (SELECT DISTINCT n, owner_id AS id, manager_id FROM ({late}) WHERE manager_id IS NOT NULL)
        SELECT n, count(*) FROM late JOIN deals USING (id, manager_id) WHERE {scope} AND {_CREATED} AND ({having}) GROUP BY n
        """
    found = dict(context.execute(sql, {**params, **moments}).fetchall())
    counted = [f"count(*) FILTER (WHERE {_was_in_work(n)} AND planned_close_on < $day{n})" for n in range(WEEKS + 1)]
    sql = f"SELECT {', '.join(counted)} FROM deals WHERE {scope} AND {_CREATED}"
    passed = context.execute(sql, {**params, **moments}).fetchone() or ()
    return [(found.get(n, 0), passed[n]) for n in range(WEEKS + 1)]


def then(measure_id: str) -> str:
    """Id of a measure's value at an earlier instant, reckoned from present facts."""
    return f"{measure_id}_then"


def weeks(context: Context, block: Block) -> TableResult:
    """Rows: as-of, then the weeks before. Figures: those of ``block.sources``, in their order, under ids of their own: no list stands behind
    what was open then."""
    assert isinstance(block, Counted)
    moments = _moments(context)
    columns = [
        Column("week", Text("В этот час", "At this hour of"), Unit.DATE, "label"),
        *(Column(then(m.id), m.label, m.unit, help=m.help, good=m.good) for m in block.sources),
    ]
    counted = zip(_activities(context, moments), _deals(context, moments), strict=True)
    names = [then(m.id) for m in block.sources]
    rows = [
        {"week": moments[f"day{n}"], **dict(zip(names, (*activities, *deals), strict=True))}
        for n, (activities, deals) in enumerate(counted)
    ]
    return TableResult(block.id, columns, rows, notes=[_NOTE])


def block(overdue: Measure, incoming: Measure, overdue_deals: Measure, passed: Measure) -> Table:
    """The block «Как менялось» of these measures."""
    return Table(
        "weeks",
        Text("Как менялось", "How it changed"),
        Text(
            "Сколько было просрочено в этот же час восьми прошлых недель: больше стало или меньше.",
            "How much was overdue at this hour of the eight weeks before: whether it is more now or less.",
        ),
        compute=weeks,
        sources=(overdue, incoming, overdue_deals, passed),
        compared=False,
    )
