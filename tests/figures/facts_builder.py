"""Small fact tables written row by row, so that a test's numbers can be checked by eye."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from dash_app.card_fields import CHECKS
from dash_app.engine.entered import NOTHING, Entered
from dash_app.engine.language import Report
from dash_app.engine.result import Note
from dash_app.reports.cache import AnswerCache
from dash_app.reports.service import ReportService
from dash_app.store.derive import forecast
from dash_app.store.entries import Entry
from dash_app.store.kinds import ENTRY_KINDS as KINDS_OF_ENTRIES
from dash_app.store.own_fields import quoted
from dash_app.store.preferences import Preferences
from dash_app.store.schema import ACTIVITY_KINDS, FACTS

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


def batched(rows: list[dict[str, Any]], most: int) -> Iterator[list[dict[str, Any]]]:
    """Slices of at most ``most``."""
    for first in range(0, len(rows), most):
        yield rows[first : first + most]


class Facts:
    """A facts database under construction. Two sales pipelines (1, 2) with same-named stages, and lead statuses."""

    def __init__(self, path: Path, as_of: str = AS_OF, extra: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.as_of = moscow(as_of)
        self._con = duckdb.connect(str(path))
        self._con.begin()  # a transaction a row is most of the time a test would take
        self._rows: dict[str, list[dict[str, Any]]] = {}
        for table, columns in FACTS.items():
            more = (extra or {}) if table == "deals" else {}
            self.con.execute(
                f"CREATE TABLE {table} ({', '.join(f'{quoted(n)} {t}' for n, t in {**columns, **more}.items())})"
            )
        self.add("meta", as_of=self.as_of, address="http://127.0.0.1:1", base_currency="RUB", timezone="Europe/Moscow")
        for pipeline, name in ((1, "Продажи"), (2, "Опт")):
            self.add(
                "pipelines",
                id=pipeline,
                name=name,
                sort=pipeline,
                role="sales",
                success_stage_id=f"C{pipeline}:WON",
                known=True,
            )
            for rank, (code, title, semantic) in enumerate(
                (
                    ("NEW", "Новая", "P"),
                    ("WORK", "В работе", "P"),
                    ("DOC", "Договор", "P"),
                    ("WON", "Успех", "S"),
                    ("LOSE", "Отказ", "F"),
                ),
                1,
            ):
                self.add(
                    "stages",
                    entity="deal",
                    pipeline_id=pipeline,
                    stage_id=f"C{pipeline}:{code}",
                    name=title,
                    semantic=semantic,
                    rank=rank,
                    known=True,
                    in_funnel=semantic != "F",
                )
        for rank, (code, title, semantic) in enumerate(
            (("NEW", "Новый", "P"), ("CONVERTED", "Сделка", "S"), ("JUNK", "Брак", "F")), 1
        ):
            self.add(
                "stages",
                entity="lead",
                stage_id=code,
                name=title,
                semantic=semantic,
                rank=rank,
                known=True,
                in_funnel=False,
            )
        for source in ("WEB", "CALL"):
            self.add("sources", source_id=source, name=source.title(), sort=1, known=True)

    def add(self, table: str, **values: Any) -> None:
        """One row; columns not named are NULL."""
        if table == "activities":
            kind = ACTIVITY_KINDS.index(values.get("kind", "other")) + 1
            values["class"] = kind * 4 + 2 * bool(values.get("completed")) + bool(values.get("missed"))
        self._rows.setdefault(table, []).append(values)

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The database with all rows in it."""
        for table, rows in self._rows.items():
            for chunk in batched(rows, 100):
                names = list(dict.fromkeys(name for row in chunk for name in row))
                holders = ", ".join([f"({', '.join('?' * len(names))})"] * len(chunk))
                self._con.execute(
                    f"INSERT INTO {table} ({', '.join(map(quoted, names))}) VALUES {holders}",
                    [row.get(name) for row in chunk for name in names],
                )
        self._rows.clear()
        return self._con

    def manager(self, manager_id: int, name: str, *departments: int, active: bool = True) -> None:
        """A person; the departments are taken as they are, without ancestors."""
        self.add("managers", id=manager_id, name=name, active=active, known=True)
        for department in departments:
            self.add("manager_departments", manager_id=manager_id, department_id=department, direct=True)

    def department(self, department_id: int, name: str, parent: int | None = None) -> None:
        """A department."""
        self.add(
            "departments",
            id=department_id,
            name=name,
            parent_id=parent,
            depth=0 if parent is None else 1,
            sort=department_id,
        )

    def card(
        self,
        table: str,
        card_id: int,
        created: str,
        *,
        won: str | None = None,
        lost: str | None = None,
        stage: str | None = None,
        pipeline: int | None = 1,
        manager: int | None = 1,
        amount: str | None = "100",
        source: str | None = "WEB",
        entered: str | None = None,
        customer: str = "new",
        **more: Any,
    ) -> None:
        """A deal or lead with its derived columns filled consistently."""
        status = "won" if won else "lost" if lost else "in_work"
        codes = (
            {"won": "WON", "lost": "LOSE", "in_work": "NEW"}
            if table == "deals"
            else {"won": "CONVERTED", "lost": "JUNK", "in_work": "NEW"}
        )
        code = stage or codes[status]
        created_at, won_at, lost_at = moscow(created), moscow(won), moscow(lost)
        closed = won_at or lost_at
        assert created_at and self.as_of
        entered_at = closed or moscow(entered) or created_at
        days = lambda a, b: (a - b) / timedelta(days=1)  # noqa: E731
        values: dict[str, Any] = {
            "id": card_id,
            "title": f"Карточка {card_id}",
            "stage_id": f"C{pipeline}:{code}" if table == "deals" else code,
            "pipeline_id": pipeline if table == "deals" else None,
            "semantic": {"won": "S", "lost": "F"}.get(status, "P"),
            "status": status,
            "manager_id": manager,
            "source_id": source,
            "customer": customer,
            "created_at": created_at,
            "created_on": local_day(created_at),
            "won_at": won_at,
            "won_on": local_day(won_at),
            "lost_at": lost_at,
            "lost_on": local_day(lost_at),
            "closed_at": closed,
            "stage_entered_at": entered_at,
            "amount": None if amount is None else Decimal(amount),
            "currency_id": "RUB",
            "no_rate": False,
            "last_activity_at": entered_at,
            "cycle_days": days(closed, created_at) if closed else None,
            "stage_days": days(self.as_of, entered_at),
            "duration_days": days(closed or self.as_of, created_at),
            "idle_days": int(days(self.as_of, entered_at)),
            "open_activities": 0,
            "contact_idle_days": int(days(self.as_of, created_at)),
        }
        values["idle_workdays"], values["contact_idle_workdays"] = (
            values[name] * 5 // 7 for name in ("idle_days", "contact_idle_days")
        )
        if table == "deals":
            values.update(
                in_sales=True, current_pipeline_id=pipeline, current_stage_id=values["stage_id"], reopened=False
            )
            if status == "lost":
                values["loss_reason"] = values["stage_id"]
            if status == "in_work" and "chance" in more and amount is not None:
                values["at_risk"] = Decimal(amount) * Decimal(str(more["chance"]))
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
        deal = self.con.execute(
            "SELECT created_at, created_on, amount, manager_id, source_id, customer, status FROM deals WHERE id = ?",
            [deal_id],
        ).fetchone()
        assert deal
        furthest = max(order.index(c) for c in codes)
        for rank, code in enumerate(order[: furthest + 1], 1):
            self.add(
                "deal_stages",
                id=deal_id,
                pipeline_id=pipeline,
                stage_id=f"C{pipeline}:{code}",
                rank=rank,
                entered=code in codes,
                reached=True,
                lost_here=code == lost_at,
                moved_out_here=False,
                returned=False,
                stay_days=float(rank),
                created_at=deal[0],
                created_on=deal[1],
                amount=deal[2],
                manager_id=deal[3],
                source_id=deal[4],
                customer=deal[5],
                status=deal[6],
            )

    def gap(self, deal_id: int, closed: str, reopened: str) -> None:
        """A closed spell that ended by reopening."""
        self.add("deal_gaps", id=deal_id, closed_at=moscow(closed), reopened_at=moscow(reopened))
        self.con.execute("UPDATE deals SET reopened = true WHERE id = ?", [deal_id])

    def activity(
        self,
        activity_id: int,
        kind: str,
        happened: str,
        *,
        owner: int | None = 1,
        owner_type: str = "deal",
        manager: int | None = 1,
        completed: bool = True,
        missed: bool = False,
        pipeline: int | None = 1,
        **more: Any,
    ) -> None:
        """An activity on a deal, lead, contact or company; the owner's own columns are given, not looked up."""
        moment = moscow(happened)
        assert moment
        local = moment.replace(tzinfo=UTC).astimezone(ZONE)
        values: dict[str, Any] = {
            "id": activity_id,
            "owner_type": owner_type,
            "owner_id": owner,
            "kind": kind,
            "missed": missed,
            "manager_id": manager,
            "author_id": manager,
            "subject": f"Дело {activity_id}",
            "created_at": moment,
            "happened_at": moment,
            "happened_on": local.date(),
            "weekday": local.isoweekday(),
            "hour": local.hour,
            "updated_at": moment,
            "completed": completed,
            "incoming": kind.endswith("_in"),
            "source_id": None,
            "customer": None,
            "pipeline_id": pipeline if owner_type == "deal" else None,
            "in_sales": True if owner_type == "deal" else None,
        }
        self.add("activities", **{**values, **more})

    def response(
        self,
        entity: str,
        card_id: int,
        created: str,
        minutes: float | None,
        *,
        manager: int | None = 1,
        self_made: bool = False,
        source: str | None = "WEB",
        pipeline: int | None = 1,
        **more: Any,
    ) -> None:
        """The first answer to a card after so many working minutes; None is no answer."""
        created_at = moscow(created)
        assert created_at
        values: dict[str, Any] = {
            "entity": entity,
            "id": card_id,
            "title": f"Карточка {card_id}",
            "pipeline_id": pipeline if entity == "deal" else None,
            "status": "in_work",
            "stage_id": f"C{pipeline}:NEW" if entity == "deal" else "NEW",
            "manager_id": manager,
            "source_id": source,
            "customer": "new",
            "created_at": created_at,
            "created_on": local_day(created_at),
            "self_made": self_made,
            "response_minutes": minutes,
            "answered_at": None if minutes is None else created_at + timedelta(minutes=minutes),
            "answer_kind": None if minutes is None else "call_out",
        }
        self.add("responses", **{**values, **more})

    def task(
        self,
        task_id: int,
        created: str,
        *,
        start: str | None = None,
        deadline: str | None = None,
        started: str | None = None,
        finished: str | None = None,
        status: int | None = None,
        manager: int | None = 1,
        creator: int | None = 2,
        original: str | None = None,
        moved: str | None = None,
        moved_overdue: bool = False,
        **more: Any,
    ) -> None:
        """A task; the planned start is a day without a time where it says midnight. ``original``: the deadline before it
        ``moved``, perhaps when ``moved_overdue``."""
        planned, due, began, over = moscow(start), moscow(deadline), moscow(started), moscow(finished)
        first = moscow(original) or due
        whole_day = planned is not None and planned.replace(tzinfo=UTC).astimezone(ZONE).time() == time.min
        until = planned + timedelta(days=1) - timedelta(microseconds=1) if planned and whole_day else planned
        values: dict[str, Any] = {
            "id": task_id,
            "title": f"Задача {task_id}",
            "status": status or (5 if finished else 3 if started else 2),
            "manager_id": manager,
            "created_by_id": creator,
            "created_at": moscow(created),
            "created_on": local_day(moscow(created)),
            "deadline": due,
            "deadline_on": local_day(due),
            "planned_start": planned,
            "planned_start_on": local_day(planned),
            "plan_is_date_only": whole_day if planned else None,
            "start_until": until,
            "started_at": began,
            "began_at": began or over,
            "finished_at": over,
            "finished_on": local_day(over),
            "tags": [],
            "deadline_original": first,
            "deadline_original_on": local_day(first),
            "deadline_moves": int(original is not None),
            "deadline_moved_at": [moscow(moved)] if moved else None,
            "deadline_moved_late_at": [moscow(moved)] if moved and moved_overdue else None,
        }
        self.add("tasks", **{**values, **more})

    def stay(self, deal_id: int, code: str, entered: str, left: str | None = None, pipeline: int = 1) -> None:
        """A stay of a deal in a stage; ``left`` None: it stands there still."""
        semantic = {"WON": "S", "LOSE": "F"}.get(code, "P")
        self.add(
            "stage_visits",
            entity="deal",
            id=deal_id,
            position=1,
            pipeline_id=pipeline,
            stage_id=f"C{pipeline}:{code}",
            semantic=semantic,
            entered_at=moscow(entered),
            left_at=moscow(left),
        )

    def commitment(self, number: int, kind: str, monday: date, *, manager: int = 1, **more: Any) -> None:
        """What a head promised for the week of a Monday."""
        year, week, _ = monday.isocalendar()
        flags = dict.fromkeys(("promised", "added", "done", "on_time", "slipped"), False)
        values = {
            "title": f"Обещание {number}",
            "week": f"{year}-W{week:02d}",
            "week_start": monday,
            "manager_id": manager,
        }
        self.add("commitments", kind=kind, id=number, owner_type="other", **{**values, **flags, **more})

    def done(self) -> Path:
        """Closes the database; it can be read now."""
        assert self.as_of
        forecast.fill(self.con, self.as_of, "Europe/Moscow")
        self.con.commit()
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
        """The file given for this instant, or the present."""
        self.asked.append(instant)
        return self._earlier.get(instant, self.facts_path)


