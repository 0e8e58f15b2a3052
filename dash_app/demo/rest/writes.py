"""Methods that change the company, with the side effects the portal has: stage history, CLOSED, DATE_MODIFY and so on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import orjson

from dash_app.demo.fields import NO_DEADLINE
from dash_app.demo.rest.clock import day_of, parse_day, parse_instant
from dash_app.demo.rest.columns import MOMENTS, NUMBERS, Column
from dash_app.demo.rest.entities import ACTIVITIES, CARDS, TASKS, TYPE_IDS, USERS, Card
from dash_app.demo.rest.filters import Condition
from dash_app.demo.rest.items import card_of, item_get
from dash_app.demo.rest.listing import read_json
from dash_app.demo.rest.php import as_list, as_map, floatval, intval, is_empty, truth
from dash_app.demo.rest.protocol import METHODS, Answer, Call, RestError, access_denied, not_found
from dash_app.demo.rest.tasks import task_get
from dash_app.demo.rest.visibility import only_visible

_COMMUNICATIONS = {"VOXIMPLANT_CALL", "CRM_EMAIL", "IMOPENLINES_SESSION", "CRM_WEBFORM"}
_TABLES = {card.type_id: card.entity.table for card in CARDS}
Row = dict[str, Any]


# ---- storing


def store(column: Column, value: Any) -> Any:
    """A value of a REST call as the column keeps it. What means "empty" becomes NULL."""
    if column.kind == "multifield":
        first = next(iter(as_list(value)), None)
        text = as_map(first).get("VALUE") if isinstance(first, dict) else first
        return str(text) if text else None
    if column.multiple or column.kind == "json":
        items = [item for item in as_list(value) if not is_empty(item)] if column.kind != "json" else value
        if not items:
            return None
        if column.multiple:
            items = [intval(item) if column.kind in NUMBERS else str(item) for item in items]
        return orjson.dumps(items).decode()
    if value is None or value == "" or (value is False and column.kind not in {"boolean", "flag"}):
        return None
    if column.kind == "flag":
        return "Y" if truth(value) else "N"
    if column.kind == "boolean":
        return int(truth(value))
    if column.kind == "link":
        return intval(value) or None
    if column.kind in NUMBERS:
        return intval(value)
    if column.kind in MOMENTS:
        return parse_instant(value)
    if column.kind == "date":
        return parse_day(value)
    if column.kind == "money":
        return round(floatval(value) * 100)
    if column.kind == "double":
        return floatval(value)
    return str(value)


def _row(db: sqlite3.Connection, table: str, identifier: int) -> Row | None:
    cursor = db.execute(f"SELECT * FROM {table} WHERE ID = ?", [identifier])
    found = cursor.fetchone()
    return dict(zip([column[0] for column in cursor.description], found, strict=True)) if found else None


def _insert(db: sqlite3.Connection, table: str, row: Row) -> int:
    names = ", ".join(f'"{name}"' for name in row)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
    return int(row.get("ID", 0))


def _update(db: sqlite3.Connection, table: str, identifier: int, changes: Row) -> None:
    if changes:
        names = ", ".join(f'"{name}" = ?' for name in changes)
        db.execute(f"UPDATE {table} SET {names} WHERE ID = ?", [*changes.values(), identifier])


def _next_id(db: sqlite3.Connection, table: str) -> int:
    """The next id of a table: ids of deleted records are never given again."""
    key = f"last_id:{table}"
    (highest,) = db.execute(f"SELECT coalesce(max(ID), 0) FROM {table}").fetchone()
    kept = db.execute("SELECT VALUE FROM meta WHERE KEY = ?", [key]).fetchone()
    return max(int(highest), int(kept[0]) if kept else 0) + 1


def _delete(db: sqlite3.Connection, table: str, where: str, values: Iterable[Any]) -> None:
    """Delete rows and remember the highest id ever given in the table."""
    key, last = f"last_id:{table}", _next_id(db, table) - 1
    db.execute("DELETE FROM meta WHERE KEY = ?", [key])
    db.execute("INSERT INTO meta (KEY, VALUE) VALUES (?, ?)", [key, str(last)])
    db.execute(f"DELETE FROM {table} WHERE {where}", list(values))


def _fields(call: Call, columns: dict[str, Column], skip: set[str]) -> Row:
    asked = {str(name).upper(): value for name, value in as_map(call.param("fields")).items()}
    return {name: store(columns[name], value) for name, value in asked.items() if name in columns and name not in skip}


def _now(call: Call) -> int:
    return int(call.portal.clock.now())


# ---- cards


class _Cards:
    """Adding, changing and deleting records of one kind of card."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.table = card.entity.table
        self.stage = {"deal": "STAGE_ID", "lead": "STATUS_ID"}.get(card.entity.name)
        self.semantic = {"deal": "STAGE_SEMANTIC_ID", "lead": "STATUS_SEMANTIC_ID"}.get(card.entity.name)
        self.fixed = {name for name, field in card.fields.items() if field.read_only} - {"LEAD_ID"}

    def add(self, call: Call, wanted: Row) -> int:
        """A new record; returns its id."""
        portal, now, me = call.portal, _now(call), call.portal.settings.user_id
        # an import may say when a record was created and by whom
        given = {
            k: v for k, v in wanted.items() if k not in self.fixed - {"DATE_CREATE", "CREATED_BY_ID", "DATE_MODIFY"}
        }
        with portal.database.writer() as db:
            row: Row = {name: field.default for name, field in self.card.fields.items() if field.default is not None}
            row |= {"ASSIGNED_BY_ID": me, "CREATED_BY_ID": me, "DATE_CREATE": now, "DATE_MODIFY": now, "OPPORTUNITY": 0}
            row |= {"MOVED_TIME": now, "MOVED_BY_ID": me, "LAST_ACTIVITY_TIME": now, "LAST_ACTIVITY_BY": me}
            row |= {"MODIFY_BY_ID": me, "BEGINDATE": day_of(now)}
            row = {name: value for name, value in row.items() if name in self.card.fields}
            if "CURRENCY_ID" in self.card.fields and not given.get("CURRENCY_ID"):
                base = db.execute("SELECT CURRENCY FROM currencies WHERE BASE = 'Y'").fetchone()
                row["CURRENCY_ID"] = base[0] if base else None
            row |= given
            row["ID"] = _next_id(db, self.table)
            self._has_flags(row)
            if self.stage:
                self._enter(db, row, row.get(self.stage), now)
            _insert(db, self.table, row)
            if self.stage:
                self._record(db, row, 3 if row[self.semantic or ""] != "P" else 1, now)
        return int(row["ID"])

    def update(self, call: Call, identifier: int, wanted: Row, *, move: bool = False) -> None:
        """Change a record. ``move``: the pipeline may change too. DATE_MODIFY moves even if nothing changes."""
        now, me = _now(call), call.portal.settings.user_id
        changes = {name: value for name, value in wanted.items() if name not in self.fixed}
        with call.portal.database.writer() as db:
            before = self._visible(call, db, identifier)
            changes |= {"DATE_MODIFY": now, "MODIFY_BY_ID": me}
            self._has_flags(changes)
            if self.stage:
                category = before.get("CATEGORY_ID")
                if not move:
                    changes.pop("CATEGORY_ID", None)
                changed_category = move and "CATEGORY_ID" in changes and changes["CATEGORY_ID"] != category
                stage = changes.pop(self.stage, None)
                if changed_category or (stage and stage != before[self.stage]):
                    after = {**before, **changes}
                    self._enter(db, after, stage, now)
                    moved = {name for name, value in after.items() if value != before[name]}
                    changes |= {name: after[name] for name in moved}
                    changes |= {"MOVED_TIME": now, "MOVED_BY_ID": me}
                    self._record(
                        db, after, 5 if changed_category else 2 if after[self.semantic or ""] == "P" else 3, now
                    )
            _update(db, self.table, identifier, changes)

    def delete(self, call: Call, identifier: int) -> None:
        """Delete a record with its history; its activities stay if they are bound to something else."""
        kind = self.card.type_id
        with call.portal.database.writer() as db:
            self._visible(call, db, identifier)
            if self.stage:
                _delete(db, f"{self.card.entity.name}_history", "OWNER_ID = ?", [identifier])
            bound = [
                r[0]
                for r in db.execute(
                    "SELECT ACTIVITY_ID FROM activity_bindings WHERE OWNER_TYPE_ID = ? AND OWNER_ID = ?",
                    [kind, identifier],
                )
            ]
            db.execute("DELETE FROM activity_bindings WHERE OWNER_TYPE_ID = ? AND OWNER_ID = ?", [kind, identifier])
            for activity in bound:
                other = db.execute(
                    "SELECT OWNER_TYPE_ID, OWNER_ID FROM activity_bindings WHERE ACTIVITY_ID = ? ORDER BY rowid",
                    [activity],
                ).fetchone()
                if other is None:
                    _delete(db, "activities", "ID = ?", [activity])
                else:
                    db.execute(
                        "UPDATE activities SET OWNER_TYPE_ID = ?, OWNER_ID = ? "
                        "WHERE ID = ? AND OWNER_TYPE_ID = ? AND OWNER_ID = ?",
                        [*other, activity, kind, identifier],
                    )
            _delete(db, "comments", "ENTITY_TYPE = ? AND ENTITY_ID = ?", [self.card.entity.name, identifier])
            _delete(db, self.table, "ID = ?", [identifier])

    def _visible(self, call: Call, db: sqlite3.Connection, identifier: int) -> Row:
        found = _row(db, self.table, identifier)
        if found is None:
            raise not_found()
        condition = Condition()
        condition.add("t.ID = ?", identifier)
        only_visible(call, condition, "t.ASSIGNED_BY_ID")
        if not db.execute(f"SELECT 1 FROM {self.table} t{condition.sql}", condition.values).fetchone():
            raise access_denied()
        return found

    def _has_flags(self, row: Row) -> None:
        for name in ("PHONE", "EMAIL"):
            if name in row:
                row[f"HAS_{name}"] = "Y" if row[name] else "N"

    def _enter(self, db: sqlite3.Connection, row: Row, stage: Any, now: int) -> None:
        """Put the record into a stage (its pipeline's first if none is given) with all that follows from it."""
        assert self.stage and self.semantic
        directory = "STATUS"
        if self.stage == "STAGE_ID":
            category = row.get("CATEGORY_ID") or 0
            if not db.execute("SELECT 1 FROM categories WHERE ID = ?", [category]).fetchone():
                raise RestError("", f"Category {category} is not found")
            directory = f"DEAL_STAGE_{category}" if category else "DEAL_STAGE"
        found = db.execute(
            "SELECT STATUS_ID, SEMANTICS FROM statuses WHERE ENTITY_ID = ? AND (? IS NULL OR STATUS_ID = ?) "
            "ORDER BY SORT, ID LIMIT 1",
            [directory, stage, stage],
        ).fetchone()
        if found is None:
            raise RestError("", f"{self.stage} is not valid")
        row[self.stage] = found[0]
        row[self.semantic] = found[1] if found[1] in ("S", "F") else "P"
        final = row[self.semantic] != "P"
        if self.stage == "STAGE_ID":
            row["CLOSED"] = "Y" if final else "N"
            if final:
                row["CLOSEDATE"] = day_of(now)
        elif final:
            row["DATE_CLOSED"] = now  # reopening keeps the old value, as the portal does

    def _record(self, db: sqlite3.Connection, row: Row, kind: int, now: int) -> None:
        """One row of stage history; the same stage twice in a row is not recorded twice."""
        assert self.stage and self.semantic
        table = f"{self.card.entity.name}_history"
        keys = [
            name
            for name in ("CATEGORY_ID", self.stage)
            if name in row and (name == self.stage or self.stage == "STAGE_ID")
        ]
        last = db.execute(
            f"SELECT {', '.join(keys)} FROM {table} WHERE OWNER_ID = ? ORDER BY ID DESC LIMIT 1", [row["ID"]]
        ).fetchone()
        if last == tuple(row[key] for key in keys):
            return
        made = {"ID": _next_id(db, table), "TYPE_ID": kind, "OWNER_ID": row["ID"], "CREATED_TIME": now}
        made |= {key: row[key] for key in keys} | {self.semantic: row[self.semantic]}
        _insert(db, table, made)


