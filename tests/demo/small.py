"""A company of a few known records, written by hand, so that a test can say exactly what an answer must be."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from dash_app.demo.fields import ENTITIES, NO_DEADLINE, index_sql, table_sql


def at(text: str) -> int:
    """Epoch seconds of a moment in Moscow."""
    return int(datetime.fromisoformat(text + "+03:00").timestamp())


NOON = at("2026-08-30T12:00:00")

STAGES = [
    ("DEAL_STAGE", "NEW", "Новая", 10, None, 0),
    ("DEAL_STAGE", "WON", "Успех", 20, "S", 0),
    ("DEAL_STAGE", "LOSE", "Провал", 30, "F", 0),
    ("DEAL_STAGE_5", "C5:NEW", "Новая", 10, None, 5),
    ("DEAL_STAGE_5", "C5:EXECUTING", "В работе", 20, None, 5),
    ("DEAL_STAGE_5", "C5:WON", "Успех", 30, "S", 5),
    ("DEAL_STAGE_5", "C5:LOSE", "Провал", 40, "F", 5),
    ("STATUS", "NEW", "Новый", 10, None, None),
    ("STATUS", "IN_PROCESS", "В работе", 20, None, None),
    ("STATUS", "CONVERTED", "Хороший", 30, "S", None),
    ("STATUS", "JUNK", "Плохой", 40, "F", None),
    ("SOURCE", "WEB", "Сайт", 10, None, None),
    ("SOURCE", "CALL", "Звонок", 20, None, None),
]


def insert(db: sqlite3.Connection, table: str, **values: Any) -> None:
    """One row; columns that are not named get their default."""
    names = ", ".join(values)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})", list(values.values()))


def small_company(path: Path, deals: int = 120) -> Path:
    """Deal 1 is described in full, the rest follow a rule by their id.

    Users: 1 the director (zone Yekaterinburg), 7 a manager of department 5, 8 a dismissed one without department.
    """
    db = sqlite3.connect(path)
    for table in ENTITIES:
        db.execute(table_sql(table))
    for statement in index_sql():
        db.execute(statement)
    insert(
        db,
        "users",
        ID=1,
        ACTIVE="Y",
        NAME="Анна",
        LAST_NAME="Петрова",
        TIME_ZONE="Asia/Yekaterinburg",
        UF_DEPARTMENT="[1]",
        EMAIL="anna@example.com",
        DATE_REGISTER=NOON,
        PERSONAL_GENDER="F",
        IS_ADMIN="Y",
    )
    insert(
        db, "users", ID=7, ACTIVE="Y", NAME="Иван", LAST_NAME="Сидоров", UF_DEPARTMENT="[1, 5]", EMAIL="i@example.com"
    )
    insert(db, "users", ID=8, ACTIVE="N", NAME="Олег", LAST_NAME="Ушёл")
    insert(db, "users", ID=9, ACTIVE="Y", NAME="Ольга", LAST_NAME="Юрьева", UF_DEPARTMENT="[6]")
    insert(db, "departments", ID=1, NAME="Компания", SORT=500, UF_HEAD=1)
    insert(db, "departments", ID=6, NAME="Снабжение", SORT=200, PARENT=1)
    insert(db, "departments", ID=5, NAME="Продажи", SORT=100, PARENT=1, UF_HEAD=7)
    insert(db, "categories", ID=0, NAME="Общая", SORT=300, IS_DEFAULT="Y")
    insert(db, "categories", ID=5, NAME="Повторные", SORT=200, IS_DEFAULT="N")
    for number, (entity, status, name, sort, semantics, category) in enumerate(STAGES, 101):
        extra = '{"SEMANTICS":"process","COLOR":"#39A8EF"}' if entity.startswith(("DEAL_", "STATUS")) else None
        insert(
            db,
            "statuses",
            ID=number,
            ENTITY_ID=entity,
            STATUS_ID=status,
            NAME=name,
            SORT=sort,
            SEMANTICS=semantics,
            CATEGORY_ID=category,
            EXTRA=extra,
            SYSTEM="Y" if semantics == "S" else "N",
        )
    insert(
        db,
        "currencies",
        CURRENCY="RUB",
        AMOUNT_CNT=1,
        AMOUNT="1.0000",
        SORT=100,
        BASE="Y",
        DECIMALS=2,
        DATE_UPDATE=NOON,
    )
    insert(
        db,
        "currencies",
        CURRENCY="USD",
        AMOUNT_CNT=1,
        AMOUNT="92.5000",
        SORT=200,
        BASE="N",
        DECIMALS=2,
        DATE_UPDATE=NOON,
    )
    insert(
        db,
        "userfields",
        ID=302,
        ENTITY_ID="CRM_DEAL",
        FIELD_NAME="UF_CRM_1698240002",
        USER_TYPE_ID="enumeration",
        SORT=110,
        MULTIPLE="Y",
        MANDATORY="N",
        SETTINGS='{"DISPLAY":"LIST"}',
        EDIT_FORM_LABEL='{"ru":"Продукты","en":"Products"}',
        LIST_COLUMN_LABEL='{"ru":"Продукты","en":"Products"}',
        LIST_FILTER_LABEL='{"ru":"Продукты","en":"Products"}',
        LIST='[{"ID":"61","SORT":"10","VALUE":"Станки","DEF":"N","XML_ID":"a"}]',
    )
    insert(
        db,
        "deals",
        ID=1,
        TITLE="Станок <b>№ 1</b> 🙂",
        STAGE_ID="C5:NEW",
        STAGE_SEMANTIC_ID="P",
        CATEGORY_ID=5,
        CURRENCY_ID="RUB",
        OPPORTUNITY=10_000_050,
        COMPANY_ID=None,
        CONTACT_ID=84,
        ASSIGNED_BY_ID=7,
        CREATED_BY_ID=1,
        MODIFY_BY_ID=7,
        BEGINDATE="2026-08-30",
        CLOSEDATE=None,
        DATE_CREATE=at("2026-08-30T14:29:00"),
        DATE_MODIFY=at("2026-08-31T09:00:05"),
        MOVED_TIME=at("2026-08-31T09:00:05"),
        MOVED_BY_ID=7,
        LAST_COMMUNICATION_TIME=at("2026-08-31T09:00:05"),
        SOURCE_ID="WEB",
        CLOSED="N",
        UF_CRM_1698240001=45,
        UF_CRM_1698240002="[61,62]",
        UF_CRM_1698240003=1,
        UF_CRM_1698240005=12,
        UF_CRM_1698240006=7.5,
        UF_CRM_1698240009="|RUB",
    )
    for number in range(2, deals + 1):
        won = number % 10 == 0
        insert(
            db,
            "deals",
            ID=number,
            TITLE=f"Заказ {number}",
            STAGE_ID="WON" if won else "NEW",
            STAGE_SEMANTIC_ID="S" if won else "P",
            CATEGORY_ID=0,
            CURRENCY_ID="USD" if number % 7 == 0 else "RUB",
            OPPORTUNITY=number * 10_000,
            ASSIGNED_BY_ID=(7, 8, 9)[number % 3],
            CREATED_BY_ID=1,
            MODIFY_BY_ID=1,
            DATE_CREATE=NOON + number * 60,
            DATE_MODIFY=NOON + number * 60,
            CLOSED="Y" if won else "N",
            SOURCE_ID=None if number % 2 else "CALL",
            LEAD_ID=number if number <= 5 else None,
        )
    for number in range(1, deals + 1):
        stage, category = ("C5:NEW", 5) if number == 1 else ("NEW", 0)
        insert(
            db,
            "deal_history",
            ID=number,
            TYPE_ID=1,
            OWNER_ID=number,
            CREATED_TIME=NOON,
            CATEGORY_ID=category,
            STAGE_ID=stage,
            STAGE_SEMANTIC_ID="P",
        )
    for number in range(1, 61):
        insert(
            db,
            "leads",
            ID=number,
            TITLE=f"Лид {number}",
            STATUS_ID="NEW",
            STATUS_SEMANTIC_ID="P",
            ASSIGNED_BY_ID=7,
            DATE_CREATE=NOON,
            DATE_MODIFY=NOON,
            OPPORTUNITY=0,
            CURRENCY_ID="RUB",
            PHONE="+79001234567" if number == 1 else None,
            HAS_PHONE="Y" if number == 1 else "N",
        )
        insert(
            db,
            "lead_history",
            ID=number,
            TYPE_ID=1,
            OWNER_ID=number,
            CREATED_TIME=NOON,
            STATUS_ID="NEW",
            STATUS_SEMANTIC_ID="P",
        )
    insert(db, "contacts", ID=84, NAME="Пётр", ASSIGNED_BY_ID=7, DATE_CREATE=NOON, DATE_MODIFY=NOON)
    insert(
        db,
        "activities",
        ID=1,
        OWNER_ID=84,
        OWNER_TYPE_ID=3,
        TYPE_ID=4,
        PROVIDER_ID="CRM_EMAIL",
        SUBJECT="Письмо",
        CREATED=NOON,
        LAST_UPDATED=NOON,
        START_TIME=NOON + 500,
        END_TIME=NOON + 500,
        DEADLINE=NO_DEADLINE,
        COMPLETED="N",
        RESPONSIBLE_ID=7,
        DIRECTION=1,
        IS_INCOMING_CHANNEL="Y",
    )
    insert(
        db,
        "activities",
        ID=2,
        OWNER_ID=1,
        OWNER_TYPE_ID=2,
        TYPE_ID=2,
        PROVIDER_ID="VOXIMPLANT_CALL",
        SUBJECT="Звонок",
        CREATED=NOON,
        LAST_UPDATED=NOON,
        START_TIME=NOON,
        END_TIME=NOON + 90,
        DEADLINE=NO_DEADLINE,
        COMPLETED="N",
        RESPONSIBLE_ID=7,
        DIRECTION=1,
        SETTINGS='{"MISSED_CALL":true}',
        ORIGIN_ID="VI_external.7",
    )
    for activity, kind, owner in ((1, 3, 84), (1, 2, 1), (1, 2, 2), (2, 2, 1)):
        insert(db, "activity_bindings", ACTIVITY_ID=activity, OWNER_TYPE_ID=kind, OWNER_ID=owner)
    for number in range(1, 56):
        insert(
            db,
            "tasks",
            ID=number,
            TITLE=f"Задача {number}",
            STATUS=4 if number == 2 else 3,
            PRIORITY=1,
            CREATED_BY=1,
            RESPONSIBLE_ID=7,
            CREATED_DATE=NOON,
            CHANGED_DATE=NOON,
            GROUP_ID=5 if number == 1 else None,
            DEADLINE=NOON if number == 1 else None,
            UF_CRM_TASK='["D_1"]' if number == 1 else None,
            TAGS='["срочно"]' if number == 1 else None,
            AUDITORS='["9"]' if number == 1 else None,
        )
    insert(
        db,
        "workgroups",
        ID=5,
        NAME="Склад",
        OWNER_ID=7,
        NUMBER_OF_MEMBERS=3,
        PROJECT="Y",
        TYPE="project",
        DATE_CREATE=NOON,
    )
    insert(db, "comments", ID=1, ENTITY_ID=1, ENTITY_TYPE="deal", CREATED=NOON, COMMENT="Перезвонить", AUTHOR_ID=9)
    db.commit()
    db.close()
    return path
