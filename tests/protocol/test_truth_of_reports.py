"""The other reports: figures as printed against an independent reading of metrics.md over the portal's own records."""

from __future__ import annotations

import json
import math
import os
import sqlite3
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dash_app.demo.testing import running_portal
from tests.protocol.test_truth import AFTER_SALE, MOSCOW, ROOT, Reference, instant, run

PERIOD = (date(2026, 9, 1), date(2026, 10, 31))
DAY = 86_400
WEIGHTS = {"calls_out": 1.0, "calls_in": 1.0, "emails_out": 0.5, "messages": 0.2, "meetings": 5.0, "todos": 1.0}


class World:
    """The portal's tables, and the command line to ask the application."""

    def __init__(self, environment: dict[str, str], database: Path) -> None:
        self.environment = environment
        self.con = sqlite3.connect(database)
        self.con.row_factory = sqlite3.Row
        self.database = database

    def report(self, slug: str, *args: str, period: tuple[date, date] | None = PERIOD) -> dict[str, Any]:
        dates = ["--from", period[0].isoformat(), "--to", period[1].isoformat()] if period else []
        document: dict[str, Any] = json.loads(run(self.environment, "report", slug, *dates, *args))
        return document

    def total(self, slug: str, block: str, measure: str, *args: str, period: tuple[date, date] | None = PERIOD) -> int:
        dates = ["--from", period[0].isoformat(), "--to", period[1].isoformat()] if period else []
        return int(
            json.loads(run(self.environment, "records", slug, *dates, *args, "--limit", "1", block, measure))["total"]
        )

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return [dict(r) for r in self.con.execute(sql)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_portal(scale=1500, seed=5, limits="off", today=date(2026, 11, 20)) as portal:
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
        yield World(environment, Path(portal.database))


def within(moment: float | None, period: tuple[date, date] = PERIOD) -> bool:
    return moment is not None and instant(period[0]) <= moment < instant(period[1] + timedelta(days=1))


def kind_of(row: dict[str, Any]) -> str | None:
    """Which count of section 2 an activity belongs to when it is done."""
    incoming = row["DIRECTION"] == 1 or (row["DIRECTION"] != 2 and row["IS_INCOMING_CHANNEL"] == "Y")
    match row["PROVIDER_ID"]:
        case "VOXIMPLANT_CALL":
            return "calls_in" if incoming else "calls_out"
        case "CRM_EMAIL":
            return None if incoming else "emails_out"
        case "CRM_SMS" | "IMOPENLINES_SESSION":
            return "messages"
        case "CRM_MEETING":
            return "meetings"
        case "CRM_TODO":
            return "todos"
    return None


def is_missed(row: dict[str, Any]) -> bool:
    settings = json.loads(row["SETTINGS"]) if row["SETTINGS"] else {}
    return isinstance(settings, dict) and bool(settings.get("MISSED_CALL"))


def test_activities_of_managers(world: World) -> None:
    document = world.report("manager-effectiveness")
    as_of = datetime.fromisoformat(document["as_of"])
    reference = Reference(world.database, as_of)
    sales = {d["id"] for d in reference.deals if d["sales"]}
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for row in world.rows("SELECT * FROM activities"):
        if (
            row["OWNER_TYPE_ID"] == 2
            and row["OWNER_ID"] not in sales
            and row["OWNER_ID"] in {d["id"] for d in reference.deals}
        ):
            continue
        if not within(row["START_TIME"] or row["CREATED"]):
            continue
        kind = kind_of(row)
        if kind == "calls_in" and is_missed(row):
            counted[str(row["RESPONSIBLE_ID"])]["calls_missed"] += 1
        elif kind and row["COMPLETED"] == "Y":
            counted[str(row["RESPONSIBLE_ID"])][kind] += 1
    printed = {r["manager_id"]: r for r in document["blocks"]["managers"]["rows"]}
    assert sum(sum(c.values()) for c in counted.values()) > 100
    for manager, counts in counted.items():
        for kind in (*WEIGHTS, "calls_missed"):
            assert printed[manager][kind] == counts[kind], (manager, kind)
    points = {m: sum(WEIGHTS[k] * n for k, n in c.items() if k in WEIGHTS) for m, c in counted.items()}
    for manager, value in points.items():
        assert float(printed[manager]["activity_points"]) == pytest.approx(value)
    dismissed = {str(r["ID"]) for r in world.rows("SELECT ID FROM users WHERE ACTIVE <> 'Y'")}
    over = Reference(world.database, min(as_of, datetime.fromtimestamp(instant(PERIOD[1] + timedelta(days=1)), MOSCOW)))
    standing = {
        d["id"] for d in over.deals if d["sales"] and d["created"] <= over.as_of and not d["won"] and not d["lost"]
    }
    open_deals = {
        r["ASSIGNED_BY_ID"] for r in world.rows("SELECT ID, ASSIGNED_BY_ID FROM deals") if r["ID"] in standing
    }
    done = {m for m, c in counted.items() if any(c[k] for k in WEIGHTS)}
    sellers = (done | {str(m) for m in open_deals}) - dismissed
    yardstick = statistics.median(points.get(m, 0.0) for m in sellers)
    for manager, value in points.items():
        assert float(printed[manager]["activity_index"]) == pytest.approx(100 * value / yardstick)
    meetings = max(counted, key=lambda m: counted[m]["meetings"])
    assert (
        world.total("manager-effectiveness", "managers", "meetings", "--row", f"manager_id={meetings}")
        == counted[meetings]["meetings"]
    )


def test_tasks_of_the_team(world: World) -> None:
    document = world.report("team-performance")
    as_of = datetime.fromisoformat(document["as_of"]).timestamp()
    (row,) = document["blocks"]["summary"]["rows"]
    tasks = [t for t in world.rows("SELECT * FROM tasks") if t["CREATED_DATE"] <= as_of]

    def end_of_plan(task: dict[str, Any]) -> float:
        planned = datetime.fromtimestamp(task["START_DATE_PLAN"], MOSCOW)
        if (planned.hour, planned.minute, planned.second) == (0, 0, 0):
            return instant(planned.date() + timedelta(days=1)) - 1e-3
        return float(task["START_DATE_PLAN"])

    starts = [t for t in tasks if within(t["START_DATE_PLAN"]) and t["START_DATE_PLAN"] < as_of]
    started = [t for t in starts if (t["DATE_START"] or t["CLOSED_DATE"] or math.inf) <= end_of_plan(t)]
    finishes = [t for t in tasks if within(t["DEADLINE"]) and t["DEADLINE"] < as_of]
    finished = [t for t in finishes if (t["CLOSED_DATE"] or math.inf) <= t["DEADLINE"]]
    assert len(starts) > 10 and len(finishes) > 10
    assert (row["start_on_time_num"], row["start_on_time_den"]) == (len(started), len(starts))
    assert (row["finish_on_time_num"], row["finish_on_time_den"]) == (len(finished), len(finishes))
    assert row["execution"] == pytest.approx(len(started) / len(starts) * len(finished) / len(finishes))
    assert row["set"] == sum(within(t["CREATED_DATE"]) for t in tasks)
    assert row["completed"] == sum(within(t["CLOSED_DATE"]) for t in tasks)
    end = instant(PERIOD[1] + timedelta(days=1))  # a state of a period that is over is that of its end
    assert row["overdue"] == sum(
        1
        for t in tasks
        if t["CREATED_DATE"] <= end
        and (not t["CLOSED_DATE"] or t["CLOSED_DATE"] > end)
        and t["DEADLINE"]
        and t["DEADLINE"] < end
    )
    by_person = Counter(str(t["RESPONSIBLE_ID"]) for t in finishes)
    assert {
        r["manager_id"]: r["finish_on_time_den"]
        for r in document["blocks"]["employees"]["rows"]
        if r["finish_on_time_den"]
    } == by_person


def idle_days(world: World, as_of: float) -> dict[tuple[str, int], int]:
    """(entity, id) of every card -> whole days since anybody touched it."""
    touched: dict[tuple[str, int], float] = {}
    for entity, kind, table, history in (("deal", 2, "deals", "deal_history"), ("lead", 1, "leads", "lead_history")):
        for row in world.rows(f"SELECT * FROM {table}"):
            moments = [row["DATE_CREATE"], row["MOVED_TIME"], row["LAST_ACTIVITY_TIME"], row["LAST_COMMUNICATION_TIME"]]
            touched[entity, row["ID"]] = max(m for m in moments if m and m <= as_of)
        for row in world.rows(
            f"SELECT OWNER_ID, max(CREATED_TIME) AS t FROM {history} WHERE CREATED_TIME <= {as_of} GROUP BY 1"
        ):
            if (entity, row["OWNER_ID"]) in touched:
                touched[entity, row["OWNER_ID"]] = max(touched[entity, row["OWNER_ID"]], row["t"])
        bound = f"SELECT b.OWNER_ID AS card, a.* FROM activity_bindings b JOIN activities a ON a.ID = b.ACTIVITY_ID WHERE b.OWNER_TYPE_ID = {kind}"
        for row in world.rows(bound):  # its own, and those its contact or company owns
            key = (entity, row["card"])
            if key in touched:
                last = max(row["CREATED"], row["LAST_UPDATED"] if row["COMPLETED"] == "Y" else 0)
                touched[key] = max(touched[key], min(last, as_of))
        for row in world.rows(
            f"SELECT ENTITY_ID, max(CREATED) AS t FROM comments WHERE ENTITY_TYPE = '{entity}' AND CREATED <= {as_of} GROUP BY 1"
        ):
            if (entity, row["ENTITY_ID"]) in touched:
                touched[entity, row["ENTITY_ID"]] = max(touched[entity, row["ENTITY_ID"]], row["t"])
    return {key: math.floor((as_of - moment) / DAY) for key, moment in touched.items()}


def test_forgotten_cards(world: World) -> None:
    document = world.report("forgotten", period=None)
    as_of = datetime.fromisoformat(document["as_of"])
    reference = Reference(world.database, as_of)
    idle = idle_days(world, as_of.timestamp())
    open_deals = [d for d in reference.deals if d["sales"] and not d["won"] and not d["lost"]]
    forgotten = [d for d in open_deals if idle["deal", d["id"]] >= 14]
    semantics = {
        r["STATUS_ID"]: r["SEMANTICS"] for r in world.rows("SELECT * FROM statuses WHERE ENTITY_ID = 'STATUS'")
    }
    open_leads = [r for r in world.rows("SELECT * FROM leads") if semantics.get(r["STATUS_ID"]) not in ("S", "F")]
    leads = [r for r in open_leads if idle["lead", r["ID"]] >= 7]
    (row,) = document["blocks"]["summary"]["rows"]
    assert forgotten and leads
    assert (row["deals_forgotten"], row["leads_forgotten"]) == (len(forgotten), len(leads))
    assert row["deals_forgotten_amount"] == pytest.approx(
        float(sum(d["amount"] for d in forgotten if d["amount"] is not None)), abs=0.01
    )
    longer = world.report("forgotten", "--option", "deal_days=60", "--option", "lead_days=30", period=None)["blocks"][
        "summary"
    ]["rows"][0]
    assert longer["deals_forgotten"] == sum(1 for d in open_deals if idle["deal", d["id"]] >= 60)
    assert longer["leads_forgotten"] == sum(1 for r in open_leads if idle["lead", r["ID"]] >= 30)
    shown = {(r["id"], r["idle_days"]) for r in document["blocks"]["deals"]["rows"]}
    assert shown == {(str(d["id"]), idle["deal", d["id"]]) for d in forgotten}


def test_sources(world: World) -> None:
    document = world.report("marketing")
    as_of = datetime.fromisoformat(document["as_of"])
    reference = Reference(world.database, as_of)
    leads = {r["ID"]: r for r in world.rows("SELECT * FROM leads")}
    deals = {d["id"]: d for d in reference.deals}
    cards = {r["ID"]: r for r in world.rows("SELECT * FROM deals WHERE IS_RECURRING <> 'Y'")}
    of_lead: dict[int, list[int]] = defaultdict(list)
    for number, card in cards.items():
        if card["LEAD_ID"]:
            of_lead[card["LEAD_ID"]].append(number)
    semantics = {
        r["STATUS_ID"]: r["SEMANTICS"] for r in world.rows("SELECT * FROM statuses WHERE ENTITY_ID = 'STATUS'")
    }
    expected: dict[str | None, Counter[str]] = defaultdict(Counter)
    for number, lead in leads.items():
        if within(lead["DATE_CREATE"]):
            count = expected[lead["SOURCE_ID"] or None]
            count["leads_created"] += 1
            count["lead_to_deal"] += bool(of_lead[number])
            count["lead_to_won"] += any(deals[d]["won"] for d in of_lead[number] if deals[d]["sales"])
            count["junk"] += semantics.get(lead["STATUS_ID"]) == "F"
    for number, deal in deals.items():
        if deal["sales"] and within(deal["created"]):
            lead_source = leads.get(cards[number]["LEAD_ID"], {}).get("SOURCE_ID") if cards[number]["LEAD_ID"] else None
            count = expected[cards[number]["SOURCE_ID"] or lead_source or None]
            count["deals_created"] += 1
            count["created_won"] += deal["won"] is not None
    printed = {r["source_id"]: r for r in document["blocks"]["sources"]["rows"]}
    for source, count in expected.items():
        row = printed[source]
        assert (row["leads_created"], row["deals_created"], row["created_won"]) == tuple(
            count[n] for n in ("leads_created", "deals_created", "created_won")
        ), source
        assert (row["lead_to_deal_num"], row["lead_to_won_num"], row["junk_share_num"]) == tuple(
            count[n] for n in ("lead_to_deal", "lead_to_won", "junk")
        ), source


def test_the_same_number_on_two_reports_is_the_same_number(world: World) -> None:
    sales = world.report("sales-dynamics")["blocks"]["summary"]["rows"][0]
    team = world.report("manager-effectiveness")["blocks"]["team"]["rows"][0]
    for name in (
        "deals_created",
        "deals_created_amount",
        "deals_won",
        "deals_won_amount",
        "deals_lost",
        "deals_in_work",
        "deals_in_work_amount",
        "cycle_median",
    ):
        assert team[name] == sales[name], name
    plan = world.report("sales-plan")["blocks"]["total"]["rows"][0]
    assert plan["fact_amount"] == sales["deals_won_amount"]
    assert plan["fact_count"] == sales["deals_won"]
    sources = world.report("marketing")["blocks"]["sources"]["totals"]
    assert (sources["leads_created"], sources["deals_created"]) == (sales["leads_created"], sales["deals_created"])
    assert sources["created_won"] == sales["conversion_cohort_num"]
    filters = ("--status", "in_work", "--pipeline", "0")
    assert (
        world.report("sales-dynamics", *filters)["blocks"]["summary"]["rows"][0]["deals_in_work"]
        == world.report("manager-effectiveness", *filters)["blocks"]["team"]["rows"][0]["deals_in_work"]
    )
