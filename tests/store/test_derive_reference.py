"""Random histories: the SQL against a slow reference that walks them row by row, and a replayed day against a portal read that day."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dash_app.store.derive import DeriveConfig, derive
from tests.store.raw_builder import Facts, Raw
from tests.thorough import asked

ORIGIN = datetime(2026, 1, 5, 7)
TAKEN = datetime(2026, 3, 20, 9)
CONFIG = DeriveConfig(roles={9: "after-sale"}, success_stages={5: "C5:DOC"})
RANK = {"NEW": 1, "WORK": 2, "DOC": 3, "WON": 4, "LOSE": None, "BAD": None}


@dataclass(frozen=True)
class Row:
    id: int
    t: datetime
    pipeline: int
    stage: str


@dataclass(frozen=True)
class Deal:
    id: int
    created: datetime
    rows: tuple[Row, ...]
    amounts: tuple[tuple[datetime, int], ...]
    """(first seen, amount) of every amount it ever had."""
    activities: tuple[tuple[datetime, datetime, bool], ...]
    """(created, last updated, completed)."""


def kind(row: Row) -> str:
    if row.pipeline == 9:
        return "X"
    if RANK[row.stage] is None:
        return "F"
    success = "DOC" if row.pipeline == 5 else "WON"
    return "W" if RANK[row.stage] >= RANK[success] else "P"  # type: ignore[operator]


def stays(deal: Deal) -> list[Row]:
    ordered = sorted(
        (Row(r.id, max(r.t, deal.created), r.pipeline, r.stage) for r in deal.rows), key=lambda r: (r.t, r.id)
    )
    kept: list[Row] = []
    for row in ordered:
        if not kept or (kept[-1].pipeline, kept[-1].stage) != (row.pipeline, row.stage):
            kept.append(row)
    return kept


def reference(deal: Deal) -> dict[str, Any]:
    every = stays(deal)
    sales = every
    for here, following in pairwise(every):
        if kind(here) == "W" and kind(following) == "X":
            sales = every[: every.index(here) + 1]
            break
    last = sales[-1]
    status = {"W": "won", "F": "lost", "P": "in_work"}.get(kind(last))
    if status is None:
        status = "won" if last.stage == "WON" else "lost" if RANK[last.stage] is None else "in_work"
    won = lost = None
    if status == "won":
        won = last.t
        for row in reversed(sales):
            if kind(row) != "W":
                break
            won = row.t
    if status == "lost":
        lost = last.t
    gaps: list[tuple[datetime, datetime]] = []
    closed: datetime | None = None
    for row in sales:
        if kind(row) == "P" and closed is not None:
            gaps.append((closed, row.t))
            closed = None
        elif kind(row) in "WF" and closed is None:
            closed = row.t
    final = won or lost
    if closed is not None and final is not None and kind(last) != "X" and closed < final:
        gaps.append((closed, final))
    ranks = [RANK[r.stage] or 0 for r in every if r.pipeline == last.pipeline]
    furthest = {1: "NEW", 2: "WORK", 3: "DOC", 4: "WON"}.get(max(ranks))
    return {
        "status": status,
        "won_at": won,
        "lost_at": lost,
        "pipeline_id": last.pipeline,
        "stage_id": Raw.code(last.pipeline, last.stage),
        "in_sales": kind(last) != "X",
        "furthest_stage_id": furthest and Raw.code(last.pipeline, furthest),
        "current_pipeline_id": every[-1].pipeline,
        "current_stage_id": Raw.code(every[-1].pipeline, every[-1].stage),
        "gaps": gaps,
        "funnel": funnel(deal, every, status, last, kind(last) != "X"),
    }


def funnel(deal: Deal, every: list[Row], status: str, last: Row, in_sales: bool) -> list[tuple[Any, ...]]:
    """(pipeline, stage, entered, lost here, moved out here, returned, seconds of completed stays) in order."""
    found = []
    for pipeline in sorted({r.pipeline for r in every} - {9}):
        stages = ["NEW", "WORK", "DOC"] + (["WON"] if pipeline == 0 else [])
        furthest = max(RANK[r.stage] or 0 for r in every if r.pipeline == pipeline)
        won_here = status == "won" and in_sales and last.pipeline == pipeline
        reached = [s for s in stages if won_here or RANK[s] <= furthest]  # type: ignore[operator]
        lost_at = [s for s in stages if RANK[s] <= furthest]  # type: ignore[operator]
        for stage in reached:
            mine = [i for i, r in enumerate(every) if (r.pipeline, r.stage) == (pipeline, stage)]
            done = [every[i + 1].t - every[i].t for i in mine if i + 1 < len(every)]
            back = any(
                i + 1 < len(every)
                and every[i + 1].pipeline == pipeline
                and (RANK[every[i + 1].stage] or 99) < RANK[stage]  # type: ignore[operator]
                for i in mine
            )
            out = any(i + 1 < len(every) and every[i + 1].pipeline != pipeline for i in mine)
            found.append(
                (
                    pipeline,
                    Raw.code(pipeline, stage),
                    bool(mine),
                    status == "lost" and in_sales and last.pipeline == pipeline and stage == lost_at[-1],
                    out,
                    back,
                    sum(done, timedelta()).total_seconds() if done else None,
                )
            )
    return found


@functools.cache
def directories() -> bytes:
    """A raw file with pipelines and stages and no record: made once, copied for every example."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Raw(Path(folder) / "raw.duckdb")
        raw.con.close()
        return raw.path.read_bytes()


