"""Незабудка on tables small enough to check by eye. As-of: 20 March 2026, 12:00 in Moscow."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dash_app.engine.entered import NOTHING, Entered
from dash_app.engine.result import BlockResult
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.store.entries import Entry
from dash_app.store.kinds import Snooze
from dash_app.store.preferences import Preferences
from pages.forgotten import REPORT
from tests.figures.facts_builder import Facts, Published, moscow, service_of

OLD = "2026-01-10 10:00"


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    built = Facts(tmp_path / "portal.duckdb")
    built.department(1, "Продажи")
    built.manager(1, "Анна", 1)
    built.manager(2, "Борис")
    return built


def service(facts: Facts, typed: Entered = NOTHING) -> ReportService:
    return service_of(Published(facts.done()), REPORT, typed=typed)


def ask(reports: ReportService, block: str, **params: str) -> BlockResult:
    return reports.block(REPORT, block, reports.parse(REPORT, {k: [v] for k, v in params.items()}, interface=False))


def only(reports: ReportService, **params: str) -> dict[str, Any]:
    (row,) = ask(reports, "summary", **params).rows
    return row


def ids(
    reports: ReportService, block: str, figure: str = "", row: dict[str, str] | None = None, **params: str
) -> list[str]:
    query = reports.parse(REPORT, {k: [v] for k, v in params.items()}, interface=False)
    return [str(r["id"]) for r in reports.records(REPORT, block, figure, row or {}, query, GridRequest(0, 100)).rows]


def snoozing(*snoozes: Snooze, **preferences: Any) -> Entered:
    return Entered("1", Preferences(**preferences), {"snooze": {s.key: Entry(s, 1) for s in snoozes}})


def put_off(key: str, until: str, since: str | None = "2026-03-01") -> Snooze:
    entity, _, card = key.partition(":")
    return Snooze.model_validate(
        {"entity": entity, "id": card, "until": until, "reason": "ждёт отпуска", "since": since}
    )


def test_n_days_and_more_in_work_are_forgotten(facts: Facts) -> None:
    facts.deal(1, OLD, idle_days=14, amount="1000", chance=0.5)
    facts.deal(2, OLD, idle_days=13, amount="500", chance=0.5)  # not yet
    facts.deal(3, OLD, idle_days=40, lost="2026-03-01 10:00")  # closed
    facts.deal(4, OLD, idle_days=30, amount=None, manager=2)
    facts.lead(1, OLD, idle_days=7)
    facts.lead(2, OLD, idle_days=6)
    reports = service(facts)
    row = only(reports)
    assert (row["deals_forgotten"], row["deals_forgotten_amount"], row["at_risk"]) == (2, Decimal(1000), Decimal(500))
    assert (row["deals_forgotten_share_num"], row["deals_forgotten_share_den"]) == (2, 3)
    assert (row["deals_forgotten_amount_share_num"], row["deals_forgotten_amount_share_den"]) == (
        Decimal(1000),
        Decimal(1500),
    )
    assert (row["leads_forgotten"], row["leads_forgotten_share"]) == (1, 0.5)
    assert ids(reports, "deals") == ["1", "4"]  # what may cost something first
    assert any("без суммы: 1" in note.text.ru for note in ask(reports, "summary").notes)


def test_n_of_leads_and_deals_are_asked_for_apart(facts: Facts) -> None:
    facts.deal(1, OLD, idle_days=10)
    facts.lead(1, OLD, idle_days=10)
    reports = service(facts)
    assert (only(reports)["deals_forgotten"], only(reports)["leads_forgotten"]) == (0, 1)
    row = only(reports, deal_days="10", lead_days="11")
    assert (row["deals_forgotten"], row["leads_forgotten"]) == (1, 0)


def test_the_contact_clock_knows_only_contacts_and_counts_from_creation_without_any(facts: Facts) -> None:
    contacted = moscow("2026-02-20 12:00")
    facts.deal(
        1, OLD, idle_days=0, contact_idle_days=28, last_contact_at=contacted
    )  # commented today, last called four weeks ago
    facts.deal(2, OLD, idle_days=0, contact_idle_days=69)  # never called
    reports = service(facts)
    assert only(reports)["deals_forgotten"] == 0
    assert only(reports, clock="contact")["deals_forgotten"] == 2
    query = reports.parse(REPORT, {"clock": ["contact"]})
    rows = reports.records(REPORT, "deals", "", {}, query, GridRequest(sort=(("idle_days", "desc"),))).rows
    assert [(r["id"], r["idle_days"]) for r in rows] == [("2", 69), ("1", 28)]
    assert rows[0]["last_activity"] is None and str(rows[1]["last_activity"]).startswith("2026-02-20 12:00")
    assert any("ни" in n.text.ru or "без единого" in n.text.ru for n in ask(reports, "summary", clock="contact").notes)


def test_working_days(facts: Facts) -> None:
    facts.deal(1, OLD, idle_days=15, idle_workdays=10)
    reports = service(facts)
    assert only(reports)["deals_forgotten"] == 1
    assert only(reports, working_days="true")["deals_forgotten"] == 0
    assert only(reports, working_days="true", deal_days="10")["deals_forgotten"] == 1


def test_an_activity_ahead_excuses_only_if_asked(facts: Facts) -> None:
    facts.deal(1, OLD, idle_days=20, next_activity_at=moscow("2026-03-25 12:00"))
    reports = service(facts)
    assert only(reports)["deals_forgotten"] == 1
    assert only(reports, ignore_planned="true")["deals_forgotten"] == 0


def test_cards_put_off_are_counted_apart(facts: Facts) -> None:
    for deal in (1, 2, 3):
        facts.deal(deal, OLD, idle_days=20, amount="100", chance=0.5)
    facts.deal(4, OLD, idle_days=1)
    facts.lead(1, OLD, idle_days=20)
    typed = snoozing(
        put_off("deal:1", "2026-03-21"),
        put_off("deal:2", "2026-03-20"),  # back today
        put_off("deal:3", "2026-04-20", since="2026-03-21"),  # put off tomorrow
        put_off("deal:4", "2026-04-20"),  # touched yesterday: nothing to put off
        put_off("lead:1", "2026-04-20"),
    )
    reports = service(facts, typed)
    row = only(reports)
    assert (row["deals_forgotten"], row["leads_forgotten"]) == (2, 0)
    assert (row["snoozed"], row["deals_snoozed"], row["leads_snoozed"]) == (2, 1, 1)
    assert ids(reports, "summary", "deals_snoozed") == ["1"]
    assert only(reports, include_snoozed="true")["deals_forgotten"] == 3
    (shown,) = reports.records(REPORT, "summary", "deals_snoozed", {}, reports.parse(REPORT, {}), GridRequest()).rows
    assert (shown["snoozed_until"], shown["snooze_reason"]) == (date(2026, 3, 21), "ждёт отпуска")


def test_a_stage_has_its_own_n_until_the_page_is_asked_for_another(facts: Facts) -> None:
    facts.deal(1, OLD, idle_days=5, stage="DOC")
    facts.deal(2, OLD, idle_days=20, stage="NEW")
    facts.deal(3, OLD, idle_days=20, stage="NEW", pipeline=2)
    facts.lead(1, OLD, idle_days=3)
    typed = snoozing(forgotten_days_by_stage={"deal:1:C1:DOC": 5, "deal:1:C1:NEW": 30, "lead::NEW": 3})
    reports = service(facts, typed)
    assert ids(reports, "deals") == ["3", "1"]
    assert ids(reports, "leads") == ["1"]
    assert ids(reports, "deals", deal_days="14") == ["3", "1"]  # 14 is what the settings say
    assert ids(reports, "deals", deal_days="15") == ["2", "3"]
    assert any("не действуют" in n.text.ru for n in ask(reports, "suggestions", deal_days="15").notes)


def test_the_settings_n_is_the_default(facts: Facts) -> None:
    facts.deal(1, OLD, idle_days=5)
    facts.lead(1, OLD, idle_days=2)
    reports = service(facts, snoozing(forgotten_deal_days=5, forgotten_lead_days=3))
    row = only(reports)
    assert (row["deals_forgotten"], row["leads_forgotten"]) == (1, 0)
    assert reports.query_string(REPORT, reports.parse(REPORT, {})) == ""


def test_ages_are_multiples_of_each_cards_own_n(facts: Facts) -> None:
    for deal, idle in ((1, 14), (2, 27), (3, 28), (4, 55), (5, 56), (6, 13)):
        facts.deal(deal, OLD, idle_days=idle)
    for lead, idle in ((1, 7), (2, 14), (3, 28)):
        facts.lead(lead, OLD, idle_days=idle)
    reports = service(facts)
    result = ask(reports, "ages")
    assert [(r["age"], r["deals_forgotten"], r["leads_forgotten"]) for r in result.rows] == [
        ("n_2n", 2, 1),
        ("2n_4n", 2, 1),
        ("over_4n", 1, 1),
    ]
    assert result.totals and (result.totals["deals_forgotten"], result.totals["leads_forgotten"]) == (5, 3)
    assert sorted(ids(reports, "ages", "deals_forgotten", {"age": "2n_4n"})) == ["3", "4"]


def test_managers_and_departments_carry_both_entities_and_whose_loss_is_dearer_stands_first(facts: Facts) -> None:
    facts.deal(1, OLD, idle_days=20, amount="100", chance=0.1)
    facts.deal(2, OLD, idle_days=20, amount="100", chance=0.9, manager=2)
    facts.deal(3, OLD, idle_days=2, manager=2)
    facts.lead(1, OLD, idle_days=20, manager=None)
    reports = service(facts)
    rows = ask(reports, "managers").rows
    assert [(r["manager_id"], r["deals_forgotten"], r["leads_forgotten"]) for r in rows] == [
        ("2", 1, 0),
        ("1", 1, 0),
        (None, 0, 1),
    ]
    assert rows[0]["deals_forgotten_share"] == 0.5
    departments = {r["department_id"]: r["deals_forgotten"] for r in ask(reports, "departments").rows}
    assert departments == {"1": 1, None: 1}


def test_a_period_keeps_the_cards_created_in_it(facts: Facts) -> None:
    facts.deal(1, OLD, idle_days=20)
    facts.deal(2, "2026-02-10 10:00", idle_days=20)
    reports = service(facts)
    assert only(reports)["deals_forgotten"] == 2
    row = only(reports, **{"from": "2026-02-01", "to": "2026-02-28"})
    assert (row["deals_forgotten"], row["deals_forgotten_share_den"]) == (1, 1)


def test_what_is_at_risk_opens_its_records_with_its_sum(facts: Facts) -> None:
    facts.deal(1, OLD, idle_days=20, amount="100", chance=0.25)
    facts.deal(2, OLD, idle_days=20, amount="1000", chance=0.5)
    reports = service(facts)
    page = reports.records(REPORT, "summary", "at_risk", {}, reports.parse(REPORT, {}), GridRequest())
    assert [(r["id"], r["at_risk"]) for r in page.rows] == [("2", Decimal(500)), ("1", Decimal(25))]
    assert page.amount == Decimal(525)
    assert [c.id for c in page.columns][:4] == ["title", "at_risk", "amount", "idle_days"]


def test_suggestions_come_from_won_deals_and_say_what_they_would_change(facts: Facts) -> None:
    facts.add(
        "stage_norms", pipeline_id=1, stage_id="C1:NEW", closed=50, won=20, chance=0.4, stays=20, stay_p90_won=4.2
    )
    facts.add("stage_norms", pipeline_id=1, stage_id="C1:DOC", closed=5, won=2, chance=0.4, stays=2, stay_p90_won=40.0)
    facts.deal(1, OLD, idle_days=5)
    facts.deal(2, OLD, idle_days=20)
    reports = service(facts, snoozing(forgotten_days_by_stage={"deal:1:C1:DOC": 3}))
    rows = ask(reports, "suggestions").rows
    assert [
        (r["stage_id"], r["days"], r["suggested_days"], r["deals_forgotten"], r["forgotten_if_taken"]) for r in rows
    ] == [
        ("C1:NEW", 14, 5, 1, 2),
        ("C1:DOC", 3, None, 0, None),
    ]
    assert ids(reports, "suggestions", "deals_forgotten", {"pipeline_id": "1", "stage_id": "C1:NEW"}) == ["2"]


def test_the_base_of_a_comparison_is_the_state_a_month_ago(facts: Facts, tmp_path: Path) -> None:
    facts.deal(1, OLD, idle_days=20)
    then = Facts(tmp_path / "then.duckdb", as_of="2026-02-20 12:00")
    for deal in (1, 2):
        then.deal(deal, OLD, idle_days=30)
    reports = service_of(Published(facts.done(), {moscow("2026-02-20 12:00"): then.done()}), REPORT)  # type: ignore[dict-item]
    (row,) = ask(reports, "summary", compare="previous").rows
    assert (row["deals_forgotten"], row["deals_forgotten_base"]) == (1, 2)
