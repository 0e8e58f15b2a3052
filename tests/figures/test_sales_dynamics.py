"""Динамика продаж on tables small enough to check by eye. As-of: 20 March 2026, 12:00 in Moscow."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from dash_app.engine.result import BlockResult
from dash_app.errors import BadInput
from dash_app.figures.sales_dynamics import shapley
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from pages.sales_dynamics import REPORT
from tests.figures.facts_builder import Facts, Published, moscow, service_of

FEBRUARY = {"from": ["2026-02-01"], "to": ["2026-02-28"]}


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    built = Facts(tmp_path / "portal.duckdb")
    built.department(1, "Продажи")
    built.manager(1, "Анна", 1)
    built.manager(2, "Борис")
    return built


def ask(facts: Facts, block: str, **params: Any) -> BlockResult:
    service = service_of(Published(facts.done()), REPORT)
    return service.block(REPORT, block, service.parse(REPORT, {**FEBRUARY, **params}, interface=False))


def only(result: BlockResult) -> dict[str, Any]:
    (row,) = result.rows
    return row


def by(result: BlockResult, *names: str) -> dict[Any, dict[str, Any]]:
    return {tuple(row[n] for n in names) if len(names) > 1 else row[names[0]]: row for row in result.rows}


def test_summary_counts_each_event_in_its_own_period(facts: Facts) -> None:
    facts.deal(1, "2026-01-10 10:00", won="2026-02-05 10:00", amount="1000")  # created before, won in
    facts.deal(2, "2026-02-10 10:00", won="2026-03-01 10:00", amount="500")  # created in, won after
    facts.deal(3, "2026-02-11 10:00", lost="2026-02-20 10:00", amount="70")
    facts.deal(4, "2026-02-12 10:00", amount="30")
    facts.deal(5, "2025-12-12 10:00", amount="7")  # old, in work
    facts.lead(1, "2026-02-01 00:00")
    facts.lead(2, "2026-01-31 23:59")
    row = only(ask(facts, "summary"))
    assert (row["leads_created"], row["deals_created"], row["deals_created_amount"]) == (1, 3, Decimal(600))
    assert (row["deals_won"], row["deals_won_amount"]) == (1, Decimal(1000))
    assert (row["deals_lost"], row["deals_lost_amount"]) == (1, Decimal(70))
    assert (row["deals_in_work"], row["deals_in_work_amount"]) == (2, Decimal(37))
    assert row["cycle_median"] == pytest.approx(26.0)
    assert row["velocity"] == Decimal(1000) / 28
    # worked in February: 1 (open at its start), 2, 3, 4, 5
    assert (row["conversion_worked_num"], row["conversion_worked_den"]) == (1, 5)
    # of 2, 3, 4 created in February one was won later
    assert (row["conversion_cohort_num"], row["conversion_cohort_den"]) == (1, 3)
    assert (row["win_rate_num"], row["win_rate_den"]) == (1, 2)


def test_two_new_and_a_hundred_old_clients_with_five_sales_convert_five_of_102(facts: Facts) -> None:
    for deal in range(1, 101):
        facts.deal(deal, "2025-12-01 10:00", **({"won": "2026-02-10 10:00"} if deal <= 5 else {}))
    facts.deal(101, "2026-02-03 10:00")
    facts.deal(102, "2026-02-04 10:00")
    row = only(ask(facts, "summary"))
    assert (row["conversion_worked_num"], row["conversion_worked_den"]) == (5, 102)
    assert row["conversion_worked"] == pytest.approx(5 / 102)


def test_deal_closed_before_and_reopened_after_the_period_was_not_worked_in_it(facts: Facts) -> None:
    facts.deal(1, "2025-12-01 10:00", won="2026-03-10 10:00")
    facts.gap(1, "2026-01-15 10:00", "2026-03-05 10:00")  # stood closed through the whole of February
    facts.deal(2, "2025-12-01 10:00", won="2026-03-10 10:00")
    facts.gap(2, "2026-01-15 10:00", "2026-02-28 23:00")  # reopened on its last evening
    row = only(ask(facts, "summary"))
    assert row["conversion_worked_den"] == 1


def test_deals_without_amount_are_left_out_of_both_parts_of_the_check_and_said(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-02-05 10:00", amount="100")
    facts.deal(2, "2026-02-01 10:00", won="2026-02-05 10:00", amount="300")
    facts.deal(3, "2026-02-01 10:00", won="2026-02-05 10:00", amount=None)
    result = ask(facts, "summary")
    row = only(result)
    assert (row["average_check"], row["average_check_num"], row["average_check_den"]) == (Decimal(200), Decimal(400), 2)
    assert row["median_check"] == 200
    assert any("Выиграно без суммы: 1" in n.text.ru and n.measure == "deals_won_without_amount" for n in result.notes)


def test_empty_period_gives_zeros_and_dashes_not_errors(facts: Facts) -> None:
    row = only(ask(facts, "summary", compare=["previous"]))
    assert row["deals_won"] == 0
    assert row["deals_won_amount"] == 0
    for name in ("average_check", "median_check", "cycle_median", "conversion_worked", "win_rate", "conversion_cohort"):
        assert row[name] is None
        assert row[f"{name}_delta"] is None
    assert row["deals_won_delta_pct"] is None  # base 0


def test_comparison_cuts_the_base_at_the_elapsed_position(facts: Facts) -> None:
    facts.deal(1, "2026-03-20 11:00")
    facts.deal(2, "2026-02-20 11:59")  # within the first 19.5 days of February
    facts.deal(3, "2026-02-20 12:00")  # not any more
    result = ask(facts, "summary", **{"from": ["2026-03-01"], "to": ["2026-03-31"]}, compare=["previous"])
    row = only(result)
    assert (row["deals_created"], row["deals_created_base"], row["deals_created_delta"]) == (1, 1, 0)
    assert any("20.02.2026 12:00" in n.text.ru for n in result.notes)


def test_in_work_of_the_base_is_asked_of_the_facts_of_its_end(facts: Facts, tmp_path: Path) -> None:
    facts.deal(1, "2025-12-01 10:00")
    then = Facts(tmp_path / "then.duckdb", as_of="2026-02-01 00:00")
    then.deal(1, "2025-12-01 10:00", amount="40")
    then.deal(2, "2025-12-02 10:00", amount="2")
    over = Facts(tmp_path / "over.duckdb", as_of="2026-03-01 00:00")
    for number in (1, 2, 3):
        over.deal(number, "2025-12-01 10:00", amount="1")
    end, later, ripe = (moscow(t) for t in ("2026-02-01 00:00", "2026-03-01 00:00", "2026-02-17 12:00"))
    assert end and later and ripe
    snapshot = Published(facts.done(), {end: then.done(), later: over.done()})
    service = service_of(snapshot, REPORT)
    query = service.parse(REPORT, {**FEBRUARY, "compare": ["previous"]})
    result = service.block(REPORT, "summary", query)
    row = only(result)
    assert (row["deals_in_work"], row["deals_in_work_base"], row["deals_in_work_amount_base"]) == (3, 2, Decimal(42))
    assert set(snapshot.asked) == {end, later, ripe}, "the period's end, the base's, and the base's cohort as ripe"
    assert service.records(REPORT, "summary", "deals_in_work", {}, query, GridRequest()).total == 3
    assert service.records(REPORT, "summary", "deals_in_work_base", {}, query, GridRequest()).total == 2
    assert {c.id: c.on.ru for c in result.columns if c.on} == {
        "deals_in_work": "на 28.02.2026",
        "deals_in_work_amount": "на 28.02.2026",
    }
    assert "Состояние – на 28.02.2026: период прошёл." in [n.text.ru for n in result.notes]
    running = service.parse(REPORT, {"from": ["2026-03-01"], "to": ["2026-03-31"]})
    assert only(service.block(REPORT, "summary", running))["deals_in_work"] == 1

    today = service.parse(REPORT, {**FEBRUARY, "compare": ["previous"], "state": ["now"]})
    row = only(service.block(REPORT, "summary", today))
    assert (row["deals_in_work"], row["deals_in_work_base"], row["deals_in_work_delta"]) == (1, None, None)
    with pytest.raises(BadInput, match="no base"):
        service.records(REPORT, "summary", "deals_in_work_base", {}, today, GridRequest())


def test_a_cohort_of_the_base_is_as_ripe_as_that_of_the_period(facts: Facts, tmp_path: Path) -> None:
    facts.deal(1, "2026-02-05 10:00", won="2026-03-10 10:00")
    facts.deal(2, "2026-02-06 10:00")
    facts.deal(3, "2026-01-05 10:00", won="2026-03-05 10:00")
    then = Facts(tmp_path / "then.duckdb", as_of="2026-02-17 12:00")
    then.deal(3, "2026-01-05 10:00")  # won, but later from its start than the period's has had time for
    ripe = moscow("2026-02-17 12:00")
    assert ripe
    service = service_of(Published(facts.done(), {ripe: then.done()}), REPORT)
    query = service.parse(REPORT, {**FEBRUARY, "compare": ["previous"]})
    row = only(service.block(REPORT, "summary", query))
    assert (row["conversion_cohort_num"], row["conversion_cohort_den"]) == (1, 2)
    assert (row["conversion_cohort"], row["conversion_cohort_base"]) == (0.5, 0)
    assert service.records(REPORT, "summary", "conversion_cohort_num", {}, query, GridRequest()).total == 1


def test_stages_hold_the_cards_the_option_says_and_those_longer_than_the_norm(facts: Facts) -> None:
    facts.deal(1, "2026-02-05 10:00")
    facts.deal(2, "2025-06-05 10:00")
    facts.deal(3, "2026-02-05 10:00", won="2026-02-10 10:00")
    facts.con.execute("UPDATE deals SET stage_days = CASE id WHEN 1 THEN 10 ELSE 100 END")
    facts.con.execute(
        "INSERT INTO stage_norms BY NAME SELECT pipeline_id, stage_id, 5 AS stays, 20 AS stay_p90_won FROM deals WHERE id = 1"
    )
    service = service_of(Published(facts.done()), REPORT)

    def totals(**options: list[str]) -> tuple[object, object]:
        query = service.parse(REPORT, {**FEBRUARY, **options})
        result = service.block(REPORT, "deal_stages", query)
        assert result.totals is not None
        for name in ("count", "over"):
            behind = service.records(REPORT, "deal_stages", name, {}, query, GridRequest())
            assert behind.total == result.totals[name]
        return result.totals["count"], result.totals["over"]

    assert totals(cards=["open"]) == (2, 1)
    assert totals(cards=["created"], in_work_only=["false"]) == (2, 0)
    assert totals(cards=["open"], stuck_days=["5"]) == (2, 2)


def test_dynamics_has_rows_for_empty_buckets_and_local_days(facts: Facts) -> None:
    facts.deal(1, "2026-02-02 00:30", won="2026-02-09 23:30", amount="5")  # 21:30 UTC of the day before
    rows = by(ask(facts, "dynamics", grain=["day"]), "bucket")
    days = {day.isoformat(): row for day, row in rows.items()}
    assert len(days) == 28
    assert days["2026-02-02"]["deals_created"] == 1
    assert days["2026-02-09"]["deals_won_amount"] == 5
    assert days["2026-02-03"]["deals_created"] == 0


def test_stages_of_two_pipelines_with_one_name_are_two_rows(facts: Facts) -> None:
    facts.deal(1, "2026-02-10 12:00", entered="2026-03-18 12:00", amount="10")
    facts.deal(2, "2026-02-10 12:00", pipeline=2, entered="2026-03-16 12:00", amount="20")
    facts.deal(3, "2026-02-10 12:00", won="2026-02-20 12:00", amount="30")
    rows = by(ask(facts, "deal_stages"), "pipeline_id", "stage_id")
    assert rows["1", "C1:NEW"]["stage"] == rows["2", "C2:NEW"]["stage"] == "Новая"
    assert (rows["1", "C1:NEW"]["days_median"], rows["2", "C2:NEW"]["days_median"]) == (
        pytest.approx(2),
        pytest.approx(4),
    )
    assert rows["1", "C1:WON"]["days_median"] == pytest.approx(10)  # a final stage shows the cycle


def test_the_base_of_stages_is_where_the_base_stood_at_its_end(facts: Facts, tmp_path: Path) -> None:
    facts.deal(1, "2026-01-10 12:00", won="2026-02-10 12:00")
    then = Facts(tmp_path / "then.duckdb", as_of="2026-02-01 00:00")
    then.deal(1, "2026-01-10 12:00", stage="WORK")
    service = service_of(Published(facts.done(), {moscow("2026-02-01 00:00"): then.done()}), REPORT)  # type: ignore[dict-item]
    query = service.parse(REPORT, {**FEBRUARY, "compare": ["previous"]}, interface=False)
    (row,) = service.block(REPORT, "deal_stages", query).rows
    assert (row["stage_id"], row["count"], row["count_base"]) == ("C1:WORK", 0, 1)
    assert (
        service.records(
            REPORT, "deal_stages", "count_base", {"pipeline_id": "1", "stage_id": "C1:WORK"}, query, GridRequest()
        ).total
        == 1
    )


def test_in_work_only_hides_final_stages_and_is_the_default_of_the_interface(facts: Facts) -> None:
    facts.deal(1, "2026-02-10 12:00", won="2026-02-20 12:00")
    facts.deal(2, "2026-02-10 12:00")
    service = service_of(Published(facts.done()), REPORT)
    page, command = (service.parse(REPORT, FEBRUARY, interface=i) for i in (True, False))
    assert [r["stage_id"] for r in service.block(REPORT, "deal_stages", page).rows] == ["C1:NEW"]
    assert len(service.block(REPORT, "deal_stages", command).rows) == 2


def test_funnel_counts_skipped_stages_as_reached_and_shows_stages_nobody_reached(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00")
    facts.reach(1, 1, "NEW")
    facts.deal(2, "2026-02-01 10:00")
    facts.reach(2, 1, "NEW", "DOC")  # skipped «В работе»
    facts.deal(3, "2026-02-01 10:00", lost="2026-02-03 10:00")
    facts.reach(3, 1, "NEW", "WORK", lost_at="WORK")
    facts.deal(4, "2026-01-01 10:00")
    facts.reach(4, 1, "NEW")  # created earlier
    rows = by(ask(facts, "funnel", pipeline=["1"]), "stage_id")
    assert [(s, r["entered"], r["reached"]) for s, r in rows.items()] == [
        ("C1:NEW", 3, 3),
        ("C1:WORK", 1, 2),
        ("C1:DOC", 1, 1),
        ("C1:WON", 0, 0),
    ]
    assert rows["C1:WORK"]["from_previous"] == pytest.approx(2 / 3)
    assert rows["C1:DOC"]["from_previous"] == pytest.approx(1 / 2)
    assert rows["C1:DOC"]["from_first"] == pytest.approx(1 / 3)
    assert rows["C1:NEW"]["from_previous"] is None
    assert rows["C1:WORK"]["lost_here"] == 1
    assert rows["C1:WON"]["from_previous_den"] == 1


def test_funnel_shows_every_sales_pipeline_even_an_empty_one(facts: Facts) -> None:
    rows = ask(facts, "funnel").rows
    assert len(rows) == 8
    assert all(row["reached"] == 0 and row["from_first"] is None for row in rows)


def test_losses_have_a_row_for_an_empty_reason(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", lost="2026-02-03 10:00", loss_reason=None, furthest_stage_id="C1:NEW", amount="9")
    facts.deal(2, "2026-02-01 10:00", lost="2026-02-05 10:00", furthest_stage_id="C1:NEW", amount="1")
    rows = by(ask(facts, "losses"), "reason_id")
    assert rows[None]["reason"] == "(не указан)"
    assert (rows[None]["count"], rows[None]["amount"], rows[None]["days_median"]) == (1, Decimal(9), pytest.approx(2))
    assert rows["C1:LOSE"]["reason"] == "Отказ"


def test_customers_are_split_into_new_and_repeat(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-02-03 10:00", amount="9", customer="repeat")
    facts.deal(2, "2026-02-01 10:00")
    rows = by(ask(facts, "customers"), "customer")
    assert (rows["new"]["deals_created"], rows["new"]["deals_won"]) == (1, 0)
    assert (rows["repeat"]["deals_won"], rows["repeat"]["deals_won_amount"]) == (1, Decimal(9))


def test_change_is_explained_by_three_parts(facts: Facts) -> None:
    # January: 2 worked, 1 won for 100.  February: 2 worked (one left from January), 2 won for 100 each
    facts.deal(1, "2026-01-02 10:00", won="2026-01-20 10:00")
    facts.deal(2, "2026-01-02 10:00", won="2026-02-10 10:00")
    facts.deal(3, "2026-02-02 10:00", won="2026-02-20 10:00")
    result = ask(facts, "change", compare=["previous"])
    parts = {row["factor"]: row["part"] for row in result.rows}
    assert parts == {"worked": Decimal(0), "conversion_worked": Decimal(100), "average": Decimal(0)}
    assert result.totals is not None and result.totals["part"] == Decimal(100)


def test_shapley_of_a_product_by_hand() -> None:
    # 2·3 -> 4·5: half of (2·3+2·5) and half of (2·2+4·2)
    parts = shapley((Fraction(4), Fraction(5), Fraction(1)), (Fraction(2), Fraction(3), Fraction(1)))
    assert parts == (Fraction(8), Fraction(6), Fraction(0))


def test_change_without_a_comparison_says_what_to_do(facts: Facts) -> None:
    result = ask(facts, "change")
    assert result.rows == []
    assert "сравнение" in result.notes[0].text.ru


def test_a_pipeline_filter_says_it_means_nothing_to_leads(facts: Facts) -> None:
    facts.lead(1, "2026-02-01 10:00")
    result = ask(facts, "lead_stages", pipeline=["2"])
    assert only(result)["count"] == 1
    assert any("Воронка" in n.text.ru and n.level == "warning" for n in result.notes)


def test_a_department_filter_takes_its_people(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", manager=1)
    facts.deal(2, "2026-02-01 10:00", manager=2)
    facts.deal(3, "2026-02-01 10:00", manager=None)
    service: ReportService = service_of(Published(facts.done()), REPORT)

    def created(**params: list[str]) -> int:
        (row,) = service.block(REPORT, "summary", service.parse(REPORT, {**FEBRUARY, **params})).rows
        return int(row["deals_created"])  # type: ignore[arg-type]

    assert (created(), created(department=["1"]), created(department=["none"]), created(manager=["none"])) == (
        3,
        1,
        2,
        1,
    )
    hidden = service.hidden(REPORT, service.parse(REPORT, {**FEBRUARY, "department": ["1"]}))
    assert hidden is not None and "1 из 3" in hidden.ru and "Отдел" in hidden.ru


def test_list_sorts_filters_and_pages_over_the_whole_list(facts: Facts) -> None:
    for deal in range(1, 31):
        facts.deal(deal, f"2026-02-{deal % 28 + 1:02d} 10:00", amount=str(deal), title=f"Сделка {deal}")
    service = service_of(Published(facts.done()), REPORT)
    query = service.parse(REPORT, FEBRUARY)
    page = service.records(REPORT, "deals", "", {}, query, GridRequest(0, 3, sort=(("amount", "desc"),)))
    assert [r["id"] for r in page.rows] == ["30", "29", "28"]
    assert (page.total, page.amount) == (30, Decimal(465))
    assert page.rows[0]["url"] == "http://127.0.0.1:1/crm/deal/details/30/"
    model = {
        "amount": {"filterType": "number", "type": "greaterThan", "filter": 28},
        "title": {"filterType": "text", "type": "contains", "filter": "СДЕЛКА"},
    }
    page = service.records(REPORT, "deals", "", {}, query, GridRequest(0, 100, filters=model))
    assert sorted(str(r["id"]) for r in page.rows) == ["29", "30"]
    second = service.records(REPORT, "deals", "", {}, query, GridRequest(28, 56, sort=(("amount", "asc"),)))
    assert [r["id"] for r in second.rows] == ["29", "30"]