class NoCache(AnswerCache):
    """Every answer computed anew."""

    def get(self, key: Any, compute: Any) -> Any:
        """The computed answer."""
        return compute()


def service_of(snapshot: Published, *reports: Report, typed: Entered = NOTHING) -> ReportService:
    """A report service over one snapshot, without a cache. ``typed``: what people typed."""
    return ReportService(lambda: snapshot, reports, NoCache(), typed=lambda: typed)


def typed_entries(**kinds: list[Mapping[str, Any]]) -> Entered:
    """Entries as people typed them: ``typed_entries(plan=[{...}])``."""
    entries = {kind: [KINDS_OF_ENTRIES[kind].value(value) for value in values] for kind, values in kinds.items()}
    return Entered("1", Preferences(), {kind: {v.key: Entry(v, 1) for v in values} for kind, values in entries.items()})


def random_portal(path: Path, seed: int, deals: int = 160, leads: int = 120) -> Path:
    """A portal with everything that can go wrong: no owner, no amount, no source, reopened, two pipelines, skipped stages. Made once a process."""
    given = (seed, deals, leads)
    if given in _MADE:
        path.write_bytes(_MADE[given])
    else:
        _MADE[given] = _random_portal(path, seed, deals, leads).read_bytes()
    return path


_MADE: dict[tuple[int, int, int], bytes] = {}


