"""Odd values at every field of every entity, one at a time: loaded, validated, every block answers, and only that record changed."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pytest

from dash_app.card_fields import system_fields
from dash_app.exports.excel import workbook
from dash_app.portal.errors import of_answer
from dash_app.portal.reader import Reader
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.store.derive import DeriveConfig
from dash_app.store.oddities import ABOUT
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh
from dash_app.store.schema import FACTS
from dash_app.store.snapshots import Snapshot, Snapshots
from dash_app.web.discovery import discover
from tests.figures.facts_builder import Published, service_of
from tests.protocol.odd_portal import (
    CONTROL,
    ODD_SALES,
    ODD_STAGES,
    SALES,
    USER_FIELDS,
    Oddity,
    OddPortal,
    Rows,
    oddities,
)

# pipelines of odd deals are kept out of what all sales share: shares of a stage, forecasts
CONFIG = DeriveConfig(roles={ODD_SALES: "other", ODD_STAGES: "other", 0: "other", 3: "other"})
KNOWN_FIELDS = {field.id for entity in ("deal", "lead") for field in system_fields(entity)} | {
    f"UF_CRM_{name.upper()}" for name in USER_FIELDS
}
REPORTS = discover()
PERIOD = {"from": ["2026-03-01"], "to": ["2026-03-31"], "compare": ["previous"]}


def load(folder: Path, portal: OddPortal) -> Snapshot:
    paths = PortalPaths.of(folder, "portal")
    Refresh(paths, Reader(portal), CONFIG).run()  # validate included
    found = Snapshots(paths).current()
    assert found is not None
    return found


def everything(snapshot: Snapshot, controls_only: bool = True) -> dict[str, list[tuple[Any, ...]]]:
    """Facts of the control records, table by table."""
    con = duckdb.connect(str(snapshot.facts_path), read_only=True)
    try:
        found = {}
        for table, columns in FACTS.items():
            key = next((c for c in ("id", "manager_id", "pipeline_id") if c in columns), None)
            where = f"WHERE {key} >= {CONTROL} AND {key} NOT IN ({ODD_SALES}, {ODD_STAGES})" if key else ""
            if table == "odd":
                where = f"WHERE id >= {CONTROL}"
            if table in ("sources", "workdays", "user_fields", "user_field_options") or not controls_only:
                where = ""
            own = [f'"UF_CRM_{name.upper()}"' for name in USER_FIELDS] if table in ("deals", "leads") else []
            names = (
                ", ".join([*columns, *own]) if controls_only else "*"
            )  # definitions that are odd have columns of their own
            found[table] = con.execute(f"SELECT {names} FROM {table} {where} ORDER BY ALL").fetchall()
        if controls_only:
            found["audits"] = _by_field(con, found["audits"])
            found["audit_fields"] = [row[:2] for row in found["audit_fields"] if row[1] in KNOWN_FIELDS]
        return found
    finally:
        con.close()


def _by_field(con: duckdb.DuckDBPyConnection, audits: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The cards with the names of their filled fields instead of places: an odd definition is a field more, and moves the others' places."""
    place_of = list(FACTS["audits"]).index("filled")
    entity_of = list(FACTS["audits"]).index("entity")
    fields: dict[str, list[str]] = {}
    for entity, name in con.execute("SELECT of_entity, field FROM audit_fields ORDER BY of_entity, place").fetchall():
        fields.setdefault(entity, []).append(name)
    return [
        (
            *row[:place_of],
            tuple(
                sorted(
                    name
                    for name, bit in zip(fields[row[entity_of]], row[place_of], strict=True)
                    if bit == "1" and name in KNOWN_FIELDS
                )
            ),
            *row[place_of + 1 :],
        )
        for row in audits
    ]


def said_of_records(snapshot: Snapshot) -> list[str]:
    return [line["ru"] for line in snapshot.manifest.notes if line.get("about") == ABOUT]


def answers(snapshot: Snapshot) -> None:
    """Asks every block of every report, every list whole, every choice, and two workbooks."""
    service: ReportService = service_of(Published(snapshot.facts_path), *REPORTS)
    for report in REPORTS:
        query = service.parse(report, PERIOD if report.default_period != "all" else {}, interface=False)
        for block in report.blocks:
            if block.view == "list":
                page = service.records(report, block.id, "", {}, query, GridRequest(end=100_000))
                assert page.total == len(page.rows)
            else:
                service.block(report, block.id, query)
        for name in ("stage", "manager", "department", "source", "pipeline", "project", "tag"):
            service.choices(report, name, query)
        if report.slug in ("sales-dynamics", "team-performance"):
            workbook(service, report, query, "ru", io.BytesIO())


@cache
def all_of_them() -> tuple[Oddity, ...]:
    return tuple(oddities())