def _classic(cards: _Cards) -> None:
    name, columns = cards.card.entity.name, cards.card.entity.columns

    def add(call: Call) -> Answer:
        return Answer(cards.add(call, _fields(call, columns, {"ID"})))

    def update(call: Call) -> Answer:
        cards.update(call, intval(call.param("id")), _fields(call, columns, {"ID"}))
        return Answer(True)

    def delete(call: Call) -> Answer:
        cards.delete(call, intval(call.param("id")))
        return Answer(True)

    for verb, run in (("add", add), ("update", update), ("delete", delete)):
        METHODS.add(f"crm.{name}.{verb}", run, "crm")


_BY_TYPE = {card.type_id: _Cards(card) for card in CARDS}
for _cards in _BY_TYPE.values():
    _classic(_cards)


def _item_fields(call: Call, card: Card) -> Row:
    names = {**card.entity.items, **{column.name: column for column in card.entity.columns.values()}}
    return {
        names[name].name: store(names[name], value)
        for name, value in as_map(call.param("fields")).items()
        if name in names and name != "id"
    }


@METHODS.method("crm.item.add", "crm")
def item_add(call: Call) -> Answer:
    """A new record in the universal family; answers with the record."""
    card = card_of(call)
    call.params["id"] = _BY_TYPE[card.type_id].add(call, _item_fields(call, card))
    return item_get(call)


