"""A filter by an own field reaches what belongs to cards through these: no row mixes filtered deals with unfiltered activities."""

from __future__ import annotations

from pathlib import Path

import pytest

from dash_app.engine.filters import of_report
from dash_app.engine.language import Report
from dash_app.engine.result import BlockResult
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.store.own_fields import quoted
from pages import forgotten, manager_effectiveness, marketing, overdue_activities, sales_dynamics, sales_plan
from tests.figures.facts_builder import Facts, Published, moscow, service_of

CHOSEN = {"from": ["2026-03-01"], "to": ["2026-03-31"], "uf.UF_CRM_KIND": ["1"]}


@pytest.fixture
def service(tmp_path: Path) -> ReportService:
    """Two deals, one of the chosen kind; a lead, a contact; on each a call, an overdue to-do and, of the cards, a first answer."""
    facts = Facts(tmp_path / "portal.duckdb", extra={"UF_CRM_KIND": "VARCHAR[]", "UF_CRM_PAID": "BOOLEAN"})
    for field, kind in (("UF_CRM_KIND", "list"), ("UF_CRM_PAID", "flag")):
        facts.add("user_fields", entity="deal", field=field, label="Вид", kind=kind, multiple=False, sort=1)
    facts.add("user_field_options", entity="deal", field="UF_CRM_KIND", option_id="1", label="Опт", sort=1)
    facts.manager(1, "Анна")
    facts.deal(1, "2026-03-02 10:00", UF_CRM_KIND=["1"], UF_CRM_PAID=True)
    facts.deal(2, "2026-03-02 10:00", UF_CRM_PAID=False)
    facts.lead(1, "2026-03-02 10:00")
    owners = (("deal", 1), ("deal", 2), ("lead", 1), ("contact", 1))
    for number, (kind, owner) in enumerate(owners, 1):
        facts.activity(number, "call_out", "2026-03-03 10:00", owner=owner, owner_type=kind, duration_seconds=60)
        facts.activity(
            number + 10,
            "todo",
            "2026-03-03 10:00",
            owner=owner,
            owner_type=kind,
            completed=False,
            deadline=moscow("2026-03-10 10:00"),
        )
    facts.response("deal", 1, "2026-03-02 10:00", 10)
    facts.response("deal", 2, "2026-03-02 10:00", 500)
    facts.response("lead", 1, "2026-03-02 10:00", 500)
    return service_of(Published(facts.done()), manager_effectiveness.REPORT, overdue_activities.REPORT)


def ask(service: ReportService, report: Report, block: str, **params: list[str]) -> BlockResult:
    return service.block(report, block, service.parse(report, {**CHOSEN, **params}))


def drilled(service: ReportService, report: Report, block: str, figure: str, **params: list[str]) -> list[str]:
    query = service.parse(report, {**CHOSEN, **params})
    rows = service.records(report, block, figure, {}, query, GridRequest(0, 50)).rows
    return sorted(str(row["id"]) for row in rows)


def test_overdue_activities_are_those_of_the_deals_left(service: ReportService) -> None:
    result = ask(service, overdue_activities.REPORT, "summary")
    assert (result.rows[0]["open"], result.rows[0]["overdue"]) == (1, 1)
    assert drilled(service, overdue_activities.REPORT, "summary", "overdue") == ["11"]
    notes = [note.text.ru for note in result.notes]
    assert "Дела под фильтром «Вид» – только по карточкам, у которых есть это поле: сделки." in notes


def test_records_without_a_value_are_those_of_cards_that_have_the_field(service: ReportService) -> None:
    none = {"uf.UF_CRM_KIND": ["none"]}
    assert drilled(service, overdue_activities.REPORT, "summary", "overdue", **none) == ["12"]
    both = {"uf.UF_CRM_KIND": ["1", "none"], "uf.UF_CRM_PAID": ["0"]}
    assert drilled(service, overdue_activities.REPORT, "summary", "overdue", **both) == ["12"]


def test_a_manager_is_judged_by_activities_and_answers_of_the_same_deals(service: ReportService) -> None:
    report = manager_effectiveness.REPORT
    row = ask(service, report, "managers").rows[0]
    assert row["deals_created"] == 1 and row["calls_out"] == 1
    assert row["first_response_median"] == 10
    assert drilled(service, report, "team", "calls_out") == ["1"]
    notes = [n.text.ru for n in ask(service, report, "managers").notes]
    assert "Первый ответ под фильтром «Вид» – только по карточкам, у которых есть это поле: сделки." in notes


@pytest.mark.parametrize(
    "report",
    [m.REPORT for m in (sales_dynamics, manager_effectiveness, sales_plan, marketing, forgotten, overdue_activities)],
    ids=lambda r: r.slug,
)
def test_every_report_of_cards_offers_own_fields(report: Report) -> None:
    assert "fields" in of_report(report)


def test_a_field_of_deals_and_another_of_leads_of_one_name_ask_each_their_own(tmp_path: Path) -> None:
    odd = "UF_A\"B'; --"
    facts = Facts(tmp_path / "portal.duckdb")
    for entity, kind in (("deal", "list"), ("lead", "flag")):
        facts.add("user_fields", entity=entity, field=odd, label="Вид", kind=kind, multiple=False, sort=1)
    facts.add("user_field_options", entity="deal", field=odd, option_id="101", label="Опт", sort=1)
    for number in (1, 2):
        facts.deal(number, "2026-03-02 10:00")
    for number in (3, 4):
        facts.lead(number, "2026-03-02 10:00")
    for table, kind, value in (
        ("deals", "VARCHAR[]", "CASE id WHEN 1 THEN ['101'] END"),
        ("leads", "BOOLEAN", "CASE id WHEN 4 THEN true END"),
    ):
        facts.con.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(odd)} {kind}")
        facts.con.execute(f"UPDATE {table} SET {quoted(odd)} = {value}")
    service = service_of(Published(facts.done()), sales_dynamics.REPORT)

    def shown(value: str) -> list[list[str]]:
        query = service.parse(
            sales_dynamics.REPORT, {"from": ["2026-03-01"], "to": ["2026-03-31"], f"uf.{odd}": [value]}
        )
        return [
            [str(r["id"]) for r in service.records(sales_dynamics.REPORT, block, "", {}, query, GridRequest()).rows]
            for block in ("deals", "leads")
        ]

    assert shown("101") == [["1"], []]
    assert shown("1") == [[], ["4"]]
    assert shown("none") == [["2"], ["3"]]
