"""Small fact tables written row by row, so that a test's numbers can be checked by eye."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from dash_app.metrics.context import quoted
from dash_app.metrics.language import Report
from dash_app.metrics.result import Note
from dash_app.reports.cache import AnswerCache
from dash_app.reports.service import ReportService
from dash_app.store.schema import FACTS

ZONE = ZoneInfo("Europe/Moscow")
AS_OF = "2026-03-20 12:00"


def moscow(text: str | None) -> datetime | None:
    """``2026-02-01 10:00`` on the wall clock of Moscow as naive UTC."""
    if text is None:
        return None
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC).replace(tzinfo=None)


def local_day(instant: datetime | None) -> Any:
    """Moscow's calendar day of a naive UTC instant."""
    return None if instant is None else instant.replace(tzinfo=UTC).astimezone(ZONE).date()


class Facts:
    """A facts database under construction. Two sales pipelines (1, 2) with same-named stages, and lead statuses."""

    def __init__(self, path: Path, as_of: str = AS_OF, extra: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.as_of = moscow(as_of)
        self.con = duckdb.connect(str(path))
        for table, columns in FACTS.items():
            more = (extra or {}) if table == "deals" else {}
            self.con.execute(f"CREATE TABLE {table} ({', '.join(f'{quoted(n)} {t}' for n, t in {**columns, **more}.items())})")
        self.add("meta", as_of=self.as_of, address="http://127.0.0.1:1", base_currency="RUB", timezone="Europe/Moscow")
        for pipeline, name in ((1, "Продажи"), (2, "Опт")):
            self.add("pipelines", id=pipeline, name=name, sort=pipeline, role="sales", success_stage_id=f"C{pipeline}:WON", known=True)
            for rank, (code, title, semantic) in enumerate(
                (("NEW", "Новая", "P"), ("WORK", "В работе", "P"), ("DOC", "Договор", "P"), ("WON", "Успех", "S"), ("LOSE", "Отказ", "F")), 1
            ):
                self.add(
                    "stages", entity="deal", pipeline_id=pipeline, stage_id=f"C{pipeline}:{code}", name=title, semantic=semantic,
                    rank=rank, known=True, in_funnel=semantic != "F",
                )  # fmt: skip
        for rank, (code, title, semantic) in enumerate((("NEW", "Новый", "P"), ("CONVERTED", "Сделка", "S"), ("JUNK", "Брак", "F")), 1):
            self.add("stages", entity="lead", stage_id=code, name=title, semantic=semantic, rank=rank, known=True, in_funnel=False)
        for source in ("WEB", "CALL"):
            self.add("sources", source_id=source, name=source.title(), sort=1, known=True)

    def add(self, table: str, **values: Any) -> None:
        """One row; columns not named are NULL."""
        names = ", ".join(quoted(n) for n in values)
        self.con.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})", list(values.values()))

    def manager(self, manager_id: int, name: str, *departments: int, active: bool = True) -> None:
        """A person; the departments are taken as they are, without ancestors."""
        self.add("managers", id=manager_id, name=name, active=active, known=True)
        for department in departments:
            self.add("manager_departments", manager_id=manager_id, department_id=department, direct=True)

    def department(self, department_id: int, name: str, parent: int | None = None) -> None:
        """A department."""
        self.add("departments", id=department_id, name=name, parent_id=parent, depth=0 if parent is None else 1, sort=department_id)

    def card(
        self, table: str, card_id: int, created: str, *, won: str | None = None, lost: str | None = None, stage: str | None = None,
        pipeline: int | None = 1, manager: int | None = 1, amount: str | None = "100", source: str | None = "WEB", entered: str | None = None,
        customer: str = "new", **more: Any,
    ) -> None:  # fmt: skip
        """A deal or lead with its derived columns filled consistently."""
        status = "won" if won else "lost" if lost else "in_work"
        codes = {"won": "WON", "lost": "LOSE", "in_work": "NEW"} if table == "deals" else {"won": "CONVERTED", "lost": "JUNK", "in_work": "NEW"}
        code = stage or codes[status]
        created_at, won_at, lost_at = moscow(created), moscow(won), moscow(lost)
        closed = won_at or lost_at
        assert created_at and self.as_of
        entered_at = closed or moscow(entered) or created_at
        days = lambda a, b: (a - b) / timedelta(days=1)  # noqa: E731
        values: dict[str, Any] = {
            "id": card_id, "title": f"Карточка {card_id}", "stage_id": f"C{pipeline}:{code}" if table == "deals" else code,
            "pipeline_id": pipeline if table == "deals" else None, "semantic": {"won": "S", "lost": "F"}.get(status, "P"), "status": status,
            "manager_id": manager, "source_id": source, "customer": customer, "created_at": created_at, "created_on": local_day(created_at),
            "won_at": won_at, "won_on": local_day(won_at), "lost_at": lost_at, "lost_on": local_day(lost_at), "closed_at": closed,
            "stage_entered_at": entered_at, "amount": None if amount is None else Decimal(amount), "currency_id": "RUB", "no_rate": False,
            "last_activity_at": entered_at, "cycle_days": days(closed, created_at) if closed else None,
            "stage_days": days(self.as_of, entered_at), "duration_days": days(closed or self.as_of, created_at),
            "idle_days": int(days(self.as_of, entered_at)), "open_activities": 0,
        }  # fmt: skip
        if table == "deals":
            values.update(in_sales=True, current_pipeline_id=pipeline, current_stage_id=values["stage_id"], reopened=False)
            if status == "lost":
                values["loss_reason"] = values["stage_id"]
        self.add(table, **{**values, **more})

    def deal(self, deal_id: int, created: str, **more: Any) -> None:
        """A deal; see ``card``."""
        self.card("deals", deal_id, created, **more)

    def lead(self, lead_id: int, created: str, **more: Any) -> None:
        """A lead; see ``card``."""
        self.card("leads", lead_id, created, **more)

    def reach(self, deal_id: int, pipeline: int, *codes: str, lost_at: str | None = None) -> None:
        """Funnel rows of a deal that stood in these stages, in order; stages jumped over are reached too."""
        order = ["NEW", "WORK", "DOC", "WON"]
        deal = self.con.execute("SELECT created_at, created_on, amount, manager_id, source_id, customer, status FROM deals WHERE id = ?", [deal_id]).fetchone()
        assert deal
        furthest = max(order.index(c) for c in codes)
        for rank, code in enumerate(order[: furthest + 1], 1):
            self.add(
                "deal_stages", id=deal_id, pipeline_id=pipeline, stage_id=f"C{pipeline}:{code}", rank=rank, entered=code in codes, reached=True,
                lost_here=code == lost_at, moved_out_here=False, returned=False, stay_days=float(rank), created_at=deal[0], created_on=deal[1],
                amount=deal[2], manager_id=deal[3], source_id=deal[4], customer=deal[5], status=deal[6],
            )  # fmt: skip

    def gap(self, deal_id: int, closed: str, reopened: str) -> None:
        """A closed spell that ended by reopening."""
        self.add("deal_gaps", id=deal_id, closed_at=moscow(closed), reopened_at=moscow(reopened))
        self.con.execute("UPDATE deals SET reopened = true WHERE id = ?", [deal_id])

    def done(self) -> Path:
        """Closes the database; it can be read now."""
        self.con.close()
        return self.path


