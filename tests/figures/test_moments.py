"""Which instant a figure speaks of (metrics.md sections 0.16 and 0.17). Data of 20 March 2026, 12:00 in Moscow, unless said otherwise."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dash_app.engine.language import Report
from dash_app.engine.moments import as_ripe
from dash_app.engine.periods import base_period, base_span, span_of, to_utc
from dash_app.engine.query import Period
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from pages.forgotten import REPORT as FORGOTTEN
from pages.manager_effectiveness import REPORT as MANAGERS
from pages.marketing import REPORT as MARKETING
from pages.sales_dynamics import REPORT as SALES
from pages.sales_plan import REPORT as PLAN
from tests.figures.facts_builder import Facts, Published, moscow, service_of, typed_entries

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
FEBRUARY = {"from": ["2026-02-01"], "to": ["2026-02-28"]}
AGAINST_JANUARY = {**FEBRUARY, "compare": ["previous"]}


def at(text: str) -> datetime:
    found = moscow(text)
    assert found
    return found


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    built = Facts(tmp_path / "portal.duckdb")
    built.manager(1, "Анна")
    return built


def earlier(folder: Path, moment: str) -> Facts:
    """Facts as of an earlier instant, to be filled."""
    built = Facts(folder / f"then-{moment[:10]}.duckdb", as_of=moment)
    built.manager(1, "Анна")
    return built


def asked(facts: Facts, report: Report, *before: Facts) -> ReportService:
    known = {then.as_of: then.done() for then in before if then.as_of is not None}
    return service_of(Published(facts.done(), known), report)


def first(service: ReportService, report: Report, block: str, **params: Any) -> dict[str, Any]:
    (row,) = service.block(report, block, service.parse(report, params, interface=False)).rows
    return row


# -- when a base is as ripe as its period ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "period", "mode", "as_of", "ripe"),
    [
        (MOSCOW, (date(2026, 2, 1), date(2026, 2, 28)), "previous", "2026-03-20 12:00", "2026-02-17 12:00"),
        (MOSCOW, (date(2026, 2, 1), date(2026, 2, 28)), "year", "2026-03-20 12:00", "2025-03-20 12:00"),
        # never before the base's end: the last days of a longer base are a part of it
        (MOSCOW, (date(2026, 2, 1), date(2026, 2, 28)), "previous", "2026-03-02 12:00", "2026-02-01 00:00"),
        # a running period: where its base is cut, by the wall clock too
        (MOSCOW, (date(2026, 3, 1), date(2026, 3, 31)), "previous", "2026-03-20 12:00", "2026-02-20 12:00"),
        (BERLIN, (date(2026, 3, 1), date(2026, 3, 31)), "previous", "2026-03-30 12:00", "2026-03-02 12:00"),
        (BERLIN, (date(2026, 3, 1), date(2026, 3, 31)), "previous", "2026-04-10 12:00", "2026-03-13 12:00"),
        # a base younger than the period cannot be as old
        (MOSCOW, (date(2026, 1, 1), date(2026, 1, 31)), "2026-02-01..2026-02-28", "2026-03-20 12:00", None),
    ],
)
def test_a_base_is_ripe_as_far_from_its_start_as_as_of_from_the_periods(
    zone: ZoneInfo, period: tuple[date, date], mode: str, as_of: str, ripe: str | None
) -> None:
    dates, now = Period(*period), to_utc(datetime.fromisoformat(as_of), zone)
    base = base_span(dates, base_period(dates, mode), now, zone)
    expected = None if ripe is None else to_utc(datetime.fromisoformat(ripe), zone)
    assert as_ripe(span_of(dates, zone), base, now, zone) == expected


def test_a_base_too_young_says_nothing_of_its_cohort(facts: Facts) -> None:
    facts.deal(1, "2026-01-05 10:00", won="2026-01-20 10:00")
    facts.deal(2, "2026-02-05 10:00", won="2026-02-20 10:00")
    service = asked(facts, MARKETING)
    params = {"from": ["2026-01-01"], "to": ["2026-01-31"], "compare": ["2026-02-01..2026-02-28"]}
    query = service.parse(MARKETING, params)
    result = service.block(MARKETING, "summary", query)
    (row,) = result.rows
    assert (row["created_won"], row["created_won_base"], row["created_won_delta"]) == (1, None, None)
    assert (row["deal_to_won_base"], row["romi_base"], row["won_amount_base"]) == (None, None, None)
    assert row["deals_created_base"] == 1  # an event, whenever asked
    assert any("моложе периода" in note.text.ru for note in result.notes)
    rows = service.block(MARKETING, "sources", query).rows
    assert [r["created_won_base"] for r in rows] == [None]


# -- the records of an instant -----------------------------------------------------------------------------------------------


def test_others_of_a_cohort_are_those_outside_the_periods_largest(facts: Facts, tmp_path: Path) -> None:
    """The largest sources are a matter of the period asked for, whatever instant the base is asked of."""
    then = earlier(tmp_path, "2026-02-17 12:00")
    for number in range(1, 13):
        facts.deal(number, "2026-02-05 10:00", source=f"S{number}")
        facts.deal(number + 100, "2026-02-05 11:00", source=f"S{min(number, 8)}")
        then.deal(number + 200, "2026-01-05 10:00", source=f"S{number}", won="2026-01-06 10:00")
        then.deal(number + 300, "2026-01-05 11:00", source=f"S{max(number, 5)}", won="2026-01-06 10:00")
    service = asked(facts, MARKETING, then)
    query = service.parse(MARKETING, {**AGAINST_JANUARY, "grain": ["month"]})
    rows = service.block(MARKETING, "dynamics", query).rows
    (others,) = (row for row in rows if row["source_id"] == "other")
    assert others["created_won_base"] == 8
    keys = {"bucket": "2026-02-01", "source_id": "other"}
    page = service.records(MARKETING, "dynamics", "created_won_base", keys, query, GridRequest())
    assert page.total == 8


def test_a_list_is_of_as_of_whatever_states_speak_of(facts: Facts, tmp_path: Path) -> None:
    over = earlier(tmp_path, "2026-03-01 00:00")
    over.deal(1, "2026-02-05 10:00")
    facts.deal(1, "2026-02-05 10:00", won="2026-03-10 10:00", amount="70")
    facts.deal(2, "2026-02-06 10:00", amount="7")  # came from elsewhere since
    service = asked(facts, SALES, over)
    query = service.parse(SALES, FEBRUARY)
    page = service.records(SALES, "deals", "", {}, query, GridRequest())
    assert (page.total, page.amount, len(page.rows)) == (2, 77, 2)
    stands = service.block(SALES, "deal_stages", query)
    assert stands.totals is not None and stands.totals["count"] == 1
    assert service.records(SALES, "deal_stages", "count", {}, query, GridRequest()).total == 1


def test_what_a_period_only_picks_is_compared_equally_old(facts: Facts, tmp_path: Path) -> None:
    """Незабудка: of the cards created in February those forgotten now, of January's those forgotten when they were as old."""
    facts.deal(1, "2026-02-05 10:00", idle_days=30)
    facts.deal(2, "2026-01-05 10:00", idle_days=60)
    facts.deal(3, "2026-01-06 10:00", idle_days=60)
    then = earlier(tmp_path, "2026-02-17 12:00")
    then.deal(2, "2026-01-05 10:00", idle_days=30)
    then.deal(3, "2026-01-06 10:00", idle_days=1)
    service = asked(facts, FORGOTTEN, then)
    row = first(service, FORGOTTEN, "summary", **AGAINST_JANUARY)
    assert (row["deals_forgotten"], row["deals_forgotten_base"]) == (1, 1)


