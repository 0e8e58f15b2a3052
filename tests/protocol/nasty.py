"""A company of hard cases: everything a portal may hold and a report must not stumble over, mixed by a seed.

Same-named stages in two pipelines, a success stage set earlier, tunnels out of success and back, reopened and twice lost deals, cards without
history, deleted stages and sources, amounts missing or in a currency without a rate, people dismissed, unknown, in two departments and in
none, templates, one lead with two deals, activities bound to several cards and owned by the client, calls of nine and of ten seconds,
tasks planned for a day, deferred, finished without a start – and every kind of moment at a midnight in Moscow and a second before it.
"""

from __future__ import annotations

import json
import random
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

from dash_app.demo.fields import ENTITIES, NO_DEADLINE, index_sql, table_sql
from tests.demo.small import at, insert

TODAY = date(2026, 11, 20)
NOW = at("2026-11-20T00:30:00")
DAY = 86_400
Stage = tuple[str, str, int, str | None]
STAGES: dict[int, list[Stage]] = {
    0: [
        ("NEW", "Новая", 10, None),
        ("PREP", "В работе", 20, "P"),
        ("UC_X", "Счёт", 30, None),
        ("WON", "Успех", 40, "S"),
        ("LOSE", "Провал", 50, "F"),
        ("APOLOGY", "Отказ", 60, "F"),
    ],
    5: [
        ("C5:NEW", "Новая", 10, None),
        ("C5:EXEC", "В работе", 20, None),
        ("C5:PREPAY", "Предоплата", 30, None),
        ("C5:SHIP", "Отгрузка", 40, None),
        ("C5:WON", "Успех", 50, "S"),
        ("C5:LOSE", "Провал", 60, "F"),
    ],
    9: [
        ("C9:NEW", "Новая", 10, None),
        ("C9:MAKE", "Делаем", 20, None),
        ("C9:WON", "Сделано", 30, "S"),
        ("C9:LOSE", "Брак", 40, "F"),
    ],
    3: [("C3:NEW", "Новая", 10, None), ("C3:WON", "Да", 30, "S"), ("C3:LOSE", "Нет", 40, "F")],
}
DELETED = {0: "UC_DEL", 5: "C5:OLD"}
ROLES = {9: "after-sale", 3: "other"}
SUCCESS = {5: "C5:PREPAY"}
LEAD_STAGES: list[Stage] = [
    ("NEW", "Новый", 10, None),
    ("IN_PROCESS", "В работе", 20, None),
    ("CONVERTED", "Хороший", 30, "S"),
    ("JUNK", "Плохой", 40, "F"),
    ("JUNK2", "Спам", 50, "F"),
]
SOURCES = ["WEB", "CALL", "ADV", *(f"S{n}" for n in range(8))]
PEOPLE = [
    (1, "Y", [1]),
    (7, "Y", [1, 5]),
    (8, "N", []),
    (9, "Y", [6]),
    (10, "Y", [5, 6]),
    (11, "Y", []),
    (12, "Y", [7]),
    (14, "N", [5]),
]
DEPARTMENTS = {1: None, 5: 1, 6: 1, 7: 5}
RATES = {"RUB": (1, "1.0000"), "USD": (1, "92.5000"), "KZT": (100, "17.2500")}
RESPONSIBLE = [1, 7, 7, 7, 8, 9, 9, 10, 10, 11, 12, 14, 77]
KINDS = [
    ("VOXIMPLANT_CALL", 2),
    ("CRM_EMAIL", 4),
    ("CRM_SMS", 6),
    ("IMOPENLINES_SESSION", 6),
    ("CRM_MEETING", 1),
    ("CRM_TODO", 6),
    ("CRM_TASKS_TASK", 6),
    ("CRM_WEBFORM", 6),
    ("CRM_WHATSAPP", 6),
    ("WEIRD", 6),
    (None, 1),
    (None, 2),
    (None, 4),
]
BORDERS = [
    at(f"{day}T00:00:00")
    for day in ("2026-10-01", "2026-11-01", "2026-09-01", "2026-01-01", "2025-11-01", "2024-02-29", "2024-03-01")
]


