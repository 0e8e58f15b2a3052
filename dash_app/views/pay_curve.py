"""Pay against attainment: one line with its jumps, the steps, and where somebody stands now."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dash_app.engine.language import Unit
from dash_app.figures.pay.bonus import BonusCase, ladder_of, pay
from dash_app.figures.pay.bonus_block import BONUS
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views.charts import Chart, value_axis
from dash_app.views.scene import Scene
from dash_app.views.theme import BASE, IN_WORK, WON, layout

SUMMARY = Text("Премия по выполнению плана. {steps}", "Bonus by attainment. {steps}")
HOVER = Text("Выполнение {at}: премия {pay}", "Attainment {at}: bonus {pay}")
NOW = Text("Сейчас: выполнение {at}, премия {pay}", "Now: attainment {at}, bonus {pay}")
AXIS = Text("Выполнение плана", "Attainment")
JUST_BELOW = Fraction(1, 10**6)


def curve_points(case: BonusCase) -> list[tuple[Fraction, Decimal]]:
    """(attainment, pay) from 0 to a little above the last step; before each step a point just below it, so that a jump is upright."""
    plan = case.personal_plan
    if not plan:
        return []
    steps = [Fraction(step.reached) for step in ladder_of(case)]
    reached = pay(case).attainment or Fraction(0)
    top = max(Fraction(3, 2), steps[-1] + Fraction(3, 10), min(reached + Fraction(1, 10), Fraction(3)))
    places = (
        {top * k / 75 for k in range(76)}
        | {at for at in steps if at <= top}
        | {at - JUST_BELOW for at in steps if 0 < at <= top}
    )
    alone = replace(case, plan_count=None)
    return [(at, pay(replace(alone, fact=at * plan)).amount) for at in sorted(places)]


def first_fall(case: BonusCase) -> tuple[Decimal, Decimal, Decimal] | None:
    """(step, pay just below it, pay at it) of the first step at which more sales pay less; None where there is none."""
    plan = case.personal_plan
    if not plan:
        return None
    alone = replace(case, plan_count=None)
    for step in ladder_of(case):
        at = Fraction(step.reached)
        below, there = (pay(replace(alone, fact=x * plan)).amount for x in (max(at - JUST_BELOW, Fraction(0)), at))
        if there < below:
            return step.reached, below, there
    return None


def pay_curve(case: BonusCase, lang: Lang) -> Chart | None:
    """The chart; None where there is no plan to be paid by."""
    points = curve_points(case)
    if not points:
        return None
    scene = Scene("motivation", BONUS, lang, case.currency)
    now = pay(case)
    at = now.attainment or Fraction(0)
    steps = [Fraction(step.reached) for step in ladder_of(case)]
    xs, ys = [float(x) for x, _ in points], [float(y) for _, y in points]
    top = max([*ys, float(now.amount)])
    ticks = sorted({0.5, 1.0, *(float(s) for s in steps if s <= points[-1][0])})
    shown = [t for i, t in enumerate(ticks) if i == 0 or t - ticks[i - 1] > 0.04 or t in {float(s) for s in steps}]
    hover = [
        HOVER.format(at=fmt.ratio(x, lang), pay=scene.show(y, Unit.MONEY)).of(lang)
        for x, (_, y) in zip(xs, points, strict=True)
    ]
    lines: list[dict[str, Any]] = [
        {
            "type": "line",
            "x0": float(s),
            "x1": float(s),
            "y0": 0,
            "y1": 1,
            "yref": "paper",
            "line": {"color": BASE, "width": 1, "dash": "dot"},
        }
        for s in steps
    ]
    here = NOW.format(at=fmt.ratio(float(at), lang), pay=scene.show(now.amount, Unit.MONEY)).of(lang)
    figure = {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "x": xs,
                "y": ys,
                "line": {"color": IN_WORK, "width": 2.5},
                "hoverinfo": "text",
                "hovertext": hover,
            },
            {
                "type": "scatter",
                "mode": "markers",
                "x": [min(float(at), xs[-1])],
                "y": [float(now.amount)],
                "marker": {"color": WON, "size": 13, "line": {"color": "#fff", "width": 2}},
                "hoverinfo": "text",
                "hovertext": [here],
                "cliponaxis": False,
            },
        ],
        "layout": layout(
            height=270,
            margin=(8, 18, 16, 46),
            shapes=lines,
            xaxis={
                "tickmode": "array",
                "tickvals": shown,
                "ticktext": [fmt.ratio(t, lang) for t in shown],
                "range": [0, xs[-1]],
                "title": {"text": AXIS.of(lang), "standoff": 6},
                "tickangle": 0,
            },
            yaxis={**value_axis(scene, top or 1.0, Unit.MONEY), "automargin": True},
        ),
    }
    said = "; ".join(
        f"{fmt.ratio(float(s), lang)} – {scene.show(pay(replace(case, plan_count=None, fact=s * (case.personal_plan or 0))).amount, Unit.MONEY)}"
        for s in steps
    )
    return Chart("curve", figure, f"{SUMMARY.format(steps=said).of(lang)}. {here}")
