"""Odd values at every field of every entity, one at a time: loaded, validated, every block answers, and only that record changed."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dash_app.portal.reader import Reader
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.store.derive import DeriveConfig
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
REPORTS = discover()
PERIOD = {"from": ["2026-03-01"], "to": ["2026-03-31"], "compare": ["previous"]}


def load(folder: Path, rows: Rows) -> Snapshot:
    paths = PortalPaths.of(folder, "portal")
    Refresh(paths, Reader(OddPortal(rows)), CONFIG).run()  # validate included
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
        return found
    finally:
        con.close()


def answers(snapshot: Snapshot) -> dict[tuple[str, str], Any]:
    """Every block of every report, every list whole."""
    service: ReportService = service_of(Published(snapshot.facts_path), *REPORTS)
    found = {}
    for report in REPORTS:
        query = service.parse(report, PERIOD if report.default_period != "all" else {}, interface=False)
        for block in report.blocks:
            if block.view == "list":
                page = service.records(report, block.id, "", {}, query, GridRequest(end=100_000))
                assert page.total == len(page.rows)
                found[report.slug, block.id] = page.rows
            else:
                found[report.slug, block.id] = service.block(report, block.id, query).rows
        for name in ("stage", "manager", "department", "source", "pipeline", "project", "tag"):
            service.choices(report, name, query)
    return found


@cache
def all_of_them() -> tuple[Oddity, ...]:
    return tuple(oddities())


def test_odd_values_at_every_field_of_every_entity_change_no_other_record(tmp_path: Path) -> None:
    odd = load(tmp_path / "odd", Rows.of(all_of_them()))
    sound = load(tmp_path / "sound", Rows.of(all_of_them(), odd=False))
    expected, found = everything(sound), everything(odd)
    for table in FACTS:
        if table in ("sources", "workdays", "user_fields", "user_field_options", "meta"):
            continue  # what odd records name has rows of its own there
        assert found[table] == expected[table], table
    assert len(found["deals"]) == len(found["leads"]) == 60 and found["odd"] == []
    whole = everything(odd, controls_only=False)
    json.dumps(whole, default=str).encode()  # nothing that is no text, no instant Python cannot hold
    assert answers(odd).keys() == answers(sound).keys()
    said = {note["ru"].partition(":")[0] for note in odd.manifest.notes}
    assert {
        "Сделок без стадии",
        "Лидов без стадии",
        "Сделок без даты создания",
        "Сделок с датой создания в будущем",
        "Сделок без номера",
        "Сделок со значением поля, которое не прочитать",
        "Сделок со слишком длинным текстом",
    } <= said, said
    assert not sound.manifest.notes
    told = json.dumps(list(odd.manifest.notes), ensure_ascii=False)
    assert "auth" not in told and "script" not in told and "Ромашка" not in told


@pytest.mark.parametrize("seed", range(4))
def test_one_odd_value_alone_changes_no_other_record(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    given = tuple(dice.sample(all_of_them(), 1))
    odd, sound = load(tmp_path / "odd", Rows.of(given)), load(tmp_path / "sound", Rows.of(given, odd=False))
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
