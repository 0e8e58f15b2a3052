"""Closing of months: which are closed, by whom, what sales changed since; the buttons to close and to reopen with a reason."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dash_app.errors import NoData
from dash_app.figures.pay.bonus_block import month_name
from dash_app.motivation import words as w
from dash_app.reports.closing import PayMonth, needs_code
from dash_app.services import Services
from dash_app.text import Lang
from dash_app.views import format as fmt
from dash_app.views.scene import attrs
from dash_app.web import ids
from dash_app.web.frame import icon

MOST = 24
THRESHOLD = "motivation-closing-threshold"


def close_id(month: Any) -> ids.PatternId:
    """«Закрыть месяц»."""
    return {"type": "motivation-close", "month": month}


def reopen_id(month: Any) -> ids.PatternId:
    """«Открыть снова»."""
    return {"type": "motivation-reopen", "month": month}


def reason_id(month: Any) -> ids.PatternId:
    """Why."""
    return {"type": "motivation-reason", "month": month}


def code_id(month: Any) -> ids.PatternId:
    """What shows that one may."""
    return {"type": "motivation-code", "month": month}


def panel(services: Services, lang: Lang, notice: Any = None) -> html.Section:
    """The panel with what is closed now."""
    return html.Section(
        [
            html.H2(w.CLOSING.of(lang)),
            html.P(w.CLOSING_TEXT.of(lang), className="panel-text"),
            *_content(services, lang),
            html.Div(notice, className="save-state", role="status"),
        ],
        className="panel",
        id="closing",
    )


def _content(services: Services, lang: Lang) -> list[Any]:
    session = services.session()
    try:
        months = session.pay_months(MOST)
        if not months:
            return [html.P(w.NO_PLANS.of(lang), className="panel-text")]
        state = session.state()
    except NoData:
        return [html.P(w.NO_DATA.of(lang), className="panel-text")]
    coded = needs_code(services.reopen_code)
    lines = [_line(m, coded=coded, zone=state.as_of.tzinfo, currency=state.currency, lang=lang) for m in months]
    heads = [
        html.Th(t.of(lang), scope="col", className="num" if t in (w.ROWS, w.PAY_TOTAL) else None)
        for t in (w.MONTH, w.ROWS, w.PAY_TOTAL, w.STATE)
    ]
    heads.append(html.Th(html.Span(w.CLOSE_MONTH.of(lang), className="visually-hidden"), scope="col"))
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="plain-table closing-table")
    threshold = dmc.NumberInput(
        id=THRESHOLD,
        value=100,
        min=50,
        max=150,
        step=1,
        size="sm",
        decimalScale=2,
        decimalSeparator="," if lang == "ru" else ".",
        className="control-number",
        attributes={"input": {"aria-label": w.CLOSING_THRESHOLD.of(lang)}},
    )
    return [
        html.Div(
            [html.Span(w.CLOSING_THRESHOLD.of(lang), className="muted"), threshold], className="closing-threshold"
        ),
        html.Div(table, className="scroll-x list-scroll"),
    ]


def _line(of: PayMonth, *, coded: bool, zone: tzinfo | None, currency: str, lang: Lang) -> html.Tr:
    month, state = of.month, of.state
    name = month_name(month, lang)
    closed = state is not None and state.closed
    said: list[Any] = [w.IS_OPEN.of(lang) if of.ended else w.RUNNING.of(lang)]
    if state is not None:
        when = fmt.moment(state.at.astimezone(zone), lang)
        said = [(w.CLOSED_BY if closed else w.OPENED_BY).format(when=when, who=state.who, reason=state.reason).of(lang)]
    if of.changed:
        delta = fmt.money(of.changed_by, lang, currency)
        said.append(
            html.Div(
                w.CHANGED.format(n=fmt.plural(of.changed, "row", lang), delta=delta).of(lang),
                className="closing-changed",
            )
        )
    act: Any = None
    if closed:
        label = w.REOPEN_REASON.format(month=name).of(lang)
        act = html.Div(
            [
                dmc.TextInput(
                    id=reason_id(month),
                    value="",
                    size="sm",
                    placeholder=w.REASON.of(lang),
                    attributes={"input": {"aria-label": label}},
                ),
                dmc.PasswordInput(
                    id=code_id(month),
                    value="",
                    size="sm",
                    placeholder=w.CODE.of(lang),
                    display=None if coded else "none",
                    className="closing-code",
                    attributes={"input": {"aria-label": f"{w.CODE.of(lang)}: {name}", "autoComplete": "off"}},
                ),
                html.Button(
                    w.REOPEN.of(lang),
                    id=reopen_id(month),
                    className="button button-quiet",
                    type="button",
                    n_clicks=0,
                    **attrs({"aria-label": f"{w.REOPEN.of(lang)}: {name}"}),
                ),
            ],
            className="closing-act",
        )
    elif of.ended:
        act = html.Button(
            [icon("lock"), html.Span(w.CLOSE_MONTH.of(lang))],
            id=close_id(month),
            className="button button-quiet",
            type="button",
            n_clicks=0,
            **attrs({"aria-label": f"{w.CLOSE_MONTH.of(lang)}: {name}"}),
        )
    return html.Tr(
        [
            html.Th(
                html.Div([icon("lock-fill" if closed else "unlock"), html.Span(name)], className="closing-name"),
                scope="row",
            ),
            html.Td(fmt.number(of.rows, lang), className="num"),
            html.Td(fmt.money(of.pay, lang, currency), className="num"),
            html.Td(said),
            html.Td(act),
        ]
    )
