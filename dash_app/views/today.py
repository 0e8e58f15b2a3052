"""The start page as it is seen: the plan in one line, what stands out, cards to call."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from dash import dcc

from dash_app.reports.today.api import Call, Opened, PlanLine, Said, Sentence, Today
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views import markup as html
from dash_app.views.acts import PUT_OFF, PUT_OFF_OF, act_button
from dash_app.views.saying import say
from dash_app.views.scene import attrs, target

HEADING = Text("Сегодня", "Today")
OPEN = Text("Открыть", "Open")
OPEN_OF = Text("Открыть: {what}", "Open: {what}")
WHY = Text("почему это здесь", "why this is here")
STANDS_OUT = Text("Что выбивается из обычного", "What stands out")
CALM = Text(
    "Ничего не выбивается из обычного. Проверено показателей: {n}.",
    "Nothing is out of the ordinary. Figures looked at: {n}.",
)
NOTHING = Text("Сделок, лидов и дел пока нет.", "There are no deals, leads or activities yet.")
CALLS = Text("Кому позвонить", "Whom to call")
TO_SAVE = Text("Спасти", "To save")
TO_CLOSE = Text("Закрыть", "To close")
NONE_TO_SAVE = Text("Забытых сделок нет.", "No deals are forgotten.")
NONE_TO_CLOSE = Text(
    "Сделок с плановым закрытием в ближайшие две недели нет.", "No deals are planned to close within two weeks."
)
PORTAL = Text("Битрикс24", "Bitrix24")
PLAN = Text("План", "Plan")
TYPE_PLAN = Text("Ввести план", "Type the plan")
PLANS = "/plans"

_PLANNED = Text(
    "План, {name}: {fact:money} из {plan:money}, {attainment:ratio}. ", "Plan, {name}: {fact:money} of {plan:money}, {attainment:ratio}. "
)  # fmt: skip
_UNPLANNED = Text(
    "План, {name}, не введён. Выиграно {fact:money}. ", "No plan is typed for {name}. {fact:money} is won. "
)
_PACE = Text(
    "К этому дню должно быть {expected:money}, темп – {pace:ratio}. ",
    "By this day it should be {expected:money}; the pace is {pace:ratio}. ",
)
_FORECAST = Text("Прогноз – {forecast:money}", "The forecast is {forecast:money}")
_BETWEEN = Text(", от {low:money} до {high:money}", ", from {low:money} to {high:money}")
_CHANCE = Text(
    ", план выполнится с вероятностью {chance:ratio}", ", the plan is reached with a chance of {chance:ratio}"
)
_DAYS = Text(
    "Прошло рабочих дней: {days:number} из {all:number}.", "Working days passed: {days:number} of {all:number}."
)


def title_of(moment: datetime) -> Text:
    """«Сегодня, 20 ноября 2026»: the day of the data, or of the earlier instant asked for."""
    return Text(
        f"{HEADING.ru}, {fmt.day_words(moment.date(), 'ru')}", f"{HEADING.en}, {fmt.day_words(moment.date(), 'en')}"
    )


def calm_of(page: Today) -> Text:
    """What is said where no sentence is."""
    if page.blind is not None:
        return page.blind
    return CALM.format(n=page.looked) if page.looked else NOTHING


def href(opened: Opened) -> str:
    """The address that opens a figure's records; of none, the report."""
    pairs = [opened.search] if opened.search else []
    if opened.count:
        pairs.append(f"drill={target(opened.block, opened.figure, dict(opened.row))}")
    return f"/{opened.report}" + (f"?{'&'.join(pairs)}" if pairs else "")


def plan_words(plan: PlanLine, lang: Lang, currency: str) -> tuple[str, str]:
    """(the line, what of the month has passed)."""
    values = {
        "name": plan.name,
        "fact": plan.fact,
        "plan": plan.plan,
        "attainment": plan.attainment,
        "expected": plan.expected,
        "pace": plan.pace,
        "forecast": plan.forecast,
        "low": plan.low,
        "high": plan.high,
        "chance": plan.chance,
        "days": plan.days,
        "all": plan.all_days,
    }
    parts = [_PLANNED if plan.plan and plan.attainment is not None else _UNPLANNED]
    if plan.plan and plan.expected is not None and plan.pace is not None:
        parts.append(_PACE)
    line = "".join(say(Said(part, values), lang, currency) for part in parts)
    if plan.forecast is not None:
        more = [_FORECAST]
        if plan.low is not None and plan.high is not None and plan.low != plan.high:
            more.append(_BETWEEN)
        if plan.plan and plan.chance is not None:
            more.append(_CHANCE)
        line += "".join(say(Said(part, values), lang, currency) for part in more) + "."
    passed = say(Said(_DAYS, values), lang, currency) if plan.days is not None else ""
    return line.strip(), passed


