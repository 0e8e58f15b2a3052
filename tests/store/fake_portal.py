"""A portal state in memory behind the reader's interface: mutate it, refresh, compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dash_app.portal.entities import BIG, SMALL, Columns, Entity
from dash_app.portal.errors import PortalError
from dash_app.portal.reader import PortalInfo, PortalPage
from dash_app.store.schema import RAW

START = datetime(2026, 3, 1, 9, 0)


class FakePortal:
    """Rows of raw tables by id. ``broken``: table -> error raised when it is read. ``page``: rows a page."""

    def __init__(self, page: int = 3) -> None:
        self.now = START
        self.page = page
        self.tables: dict[str, dict[int, dict[str, Any]]] = {e.table: {} for e in (*BIG, *SMALL)}
        self.broken: dict[str, PortalError] = {}
        self.after_pages: dict[str, int] = {}
        self.admin = True
        self.reads: list[tuple[str, int, datetime | None]] = []
        self._ids = 0
        for number, (entity, code, semantic) in enumerate(
            (
                ("DEAL_STAGE", "NEW", None),
                ("DEAL_STAGE", "WON", "S"),
                ("DEAL_STAGE", "LOSE", "F"),
                ("STATUS", "NEW", None),
                ("STATUS", "CONVERTED", "S"),
            ),
            1,
        ):
            self.tables["statuses"][number] = {
                "id": number,
                "entity_id": entity,
                "status_id": code,
                "name": code.title(),
                "sort": number,
                "semantic": semantic,
            }
        self.tables["pipelines"][0] = {"id": 0, "name": "Продажи", "sort": 1, "is_default": True}
        self.tables["currencies"][1] = {"currency": "RUB", "amount_cnt": 1, "amount": Decimal(1), "base": True}
        self.tables["users"][1] = {"id": 1, "active": True, "name": "Анна", "last_name": "Ли"}

    def tick(self, minutes: int = 30) -> None:
        """Time passes."""
        self.now += timedelta(minutes=minutes)

    def new_id(self) -> int:
        """The next id, with holes now and then."""
        self._ids += 1 + (self._ids % 4 == 3)
        return self._ids

    def add_deal(self, amount: int = 100) -> int:
        """A new deal in its first stage."""
        number = self.new_id()
        self.tables["deals"][number] = {
            "id": number,
            "title": f"Сделка {number}",
            "stage_id": "NEW",
            "semantic": "P",
            "opportunity": Decimal(amount),
            "currency_id": "RUB",
            "assigned_by_id": 1,
            "date_create": self.now,
            "date_modify": self.now,
            "moved_time": self.now,
            "category_id": 0,
            "is_recurring": False,
        }
        self._moved(number, "NEW", "P")
        return number

    def _moved(self, deal: int, stage: str, semantic: str) -> None:
        row = self.new_id()
        self.tables["deal_history"][row] = {
            "id": row,
            "type_id": 2,
            "owner_id": deal,
            "created_time": self.now,
            "category_id": 0,
            "stage_id": stage,
            "semantic": semantic,
        }

    def move(self, deal: int, stage: str) -> None:
        """A deal goes to another stage."""
        semantic = {"WON": "S", "LOSE": "F"}.get(stage, "P")
        row = self.tables["deals"][deal]
        if row["stage_id"] != stage:
            row.update(stage_id=stage, semantic=semantic, moved_time=self.now, date_modify=self.now)
            self._moved(deal, stage, semantic)

    def change(self, table: str, record: int, **values: Any) -> None:
        """An edit that moves the change date."""
        stamp = {"deals": "date_modify", "leads": "date_modify", "tasks": "changed_date", "activities": "last_updated"}[
            table
        ]
        self.tables[table][record].update({**values, stamp: self.now})

    def delete_deal(self, deal: int) -> None:
        """A deal goes, and its history with it."""
        del self.tables["deals"][deal]
        history = self.tables["deal_history"]
        for row in [r for r, v in history.items() if v["owner_id"] == deal]:
            del history[row]

    def restore(self, deal: dict[str, Any]) -> int:
        """Back from the recycle bin: a new id, the old dates."""
        number = self.new_id()
        self.tables["deals"][number] = {**deal, "id": number}
        self._moved(number, deal["stage_id"], deal["semantic"])
        return number

    def add(self, table: str, **values: Any) -> int:
        """Any record."""
        number = self.new_id()
        self.tables[table][number] = {"id": number, **values}
        return number

    # -- the reader's interface --------------------------------------------------------------------------------

    def info(self) -> PortalInfo:
        return PortalInfo("https://fake.bitrix24.ru", "RUB", "+03:00", self.admin, 1, 1, self.now)

    def _columns(self, table: str, rows: list[dict[str, Any]]) -> Columns:
        return {name: [row.get(name) for row in rows] for name in RAW[table]}

    def _check(self, table: str) -> None:
        if table in self.broken:
            raise self.broken[table]

    def read(
        self, entity: Entity, after_id: int = 0, upto_id: int | None = None, changed_since: datetime | None = None
    ) -> Iterator[PortalPage]:
        self.reads.append((entity.table, after_id, changed_since))
        rows = [
            r
            for i, r in sorted(self.tables[entity.table].items())
            if i > after_id and (upto_id is None or i <= upto_id)
        ]
        if changed_since is not None:
            rows = [r for r in rows if (r.get(entity.changed_column or "") or START) >= changed_since]
        self._check(entity.table) if entity.table not in self.after_pages else None
        for number, start in enumerate(range(0, len(rows), self.page)):
            if number >= self.after_pages.get(entity.table, 10**9):
                self._check(entity.table)
            part = [dict(r) for r in rows[start : start + self.page]]
            yield PortalPage(entity, self._columns(entity.table, part), len(part), part[0]["id"], part[-1]["id"])

    def ids(self, entity: Entity) -> Iterator[list[int]]:
        yield sorted(self.tables[entity.table])

    def records(self, entity: Entity, ids: Sequence[int]) -> PortalPage:
        rows = [dict(self.tables[entity.table][i]) for i in sorted(ids) if i in self.tables[entity.table]]
        return PortalPage(entity, self._columns(entity.table, rows), len(rows), 0, 0)

    def expected(self, entity: Entity, after_id: int = 0) -> int | None:
        return sum(1 for i in self.tables[entity.table] if i > after_id)

    def directory(self, entity: Entity) -> PortalPage:
        self._check(entity.table)
        rows = list(self.tables[entity.table].values())
        return PortalPage(entity, self._columns(entity.table, rows), len(rows), 0, 0)

    def users(self) -> PortalPage:
        from dash_app.portal.entities import USERS

        return self.directory(USERS)

    def people(self, ids: list[int]) -> PortalPage:
        from dash_app.portal.entities import USERS

        return PortalPage(USERS, self._columns("users", []), 0, 0, 0)

    def named(self, entity: Entity, ids: Sequence[int]) -> PortalPage:
        rows = [
            {"id": i, **self.tables[entity.table][i]} for i in sorted(ids) if i in self.tables.get(entity.table, {})
        ]
        self._check(entity.table)
        return PortalPage(entity, self._columns(entity.table, rows), len(rows), 0, 0)

    def user_fields(self, entity: str) -> Columns:
        return {name: [] for name in RAW["user_fields"]}