def _random_portal(path: Path, seed: int, deals: int, leads: int) -> Path:
    rng = random.Random(seed)
    facts = Facts(path, extra={"UF_CRM_KIND": "VARCHAR[]"})
    facts.add(
        "user_fields",
        entity="deal",
        field="UF_CRM_KIND",
        label="Вид",
        type="enumeration",
        multiple=True,
        kind="list",
        sort=1,
    )
    for option in ("1", "2"):
        facts.add(
            "user_field_options",
            entity="deal",
            field="UF_CRM_KIND",
            option_id=option,
            label=f"Вид {option}",
            sort=int(option),
        )
    facts.department(1, "Компания")
    facts.department(2, "Север", 1)
    facts.department(3, "Юг", 1)
    for manager, within in ((1, (1, 2)), (2, (1, 3)), (3, (1, 2, 3)), (4, ())):
        facts.manager(manager, f"Менеджер {manager}", *within, active=manager != 4)
    for pipeline in (1, 2):
        for stage, chance in (("NEW", 0.1), ("WORK", 0.25), ("DOC", 0.5)):
            facts.add(
                "stage_norms",
                pipeline_id=pipeline,
                stage_id=f"C{pipeline}:{stage}",
                closed=40,
                won=int(40 * chance),
                chance=chance,
                stays=20,
                stay_p90_won=9.5,
            )
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
            else:
                more["idle_days"], more["contact_idle_days"] = rng.randint(0, 60), rng.randint(0, 90)
                more["last_contact_at"] = rng.choice([None, some_day(created)])
                more["next_activity_at"] = rng.choice([None, None, end + timedelta(days=3)])
                if table == "deals":
                    more["stage"] = rng.choice(["NEW", "WORK", "DOC"])
                    more["chance"] = {"NEW": 0.1, "WORK": 0.25, "DOC": 0.5}[more["stage"]]
            if table == "deals":
                more["UF_CRM_KIND"] = rng.choice([None, [], ["1"], ["1", "2"]])
                more["no_rate"] = rng.random() < 0.05
                more["planned_close_on"] = (created + timedelta(days=card_id % 150)).date()
            else:
                more["became_deal"] = rng.random() < 0.5
                more["deal_won"] = more["became_deal"] and rng.random() < 0.5
            for level in ("source", "medium", "campaign", "content", "term"):
                more[f"utm_{level}"] = rng.choice([None, f"{level} 1", f"{level} 2"])
            facts.card(
                table,
                card_id,
                created.isoformat(" ", "seconds"),
                pipeline=pipeline,
                manager=rng.choice([1, 1, 2, 3, 4, None]),
                amount=None if more.get("no_rate") else rng.choice([None, "0.1", "100", "333.33", "1e6"]),
                source=rng.choice(["WEB", "CALL", None]),
                customer=rng.choice(["new", "repeat"]),
                **more,
            )
            if table == "deals":
                ended = None if fate == "work" else closed.isoformat(" ", "seconds")
                facts.stay(card_id, more.get("stage", "NEW"), created.isoformat(" ", "seconds"), ended, pipeline)
                codes = rng.sample(["NEW", "WORK", "DOC"], rng.randint(1, 3)) + (["WON"] if fate == "won" else [])
                furthest = max(codes, key=["NEW", "WORK", "DOC", "WON"].index)
                facts.reach(card_id, pipeline, *codes, lost_at=furthest if fate == "lost" else None)
                if fate == "lost":
                    facts.con.execute(
                        "UPDATE deals SET furthest_stage_id = ? WHERE id = ?", [f"C{pipeline}:{furthest}", card_id]
                    )
                if rng.random() < 0.15 and fate != "work":
                    first = created + (closed - created) * rng.random()
                    second = first + (closed - first) * rng.random()
                    facts.gap(card_id, first.isoformat(" ", "seconds"), second.isoformat(" ", "seconds"))
    _random_work(facts, rng, some_day, start)
    _random_audits(facts, rng)
    _random_commitments(facts, rng)
    return facts.done()


