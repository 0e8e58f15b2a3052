"""Raw tables written as a story: ``deal(1, "2026-01-05 10:00", [("NEW", ...), ("WON", ...)])``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from dash_app.store.derive import DeriveConfig, derive
from dash_app.store.schema import RAW

MOSCOW = ZoneInfo("Europe/Moscow")
TAKEN = "2026-03-20 12:00"
_DIRECTORIES: list[bytes] = []


def at(text: str | None) -> datetime | None:
    """Moscow's wall clock as naive UTC."""
    return (
        None
        if text is None
        else datetime.fromisoformat(text).replace(tzinfo=MOSCOW).astimezone(UTC).replace(tzinfo=None)
    )


class Raw:
    """A raw database under construction: pipelines 0 «Продажи», 5 «Опт», 9 «Производство»; stages NEW, WORK, DOC, WON, LOSE, BAD."""

    def __init__(self, path: Path, taken: str = TAKEN) -> None:
        if not _DIRECTORIES:
            self._directories(path)
            _DIRECTORIES.append(path.read_bytes())
        path.write_bytes(_DIRECTORIES[0])
        self.path = path
        self.con = duckdb.connect(str(path))
        self._history = 0
        self.con.execute("UPDATE portal SET taken_at = ?", [at(taken)])

    def _directories(self, path: Path) -> None:
        """Tables, pipelines, stages, currencies: made once a run, then copied."""
        self.con = duckdb.connect(str(path))
        for table, columns in RAW.items():
            self.con.execute(f"CREATE TABLE {table} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
        self.add(
            "portal",
            address="https://x.bitrix24.ru",
            base_currency="RUB",
            utc_offset="+03:00",
            is_admin=True,
            user_id=1,
        )
        self.add("currencies", currency="RUB", amount_cnt=1, amount=Decimal(1), base=True)
        self.add("currencies", currency="USD", amount_cnt=1, amount=Decimal("90.5"), base=False)
        self.add("currencies", currency="JPY", amount_cnt=100, amount=Decimal("60.1234"), base=False)
        number = 0
        for pipeline, name in ((0, "Продажи"), (5, "Опт"), (9, "Производство")):
            self.add("pipelines", id=pipeline, name=name, sort=pipeline, is_default=pipeline == 0)
            for position, (code, title, semantic) in enumerate(
                (
                    ("NEW", "Новая", None),
                    ("WORK", "В работе", None),
                    ("DOC", "Договор", None),
                    ("WON", "Успех", "S"),
                    ("LOSE", "Отказ", "F"),
                    ("BAD", "Брак", "F"),
                )
            ):
                number += 1
                entity = f"DEAL_STAGE_{pipeline}" if pipeline else "DEAL_STAGE"
                self.add(
                    "statuses",
                    id=number,
                    entity_id=entity,
                    status_id=self.code(pipeline, code),
                    name=title,
                    sort=position * 10,
                    semantic=semantic,
                )
        for position, (code, semantic) in enumerate(
            (("NEW", None), ("PROCESS", None), ("CONVERTED", "S"), ("JUNK", "F"))
        ):
            number += 1
            self.add(
                "statuses",
                id=number,
                entity_id="STATUS",
                status_id=code,
                name=code.title(),
                sort=position * 10,
                semantic=semantic,
            )
        self.add("statuses", id=900, entity_id="SOURCE", status_id="WEB", name="Сайт", sort=10)
        self.con.close()

    @staticmethod
    def code(pipeline: int, stage: str) -> str:
        """Stage id as the portal spells it: plain in the default pipeline, prefixed elsewhere."""
        return f"C{pipeline}:{stage}" if pipeline else stage

    def add(self, table: str, **values: Any) -> None:
        """One row; columns not named are NULL."""
        self.con.execute(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
        )

    @staticmethod
    def semantic(stage: str) -> str:
        """P, S or F of the builder's stages."""
        return {"WON": "S", "CONVERTED": "S", "LOSE": "F", "BAD": "F", "JUNK": "F"}.get(stage, "P")

    def deal(
        self,
        deal_id: int,
        created: str,
        path: Sequence[tuple[str, str] | tuple[str, str, int]],
        *,
        history: bool = True,
        **more: Any,
    ) -> None:
        """A deal whose ``path`` is [(stage, moment), (stage, moment, pipeline), ...]; it stands at the last step."""
        pipeline, stage = 0, "NEW"
        for number, step in enumerate(path):
            stage = step[0]
            before, pipeline = pipeline, step[2] if len(step) > 2 else pipeline
            if history:
                self._history += 1
                kind = 1 if number == 0 else 5 if pipeline != before else 3 if self.semantic(stage) != "P" else 2
                self.add(
                    "deal_history",
                    id=self._history,
                    type_id=kind,
                    owner_id=deal_id,
                    created_time=at(step[1]),
                    category_id=pipeline,
                    stage_id=self.code(pipeline, stage),
                    semantic=self.semantic(stage),
                )
        values: dict[str, Any] = {
            "id": deal_id,
            "title": f"Сделка {deal_id}",
            "category_id": pipeline,
            "stage_id": self.code(pipeline, stage),
            "semantic": self.semantic(stage),
            "opportunity": Decimal(100),
            "currency_id": "RUB",
            "assigned_by_id": 1,
            "date_create": at(created),
            "date_modify": at(path[-1][1]),
            "moved_time": at(path[-1][1]),
            "is_recurring": False,
        }
        uf = more.pop("uf", None)
        self.add("deals", **{**values, **more, "uf": json.dumps(uf) if uf else None})

    def lead(self, lead_id: int, created: str, path: Sequence[tuple[str, str]], **more: Any) -> None:
        """A lead likewise."""
        for number, (stage, moment) in enumerate(path):
            self._history += 1
            self.add(
                "lead_history",
                id=self._history,
                type_id=1 if number == 0 else 2,
                owner_id=lead_id,
                created_time=at(moment),
                stage_id=stage,
                semantic=self.semantic(stage),
            )
        stage = path[-1][0]
        values: dict[str, Any] = {
            "id": lead_id,
            "title": f"Лид {lead_id}",
            "stage_id": stage,
            "semantic": self.semantic(stage),
            "currency_id": "RUB",
            "assigned_by_id": 1,
            "date_create": at(created),
            "moved_time": at(path[-1][1]),
            "date_modify": at(path[-1][1]),
        }
        self.add("leads", **{**values, **more})

    def facts(self, as_of: str = TAKEN, **config: Any) -> Facts:
        """Derives and opens the facts."""
        self.con.close()
        path = self.path.with_name(f"facts-{abs(hash((as_of, str(config))))}.duckdb")
        moment = at(as_of)
        assert moment is not None
        derive(self.path, path, moment, DeriveConfig(**config))
        self.con = duckdb.connect(str(self.path))
        return Facts(path)


class Facts:
    """Derived facts to look at."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.con = duckdb.connect(str(path), read_only=True)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return self.con.execute(sql).fetchall()

    def row(self, table: str, record_id: int) -> dict[str, Any]:
        """One record as a dict."""
        cursor = self.con.execute(f"SELECT * FROM {table} WHERE id = {record_id}")
        names = [d[0] for d in cursor.description]
        found = cursor.fetchall()
        assert len(found) == 1, found
        return dict(zip(names, found[0], strict=True))


def day(text: str) -> date:
    """A calendar day."""
    return date.fromisoformat(text)