@METHODS.method("crm.item.update", "crm")
def item_update(call: Call) -> Answer:
    """Change a record in the universal family: here a deal may move to another pipeline."""
    card = card_of(call)
    _BY_TYPE[card.type_id].update(call, intval(call.param("id")), _item_fields(call, card), move=True)
    return item_get(call)


@METHODS.method("crm.item.delete", "crm")
def item_delete(call: Call) -> Answer:
    """Delete a record in the universal family."""
    card = card_of(call)
    try:
        _BY_TYPE[card.type_id].delete(call, intval(call.param("id")))
    except RestError as error:
        raise RestError("NOT_FOUND", "Item not found") from error
    return Answer([])


# ---- activities and comments


@METHODS.method("crm.activity.add", "crm")
def activity_add(call: Call) -> Answer:
    """A new activity, bound to its owner and to what ``BINDINGS`` names."""
    now, me = _now(call), call.portal.settings.user_id
    given = _fields(call, ACTIVITIES.columns, {"ID", "LAST_UPDATED"})
    owner = (given.get("OWNER_TYPE_ID"), given.get("OWNER_ID"))
    pairs = [
        (intval(p.get("OWNER_TYPE_ID")), intval(p.get("OWNER_ID")))
        for p in map(as_map, as_list(as_map(call.param("fields")).get("BINDINGS")))
    ]
    if not all(owner):
        if not pairs:
            raise RestError("", "OWNER_ID and OWNER_TYPE_ID are not defined")
        owner = pairs[0]
    with call.portal.database.writer() as db:
        row: Row = {"TYPE_ID": 6, "PROVIDER_ID": "CRM_TODO", "PROVIDER_TYPE_ID": "TODO", "RESPONSIBLE_ID": me}
        row |= {"AUTHOR_ID": me, "EDITOR_ID": me, "START_TIME": given.get("DEADLINE") or now}
        if given.get("TYPE_ID") == 2:
            row |= {"PROVIDER_ID": "VOXIMPLANT_CALL", "PROVIDER_TYPE_ID": "CALL"}
        elif given.get("TYPE_ID") == 4:
            row |= {"PROVIDER_ID": "CRM_EMAIL", "PROVIDER_TYPE_ID": "EMAIL"}
        elif given.get("TYPE_ID") == 1:
            row |= {"PROVIDER_ID": "CRM_MEETING", "PROVIDER_TYPE_ID": "MEETING"}
        row |= {name: value for name, value in given.items() if value is not None}
        row |= {"OWNER_TYPE_ID": owner[0], "OWNER_ID": owner[1], "ID": _next_id(db, "activities")}
        row.setdefault("END_TIME", row["START_TIME"])
        # a call is stored as of its start, so it can appear "in the past"
        row.setdefault("CREATED", row["START_TIME"] if row["TYPE_ID"] == 2 else now)
        row["LAST_UPDATED"] = row["CREATED"]
        row["STATUS"] = 2 if row.get("COMPLETED") == "Y" else 1
        incoming = row.get("IS_INCOMING_CHANNEL") == "Y"
        if incoming:
            row["DEADLINE"] = NO_DEADLINE
        else:
            row.setdefault("DEADLINE", row["END_TIME"])
        _insert(db, "activities", row)
        bound = list(dict.fromkeys([(intval(owner[0]), intval(owner[1])), *pairs]))
        for kind, identifier in bound:
            _insert(db, "activity_bindings", {"ACTIVITY_ID": row["ID"], "OWNER_TYPE_ID": kind, "OWNER_ID": identifier})
            if incoming:
                _raise(db, kind, identifier, "LAST_ACTIVITY_TIME", row["CREATED"], now)
            if row["PROVIDER_ID"] in _COMMUNICATIONS:
                _raise(db, kind, identifier, "LAST_COMMUNICATION_TIME", row["CREATED"], None)
    return Answer(row["ID"])


