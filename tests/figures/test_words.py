"""The words of the language beside measures and ratios: given values, formulas, products, numbers as options, all of time."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dash_app.engine.blocks import RecordList, Table
from dash_app.engine.context import Context
from dash_app.engine.language import Dimension, Formula, Given, Measure, Option, Product, Ratio, Report, Unit
from dash_app.errors import BadInput
from dash_app.figures import common as c
from dash_app.reports.api import GridRequest
from dash_app.text import Text
from tests.figures.facts_builder import Facts, Published, service_of

T = Text("т", "t")


def _costs(_: Context, dimensions: tuple[Dimension, ...]) -> Mapping[tuple[Any, ...], Decimal]:
    return {("WEB",): Decimal(300), ("FAIR",): Decimal(50)} if dimensions else {(): Decimal(350)}


COST = Given("cost", T, T, _costs)
DOUBLE = Formula(
    "double", (c.DEALS_CREATED, COST), lambda v: None if v["cost"] is None else v["cost"] * 2, T, T, T, unit=Unit.MONEY
)
WON_SHARE = Ratio("won_share", c.DEALS_CREATED_WON, c.DEALS_CREATED, T, T)
PER_DEAL = Ratio("per_deal", COST, c.DEALS_CREATED, T, T, unit=Unit.MONEY)
SQUARED = Product("squared", (WON_SHARE, Ratio("again", c.DEALS_CREATED_WON, c.DEALS_CREATED, T, T)), T, T)
LONG = Measure("long", "deals", f"{c.CREATED} AND duration_days >= $days_at_least", T, T)
REPORT = Report(
    "words",
    T,
    T,
    "x",
    1,
    (
        Table(
            "sources",
            T,
            T,
            figures=(c.DEALS_CREATED, COST, PER_DEAL, DOUBLE, WON_SHARE, SQUARED, LONG),
            dimensions=(c.SOURCE,),
            totals=True,
        ),
        RecordList("activities", T, T, fact="activities"),
        RecordList("tasks", T, T, fact="tasks"),
    ),
    options=(Option("days_at_least", T, {}, "7", number=(1, 90, 1)),),
    default_period="all",
)


@pytest.fixture
def service(tmp_path: Path) -> Any:
    facts = Facts(tmp_path / "facts.duckdb")
    facts.manager(1, "Анна")
    facts.deal(1, "2026-03-01 10:00", won="2026-03-02 10:00")
    facts.deal(2, "2026-03-10 10:00")
    facts.deal(3, "2024-03-10 10:00", source="CALL")
    facts.add(
        "activities",
        id=5,
        owner_type="deal",
        owner_id=2,
        subject="Звонок",
        kind="call_out",
        manager_id=1,
        happened_at=facts.as_of,
        created_at=facts.as_of,
        completed=True,
        in_sales=True,
    )
    facts.add(
        "tasks",
        id=9,
        title="Подготовить",
        status=3,
        manager_id=1,
        created_at=facts.as_of,
        tags=["срочно"],
        project_id=4,
    )
    facts.add("workgroups", id=4, name="Запуск", closed=False)
    return service_of(Published(facts.done()), REPORT)


def answer(service: Any, **params: str) -> Any:
    return service.block(REPORT, "sources", service.parse(REPORT, {k: [v] for k, v in params.items()}))


def test_given_values_join_the_rows_of_the_facts_and_make_rows_of_their_own(service: Any) -> None:
    result = answer(service)
    rows = {r["source_id"]: r for r in result.rows}
    assert (rows["WEB"]["cost"], rows["WEB"]["deals_created"], rows["WEB"]["per_deal"]) == (300, 2, 150)
    assert (rows["FAIR"]["cost"], rows["FAIR"]["deals_created"], rows["FAIR"]["per_deal"]) == (50, 0, None)
    assert rows["CALL"]["cost"] is None
    assert (result.totals["cost"], result.totals["double"]) == (350, 700)


def test_a_formula_and_a_product_carry_their_parts(service: Any) -> None:
    row = next(r for r in answer(service).rows if r["source_id"] == "WEB")
    assert row["double"] == 600
    assert (row["squared"], row["squared_num"], row["squared_den"]) == (0.25, 1, 4)
    assert row["created_won"] == 1
    explained = service.explain(REPORT, "sources", "squared", {"source_id": "WEB"}, service.parse(REPORT, {}))
    assert "1 / 2 × 1 / 2" in explained.formula.ru
    query = service.parse(REPORT, {})
    assert service.records(REPORT, "sources", "created_won", {"source_id": "WEB"}, query, GridRequest()).total == 1


def test_an_option_may_be_a_number_and_enters_predicates(service: Any) -> None:
    assert {r["source_id"]: r["long"] for r in answer(service).rows if r["deals_created"]} == {"WEB": 1, "CALL": 1}
    assert {r["source_id"]: r["long"] for r in answer(service, days_at_least="1").rows if r["deals_created"]} == {
        "WEB": 2,
        "CALL": 1,
    }
    for wrong in ("0", "91", "nan", "семь", "1; DROP"):
        with pytest.raises(BadInput):
            answer(service, days_at_least=wrong)
    query = service.parse(REPORT, {"days_at_least": ["14"]})
    assert service.query_string(REPORT, query) == "days_at_least=14"
    assert service.query_string(REPORT, service.parse(REPORT, {"days_at_least": ["7"]})) == ""


def test_all_of_time_is_compared_with_a_month_ago(service: Any) -> None:
    query = service.parse(REPORT, {"compare": ["previous"]})
    assert (query.preset, query.compare.end.isoformat()) == ("all", "2026-02-20")
    assert service.block(REPORT, "sources", query).totals["deals_created_base"] == 1


def test_lists_of_activities_and_tasks_link_to_what_they_belong_to(service: Any) -> None:
    query = service.parse(REPORT, {})
    (call,) = service.records(REPORT, "activities", "", {}, query, GridRequest()).rows
    assert call["url"].endswith("/crm/deal/details/2/")
    assert (call["kind"], call["kind_id"], call["owner_title"], call["completed"]) == (
        "Исходящий звонок",
        "call_out",
        "Карточка 2",
        "да",
    )
    (task,) = service.records(REPORT, "tasks", "", {}, query, GridRequest()).rows
    assert task["url"].endswith("/company/personal/user/1/tasks/task/view/9/")
    assert (task["task_status"], task["project"]) == ("Выполняется", "Запуск")
    filtered = service.parse(REPORT, {"project": ["4"], "tag": ["срочно"]})
    assert service.records(REPORT, "tasks", "", {}, filtered, GridRequest()).total == 1
    assert (
        service.records(REPORT, "tasks", "", {}, service.parse(REPORT, {"project": ["none"]}), GridRequest()).total == 0
    )
