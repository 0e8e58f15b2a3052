"""The page that connects a portal: what is needed, the webhook, what the doctor says of it. The webhook is taken, checked and kept, and never shown."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import dcc, html
from flask import request

from dash_app import portal_choice
from dash_app.errors import UserError
from dash_app.portal.credentials import is_loopback
from dash_app.portal.doctor import ConnectionCheck
from dash_app.services import Services
from dash_app.text import Lang, Text
from dash_app.views.scene import attrs
from dash_app.web import ids
from dash_app.web.doors import host_name
from dash_app.web.errors import notice
from dash_app.web.first_load import findings
from dash_app.web.frame import icon
from dash_app.web.pages import CONNECT

PATH = f"/{CONNECT}"
TITLE = Text("Подключить портал", "Connect a portal")
QUESTION = Text("Чьи данные показывать?", "Whose data is to be shown?")
BADGE = Text("Данные придуманы", "The data is made up")
BADGE_WAY = Text("подключить портал", "connect a portal")
NEEDED = Text("Что нужно, чтобы увидеть свой портал", "What it takes to see your own portal")
STEPS = (
    Text(
        "В Битрикс24 откройте «Разработчикам» → «Другое» → «Входящий вебхук». Создаёт его администратор: от других портал молча скрывает записи.",
        "In Bitrix24 open “Developer resources” → “Other” → “Inbound webhook”. An administrator creates it: from others the portal silently hides records.",
    ),
    Text(
        "Отметьте права: CRM, Пользователи, Структура компании, Задачи, Рабочие группы. Приложение только читает.",
        "Tick the rights: CRM, Users, Company structure, Tasks, Workgroups. The application only reads.",
    ),
    Text("Скопируйте адрес вебхука сюда.", "Copy the webhook's address here."),
)
WEBHOOK = Text("Адрес вебхука", "Webhook address")
CHECK = Text("Проверить и подключить", "Check and connect")
ANYWAY = Text("Подключить с этими оговорками", "Connect in spite of this")
KEPT = Text(
    "Адрес проверяется и хранится на этом компьютере в файле, который читает только его владелец. На странице он больше не появится, в журнал не попадёт.",
    "The address is checked and kept on this machine in a file its owner alone reads. The page never shows it again, the log never holds it.",
)
FIXED = Text(
    "Портал задан настройкой B24_WEBHOOK_URL. Чтобы подключить другой, поменяйте её и запустите приложение снова.",
    "The portal is given by the setting B24_WEBHOOK_URL. To connect another one, change it and start the application anew.",
)
NOW_PORTAL = Text("Сейчас подключён {address}.", "{address} is connected now.")
NOW_DEMO = Text(
    "Сейчас показана придуманная компания: её сделки, люди и суммы ничьи. На ней можно нажимать всё.",
    "A made-up company is shown now: its deals, people and amounts are nobody's. Everything may be tried on it.",
)
ONLY_HERE = Text(
    "Вход не настроен, поэтому портал подключают только на самом этом компьютере: откройте http://127.0.0.1 с портом приложения.",
    "No sign-in is configured, so a portal is connected on this very machine alone: open http://127.0.0.1 with the application's port.",
)
BY_ACCOUNTS = Text(
    "Люди входят под учётными записями, а они – при портале. Поэтому другой портал задаётся настройкой B24_WEBHOOK_URL, после чего записи создаются для него.",
    "People sign in by accounts, which belong to the portal. So another portal is given by the setting B24_WEBHOOK_URL, and accounts are made for it then.",
)
EMPTY = Text("Вставьте адрес вебхука.", "Paste the webhook's address.")
CONNECTED = Text("Портал подключён, первая загрузка началась.", "The portal is connected, the first load has begun.")


def is_demo(services: Services) -> bool:
    """Whether the data on screen is made up, or what is going to be loaded."""
    try:
        return services.session().state().is_demo
    except UserError:
        return portal_choice.is_demo(services.settings)


def refusal(services: Services) -> Text | None:
    """Why no portal is connected on the page; None where one may be."""
    if portal_choice.is_fixed(services.settings):
        return FIXED
    if services.sign_in is not None:
        return BY_ACCOUNTS
    return None if is_here() else ONLY_HERE


def is_here() -> bool:
    """Whether the request being answered comes straight from this machine: while nobody signs in, nobody else connects a portal."""
    try:
        return is_loopback(request.remote_addr or "") and is_loopback(host_name(request.host))
    except ValueError:
        return False


def badge(lang: Lang, where: str) -> dcc.Link:
    """«Данные придуманы · подключить портал»."""
    return dcc.Link(
        [icon("magic"), html.Span(BADGE.of(lang)), html.Span("·"), html.Span(BADGE_WAY.of(lang), className="demo-way")],
        href=PATH,
        className=f"demo-badge {where}",
    )


def page(services: Services, lang: Lang) -> html.Div:
    """The page below its title."""
    return html.Div([html.P(_now(services, lang), className="panel-text"), panel(services, lang)], className="connect")


def _now(services: Services, lang: Lang) -> str:
    if is_demo(services):
        return NOW_DEMO.of(lang)
    try:
        address = services.session().state().address
    except UserError:
        address = portal_choice.effective_webhook(services.settings).address
    return NOW_PORTAL.of(lang).format(address=address.partition("://")[2])


def panel(services: Services, lang: Lang) -> html.Section:
    """What is needed, and the form that takes the webhook."""
    why = refusal(services)
    if why is not None:
        return html.Section(notice(why, lang, kind="info"), className="panel")
    return html.Section(
        [
            html.H2(NEEDED.of(lang)),
            html.Ol([html.Li(step.of(lang)) for step in STEPS], className="connect-steps"),
            html.Div(
                [
                    dmc.PasswordInput(
                        id=ids.CONNECT_WEBHOOK,
                        value="",
                        placeholder="https://company.bitrix24.ru/rest/1/…/",
                        size="sm",
                        className="control-form connect-field",
                        attributes={
                            "input": {"aria-label": WEBHOOK.of(lang), "autoComplete": "off", "maxLength": 500},
                            "visibilityToggle": {"hidden": True},
                        },
                    ),
                    html.Button(
                        CHECK.of(lang),
                        id=ids.CONNECT_CHECK,
                        className="button button-primary",
                        type="button",
                        n_clicks=0,
                    ),
                ],
                className="connect-row",
            ),
            html.Div(id=ids.CONNECT_STATE, className="connect-state", **attrs({"aria-live": "polite"})),
            html.P(KEPT.of(lang), className="field-help"),
            dcc.Store(id=ids.CONNECT_DONE),
        ],
        className="panel",
    )


def said(found: Sequence[ConnectionCheck], lang: Lang) -> html.Div:
    """What the doctor found; where nothing forbids it, the way on."""
    may = all(finding.level != "error" for finding in found)
    way = html.Button(ANYWAY.of(lang), id=ids.CONNECT_ANYWAY, className="button", type="button", n_clicks=0)
    return html.Div([html.Div(findings(found, lang), className="findings"), way if may else None])