def _raise(db: sqlite3.Connection, kind: int, identifier: int, name: str, moment: int, modified: int | None) -> None:
    """Raise a moment of a card, never lower it; ``modified``: DATE_MODIFY moves with it."""
    card = next((card for card in CARDS if card.type_id == kind), None)
    if card is None or name not in card.fields:
        return
    table = card.entity.table
    (before,) = db.execute(f"SELECT {name} FROM {table} WHERE ID = ?", [identifier]).fetchone() or (None,)
    if before is None or before < moment:
        _update(db, table, identifier, {name: moment} | ({"DATE_MODIFY": modified} if modified else {}))


@METHODS.method("crm.activity.update", "crm")
def activity_update(call: Call) -> Answer:
    """Change an activity; LAST_UPDATED moves, its cards do not."""
    identifier = intval(call.param("id"))
    changes = _fields(call, ACTIVITIES.columns, {"ID", "OWNER_ID", "OWNER_TYPE_ID", "CREATED", "LAST_UPDATED"})
    with call.portal.database.writer() as db:
        if _row(db, "activities", identifier) is None:
            raise not_found()
        if "COMPLETED" in changes:
            changes["STATUS"] = 2 if changes["COMPLETED"] == "Y" else 1
        changes |= {"LAST_UPDATED": _now(call), "EDITOR_ID": call.portal.settings.user_id}
        _update(db, "activities", identifier, changes)
    return Answer(True)


