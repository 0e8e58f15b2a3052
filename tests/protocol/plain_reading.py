"""metrics.md read once more, in plain Python over a portal's own tables: sections 0, 1, 2, 4, 5, 6, 7 and 11.

Nothing of the application is used. A figure is a loop over records, an answer a dictionary of ids.
"""

from __future__ import annotations

import json
import math
import sqlite3
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Record = dict[str, Any]
Filters = Mapping[str, list[str]]
DAY = 86_400
FOREVER = float("inf")
WEIGHTS = {"calls_out": 1.0, "calls_in": 1.0, "emails_out": 0.5, "messages": 0.2, "meetings": 5.0, "todos": 1.0}
STATUS = {"P": "in_work", "X": "in_work", "S": "won", "W": "won", "F": "lost"}
MESSAGES = ("CRM_SMS", "IMOPENLINES_SESSION", "CRM_WHATSAPP", "CRM_TELEGRAM", "CRM_NOTIFICATION")


def middle(values: Iterable[float]) -> float | None:
    found = list(values)
    return statistics.median(found) if found else None


def p90(values: Iterable[float]) -> float | None:
    found = sorted(values)
    if not found:
        return None
    place = (len(found) - 1) * 0.9
    low = int(place)
    return found[low] + (found[min(low + 1, len(found) - 1)] - found[low]) * (place - low)


def mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None


def share(num: float, den: float) -> float | None:
    return num / den if den else None


def money(deals: Iterable[Record]) -> float:
    return float(sum((d["amount"] for d in deals if d["amount"] is not None), Decimal(0)))


def is_incoming(row: Record) -> bool:
    return row["DIRECTION"] == 1 or (row["DIRECTION"] != 2 and row["IS_INCOMING_CHANNEL"] == "Y")


def kind_of(row: Record) -> str:
    """Which count of section 2 an activity belongs to; other kinds by a word of their own."""
    provider, kind = row["PROVIDER_ID"], row["TYPE_ID"]
    if kind == 2:
        return "calls_in" if is_incoming(row) else "calls_out"
    if kind == 4:
        return "emails_in" if is_incoming(row) else "emails_out"
    if kind == 1:
        return "meetings"
    if provider in MESSAGES:
        return "messages"
    return {"CRM_TODO": "todos", "CRM_WEBFORM": "form"}.get(provider, "other")


