"""What changed a sum: from the base to the value, one step a factor. The steps add up to the difference exactly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash_app.engine.language import Unit
from dash_app.engine.result import Row, Value, WaterfallResult
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.charts import Chart, graph, tint, value_axis
from dash_app.views.scene import Scene, empty, target
from dash_app.views.theme import BASE, LOST, WON, layout


def _decimal(value: Value) -> Decimal:
    return Decimal(str(value)) if isinstance(value, int | float | Decimal) else Decimal(0)


def factor_text(scene: Scene, value: Value, unit: Unit | None) -> str:
    """A factor's value; without a declared unit a share looks like a share and a sum like money."""
    if value is None:
        return fmt.DASH
    number = fmt.as_number(value)
    kind = unit or (Unit.RATIO if abs(number) <= 1 else Unit.MONEY if not number.is_integer() else Unit.COUNT)
    return scene.show(int(number) if kind is Unit.COUNT else number, kind, short=True)


def waterfall_chart(scene: Scene, result: WaterfallResult) -> Chart:
    """Five bars: before, the factors, now."""
    totals = result.totals or {}
    start, end = _decimal(totals.get("base")), _decimal(totals.get("value"))
    names = [scene.say(i18n.WAS)]
    bases, heights, colours, hovers, texts, shapes = (
        [0.0],
        [float(start)],
        [tint(BASE, 0.55)],
        [scene.show(start, Unit.MONEY)],
        [scene.show(start, Unit.MONEY, short=True)],
        [""],
    )
    level = start
    for row in result.rows:
        part = _decimal(row.get("part"))
        names.append(_factor_words(scene, row, result.units.get(str(row.get("factor")))))
        bases.append(float(min(level, level + part)))
        heights.append(float(abs(part)))
        colours.append(WON if part >= 0 else LOST)
        shapes.append("" if part >= 0 else "/")
        texts.append(fmt.delta(part, Unit.MONEY, scene.lang, scene.currency, short=True))
        hovers.append(f"<b>{row.get('factor_name')}</b><br>{fmt.delta(part, Unit.MONEY, scene.lang, scene.currency)}")
        level += part
    names.append(scene.say(i18n.BECAME))
    bases.append(0.0)
    heights.append(float(end))
    colours.append("#0072B2")
    shapes.append("")
    texts.append(scene.show(end, Unit.MONEY, short=True))
    hovers.append(scene.show(end, Unit.MONEY))
    top = max(b + h for b, h in zip(bases, heights, strict=True))
    places = list(range(len(names)))
    ends = [float(start)]
    for row in result.rows:
        ends.append(ends[-1] + float(_decimal(row.get("part"))))
    opened = [
        f"{result.whole}_base" if result.whole else "",
        *(result.drills.get(str(r.get("factor")), "") for r in result.rows),
        result.whole,
    ]
    targets = [target(scene.block.id, name, {}) if name else None for name in opened]
    links: list[dict[str, Any]] = [
        {
            "type": "line",
            "x0": i + 0.32,
            "x1": i + 0.68,
            "y0": y,
            "y1": y,
            "line": {"color": BASE, "width": 1, "dash": "dot"},
        }
        for i, y in enumerate(ends)
    ]
    figure = {
        "data": [
            {
                "type": "bar",
                "x": places,
                "y": heights,
                "base": bases,
                "width": 0.64,
                "text": texts,
                "textposition": "outside",
                "constraintext": "none",
                "textfont": {"size": 11},
                "cliponaxis": False,
                "hoverinfo": "text",
                "hovertext": hovers,
                "customdata": targets,
                "marker": {"color": colours, "pattern": {"shape": shapes, "size": 6, "solidity": 0.3}},
            }
        ],
        "layout": layout(
            height=330,
            margin=(8, 8, 22, 92),
            shapes=links,
            xaxis={"tickmode": "array", "tickvals": places, "ticktext": names, "tickangle": 0},
            yaxis={**value_axis(scene, top, Unit.MONEY), "automargin": True},
        ),
    }
    parts = "; ".join(
        f"{r.get('factor_name')}: {fmt.delta(r.get('part'), Unit.MONEY, scene.lang, scene.currency, short=True)}"
        for r in result.rows
    )
    summary = scene.say(
        i18n.WATERFALL_SUMMARY,
        base=scene.show(start, Unit.MONEY, short=True),
        value=scene.show(end, Unit.MONEY, short=True),
        delta=fmt.delta(end - start, Unit.MONEY, scene.lang, scene.currency, short=True),
        parts=parts,
    )
    return Chart("change", figure, summary)


def _wrap(words: str, most: int = 14) -> str:
    lines: list[str] = []
    for word in words.split():
        if lines and len(lines[-1]) + len(word) < most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "<br>".join(lines)


def _factor_words(scene: Scene, row: Row, unit: Unit | None) -> str:
    was, now = factor_text(scene, row.get("base"), unit), factor_text(scene, row.get("value"), unit)
    return f"{_wrap(str(row.get('factor_name') or ''))}<br>{was}<br>→ {now}"


def waterfall(scene: Scene, result: WaterfallResult) -> html.Div:
    """The chart; without a comparison the block's note says what to do."""
    if not result.rows:
        return html.Div() if result.notes else empty(scene)
    chart = waterfall_chart(scene, result)
    return html.Div(graph(chart))
