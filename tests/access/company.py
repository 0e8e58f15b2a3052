"""A company twice: whole, asked with somebody's rights, and reduced to these rights, asked without any.

Records come from ``facts_builder.random_portal``; what its people typed goes through a real workspace, every plan typed twice. Own fields name people
and cards. ``loud`` people's records, plans and pay are of sums no other can be mistaken for, theirs is every name that tells whose it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dash_app.access.scope import EVERYTHING, Scope
from dash_app.engine.language import Report
from dash_app.engine.result import Note
from dash_app.reports.cache import AnswerCache
from dash_app.reports.service import ReportService
from dash_app.reports.session import Session
from dash_app.services_factory import typed_of
from dash_app.store.workspace import Workspace
from dash_app.text import Text
from dash_app.web.discovery import discover
from tests.figures.facts_builder import Published, random_portal
from tests.figures.test_sales_plan_invariants import plans

PEOPLE = (1, 2, 3, 4)
REPORTS: tuple[Report, ...] = tuple(discover())
OF_PEOPLE = (
    "deals",
    "leads",
    "deal_stages",
    "activities",
    "responses",
    "audits",
    "commitments",
    "tasks",
    "forecast_tests",
    "manager_departments",
)
"""Tables of records and people by ``manager_id``."""
LOUD = 3 * 10**14
"""Added to every sum of a loud person: no sum of the others comes near it."""
DEPARTMENTS: dict[int, set[int]] = {1: {1, 2}, 2: {1, 3}, 3: {1, 2, 3}, 4: set()}
"""Of ``random_portal``: person -> departments, own and above."""
WHO, LINK = "UF_CRM_WHO", "UF_CRM_LINK"
"""Own fields of deals: people, and leads."""


def own_fields(con: duckdb.DuckDBPyConnection) -> None:
    """Two fields whose words are secrets of whoever they name, as ``store.derive.own_fields`` keeps them."""
    for place, (field, label, kind) in enumerate(((WHO, "Куратор", "people"), (LINK, "Из лида", "links")), 2):
        con.execute(f"ALTER TABLE deals ADD COLUMN {field} VARCHAR[]")
        con.execute(
            "INSERT INTO user_fields (entity, field, label, type, multiple, kind, sort) VALUES ('deal', ?, ?, ?, true, ?, ?)",
            [field, label, kind, kind, place],
        )
    con.execute(
        f"UPDATE deals SET {WHO} = CASE id % 5 WHEN 0 THEN NULL WHEN 1 THEN ['99', '1'] ELSE [CAST(id % 5 AS VARCHAR)] END"
    )
    con.execute(f"UPDATE deals SET {LINK} = ['L_' || id] WHERE id % 3 = 0 AND id IN (SELECT id FROM leads)")
    con.execute(
        f"""
        INSERT INTO user_field_options (entity, field, option_id, label, label_en, sort, active, owner, plain, plain_en)
        SELECT 'deal', '{WHO}', met, CASE WHEN m.id IS NULL THEN 'Сотрудник №' || met ELSE m.name END, CASE WHEN m.id IS NULL THEN 'User #' || met ELSE m.name END,
               row_number() OVER (ORDER BY met)::INTEGER, coalesce(m.active, true), coalesce(m.id, 0), 'Сотрудник №' || met, 'User #' || met
        FROM (SELECT DISTINCT unnest({WHO}) AS met FROM deals) LEFT JOIN managers m ON CAST(m.id AS VARCHAR) = met
        UNION ALL
        SELECT 'deal', '{LINK}', met, l.title, l.title, l.id::INTEGER, true, coalesce(l.manager_id, 0), 'Лид ' || l.id, 'Lead ' || l.id
        FROM (SELECT DISTINCT unnest({LINK}) AS met FROM deals) JOIN leads l ON met = 'L_' || l.id
        """
    )


def name_everything(con: duckdb.DuckDBPyConnection) -> None:
    """Whose a record is stands in its title."""
    for table, column, word in (
        ("activities", "subject", "Дело"),
        ("deals", "title", "Сделка"),
        ("leads", "title", "Лид"),
        ("tasks", "title", "Задача"),
        ("responses", "title", "Ответ"),
        ("audits", "title", "Карточка"),
        ("commitments", "title", "Обещание"),
    ):
        con.execute(f"UPDATE {table} SET {column} = '{word} м' || coalesce(manager_id, 0)")


def make_loud(con: duckdb.DuckDBPyConnection, people: Iterable[int]) -> None:
    """Sums of these people's records, and of nobody's, become enormous: after the norms of the company were made of the ordinary ones."""
    listed = ", ".join(map(str, people))
    for table, column in (
        ("deals", "amount"),
        ("deals", "at_risk"),
        ("leads", "amount"),
        ("deal_stages", "amount"),
        ("audits", "amount"),
        ("forecast_tests", "fact"),
        ("forecast_tests", "expected"),
        ("forecast_tests", "fact_then"),
    ):
        con.execute(
            f"UPDATE {table} SET {column} = {column} + {LOUD} WHERE manager_id IS NULL OR manager_id IN ({listed})"
        )


def reduced(whole: Path, path: Path, people: frozenset[int]) -> Path:
    """A copy of the data in which only these people's records were ever kept."""
    shutil.copy(whole, path)
    listed = ", ".join(map(str, people)) or "NULL"
    with duckdb.connect(str(path)) as con:
        for table in OF_PEOPLE:
            con.execute(
                f"DELETE FROM {table} WHERE manager_id IS NULL OR NOT coalesce(manager_id IN ({listed}), false)"
            )
        con.execute(f"DELETE FROM managers WHERE NOT coalesce(id IN ({listed}), false)")
        con.execute("DELETE FROM departments WHERE id NOT IN (SELECT department_id FROM manager_departments)")
        con.execute(
            "DELETE FROM workgroups WHERE id NOT IN (SELECT project_id FROM tasks WHERE project_id IS NOT NULL)"
        )
        for field in (WHO, LINK):
            con.execute(
                f"DELETE FROM user_field_options WHERE field = '{field}' AND option_id NOT IN (SELECT unnest({field}) FROM deals WHERE {field} IS NOT NULL)"
            )
        con.execute(
            f"UPDATE user_field_options SET label = plain, label_en = plain_en WHERE owner IS NOT NULL AND NOT coalesce(owner IN ({listed}), false)"
        )
    return path


