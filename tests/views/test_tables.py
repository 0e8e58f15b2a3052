"""Tables, matrices and cards: the numbers of the answer, each opening exactly its records."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest

from dash_app.engine.answer import columns_of
from dash_app.engine.language import Unit
from dash_app.engine.query import Query
from dash_app.engine.result import Note
from dash_app.figures.common import WIN_RATE, WIN_RATE_AMOUNT
from dash_app.reports.api import Chip, GridRequest
from dash_app.reports.service import ReportService
from dash_app.text import Text
from dash_app.views import format as fmt
from dash_app.views import markup as html
from dash_app.views.blocks import block_view
from dash_app.views.cards import cards, sparks_of
from dash_app.views.columns import column_unit
from dash_app.views.matrix import matrix
from dash_app.views.scene import Scene, empty, small_sample, tone
from dash_app.views.tables import FEW_ROWS, TableLook, block_table, figure_columns, label_columns
from pages.sales_dynamics import REPORT
from tests.views.conftest import Asked, find, prop, text_of, walk


def opened(service: ReportService, query: Query, target: str) -> tuple[int, Decimal | None]:
    """(records, amount) behind a ``data-drill``."""
    given = parse_qs(f"drill={target}", keep_blank_values=True)
    block, _, figure = given["drill"][0].partition(".")
    row = {k.removeprefix("row."): v[0] for k, v in given.items() if k.startswith("row.")}
    page = service.records(REPORT, block, figure, row, query, GridRequest(0, 1))
    return page.total, page.amount


def counts_and_sums(view: Any) -> list[Any]:
    """Buttons of plain counts and sums (not of medians and ratios)."""
    names = (
        ".count",
        ".amount",
        "deals_created",
        "deals_won",
        ".reached",
        ".lost_here",
        ".moved_out_here",
        ".returned",
    )
    skipped = ("days_", "from_", "_base", "conversion", "average", "rate")
    return [
        b
        for b in find(view, "data-drill")
        if any(n in prop(b, "data-drill") for n in names)
        and not any(s in prop(b, "data-drill").split("&")[0] for s in skipped)
    ]


@pytest.mark.parametrize("block", ["deal_stages", "lead_stages", "customers", "losses", "funnel"])
def test_every_count_and_sum_of_a_table_opens_exactly_its_records(
    ask: Asked, service: ReportService, query: Query, block: str
) -> None:
    scene, result = ask(block)
    buttons = counts_and_sums(block_table(scene, result))
    assert len(buttons) > 3
    for button in buttons[:: max(1, len(buttons) // 12)]:
        total, amount = opened(service, query, prop(button, "data-drill"))
        shown = getattr(button, "title", None) or text_of(button)  # rounded amounts are exact on hover
        assert shown in (fmt.number(total, "ru"), fmt.money(amount or 0, "ru", "RUB")), prop(button, "data-drill")
        name = prop(button, "data-drill").partition("&")[0].removesuffix("_base").partition(".")[2]
        unit = column_unit(scene, result, result.column(name))
        assert text_of(button) in (shown, unit.text(scene, amount))


def test_a_column_of_money_has_one_unit_said_once_in_its_heading(ask: Asked) -> None:
    scene, result = ask("deal_stages", compare=[])
    column = result.column("amount")
    small = {**result.rows[0], "amount": Decimal("900.40")}
    large = [{**result.rows[0], "amount": Decimal(n)} for n in ("1250000.60", "300000")]
    for rows, unit, cells in (
        (large, "тыс.\u00a0₽", ["1\u00a0250", "300"]),
        ([*large, small], "₽", ["1\u00a0250\u00a0001", "300\u00a0000", "900"]),
    ):
        answer = replace(result, rows=rows, totals=None)
        known = column_unit(scene, answer, column)
        assert known.head(scene) == unit
        assert [known.text(scene, row["amount"]) for row in rows] == cells
        view = block_table(scene, answer)
        assert unit in [text_of(c) for c in walk(view) if getattr(c, "className", "") == "unit"]
        assert any("1\u00a0250\u00a0000,60\u00a0₽" in str(getattr(c, "title", "")) for c in walk(view))


def test_totals_stand_under_their_columns(ask: Asked) -> None:
    scene, result = ask("deal_stages")
    foot = next(c for c in walk(block_table(scene, result)) if type(c).__name__ == "Tfoot")
    cells = [text_of(c) for c in walk(foot) if type(c).__name__ == "Td"]
    assert result.totals is not None
    wanted = []
    for column in figure_columns(result):
        unit = column_unit(scene, result, column)
        wanted += [unit.text(scene, result.totals[name]) for name in (column.id, f"{column.id}_base")]
    assert [c for i, c in enumerate(cells) if i % 3 != 2] == wanted


def test_rows_have_as_many_cells_as_the_header_promises(ask: Asked) -> None:
    for params in ({}, {"compare": []}):
        scene, result = ask("lead_stages", **params)
        table = next(c for c in walk(block_table(scene, result)) if type(c).__name__ == "Table")
        rows = [r for r in walk(table) if type(r).__name__ == "Tr"]
        compared = not params
        width = 1 + len(figure_columns(result)) * (3 if compared else 1)
        body = [len([c for c in walk(r) if type(c).__name__ in ("Td", "Th")]) for r in rows[2 if compared else 1 :]]
        assert set(body) == {width}


def looks(view: Any) -> dict[str, str]:
    """Mark of a heading or button -> the look it asks for."""
    return {prop(b, "data-mark"): prop(b, "data-look") for b in find(view, "data-look")}


def names_of(view: Any) -> list[str]:
    """First cells of the rows, totals left out."""
    return [
        text_of(c)
        for body in walk(view)
        if type(body).__name__ == "Tbody"
        for c in walk(body)
        if type(c).__name__ == "Th" and c.scope == "row"
    ]


def long_answer(ask: Asked, rows: int) -> tuple[Scene, Any]:
    """«customers» with more rows than it ever has; the figure rises with the name, every tenth is unknown."""
    scene, result = ask("customers", compare=[])
    first, label = figure_columns(result)[0].id, label_columns(result)[0]
    made = [{**result.rows[0], label.id: f"Имя {n:04d}", first: None if n % 10 == 0 else n} for n in range(rows)]
    return scene, replace(result, rows=made)


def test_a_long_table_starts_with_its_first_rows_and_shows_all_when_asked(ask: Asked) -> None:
    scene, result = long_answer(ask, 120)
    view = block_table(scene, result)
    assert len(names_of(view)) == FEW_ROWS
    assert "Показаны 25 из 120" in text_of(view)
    whole = block_table(scene, result, TableLook.of(looks(view)["rows"]))
    assert len(names_of(whole)) == 120
    assert looks(whole)["rows"] == ""
    assert "rows" not in looks(block_table(*long_answer(ask, 30)))  # five rows are no reason for a button
    scene, result = long_answer(ask, 420)
    view = block_table(scene, result, TableLook(all_rows=True))
    assert len(names_of(view)) == 300
    assert "300 из 420. Целиком – в Excel" in text_of(view)


def test_a_table_scrolls_inside_itself_only_when_all_its_rows_are_unfolded(ask: Asked) -> None:
    def scrolls(view: Any) -> bool:
        return any("is-long" in str(getattr(c, "className", "")) for c in walk(view))

    scene, result = long_answer(ask, 120)
    assert not scrolls(block_table(scene, result))
    assert scrolls(block_table(scene, result, TableLook(all_rows=True)))
    assert not scrolls(block_table(*long_answer(ask, 30)))


def test_notes_are_folded_and_warnings_are_not(ask: Asked) -> None:
    scene, result = ask("customers", compare=[])
    calm = [Note(Text(f"Оговорка {n}.", f"Note {n}.")) for n in (1, 2)]
    loud = Note(Text("План не введён.", "No plan is typed."), "warning")
    view = block_view(scene, replace(result, notes=[*calm, loud]))
    folded = [c for c in walk(view) if type(c).__name__ == "Details"]
    assert [text_of(c) for c in folded] == [" 2\u00a0оговоркиОговорка 1.Оговорка 2."]
    assert "План не введён." in text_of(view)
    one = block_view(scene, replace(result, notes=calm[:1]))
    assert not [c for c in walk(one) if type(c).__name__ == "Details"] and "Оговорка 1." in text_of(one)


def test_a_heading_sorts_all_rows_not_those_on_screen(ask: Asked) -> None:
    scene, result = long_answer(ask, 400)
    figure, label = figure_columns(result)[0].id, label_columns(result)[0].id
    look = looks(block_table(scene, result))[f"sort.{figure}"]
    view = block_table(scene, result, TableLook.of(look))
    assert names_of(view)[:2] == ["Имя 0399", "Имя 0398"]
    head = next(c for c in walk(view) if getattr(c, "aria-sort", None))
    assert (prop(head, "aria-sort"), text_of(head)[:-1]) == ("descending", result.column(figure).label.ru)
    again = TableLook.of(looks(view)[f"sort.{figure}"])
    assert names_of(block_table(scene, result, again))[:2] == ["Имя 0001", "Имя 0002"]
    assert (
        names_of(block_table(scene, result, replace(again, all_rows=True)))[-1] == "Имя 0333"
    )  # the three hundredth of those known
    few = long_answer(ask, 20)
    for down in (True, False):
        assert set(names_of(block_table(*few, TableLook(figure, down)))[-2:]) == {"Имя 0000", "Имя 0010"}
    by_name = looks(view)[f"sort.{label}"]
    assert names_of(block_table(scene, result, TableLook.of(by_name)))[0] == "Имя 0000"
    for odd in ("sort=nothing", "sort=", "%%", 7, None, ["sort"], "rows=&columns"):
        assert names_of(block_table(scene, result, TableLook.of(odd))) == names_of(block_table(scene, result))


def test_rows_of_pipelines_are_sorted_and_cut_within_them(ask: Asked) -> None:
    scene, result = ask("deal_stages", compare=[])
    groups = {str(row["pipeline_id"]) for row in result.rows}
    many = replace(result, rows=[{**row, "count": n} for row in result.rows for n in range(12)])
    view = block_table(scene, many, TableLook("count"))
    assert len(names_of(view)) == len(groups) * max(5, FEW_ROWS // len(groups))
    assert len([c for c in walk(view) if getattr(c, "className", "") == "group-row"]) == len(groups)
    counts = [text_of(b) for b in find(view, "data-drill") if prop(b, "data-drill").startswith("deal_stages.count&")]
    assert counts[:2] == ["11", "11"]


def test_matrix_margins_are_sums_and_open_them(ask: Asked, service: ReportService, query: Query) -> None:
    scene, result = ask("losses")
    view = matrix(scene, result)
    buttons = find(view, "data-drill")
    assert sum(1 for b in buttons if "furthest" not in prop(b, "data-drill")) > 0
    for button in buttons[::3]:
        total, _ = opened(service, query, prop(button, "data-drill"))
        assert text_of(button) == fmt.number(total, "ru"), prop(button, "data-drill")


def test_cards_show_the_figures_and_open_them(ask: Asked, service: ReportService, query: Query) -> None:
    scene, result = ask("summary")
    view = cards(scene, result)
    buttons = {prop(b, "data-drill"): b for b in find(view, "data-drill")}
    for name in ("deals_won", "deals_lost", "leads_created", "conversion_worked_num", "conversion_worked_den"):
        total, _ = opened(service, query, f"summary.{name}")
        assert text_of(buttons[f"summary.{name}"]) == fmt.number(total, "ru")
    labels = [prop(c, "data-figure") for c in find(view, "data-figure")]
    assert labels[: len(scene.block.headline)] == list(scene.block.headline)
    assert set(labels) == {c.id for c in figure_columns(result)}


def test_velocity_has_no_records_and_no_button(ask: Asked) -> None:
    scene, result = ask("summary")
    assert not any("velocity" in prop(b, "data-drill") for b in find(cards(scene, result), "data-drill"))


def test_sparks_leave_out_what_is_not_over(ask: Asked) -> None:
    _, series = ask("dynamics")
    values, base = sparks_of(series, ["deals_won"])["deals_won"]
    assert values == [float(r["deals_won"]) for r in series.rows if not r["future"] and not r["running"]]  # type: ignore[arg-type]
    assert len(base) <= len(series.rows)


def test_change_is_coloured_by_meaning_not_by_sign() -> None:
    assert tone(5, 1) == "better"
    assert tone(5, -1) == "worse"
    assert tone(-5, -1) == "better"
    assert tone(5, 0) == "same"
    assert tone(0, 1) == "same"
    assert tone(None, 1) == "same"


def test_a_ratio_of_few_is_grey_with_its_interval(ask: Asked) -> None:
    scene, result = ask("summary")
    column = result.column("conversion_worked")
    assert column.unit is Unit.RATIO
    row = {"conversion_worked": 0.5, "conversion_worked_num": 2, "conversion_worked_den": 4}
    doubt = small_sample(scene, result, column, row)
    assert doubt is not None
    assert "%" in doubt
    assert small_sample(scene, result, column, {**row, "conversion_worked_den": 10}) is None
    assert small_sample(scene, result, column, {**row, "conversion_worked_den": 0}) is None


def test_a_ratio_of_sums_is_grey_by_the_records_behind_it(ask: Asked) -> None:
    scene, result = ask("summary")
    scene = replace(scene, block=replace(scene.block, figures=(WIN_RATE, WIN_RATE_AMOUNT)))
    column = next(c for c in columns_of(scene.block.figures, compared=False) if c.id == "win_rate_amount")
    row = {
        "win_rate_amount": 0.5,
        "win_rate_amount_num": Decimal(400_000),
        "win_rate_amount_den": Decimal(800_000),
        "win_rate_den": 7,
    }
    assert "7" in str(small_sample(scene, result, column, row))
    assert small_sample(scene, result, column, {**row, "win_rate_den": 10}) is None
    assert small_sample(scene, result, column, {**row, "win_rate_amount": None, "win_rate_den": 0}) is None


def test_closed_values_are_named(ask: Asked) -> None:
    scene, result = ask("customers")
    shown = text_of(block_table(scene, result))
    assert "Повторный" in shown
    assert "repeat" not in shown


def test_an_empty_block_offers_the_way_out() -> None:
    chip = Chip("status", "won", Text("Статус: выиграна", "Status: won"), "pipeline=1")
    scene = Scene(REPORT.slug, REPORT.block("customers"), "ru", "RUB", (chip,))
    view = empty(scene)
    assert "Статус: выиграна" in text_of(view)
    assert [prop(b, "data-search") for b in find(view, "data-search")] == ["pipeline=1"]
    assert "Выберите другой период" in text_of(empty(Scene(REPORT.slug, REPORT.block("customers"))))


def test_notes_with_records_open_them(ask: Asked) -> None:
    scene, result = ask("summary")
    view = block_view(scene, result)
    noted = {n.measure for n in result.notes if n.measure}
    assert noted
    drills = {prop(b, "data-drill") for b in find(view, "data-drill")}
    assert {f"summary.{m}" for m in noted} <= drills


@pytest.mark.parametrize("block", [b.id for b in REPORT.blocks if b.view != "list"])
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_every_block_can_be_drawn_and_tabled(ask: Asked, block: str, lang: str) -> None:
    for params in ({}, {"compare": []}, {"from": ["2020-01-01"], "to": ["2020-01-31"]}):
        scene, result = ask(block, lang, **params)
        for as_table in (False, True):
            assert block_view(scene, result, as_table=as_table).to_plotly_json()


def test_a_tree_is_indented_its_parents_bear_no_bar_and_everything_is_said_once(ask: Asked) -> None:
    scene, result = ask("customers", compare=[])
    figures = {c.id for c in result.columns if c.role == "figure"}
    totals = result.totals
    assert totals is not None
    parts = [{**row, "depth": 1, "is_parent": False} for row in result.rows]
    parent = {**parts[0], **{name: totals[name] for name in figures}, "depth": 0, "is_parent": True}
    under = {**parts[0], "depth": 2}
    tree = replace(result, rows=[parent, {**parts[0], "is_parent": True}, under, *parts[1:]])
    rows = [
        c
        for c in walk(block_table(scene, tree))
        if isinstance(c, html.Tr) and getattr(c, "className", None) == "is-parent"
    ]
    assert len(rows) == 1  # the row of everything is the total
    assert not any("share" in str(getattr(c, "className", "")) for c in walk(rows[0]))
    heads = [c for c in walk(block_table(scene, tree)) if isinstance(c, html.Th) and getattr(c, "scope", "") == "row"]
    assert [getattr(h, "style", None) for h in heads] == [None, {"--depth": "1"}, *[None] * (len(parts) - 1), None]
    by_size = block_table(scene, tree, TableLook(sort="deals_won", down=True))
    assert not any(getattr(c, "style", None) == {"--depth": "1"} for c in walk(by_size))