# -- where the replay is said ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "told"),
    [
        (FEBRUARY, ["28.02.2026"]),
        (AGAINST_JANUARY, ["31.01.2026, 17.02.2026, 12:00 и 28.02.2026"]),
        ({**FEBRUARY, "state": ["now"]}, []),
        ({"period": ["this_month"]}, []),
        ({"period": ["this_month"], "compare": ["previous"]}, ["20.02.2026, 12:00"]),
    ],
)
def test_every_instant_that_is_replayed_says_what_is_todays(
    facts: Facts, params: dict[str, list[str]], told: list[str]
) -> None:
    service = asked(facts, SALES)
    said = [n.text.ru for n in service.block(SALES, "summary", service.parse(SALES, params)).notes]
    assert [n.split(" известны")[0].removeprefix("На ") for n in said if "сегодняшние" in n] == told


def test_a_number_of_an_earlier_instant_opens_under_its_day(facts: Facts, tmp_path: Path) -> None:
    service = asked(facts, SALES)
    query = service.parse(SALES, AGAINST_JANUARY)

    def title(figure: str) -> str:
        return service.records(SALES, "summary", figure, {}, query, GridRequest()).title.ru

    assert title("deals_in_work") == "В работе, на 28.02.2026"
    assert title("deals_in_work_base") == "В работе, на 31.01.2026"
    assert title("conversion_cohort_base").endswith(", на 17.02.2026, 12:00")
    assert title("deals_won") == "Выиграно"
    running = service.parse(SALES, {"period": ["this_month"]})
    assert service.records(SALES, "summary", "deals_in_work", {}, running, GridRequest()).title.ru == "В работе"


