"""The menu of saved views beside a report's title: the views there are, and what can be done with the one on screen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.engine.language import Report
from dash_app.errors import UserError
from dash_app.reports.saved_views import MOST_NAME, View, Views
from dash_app.services import Services
from dash_app.text import Lang, Text
from dash_app.views.scene import attrs
from dash_app.web import ids, owner
from dash_app.web.frame import icon
from dash_app.web.state import AddressParams, search_of

VIEWS = Text("Виды", "Views")
CHANGED = Text("изменён", "changed")
MINE = Text("Мои", "Mine")
SHARED = Text("Для всех", "For everybody")
NO_VIEWS = Text(
    "Сохраните фильтры, настройки и столбцы этой страницы под именем и возвращайтесь к ним одним щелчком.",
    "Keep this page's filters, options and columns under a name and come back to them with one click.",
)
FIRST = Text("С него отчёт открывается из меню", "The report opens with it from the navigation")
NAME = Text("Имя вида", "Name of the view")
SAVE = Text("Сохранить как новый", "Save as new")
UPDATE = Text("Сохранить изменения", "Save the changes")
RENAME = Text("Переименовать", "Rename")
SHARE = Text("Открыть всем", "Open to everybody")
UNSHARE = Text("Оставить только мне", "Keep for me alone")
PUT_FIRST = Text("Открывать отчёт с него", "Open the report with it")
NOT_FIRST = Text("Не открывать отчёт с него", "Do not open the report with it")
DELETE = Text("Удалить", "Delete")
SAVED = Text("Вид «{name}» сохранён.", "The view “{name}” is saved.")
RENAMED = Text("Вид называется «{name}».", "The view is called “{name}”.")
NOW_SHARED = Text("Вид «{name}» видят все.", "Everybody sees the view “{name}”.")
NOW_MINE = Text("Вид «{name}» видите только вы.", "You alone see the view “{name}”.")
NOW_FIRST = Text("Из меню отчёт открывается видом «{name}».", "From the navigation the report opens with “{name}”.")
NOW_BARE = Text("Из меню отчёт открывается без вида.", "From the navigation the report opens without a view.")
DELETED = Text("Вид «{name}» удалён.", "The view “{name}” is deleted.")
BACK = Text("Вид вернулся.", "The view is back.")


def chosen_of(views: Sequence[View], chosen: object, report: Report) -> View | None:
    """The view a browser says it chose (``ids.VIEW``); None where that is none of this report's."""
    if not isinstance(chosen, dict) or chosen.get("report") != report.slug:
        return None
    return next((view for view in views if view.id == chosen.get("id")), None)


def first_views(services: Services) -> dict[str, str]:
    """Path of a report -> the query string whoever asks opens it with."""
    try:
        return {f"/{slug}": search for slug, search in services.session().views.first(owner.whose()).items()}
    except UserError:
        return {}


@dataclass(frozen=True, slots=True)
class Menu:
    """What the menu shows: the words on its button, whether a view is on screen, what unfolds."""

    label: list[Any]
    is_chosen: bool
    body: list[Any]

    @property
    def button(self) -> str:
        """Class of the button."""
        return "button button-quiet button-small views-button" + (" is-chosen" if self.is_chosen else "")


def menu(kept: Views, report: Report, params: AddressParams, chosen: object, lang: Lang) -> Menu:
    """The menu for the address on screen. A view's name stands on it while the address is the view's; after a change the name with «изменён»."""
    views = kept.of(report, owner.whose())
    last = chosen_of(views, chosen, report)
    shown = [view for view in views if kept.is_shown(report, view, params)]
    here = last if last in shown else shown[0] if shown else last if params else None
    changed = here is not None and here not in shown
    name = here.name if here else VIEWS.of(lang)
    label: list[Any] = [
        icon("bookmark" if here is None else "bookmark-fill"),
        html.Span(name, className="views-name", title=name),
    ]
    if changed:
        label.append(html.Span(CHANGED.of(lang), className="views-changed"))
    body: list[Any] = []
    for title, group in ((MINE, [v for v in views if v.mine]), (SHARED, [v for v in views if not v.mine])):
        if group:
            lines = [_line(kept, report, view, view is here, lang) for view in group]
            body += [html.P(title.of(lang), className="views-title"), html.Ul(lines, className="views-list")]
    if not views:
        body.append(html.P(NO_VIEWS.of(lang), className="field-help"))
    if here is not None:
        body.append(html.Div(_acts(here, lang, changed=changed), className="views-acts"))
    body += [_naming(here, lang), html.Div(id=ids.VIEW_STATE, role="status")]
    return Menu(label, here is not None, body)


