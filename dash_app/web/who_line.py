"""The line above every page where people sign in: who is signed in, what is shown to him, the way out."""

from __future__ import annotations

from typing import Any

from dash import html

from dash_app.errors import UserError
from dash_app.reports.session import Session
from dash_app.services import Services
from dash_app.text import Lang, Text
from dash_app.views.scene import attrs
from dash_app.web import entrance_words
from dash_app.web.frame import icon
from dash_app.web.routes import ACCOUNT, SIGN_OUT

OWNER = Text("владелец, видно всё", "owner, everything is shown")
WHOLE = Text("видна вся компания", "the whole company is shown")
OWN = Text("видны только ваши записи", "only your own records are shown")
NOTHING = Text("данных не видно", "no data is shown")
OWN_ACCOUNT = Text("Учётная запись: пароль и вход в два шага", "Account: password and signing in by two steps")


def departments(seen: int, of: int) -> Text:
    """«видны 2 отдела из 5», «you see 2 of 5 departments»."""
    tens, ones = seen % 100, seen % 10
    one = ones == 1 and tens != 11
    few = 2 <= ones <= 4 and not 12 <= tens <= 14
    word = "отдел" if one else "отдела" if few else "отделов"
    return Text(f"вам {'виден' if one else 'видны'} {seen} {word} из {of}", f"you see {seen} of {of} departments")


def sight(session: Session) -> Text:
    """What is shown to who is signed in, in a few words."""
    if session.person is not None and session.person.is_owner:
        return OWNER
    if session.blind is not None:
        return NOTHING
    if not session.rights.is_limited:
        return WHOLE
    try:
        seen, of = session.sight()
    except UserError:  # nothing is loaded
        return NOTHING
    return departments(seen, of) if seen else OWN


def line(services: Services, lang: Lang) -> html.Div | None:
    """The line; None where nobody signs in."""
    session = services.session()
    if session.person is None:
        return None
    name = html.A(
        [icon("person-circle"), html.Span(session.name)],
        href=ACCOUNT,
        className="who-name",
        title=OWN_ACCOUNT.of(lang),
    )
    out = html.Form(
        html.Button(
            [icon("box-arrow-right"), html.Span(entrance_words.SIGN_OUT.of(lang))],
            className="button button-quiet button-small",
            type="submit",
            **attrs({"aria-label": entrance_words.SIGN_OUT.of(lang)}),
        ),
        action=SIGN_OUT,
        method="POST",
    )
    parts: list[Any] = [name, html.Span(sight(session).of(lang), className="who-sight"), out]
    return html.Div(
        parts, className="who-line", role="region", **attrs({"aria-label": entrance_words.ACCOUNT.of(lang)})
    )