KINDS = (
    "call_out",
    "call_in",
    "email_out",
    "email_in",
    "message_out",
    "message_in",
    "meeting",
    "todo",
    "task",
    "form",
    "other",
)


def _random_work(facts: Facts, rng: random.Random, some_day: Callable[[datetime], datetime], start: datetime) -> None:
    """Activities on everything, tasks, first answers to the cards that are there."""
    cards = {
        entity: facts.con.execute(
            f"SELECT id, pipeline_id, manager_id, source_id, customer, status, stage_id, created_at, created_on FROM {entity}s ORDER BY id"
        ).fetchall()
        for entity in ("deal", "lead")
    }
    for number in range(1, 261):
        owner_type = rng.choice(["deal", "deal", "lead", "contact", "company", "other"])
        card = rng.choice(cards[owner_type]) if owner_type in cards else None
        owned = (
            {}
            if card is None
            else {"source_id": card[3], "customer": card[4], "owner_status": card[5], "owner_stage_id": card[6]}
        )
        facts.activity(
            number,
            rng.choice(KINDS),
            some_day(start).isoformat(" ", "seconds"),
            owner=card[0] if card else number,
            owner_type=owner_type,
            manager=rng.choice([1, 1, 2, 3, 4, None]),
            completed=rng.random() < 0.7,
            missed=rng.random() < 0.2,
            pipeline=card[1] if card else None,
            deadline=rng.choice([None, moscow(some_day(start).isoformat(" ", "seconds"))]),
            **owned,
        )
    for entity, known in cards.items():
        for card in known:
            if entity == "lead" or rng.random() < 0.4:
                minutes = rng.choice([None, 0.0, 15.0, rng.random() * 30, rng.random() * 3000])
                facts.response(
                    entity,
                    card[0],
                    "2026-01-01 00:00",
                    minutes,
                    pipeline=card[1],
                    manager=card[2],
                    source=card[3],
                    customer=card[4],
                    status=card[5],
                    stage_id=card[6],
                    created_at=card[7],
                    created_on=card[8],
                    self_made=rng.random() < 0.2,
                )
    for project in (1, 2):
        facts.add("workgroups", id=project, name=f"Проект {project}", closed=False)
    for number in range(1, 121):
        created = some_day(start)
        moments = {
            name: some_day(created).isoformat(" ", "seconds") if rng.random() < 0.6 else None
            for name in ("deadline", "start", "started", "finished")
        }
        if moments["start"] and rng.random() < 0.5:
            moments["start"] = moments["start"][:10] + " 00:00"
        moved = moments["deadline"] is not None and rng.random() < 0.2
        facts.task(
            number,
            created.isoformat(" ", "seconds"),
            **moments,
            manager=rng.choice([1, 1, 2, 3, 4, None]),
            creator=rng.choice([1, 2, None]),
            status=rng.choice([None, None, 4, 6, 7]),
            original=some_day(created).isoformat(" ", "seconds") if moved else None,
            moved_overdue=moved and rng.random() < 0.5,
            project_id=rng.choice([1, 2, None]),
            tags=rng.choice([[], ["срочно"], ["срочно", "отдел"]]),
        )