def test_an_explanation_says_which_instants_its_figure_speaks_of(facts: Facts) -> None:
    service = asked(facts, SALES)

    def said(figure: str, **params: list[str]) -> str:
        return service.explain(SALES, "summary", figure, {}, service.parse(SALES, params)).sentence.ru

    assert said("deals_in_work", **FEBRUARY).endswith(" Значение – на 28.02.2026.")
    assert said("deals_in_work", **AGAINST_JANUARY).endswith(" Значение – на 28.02.2026, база – на 31.01.2026.")
    assert said("conversion_cohort", **AGAINST_JANUARY).endswith(" База – на 17.02.2026, 12:00.")
    assert "База" not in said("deals_won", **AGAINST_JANUARY)
    assert "Значение" not in said("deals_in_work", period=["this_month"])


def test_columns_of_states_carry_their_day_where_others_speak_of_something_else(facts: Facts) -> None:
    service = service_of(Published(facts.done()), SALES, MANAGERS, PLAN)
    for report, block, names in (
        (SALES, "summary", {"deals_in_work", "deals_in_work_amount"}),
        (MANAGERS, "managers", {"deals_in_work", "deals_in_work_amount"}),
        (PLAN, "total", {"coverage"}),
        (SALES, "deal_stages", set()),  # all of them do: a note is enough
    ):
        result = service.block(report, block, service.parse(report, FEBRUARY))
        assert {c.id for c in result.columns if c.on is not None} == names
        assert all(c.on is None or c.named.ru == f"{c.label.ru} на 28.02.2026" for c in result.columns)
        assert any(note.text.ru == "Состояние – на 28.02.2026: период прошёл." for note in result.notes)


def test_open_deals_of_a_plan_that_is_over_are_those_of_its_end(facts: Facts, tmp_path: Path) -> None:
    over = earlier(tmp_path, "2026-03-01 00:00")
    over.deal(1, "2026-01-05 10:00", amount="600")
    facts.deal(1, "2026-01-05 10:00", won="2026-03-05 10:00", amount="600")
    facts.deal(2, "2026-03-05 10:00", amount="77")
    typed = typed_entries(plan=[{"manager_id": "1", "month": "2026-02", "plan_amount": "1000"}])
    service = service_of(Published(facts.done(), {at("2026-03-01 00:00"): over.done()}), PLAN, typed=typed)
    for state, opened in (("period_end", 600), ("now", 77)):
        query = service.parse(PLAN, {**FEBRUARY, "state": [state]})
        (row,) = service.block(PLAN, "total", query).rows
        assert (row["coverage_num"], row["coverage_den"]) == (opened, 1000)
        assert service.records(PLAN, "total", "coverage_num", {}, query, GridRequest()).amount == opened


def test_the_yardstick_is_of_who_sold_in_the_period_whatever_state_is_shown(facts: Facts, tmp_path: Path) -> None:
    over, base = earlier(tmp_path, "2026-03-01 00:00"), earlier(tmp_path, "2026-02-01 00:00")
    for number in (1, 2, 3):
        over.deal(number, "2026-02-01 10:00", manager=number)
        base.deal(number, "2026-01-01 10:00", manager=number)
        facts.activity(number, "meeting", "2026-02-10 10:00", manager=1)
        facts.activity(number + 10, "meeting", "2026-01-10 10:00", manager=number if number < 3 else 1)
    facts.activity(4, "call_out", "2026-02-10 10:00", manager=2)
    service = asked(facts, MANAGERS, over, base)
    for state in ("now", "period_end"):
        query = service.parse(MANAGERS, {**AGAINST_JANUARY, "state": [state]})
        row = service.block(MANAGERS, "activity_vs_result", query).rows[0]
        # three had a deal open when the period ended, though none has one now: 15, 1 and 0 points
        assert (row["activity_yardstick"], row["activity_yardstick_base"]) == (1, 5), state
