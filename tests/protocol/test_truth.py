"""From the portal's own records to the printed figure: an independent reading of metrics.md in plain Python must agree.

Nothing here uses the application's SQL. The reference walks the demo company's tables record by record.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dash_app.demo.testing import running_portal

ROOT = Path(__file__).parents[2]
MOSCOW = ZoneInfo("Europe/Moscow")
AFTER_SALE = 9


class Reference:
    """What each deal is at as-of, by metrics.md section 0.8."""

    def __init__(self, database: Path, as_of: datetime) -> None:
        con = sqlite3.connect(database)
        con.row_factory = sqlite3.Row
        self.as_of = as_of.timestamp()
        self.rates = {
            r["CURRENCY"]: Decimal(str(r["AMOUNT"])) / Decimal(str(r["AMOUNT_CNT"]))
            for r in con.execute("SELECT * FROM currencies")
        }
        self.semantic, self.sort = {}, {}
        for row in con.execute("SELECT * FROM statuses WHERE ENTITY_ID LIKE 'DEAL_STAGE%'"):
            pipeline = int(row["ENTITY_ID"].removeprefix("DEAL_STAGE").removeprefix("_") or 0)
            self.semantic[pipeline, row["STATUS_ID"]] = row["SEMANTICS"] if row["SEMANTICS"] in ("S", "F") else "P"
            self.sort[pipeline, row["STATUS_ID"]] = int(row["SORT"])
        history: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
        for row in con.execute(
            "SELECT OWNER_ID, CATEGORY_ID, STAGE_ID, CREATED_TIME FROM deal_history ORDER BY OWNER_ID, CREATED_TIME, ID"
        ):
            if row["CREATED_TIME"] <= self.as_of:
                history[row["OWNER_ID"]].append((row["CREATED_TIME"], row["CATEGORY_ID"], row["STAGE_ID"]))
        self.history = history
        self.deals = [self._deal(dict(row)) for row in con.execute("SELECT * FROM deals WHERE IS_RECURRING <> 'Y'")]
        self.leads = [dict(row) for row in con.execute("SELECT * FROM leads")]
        con.close()

    def kind(self, pipeline: int, stage: str) -> str:
        if pipeline == AFTER_SALE:
            return "X"
        return {"S": "W", "F": "F"}.get(self.semantic.get((pipeline, stage), "P"), "P")

    def _deal(self, row: dict[str, Any]) -> dict[str, Any]:
        path = self.history[row["ID"]] or [
            (row["MOVED_TIME"] or row["DATE_CREATE"], row["CATEGORY_ID"], row["STAGE_ID"])
        ]
        kinds = [self.kind(p, s) for _, p, s in path]
        for position in range(1, len(path)):
            if kinds[position - 1] == "W" and kinds[position] == "X":  # a tunnel out of success: frozen
                path, kinds = path[:position], kinds[:position]
                break
        moment, pipeline, stage = path[-1]
        won = lost = None
        if kinds[-1] == "W":
            start = len(path) - 1
            while start > 0 and kinds[start - 1] == "W":
                start -= 1
            won = path[start][0]
        elif kinds[-1] == "F":
            lost = moment
        amount = None
        if row["OPPORTUNITY"] and (row["CURRENCY_ID"] or "RUB") in self.rates:
            amount = Decimal(row["OPPORTUNITY"]) / 100 * self.rates[row["CURRENCY_ID"] or "RUB"]
        # open at an instant: spells between a closing and a reopening are not
        opens, since = [], row["DATE_CREATE"]
        closed = False
        for (t, _, _), kind in zip(path, kinds, strict=True):
            if kind in "WF" and not closed:
                opens.append((since, t))
                closed = True
            elif kind not in "WF" and closed:
                since, closed = t, False
        if not closed:
            opens.append((since, float("inf")))
        return {
            "id": row["ID"],
            "created": row["DATE_CREATE"],
            "sales": kinds[-1] != "X",
            "pipeline": pipeline,
            "stage": stage,
            "won": won,
            "lost": lost,
            "amount": amount,
            "opens": opens,
            "entered": moment,
            "path": self.history[row["ID"]],
        }


def instant(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=MOSCOW).timestamp()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, str], Path]]:
    with running_portal(scale=2500, seed=11, limits="off", today=date(2026, 11, 20)) as portal:
        environment = {
            **os.environ,
            "B24_WEBHOOK_URL": portal.webhook,
            "DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "REQUESTS_PER_SECOND": "10000",
            "REQUEST_BURST": "10000",
            "PYTHONPATH": str(ROOT),
        }
        run(environment, "workspace", "set", "pipeline_roles", json.dumps({str(AFTER_SALE): "after-sale"}))
        run(environment, "sync")
        yield environment, Path(portal.database)


def run(environment: dict[str, str], *args: str) -> bytes:
    done = subprocess.run([sys.executable, "-m", "dash_app", *args], env=environment, capture_output=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


PERIODS = [
    (date(2026, 10, 1), date(2026, 10, 31)),
    (date(2026, 1, 1), date(2026, 6, 30)),
    (date(2025, 3, 3), date(2025, 3, 9)),
]


@pytest.mark.parametrize("period", PERIODS, ids=lambda p: p[0].isoformat())
def test_printed_figures_agree_with_an_independent_reading(
    world: tuple[dict[str, str], Path], period: tuple[date, date]
) -> None:
    environment, database = world
    document = json.loads(
        run(environment, "report", "sales-dynamics", "--from", period[0].isoformat(), "--to", period[1].isoformat())
    )
    as_of = datetime.fromisoformat(document["as_of"])
    reference = Reference(database, as_of)
    start, end = instant(period[0]), instant(period[1] + timedelta(days=1))

    def within(moment: float | None) -> bool:
        return moment is not None and start <= moment < end

    sales = [d for d in reference.deals if d["sales"]]
    created = [d for d in sales if within(d["created"])]
    won = [d for d in sales if within(d["won"])]
    lost = [d for d in sales if within(d["lost"])]
    over = datetime.combine(period[1] + timedelta(days=1), datetime.min.time(), MOSCOW)
    then = Reference(database, min(as_of, over))
    standing = [d for d in then.deals if d["sales"] and d["created"] <= then.as_of]
    open_then = [d for d in standing if not d["won"] and not d["lost"]]
    worked = [
        d
        for d in sales
        if within(d["won"]) or within(d["lost"]) or any(a < end and (b >= start) and b != start for a, b in d["opens"])
    ]
    (row,) = document["blocks"]["summary"]["rows"]

    def money(deals: list[dict[str, Any]]) -> float:
        return float(sum((d["amount"] for d in deals if d["amount"] is not None), Decimal(0)))

    assert row["leads_created"] == sum(within(lead["DATE_CREATE"]) for lead in reference.leads)
    assert (row["deals_created"], row["deals_won"], row["deals_lost"], row["deals_in_work"]) == (
        len(created),
        len(won),
        len(lost),
        len(open_then),
    )
    for name, deals in (
        ("deals_created", created),
        ("deals_won", won),
        ("deals_lost", lost),
        ("deals_in_work", open_then),
    ):
        assert row[f"{name}_amount"] == pytest.approx(money(deals), abs=0.01)
    assert (row["conversion_worked_num"], row["conversion_worked_den"]) == (len(won), len(worked))
    assert (row["win_rate_num"], row["win_rate_den"]) == (len(won), len(won) + len(lost))
    assert (row["conversion_cohort_num"], row["conversion_cohort_den"]) == (
        sum(1 for d in created if d["won"]),
        len(created),
    )
    cycles = [(d["won"] - d["created"]) / 86400 for d in won]
    assert row["cycle_median"] == pytest.approx(statistics.median(cycles) if cycles else None)
    amounts = [d["amount"] for d in won if d["amount"] is not None]
    assert row["average_check_den"] == len(amounts)
    if amounts:
        assert row["median_check"] == pytest.approx(float(statistics.median(amounts)), abs=0.01)

    stands = Counter((str(d["pipeline"]), d["stage"]) for d in standing if within(d["created"]))
    assert {(r["pipeline_id"], r["stage_id"]): r["count"] for r in document["blocks"]["deal_stages"]["rows"]} == stands

    reached: Counter[tuple[str, str]] = Counter()
    entered: Counter[tuple[str, str]] = Counter()
    for deal in (d for d in reference.deals if within(d["created"])):
        visited = defaultdict(set)
        for _, pipeline, stage in deal["path"] or [(0, deal["pipeline"], deal["stage"])]:
            visited[pipeline].add(stage)
        for pipeline, stages in visited.items():
            if pipeline == AFTER_SALE:
                continue
            known = [s for s in stages if reference.semantic.get((pipeline, s), "F") != "F"]
            furthest = max((reference.sort[pipeline, s] for s in known), default=-1)
            is_won = deal["won"] is not None and deal["pipeline"] == pipeline
            for (owner, stage), sort in reference.sort.items():
                if owner == pipeline and reference.semantic[owner, stage] != "F":
                    entered[str(pipeline), stage] += stage in stages
                    reached[str(pipeline), stage] += sort <= furthest or is_won
    for r in document["blocks"]["funnel"]["rows"]:
        key = (r["pipeline_id"], r["stage_id"])
        assert (r["reached"], r["entered"]) == (reached[key], entered[key]), key

    lost_by = Counter(d["stage"] for d in lost)
    printed: Counter[str] = Counter()
    for r in document["blocks"]["losses"]["rows"]:
        printed[r["stage_id"]] += r["count"]
    assert printed == lost_by
    days = {r["bucket"]: r["deals_won"] for r in document["blocks"]["dynamics"]["rows"]}
    assert sum(days.values()) == len(won)


def test_an_earlier_day_agrees_too(world: tuple[dict[str, str], Path]) -> None:
    environment, database = world
    as_of = datetime(2026, 8, 14, 12, tzinfo=MOSCOW)
    document = json.loads(
        run(
            environment,
            "report",
            "sales-dynamics",
            "--from",
            "2026-07-01",
            "--to",
            "2026-07-31",
            "--as-of",
            as_of.isoformat(),
        )
    )
    reference = Reference(database, as_of)
    reference.deals = [d for d in reference.deals if d["created"] <= as_of.astimezone(UTC).timestamp()]
    sales = [d for d in reference.deals if d["sales"]]
    start, end = instant(date(2026, 7, 1)), instant(date(2026, 8, 1))
    (row,) = document["blocks"]["summary"]["rows"]
    over = Reference(database, datetime(2026, 8, 1, tzinfo=MOSCOW))
    assert row["deals_in_work"] == sum(
        1 for d in over.deals if d["sales"] and d["created"] <= over.as_of and not d["won"] and not d["lost"]
    )
    assert row["deals_won"] == sum(1 for d in sales if d["won"] and start <= d["won"] < end)
    assert row["deals_lost"] == sum(1 for d in sales if d["lost"] and start <= d["lost"] < end)
