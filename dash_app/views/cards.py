"""KPI cards: the value, its change by meaning, the base, a sparkline; ratios with the two numbers they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from dash_app.engine.blocks import Cards
from dash_app.engine.language import Unit
from dash_app.engine.result import BlockResult, CardsResult, Column, Row, Value
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.scene import (
    Scene,
    against_target,
    approximately,
    attrs,
    change,
    drill_button,
    empty,
    explain_button,
    has_records,
    in_digits,
    number_button,
    product_of,
    small_sample,
)
from dash_app.views.tables import based_columns, figure_columns
from dash_app.views.theme import BASE, figure_colour

Sparks = Mapping[str, tuple[Sequence[float], Sequence[float]]]
"""Figure -> (values of the period's buckets, values of the base's), oldest first."""

_WIDTH, _HEIGHT = 120, 28
MOST_SMALL = 7
"""Cards beside the hero; the other figures are folded."""
_ONE_ROW = 4
"""More small cards than these stand in two rows."""


def hero_and_small(hero: Any, small: Sequence[Any]) -> html.Div:
    """The answer in large and the figures around it: in one row or two even ones, the last filled to its end, whatever the width."""
    across = len(small) if len(small) <= _ONE_ROW else -(-len(small) // 2)
    return html.Div(
        [hero, html.Div(list(small), className="cards cards-beside") if small else None],
        className="cards-top",
        style={"--across": str(max(1, across))},
    )


def _points(values: Sequence[float], count: int, top: float) -> str:
    step = _WIDTH / max(1, count - 1)
    return " ".join(
        f"{i * step:.1f},{_HEIGHT - 2 - (v / top if top else 0) * (_HEIGHT - 4):.1f}" for i, v in enumerate(values)
    )


def sparkline(values: Sequence[float], base: Sequence[float], colour: str) -> html.Img | None:
    """A picture of the course, drawn as an image so that it needs no script; the numbers are in the series block."""
    if len(values) < 2:
        return None
    count = max(len(values), len(base))
    top = max([*values, *base, 0.0]) or 1.0
    ghost = (
        f'<polyline points="{_points(base, count, top)}" fill="none" stroke="{BASE}" stroke-dasharray="3 3" stroke-width="1"/>'
        if len(base) > 1
        else ""
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none">{ghost}'
        f'<polyline points="{_points(values, count, top)}" fill="none" stroke="{colour}" stroke-width="1.75" stroke-linejoin="round"/></svg>'
    )
    return html.Img(src=f"data:image/svg+xml,{quote(svg, safe='')}", alt="", className="spark")


def _parts(scene: Scene, result: BlockResult, column: Column, row: Row) -> Any:
    if product_of(scene, column) is not None:
        stands = against_target(scene, column, row.get(column.id))
        return html.Div(stands[0], className="card-parts" + (" missed" if stands[1] else "")) if stands else None
    num_id, den_id = f"{column.id}_num", f"{column.id}_den"
    if den_id not in row:
        return None
    num, den = result.column(num_id), result.column(den_id)
    joint = f" {scene.say(i18n.OF)} " if num.unit is den.unit and column.drills else " / "
    pieces: list[Any] = []
    for part in (num, den):
        value = row.get(part.id)
        shown = scene.show(value, part.unit, short=True)
        name = f"{column.label.of(scene.lang)}: {part.label.of(scene.lang)}"
        pieces.append(
            drill_button(scene, shown, part.id, {}, name=name, title=scene.show(value, part.unit))
            if part.drills and has_records(value)
            else shown
        )
    return html.Div([pieces[0], joint, pieces[1]], className="card-parts")


def _beside(scene: Scene, result: CardsResult, column: Column, row: Row) -> list[Any]:
    """Lines under a figure: between what it lies, and what belongs to it."""
    lines: list[Any] = []
    low, high = (row.get(name) for name in result.between.get(column.id, ("", "")))
    if low is not None and low != high:
        lines.append(
            scene.say(
                i18n.BETWEEN,
                **{
                    k: scene.with_unit(in_digits(column, v), column.unit, short=True)
                    for k, v in (("low", low), ("high", high))
                },
            )
        )
    for name in result.beside.get(column.id, ()):
        other, value = result.column(name), row.get(name)
        if value is not None:
            label = other.label.of(scene.lang)
            exact = f"{approximately(other, row)}{scene.with_unit(value, other.unit, short=True)}"
            shown, title = _as_times(scene, column, row, value) or exact, exact
            number = number_button(scene, other, row, shown, {}, name=label, title=title if title != shown else None)
            lines.append(f"{label}: {shown}" if number is None else [f"{label}: ", number])
    return [html.Div(line, className="card-parts") for line in lines]


def _as_times(scene: Scene, column: Column, row: Row, value: Value) -> str:
    """An amount beside a coverage in the coverage's own words – «×4,2» of the same whole; '' beside anything else."""
    whole = row.get(f"{column.id}_den")
    numbers = isinstance(value, int | float | Decimal) and isinstance(whole, int | float | Decimal)
    if column.unit is not Unit.TIMES or not numbers or not whole:
        return ""
    return scene.show(float(value) / float(whole), Unit.TIMES)  # type: ignore[arg-type]


