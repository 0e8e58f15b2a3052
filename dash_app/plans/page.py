"""The page of plans: cells of manager × pipeline by month; rows are added, copied and deleted by hand."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html

from dash_app.engine.directory import Directory
from dash_app.exports.references import REFERENCES, name_of
from dash_app.plans.grid import GRID
from dash_app.store.grids.base import BLANK
from dash_app.text import Lang, Text
from dash_app.views.scene import attrs
from dash_app.web import ids, words
from dash_app.web.monthly_page import ByHand, MonthlyPage

ADD_TITLE = Text("Добавить строку", "Add a row")
ACTIONS = (
    ("add", "plus-lg", Text("Строка", "Row"), ADD_TITLE),
    (
        "copy-row",
        "copy",
        Text("Копировать", "Copy"),
        Text("Копировать строку другому менеджеру или в другую воронку", "Copy the row to another manager or pipeline"),
    ),
    (
        "delete-row",
        "trash3",
        Text("Удалить", "Delete"),
        Text("Удалить план строки за показанные месяцы", "Delete the row's plan of the months shown"),
    ),
)
MANAGERS = Text("Менеджеры", "Managers")
MANAGERS_HINT = Text("Один или несколько", "One or several")
ADD_OK = Text("Добавить", "Add")
CANCEL = Text("Отмена", "Cancel")
NO_SUCH = Text("Никого не нашлось", "Nobody found")


def adding(directory: Directory, lang: Lang) -> html.Div:
    """The panel in which managers and a pipeline are chosen."""
    by_manager, by_pipeline = GRID.rows
    managers, pipelines = (REFERENCES[row.of] for row in GRID.rows)
    people = [
        # «Анна Петрова · Отдел продаж»: two people may share a name
        {
            "value": id_,
            "label": f"{name_of(by_manager, id_, directory, lang)} · {managers.noted(id_, directory).of(lang)}",
        }
        for id_ in managers.current(directory)
    ]
    parts = [
        {"value": id_ or BLANK, "label": name_of(by_pipeline, id_, directory, lang)}
        for id_ in ("", *pipelines.current(directory))
    ]
    return html.Div(
        [
            html.H2(ADD_TITLE.of(lang), id=ids.PLAN_ADD_TITLE),
            html.Div(
                [
                    dmc.MultiSelect(
                        id=ids.PLAN_ADD_MANAGERS,
                        data=people,
                        value=[],
                        searchable=True,
                        clearable=True,
                        size="sm",
                        placeholder=MANAGERS_HINT.of(lang),
                        nothingFoundMessage=NO_SUCH.of(lang),
                        maxDropdownHeight=320,
                        className="plan-add-managers",
                        attributes={"input": {"aria-label": MANAGERS.of(lang)}},
                        clearButtonProps={"aria-label": words.CLEAR.of(lang)},
                    ),
                    dmc.Select(
                        id=ids.PLAN_ADD_PIPELINE,
                        data=parts,
                        value=BLANK,
                        allowDeselect=False,
                        size="sm",
                        className="plan-add-pipeline",
                        attributes={"input": {"aria-label": pipelines.title.of(lang)}},
                    ),
                    html.Button(
                        ADD_OK.of(lang),
                        id=ids.PLAN_ADD_OK,
                        className="button button-primary",
                        type="button",
                        n_clicks=0,
                    ),
                    html.Button(
                        CANCEL.of(lang),
                        className="button button-quiet",
                        type="button",
                        **attrs({"data-plan": "add-close"}),
                    ),
                ],
                className="plan-add-row",
            ),
        ],
        id=ids.PLAN_ADD,
        className="panel plan-add",
        hidden=True,
    )


PAGE = MonthlyPage(
    GRID,
    slug="plans",
    prefix="plan",
    file="plan",
    icon="pencil-square",
    title=Text("Планы", "Plans"),
    question=Text(
        "Сколько должен продать каждый менеджер и что он за это получит?",
        "How much should each manager sell, and what is it worth to them?",
    ),
    about=Text(
        "План продаж и бонус каждого менеджера по воронкам и месяцам.",
        "The sales plan and bonus of every manager by pipeline and month.",
    ),
    open=Text("Открыть планы", "Open the plans"),
    find=Text("Найти менеджера", "Find a manager"),
    from_page=Text("со страницы планов", "from the plans page"),
    said={
        "add_title": ADD_TITLE,
        "empty": Text(
            "Планов на это время нет. Нажмите «Строка» и выберите менеджеров или загрузите файл.",
            "There are no plans for this time. Press “Row” and choose managers, or upload a file.",
        ),
        "not_found": Text("Никого не нашлось.", "Nobody found."),
        "deleted": Text(
            "План строки удалён. Передумали – нажмите «Отменить».",
            "The row's plan is deleted. Changed your mind? Press “Undo”.",
        ),
    },
    by_hand=ByHand(ACTIONS, adding),
)