def place(shown: Menu) -> html.Details:
    """The menu beside the title. Its parts change, it stays: what is unfolded stays unfolded."""
    return html.Details(
        [
            html.Summary(shown.label, id=ids.VIEWS_BUTTON, className=shown.button),
            html.Div(shown.body, id=ids.VIEWS, className="views-panel"),
        ],
        className="views",
    )


def _line(kept: Views, report: Report, view: View, is_here: bool, lang: Lang) -> html.Li:
    wrong = kept.trouble(report, view)
    marks: list[Any] = []
    if view.mine and view.shared:
        marks.append(
            html.I(
                className="bi bi-people", title=SHARED.of(lang), **attrs({"aria-label": SHARED.of(lang)}), role="img"
            )
        )
    if view.first:
        marks.append(
            html.I(
                className="bi bi-star-fill", title=FIRST.of(lang), **attrs({"aria-label": FIRST.of(lang)}), role="img"
            )
        )
    about = {
        "id": view.id,
        "report": report.slug,
        "columns": {block: list(names) for block, names in view.columns.items()},
    }
    link = dcc.Link(
        html.Span(
            [html.Span(view.name, className="views-label"), *marks],
            className="views-words",
            **attrs({"data-view": json.dumps(about, ensure_ascii=False)}),
        ),
        href=f"/{report.slug}{search_of(view.params)}",
        className="views-link" + (" is-here" if is_here else ""),
    )
    said = html.P([icon("exclamation-triangle"), html.Span(wrong.of(lang))], className="views-wrong") if wrong else None
    return html.Li([link, said])


def _acts(view: View, lang: Lang, *, changed: bool) -> list[html.Button]:
    """What can be done with the view on screen."""
    acts: list[tuple[str, str, Text]] = []
    if view.may_change:
        if changed:
            acts.append(("update", "check2", UPDATE))
        acts.append(("mine", "person", UNSHARE) if view.shared and view.mine else ("share", "people", SHARE))
        if view.shared and not view.mine:
            acts.pop()
    acts.append(("bare", "star-fill", NOT_FIRST) if view.first else ("first", "star", PUT_FIRST))
    if view.may_change:
        acts.append(("delete", "trash", DELETE))
    return [_button(name, picture, text, view.id, lang) for name, picture, text in acts]


def _button(name: str, picture: str, text: Text, view: int, lang: Lang, *, main: bool = False) -> html.Button:
    return html.Button(
        [icon(picture), html.Span(text.of(lang))],
        id=ids.view_act(name, view),
        className="button button-small " + ("button-primary" if main else "button-quiet"),
        type="button",
        n_clicks=0,
    )


def _naming(here: View | None, lang: Lang) -> html.Div:
    """A name, and what to do with it."""
    buttons = [_button("save", "bookmark-plus", SAVE, here.id if here else 0, lang, main=True)]
    if here is not None and here.may_change:
        buttons.append(_button("rename", "pencil", RENAME, here.id, lang))
    return html.Div(
        [
            dmc.TextInput(
                id=ids.VIEW_NAME,
                value="",
                placeholder=NAME.of(lang),
                size="sm",
                className="control-form",
                attributes={"input": {"aria-label": NAME.of(lang), "maxLength": MOST_NAME}},
            ),
            html.Div(buttons, className="views-acts"),
        ],
        className="views-naming",
    )
