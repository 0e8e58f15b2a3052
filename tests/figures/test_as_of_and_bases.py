"""What a period, an instant and a base mean for the figures of a report. Data of 20 March 2026, 12:00 in Moscow."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from dash_app.engine.entered import Entered
from dash_app.engine.periods import PRESETS, preset_period
from dash_app.engine.query import Period, Query
from dash_app.errors import BadInput
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.store.preferences import Preferences, checked
from pages.sales_dynamics import REPORT
from tests.figures.facts_builder import Facts, Published, moscow, service_of

OCTOBER_15 = "2025-10-15T12:00:00+03:00"


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    built = Facts(tmp_path / "portal.duckdb")
    built.manager(1, "Анна")
    return built


def service(facts: Facts, **chosen: Any) -> ReportService:
    path = facts.done()
    typed = Entered("1", Preferences(**chosen))
    return service_of(Published(path, _Always(path)), REPORT, typed=typed)


class _Always(dict[datetime, Path]):
    """The same facts as of any instant: enough where only dates are asked."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def __missing__(self, instant: datetime) -> Path:
        return self.path


def parsed(asked: ReportService, **params: str) -> Query:
    return asked.parse(REPORT, {name.rstrip("_"): [value] for name, value in params.items()}, interface=False)


def summary(asked: ReportService, **params: str) -> dict[str, Any]:
    (row,) = asked.block(REPORT, "summary", parsed(asked, **params)).rows
    return row


def notes(asked: ReportService, **params: str) -> str:
    return " ".join(note.text.ru for note in asked.block(REPORT, "summary", parsed(asked, **params)).notes)


# -- presets and names ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", list(PRESETS))
@pytest.mark.parametrize(
    ("as_of", "today"),
    [(OCTOBER_15, date(2025, 10, 15)), ("2025-12-31T21:30:00+00:00", date(2026, 1, 1)), ("", date(2026, 3, 20))],
)
def test_presets_are_those_of_the_day_of_as_of(facts: Facts, preset: str, as_of: str, today: date) -> None:
    asked = service(facts)
    query = parsed(asked, period=preset, as_of=as_of)
    assert query.period == preset_period(preset, today)
    again = parse_qs(asked.query_string(REPORT, query))
    assert again.get("period", [REPORT.default_period]) == [preset]


def test_a_name_of_a_month_keeps_its_month_whatever_the_instant(facts: Facts) -> None:
    asked = service(facts)
    for as_of in ("", OCTOBER_15):
        query = parsed(asked, period="2026-02", as_of=as_of, compare="year")
        assert query.period == Period(date(2026, 2, 1), date(2026, 2, 28))
        assert query.compare == Period(date(2025, 2, 1), date(2025, 2, 28))
    assert (
        asked.query_string(REPORT, parsed(asked, period="2026-q1")) == "period=2026-Q1&cards=created&in_work_only=false"
    )
    assert asked.period_text(parsed(asked, period="2026-02")).ru == "Февраль 2026, 01.02.2026 – 28.02.2026"


def test_quarters_and_years_follow_the_fiscal_year(facts: Facts) -> None:
    facts.deal(1, "2026-02-10 10:00", won="2026-03-05 10:00", amount="1000")
    facts.deal(2, "2025-12-10 10:00", won="2026-01-05 10:00", amount="10")
    asked = service(facts, fiscal_year_month=2)
    assert parsed(asked, period="this_quarter").period == Period(date(2026, 2, 1), date(2026, 4, 30))
    assert parsed(asked, period="this_year").period == Period(date(2026, 2, 1), date(2027, 1, 31))
    assert asked.period_text(parsed(asked, period="last_quarter")).ru == (
        "Прошлый квартал (IV квартал 2025/26), 01.11.2025 – 31.01.2026"
    )
    query = parsed(asked, from_="2025-11-01", to="2026-04-30", grain="quarter", compare="previous")
    rows = asked.block(REPORT, "dynamics", query).rows
    assert [(r["bucket"], r["bucket_end"], r["deals_won"]) for r in rows] == [
        (date(2025, 11, 1), date(2026, 1, 31), 1),
        (date(2026, 2, 1), date(2026, 4, 30), 1),
    ]
    for row in rows:
        behind = asked.records(
            REPORT, "dynamics", "deals_won", {"bucket": row["bucket"].isoformat()}, query, GridRequest()
        )
        assert behind.total == row["deals_won"]


# -- figures per day ------------------------------------------------------------------------------------------------------


def test_velocity_of_a_running_month_and_of_its_base_is_by_the_days_that_passed(facts: Facts) -> None:
    facts.deal(1, "2026-02-10 10:00", won="2026-03-05 10:00", amount="1950")
    facts.deal(2, "2026-02-01 10:00", won="2026-02-05 10:00", amount="3900")
    facts.deal(3, "2026-02-01 10:00", won="2026-02-25 10:00", amount="100")  # after the cut
    asked = service(facts)
    row = summary(asked, period="this_month", compare="previous")
    assert (row["velocity"], row["velocity_base"]) == (Decimal(100), Decimal(200))  # nineteen days and a half
    assert (
        summary(asked, period="this_month", compare="previous", whole_base="1")["velocity_base"] == Decimal(4000) / 28
    )
    assert summary(asked, period="2026-02")["velocity"] == Decimal(4000) / 28
    assert summary(asked, period="2026-04")["velocity"] is None  # not a day of it has passed
    assert summary(asked, period="all")["velocity"] is None
    said = asked.explain(REPORT, "summary", "velocity", {}, parsed(asked, period="this_month"))
    assert said.formula and said.formula.ru == "1\u00a0950,00 / 19,5 = 100,00"


