""" "How is this counted": the sentence, the formula with its own numbers, the parts that open, what was left out."""

from __future__ import annotations

from typing import Any

from dash_app.engine.result import Explanation
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.blocks import note_line
from dash_app.views.scene import Scene, attrs, has_records, target


def explanation(scene: Scene, answer: Explanation, row: dict[str, str], *, drillable: frozenset[str]) -> html.Div:
    """One figure explained. ``drillable``: parts that have records behind them."""
    children: list[Any] = [html.P(answer.sentence.of(scene.lang), className="explain-sentence")]
    if answer.formula is not None:
        children.append(html.H3(scene.say(i18n.FORMULA)))
        children.append(html.P(answer.formula.of(scene.lang), className="explain-formula"))
    if answer.parts:
        children.append(html.H3(scene.say(i18n.MADE_OF)))
        lines = []
        for name, label, value, unit in answer.parts:
            shown = scene.with_unit(value, unit)
            number: Any = shown
            if name in drillable and has_records(value):
                number = html.Button(
                    shown, className="drill", **attrs({"data-drill": target(scene.block.id, name, row)})
                )
            lines.append(html.Div([html.Dt(label.of(scene.lang)), html.Dd(number)]))
        children.append(html.Dl(lines, className="explain-parts"))
    if answer.left_out:
        children.append(html.H3(scene.say(i18n.LEFT_OUT)))
        children += [note_line(scene, note) for note in answer.left_out]
    return html.Div(children, className="explanation")


def block_explanation(scene: Scene) -> html.Div:
    """A whole block: its sentence, then every figure with its own."""
    lines = [
        html.Div(
            [
                html.Dt(
                    html.Button(
                        f.label.of(scene.lang), className="drill", **attrs({"data-explain": f"{scene.block.id}.{f.id}"})
                    )
                ),
                html.Dd(f.help.of(scene.lang)),
            ]
        )
        for f in scene.block.figures
    ]
    return html.Div(
        [
            html.P(scene.block.help.of(scene.lang), className="explain-sentence"),
            html.Dl(lines, className="explain-list"),
        ],
        className="explanation",
    )
