"""How long a filter change takes at the server: every figure of every page, values never asked before and asked again.

1 000 000 deals, as many leads, 5 000 000 activities, 500 000 tasks, derived from raw tables like any portal's. The peer of the same run
is pandas over the same columns in memory: the summary figures of sales-dynamics (won, lost, created, in work, worked, medians) alone.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import orjson
import pandas as pd
from plotly.io.json import to_json_plotly

from benchmarks.synthetic_raw import TAKEN, make_raw
from callbacks.blocks import content
from dash_app.cli.example_plans import example_plans
from dash_app.engine.blocks import Block, RecordList
from dash_app.engine.context import connect
from dash_app.engine.directory import Directory
from dash_app.engine.entered import Entered
from dash_app.engine.filters import of_report
from dash_app.engine.language import Report
from dash_app.engine.result import Note
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.store.derive import DeriveConfig, derive
from dash_app.store.entries import Entry
from dash_app.store.preferences import Preferences
from dash_app.views.records import BLOCK_SIZE, grid_rows
from dash_app.web.discovery import discover

NEW, AGAIN, BYTES = 150, 30, 300
"""What is promised: milliseconds for new values, for repeated ones, kilobytes sent."""
QUERIES = 20

Params = dict[str, list[str]]


class Published:
    """One facts file as a snapshot."""

    id = "benchmark"

    def __init__(self, path: Path) -> None:
        self.facts_path = path
        self.notes: list[Note] = []

    def facts_as_of(self, instant: datetime) -> Path:
        """Not asked here: no comparison."""
        return self.facts_path


def filter_sets(report: Report, directory: Directory, number: int, seed: int = 3) -> list[Params]:
    """Random periods and filters of a report, as a director clicks them."""
    rng = random.Random(seed)
    choices: dict[str, tuple[float, list[str], int]] = {
        "pipeline": (0.5, [str(p) for p in directory.pipelines], 1),
        "department": (0.5, [str(d) for d in directory.departments], 3),
        "source": (0.3, list(directory.sources), 1),
        "status": (0.2, ["in_work", "won", "lost"], 1),
        "project": (0.3, [str(p) for p in directory.workgroups], 1),
    }
    sets = []
    for _ in range(number):
        params: Params = {}
        if report.default_period != "all":
            end = rng.choice([rng.randint(1, 20), 31])  # half of the periods are still running
            params.update(
                {"from": [f"2025-{rng.randint(1, 9):02d}-{rng.randint(1, 28):02d}"], "to": [f"2026-03-{end:02d}"]}
            )
        for name, (chance, values, most) in choices.items():
            if name in of_report(report) and values and rng.random() < chance:
                params[name] = [rng.choice(values) for _ in range(most)]
        for option in report.options:  # a number is a new value too: thresholds in days
            if option.number and rng.random() < 0.5:
                least, highest, step = option.number
                params[option.id] = [
                    f"{rng.choice([least + step * i for i in range(int((min(highest, least + 60 * step) - least) / step) + 1)]):g}"
                ]
        sets.append(params)
    return sets


def ask_block(service: ReportService, report: Report, block_id: str, params: Params) -> float:
    """Milliseconds of one block; a list with its first hundred rows."""
    started = time.perf_counter()
    query = service.parse(report, params)
    if isinstance(report.block(block_id), RecordList):
        orjson.dumps(service.records(report, block_id, "", {}, query, GridRequest()).rows, default=str)
    else:
        orjson.dumps(service.block(report, block_id, query).rows, default=str)
    return (time.perf_counter() - started) * 1000


def sent(service: ReportService, report: Report, block: Block, params: Params) -> int:
    """Bytes that leave for the browser when a page asks for a block, before they are compressed."""
    query = service.parse(report, params)
    if isinstance(block, RecordList):
        page = service.records(report, block.id, "", {}, query, GridRequest(0, BLOCK_SIZE))
        return len(orjson.dumps(grid_rows(page, "ru", "RUB"), default=str))
    shown = content(service, report, block, query, "ru", as_table=False)
    return len(to_json_plotly(shown))


def ask_page(
    service: ReportService, report: Report, params: Params, slowest: dict[str, list[float]] | None = None
) -> float:
    """Milliseconds of all blocks, one after another."""
    total = 0.0
    for block in report.blocks:
        ms = ask_block(service, report, block.id, params)
        total += ms
        if slowest is not None:
            slowest.setdefault(block.id, []).append(ms)
    return total


def ask_pandas(frame: pd.DataFrame, params: Params) -> float:
    """Milliseconds pandas needs for the summary of sales-dynamics alone."""
    started = time.perf_counter()
    start, end = pd.Timestamp(params["from"][0]), pd.Timestamp(params["to"][0]) + pd.Timedelta(days=1)
    rows = frame
    if "pipeline" in params:
        rows = rows[rows.pipeline_id.isin([int(v) for v in params["pipeline"]])]
    if "department" in params:
        rows = rows[(rows.manager_id % 30 + 1).isin([int(v) for v in params["department"]])]
    if "source" in params:
        rows = rows[rows.source_id.isin(params["source"])]
    if "status" in params:
        rows = rows[rows.status.isin(params["status"])]
    won = rows[(rows.won_at >= start) & (rows.won_at < end)]
    lost = rows[(rows.lost_at >= start) & (rows.lost_at < end)]
    created = rows[(rows.created_at >= start) & (rows.created_at < end)]
    in_work = rows[rows.status == "in_work"]
    worked = rows[(rows.created_at < end) & (rows.closed_at.isna() | (rows.closed_at >= start))]
    _ = (
        len(won),
        won.amount.sum(),
        won.cycle_days.median(),
        won.cycle_days.quantile(0.9),
        won.amount.median(),
        len(lost),
        lost.amount.sum(),
        len(created),
        created.amount.sum(),
        len(in_work),
        in_work.amount.sum(),
        len(worked),
    )
    return (time.perf_counter() - started) * 1000


def facts_of(folder: Path, deals: int) -> Path:
    """Facts of that many deals; made anew unless the folder has them."""
    facts = folder / f"facts-{deals}.duckdb"
    if not facts.exists():
        raw = folder / f"raw-{deals}.duckdb"
        if not raw.exists():
            print(f"making {deals:,} deals and 5 activities each ...", flush=True)
            make_raw(raw, deals=deals, activities=5 * deals, leads=deals, tasks=deals // 2)
        started = time.perf_counter()
        derive(raw, facts, TAKEN, DeriveConfig())
        print(f"facts derived in {time.perf_counter() - started:.0f} s", flush=True)
    return facts


def measure(service: ReportService, report: Report) -> tuple[float, list[Params]]:
    """Prints a report's lines; (median of new values, the sets asked)."""
    sets = filter_sets(report, service.directory(), QUERIES)
    ask_page(service, report, filter_sets(report, service.directory(), 1, seed=99)[0])
    by_block: dict[str, list[float]] = {}
    fresh = [ask_page(service, report, params, by_block) for params in sets]
    again = [ask_page(service, report, params) for params in sets]
    page, repeated = statistics.median(fresh), statistics.median(again)
    kilobytes = (
        statistics.median(sum(sent(service, report, block, params) for block in report.blocks) for params in sets[:5])
        / 1000
    )
    worst = sorted(((statistics.median(v), k) for k, v in by_block.items()), reverse=True)[:3]
    named = ", ".join(f"{k} {v:.0f}" for v, k in worst)
    late = "" if page <= NEW and repeated <= AGAIN and kilobytes <= BYTES else "   <-- over the promise"
    print(
        f"{report.slug:24} new {page:7.1f} ms (max {max(fresh):7.1f})   repeated {repeated:5.1f} ms   {kilobytes:6.1f} KB   slowest: {named}{late}",
        flush=True,
    )
    return page, sets