@METHODS.method("crm.activity.delete", "crm")
def activity_delete(call: Call) -> Answer:
    """Delete an activity and its bindings."""
    identifier = intval(call.param("id"))
    with call.portal.database.writer() as db:
        if _row(db, "activities", identifier) is None:
            raise not_found()
        db.execute("DELETE FROM activity_bindings WHERE ACTIVITY_ID = ?", [identifier])
        _delete(db, "activities", "ID = ?", [identifier])
    return Answer(True)


@METHODS.method("crm.timeline.comment.add", "crm")
def comment_add(call: Call) -> Answer:
    """A comment; one by somebody else than the responsible raises LAST_ACTIVITY_TIME of the card."""
    asked = as_map(call.param("fields"))
    kind, owner = str(asked.get("ENTITY_TYPE", "")).lower(), intval(asked.get("ENTITY_ID"))
    text = str(asked.get("COMMENT", ""))
    if kind not in TYPE_IDS or not text:
        raise RestError("", "ENTITY_TYPE, ENTITY_ID and COMMENT are required")
    now, author = _now(call), intval(asked.get("AUTHOR_ID")) or call.portal.settings.user_id
    with call.portal.database.writer() as db:
        card = _row(db, _TABLES[TYPE_IDS[kind]], owner)
        if card is None:
            raise not_found()
        identifier = _insert(
            db,
            "comments",
            {
                "ID": _next_id(db, "comments"),
                "ENTITY_ID": owner,
                "ENTITY_TYPE": kind,
                "CREATED": now,
                "COMMENT": text,
                "AUTHOR_ID": author,
            },
        )
        if card["ASSIGNED_BY_ID"] != author:
            _raise(db, TYPE_IDS[kind], owner, "LAST_ACTIVITY_TIME", now, now)
    return Answer(identifier)


# ---- tasks


def _task_fields(call: Call) -> Row:
    return _fields(call, TASKS.columns, {"ID", "CREATED_DATE", "CHANGED_DATE", "STATUS_CHANGED_DATE", "CLOSED_DATE"})


def _status_effects(row: Row, status: int, now: int, me: int) -> Row:
    effects: Row = {"STATUS": status, "STATUS_CHANGED_DATE": now, "STATUS_CHANGED_BY": me}
    if status in (4, 5):
        effects |= {"CLOSED_DATE": now, "CLOSED_BY": me}
    else:
        effects |= {"CLOSED_DATE": None, "CLOSED_BY": None}
    if status == 3 and not row.get("DATE_START"):
        effects["DATE_START"] = now
    return effects