# -- how a base is cut ----------------------------------------------------------------------------------------------------


def test_a_base_aligned_by_working_days_says_so_with_its_dates(facts: Facts) -> None:
    facts.deal(1, "2026-02-01 10:00", won="2026-02-24 18:00", amount="1")  # after the cut by working days
    facts.deal(2, "2026-02-01 10:00", won="2026-02-18 10:00", amount="1")
    asked = service(facts)
    # Friday 20 March, 13 working days over (9 March is a day off): February's 14th is the 19th
    row = summary(asked, period="this_month", compare="previous", align="working_days")
    assert row["deals_won_base"] == 1
    said = notes(asked, period="this_month", compare="previous", align="working_days")
    assert "01.02.2026 – 19.02.2026 12:00, столько же рабочих дней, сколько прошло в периоде" in said
    query = parsed(asked, period="this_month", compare="previous", align="working_days")
    assert asked.query_string(REPORT, query) == "compare=previous&align=working_days&cards=created&in_work_only=false"
    text = asked.base_text(query)
    assert text is not None and text.ru in said


def test_days_off_of_the_settings_move_the_base(facts: Facts) -> None:
    asked = service(facts, calendar={"2026-02-04": False, "2026-02-05": False})
    said = notes(asked, period="this_month", compare="previous", align="working_days")
    assert "– 24.02.2026 12:00" in said  # the 23rd is a holiday


def test_an_unknown_alignment_is_answered_with_a_sentence(facts: Facts) -> None:
    with pytest.raises(BadInput, match="working_days"):
        parsed(service(facts), align="weeks")


# -- what of an earlier instant is today's ----------------------------------------------------------------------------------


def log_since(facts: Facts, moment: str | None) -> None:
    facts.con.execute("UPDATE meta SET log_since = ?", [moscow(moment)])


@pytest.mark.parametrize(("since", "told"), [(None, True), ("2026-03-01 10:00", True), ("2025-10-01 10:00", False)])
def test_an_earlier_instant_says_what_is_todays_where_the_log_does_not_reach(
    facts: Facts, since: str | None, told: bool
) -> None:
    facts.deal(1, "2025-01-10 10:00")
    log_since(facts, since)
    asked = service(facts)
    said = " ".join(n.text.ru for n in asked.remarks(parsed(asked, as_of=OCTOBER_15)))
    assert ("сегодняшние" in said and "15.10.2025, 12:00" in said) == told
    assert asked.remarks(parsed(asked)) == []


@pytest.mark.parametrize(("since", "told"), [(None, True), ("2026-03-01 10:00", True), ("2026-02-01 10:00", False)])
def test_a_base_of_state_says_what_is_todays_where_the_log_does_not_reach(
    facts: Facts, since: str | None, told: bool
) -> None:
    log_since(facts, since)
    said = notes(service(facts), period="this_month", compare="previous")
    assert ("На 20.02.2026, 12:00 известны стадии" in said) == told


def test_an_instant_after_the_data_or_before_the_first_record_is_said(facts: Facts) -> None:
    facts.deal(1, "2025-11-10 10:00")
    asked = service(facts)
    (late,) = asked.remarks(parsed(asked, as_of="2026-04-01T00:00:00+03:00"))
    assert "01.04.2026, 00:00" in late.text.ru and "20.03.2026, 12:00" in late.text.ru
    (early,) = asked.remarks(parsed(asked, as_of=OCTOBER_15))
    assert "10.11.2025, 10:00" in early.text.ru
    assert asked.remarks(parsed(asked, as_of="2026-03-20T12:00:00+03:00")) == []


@pytest.mark.parametrize("period", ["2026-02", "2026-Q1", "2026", "2026-W05", "last_7", "all"])
@pytest.mark.parametrize("compare", ["none", "previous", "year", "2025-01-01..2025-01-31"])
@pytest.mark.parametrize("first_month", [1, 4])
def test_an_address_and_its_question_are_one(facts: Facts, period: str, compare: str, first_month: int) -> None:
    asked = service(facts, fiscal_year_month=first_month)
    query = parsed(asked, period=period, compare=compare, align="working_days", whole_base="1", as_of=OCTOBER_15)
    text = asked.query_string(REPORT, query)
    assert asked.parse(REPORT, parse_qs(text), interface=False) == query


@pytest.mark.parametrize("given", [4, "4"])
def test_the_fiscal_year_is_a_month_of_the_year(given: object) -> None:
    assert checked("fiscal_year_month", given) == 4
    for wrong in (0, 13, "апрель", None, 4.5, True, "٤"):
        with pytest.raises(BadInput, match="First month"):
            checked("fiscal_year_month", wrong)