def semantic(stages: list[Stage], stage: str) -> str:
    return next((kind for code, _, _, kind in stages if code == stage and kind), "P")


class Company:
    """Writes one company; ``histories``: False leaves some cards without stage history."""

    def __init__(self, path: Path, seed: int, *, deals: int = 110, leads: int = 70, histories: bool = True) -> None:
        self.random, self.deals, self.leads, self.histories = random.Random(seed), deals, leads, histories
        self.db = sqlite3.connect(path)
        for table in ENTITIES:
            self.db.execute(table_sql(table))
        for statement in index_sql():
            self.db.execute(statement)
        self._directories()
        self._leads()
        self._deals()
        self._activities(420)
        self._tasks(110)
        self.db.commit()
        self.db.close()

    def _add(self, table: str, **values: Any) -> None:
        insert(self.db, table, **values)

    def _directories(self) -> None:
        for number, active, own in PEOPLE:
            zone = "Asia/Yekaterinburg" if number == 1 else None
            self._add(
                "users",
                ID=number,
                ACTIVE=active,
                NAME=f"Имя{number}",
                LAST_NAME="Фамилия",
                UF_DEPARTMENT=json.dumps(own) if own else None,
                IS_ADMIN="N",
                TIME_ZONE=zone,
            )
        for number, parent in DEPARTMENTS.items():
            self._add("departments", ID=number, NAME=f"Отдел {number}", SORT=500, PARENT=parent)
        for number in STAGES:
            self._add(
                "categories", ID=number, NAME=f"Воронка {number}", SORT=100 + number, IS_DEFAULT="N" if number else "Y"
            )
        listed = [
            (f"DEAL_STAGE_{p}" if p else "DEAL_STAGE", *stage, p) for p, stages in STAGES.items() for stage in stages
        ]
        listed += [("STATUS", *stage, 0) for stage in LEAD_STAGES] + [
            ("SOURCE", code, code, 10, None, 0) for code in SOURCES
        ]
        for number, (entity, code, name, sort, kind, pipeline) in enumerate(listed, 101):
            self._add(
                "statuses",
                ID=number,
                ENTITY_ID=entity,
                STATUS_ID=code,
                NAME=name,
                SORT=sort,
                SEMANTICS=kind,
                CATEGORY_ID=pipeline,
                SYSTEM="N",
            )
        for code, (count, amount) in RATES.items():
            self._add(
                "currencies",
                CURRENCY=code,
                AMOUNT_CNT=count,
                AMOUNT=amount,
                SORT=100,
                BASE="Y" if code == "RUB" else "N",
                DECIMALS=2,
                DATE_UPDATE=NOW,
            )
        for number in (5, 6):
            self._add(
                "workgroups",
                ID=number,
                NAME=f"Проект {number}",
                OWNER_ID=7,
                NUMBER_OF_MEMBERS=3,
                PROJECT="Y",
                TYPE="project",
                DATE_CREATE=NOW,
            )
        self._add(
            "contacts", ID=84, NAME="Пётр", ASSIGNED_BY_ID=7, DATE_CREATE=NOW - 400 * DAY, DATE_MODIFY=NOW - 400 * DAY
        )

    def _moment(self, after: int | None = None) -> int:
        pick, borders = self.random.random(), [b for b in BORDERS if after is None or b > after]
        if pick < 0.12 and borders:
            return self.random.choice(borders) - (pick < 0.04)
        if after is None:
            return int(NOW - self.random.choice([30, 70, 100, 400, 900]) * DAY * self.random.random())
        return min(NOW - 1, int(after + self.random.choice([0.02, 1, 10, 40]) * DAY * self.random.random()))

    def _without_history(self) -> bool:
        return not self.histories and self.random.random() < 0.08

    def _source(self) -> str | None:
        return self.random.choice([None, None, *SOURCES, "GONE", "WEB", "WEB", "CALL"])

    def _leads(self) -> None:
        choice, rows = self.random.choice, 0
        for number in range(1, self.leads + 1):
            created = moved = self._moment()
            path = [(created, choice(["NEW", "NEW", "NEW", "IN_PROCESS", "CONVERTED", "JUNK"]))]
            for _ in range(choice([0, 1, 1, 2, 3, 4])):
                then, stage = (
                    self._moment(moved),
                    choice(["NEW", "IN_PROCESS", "CONVERTED", "JUNK", "JUNK2", "GONE_STAGE"]),
                )
                if moved < then < NOW and stage != path[-1][1]:
                    moved = then
                    path.append((moved, stage))
            kept = [] if self._without_history() else path
            for then, stage in kept:
                rows += 1
                self._add(
                    "lead_history",
                    ID=rows,
                    TYPE_ID=2,
                    OWNER_ID=number,
                    CREATED_TIME=then,
                    STATUS_ID=stage,
                    STATUS_SEMANTIC_ID=semantic(LEAD_STAGES, stage),
                )
            stage, who = path[-1][1], choice(RESPONSIBLE)
            kind = semantic(LEAD_STAGES, stage)
            self._add(
                "leads",
                ID=number,
                TITLE=f"Лид {number}",
                STATUS_ID=stage,
                STATUS_SEMANTIC_ID=kind,
                ASSIGNED_BY_ID=who,
                CREATED_BY_ID=choice([1, who]),
                DATE_CREATE=created,
                DATE_MODIFY=moved,
                MOVED_TIME=moved if len(path) > 1 else None,
                DATE_CLOSED=None if kind == "P" else moved,
                OPPORTUNITY=choice([0, None, self.random.randint(1, 10**7)]),
                CURRENCY_ID=choice(["RUB", "USD", "EUR"]),
                SOURCE_ID=self._source(),
                IS_RETURN_CUSTOMER=choice("YNN"),
                CONTACT_ID=choice([None, 84]),
                LAST_ACTIVITY_TIME=created,
            )

    def _deals(self) -> None:
        choice, rows = self.random.choice, 0
        for number in range(1, self.deals + 1):
            created = moved = self._moment()
            pipeline = choice([0, 0, 0, 5, 5, 9, 3])
            path = [(created, pipeline, choice([STAGES[pipeline][0][0]] * 3 + [s[0] for s in STAGES[pipeline]]))]
            for _ in range(choice([0, 1, 1, 2, 3, 3, 4, 6])):
                then = self._moment(moved)
                pipeline = choice([0, 5, 9, 9, 3]) if self.random.random() < 0.12 else path[-1][1]
                stages = STAGES[pipeline]
                stage = choice(
                    [
                        *(s[0] for s in stages),
                        *(s[0] for s in stages if s[3] in ("S", "F")),
                        *([DELETED[pipeline]] if pipeline in DELETED else []),
                    ]
                )
                if moved < then < NOW and (pipeline, stage) != path[-1][1:]:
                    moved = then
                    path.append((moved, pipeline, stage))
            bare = self._without_history()
            for then, pipeline, stage in [] if bare else path:
                rows += 1
                self._add(
                    "deal_history",
                    ID=rows,
                    TYPE_ID=2,
                    OWNER_ID=number,
                    CREATED_TIME=then,
                    CATEGORY_ID=pipeline,
                    STAGE_ID=stage,
                    STAGE_SEMANTIC_ID=semantic(STAGES[pipeline], stage),
                )
            _, pipeline, stage = path[-1]
            kind, who = semantic(STAGES[pipeline], stage), choice(RESPONSIBLE)
            self._add(
                "deals",
                ID=number,
                TITLE=f"Сделка {number}",
                CATEGORY_ID=pipeline,
                STAGE_ID=stage,
                STAGE_SEMANTIC_ID=kind,
                IS_RECURRING="Y" if self.random.random() < 0.05 else "N",
                IS_RETURN_CUSTOMER=choice("YNN"),
                IS_REPEATED_APPROACH=choice("YNNN"),
                CURRENCY_ID=choice(["RUB", "RUB", "RUB", "USD", "KZT", "EUR", None]),
                OPPORTUNITY=choice([0, None, 1, *(self.random.randint(1, 10**8) for _ in range(6))]),
                LEAD_ID=choice([None, None, None, 1, 2, 3, self.random.randint(1, self.leads), 9999]),
                CONTACT_ID=choice([None, 84]),
                ASSIGNED_BY_ID=who,
                CREATED_BY_ID=choice([1, who]),
                MODIFY_BY_ID=1,
                DATE_CREATE=created,
                DATE_MODIFY=moved,
                CLOSEDATE=choice([None, "2020-01-01", "2026-10-15", "2027-05-05"]),
                CLOSED="N" if kind == "P" else "Y",
                MOVED_TIME=moved if len(path) > 1 and not (bare and choice([True, False])) else None,
                SOURCE_ID=self._source(),
                LAST_ACTIVITY_TIME=created,
            )

    def _card(self) -> tuple[int, int]:
        return self.random.choice([(2, self.random.randint(1, self.deals)), (1, self.random.randint(1, self.leads))])

    def _activities(self, count: int) -> None:
        choice = self.random.choice
        for number in range(1, count + 1):
            created, (provider, kind), way, done = (
                self._moment(),
                choice(KINDS),
                choice([0, 1, 1, 2, 2]),
                self.random.random() < 0.6,
            )
            owner = choice([self._card(), self._card(), (3, 84), (2, 99999)])
            start = choice([None, created, created, created + 3600])
            self._add(
                "activities",
                ID=number,
                OWNER_TYPE_ID=owner[0],
                OWNER_ID=owner[1],
                TYPE_ID=kind,
                PROVIDER_ID=provider,
                SUBJECT=f"Дело {number}",
                CREATED=created,
                LAST_UPDATED=max(created, min(NOW - 1, created + choice([0, 60, DAY * self.random.randint(0, 30)]))),
                START_TIME=start,
                END_TIME=start + choice([0, 9, 10, 600]) if start else None,
                DEADLINE=choice([None, NO_DEADLINE, created + DAY * self.random.randint(-2, 20), created + 7200]),
                COMPLETED="Y" if done else "N",
                STATUS=2 if done else 1,
                RESPONSIBLE_ID=choice(RESPONSIBLE),
                AUTHOR_ID=1,
                DIRECTION=way,
                IS_INCOMING_CHANNEL="Y" if way == 1 and choice([True, False]) else "N",
                SETTINGS='{"MISSED_CALL":true}' if kind == 2 and way == 1 and self.random.random() < 0.3 else None,
            )
            for kind_of, card in {owner, *(self._card() for _ in range(choice([0, 0, 1, 2])))}:
                self._add("activity_bindings", ACTIVITY_ID=number, OWNER_TYPE_ID=kind_of, OWNER_ID=card)
        for number in range(1, 40):
            entity, card = self._card()
            self._add(
                "comments",
                ID=number,
                ENTITY_ID=card,
                ENTITY_TYPE="deal" if entity == 2 else "lead",
                CREATED=self._moment(),
                COMMENT="!",
                AUTHOR_ID=9,
            )

    def _tasks(self, count: int) -> None:
        choice = self.random.choice
        for number in range(1, count + 1):
            created, status, who = self._moment(), choice([2, 3, 4, 5, 5, 6]), choice(RESPONSIBLE)
            later = created + DAY * self.random.randint(0, 20)
            midnight = later - (later + 3 * 3600) % DAY
            plan, deadline = (
                choice([None, later, midnight]),
                choice([None, created + DAY * self.random.randint(-1, 20), midnight]),
            )
            begun = choice([None, created + 100, *((plan, plan + DAY - 1, plan + DAY) if plan else ())])
            closed = (
                max(created, min(NOW - 1, choice([later, deadline or later, (deadline or later) + 1])))
                if status in (4, 5)
                else None
            )
            started = min(NOW - 1, begun) if begun and status != 2 else created + 1 if status == 3 else None
            self._add(
                "tasks",
                ID=number,
                TITLE=f"Задача {number}",
                STATUS=status,
                PRIORITY=1,
                CREATED_BY=choice([1, who, 9]),
                RESPONSIBLE_ID=who,
                CREATED_DATE=created,
                CHANGED_DATE=closed or created,
                GROUP_ID=choice([None, 5, 6]),
                DEADLINE=deadline,
                START_DATE_PLAN=plan,
                DATE_START=started,
                CLOSED_DATE=closed,
                TAGS=choice([None, '["срочно"]', '["склад","срочно"]']),
                STATUS_CHANGED_DATE=closed or created,
                ACTIVITY_DATE=created,
            )