def money_of(sentence: Sentence, lang: Lang, currency: str) -> str:
    """The sum beside a sentence; what no record holds is about."""
    if sentence.shown is None:
        return ""
    shown = fmt.money_short(about(sentence.shown) if sentence.estimated else sentence.shown, lang, currency)
    return f"≈{fmt.NBSP}{shown}" if sentence.estimated else shown


def about(value: Decimal) -> Decimal:
    """An estimate in two figures."""
    digits = value.adjusted()
    return round(value, 1 - digits) if digits > 1 else value


def _plan(plan: PlanLine, lang: Lang, currency: str) -> html.Div:
    line, passed = plan_words(plan, lang, currency)
    share = min(max(float(plan.attainment or 0), 0.0), 1.0)
    to = PLANS if not plan.plan else f"/{plan.report}" + (f"?{plan.search}" if plan.search else "")
    bar = html.Div(
        html.Div(className="today-bar-fact", style={"width": f"{share * 100:.1f}%"}),
        className="today-bar",
        **attrs({"aria-hidden": "true"}),
    )
    return html.Div(
        [
            html.Div(
                [
                    html.P(line, className="today-plan-line"),
                    dcc.Link(
                        (PLAN if plan.plan else TYPE_PLAN).of(lang),
                        href=to,
                        className="button button-quiet button-small",
                    ),
                ],
                className="today-plan-row",
            ),
            bar if plan.plan else None,
            html.P(passed, className="today-note") if passed else None,
        ],
        className="today-plan panel",
    )


def _sentence(sentence: Sentence, lang: Lang, currency: str) -> html.Li:
    said = say(sentence.said, lang, currency)
    money = money_of(sentence, lang, currency)
    why = [html.P(say(line, lang, currency)) for line in sentence.why]
    opens: Any = [OPEN.of(lang), html.Span(f": {said}", className="visually-hidden")]
    mark = html.Span(["?", html.Span(f" {WHY.of(lang)}", className="visually-hidden")], className="today-mark")
    return html.Li(
        [
            html.Div(money, className="today-money num"),
            html.Details(
                [html.Summary([html.Span(said, className="today-said"), mark]), html.Div(why, className="today-why")],
                className="today-sentence",
            ),
            dcc.Link(
                opens,
                href=href(sentence.opened),
                className="button button-quiet button-small today-open",
            ),
        ],
        className="today-row",
        **attrs({"data-sentence": sentence.id}),
    )


def _call(call: Call, lang: Lang, currency: str) -> html.Li:
    beside = " · ".join(
        part for part in (call.title if call.title != call.client else "", call.stage, call.manager) if part
    )
    amount = fmt.money_short(call.amount, lang, currency) if call.amount else ""
    opened = html.A(
        [f"{OPEN.of(lang)}\u00a0↗", html.Span(f": {call.title}, {PORTAL.of(lang)}", className="visually-hidden")],
        href=call.url,
        target="_blank",
        rel="noopener",
        className="button button-quiet button-small",
    )
    put_off = act_button(
        "snooze", f"{call.entity}:{call.id}", PUT_OFF, PUT_OFF_OF.format(title=call.title).of(lang), lang
    )
    return html.Li(
        [
            html.Div(
                [
                    html.Div([html.Span(call.client, className="call-client"), html.Span(amount, className="call-money num")], className="call-head"),
                    html.P(say(call.reason, lang, currency), className="call-reason"),
                    html.P(beside, className="today-note"),
                ],
                className="call-words",
            ),
            html.Div([opened, put_off], className="call-acts"),
        ],
        className="call",
        **attrs({"data-card": f"{call.entity}:{call.id}"}),
    )  # fmt: skip


def _calls(title: Text, found: tuple[Call, ...], nothing: Text, lang: Lang, currency: str) -> html.Div:
    items = [_call(call, lang, currency) for call in found]
    body: Any = html.Ol(items, className="calls") if items else html.P(nothing.of(lang), className="today-note")
    return html.Div([html.H3(title.of(lang)), body], className="call-kind")


def today_view(page: Today, lang: Lang, currency: str) -> list[Any]:
    """Everything of the page above its reports."""
    said = [_sentence(sentence, lang, currency) for sentence in page.sentences]
    calm = calm_of(page)
    out: Any = html.Ol(said, className="today-list") if said else html.P(calm.of(lang), className="today-calm")
    found: list[Any] = [_plan(page.plan, lang, currency)] if page.plan is not None and page.blind is None else []
    found.append(html.Section([html.H2(STANDS_OUT.of(lang)), out], className="panel today-out"))
    if page.save or page.close:
        kinds = [
            _calls(TO_SAVE, page.save, NONE_TO_SAVE, lang, currency),
            _calls(TO_CLOSE, page.close, NONE_TO_CLOSE, lang, currency),
        ]
        found.append(
            html.Section(
                [html.H2(CALLS.of(lang)), html.Div(kinds, className="call-kinds")], className="panel today-calls"
            )
        )
    return found