def test_odd_values_at_every_field_of_every_entity_change_no_other_record(tmp_path: Path) -> None:
    odd = load(tmp_path / "odd", OddPortal(Rows.of(all_of_them())))
    sound = load(tmp_path / "sound", OddPortal(Rows.of(all_of_them(), odd=False)))
    expected, found = everything(sound), everything(odd)
    for table in FACTS:
        if table in ("sources", "workdays", "user_fields", "user_field_options", "meta"):
            continue  # what odd records name has rows of its own there
        assert found[table] == expected[table], table
    assert len(found["deals"]) == len(found["leads"]) == 60 and found["odd"] == []
    whole = everything(odd, controls_only=False)
    json.dumps(whole, default=str).encode()  # nothing that is no text, no instant Python cannot hold
    answers(odd)
    said = {line.partition(":")[0] for line in said_of_records(odd)}
    assert {
        "Сделок без стадии",
        "Лидов без стадии",
        "Сделок без даты создания",
        "Сделок с датой создания в будущем",
        "Сделок без номера",
        "Своих полей без номера",
        "Сделок со значением поля, которое не прочитать",
        "Сделок со слишком длинным текстом",
    } <= said, said
    assert not said_of_records(sound)
    told = json.dumps(list(odd.manifest.notes), ensure_ascii=False)
    assert "auth" not in told and "script" not in told and "Ромашка" not in told


@pytest.mark.parametrize("seed", range(4))
def test_one_odd_value_alone_changes_no_other_record(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    given = tuple(dice.sample(all_of_them(), 1))
    odd, sound = (
        load(tmp_path / "odd", OddPortal(Rows.of(given))),
        load(tmp_path / "sound", OddPortal(Rows.of(given, odd=False))),
    )
    found, expected = everything(odd), everything(sound)
    for table in (
        "deals",
        "leads",
        "stage_visits",
        "deal_stages",
        "activities",
        "tasks",
        "responses",
        "win_chances",
        "stage_norms",
    ):
        assert found[table] == expected[table], (table, given)
    assert SALES in {row[0] for row in found["pipelines"]}


class Refusing(OddPortal):
    """A portal that refuses some methods: method -> (code, description)."""

    refuses: ClassVar[dict[str, tuple[str, str]]] = {}

    def _once(self, method: str, body: Mapping[str, Any], methods: frozenset[str]) -> dict[str, Any]:
        if method in self.refuses:
            raise of_answer(method, *self.refuses[method], 403)
        return super()._once(method, body, methods)

    def _answer(self, method: str, asked: Mapping[str, str]) -> dict[str, Any]:
        if method in self.refuses:
            code, said = self.refuses[method]
            return {"error": code, "error_description": said}
        return super()._answer(method, asked)


@pytest.mark.parametrize(
    ("method", "code", "said", "note"),
    [
        (
            "sonet_group.get",
            "ACCESS_DENIED",
            "Access denied! Available only on extended plans",
            "Проекты не прочитаны: вместо имён номера. Портал отказал в sonet_group.get: Access denied! Available only on extended plans.",
        ),
        (
            "department.get",
            "INVALID_CREDENTIALS",
            "Invalid request credentials",
            "Отделы не прочитаны: фильтра по отделам нет. Портал отказал в department.get: Invalid request credentials.",
        ),
        (
            "tasks.task.list",
            "",
            "Access denied.",
            "Задачи не прочитаны: отчёт о задачах пуст. Портал отказал в tasks.task.list: Access denied.",
        ),
        (
            "tasks.task.list",
            "INSUFFICIENT_SCOPE",
            "",
            "Задачи не прочитаны: отчёт о задачах пуст. Вебхуку не хватает прав на tasks.task.list. "
            "Добавьте право «Задачи (task)» в настройках вебхука на портале.",
        ),
    ],
)
def test_what_is_refused_is_left_out_alone_and_said_in_the_portals_words(
    tmp_path: Path, method: str, code: str, said: str, note: str
) -> None:
    portal = Refusing(Rows.of(()))
    portal.refuses = {method: (code, said)}  # type: ignore[misc]
    snapshot = load(tmp_path, portal)
    assert [line["ru"] for line in snapshot.manifest.notes] == [note]
    assert len(everything(snapshot)["deals"]) == 60


def test_what_is_odd_about_a_record_is_said_as_long_as_it_is(tmp_path: Path) -> None:
    given = [Oddity("crm.deal.list", "OPPORTUNITY", "не то"), Oddity("crm.deal.list", "STAGE_ID", None)]
    first = load(tmp_path, OddPortal(Rows.of(given)))
    again = load(tmp_path, OddPortal(Rows.of(given)))
    assert not again.manifest.full and again.id != first.id
    assert said_of_records(again) == said_of_records(first)
    assert [line.partition(".")[0] for line in said_of_records(first)] == [
        "Сделок без стадии: 1 (№ 1001)",
        "Сделок со значением поля, которое не прочитать: 1 (№ 1000; поля OPPORTUNITY)",
    ]