def write(path: Path, deals: list[Deal], taken: datetime, *, log: bool) -> None:
    """Raw tables as the portal would give them at ``taken``."""
    path.write_bytes(directories())
    rows: dict[str, list[dict[str, Any]]] = {"deals": [], "deal_history": [], "change_log": [], "activities": []}
    number = 0
    for deal in deals:
        begun = [(number + i, *one) for i, one in enumerate(deal.activities, 1)]
        number += len(begun)
        if deal.created > taken:
            continue
        past = [r for r in deal.rows if r.t <= taken]
        rows["deal_history"] += [
            {
                "id": r.id,
                "type_id": 2,
                "owner_id": deal.id,
                "created_time": r.t,
                "category_id": r.pipeline,
                "stage_id": Raw.code(r.pipeline, r.stage),
                "semantic": Raw.semantic(r.stage),
            }
            for r in past
        ]
        now = (
            stays(Deal(deal.id, deal.created, tuple(past), (), ()))[-1]
            if past
            else min(deal.rows, key=lambda r: (r.t, r.id))
        )
        rows["deals"].append(
            {
                "id": deal.id,
                "title": "",
                "category_id": now.pipeline,
                "stage_id": Raw.code(now.pipeline, now.stage),
                "semantic": Raw.semantic(now.stage),
                "opportunity": Decimal([a for t, a in deal.amounts if t <= taken][-1]),
                "currency_id": "RUB",
                "assigned_by_id": 1,
                "date_create": deal.created,
                "moved_time": now.t if past else None,
            }
        )
        if log:
            rows["change_log"] += [
                {
                    "entity": "deal",
                    "id": deal.id,
                    "field": "opportunity",
                    "old": str(old),
                    "new": str(new),
                    "seen_at": seen,
                }
                for (_, old), (seen, new) in pairwise(deal.amounts)
            ]
        rows["activities"] += [
            {
                "id": i,
                "owner_id": deal.id,
                "owner_type_id": 2,
                "type_id": 2,
                "direction": 2,
                "responsible_id": 1,
                "created": created,
                "last_updated": updated,
                "completed": completed and updated <= taken,
                "deadline": updated,
            }
            for i, created, updated, completed in begun
            if created <= taken
        ]
    con = duckdb.connect(str(path))
    con.execute("UPDATE portal SET taken_at = ?", [taken])
    for table, given_rows in rows.items():
        if given_rows:
            page = pa.Table.from_pylist(given_rows)
            con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM page")
            del page
    con.close()


moments = st.integers(0, 12).map(lambda n: ORIGIN + timedelta(days=n * 5))
places = st.tuples(st.sampled_from([0, 0, 0, 5, 9]), st.sampled_from(list(RANK)))


@st.composite
def companies(draw: st.DrawFn, *, from_creation: bool) -> list[Deal]:
    deals = []
    number = 0
    for deal_id in range(1, draw(st.integers(1, 30)) + 1):
        created = draw(moments)
        rows = []
        for position, (pipeline, stage) in enumerate(draw(st.lists(places, min_size=1, max_size=7))):
            number += 1
            at = created if position == 0 and from_creation else draw(moments)
            rows.append(Row(number, max(at, created) if from_creation else at, pipeline, stage))
        amounts = [
            (created, 0),
            *((t, a) for a, t in enumerate(sorted(draw(st.sets(moments, max_size=3))), 1) if t > created),
        ]
        activities = []
        for _ in range(draw(st.integers(0, 3))):
            begun = max(draw(moments), created)
            activities.append((begun, begun + timedelta(days=draw(st.integers(0, 20))), draw(st.booleans())))
        deals.append(Deal(deal_id, created, tuple(rows), tuple(amounts), tuple(activities)))
    return deals


_SLOW = settings(max_examples=asked(12), deadline=None, suppress_health_check=list(HealthCheck), database=None)


@_SLOW
@given(companies(from_creation=False))
def test_states_gaps_and_funnel_are_those_of_a_walk_through_the_history(deals: list[Deal]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        raw, path = Path(folder) / "raw.duckdb", Path(folder) / "facts.duckdb"
        write(raw, deals, TAKEN, log=False)
        derive(raw, path, TAKEN, CONFIG)
        facts = Facts(path)
        for deal in deals:
            expected = reference(deal)
            row = facts.row("deals", deal.id)
            gaps = facts.rows(f"SELECT closed_at, reopened_at FROM deal_gaps WHERE id = {deal.id} ORDER BY 1, 2")
            rows = facts.rows(
                "SELECT pipeline_id, stage_id, entered, lost_here, moved_out_here, returned, round(stay_days * 86400) "
                f"FROM deal_stages WHERE id = {deal.id} ORDER BY pipeline_id, rank"
            )
            assert {
                **{name: row[name] for name in expected if name in row},
                "gaps": gaps,
                "funnel": rows,
            } == expected, deal
            assert row["reopened"] == bool(gaps)
        facts.con.close()


@_SLOW
@given(companies(from_creation=True), moments)
def test_a_replayed_day_is_the_portal_read_that_day(deals: list[Deal], then: datetime) -> None:
    then += timedelta(hours=3)
    with tempfile.TemporaryDirectory() as folder:
        now_raw, then_raw = Path(folder) / "now.duckdb", Path(folder) / "then.duckdb"
        write(now_raw, deals, TAKEN, log=True)
        write(then_raw, deals, then, log=False)
        for raw, name in ((now_raw, "replayed"), (then_raw, "read")):
            derive(raw, Path(folder) / f"{name}-facts.duckdb", then, CONFIG)
        replayed, read = (Facts(Path(folder) / f"{name}-facts.duckdb") for name in ("replayed", "read"))
        for table in ("deals", "deal_stages", "deal_gaps", "stage_visits", "activities"):
            sql = f"SELECT * FROM {table} ORDER BY ALL"
            assert replayed.rows(sql) == read.rows(sql), table
        replayed.con.close()
        read.con.close()