def _random_audits(facts: Facts, rng: random.Random) -> None:
    """What is missing on every card, by chance: as many bits as the kind has fields, any checks."""
    fields = {
        "deal": ("TITLE", "OPPORTUNITY", "SOURCE_ID", "UF_CRM_KIND", "UTM_TERM"),
        "lead": ("TITLE", "OPPORTUNITY", "UTM_TERM"),
    }
    shared = [n for n in FACTS["audits"] if n not in ("entity", "recent", "filled", "empty_required", "violated")]
    for entity, names in fields.items():
        for place, name in enumerate(names):
            facts.add("audit_fields", of_entity=entity, field=name, place=place)
        for row in facts.con.execute(f"SELECT {', '.join(shared)} FROM {entity}s ORDER BY id").fetchall():
            checks = rng.sample(list(CHECKS), rng.choice([0, 0, 1, 1, 2, 3]))
            facts.add(
                "audits",
                entity=entity,
                recent=rng.random() < 0.6,
                filled="1" + "".join(rng.choice("01") for _ in names[2:]) + "0",
                empty_required=[n for n in (*names, "CLIENT") if rng.random() < 0.2]
                if "required_empty" in checks
                else [],
                violated=checks,
                **dict(zip(shared, row, strict=True)),
            )


def _random_commitments(facts: Facts, rng: random.Random) -> None:
    """Heads of the departments, and what they promised for weeks of the winter."""
    for department, head in ((1, 3), (2, 1), (3, 2)):
        facts.con.execute("UPDATE departments SET head_id = ? WHERE id = ?", [head, department])
    for number in range(1, 121):
        monday = date(2025, 12, 1) + timedelta(days=7 * rng.randrange(16))
        done = rng.random() < 0.6
        due = moscow(f"{monday + timedelta(days=rng.randrange(7))} {rng.randrange(10, 18)}:00")
        added = rng.random() < 0.3
        facts.commitment(
            number, rng.choice(["task", "activity"]), monday, manager=rng.choice([1, 1, 2, 3]), deadline=due,
            promised=not added, added=added, done=done, on_time=done and rng.random() < 0.7, slipped=not done,
        )  # fmt: skip
