"""How long a filter change takes at the server: every figure of a page, values never asked before and asked again.

The peer is pandas over the same columns in memory: the same summary figures (won, lost, created, in work, worked, medians) of the same filter sets.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

import orjson
import pandas as pd

from benchmarks.facts import make_facts
from dash_app.metrics.context import connect
from dash_app.metrics.result import Note
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from pages.sales_dynamics import REPORT


class Published:
    """One facts file as a snapshot."""

    id = "benchmark"

    def __init__(self, path: Path) -> None:
        self.facts_path = path
        self.notes: list[Note] = []

    def facts_as_of(self, instant: datetime) -> Path:
        """Not asked here: no comparison."""
        return self.facts_path


def filter_sets(number: int, seed: int = 3) -> list[dict[str, list[str]]]:
    """Random periods and filters, as a director clicks them."""
    rng = random.Random(seed)
    sets = []
    for _ in range(number):
        start = f"2026-{rng.randint(1, 9):02d}-{rng.randint(1, 28):02d}"
        params = {"from": [start], "to": [f"2026-11-{rng.randint(1, 24):02d}"]}
        if rng.random() < 0.5:
            params["pipeline"] = [str(rng.randint(1, 4))]
        if rng.random() < 0.5:
            params["department"] = [str(rng.randint(1, 30)) for _ in range(3)]
        if rng.random() < 0.3:
            params["source"] = [f"S{rng.randint(1, 20)}"]
        if rng.random() < 0.2:
            params["status"] = [rng.choice(["in_work", "won", "lost"])]
        sets.append(params)
    return sets


def ask_page(service: ReportService, params: dict[str, list[str]]) -> tuple[float, int]:
    """(milliseconds, bytes) of all figures of the page, lists with their first hundred rows."""
    started = time.perf_counter()
    size = 0
    query = service.parse(REPORT, params)
    for block in REPORT.blocks:
        if block.view == "list":
            page = service.records(REPORT, block.id, "", {}, query, GridRequest())
            size += len(orjson.dumps(page.rows, default=str))
        else:
            size += len(orjson.dumps(service.block(REPORT, block.id, query).rows, default=str))
    return (time.perf_counter() - started) * 1000, size


def ask_pandas(frame: pd.DataFrame, params: dict[str, list[str]]) -> float:
    """Milliseconds pandas needs for the summary alone."""
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
    _ = (len(won), won.amount.sum(), won.cycle_days.median(), won.cycle_days.quantile(0.9), won.amount.median(), len(lost), lost.amount.sum(),
         len(created), created.amount.sum(), len(in_work), in_work.amount.sum(), len(worked))  # fmt: skip
    return (time.perf_counter() - started) * 1000


def main(deals: int = 1_000_000) -> None:
    """Prints a table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facts.duckdb"
        print(f"making {deals:,} deals ...", flush=True)
        make_facts(path, deals)
        service = ReportService(lambda: Published(path), [REPORT])
        sets = filter_sets(20)
        ask_page(service, filter_sets(1, seed=99)[0])
        fresh = [ask_page(service, params) for params in sets]
        again = [ask_page(service, params) for params in sets]
        con = connect(path)
        columns = "pipeline_id, manager_id, source_id, status, created_at, won_at, lost_at, closed_at, CAST(amount AS DOUBLE) AS amount, cycle_days"
        frame = con.execute(f"SELECT {columns} FROM deals").df()
        peer = [ask_pandas(frame, params) for params in sets]
    page = statistics.median(ms for ms, _ in fresh)
    print(f"{'sales-dynamics, new values':34} median {page:7.1f} ms   max {max(ms for ms, _ in fresh):7.1f} ms   (promised 150)")
    print(f"{'sales-dynamics, repeated values':34} median {statistics.median(ms for ms, _ in again):7.1f} ms   max {max(ms for ms, _ in again):7.1f} ms   (promised 30)")
    print(f"{'bytes of all figures':34} median {statistics.median(size for _, size in fresh) / 1000:7.1f} KB   max {max(size for _, size in fresh) / 1000:7.1f} KB   (promised 300)")
    summary = statistics.median(peer)
    print(f"{'pandas in memory, summary alone':34} median {summary:7.1f} ms   whole page here / its summary there: {page / summary:.2f}")
