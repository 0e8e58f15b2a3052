"""Cards without a stage: a row of their own wherever rows are stages, a filter, a drill."""

from __future__ import annotations

from pathlib import Path

from dash_app.engine.facts import FACTS as TABLES
from dash_app.reports.api import GridRequest
from pages.sales_dynamics import REPORT
from tests.figures.facts_builder import Facts, Published, service_of

FEBRUARY = {"from": ["2026-02-01"], "to": ["2026-02-28"]}


def test_cards_without_a_stage_have_a_row_a_filter_and_a_drill(tmp_path: Path) -> None:
    facts = Facts(tmp_path / "portal.duckdb")
    facts.deal(1, "2026-02-05 10:00", amount="1000")
    facts.deal(2, "2026-02-06 10:00", amount="50", stage_id=None, current_stage_id=None)
    facts.lead(3, "2026-02-06 10:00", stage_id=None)
    facts.lead(4, "2026-02-06 10:00")
    service = service_of(Published(facts.done()), REPORT)
    query = service.parse(REPORT, FEBRUARY)
    for block, entity, record in (("deal_stages", "deal", "2"), ("lead_stages", "lead", "3")):
        rows = service.block(REPORT, block, query).rows
        assert [row["stage"] for row in rows][-1] == "(без стадии)"
        figure = next(c.id for c in service.block(REPORT, block, query).columns if c.drills)
        assert rows[-1][figure] == 1
        keys = {"stage_id": "none"} | ({"pipeline_id": "1"} if entity == "deal" else {})
        listed = service.records(REPORT, block, figure, keys, query, GridRequest())
        assert [row["id"] for row in listed.rows] == [record] and listed.rows[0]["stage"] == "(без стадии)"
    filtered = service.parse(REPORT, {**FEBRUARY, "stage": ["none"]})
    (row,) = service.block(REPORT, "deal_stages", filtered).rows
    assert row["stage"] == "(без стадии)"
    choice = service.choices(REPORT, "stage", query)[-1]
    assert (choice.value, choice.label, choice.count) == ("none", "(без стадии)", 2)


def test_the_filter_by_no_stage_takes_activities_of_such_cards_alone(tmp_path: Path) -> None:
    facts = Facts(tmp_path / "portal.duckdb")
    facts.manager(1, "Анна")
    facts.deal(2, "2026-02-06 10:00", stage_id=None)
    facts.deal(3, "2026-02-06 10:00")
    for number, more in enumerate(
        (
            {"owner": 2, "owner_status": "in_work", "owner_stage_id": None},
            {"owner": 3, "owner_status": "in_work", "owner_stage_id": "C1:NEW"},
            {"owner": 9, "owner_type": "contact"},
        ),
        1,
    ):
        facts.activity(number, "call_out", "2026-02-07 10:00", **more)
    service = service_of(Published(facts.done()), REPORT)
    context = service.context(service.parse(REPORT, {**FEBRUARY, "stage": ["none"]}, interface=False))
    scope, params = context.scope(TABLES["activities"])
    assert context.execute(f"SELECT id FROM activities WHERE {scope}", params).fetchall() == [(1,)]