@METHODS.method("tasks.task.add", "task", "tasks")
def task_add(call: Call) -> Answer:
    """A new task; TITLE and RESPONSIBLE_ID are needed."""
    given = _task_fields(call)
    if not given.get("TITLE") or not given.get("RESPONSIBLE_ID"):
        raise RestError("100", "TITLE and RESPONSIBLE_ID are required")
    now, me = _now(call), call.portal.settings.user_id
    with call.portal.database.writer() as db:
        row: Row = {"CREATED_BY": me, "CHANGED_BY": me, "PRIORITY": 1, "TIME_ESTIMATE": 0} | given
        row |= {"ID": _next_id(db, "tasks"), "CREATED_DATE": now, "CHANGED_DATE": now, "ACTIVITY_DATE": now}
        row |= _status_effects(row, given.get("STATUS") or 2, now, me)
        _insert(db, "tasks", row)
    return _task(call, row["ID"])


@METHODS.method("tasks.task.update", "task", "tasks")
def task_update(call: Call) -> Answer:
    """Change a task; CLOSED_DATE is set at status 4 and 5 and cleared on reopening."""
    identifier, changes = intval(call.param("taskId")), _task_fields(call)
    now, me = _now(call), call.portal.settings.user_id
    with call.portal.database.writer() as db:
        before = _row(db, "tasks", identifier)
        if before is None:
            raise RestError("1048582", "Task not found or access denied")
        status = changes.pop("STATUS", None)
        if status and status != before["STATUS"]:
            changes |= _status_effects({**before, **changes}, status, now, me)
        changes |= {"CHANGED_DATE": now, "CHANGED_BY": me, "ACTIVITY_DATE": now}
        _update(db, "tasks", identifier, changes)
    return _task(call, identifier)


@METHODS.method("tasks.task.delete", "task", "tasks")
def task_delete(call: Call) -> Answer:
    """Delete a task."""
    identifier = intval(call.param("taskId"))
    with call.portal.database.writer() as db:
        if _row(db, "tasks", identifier) is None:
            raise RestError("1048582", "Task not found or access denied")
        _delete(db, "tasks", "ID = ?", [identifier])
    return Answer({"task": True})


def _task(call: Call, identifier: int) -> Answer:
    return task_get(Call(call.portal, call.db, call.method, {"taskId": identifier}))


# ---- directories, people, departments


@METHODS.method("crm.status.add", "crm")
def status_add(call: Call) -> Answer:
    """A new entry of a directory."""
    asked = as_map(call.param("fields"))
    if not asked.get("ENTITY_ID") or not asked.get("STATUS_ID") or not asked.get("NAME"):
        raise RestError("", "ENTITY_ID, STATUS_ID and NAME are required")
    _admin_only(call)
    with call.portal.database.writer() as db:
        row = {"ID": _next_id(db, "statuses"), "SORT": intval(asked.get("SORT", 500)), "SYSTEM": "N"}
        row |= {
            name: str(asked[name])
            for name in ("ENTITY_ID", "STATUS_ID", "NAME", "COLOR", "SEMANTICS")
            if asked.get(name)
        }
        category = str(row["ENTITY_ID"]).removeprefix("DEAL_STAGE_")
        if category.isdigit():
            row["CATEGORY_ID"] = int(category)
        _insert(db, "statuses", row)
    return Answer(row["ID"])


@METHODS.method("crm.status.update", "crm")
def status_update(call: Call) -> Answer:
    """Rename, recolour or re-sort an entry of a directory; records that use it do not notice."""
    asked = as_map(call.param("fields"))
    changes: Row = {name: str(asked[name]) for name in ("NAME", "COLOR") if name in asked}
    if "SORT" in asked:
        changes["SORT"] = intval(asked["SORT"])
    _admin_only(call)
    with call.portal.database.writer() as db:
        if _row(db, "statuses", intval(call.param("id"))) is None:
            raise not_found()
        _update(db, "statuses", intval(call.param("id")), changes)
    return Answer(True)


@METHODS.method("crm.status.delete", "crm")
def status_delete(call: Call) -> Answer:
    """Delete an entry of a directory; a system one only with ``params[FORCED]``. Records and history keep its code."""
    identifier = intval(call.param("id"))
    _admin_only(call)
    with call.portal.database.writer() as db:
        row = _row(db, "statuses", identifier)
        if row is None:
            raise not_found()
        if row["SYSTEM"] == "Y" and not truth(as_map(call.param("params")).get("FORCED")):
            raise RestError("", "CRM System Status can not be deleted. Use parameter FORCED to force delete.")
        _delete(db, "statuses", "ID = ?", [identifier])
    return Answer(True)


