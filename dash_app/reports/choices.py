"""Options of filter controls with how many records each holds, and how many people a filter hides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash_app.engine.context import Context
from dash_app.engine.facts import FACTS
from dash_app.engine.filters import PREFIX, Choice, filter_of, known_filters, ordered, own_field
from dash_app.engine.filters.base import CARDS
from dash_app.engine.query import Filters
from dash_app.errors import BadInput
from dash_app.figures import common
from dash_app.text import Text


def _counts(context: Context, fact_id: str, expression: str, without: str, where: str) -> dict[Any, int]:
    """Records by the value of an expression, under every filter but the one being chosen."""
    fact = FACTS[fact_id]
    scope, params = context.scope(fact, without=frozenset({without}))
    sql = f"SELECT {expression}, count(*) FROM {fact.table} WHERE {scope} AND ({where}) GROUP BY 1"
    return dict(context.execute(sql, params).fetchall())


def choices_of(context: Context, filter_id: str, counted: tuple[str, ...] = CARDS) -> list[Choice]:
    """Every option of a filter. Counts are records that have to do with the period; of people and departments, of the facts ``counted``."""
    names = context.directory
    if filter_id.startswith(PREFIX) and not own_field(filter_id.removeprefix(PREFIX), names).fields:
        shown = filter_id.removeprefix(PREFIX)[:40]
        raise BadInput(Text(f"Поля «{shown}» нет на портале.", f"There is no field “{shown}” in the portal."))
    if not filter_id.startswith(PREFIX) and filter_id not in known_filters():
        raise BadInput(Text(f"Фильтра «{filter_id[:40]}» нет.", f"There is no filter “{filter_id[:40]}”."))
    chosen = filter_of(filter_id, names)
    counts = {}
    for name in chosen.counted or counted:
        fact, where = common.COUNTED[name]
        by = chosen.counts_by(FACTS[fact], names)
        if by is not None:
            counts[name] = _counts(context, fact, by, chosen.id, where)
    return chosen.choices(names, counts, context.lang)


def hidden_managers(context: Context, counted: tuple[str, ...] = CARDS) -> Text | None:
    """How many people with records in the period – of the facts counted – the filters hide, and which filters do."""
    shown = _people(context, counted)
    everyone = _people(replace(context, query=replace(context.query, filters=Filters())), counted)
    if shown >= everyone:
        return None
    titles = [filter_of(name, context.directory).title for name in ordered(context.query.filters.ids)]
    ru = ", ".join(f"«{t.ru}»" for t in titles)
    en = ", ".join(f"“{t.en}”" for t in titles)
    word = "фильтра" if len(titles) == 1 else "фильтров"
    who = Text("менеджеры", "managers") if counted == CARDS else Text("сотрудники", "employees")
    return Text(
        f"Показаны {who.ru}: {shown} из {everyone} – из-за {word} {ru}.",
        f"{shown} {who.en} of {everyone} are shown because of the filter {en}.",
    )


def _people(context: Context, counted: tuple[str, ...]) -> int:
    people: set[Any] = set()
    for fact_id, where in (common.COUNTED[name] for name in counted):
        fact = FACTS[fact_id]
        scope, params = context.scope(fact)
        sql = f"SELECT DISTINCT manager_id FROM {fact.table} WHERE {scope} AND ({where})"
        people |= {row[0] for row in context.execute(sql, params).fetchall()}
    return len(people)
