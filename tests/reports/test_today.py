"""The start page: what it says is what its figures open, chosen by a rule that says itself; nothing rests on a handful of records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dash_app.access.scope import Scope
from dash_app.engine.language import Ratio
from dash_app.errors import BadInput
from dash_app.reports.api import GridRequest
from dash_app.reports.cache import AnswerCache
from dash_app.reports.service import ReportService
from dash_app.reports.today import today
from dash_app.reports.today.api import MOST_SENTENCES, Sentence, Today
from dash_app.reports.today.candidates import CANDIDATES, FAR, LEAST_RECORDS
from dash_app.reports.today.choosing import weight_of
from dash_app.reports.today.desk import Desk
from dash_app.reports.today.finding import Finder
from dash_app.views.saying import say
from dash_app.views.today import href, plan_words
from dash_app.web.discovery import discover
from tests.figures.facts_builder import Facts, Published, random_portal, typed_entries
from tests.thorough import asked

REPORTS = discover()
NOW = datetime(2026, 3, 20, 12)  # a Friday


def service_over(path: Path, **typed: Any) -> ReportService:
    published, known = Published(path), typed_entries(**typed)
    return ReportService(lambda: published, REPORTS, AnswerCache(), typed=lambda: known)


Build = Callable[[Facts], None]


@pytest.fixture
def company(tmp_path: Path) -> Callable[..., ReportService]:
    """A company whose facts a test writes."""

    def build(write: Build, **typed: Any) -> ReportService:
        facts = Facts(tmp_path / "facts.duckdb")
        facts.manager(1, "Анна Петрова")
        facts.manager(2, "Борис Ким")
        write(facts)
        return service_over(facts.done(), **typed)

    return build


def at(days_ago: float, hour: int = 11) -> str:
    moment = NOW - timedelta(days=days_ago)
    return moment.replace(hour=hour).isoformat(" ", "seconds")


def sentence(page: Today, name: str) -> Sentence | None:
    return next((s for s in page.sentences if s.id == name), None)


def said(found: Sentence | None) -> str:
    assert found is not None
    return say(found.said, "ru", "RUB").replace("\u00a0", " ")


# -- the number is the list ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[1, 2])
def anybody(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportService]:
    path = random_portal(
        tmp_path_factory.mktemp("today") / f"portal{request.param}.duckdb", request.param, deals=160, leads=120
    )
    snoozed = [{"entity": "deal", "id": str(n), "until": "2026-04-10", "reason": "ждёт"} for n in range(1, 160, 9)]
    yield service_over(path, snooze=snoozed)


@st.composite
def filters(draw: Any) -> dict[str, list[str]]:
    known = {"pipeline": ["1", "2"], "department": ["1", "2", "3", "none"], "manager": ["1", "2", "3", "4", "none"]}
    return {
        name: draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
        for name, values in known.items()
        if draw(st.integers(0, 2)) == 0
    }


def check(service: ReportService, opened: Any, count: int) -> None:
    report = service.report(opened.report)
    query = service.parse(report, parse_qs(opened.search))
    page = service.records(report, opened.block, opened.figure, dict(opened.row), query, GridRequest(0, 10_000))
    assert page.total == len(page.rows) == opened.count == count, opened
    if opened.amount is not None:
        assert page.amount == opened.amount == sum((r["amount"] or Decimal(0) for r in page.rows), Decimal(0))  # type: ignore[misc]


@settings(max_examples=asked(8), deadline=None)
@given(filters(), st.sampled_from([None, Scope.of({1}), Scope.of({2, 3})]))
def test_every_sentence_opens_exactly_the_records_it_counts(
    anybody: ReportService, asked: dict[str, list[str]], rights: Scope | None
) -> None:
    service = anybody if rights is None else anybody.seen_by(rights)
    try:
        page = today(service, asked, "ru")
    except BadInput:
        assert rights is not None  # a filter by somebody unseen
        return
    desk = Desk(service, asked, "ru")
    finder = Finder(desk)
    everything = [f for c in CANDIDATES for f in finder.find(c)]  # those that are not said today too
    for found in everything:
        values = found.said.values
        check(service, found.opened, values["won"] if "won" in values else values.get("n", found.opened.count))
    assert len(page.sentences) <= MOST_SENTENCES
    assert {s.opened for s in page.sentences} <= {f.opened for f in everything}
    for call in (*page.save, *page.close):
        assert call.id not in {str(n) for n in range(1, 160, 9)}, "put off"
    assert len({c.id for c in (*page.save, *page.close)}) == len(page.save) + len(page.close)


def test_the_random_companies_have_something_to_say(anybody: ReportService) -> None:
    page = today(anybody, {}, "ru")
    assert len(page.sentences) >= 3 and len(page.save) == len(page.close) == 5
    assert page.plan is not None


def test_every_figure_of_a_candidate_is_a_figure_of_its_report() -> None:
    by_slug = {report.slug: report for report in REPORTS}
    for candidate in CANDIDATES:
        block = by_slug[candidate.report].block(getattr(candidate, "block", "") or candidate.opens)  # type: ignore[union-attr]
        names = {f.id for f in block.figures}
        wanted = (
            [getattr(candidate, name, "") for name in ("count", "money", "risk")]
            if hasattr(candidate, "block")
            else [candidate.figure]
        )  # type: ignore[union-attr]
        assert {name for name in wanted if name} <= names, candidate.id
        if hasattr(candidate, "num"):
            ratio = next(f for f in block.figures if f.id == candidate.figure)  # type: ignore[union-attr]
            assert isinstance(ratio, Ratio) and ratio.num.id == candidate.num


# -- what is said ------------------------------------------------------------------------------------------------------------


def leads(number: int, days_ago: float, source: str = "WEB", start: int = 0) -> Build:
    def write(facts: Facts) -> None:
        for n in range(number):
            facts.lead(int(start + days_ago * 1000) + n + 1, at(days_ago), source=source)

    return write


def weeks_of_leads(facts: Facts, usual: int, last: int, source: str = "WEB", start: int = 0) -> None:
    """So many leads on each Thursday of nine weeks, ``last`` of them yesterday; a first record long before."""
    for week in range(1, 10):
        leads(usual, 1 + 7 * week, source, start)(facts)
    leads(last, 1, source, start)(facts)


def test_fewer_leads_than_on_this_weekday_are_said_with_what_is_usual(company: Any) -> None:
    page = today(company(lambda facts: weeks_of_leads(facts, 20, 5)), {}, "ru")
    found = sentence(page, "leads_of_day") or sentence(page, "leads_of_source")
    assert found is not None and found.opened.count == 5 and (found.distance or 0) > FAR
    day = next(s for s in page.sentences if s.id in ("leads_of_day", "leads_of_source"))
    if day.id == "leads_of_day":
        assert said(day) == "В четверг 19 марта создано 5 лидов, обычно по четвергам – 20"
    rule = " ".join(say(line, "ru", "RUB") for line in day.why)
    assert "Обычно 20" in rule and "обычного разброса" in rule and "Место 1 из" in rule


def test_as_many_as_usual_is_not_said_and_the_page_is_calm(company: Any) -> None:
    page = today(company(lambda facts: weeks_of_leads(facts, 20, 19)), {}, "ru")
    assert page.sentences == () and page.looked > 0


def test_a_difference_that_rests_on_under_ten_records_is_not_said(company: Any) -> None:
    page = today(company(lambda facts: weeks_of_leads(facts, LEAST_RECORDS - 1, 0)), {}, "ru")
    assert page.sentences == ()


def test_a_young_portal_has_no_usual(company: Any) -> None:
    def write(facts: Facts) -> None:
        for week in (1, 2):
            leads(20, 1 + 7 * week)(facts)

    assert today(company(write), {}, "ru").sentences == ()


def test_a_holiday_is_no_measure_of_a_working_day(company: Any) -> None:
    """23 February 2026 is a Monday off; of Thursdays none is, so four of eight that are made days off leave too few."""

    def write(facts: Facts) -> None:
        weeks_of_leads(facts, 20, 5)

    service = company(write)
    assert today(service, {}, "ru").sentences
    known = service.typed()
    off = {(NOW - timedelta(days=1 + 7 * n)).date().isoformat(): False for n in range(1, 6)}
    object.__setattr__(known.preferences, "calendar", off)
    assert sentence(today(service, {}, "ru"), "leads_of_day") is None


def test_the_source_that_gives_less_is_named(company: Any) -> None:
    def write(facts: Facts) -> None:
        weeks_of_leads(facts, 20, 20, "CALL", 500_000)
        weeks_of_leads(facts, 20, 4, "WEB")

    page = today(company(write), {}, "ru")
    found = sentence(page, "leads_of_source")
    assert said(found) == "Источник «Web» дал за 7 дней 4 лида вместо обычных 20"
    assert found is not None and dict(found.opened.row) == {"source_id": "WEB"}


def test_a_filter_that_says_nothing_of_leads_silences_what_is_said_of_them(company: Any) -> None:
    service = company(lambda facts: weeks_of_leads(facts, 20, 4))
    assert today(service, {}, "ru").sentences != ()
    assert today(service, {"pipeline": ["1"]}, "ru").sentences == ()


def closed(facts: Facts, number: int, days_ago: float, won: int, *, start: int, manager: int = 1) -> None:
    for n in range(number):
        outcome = {"won": at(days_ago)} if n < won else {"lost": at(days_ago)}
        facts.deal(start + n, at(days_ago + 5), manager=manager, amount="1000", **outcome)


def test_a_lower_share_of_won_is_said_with_whom_most_of_it_lies(company: Any) -> None:
    def write(facts: Facts) -> None:
        for stretch in range(1, 7):
            closed(facts, 40, 10 + 28 * stretch, 20, start=stretch * 1000)
        closed(facts, 30, 10, 14, start=10_000)
        closed(facts, 30, 10, 3, start=11_000, manager=2)

    page = today(company(write), {}, "ru")
    found = sentence(page, "win_rate")
    assert said(found) == (
        "За 28 дней выиграно 17 из 60 закрытых сделок, 28,3 %: ниже обычного на 21,7 п. п.; больше всего теряет Борис Ким – 3 из 30"
    )
    assert found is not None and found.opened.count == 17


def test_deals_stuck_in_a_stage_are_said_by_its_norm(company: Any) -> None:
    def write(facts: Facts) -> None:
        facts.add(
            "stage_norms", pipeline_id=1, stage_id="C1:DOC", closed=40, won=20, chance=0.5, stays=20, stay_p90_won=30.0
        )
        facts.add(
            "stage_norms", pipeline_id=1, stage_id="C1:WORK", closed=9, won=9, chance=0.5, stays=9, stay_p90_won=3.0
        )
        for n in range(12):
            facts.deal(
                n + 1,
                at(100),
                stage="DOC",
                entered=at(60 if n < 7 else 2),
                amount="1000",
                last_activity_at=NOW,
                idle_days=0,
            )
            facts.deal(n + 101, at(100), stage="WORK", entered=at(60), amount="1000", last_activity_at=NOW, idle_days=0)

    page = today(company(write), {}, "ru")
    found = sentence(page, "stuck")
    assert said(found) == "7 сделок стоят на стадии «Договор» дольше 30 дней"
    assert found is not None and found.shown == 7000
    assert len([s for s in page.sentences if s.id == "stuck"]) == 1, "a norm made of nine stays is none"


def test_the_dearest_comes_first_and_the_rule_says_so(anybody: ReportService) -> None:
    page = today(anybody, {}, "ru")
    desk = Desk(anybody, {}, "ru")
    finder = Finder(desk)
    weight = {f.opened: f.money * Decimal(str(weight_of(f))) for c in CANDIDATES for f in finder.find(c)}
    order = [weight[s.opened] for s in page.sentences]
    assert order == sorted(order, reverse=True)
    assert all(say(s.why[-1], "ru", "RUB").startswith("Место ") for s in page.sentences)
    assert all(say(s.why[-1], "en", "RUB").startswith("Place ") for s in page.sentences)


def test_a_pile_no_larger_than_in_the_weeks_before_is_not_said(company: Any) -> None:
    """Fifteen deals past their planned close all along; ten more are another matter."""

    def write(more: int) -> Build:
        def build(facts: Facts) -> None:
            for n in range(15 + more):
                day = NOW - timedelta(days=100 if n < 15 else 3)
                facts.deal(n + 1, at(120), idle_days=0, amount="1000", planned_close_on=day.date())

        return build

    assert sentence(today(company(write(0)), {}, "ru"), "late_close") is None


def test_a_pile_larger_than_in_the_weeks_before_is_said_with_these(company: Any) -> None:
    def write(facts: Facts) -> None:
        for n in range(30):
            day = NOW - timedelta(days=100 if n < 15 else 3)
            facts.deal(n + 1, at(120), idle_days=0, amount="1000", planned_close_on=day.date())

    found = sentence(today(company(write), {}, "ru"), "late_close")
    assert said(found) == "У 30 сделок в работе плановая дата закрытия уже прошла"
    assert found is not None
    assert say(found.why[0], "ru", "RUB").startswith(
        "Обычно 15 – середина из 8 прежних: 15; 15; 15; 15; 15; 15; 15; 15."
    )


@settings(max_examples=asked(8), deadline=None)
@given(filters())
def test_the_first_of_the_weeks_is_what_the_summary_says(anybody: ReportService, asked: dict[str, list[str]]) -> None:
    report = anybody.report("overdue-activities")
    query = anybody.parse(report, asked)
    (summary,) = anybody.block(report, "summary", query).rows
    rows = anybody.block(report, "weeks", query).rows
    names = ("overdue", "incoming_over_day", "overdue_deals", "close_date_passed")
    assert len(rows) == 9
    assert {n: rows[0][f"{n}_then"] for n in names} == {n: summary[n] for n in names}


# -- cards to call -----------------------------------------------------------------------------------------------------------


def test_five_to_save_and_five_to_close_each_card_once(company: Any) -> None:
    def write(facts: Facts) -> None:
        for n in range(1, 9):
            facts.deal(n, at(100), idle_days=40, amount=str(n * 1000), chance=0.5, planned_close_on=NOW.date())
        for n in range(11, 19):
            facts.deal(
                n,
                at(100),
                idle_days=0,
                amount=str(n * 100),
                chance=0.5,
                planned_close_on=(NOW + timedelta(days=3)).date(),
            )
        facts.deal(
            30, at(100), idle_days=0, amount="9000000", chance=0.5, planned_close_on=(NOW + timedelta(days=60)).date()
        )

    page = today(company(write), {}, "ru")
    assert [c.id for c in page.save] == ["8", "7", "6", "5", "4"]
    assert [c.id for c in page.close] == ["3", "2", "18", "17", "16"]
    assert say(page.save[0].reason, "ru", "RUB").replace("\u00a0", " ") == "40 дней без касаний, под угрозой 4 000 ₽"
    assert say(page.close[2].reason, "ru", "RUB").replace("\u00a0", " ") == "закрытие 23.03.2026, ожидается 900 ₽"


def test_a_card_put_off_is_on_neither_list(company: Any) -> None:
    def write(facts: Facts) -> None:
        for n in (1, 2):
            facts.deal(n, at(100), idle_days=40, amount="1000", chance=0.5, planned_close_on=NOW.date())

    snooze = [{"entity": "deal", "id": "1", "until": "2026-04-10", "reason": "ждёт"}]
    page = today(company(write, snooze=snooze), {}, "ru")
    assert [c.id for c in (*page.save, *page.close)] == ["2"]


# -- the plan and the empty portal -------------------------------------------------------------------------------------------


def test_the_plan_stands_in_one_line(company: Any) -> None:
    def write(facts: Facts) -> None:
        facts.deal(1, at(30), won=at(5), amount="500000")

    plan = [{"manager_id": "1", "pipeline_id": "", "month": "2026-03", "plan_amount": "1000000"}]
    page = today(company(write, plan=plan), {}, "ru")
    assert page.plan is not None
    line, passed = plan_words(page.plan, "ru", "RUB")
    assert line.replace("\u00a0", " ").startswith(
        "План, март 2026: 500 тыс. ₽ из 1 млн ₽, 50 %. К этому дню должно быть "
    )
    assert passed.startswith("Прошло рабочих дней: 13")


def test_without_a_plan_the_line_says_so(company: Any) -> None:
    page = today(company(lambda facts: facts.deal(1, at(30), won=at(5), amount="500000")), {}, "en")
    assert page.plan is not None
    assert plan_words(page.plan, "en", "RUB")[0].startswith("No plan is typed for March 2026. ₽500K is won.")


def test_an_empty_portal_has_nothing_to_say(company: Any) -> None:
    page = today(company(lambda _: None), {}, "ru")
    assert (page.sentences, page.save, page.close, page.looked) == ((), (), (), 0)


def test_who_sees_nobody_is_told_why(company: Any) -> None:
    service = company(lambda facts: weeks_of_leads(facts, 20, 5)).as_user("77")
    page = today(service, {}, "ru")
    assert page.blind is not None and page.sentences == () and page.save == ()


def test_a_filter_that_is_none_is_refused_with_a_sentence(company: Any) -> None:
    with pytest.raises(BadInput):
        today(company(lambda _: None), {"pipeline": ["999"]}, "ru")


def test_the_address_of_a_sentence_opens_its_drawer_and_that_of_nothing_its_report(company: Any) -> None:
    page = today(company(lambda facts: weeks_of_leads(facts, 20, 4)), {"manager": ["1"]}, "ru")
    found = page.sentences[0]
    assert href(found.opened).startswith(f"/{found.opened.report}?") and "drill=" in href(found.opened)
    assert "manager=1" in href(found.opened)
    assert href(replace(found.opened, count=0)) == f"/{found.opened.report}?{found.opened.search}"
