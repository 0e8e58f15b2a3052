"""Анализ маркетинга on tables small enough to check by eye. As-of: 20 March 2026, 12:00 in Moscow."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dash_app.engine.entered import Entered
from dash_app.engine.result import BlockResult
from dash_app.expenses.grid import Expense
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.store.entries import Entry
from dash_app.store.preferences import Preferences
from pages.marketing import REPORT
from tests.figures.facts_builder import Facts, NoCache, Published, local_day, moscow

FEBRUARY = {"from": ["2026-02-01"], "to": ["2026-02-28"]}


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    built = Facts(tmp_path / "portal.duckdb")
    built.department(1, "Продажи")
    built.manager(1, "Анна", 1)
    built.manager(2, "Борис")
    return built


def costs(*rows: tuple[str, str, str]) -> dict[str, Entry]:
    found = [Expense(source_id=source, month=month, amount=Decimal(amount)) for source, month, amount in rows]
    return {cost.key: Entry(cost, 1) for cost in found}


def service(facts: Facts, *rows: tuple[str, str, str], margins: dict[str, float] | None = None) -> ReportService:
    published = Published(facts.done())
    typed = Entered("1", Preferences(margins=margins or {}), {"expense": costs(*rows)})
    return ReportService(lambda: published, [REPORT], NoCache(), typed=lambda: typed)


def ask(asked: ReportService, block: str, **params: Any) -> BlockResult:
    return asked.block(REPORT, block, asked.parse(REPORT, {**FEBRUARY, **params}, interface=False))


def sources(result: BlockResult) -> dict[Any, dict[str, Any]]:
    return {row["source_id"]: row for row in result.rows}


def notes(result: BlockResult) -> str:
    return " ".join(note.text.ru for note in result.notes)


def small(facts: Facts) -> None:
    """WEB: four leads, two became deals, one of these was won; three deals. CALL: a deal without a lead. One deal of no source."""
    facts.lead(1, "2026-02-02 10:00", won="2026-02-03 10:00", became_deal=True, deal_won=True)
    facts.lead(2, "2026-02-03 10:00", won="2026-02-04 10:00", became_deal=True, deal_won=False)
    facts.lead(3, "2026-02-04 10:00", lost="2026-02-05 10:00", became_deal=False, deal_won=False)
    facts.lead(4, "2026-02-05 10:00", became_deal=False, deal_won=False)
    facts.lead(5, "2026-01-05 10:00", won="2026-02-05 10:00", became_deal=True, deal_won=True)  # created before
    facts.deal(
        1, "2026-02-03 10:00", won="2026-03-05 10:00", amount="1000", lead_id=1
    )  # won after the period: still its cohort
    facts.deal(2, "2026-02-04 10:00", amount="300", lead_id=2)
    facts.deal(3, "2026-02-06 10:00", won="2026-02-08 10:00", amount=None)
    facts.deal(4, "2026-02-07 10:00", won="2026-02-17 10:00", amount="500", source="CALL", manager=2, pipeline=2)
    facts.deal(5, "2026-02-08 10:00", lost="2026-02-09 10:00", source=None)
    facts.deal(6, "2026-01-08 10:00", won="2026-02-09 10:00", amount="9000")  # created before: not of this cohort


def test_a_source_is_followed_from_lead_to_money(facts: Facts) -> None:
    small(facts)
    rows = sources(ask(service(facts), "sources"))
    web = rows["WEB"]
    assert (web["leads_created"], web["deals_created"], web["created_won"], web["won_amount"]) == (
        4,
        3,
        2,
        Decimal(1000),
    )
    assert (web["lead_to_deal_num"], web["lead_to_deal_den"]) == (2, 4)
    assert (web["lead_to_won_num"], web["lead_to_won_den"]) == (1, 4)
    assert (web["deal_to_won_num"], web["deal_to_won_den"]) == (2, 3)
    assert (web["junk_share_num"], web["junk_share_den"]) == (1, 4)
    assert web["created_average_check"] == Decimal(1000)  # the won deal without an amount is in neither part
    assert web["created_cycle_median"] == pytest.approx((30 + 2) / 2)
    call = rows["CALL"]
    assert (call["leads_created"], call["lead_to_deal"], call["deals_created"], call["won_amount"]) == (
        0,
        None,
        1,
        Decimal(500),
    )


def test_an_unknown_source_is_a_row_that_opens_its_cards(facts: Facts) -> None:
    small(facts)
    asked = service(facts)
    result = ask(asked, "sources")
    row = sources(result)[None]
    assert (row["source"], row["deals_created"], row["created_won"]) == ("(не указан)", 1, 0)
    page = asked.records(
        REPORT, "sources", "deals_created", {"source_id": "none"}, asked.parse(REPORT, FEBRUARY), GridRequest()
    )
    assert [r["id"] for r in page.rows] == ["5"]
    assert result.totals is not None
    assert (result.totals["deals_created"], result.totals["won_amount"]) == (5, Decimal(1500))


def test_costs_give_the_price_of_a_lead_of_a_sale_and_the_return(facts: Facts) -> None:
    small(facts)
    result = ask(
        service(
            facts,
            ("WEB", "2026-02", "400"),
            ("CALL", "2026-02", "1000"),
            ("FAIR", "2026-02", "100"),
            ("WEB", "2026-03", "77"),
        ),
        "sources",
    )
    web, call, fair = (sources(result)[s] for s in ("WEB", "CALL", "FAIR"))
    assert (web["cost"], web["cost_per_lead"], web["cost_per_won"]) == (400, 100, 200)
    assert (web["romi"], web["romi_num"], web["romi_den"]) == (1.5, 600, 400)  # (1000 − 400) / 400
    assert (call["cost_per_lead"], call["cost_per_won"], call["romi"]) == (None, 1000, -0.5)
    assert (fair["cost"], fair["deals_created"], fair["romi"]) == (100, 0, -1)
    assert sources(result)[None]["cost"] is None
    assert result.totals is not None
    assert (result.totals["cost"], result.totals["romi_num"], result.totals["romi_den"]) == (1500, 0, 1500)
    assert "по выручке" in notes(result)


def test_a_part_of_a_month_costs_its_share_of_days(facts: Facts) -> None:
    small(facts)
    asked = service(facts, ("WEB", "2026-01", "310"), ("WEB", "2026-02", "280"))
    result = ask(asked, "sources", **{"from": ["2026-01-30"], "to": ["2026-02-07"]})
    assert sources(result)["WEB"]["cost"] == Decimal(310) * 2 / 31 + Decimal(280) * 7 / 28
    assert "по календарным дням" in notes(result)


def test_rows_of_costs_sum_exactly_to_the_total(facts: Facts) -> None:
    asked = service(facts, ("WEB", "2026-02", "100"), ("CALL", "2026-02", "0.01"), ("none", "2026-02", "33.33"))
    result = ask(asked, "sources", **{"from": ["2026-02-10"], "to": ["2026-02-12"]})
    assert result.totals is not None
    assert sum(row["cost"] for row in result.rows) == result.totals["cost"]
    assert sources(result)[None]["cost"] is not None


def test_margins_of_pipelines_weigh_what_was_won(facts: Facts) -> None:
    small(facts)
    asked = service(facts, ("WEB", "2026-02", "100"), ("CALL", "2026-02", "100"), margins={"1": 0.3})
    result = ask(asked, "sources")
    assert sources(result)["WEB"]["romi"] == 2.0  # 1000 × 0,3 = 300
    assert sources(result)["CALL"]["romi"] == 4.0  # pipeline 2 has no margin: by revenue
    assert sources(result)["WEB"]["won_amount"] == 1000
    assert "не для всех воронок" in notes(result)
    page = asked.records(
        REPORT, "sources", "won_margin", {"source_id": "WEB"}, asked.parse(REPORT, FEBRUARY), GridRequest()
    )
    assert (page.total, page.amount) == (2, 300)


@pytest.mark.parametrize(
    "name, value", [("manager", "1"), ("department", "1"), ("pipeline", "1"), ("status", "won"), ("customer", "new")]
)
def test_a_filter_that_leaves_a_part_of_a_source_hides_its_cost(facts: Facts, name: str, value: str) -> None:
    small(facts)
    result = ask(service(facts, ("WEB", "2026-02", "400")), "sources", **{name: [value]})
    assert all(row["cost"] is None and row["romi"] is None for row in result.rows)
    assert "расходы и ROMI не показаны" in notes(result)


def test_a_filter_by_source_keeps_its_cost(facts: Facts) -> None:
    small(facts)
    result = ask(service(facts, ("WEB", "2026-02", "400"), ("CALL", "2026-02", "1")), "sources", source=["WEB"])
    assert [row["source_id"] for row in result.rows] == ["WEB"]
    assert result.totals is not None and result.totals["cost"] == 400


def test_months_without_costs_are_named(facts: Facts) -> None:
    small(facts)
    asked = service(facts, ("WEB", "2026-02", "400"))
    assert "Расходы не введены за: 2026-01." in notes(ask(asked, "sources", **{"from": ["2026-01-01"]}))
    assert "Расходы за период не введены" in notes(
        ask(asked, "sources", **{"from": ["2025-12-01"], "to": ["2025-12-31"]})
    )


def test_what_is_left_out_is_said_and_opens(facts: Facts) -> None:
    small(facts)
    asked = service(facts)
    result = ask(asked, "summary")
    said = notes(result)
    assert "Когорта не дозрела: из созданных сделок ещё открыто 1 (20 %)." in said
    assert "Сделок без источника: 1 из 5." in said
    assert "Выиграно без суммы: 1." in said
    page = asked.records(REPORT, "summary", "deals_created_open", {}, asked.parse(REPORT, FEBRUARY), GridRequest())
    assert [r["id"] for r in page.rows] == ["2"]


def test_utm_level_is_chosen_by_an_option(facts: Facts) -> None:
    facts.deal(1, "2026-02-03 10:00", won="2026-02-05 10:00", amount="10", utm_source="yandex", utm_campaign="spring")
    facts.deal(2, "2026-02-04 10:00", utm_source="yandex", utm_campaign="autumn")
    facts.lead(1, "2026-02-04 10:00", utm_source="vk", became_deal=False, deal_won=False)
    asked = service(facts)
    assert {
        r["utm_source"]: (r["leads_created"], r["deals_created"], r["created_won"]) for r in ask(asked, "utm").rows
    } == {"yandex": (0, 2, 1), "vk": (1, 0, 0)}
    assert {r["utm_campaign"]: r["deals_created"] for r in ask(asked, "utm", level=["campaign"]).rows} == {
        "spring": 1,
        "autumn": 1,
        None: 0,
    }
    query = asked.parse(REPORT, {**FEBRUARY, "level": ["campaign"]})
    page = asked.records(REPORT, "utm", "deals_created", {"utm_campaign": "autumn"}, query, GridRequest())
    assert [r["id"] for r in page.rows] == ["2"]
    assert "autumn" in page.title.ru


def test_dynamics_show_the_eight_largest_sources_and_the_others(facts: Facts) -> None:
    deal = 0
    for place in range(10):
        facts.add("sources", source_id=f"S{place}", name=f"Источник {place}", sort=place, known=True)
        for _ in range(12 - place):
            deal += 1
            facts.deal(deal, f"2026-02-{place + 1:02d} 10:00", source=f"S{place}")
    asked = service(facts)
    result = ask(asked, "dynamics", grain=["month"])
    counts = {row["source_id"]: row["deals_created"] for row in result.rows}
    assert counts == {**{f"S{place}": 12 - place for place in range(8)}, "other": 4 + 3}
    assert result.rows[-1]["source"] == "Остальные"
    query = asked.parse(REPORT, {**FEBRUARY, "grain": ["month"]})
    page = asked.records(
        REPORT, "dynamics", "deals_created", {"bucket": "2026-02-01", "source_id": "other"}, query, GridRequest()
    )
    assert {r["source_id"] for r in page.rows} == {"S8", "S9"}
    assert page.total == 7
    daily = ask(asked, "dynamics", grain=["day"])
    assert len(daily.rows) == 28 * 9


def test_matrix_of_sources_and_managers(facts: Facts) -> None:
    small(facts)
    result = ask(service(facts), "source_managers")
    rows = {(r["source_id"], r["manager_id"]): r for r in result.rows}
    assert (rows["WEB", "1"]["deals_created"], rows["WEB", "1"]["created_won"], rows["WEB", "1"]["conversion_num"]) == (
        3,
        2,
        2,
    )
    assert (rows["CALL", "2"]["deals_created"], rows["CALL", "2"]["conversion"]) == (1, 1.0)


def test_the_base_of_a_comparison_has_its_own_costs(facts: Facts) -> None:
    small(facts)
    asked = service(facts, ("WEB", "2026-01", "50"), ("WEB", "2026-02", "400"))
    web = sources(ask(asked, "sources", compare=["previous"]))["WEB"]
    assert (web["cost"], web["cost_base"], web["cost_delta"]) == (400, 50, 350)
    assert (web["won_amount_base"], web["romi_base"]) == (9000, 179)


def test_the_first_response_is_of_the_source(facts: Facts) -> None:
    facts.lead(1, "2026-02-02 10:00", became_deal=False, deal_won=False)
    for card, source, minutes in ((1, "WEB", 10.0), (2, "WEB", 30.0), (3, "CALL", 5.0), (4, "CALL", None)):
        facts.add(
            "responses",
            entity="lead",
            id=card,
            source_id=source,
            manager_id=1,
            status="in_work",
            customer="new",
            self_made=False,
            created_at=moscow("2026-02-02 10:00"),
            created_on=local_day(moscow("2026-02-02 10:00")),
            answered_at=None if minutes is None else moscow("2026-02-02 10:10"),
            response_minutes=minutes,
        )
    rows = sources(ask(service(facts), "sources"))
    assert (rows["WEB"]["first_response_median"], rows["CALL"]["first_response_median"]) == (20.0, 5.0)
