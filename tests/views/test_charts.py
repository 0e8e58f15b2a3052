"""What a chart draws is what its rows say, and what it opens is what it draws."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from dash_app.engine.result import BarsResult, SeriesResult
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.store.workdays import Workdays
from dash_app.views.bars import bars_chart
from dash_app.views.blocks import block_view
from dash_app.views.charts import Plot, nice_ticks
from dash_app.views.funnel import funnel_chart, pipelines_of, segments
from dash_app.views.scene import Scene
from dash_app.views.series import series_chart
from dash_app.views.tables import figure_columns
from dash_app.views.theme import TEMPLATE
from dash_app.views.totals import sums_of, total_chart
from dash_app.views.waterfall import waterfall_chart
from pages.sales_dynamics import REPORT
from tests.views.conftest import PARAMS, Asked, prop, walk


def test_series_traces_equal_the_rows(ask: Asked) -> None:
    scene, result = ask("dynamics")
    for column in figure_columns(result):
        chart = series_chart(scene, result, column, main=False)
        base, period = chart.figure["data"]
        assert period["y"] == [None if r["future"] else float(r[column.id]) for r in result.rows]  # type: ignore[arg-type]
        assert base["y"] == [
            None if r[f"{column.id}_base"] is None else float(r[f"{column.id}_base"]) for r in result.rows
        ]  # type: ignore[arg-type]
        assert len(period["x"]) == len(base["x"]) == len(result.rows)


@pytest.mark.parametrize(("grain", "words"), [("week", "<b>16\xa0мар, неполная</b>"), ("day", "<b>сегодня</b>")])
def test_only_the_running_bucket_is_hatched_and_named_on_the_axis(ask: Asked, grain: str, words: str) -> None:
    scene, result = ask("dynamics", grain=[grain], course=["step"])
    drawn = series_chart(scene, result, figure_columns(result)[0], main=True).figure
    hatched = [i for i, shape in enumerate(drawn["data"][-1]["marker"]["pattern"]["shape"]) if shape]
    assert hatched == [i for i, r in enumerate(result.rows) if r["running"]]
    axis = drawn["layout"]["xaxis"]
    assert axis["ticktext"][axis["tickvals"].index(hatched[0])] == words
    assert len(hatched) == 1


def test_days_off_are_shaded_in_a_series_of_days(ask: Asked) -> None:
    scene, result = ask("dynamics", grain=["day"], course=["step"])
    bands = series_chart(scene, result, figure_columns(result)[0], main=True).figure["layout"]["shapes"]
    shaded = [result.rows[round(band["x0"] + 0.5)]["bucket"] for band in bands]
    assert shaded == [r["bucket"] for r in result.rows if not Workdays().is_working(r["bucket"])]  # type: ignore[arg-type]
    assert ask("dynamics")[1].rows[0]["day_off"] is False


MARCH = {"from": ["2026-03-01"], "to": ["2026-03-31"], "grain": [""]}


@pytest.mark.parametrize("narrowed", [{}, {"manager": ["1"]}, {"pipeline": ["1"], "whole_base": ["1"]}])
def test_a_running_total_ends_at_the_figure_of_its_card_and_so_does_its_base(
    ask: Asked, service: ReportService, narrowed: dict[str, list[str]]
) -> None:
    _, result = ask("dynamics", **MARCH, **narrowed)
    cards = ask("summary", **MARCH, **narrowed)[1].rows[0]
    assert isinstance(result, SeriesResult) and result.running_total
    for column in figure_columns(result):
        for name in (column.id, f"{column.id}_base"):
            last = [value for value in sums_of(result.rows, name) if value is not None][-1]
            assert last == cards[name], name


def test_a_point_of_a_running_total_opens_the_records_up_to_its_day(ask: Asked, service: ReportService) -> None:
    scene, result = ask("dynamics", **MARCH)
    assert isinstance(result, SeriesResult)
    trace = total_chart(scene, result, result.column("deals_won"), main=True).figure["data"][-1]
    query = service.parse(REPORT, {**PARAMS, **MARCH})
    assert trace["y"][19] > trace["y"][3] and trace["y"][20:] == [None] * 11  # the data speaks of the 20th
    for place in (3, 11, 19):
        given = parse_qs(f"drill={trace['customdata'][place]}")
        until = {"until": given["row.until"][0]}
        for block, figure in (given["drill"][0].split("."), ("dynamics", "deals_won_base")):
            page = service.records(REPORT, block, figure, until, query, GridRequest(0, 1))
            wanted = trace["y"] if figure == "deals_won" else sums_of(result.rows, "deals_won_base")
            assert page.total == wanted[place]
    assert (
        "по 04.03.2026 включительно"
        in service.records(REPORT, "dynamics", "deals_won", {"until": "2026-03-04"}, query, GridRequest(0, 1)).title.ru
    )


def test_a_course_is_a_running_total_where_the_days_of_a_month_run_and_where_somebody_asks(
    ask: Asked, service: ReportService
) -> None:
    def total(**params: list[str]) -> bool:
        result = ask("dynamics", **params)[1]
        assert isinstance(result, SeriesResult)
        return result.running_total

    february = {"from": ["2026-02-01"], "to": ["2026-02-28"], "grain": [""]}
    assert total(**MARCH) and not total(**february) and not total()
    assert not total(**MARCH, course=["step"]) and total(**february, course=["total"])
    asked = service.parse(REPORT, {**PARAMS, **MARCH, "compare": []})
    on_page = service.block(REPORT, "dynamics", replace(asked, cards_compared=True))
    assert (
        "deals_won_base" in on_page.rows[0] and "deals_won_base" not in service.block(REPORT, "dynamics", asked).rows[0]
    )


def test_without_a_comparison_there_is_no_ghost(ask: Asked) -> None:
    scene, result = ask("dynamics", compare=[])
    assert len(series_chart(scene, result, figure_columns(result)[0], main=True).figure["data"]) == 1


def test_bars_of_a_series_open_as_many_records_as_they_are_high(ask: Asked, service: ReportService) -> None:
    scene, result = ask("dynamics")
    query = service.parse(REPORT, PARAMS)
    trace = series_chart(scene, result, result.column("deals_won"), main=False).figure["data"][-1]
    for height, target in list(zip(trace["y"], trace["customdata"], strict=True))[:6]:
        given = parse_qs(f"drill={target}")
        block, figure = given["drill"][0].split(".")
        page = service.records(REPORT, block, figure, {"bucket": given["row.bucket"][0]}, query, GridRequest(0, 1))
        assert page.total == (height or 0)


def test_funnel_segments_are_parts_of_those_who_reached(ask: Asked) -> None:
    scene, result = ask("funnel")
    for pipeline, rows in pipelines_of(result).items():
        for row, part in zip(rows, segments(rows), strict=True):
            assert sum(part.values()) == row["reached"]
            assert min(part.values()) >= 0
        figure = funnel_chart(scene, result, pipeline, rows).figure
        ghost, *parts = figure["data"]
        assert ghost["x"] == [None, *[r["reached"] for r in rows[:-1]]]
        assert [sum(trace["x"][i] for trace in parts) for i in range(len(rows))] == [r["reached"] for r in rows]
        words = " ".join(a["text"] for a in figure["layout"]["annotations"])
        assert all(str(r["stage"]) in words for r in rows)


def test_a_funnel_drawn_with_odd_counts_never_has_negative_segments() -> None:
    rows = [{"reached": 5, "lost_here": 9, "moved_out_here": 3}, {"reached": 7, "lost_here": 0, "moved_out_here": 0}]
    assert all(v >= 0 for part in segments(rows) for v in part.values())


def test_waterfall_goes_from_the_base_to_the_value(ask: Asked) -> None:
    scene, result = ask("change")
    trace = waterfall_chart(scene, result).figure["data"][0]
    assert result.totals is not None
    assert trace["y"][0] == pytest.approx(float(result.totals["base"]))  # type: ignore[arg-type]
    assert trace["y"][-1] == pytest.approx(float(result.totals["value"]))  # type: ignore[arg-type]
    signed = [Decimal(str(r["part"])) for r in result.rows]
    assert [abs(float(p)) for p in signed] == pytest.approx(trace["y"][1:-1])
    assert trace["customdata"][0] == "change.deals_won_amount_base"


def test_bars_equal_their_rows(ask: Asked) -> None:
    scene, result = ask("customers")
    shown = BarsResult(result.block, result.columns, result.rows)
    base, trace = bars_chart(scene, shown).figure["data"]
    assert trace["x"] == [float(r["deals_created"]) for r in result.rows]  # type: ignore[arg-type]
    assert base["x"] == [float(r["deals_created_base"]) for r in result.rows]  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_every_chart_says_in_a_sentence_what_it_shows(ask: Asked, lang: str) -> None:
    for block in ("dynamics", "funnel", "change"):
        scene, result = ask(block, lang)
        figures = [c for c in walk(block_view(scene, result)) if type(c).__name__ == "Figure"]
        assert figures
        for figure in figures:
            assert len(prop(figure, "aria-label")) > 20
            assert prop(figure, "role") == "img"


def test_a_chart_is_drawn_by_the_small_plotly_in_the_font_of_the_page(ask: Asked) -> None:
    for block in ("dynamics", "funnel", "change"):
        scene, result = ask(block)
        plots = [c for c in walk(block_view(scene, result)) if isinstance(c, Plot)]
        assert len({plot.part for plot in plots}) == len(plots) > 0  # each keeps its own picture
        assert {trace["type"] for plot in plots for trace in plot.figure["data"]} <= {"bar", "scatter"}
    tokens = (Path(__file__).parents[2] / "assets/30-tokens.css").read_text()
    assert f"--font: {TEMPLATE['layout']['font']['family']};" in tokens


def test_charts_are_small(ask: Asked) -> None:
    import orjson

    scene, result = ask("dynamics")
    for column in figure_columns(result):
        assert len(orjson.dumps(series_chart(scene, result, column, main=True).figure)) < 12_000


@pytest.mark.parametrize("top", [0.4, 1, 7, 99.5, 1234, 8.7e6])
def test_ticks_are_round_and_reach_the_top(top: float) -> None:
    ticks = nice_ticks(top)
    assert ticks[0] == 0
    assert ticks[-1] >= top
    assert 2 <= len(ticks) <= 6


def test_names_of_the_portal_reach_a_chart_as_text(ask: Asked) -> None:
    scene, result = ask("funnel")
    rows = [{**r, "stage": "<b onmouseover=alert(1)>x</b>"} for r in result.rows]
    figure = funnel_chart(scene, result, "1", rows).figure
    drawn = " ".join(a["text"] for a in figure["layout"]["annotations"])
    assert "<b onmouseover" not in drawn
    assert "&lt;b onmouseover" in drawn
    assert isinstance(scene, Scene)
