"""A report's options: each in the head of the block it concerns, those of the whole report behind one «Настройки отчёта».

The controls are drawn with the values of the address, so that a page that appears changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dash_app.engine.blocks import Block, Cards
from dash_app.engine.language import Option, Report
from dash_app.text import Lang
from dash_app.views.format import ratio as percent
from dash_app.views.scene import attrs
from dash_app.web import ids

MOST_SHARING = 2
"""An option that more blocks share is the report's own."""

Chosen = Callable[[str], str]
"""The value of an option by its id."""


def placed(report: Report, blocks: list[Block]) -> tuple[dict[str, list[Option]], list[Option]]:
    """Options by the block in whose head they stand – the first in order that declares them –, and those of the whole report."""
    heads: dict[str, list[Option]] = {}
    whole: list[Option] = []
    for option in report.options:
        sharing = [block for block in blocks if option.id in block.options]
        if sharing and len(sharing) <= MOST_SHARING and not isinstance(sharing[0], Cards):
            heads.setdefault(sharing[0].id, []).append(option)
        else:
            whole.append(option)
    return heads, whole


def panel(options: list[Option], chosen: Chosen, lang: Lang) -> list[html.Div]:
    """Options of the whole report, each under its name."""
    return [_labelled(option, chosen(option.id), lang) for option in options]


def are_changed(options: list[Option], chosen: Chosen) -> bool:
    """Whether any of them is not as it is when nobody chooses."""
    return any(chosen(option.id) != _default(option) for option in options)


def in_head(options: list[Option], chosen: Chosen, lang: Lang) -> html.Div | None:
    """Options in the head of their block."""
    if not options:
        return None
    return html.Div([control(option, chosen(option.id), lang) for option in options], className="block-options")


def _default(option: Option) -> str:
    return option.interface if option.interface is not None else option.default


def _labelled(option: Option, value: str, lang: Lang) -> html.Div:
    """An option of the panel: what it is called stands above its values; numbers say it themselves."""
    if option.number:
        return control(option, value, lang)
    return html.Div([html.Span(option.label.of(lang), className="option-label"), control(option, value, lang)])


def control(option: Option, value: str, lang: Lang) -> html.Div:
    """The control of an option, at a value."""
    if option.number:
        number = float(value or option.default)
        return _slider(option, number, lang) if option.slider else _number(option, number, lang)
    return html.Div(
        dmc.SegmentedControl(
            id=ids.option(option.id),
            data=[{"value": v or "auto", "label": t.of(lang)} for v, t in option.values.items()],
            value=value or "auto",
            size="xs",
            className="control-option",
        ),
        className="control-box",
        role="group",
        title=option.label.of(lang),
        **attrs({"aria-label": option.label.of(lang)}),
    )


def _number(option: Option, value: float, lang: Lang) -> html.Div:
    assert option.number
    least, most, step = option.number
    label = option.label.of(lang)
    short, _, rest = label.partition(" (")  # what the brackets say is on hover
    return html.Div(
        [
            html.Span(short, className="option-label", title=label if rest else None),
            dmc.NumberInput(
                id=ids.option(option.id),
                value=value,
                min=least,
                max=most,
                step=step,
                size="xs",
                debounce=600,
                clampBehavior="blur",
                allowDecimal=step < 1,
                decimalSeparator="," if lang == "ru" else ".",
                className="control-number",
                attributes={"input": {"aria-label": label}},
            ),
        ],
        className="control-box option-number",
        title=label,
    )


def _slider(option: Option, value: float, lang: Lang) -> html.Div:
    """A share on a line; its value stands beside it (``callbacks.filters``)."""
    assert option.number
    least, most, step = option.number
    middle = (least + most) / 2
    label: Any = [option.label.of(lang), " ", html.Span(id=ids.option_shown(option.id), className="option-value")]
    return html.Div(
        [
            html.Span(label, className="option-label"),
            dmc.Slider(
                id=ids.option(option.id),
                value=value,
                min=least,
                max=most,
                step=step,
                size="sm",
                updatemode="mouseup",
                className="control-slider",
                marks=[{"value": v, "label": percent(v, lang)} for v in (least, middle, most)],
                thumbLabel=option.label.of(lang),
            ),
        ],
        className="control-box option-number",
    )