class Published:
    """A snapshot of one facts file. ``earlier``: facts as of other instants, by instant."""

    def __init__(self, path: Path, earlier: Mapping[datetime, Path] | None = None) -> None:
        self.id = path.stem
        self.facts_path = path
        self.notes: list[Note] = []
        self.asked: list[datetime] = []
        self._earlier = earlier or {}

    def facts_as_of(self, instant: datetime) -> Path:
        """The file given for this instant, or for any."""
        self.asked.append(instant)
        return self._earlier.get(instant, next(iter(self._earlier.values()), self.facts_path))


class NoCache(AnswerCache):
    """Every answer computed anew."""

    def get(self, key: Any, compute: Any) -> Any:
        """The computed answer."""
        return compute()


def service_of(snapshot: Published, *reports: Report) -> ReportService:
    """A report service over one snapshot, without a cache."""
    return ReportService(lambda: snapshot, reports, NoCache())


def random_portal(path: Path, seed: int, deals: int = 160, leads: int = 120) -> Path:
    """A portal with everything that can go wrong: no owner, no amount, no source, reopened, two pipelines, skipped stages."""
    rng = random.Random(seed)
    facts = Facts(path, extra={"UF_CRM_KIND": "VARCHAR[]"})
    facts.add("user_fields", entity="deal", field="UF_CRM_KIND", label="Вид", type="enumeration", multiple=True, kind="list", sort=1)
    for option in ("1", "2"):
        facts.add("user_field_options", entity="deal", field="UF_CRM_KIND", option_id=option, label=f"Вид {option}", sort=int(option))
    facts.department(1, "Компания")
    facts.department(2, "Север", 1)
    facts.department(3, "Юг", 1)
    for manager, within in ((1, (1, 2)), (2, (1, 3)), (3, (1, 2, 3)), (4, ())):
        facts.manager(manager, f"Менеджер {manager}", *within, active=manager != 4)
    start = datetime(2025, 11, 1)
    end = datetime(2026, 3, 20, 12)

    def some_day(after: datetime) -> datetime:
        return after + (end - after) * rng.random()

    for table, number in (("deals", deals), ("leads", leads)):
        for card_id in range(1, number + 1):
            created = some_day(start)
            closed = some_day(created)
            fate = rng.choice(["won", "lost", "work", "work"])
            pipeline = rng.choice([1, 2])
            more: dict[str, Any] = {}
            if fate != "work":
                more[fate] = closed.isoformat(" ", "seconds")
            elif table == "deals":
                more["stage"] = rng.choice(["NEW", "WORK", "DOC"])
            if table == "deals":
                more["UF_CRM_KIND"] = rng.choice([None, [], ["1"], ["1", "2"]])
                more["no_rate"] = rng.random() < 0.05
            facts.card(
                table, card_id, created.isoformat(" ", "seconds"), pipeline=pipeline, manager=rng.choice([1, 1, 2, 3, 4, None]),
                amount=None if more.get("no_rate") else rng.choice([None, "0.1", "100", "333.33", "1e6"]), source=rng.choice(["WEB", "CALL", None]),
                customer=rng.choice(["new", "repeat"]), **more,
            )  # fmt: skip
            if table == "deals":
                codes = rng.sample(["NEW", "WORK", "DOC"], rng.randint(1, 3)) + (["WON"] if fate == "won" else [])
                furthest = max(codes, key=["NEW", "WORK", "DOC", "WON"].index)
                facts.reach(card_id, pipeline, *codes, lost_at=furthest if fate == "lost" else None)
                if fate == "lost":
                    facts.con.execute("UPDATE deals SET furthest_stage_id = ? WHERE id = ?", [f"C{pipeline}:{furthest}", card_id])
                if rng.random() < 0.15 and fate != "work":
                    first = created + (closed - created) * rng.random()
                    second = first + (closed - first) * rng.random()
                    facts.gap(card_id, first.isoformat(" ", "seconds"), second.isoformat(" ", "seconds"))
    return facts.done()
