"""Аудит карточек by a table small enough to check by eye (metrics.md section 8). Taken on 20 March 2026, 12:00 in Moscow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from pages.card_audit import REPORT
from tests.figures.facts_builder import Facts, Published, local_day, moscow, service_of

FIELDS = {"deal": ("TITLE", "OPPORTUNITY", "UF_CRM_KIND"), "lead": ("TITLE", "OPPORTUNITY")}
FEBRUARY = {"from": ["2026-02-01"], "to": ["2026-02-28"]}


def card(facts: Facts, entity: str, number: int, created: str, filled: str, *checks: str, **more: Any) -> None:
    moment = moscow(created)
    deal = entity == "deal"
    values: dict[str, Any] = {
        "title": f"Карточка {number}",
        "pipeline_id": 1 if deal else None,
        "stage_id": "C1:WORK" if deal else "NEW",
        "status": "in_work",
        "manager_id": 1,
        "created_at": moment,
        "created_on": local_day(moment),
        "stage_days": 3.0,
        "recent": True,
        "empty_required": [],
    }
    facts.add("audits", entity=entity, id=number, filled=filled, violated=list(checks), **{**values, **more})


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportService]:
    facts = Facts(tmp_path_factory.mktemp("audit") / "facts.duckdb", extra={"UF_CRM_KIND": "VARCHAR[]"})
    facts.add("user_fields", entity="deal", field="UF_CRM_KIND", label="Вид", type="enumeration", kind="list", sort=1)
    facts.department(1, "Компания")
    facts.department(2, "Север", 1)
    facts.manager(1, "Анна", 1, 2)
    facts.manager(2, "Борис")
    for entity, names in FIELDS.items():
        for place, name in enumerate(names):
            facts.add("audit_fields", of_entity=entity, field=name, place=place)
    missing = {"empty_required": ["OPPORTUNITY", "CLIENT", "UF_CRM_KIND"]}
    card(facts, "deal", 1, "2026-02-02 00:00", "110")
    card(facts, "deal", 2, "2026-02-03 10:00", "100", "required_empty", "no_amount", **missing)
    card(facts, "deal", 3, "2026-02-08 23:59", "110", "stuck", pipeline_id=2, stage_id="C2:DOC", manager_id=2)
    card(facts, "deal", 4, "2026-02-09 00:00", "110", pipeline_id=2, stage_id="C2:WON", status="won")
    card(facts, "lead", 2, "2026-02-10 10:00", "10", "no_amount", manager_id=2)
    card(facts, "deal", 5, "2026-01-10 10:00", "100", "no_amount")  # of the month before
    card(facts, "lead", 9, "2025-11-10 10:00", "00", "owner_gone", recent=False, manager_id=2)
    yield service_of(Published(facts.done()), REPORT)


def rows(reports: ReportService, block: str, **params: list[str]) -> list[dict[str, Any]]:
    query = reports.parse(REPORT, {**FEBRUARY, **params}, interface=False)
    return reports.block(REPORT, block, query).rows  # type: ignore[return-value]


def ids(reports: ReportService, block: str, measure: str, row: dict[str, str], **params: list[str]) -> list[str]:
    query = reports.parse(REPORT, {**FEBRUARY, **params}, interface=False)
    return sorted(str(r["key"]) for r in reports.records(REPORT, block, measure, row, query, GridRequest(0, 100)).rows)


def test_fill_rates_by_field_and_pipeline(reports: ReportService) -> None:
    found = {
        (r["entity"], r["field_id"], r["pipeline_id"]): (r["filled"], r["empty"], r["total"], r["fill_rate"])
        for r in rows(reports, "fields")
    }
    assert found == {
        ("deal", "TITLE", "1"): (2, 0, 2, 1.0),
        ("deal", "TITLE", "2"): (2, 0, 2, 1.0),
        ("deal", "OPPORTUNITY", "1"): (1, 1, 2, 0.5),
        ("deal", "OPPORTUNITY", "2"): (2, 0, 2, 1.0),
        ("deal", "UF_CRM_KIND", "1"): (0, 2, 2, 0.0),
        ("deal", "UF_CRM_KIND", "2"): (0, 2, 2, 0.0),
        ("lead", "TITLE", None): (1, 0, 1, 1.0),
        ("lead", "OPPORTUNITY", None): (0, 1, 1, 0.0),
    }
    row = {"entity": "deal", "field_id": "OPPORTUNITY", "pipeline_id": "1"}
    assert ids(reports, "fields", "filled", row) == ["deal:1"]
    assert ids(reports, "fields", "empty", row) == ["deal:2"]
    assert ids(reports, "fields", "fill_rate_den", row) == ["deal:1", "deal:2"]


def test_fill_rates_by_stage(reports: ReportService) -> None:
    found = [r for r in rows(reports, "fields", by_stage=["true"]) if r["field_id"] == "OPPORTUNITY"]
    assert [(r["pipeline_id"], r["stage_id"], r["stage"], r["filled"], r["total"]) for r in found] == [
        ("1", "C1:WORK", "В работе", 1, 2),
        ("2", "C2:DOC", "Договор", 1, 1),
        ("2", "C2:WON", "Успех", 1, 1),
        (None, "NEW", "Новый", 0, 1),
    ]
    row = {"entity": "deal", "field_id": "OPPORTUNITY", "pipeline_id": "2", "stage_id": "C2:DOC"}
    assert ids(reports, "fields", "total", row, by_stage=["true"]) == ["deal:3"]


def test_fields_nobody_uses_are_those_of_the_last_ninety_days(reports: ReportService) -> None:
    found = rows(reports, "unused", **{"from": ["2025-11-01"], "to": ["2025-11-30"]})
    assert [(r["entity"], r["field_id"], r["field"], r["recent_filled"], r["recent_total"]) for r in found] == [
        ("deal", "UF_CRM_KIND", "Вид", 0, 5),
        ("lead", "OPPORTUNITY", "Сумма", 0, 1),
    ]
    assert len(ids(reports, "unused", "recent_total", {"entity": "deal", "field_id": "UF_CRM_KIND"})) == 5


def test_a_card_counts_once_in_each_check_and_once_in_all(reports: ReportService) -> None:
    found = {r["check"]: (r["violations"], r["share_num"], r["share_den"]) for r in rows(reports, "checks")}
    assert len(found) == 9
    assert {check: parts for check, parts in found.items() if parts[0]} == {
        "required_empty": (1, 1, 5),
        "no_amount": (2, 2, 5),
        "stuck": (1, 1, 5),
    }
    assert ids(reports, "checks", "violations", {"check": "no_amount"}) == ["deal:2", "lead:2"]
    assert len(ids(reports, "checks", "share_den", {"check": "no_amount"})) == 5
    people = {r["manager_id"]: (r["cards"], r["violations"], r["clean_share"]) for r in rows(reports, "managers")}
    assert people == {"1": (3, 1, 2 / 3), "2": (2, 2, 0.0)}
    departments = {r["department_id"]: (r["cards"], r["violations"]) for r in rows(reports, "departments")}
    assert departments == {"1": (3, 1), "2": (3, 1), None: (2, 2)}


def test_weeks_begin_on_monday(reports: ReportService) -> None:
    assert [(r["week"], r["cards"], r["clean_share_num"]) for r in rows(reports, "weeks")] == [
        ("2026-W06", 3, 1),
        ("2026-W07", 2, 1),
    ]
    assert ids(reports, "weeks", "violations", {"week": "2026-W06"}) == ["deal:2", "deal:3"]


def test_all_open_cards_whenever_created(reports: ReportService) -> None:
    [row] = rows(reports, "summary", cards=["open"])
    assert (row["cards"], row["violations"], row["clean_share_num"]) == (6, 5, 1)


def test_a_comparison_has_its_own_cards(reports: ReportService) -> None:
    found = {r["check"]: r for r in rows(reports, "checks", compare=["previous"])}
    assert (found["no_amount"]["violations_base"], found["no_amount"]["violations_delta"]) == (1, 1)
    assert found["stuck"]["violations_base"] == 0
    filled = [r for r in rows(reports, "fields", compare=["previous"]) if r["field_id"] == "OPPORTUNITY"]
    assert [(r["total_base"], r["filled_base"], r["fill_rate_base"]) for r in filled] == [
        (1, 0, 0.0),
        (0, 0, None),
        (0, 0, None),
    ]
    assert ids(reports, "checks", "violations_base", {"check": "no_amount"}, compare=["previous"]) == ["deal:5"]


def test_offenders_say_what_is_wrong_in_words(reports: ReportService) -> None:
    query = reports.parse(REPORT, FEBRUARY, interface=False)
    page = reports.records(REPORT, "cards", "", {}, query, GridRequest(0, 100))
    assert [r["key"] for r in page.rows] == ["deal:2", "lead:2", "deal:3"]  # those with the most faults first
    first = page.rows[0]
    assert first["checks"] == ["Не заполнены обязательные поля", "Нет суммы"]
    assert first["empty_required"] == ["Сумма", "Контакт или компания", "Вид"]
    assert first["checks_id"] == ["required_empty", "no_amount"]
    assert str(first["url"]).endswith("/crm/deal/details/2/") and str(page.rows[1]["url"]).endswith(
        "/crm/lead/details/2/"
    )
    english = reports.records(REPORT, "cards", "", {}, query, GridRequest(0, 100), lang="en")
    assert english.rows[0]["checks"] == ["Required fields are empty", "No amount"]
    asked = GridRequest(0, 100, (("empty_required", "asc"),), {"empty_required": {"type": "contains", "filter": "вид"}})
    assert [r["key"] for r in reports.records(REPORT, "cards", "", {}, query, asked).rows] == ["deal:2"]


def test_under_a_pipeline_only_its_deals_are_counted(reports: ReportService) -> None:
    [row] = rows(reports, "summary", pipeline=["1"])
    assert (row["cards"], row["violations"]) == (2, 1)
    query = reports.parse(REPORT, {**FEBRUARY, "pipeline": ["1"]})
    assert any("только сделки" in note.text.ru for note in reports.block(REPORT, "summary", query).notes)