class Reading:
    """What the records say at ``as_of`` (epoch seconds)."""

    def __init__(
        self,
        database: Path,
        as_of: float,
        roles: Mapping[int, str],
        success: Mapping[int, str],
        zone: str = "Europe/Moscow",
    ) -> None:
        self.as_of, self.zone, self.roles, self.success = as_of, ZoneInfo(zone), roles, success
        self._read = (database, roles, success, zone)
        self._earlier: dict[float, Reading] = {}
        con = sqlite3.connect(database)
        con.row_factory = sqlite3.Row

        def rows(sql: str) -> list[Record]:
            return [dict(r) for r in con.execute(sql)]

        self.people = {r["ID"]: r for r in rows("SELECT * FROM users")}
        self.parents = {r["ID"]: r["PARENT"] for r in rows("SELECT * FROM departments")}
        self.rates = {
            r["CURRENCY"]: Decimal(str(r["AMOUNT"])) / Decimal(str(r["AMOUNT_CNT"]))
            for r in rows("SELECT * FROM currencies")
        }
        self.stages: dict[tuple[int, str], tuple[str, int]] = {}
        for r in rows("SELECT * FROM statuses WHERE ENTITY_ID LIKE 'DEAL_STAGE%'"):
            pipeline = int(r["ENTITY_ID"].removeprefix("DEAL_STAGE").removeprefix("_") or 0)
            self.stages[pipeline, r["STATUS_ID"]] = (r["SEMANTICS"] if r["SEMANTICS"] in ("S", "F") else "P", r["SORT"])
        self.lead_stages = {
            r["STATUS_ID"]: r["SEMANTICS"] if r["SEMANTICS"] in ("S", "F") else "P"
            for r in rows("SELECT * FROM statuses WHERE ENTITY_ID = 'STATUS'")
        }
        self.activities = [r for r in rows("SELECT * FROM activities") if r["CREATED"] <= as_of]
        self.tasks = [r for r in rows("SELECT * FROM tasks") if r["CREATED_DATE"] <= as_of]
        self.bindings = [
            (r["ACTIVITY_ID"], (r["OWNER_TYPE_ID"], r["OWNER_ID"])) for r in rows("SELECT * FROM activity_bindings")
        ]
        self.comments = rows("SELECT * FROM comments")
        self.leads: dict[int, Record] = {}
        self.deals: dict[int, Record] = {}
        paths = self._paths(
            rows(
                "SELECT OWNER_ID, CREATED_TIME, 0 AS CATEGORY_ID, STATUS_ID AS STAGE_ID FROM lead_history ORDER BY CREATED_TIME, ID"
            )
        )
        every_lead = {r["ID"]: r for r in rows("SELECT * FROM leads")}
        for row in every_lead.values():
            if row["DATE_CREATE"] <= as_of:
                self.leads[row["ID"]] = self._lead(row, paths.get(row["ID"], []))
        paths = self._paths(
            rows("SELECT OWNER_ID, CREATED_TIME, CATEGORY_ID, STAGE_ID FROM deal_history ORDER BY CREATED_TIME, ID")
        )
        for row in rows("SELECT * FROM deals WHERE IS_RECURRING <> 'Y'"):
            if row["DATE_CREATE"] <= as_of:
                lead = every_lead.get(row["LEAD_ID"], {})
                self.deals[row["ID"]] = self._deal(row, paths.get(row["ID"], []), lead.get("SOURCE_ID"))
        con.close()

    # -- ground rules ----------------------------------------------------------------------------------------------

    @staticmethod
    def _paths(history: list[Record]) -> dict[int, list[tuple[int, int, str]]]:
        found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
        for row in history:
            found[row["OWNER_ID"]].append((row["CREATED_TIME"], row["CATEGORY_ID"], row["STAGE_ID"]))
        return found

    def _path(
        self, row: Record, history: list[tuple[int, int, str]], pipeline: int, stage: str, closing: int | None
    ) -> list[tuple[int, int, str]]:
        """Stays up to as-of; before the first row its stage; without any, the present stage since movedTime, closedate or creation."""
        known = [step for step in history if step[0] <= self.as_of]
        if known:
            return known
        if history:
            return [(row["DATE_CREATE"], *history[0][1:])]
        return [(row["MOVED_TIME"] or closing or row["DATE_CREATE"], pipeline, stage)]

    def _amount(self, row: Record) -> Decimal | None:
        currency = row["CURRENCY_ID"] or "RUB"
        return (
            Decimal(row["OPPORTUNITY"]) / 100 * self.rates[currency]
            if row["OPPORTUNITY"] and currency in self.rates
            else None
        )

    def _lead(self, row: Record, history: list[tuple[int, int, str]]) -> Record:
        path = self._path(row, history, 0, row["STATUS_ID"], row["DATE_CLOSED"])
        kinds = [self.lead_stages.get(stage, "P") for _, _, stage in path]
        start = len(path) - 1
        while kinds[start] == "S" and start and kinds[start - 1] == "S":
            start -= 1
        return {
            **row,
            "id": row["ID"],
            "created": row["DATE_CREATE"],
            "stage": path[-1][2],
            "status": STATUS[kinds[-1]],
            "entered": path[-1][0],
            "closed": None if kinds[-1] == "P" else path[start][0],
            "amount": self._amount(row),
            "manager": row["ASSIGNED_BY_ID"],
            "source": row["SOURCE_ID"] or None,
            "customer": "repeat" if row["IS_RETURN_CUSTOMER"] == "Y" else "new",
            "path": path,
        }

    def kind(self, pipeline: int, stage: str) -> str:
        """P in work, W at or after the success stage, F lost, X in a pipeline of another role."""
        if self.roles.get(pipeline, "sales") != "sales":
            return "X"
        semantic, sort = self.stages.get((pipeline, stage), ("P", -1))
        if semantic == "P" and pipeline in self.success and sort >= self.stages[pipeline, self.success[pipeline]][1]:
            return "W"
        return "W" if semantic == "S" else semantic

    def _deal(self, row: Record, history: list[tuple[int, int, str]], lead_source: str | None) -> Record:
        closing = None
        if row["STAGE_SEMANTIC_ID"] in ("S", "F") and row["CLOSEDATE"]:
            noon = int(datetime.fromisoformat(row["CLOSEDATE"] + "T12:00:00").replace(tzinfo=self.zone).timestamp())
            closing = min(max(noon, row["DATE_CREATE"]), int(self.as_of))
        whole = path = self._path(row, history, row["CATEGORY_ID"], row["STAGE_ID"], closing)
        kinds = [self.kind(p, s) for _, p, s in path]
        for place in range(1, len(path)):
            if (kinds[place - 1], kinds[place]) == ("W", "X"):  # a tunnel out of success: won there whatever follows
                path, kinds = path[:place], kinds[:place]
                break
        start = len(path) - 1
        while kinds[-1] == "W" and start and kinds[start - 1] == "W":
            start -= 1
        moment, pipeline, stage = path[-1]
        opens, since, shut = [], row["DATE_CREATE"], False
        for (then, _, _), kind in zip(path, kinds, strict=True):
            if kind in "WF" and not shut:
                opens.append((since, then))
            elif kind == "P" and shut:
                since = then
            shut = kind in "WF" or (shut and kind == "X")  # a stay in another role does not reopen a sale
        if not shut:
            opens.append((since, FOREVER))
        own = kinds[-1] if kinds[-1] != "X" else self.stages.get((pipeline, stage), ("P", 0))[0]
        won, lost = path[start][0] if kinds[-1] == "W" else None, moment if kinds[-1] == "F" else None
        return {
            **row,
            "id": row["ID"],
            "created": row["DATE_CREATE"],
            "pipeline": pipeline,
            "stage": stage,
            "sales": kinds[-1] != "X",
            "status": STATUS[own],
            "won": won,
            "lost": lost,
            "closed": won if won is not None else lost,
            "opens": opens,
            "entered": moment,
            "path": whole,
            "amount": self._amount(row),
            "manager": row["ASSIGNED_BY_ID"],
            "source": row["SOURCE_ID"] or lead_source or None,
            "customer": "repeat" if "Y" in (row["IS_RETURN_CUSTOMER"], row["IS_REPEATED_APPROACH"]) else "new",
        }

    def midnight(self, day: date) -> float:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp()

    def span(self, first: date, last: date) -> tuple[float, float]:
        return self.midnight(first), self.midnight(last + timedelta(days=1))

    def local_day(self, moment: float) -> date:
        return datetime.fromtimestamp(moment, self.zone).date()

    def departments(self, person: int) -> set[str]:
        """Ids of a person's departments and of those above; ``none`` for one without."""
        found: set[str] = set()
        for department in json.loads(self.people.get(person, {}).get("UF_DEPARTMENT") or "[]"):
            while department in self.parents:
                found.add(str(department))
                department = self.parents[department]
        return found or {"none"}

    def keeps(self, card: Record, filters: Filters) -> bool:
        values = {name: {str(card[name] or "none")} for name in ("manager", "source", "status", "stage", "customer")}
        values["department"] = self.departments(card["manager"])
        if "pipeline" in card:
            values["pipeline"] = {str(card["pipeline"])}
        return all(name not in values or values[name] & set(chosen) for name, chosen in filters.items())

    def sales(self, filters: Filters) -> list[Record]:
        return [d for d in self.deals.values() if d["sales"] and self.keeps(d, filters)]

    def passed(self, start: float, end: float) -> float:
        """Days of a period behind as-of, by the clock on the wall."""
        first, last = (datetime.fromtimestamp(t, self.zone).replace(tzinfo=None) for t in (start, min(end, self.as_of)))
        return max((last - first) / timedelta(days=1), 0)

    def at(self, moment: float) -> Reading:
        """The same records as they stood at an earlier moment: a state of a period that is over is that of its end."""
        if moment >= self.as_of:
            return self
        if moment not in self._earlier:
            database, roles, success, zone = self._read
            self._earlier[moment] = Reading(database, moment, roles, success, zone)
        return self._earlier[moment]

    def as_ripe(self, start: float, base_start: float, base_end: float) -> float:
        """As far from a base's start as as-of is from the period's, on the wall clock, but not before the base's end (section 0.17)."""
        then, now, base = (
            datetime.fromtimestamp(t, self.zone).replace(tzinfo=None) for t in (start, self.as_of, base_start)
        )
        return max(base_end, (base + (now - then)).replace(tzinfo=self.zone).timestamp())

    # -- section 1 -------------------------------------------------------------------------------------------------

    def summary(self, start: float, end: float, filters: Filters) -> Record:
        def within(moment: float | None) -> bool:
            return moment is not None and start <= moment < end

        deals = self.sales(filters)
        created, won, lost = ([d for d in deals if within(d[name])] for name in ("created", "won", "lost"))
        opened = [d for d in self.at(end).sales(filters) if d["status"] == "in_work"]
        worked = [d for d in deals if any(a < end and b >= start for a, b in d["opens"]) or within(d["closed"])]
        amounts = [d["amount"] for d in won if d["amount"] is not None]
        cycles = [(d["won"] - d["created"]) / DAY for d in won]
        matured = sum(d["status"] == "won" for d in created)
        found = {
            "leads_created": sum(within(lead["created"]) for lead in self.leads.values() if self.keeps(lead, filters)),
            "average_check": share(money(won), len(amounts)),
            "average_check_den": len(amounts),
            "median_check": None if not amounts else float(statistics.median(amounts)),
            "cycle_mean": mean(cycles),
            "cycle_median": middle(cycles),
            "cycle_p90": p90(cycles),
            "velocity": share(money(won), self.passed(start, end)),
            "conversion_worked": share(len(won), len(worked)),
            "conversion_worked_num": len(won),
            "conversion_worked_den": len(worked),
            "win_rate": share(len(won), len(won) + len(lost)),
            "win_rate_den": len(won) + len(lost),
            "conversion_cohort": share(matured, len(created)),
            "conversion_cohort_num": matured,
            "conversion_cohort_den": len(created),
        }
        for name, some in (("created", created), ("won", won), ("lost", lost), ("in_work", opened)):
            found[f"deals_{name}"], found[f"deals_{name}_amount"] = len(some), money(some)
        return found

    def stood(self, cards: list[Record]) -> Record:
        days = [
            (self.as_of - c["entered"] if c["status"] == "in_work" else c["closed"] - c["created"]) / DAY for c in cards
        ]
        return {
            "count": len(cards),
            "amount": money(cards),
            "days_mean": mean(days),
            "days_median": middle(days),
            "days_p90": p90(days),
        }

    def deal_stages(self, start: float, end: float, filters: Filters) -> dict[tuple[str, str], Record]:
        groups = defaultdict(list)
        then = self.at(end)
        for deal in then.sales(filters):
            if start <= deal["created"] < end:
                groups[str(deal["pipeline"]), deal["stage"]].append(deal)
        return {key: then.stood(deals) for key, deals in groups.items()}

    def lead_stages_of(self, start: float, end: float) -> dict[str, Record]:
        groups = defaultdict(list)
        then = self.at(end)
        for lead in then.leads.values():
            if start <= lead["created"] < end:
                groups[lead["stage"]].append(lead)
        return {key: then.stood(leads) for key, leads in groups.items()}

    def furthest(self, deal: Record, pipeline: int) -> str | None:
        known = [s for _, p, s in deal["path"] if p == pipeline and self.stages.get((p, s), ("F", 0))[0] != "F"]
        return max(known, key=lambda s: self.stages[pipeline, s][1], default=None)

    def losses(self, start: float, end: float, filters: Filters) -> dict[tuple[str, str, str | None], Record]:
        groups = defaultdict(list)
        for deal in self.sales(filters):
            if deal["lost"] is not None and start <= deal["lost"] < end:
                groups[str(deal["pipeline"]), deal["stage"], self.furthest(deal, deal["pipeline"])].append(deal)
        return {
            k: {"count": len(v), "amount": money(v), "days_median": middle((d["lost"] - d["created"]) / DAY for d in v)}
            for k, v in groups.items()
        }

    def funnel(self, start: float, end: float) -> dict[tuple[str, str], Record]:
        """Stages in work and the success stage; a deal lost beyond an earlier success stage is lost at it."""
        found: dict[tuple[str, str], Record] = {}
        for (pipeline, stage), (semantic, sort) in self.stages.items():
            last = self.success.get(pipeline)
            if self.kind(pipeline, stage) == "X" or semantic == "F" or (last and sort > self.stages[pipeline, last][1]):
                continue
            row: Record = {"entered": 0, "reached": 0, "lost_here": 0, "moved_out_here": 0, "returned": 0}
            stays = []
            for deal in self.deals.values():
                path = deal["path"]
                here = [n for n, (_, p, s) in enumerate(path) if (p, s) == (pipeline, stage)]
                if not start <= deal["created"] < end or all(p != pipeline for _, p, _ in path):
                    continue
                furthest = self.furthest(deal, pipeline)
                limit = self.stages[pipeline, furthest][1] if furthest else -1
                row["entered"] += bool(here)
                row["reached"] += sort <= limit or (deal["won"] is not None and deal["pipeline"] == pipeline)
                reached = [
                    c
                    for (p, c), (kind, order) in self.stages.items()
                    if p == pipeline
                    and kind != "F"
                    and order <= limit
                    and not (last and order > self.stages[p, last][1])
                ]
                row["lost_here"] += (
                    deal["lost"] is not None
                    and deal["pipeline"] == pipeline
                    and bool(reached)
                    and stage == max(reached, key=lambda c: self.stages[pipeline, c][1])
                )
                left = [path[n + 1] for n in here if n + 1 < len(path)]
                row["moved_out_here"] += any(p != pipeline for _, p, _ in left)
                row["returned"] += any(
                    p == pipeline and self.stages.get((p, s), ("F", 0))[0] != "F" and self.stages[p, s][1] < sort
                    for _, p, s in left
                )
                if left:
                    stays.append(sum(path[n + 1][0] - path[n][0] for n in here if n + 1 < len(path)) / DAY)
            found[str(pipeline), stage] = {**row, "stage_days_median": middle(stays)}
        return found

    # -- section 2 -------------------------------------------------------------------------------------------------

    def counts(self, row: Record) -> bool:
        """Activities of deals outside sales are no part of sales figures."""
        owner = self.deals.get(row["OWNER_ID"]) if row["OWNER_TYPE_ID"] == 2 else None
        return owner is None or owner["sales"]

    def activity(self, start: float, end: float) -> dict[str, Record]:
        counted: dict[int, Counter[str]] = defaultdict(Counter)
        for row in self.activities:
            kind = kind_of(row)
            if not self.counts(row) or not start <= (row["START_TIME"] or row["CREATED"]) < end:
                continue
            if kind == "calls_in" and row["SETTINGS"]:
                counted[row["RESPONSIBLE_ID"]]["calls_missed"] += 1
            elif kind in WEIGHTS and row["COMPLETED"] == "Y":
                counted[row["RESPONSIBLE_ID"]][kind] += 1
        points = {m: sum(WEIGHTS[k] * n for k, n in c.items() if k in WEIGHTS) for m, c in counted.items()}
        then = self.at(end).deals.values()
        busy = {d["manager"] for d in then if d["sales"] and d["status"] == "in_work"} | {
            m for m, p in points.items() if p
        }
        sellers = {m for m in busy if self.people.get(m, {"ACTIVE": "Y"})["ACTIVE"] == "Y"}
        yardstick = middle(points.get(m, 0.0) for m in sellers) if len(sellers) > 2 else None
        return {
            str(m): {
                **{k: c[k] for k in (*WEIGHTS, "calls_missed")},
                "activity_points": points[m],
                "activity_index": 100 * points[m] / yardstick if yardstick else None,
            }
            for m, c in counted.items()
        }

    # -- section 4 -------------------------------------------------------------------------------------------------

    def sources(self, start: float, end: float) -> dict[str | None, Record]:
        names = (
            "leads_created",
            "lead_to_deal_num",
            "lead_to_won_num",
            "junk_share_num",
            "deals_created",
            "created_won",
        )
        found: dict[str | None, Record] = defaultdict(lambda: dict.fromkeys(names, 0))
        of_lead, won = defaultdict(list), defaultdict(list)
        for deal in self.deals.values():
            of_lead[deal["LEAD_ID"]].append(deal)
            if deal["sales"] and start <= deal["created"] < end:
                found[deal["source"]]["deals_created"] += 1
                found[deal["source"]]["created_won"] += deal["won"] is not None
                won[deal["source"]] += [deal] if deal["won"] is not None else []
        for lead in self.leads.values():
            if start <= lead["created"] < end:
                row, deals = found[lead["source"]], of_lead[lead["id"]]
                row["leads_created"] += 1
                row["lead_to_deal_num"] += bool(deals)
                row["lead_to_won_num"] += any(d["won"] is not None for d in deals)
                row["junk_share_num"] += lead["status"] == "lost"
        for source, row in found.items():
            row["won_amount"] = money(won[source])
            row["created_cycle_median"] = middle((d["won"] - d["created"]) / DAY for d in won[source])
            row["lead_to_won"], row["deal_to_won"] = (
                share(row["lead_to_won_num"], row["leads_created"]),
                share(row["created_won"], row["deals_created"]),
            )
        return dict(found)

    # -- section 5 -------------------------------------------------------------------------------------------------

    def team(self, start: float, end: float, tasks: list[Record]) -> Record:
        def within(moment: float | None) -> bool:
            return moment is not None and start <= moment < end

        def planned(task: Record) -> float:
            at = datetime.fromtimestamp(task["START_DATE_PLAN"], self.zone)
            return (
                self.midnight(at.date() + timedelta(days=1)) - 1e-3
                if (at.hour, at.minute, at.second) == (0, 0, 0)
                else float(task["START_DATE_PLAN"])
            )

        to_start = [t for t in tasks if within(t["START_DATE_PLAN"]) and t["START_DATE_PLAN"] < self.as_of]
        to_finish = [t for t in tasks if within(t["DEADLINE"]) and t["DEADLINE"] < self.as_of]
        begun = [t for t in to_start if (t["DATE_START"] or t["CLOSED_DATE"] or FOREVER) <= planned(t)]
        done = [t for t in to_finish if (t["CLOSED_DATE"] or FOREVER) <= t["DEADLINE"]]
        start_on_time, finish_on_time = share(len(begun), len(to_start)), share(len(done), len(to_finish))
        completed = [t for t in tasks if within(t["CLOSED_DATE"])]
        moment = min(end, self.as_of)
        then = [t for t in tasks if t["CREATED_DATE"] <= moment]

        def status(task: Record) -> int:
            if moment < self.as_of and (task["CLOSED_DATE"] or 0) > moment:
                return 3 if task["DATE_START"] and task["DATE_START"] <= moment else 2
            is_begun_later = moment < self.as_of and task["STATUS"] == 3 and (task["DATE_START"] or 0) > moment
            return 2 if is_begun_later else int(task["STATUS"])

        return {
            "set": sum(within(t["CREATED_DATE"]) for t in tasks),
            "completed": len(completed),
            "completed_on_time": sum(bool(t["DEADLINE"]) and t["CLOSED_DATE"] <= t["DEADLINE"] for t in completed),
            "completed_late": sum(bool(t["DEADLINE"]) and t["CLOSED_DATE"] > t["DEADLINE"] for t in completed),
            "overdue": sum(
                (not t["CLOSED_DATE"] or t["CLOSED_DATE"] > moment) and bool(t["DEADLINE"]) and t["DEADLINE"] < moment
                for t in then
            ),
            "not_started": sum(status(t) == 2 for t in then),
            "in_progress": sum(status(t) == 3 for t in then),
            "start_on_time_num": len(begun),
            "start_on_time_den": len(to_start),
            "finish_on_time_num": len(done),
            "finish_on_time_den": len(to_finish),
            "start_on_time": start_on_time,
            "finish_on_time": finish_on_time,
            "execution": None if start_on_time is None or finish_on_time is None else start_on_time * finish_on_time,
        }

    # -- section 6 -------------------------------------------------------------------------------------------------

    def idle(self) -> dict[tuple[int, int], int]:
        """(owner type, id) of every card -> whole days since anybody touched it."""
        touched: dict[tuple[int, int], float] = {}
        for kind, cards in ((2, self.deals), (1, self.leads)):
            for card in cards.values():
                moments = [
                    card["created"],
                    card["MOVED_TIME"],
                    card["LAST_ACTIVITY_TIME"],
                    card["LAST_COMMUNICATION_TIME"],
                    *(step[0] for step in card["path"]),
                ]
                touched[kind, card["id"]] = max(m for m in moments if m and m <= self.as_of)
        known = {r["ID"]: r for r in self.activities}
        for activity, card in self.bindings:
            if card in touched and activity in known:
                row = known[activity]
                touched[card] = max(
                    touched[card],
                    row["CREATED"],
                    min(self.as_of, row["LAST_UPDATED"]) if row["COMPLETED"] == "Y" else 0,
                )
        for row in self.comments:
            card = (2 if row["ENTITY_TYPE"] == "deal" else 1, row["ENTITY_ID"])
            if card in touched and row["CREATED"] <= self.as_of:
                touched[card] = max(touched[card], row["CREATED"])
        return {card: math.floor((self.as_of - moment) / DAY) for card, moment in touched.items()}

    def forgotten(self, filters: Filters, lead_days: int, deal_days: int) -> Record:
        idle = self.idle()
        deals = [d for d in self.sales(filters) if d["status"] == "in_work"]
        leads = [lead for lead in self.leads.values() if lead["status"] == "in_work" and self.keeps(lead, filters)]
        silent, quiet = (
            [d for d in deals if idle[2, d["id"]] >= deal_days],
            [lead for lead in leads if idle[1, lead["id"]] >= lead_days],
        )
        return {
            "deals_forgotten": len(silent),
            "leads_forgotten": len(quiet),
            "deals_forgotten_amount": money(silent),
            "deals_forgotten_share": share(len(silent), len(deals)),
            "leads_forgotten_share": share(len(quiet), len(leads)),
        }

    # -- section 7 -------------------------------------------------------------------------------------------------

    def overdue(self, filters: Filters) -> Record:
        def mine(row: Record) -> bool:
            return all(
                set(chosen)
                & ({str(row["RESPONSIBLE_ID"])} if name == "manager" else self.departments(row["RESPONSIBLE_ID"]))
                for name, chosen in filters.items()
            )

        def owner(row: Record) -> Record | None:
            return {2: self.deals, 1: self.leads}.get(row["OWNER_TYPE_ID"], {}).get(row["OWNER_ID"])

        opened = [r for r in self.activities if r["COMPLETED"] != "Y" and self.counts(r)]
        planned = {
            card
            for activity, card in self.bindings
            if any(r["ID"] == activity for r in self.activities if r["COMPLETED"] != "Y")
        }
        shown = [r for r in opened if mine(r)]
        late = [r for r in shown if r["DEADLINE"] and r["DEADLINE"] < self.as_of]
        days = [(self.as_of - r["DEADLINE"]) / DAY for r in late]
        cards = [(2, d) for d in self.sales(filters)] + [
            (1, lead) for lead in self.leads.values() if self.keeps(lead, filters)
        ]
        return {
            "open": len(shown),
            "overdue": len(late),
            "overdue_share": share(len(late), len(shown)),
            "overdue_days_median": middle(days),
            "oldest_days": max(days, default=None),
            "overdue_today": sum(r["DEADLINE"] >= self.midnight(self.local_day(self.as_of)) for r in late),
            "incoming_unprocessed": sum(
                kind_of(r) in ("calls_in", "emails_in", "form") or (kind_of(r) == "messages" and is_incoming(r))
                for r in shown
            ),
            "on_closed_cards": sum(card is not None and card["status"] != "in_work" for card in map(owner, shown)),
            "no_next_step": sum(
                card["status"] == "in_work" and (kind, card["id"]) not in planned for kind, card in cards
            ),
        }