def kpi_card(
    scene: Scene, result: CardsResult, column: Column, row: Row, sparks: Sparks | None = None, *, hero: bool = False
) -> html.Div:
    """One figure: what it is, how much, how it moved, from what. ``hero``: the one that answers the page's question."""
    value = row.get(column.id)
    label = column.label.of(scene.lang)
    about = approximately(column, row) if value is not None else ""
    short = about + scene.with_unit(in_digits(column, value), column.unit, short=True)
    full = about + scene.with_unit(value, column.unit)
    doubt = small_sample(scene, result, column, row)
    title = doubt or (full if full != short else "")
    number: Any = number_button(scene, column, row, short, {}, name=label, title=title, cls="card-number")
    if number is None:
        number = html.Span(short, className="card-number", title=title)
    moved = change(scene, column, row) if column.id in based_columns(result) else None
    comparison: list[Any] = []
    if moved is not None:
        base = row.get(f"{column.id}_base")
        base_text = scene.with_unit(base, column.unit, short=True)
        base_full = scene.with_unit(base, column.unit)
        spoken = f"{label}, {scene.say(i18n.BASE)}"
        shown = (
            drill_button(scene, base_text, f"{column.id}_base", {}, name=spoken, title=base_full)
            if column.drills and has_records(base)
            else base_text
        )
        comparison = [
            html.Span(moved.text, className=moved.cls, title=moved.title),
            html.Span([f"{scene.say(i18n.BASE)} ", shown], className="card-base"),
        ]
    spark = None
    if sparks and column.id in sparks:
        spark = sparkline(*sparks[column.id], figure_colour(column.id))
    return html.Div(
        [
            html.Div(
                [html.Span(column.named.of(scene.lang), className="card-label"), explain_button(scene, column)],
                className="card-head",
            ),
            html.Div([number, None if hero else spark], className="card-value" + (" doubtful" if doubt else "")),
            html.Div(comparison, className="card-change") if comparison else None,
            _meter(scene, column, value) if hero else None,
            _parts(scene, result, column, row),
            *_beside(scene, result, column, row),
            spark if hero else None,
        ],
        className="kpi-card" + (" kpi-hero" if hero else ""),
        role="group",
        **attrs({"aria-label": label, "data-figure": column.id}),
    )


def _meter(scene: Scene, column: Column, value: Value) -> html.Div | None:
    """How much of the whole a ratio is, as a line, with a tick where it should be; the number says it in words."""
    if column.unit is not Unit.RATIO or not isinstance(value, int | float):
        return None
    product = product_of(scene, column)
    tick = None
    if product is not None and product.target is not None:
        tick = html.Span(className="meter-tick", style={"left": f"{product.target * 100:.1f}%"})
    done = html.Span(className="meter-done", style={"width": f"{min(max(value, 0.0), 1.0) * 100:.1f}%"})
    return html.Div([done, tick], className="card-meter", **attrs({"aria-hidden": "true"}))


def cards(
    scene: Scene, result: CardsResult, sparks: Sparks | None = None, *, hero: str = "", notes: Sequence[Any] = ()
) -> html.Div:
    """The answer in large, the headline figures around it; the other figures and the notes folded below. ``hero``: the figure that answers,
    the first one where it is not among them.
    """
    if not result.rows:
        return empty(scene)
    assert isinstance(scene.block, Cards)
    row = result.rows[0]
    figures = {c.id: c for c in figure_columns(result)}
    first = [figures[name] for name in scene.block.headline if name in figures] or list(figures.values())
    answer = figures.get(hero, first[0])
    small = [c for c in first if c is not answer][:MOST_SMALL]
    rest = [c for c in dict.fromkeys([*first, *figures.values()]) if c is not answer and c not in small]
    foot: list[Any] = []
    if rest:
        folded = html.Div([kpi_card(scene, result, c, row) for c in rest], className="cards cards-small")
        foot.append(html.Details([html.Summary(scene.say(i18n.MORE_FIGURES)), folded], className="more-figures"))
    top = hero_and_small(
        kpi_card(scene, result, answer, row, sparks, hero=True),
        [kpi_card(scene, result, c, row, sparks) for c in small],
    )
    if notes:
        foot.append(html.Div(list(notes), className="block-notes"))
    return html.Div([top, html.Div(foot, className="cards-foot")])


def sparks_of(series: BlockResult, figures: Sequence[str]) -> dict[str, tuple[list[float], list[float]]]:
    """The course of figures taken from the report's series block; future and running buckets are left out."""
    known = {c.id for c in series.columns if c.role == "figure" and c.unit in (Unit.COUNT, Unit.MONEY)}
    found = {}
    whole = [row for row in series.rows if not row.get("future") and not row.get("running")]
    for name in figures:
        if name in known:
            values, base = _by_bucket(whole, name), _by_bucket(series.rows, f"{name}_base")
            found[name] = (values, base)
    return found


def _by_bucket(rows: Sequence[Row], name: str) -> list[float]:
    """Values of the buckets in order, parts of one bucket together; unknown ones are left out."""
    sums: dict[Any, float] = {}
    for row in rows:
        value = row.get(name)
        if isinstance(value, int | float | Decimal):
            sums[row["bucket"]] = sums.get(row["bucket"], 0.0) + float(value)
    return list(sums.values())