def main(deals: int = 1_000_000) -> None:
    """A line a report, then the peer. BENCH_DATA names a folder to keep the data in; REPORT=slug measures one."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.environ.get("BENCH_DATA", temporary))
        folder.mkdir(parents=True, exist_ok=True)
        path = facts_of(folder, deals)
        reports = [r for r in discover() if os.environ.get("REPORT", r.slug) == r.slug]
        plans = {plan.key: Entry(plan, 1) for plan in example_plans(path)}  # every seller has some in each pipeline
        typed = Entered("1", Preferences(), {"plan": plans})
        service = ReportService(lambda: Published(path), reports, typed=lambda: typed)
        print(
            f"promised: {NEW} ms new, {AGAIN} ms repeated, {BYTES} KB; medians of {QUERIES} random filter sets",
            flush=True,
        )
        for report in reports:
            page, sets = measure(service, report)
            if report.slug == "sales-dynamics":
                columns = "pipeline_id, manager_id, source_id, status, created_at, won_at, lost_at, closed_at, CAST(amount AS DOUBLE) AS amount, cycle_days"
                frame = connect(path).execute(f"SELECT {columns} FROM deals").df()
                summary = statistics.median(ask_pandas(frame, params) for params in sets)
                del frame
                print(
                    f"{'pandas, its summary alone':24} {summary:11.1f} ms   the whole page here / the summary there: {page / summary:.2f}",
                    flush=True,
                )
        sys.stdout.flush()
