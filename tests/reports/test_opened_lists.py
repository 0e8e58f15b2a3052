"""What the drawer says above a list: whose the records are, what is the same in all of them, the formula of a ratio."""

from __future__ import annotations

from decimal import Decimal

import pytest

from callbacks.drill import tabs_of
from dash_app.engine.query import Query
from dash_app.engine.result import RecordsPage
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.web.state import Drawer
from pages.sales_dynamics import REPORT
from tests.views.conftest import PARAMS, query, service  # noqa: F401  fixtures

NUMBERS = ("deals_created", "deals_won", "deals_won_amount", "deals_lost_amount", "leads_created", "deals_in_work")


def opened(service: ReportService, figure: str, asked: Query) -> RecordsPage:  # noqa: F811
    return service.records(REPORT, "summary", figure, {}, asked, GridRequest(0, 0))


@pytest.mark.parametrize("figure", NUMBERS)
def test_what_people_have_adds_up_to_the_list(service: ReportService, query: Query, figure: str) -> None:  # noqa: F811
    page = opened(service, figure, query)
    assert page.total > 0 and len(page.people) > 1
    assert sum(person.count for person in page.people) == page.total
    assert sum((person.amount or Decimal(0) for person in page.people), Decimal(0)) == page.amount
    assert [p.count for p in page.people] == sorted((p.count for p in page.people), reverse=True)


def test_what_a_person_has_is_the_list_filtered_by_him(service: ReportService, query: Query) -> None:  # noqa: F811
    for person in opened(service, "deals_created", query).people:
        his = service.parse(REPORT, {**PARAMS, "manager": [person.manager_id or "none"]})
        page = opened(service, "deals_created", his)
        assert (page.total, page.amount) == (person.count, person.amount)
        assert "manager" in page.same or page.total == 1


def test_a_column_is_the_same_where_all_records_say_so(service: ReportService, query: Query) -> None:  # noqa: F811
    for figure in NUMBERS:
        page = opened(service, figure, query)
        rows = service.records(REPORT, "summary", figure, {}, query, GridRequest(0, 10_000)).rows
        there = {column.id for column in page.columns}
        for column in there & {"pipeline", "stage", "status", "manager", "source"}:
            values = {str(row.get(f"{column}_id")) for row in rows}
            assert (column in page.same) == (len(values) == 1), (figure, column)
            if column in page.same:
                assert page.alike[column] == rows[0][column]


def test_rows_are_asked_for_without_any_of_it(service: ReportService, query: Query) -> None:  # noqa: F811
    page = service.records(REPORT, "summary", "deals_won", {}, query, GridRequest(0, 5))
    assert (page.people, page.same) == ((), ())


def test_a_ratio_opens_with_its_formula_and_the_counts_of_its_parts(service: ReportService, query: Query) -> None:  # noqa: F811
    row = service.block(REPORT, "summary", query).rows[0]
    drawer = Drawer("drill", "summary", "win_rate_num", ())
    formula, (num, den) = tabs_of(
        REPORT.block("summary"),
        drawer,
        lambda figure: service.explain(REPORT, "summary", figure, {}, query),
        "ru",
        "RUB",
    )
    assert (num.shown, den.shown) == (str(row["win_rate_num"]), str(row["win_rate_den"]))
    assert f"{row['win_rate_num']} / {row['win_rate_den']} = " in formula