@METHODS.method("crm.currency.update", "crm")
def currency_update(call: Call) -> Answer:
    """Change a rate; DATE_MODIFY of the records does not move."""
    code, asked = str(call.param("id", "")), as_map(call.param("fields"))
    _admin_only(call)
    with call.portal.database.writer() as db:
        if not db.execute("SELECT 1 FROM currencies WHERE CURRENCY = ?", [code]).fetchone():
            raise not_found()
        changes: Row = {"DATE_UPDATE": _now(call)}
        if "AMOUNT" in asked:
            changes["AMOUNT"] = f"{floatval(asked['AMOUNT']):.4f}"
        if "AMOUNT_CNT" in asked:
            changes["AMOUNT_CNT"] = intval(asked["AMOUNT_CNT"])
        names = ", ".join(f"{name} = ?" for name in changes)
        db.execute(f"UPDATE currencies SET {names} WHERE CURRENCY = ?", [*changes.values(), code])
    return Answer(True)


@METHODS.method("user.update", "user")
def user_update(call: Call) -> Answer:
    """Change a person, ``ACTIVE=N`` dismisses him; parameters are flat."""
    _admin_only(call)
    asked = {key.upper(): value for key, value in call.params.items()}
    identifier = intval(asked.pop("ID", 0))
    changes = {name: store(USERS.columns[name], value) for name, value in asked.items() if name in USERS.columns}
    if "UF_DEPARTMENT" in asked:
        changes["UF_DEPARTMENT"] = orjson.dumps([intval(item) for item in as_list(asked["UF_DEPARTMENT"])]).decode()
    with call.portal.database.writer() as db:
        if _row(db, "users", identifier) is None:
            raise RestError("", "User not found")
        _update(db, "users", identifier, changes)
    return Answer(True)


@METHODS.method("department.add", "department")
def department_add(call: Call) -> Answer:
    """A new department; NAME and PARENT are needed."""
    _admin_only(call)
    name, parent = str(call.param("NAME", "") or ""), intval(call.param("PARENT"))
    with call.portal.database.writer() as db:
        if not name or _row(db, "departments", parent) is None:
            raise RestError("", "NAME and an existing PARENT are required")
        row = {
            "ID": _next_id(db, "departments"),
            "NAME": name,
            "PARENT": parent,
            "SORT": intval(call.param("SORT", 500)),
        }
        row["UF_HEAD"] = intval(call.param("UF_HEAD")) or None
        _insert(db, "departments", row)
    return Answer(row["ID"])


@METHODS.method("department.update", "department")
def department_update(call: Call) -> Answer:
    """Rename or move a department, give it another head."""
    _admin_only(call)
    identifier = intval(call.param("ID"))
    changes: Row = {}
    if call.param("NAME"):
        changes["NAME"] = str(call.param("NAME"))
    for name in ("PARENT", "UF_HEAD", "SORT"):
        if call.param(name) is not None:
            changes[name] = intval(call.param(name)) or None
    with call.portal.database.writer() as db:
        if _row(db, "departments", identifier) is None:
            raise RestError("", "Department not found")
        _update(db, "departments", identifier, changes)
    return Answer(True)


@METHODS.method("department.delete", "department")
def department_delete(call: Call) -> Answer:
    """Delete a department: its people and its children go to the parent."""
    _admin_only(call)
    identifier = intval(call.param("ID"))
    with call.portal.database.writer() as db:
        row = _row(db, "departments", identifier)
        if row is None or not row["PARENT"]:
            raise RestError("", "Department not found")
        db.execute("UPDATE departments SET PARENT = ? WHERE PARENT = ?", [row["PARENT"], identifier])
        for user, text in db.execute("SELECT ID, UF_DEPARTMENT FROM users WHERE UF_DEPARTMENT IS NOT NULL").fetchall():
            own = read_json(text)
            if identifier in own:
                kept = list(dict.fromkeys(row["PARENT"] if item == identifier else item for item in own))
                _update(db, "users", user, {"UF_DEPARTMENT": orjson.dumps(kept).decode()})
        _delete(db, "departments", "ID = ?", [identifier])
    return Answer(True)


def _admin_only(call: Call) -> None:
    if not call.portal.settings.admin:
        raise access_denied()
