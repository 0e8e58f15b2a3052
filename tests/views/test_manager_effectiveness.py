"""The scatter, the calendar and the wide table draw what their rows say."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from dash_app.engine.blocks import Scatter
from dash_app.engine.result import BlockResult
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.views.blocks import block_view
from dash_app.views.matrix import matrix
from dash_app.views.scatter import places, quarter, scatter_chart
from dash_app.views.scene import Scene
from dash_app.views.tables import TableLook, block_table
from pages.manager_effectiveness import REPORT
from tests.figures.facts_builder import Facts, Published, service_of
from tests.views.conftest import find, prop, text_of, walk

FEBRUARY = {"from": ["2026-02-01"], "to": ["2026-02-28"]}


@pytest.fixture
def service(tmp_path: Path) -> ReportService:
    facts = Facts(tmp_path / "facts.duckdb")
    for manager, name in enumerate(("Анна", "Борис", "Вера", "<b>Глеб</b>"), 1):
        facts.manager(manager, name)
    number = 0
    for manager, meetings, amount in ((1, 3, "900"), (2, 3, "10"), (3, 1, "800"), (4, 1, None)):
        for _ in range(meetings):
            number += 1
            facts.activity(number, "meeting", f"2026-02-{9 + number:02d} 1{manager}:00", manager=manager)
        if amount:
            facts.deal(manager, "2026-02-01 10:00", won="2026-02-10 10:00", amount=amount, manager=manager)
    return service_of(Published(facts.done()), REPORT)


def asked(service: ReportService, block: str, **params: list[str]) -> tuple[Scene, BlockResult]:
    query = service.parse(REPORT, {**FEBRUARY, **params})
    return Scene(REPORT.slug, REPORT.block(block)), service.block(REPORT, block, query)


def test_points_stand_in_the_quarter_they_belong_to_and_open_their_deals(service: ReportService) -> None:
    scene, result = asked(service, "activity_vs_result")
    assert isinstance(scene.block, Scatter)
    chart = scatter_chart(scene, result, scene.block)
    # medians: 10 points, 405 roubles
    found: dict[str, Any] = {}
    for trace in chart.figure["data"]:
        for x, y, hover, target in zip(trace["x"], trace["y"], trace["hovertext"], trace["customdata"], strict=True):
            found[hover.split("</b>")[0].removeprefix("<b>")] = (x, y, trace["name"])
            given = parse_qs(f"drill={target}")
            block, figure = given["drill"][0].split(".")
            total = service.records(
                REPORT,
                block,
                figure,
                {"manager_id": given["row.manager_id"][0]},
                service.parse(REPORT, FEBRUARY),
                GridRequest(),
            ).total
            assert total >= 1
    assert found == {
        "Анна": (15, 900, "Делают много, продают много"),
        "Борис": (15, 10, "Делают много, продают мало"),
        "Вера": (5, 800, "Делают мало, продают много"),
        "&lt;b&gt;Глеб&lt;/b&gt;": (5, 0, "Делают мало, продают мало"),
    }
    assert "Делают мало, продают мало: 1" in chart.summary
    assert {(s.get("x0"), s.get("x1")) for s in chart.figure["layout"]["shapes"]} == {(10, 10), (0, 1)}


def test_without_a_yardstick_there_are_points_and_no_quarters(service: ReportService) -> None:
    scene, result = asked(service, "activity_vs_result", pipeline=["2"])
    body = block_view(scene, result)
    assert "block-empty" in [getattr(c, "className", "") for c in walk(body)]
    for row in (many := asked(service, "activity_vs_result")[1]).rows:
        row["activity_yardstick"] = row["won_yardstick"] = None
    assert isinstance(scene.block, Scatter)
    figure = scatter_chart(scene, many, scene.block).figure
    assert (len(figure["data"]), figure["layout"]["shapes"]) == (1, [])


def test_a_comparison_shows_where_each_point_came_from(service: ReportService) -> None:
    scene, result = asked(service, "activity_vs_result", compare=["2026-02-01..2026-02-28"])
    assert isinstance(scene.block, Scatter)
    ghost = scatter_chart(scene, result, scene.block).figure["data"][0]
    assert ghost["name"] == "база"
    assert sorted(x for x in ghost["x"][::3]) == [5, 5, 15, 15]


def test_on_the_line_is_on_its_better_side() -> None:
    assert [quarter(x, y, (1, 1)) for x, y in ((1, 1), (0, 1), (0, 0), (1, 0))] == [0, 1, 2, 3]


def test_names_never_cover_each_other() -> None:
    stands = places([(500, 200), (502, 203), (504, 198), (506, 201), (508, 202), (510, 199)], ["Александр Сергеев"] * 6)
    assert any(stands)
    assert None in stands


def test_the_calendar_keeps_weekdays_in_order_and_leaves_out_idle_hours(service: ReportService) -> None:
    scene, result = asked(service, "activity_calendar")
    table = matrix(scene, result)
    heads = [text_of(c) for c in walk(table) if type(c).__name__ == "Th"]
    assert heads[:6] == ["День недели", "11:00", "12:00", "13:00", "14:00", "Всего"]
    assert heads[6:13] == ["Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс"]
    drills = [prop(c, "data-drill") for c in find(table, "data-drill")]
    assert "activity_calendar.activities_count&row.weekday=2&row.hour=11" in drills


def test_a_wide_table_names_its_groups_and_folds_the_rest(service: ReportService) -> None:
    for params in ({}, {"compare": ["previous"]}):
        scene, result = asked(service, "managers", **params)
        table = block_table(scene, result)
        button = next(b for b in find(table, "data-look") if prop(b, "data-mark") == "columns")
        assert text_of(button) == f"Ещё столбцы ({len(scene.block.folded)})"
        unfolded = block_table(scene, result, TableLook.of(prop(button, "data-look")))
        for view in (table, unfolded):
            over = [c for c in walk(view) if "over" in str(getattr(c, "className", "")).split()]
            assert [text_of(c) for c in over] == ["Что делает", "Что выходит", "Конверсия", "Первый ответ"]
            row = next(
                c
                for c in walk(view)
                if type(c).__name__ == "Tr"
                and any(getattr(x, "className", "") == "name" and x.scope == "row" for x in c.children)
            )
            assert len([c for c in row.children if type(c).__name__ == "Td"]) == sum(c.colSpan for c in over)
        folded = set(scene.block.folded)
        drilled = {
            str(prop(b, "data-drill")).split(".")[1].split("&")[0].removesuffix("_base")
            for b in find(table, "data-drill")
        }
        assert not drilled & folded, "a number that is not shown is not sent"
        assert (
            text_of(next(b for b in find(unfolded, "data-look") if prop(b, "data-mark") == "columns"))
            == "Главные столбцы"
        )
