"""metrics.md section 8 read once more, in plain Python over a portal's own tables.

Nothing of the application is used. A field is the portal's own value, a check a sentence about one card.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.protocol.plain_reading import DAY, Reading, Record, p90

WORDS = {"", "-", ".", "тест", "test", "нет", "xxx"}
SYSTEM = {
    "deal": "TITLE OPPORTUNITY CURRENCY_ID CONTACT_ID COMPANY_ID SOURCE_ID ASSIGNED_BY_ID TYPE_ID BEGINDATE CLOSEDATE",
    "lead": "TITLE OPPORTUNITY CURRENCY_ID CONTACT_ID COMPANY_ID HAS_PHONE HAS_EMAIL SOURCE_ID ASSIGNED_BY_ID",
}
MARKS = ("UTM_SOURCE", "UTM_MEDIUM", "UTM_CAMPAIGN", "UTM_CONTENT", "UTM_TERM")
TEXTS = {"string", "url", "address"}


def is_placeholder(value: str) -> bool:
    text = value.strip().lower()
    return text in WORDS or (len(text) > 1 and set(text) == {text[0]})


def is_filled(value: Any, kind: str) -> bool:
    """A value of an own field as the portal keeps it: several of them are a JSON list."""
    if value is None or value == "":
        return False
    several = json.loads(value) if isinstance(value, str) and value.startswith("[") else [value]
    return any(_one(part, kind) for part in several)


def _one(value: Any, kind: str) -> bool:
    if kind == "money":
        return float(str(value).partition("|")[0] or 0) != 0
    if kind == "address":
        return not is_placeholder(str(value).partition("|")[0])
    if kind in TEXTS:
        return not is_placeholder(str(value))
    return value not in (None, "")


class Audit:
    """Every card of the portal at as-of: which fields are filled, which checks it violates."""

    def __init__(self, reading: Reading, database: Path) -> None:
        self.reading = reading
        con = sqlite3.connect(database)
        con.row_factory = sqlite3.Row
        self.kinds: dict[str, dict[str, str]] = {"deal": {}, "lead": {}}
        for row in con.execute("SELECT * FROM userfields WHERE ENTITY_ID IN ('CRM_DEAL', 'CRM_LEAD')"):
            self.kinds[row["ENTITY_ID"].removeprefix("CRM_").lower()][row["FIELD_NAME"]] = row["USER_TYPE_ID"]
        first: dict[tuple[str, int], tuple[int, str]] = {}
        for row in con.execute("SELECT * FROM statuses WHERE ENTITY_ID = 'STATUS' OR ENTITY_ID LIKE 'DEAL_STAGE%'"):
            lead = row["ENTITY_ID"] == "STATUS"
            pipeline = 0 if lead else int(row["ENTITY_ID"].removeprefix("DEAL_STAGE").removeprefix("_") or 0)
            key = ("lead" if lead else "deal", pipeline)
            first[key] = min(first.get(key, (10**9, "")), (row["SORT"], row["STATUS_ID"]))
        self.first = {key: stage for key, (_, stage) in first.items()}
        self.at_work = {
            r["ID"]
            for r in con.execute("SELECT * FROM users WHERE ACTIVE = 'Y'")
            if self.reading.departments(r["ID"]) != {"none"}
        }
        con.close()
        self.cards = [("deal", d) for d in reading.deals.values() if d["sales"]]
        self.cards += [("lead", lead) for lead in reading.leads.values()]
        self.with_deal = {d["LEAD_ID"] for d in reading.deals.values() if d["LEAD_ID"]}
        stays: dict[tuple[int, str], dict[int, float]] = defaultdict(lambda: defaultdict(float))
        for deal in reading.deals.values():
            if deal["sales"] and deal["status"] == "won":
                for (since, pipeline, stage), (until, _, _) in zip(deal["path"], deal["path"][1:], strict=False):
                    if reading.kind(pipeline, stage) == "P":
                        stays[pipeline, stage][deal["id"]] += (until - since) / DAY
        self.norms = {key: p90(of_deals.values()) for key, of_deals in stays.items()}
        alike: dict[Any, list[Record]] = defaultdict(list)
        for entity, card in self.cards:
            client = ("contact", card["CONTACT_ID"]) if card["CONTACT_ID"] else ("company", card["COMPANY_ID"])
            if client[1] and card["amount"] is not None and card["amount"] > 0:
                alike[entity, client, card["amount"]].append(card)
        self.twins = {
            (key[0], one["id"])
            for key, cards in alike.items()
            for one in cards
            for other in cards
            if other is not one and abs(one["created"] - other["created"]) <= 7 * DAY
        }

    def fields(self, entity: str) -> list[str]:
        return [*SYSTEM[entity].split(), *MARKS, *self.kinds[entity]]

    def filled(self, entity: str, card: Record, field: str) -> bool:
        if field in self.kinds[entity]:
            return is_filled(card[field], self.kinds[entity][field])
        value = card[field]
        if field == "OPPORTUNITY":
            return bool(value)
        if field in ("HAS_PHONE", "HAS_EMAIL"):
            return bool(value == "Y")
        if field == "TITLE" or field in MARKS:
            return value is not None and not is_placeholder(value)
        return value not in (None, "", 0)

    def missing(self, entity: str, card: Record) -> set[str]:
        """Required fields that are empty: from the second stage on, the usual ones."""
        if card["stage"] == self.first[entity, card.get("pipeline", 0)]:
            return set()
        wanted = {"OPPORTUNITY", "SOURCE_ID"}
        found = {name for name in wanted if not self.filled(entity, card, name)}
        return found | (set() if card["CONTACT_ID"] or card["COMPANY_ID"] else {"CLIENT"})

    def violated(self, entity: str, card: Record) -> set[str]:
        open_ = card["status"] == "in_work"
        today = self.reading.local_day(self.reading.as_of)
        deal = entity == "deal"
        norm = self.norms.get((card["pipeline"], card["stage"])) if deal else None
        said = {
            "required_empty": bool(self.missing(entity, card)),
            "no_amount": not card["OPPORTUNITY"] and card["stage"] != self.first[entity, card.get("pipeline", 0)],
            "planned_close_past": deal
            and open_
            and bool(card["CLOSEDATE"])
            and date.fromisoformat(card["CLOSEDATE"]) < today,
            "no_client": not card["CONTACT_ID"] and not card["COMPANY_ID"],
            "owner_gone": card["manager"] not in self.at_work,
            "stuck": open_ and norm is not None and (self.reading.as_of - card["entered"]) / DAY > norm,
            "converted_without_deal": not deal and card["status"] == "won" and card["id"] not in self.with_deal,
            "duplicate": (entity, card["id"]) in self.twins,
            "closed_at_once": card["status"] == "won" and card["closed"] - card["created"] <= 300,
        }
        return {check for check, is_so in said.items() if is_so}

    def created(self, start: float, end: float) -> list[tuple[str, Record]]:
        return [(entity, card) for entity, card in self.cards if start <= card["created"] < end]

    def recent(self) -> list[tuple[str, Record]]:
        last = self.reading.local_day(self.reading.as_of)
        return [(e, c) for e, c in self.cards if self.reading.local_day(c["created"]) > last - timedelta(days=90)]

    def week(self, card: Record) -> str:
        year, week, _ = self.reading.local_day(card["created"]).isocalendar()
        return f"{year}-W{week:02d}"