# -- what people typed -----------------------------------------------------------------------------------------------------

Kinds = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Typed:
    """What is typed into a workspace, in order. ``first``: plans as they were before."""

    first: list[dict[str, Any]]
    rest: Kinds

    def into(self, workspace: Workspace) -> None:
        """Types all of it; whose it is says who typed it."""
        for value in self.first:
            _put(workspace, "plan", value)
        for kind, values in self.rest.items():
            for value in values:
                _put(workspace, kind, value)


def _put(workspace: Workspace, kind: str, value: dict[str, Any]) -> None:
    from dash_app.store.kinds import ENTRY_KINDS

    workspace.put_entries(kind, {ENTRY_KINDS[kind].value(value).key: value}, f"автор м{value.get('manager_id', '')}")


def typed(
    seed: int,
    people: frozenset[int] | None,
    cards: Mapping[str, Mapping[int, int | None]],
    loud: frozenset[int] = frozenset(),
) -> Typed:
    """Of these people, by the letter of ``docs/rights.md``; None: everything. ``cards``: entity -> card -> whose."""

    def sees(person: object) -> bool:
        return people is None or (person not in (None, "") and int(str(person)) in people)

    def theirs(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [v for v in values if sees(v["manager_id"])]

    def more(person: object) -> int:
        return LOUD if person in (None, "") or int(str(person)) in loud else 0

    def scheme(name: str, month: str, managers: list[str], departments: list[str]) -> list[dict[str, Any]]:
        units = {str(d) for person in (PEOPLE if people is None else people) for d in DEPARTMENTS[person]}
        found = {
            "managers": [m for m in managers if sees(m)],
            "departments": [d for d in departments if people is None or d in units],
        }
        if (managers or departments) and not any(found.values()):
            return []
        steps = [{"reached": "0.5", "pay": "share", "value": "1"}, {"reached": "1.5", "pay": "share", "value": "2"}]
        return [{"name": name, "from_month": month, "steps": steps, **found}]

    planned = [v for v in theirs(plans(seed)) if v["month"] != "2026-01"]
    planned = [
        {
            **v,
            "plan_amount": str(float(v["plan_amount"]) + more(v["manager_id"]))
            if more(v["manager_id"])
            else v["plan_amount"],
        }
        for v in planned
    ]
    rows = [
        {"manager_id": str(n or ""), "pipeline_id": "", "plan_amount": str(500 + more(n)), "fact_amount": f"{7777 + more(n)}.77", "fact_count": 3,
         "threshold": "1", "pay": f"{n * 100 + more(n)}.50", "working_ru": f"расчёт м{n}", "working_en": f"working м{n}",
         "scheme": {"name": "Лестница", "from_month": "2025-12", "steps": [], "managers": ["1", "2"] if people is None else [m for m in ("1", "2") if sees(m)]}}
        for n in (*PEOPLE, 0)
    ]  # fmt: skip
    return Typed(
        [{**v, "plan_amount": "1", "plan_count": None} for v in planned],
        {
            "absence": theirs(
                [{"manager_id": str(n), "start": "2026-02-02", "end": "2026-02-06", "reason": f"отпуск м{n}"} for n in (1, 2, 3)]
            ),
            "grade": theirs([{"manager_id": str(n), "grade": f"грейд м{n}", "start": "2025-11-01"} for n in (2, 3)]),
            "grade_coefficient": [{"grade": "старший", "start": "2025-11-01", "coefficient": "1.5"}],
            "leader_note": theirs(
                [{"department_id": d, "manager_id": m, "week": "2026-W08", "text": f"слова м{m}"} for d, m in (("1", "3"), ("2", "1"), ("3", "2"))]
            ),
            "hire": theirs([{"manager_id": str(n), "start": "2026-01-12"} for n in (1, 2, 4)]),
            "ramp": [{"shares": ["0.5", "0.8"]}],
            "scheme": [
                *scheme("Общая", "2026-03", [], []),
                *scheme("Двоим", "2026-02", ["1", "2"], []),
                *scheme("Югу", "2026-02", [], ["3"]),
                *scheme("Лично м4", "2026-02", ["4"], []),
            ],
            "expense": [{"source_id": "WEB", "month": "2026-02", "amount": str(987654 + LOUD)}] if people is None else [],
            "snooze": [
                {"entity": entity, "id": str(n), "until": "2026-04-10", "since": "2026-03-01", "reason": f"ждёт м{whose or 0}"}
                for entity, known in cards.items()
                for n, whose in known.items()
                if n % 9 == 1 and sees(whose)
            ],
            "plan": planned,
            "closing": [{"month": "2026-01", "state": "closed", "rows": theirs(rows)}],
        },
    )  # fmt: skip


class Company:
    """One company. ``asked``: the session of who sees everything."""

    def __init__(self, folder: Path, seed: int, loud: frozenset[int] = frozenset()) -> None:
        self.folder, self.seed, self.loud = folder, seed, loud
        self.whole = random_portal(folder / f"whole{seed}.duckdb", seed)
        with duckdb.connect(str(self.whole)) as con:
            name_everything(con)
            own_fields(con)
            if loud:
                make_loud(con, loud)
            self.cards = {
                entity: dict(con.execute(f"SELECT id, manager_id FROM {entity}s ORDER BY id").fetchall())
                for entity in ("deal", "lead")
            }
        self.workspaces: dict[str, Workspace] = {}
        self.asked = self._session(self.whole, "whole", None)
        self._reduced: dict[Scope, Session] = {}

    def _session(self, path: Path, name: str, people: frozenset[int] | None) -> Session:
        workspace = Workspace(f"sqlite:///{self.folder / f'{name}{self.seed}.sqlite'}", portal="test")
        self.workspaces[name] = workspace
        typed(self.seed, people, self.cards, self.loud).into(workspace)
        published = Published(path)
        published.id = f"company{self.seed}"  # files name their snapshot
        if self.loud:
            published.notes = [Note(Text("Не прочитано: Сделка м1", "Not read: Сделка м1"))]
            published.changes = {"deals_new": LOUD}  # type: ignore[attr-defined]
        service = ReportService(lambda: published, REPORTS, AnswerCache(), typed=typed_of(workspace))
        return Session(service, workspace)

    def limited(self, scope: Scope) -> Session:
        """The whole company, with rights."""
        return self.asked if scope == EVERYTHING else self.asked.seen_by(scope)

    def alone(self, scope: Scope) -> Session:
        """The company reduced to the rights, without any."""
        if scope not in self._reduced:
            assert scope.people is not None
            path = reduced(self.whole, self.folder / f"{self.seed}-{scope.fingerprint}.duckdb", scope.people)
            self._reduced[scope] = self._session(path, scope.fingerprint, scope.people)
        return self._reduced[scope]
