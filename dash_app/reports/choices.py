"""Options of filter controls with how many records each holds, and how many people a filter hides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dash_app.engine.answer import MOVED_FILTERS
from dash_app.engine.context import Context, quoted
from dash_app.engine.directory import NO_DEPARTMENT, NO_PROJECT, NO_STAGE, NONE, NOT_SET, YES_NO
from dash_app.engine.facts import FACTS
from dash_app.engine.parsing import CUSTOMERS, STATUSES
from dash_app.engine.query import Filters
from dash_app.errors import BadInput
from dash_app.figures import common
from dash_app.reports.api import Choice
from dash_app.reports.words import filter_title
from dash_app.text import Text


def _counts(context: Context, fact_id: str, expression: str, without: str, where: str) -> dict[Any, int]:
    """Records by the value of an expression, under every filter but the one being chosen."""
    fact = FACTS[fact_id]
    scope, params = context.scope(fact, without=frozenset({without}))
    sql = f"SELECT {expression}, count(*) FROM {fact.table} WHERE {scope} AND ({where}) GROUP BY 1"
    return dict(context.execute(sql, params).fetchall())


MOST_CHOICES = 500
"""A user field offers at most so many values."""

Facts = tuple[str, ...]
DEALS: Facts = ("deals", "leads")


def choices_of(context: Context, filter_id: str, counted: Facts = DEALS) -> list[Choice]:
    """Every option of a filter. Counts are deals worked in the period (leads created in it, for lead stages); of people and departments,
    records of the facts counted."""
    if filter_id == "department":
        return _departments(context, counted)
    if filter_id == "manager":
        return _managers(context, counted)
    makers: dict[str, Callable[[Context], list[Choice]]] = {
        "pipeline": _pipelines,
        "source": _sources,
        "status": _statuses,
        "stage": _stages,
        "customer": _customers,
        "project": _projects,
        "tag": _tags,
    }
    if filter_id in makers:
        return makers[filter_id](context)
    if filter_id.startswith("uf."):
        return _field(context, filter_id.removeprefix("uf."))
    raise BadInput(Text(f"Фильтра «{filter_id[:40]}» нет.", f"There is no filter “{filter_id[:40]}”."))


def _worked(context: Context, column: str, without: str) -> dict[Any, int]:
    return _counts(context, "deals", column, without, common.WORKED)


def _pipelines(context: Context) -> list[Choice]:
    counts, names = _worked(context, "pipeline_id", "pipeline"), context.directory
    return [
        Choice(str(p.id), names.pipeline(p.id).of(context.lang), counts.get(p.id, 0), inactive=not p.known)
        for p in names.pipelines.values()
        if p.role == "sales" and (p.known or counts.get(p.id))
    ]


_TASKS = f"({common.CREATED}) OR (deadline >= $start AND deadline < $end) OR (planned_start >= $start AND planned_start < $end)"
_COUNTED = {
    "deals": ("deals", common.WORKED),
    "leads": ("leads", common.CREATED),
    "tasks": ("tasks", _TASKS),
    "activities": ("activities", "happened_at >= $start AND happened_at < $end"),
    "open_activities": ("activities", f"NOT completed AND {common.CREATED}"),
}
"""What ``Report.counted`` names: (fact, those of its records that have to do with the period)."""


def _by_manager(context: Context, without: str, counted: Facts) -> dict[Any, int]:
    counts: dict[Any, int] = {}
    for fact, where in (_COUNTED[name] for name in counted):
        for manager, number in _counts(context, fact, "manager_id", without, where).items():
            counts[manager] = counts.get(manager, 0) + number
    return counts


def _managers(context: Context, counted: Facts) -> list[Choice]:
    counts, names = _by_manager(context, "manager", counted), context.directory
    listed = [
        Choice(str(m.id), names.manager(m.id).of(context.lang), counts.get(m.id, 0), inactive=not m.active)
        for m in names.managers.values()
        if m.active or counts.get(m.id)
    ]
    if counts.get(None):
        listed.append(Choice(NONE, NOT_SET.of(context.lang), counts[None]))
    return listed


def _departments(context: Context, counted: Facts) -> list[Choice]:
    counts, names = _by_manager(context, "department", counted), context.directory
    listed = []
    for department in names.departments.values():
        people = names.managers_of([str(department.id)])
        number = sum(counts.get(p, 0) for p in people)
        parent = str(department.parent_id) if department.parent_id in names.departments else None
        listed.append(Choice(str(department.id), department.name, number, parent=parent))
    alone = sum(counts.get(p, 0) for p in names.managers_of([NONE]))
    if alone:
        listed.append(Choice(NONE, NO_DEPARTMENT.of(context.lang), alone))
    return listed


def _sources(context: Context) -> list[Choice]:
    counts, names = _worked(context, "source_id", "source"), context.directory
    for source, number in _counts(context, "leads", "source_id", "source", common.CREATED).items():
        counts[source] = counts.get(source, 0) + number
    listed = [
        Choice(s, names.source(s).of(context.lang), counts.get(s, 0), inactive=not known)
        for s, (_, known) in names.sources.items()
    ]
    listed.append(Choice(NONE, NOT_SET.of(context.lang), counts.get(None, 0)))
    return listed


def _statuses(context: Context) -> list[Choice]:
    counts = _worked(context, "status", "status")
    return [Choice(s, text.of(context.lang), counts.get(s, 0)) for s, text in STATUSES.items()]


def _customers(context: Context) -> list[Choice]:
    counts = _worked(context, "customer", "customer")
    return [Choice(s, text.of(context.lang), counts.get(s, 0)) for s, text in CUSTOMERS.items()]


def _projects(context: Context) -> list[Choice]:
    counts, names = _counts(context, "tasks", "project_id", "project", _TASKS), context.directory
    listed = [Choice(str(p), name, counts.get(p, 0)) for p, name in names.workgroups.items()]
    listed.append(Choice(NONE, NO_PROJECT.of(context.lang), counts.get(None, 0)))
    return listed


def _tags(context: Context) -> list[Choice]:
    counts = _counts(context, "tasks", "unnest(CASE WHEN len(tags) > 0 THEN tags ELSE [NULL] END)", "tag", _TASKS)
    listed = [Choice(tag, tag, counts.get(tag, 0)) for tag in context.directory.tags]
    listed.append(Choice(NONE, NOT_SET.of(context.lang), counts.get(None, 0)))
    return listed


def _stages(context: Context) -> list[Choice]:
    names = context.directory
    deals = _worked(context, "stage_id", "stage")
    leads = _counts(context, "leads", "stage_id", "stage", common.CREATED)
    listed = []
    order = {p: i for i, p in enumerate(names.pipelines)}
    for stage in sorted(
        names.stages.values(),
        key=lambda s: (s.entity == "lead", order.get(s.pipeline_id, -1), s.rank),  # type: ignore[arg-type]
    ):
        pipeline = names.pipelines.get(stage.pipeline_id) if stage.pipeline_id is not None else None
        if stage.entity == "deal" and (pipeline is None or pipeline.role != "sales"):
            continue
        number = (leads if stage.entity == "lead" else deals).get(stage.stage_id, 0)
        if not stage.known and not number:
            continue
        group = Text("Лиды", "Leads") if stage.entity == "lead" else names.pipeline(stage.pipeline_id)
        name = names.stage(stage.entity, stage.pipeline_id, stage.stage_id)
        listed.append(
            Choice(
                stage.stage_id, name.of(context.lang), number, group=group.of(context.lang), inactive=not stage.known
            )
        )
    without = deals.get(None, 0) + leads.get(None, 0)
    if without:  # the portal gives nearly every card one, so the choice is there only where it leads to something
        listed.append(Choice(NONE, NO_STAGE.of(context.lang), without))
    return listed


def _field(context: Context, field: str) -> list[Choice]:
    names = context.directory
    meta = names.fields.get(("deal", field)) or names.fields.get(("lead", field))
    if meta is None:
        raise BadInput(Text(f"Поля «{field[:40]}» нет на портале.", f"There is no field “{field[:40]}” in the portal."))
    fact = "deals" if meta.entity == "deal" else "leads"
    where = common.WORKED if meta.entity == "deal" else common.CREATED
    column = quoted(field)
    if meta.type.kind == "flag":
        counts = _counts(context, fact, column, f"uf.{field}", where)
        return [
            *(Choice(v, text.of(context.lang), counts.get(v == "1", 0)) for v, text in YES_NO.items()),
            Choice(NONE, NOT_SET.of(context.lang), counts.get(None, 0)),
        ]
    counts = _counts(
        context, fact, f"unnest(CASE WHEN len({column}) > 0 THEN {column} ELSE [NULL] END)", f"uf.{field}", where
    )
    listed = [
        Choice(option, label.of(context.lang), counts.get(option, 0), inactive=option in meta.inactive)
        for option, label in meta.options.items()
    ]
    if len(listed) > MOST_CHOICES:  # links to thousands of companies: those met most often
        most = sorted(listed, key=lambda c: -(c.count or 0))[:MOST_CHOICES]
        kept = {choice.value for choice in most}
        listed = [choice for choice in listed if choice.value in kept]
    listed.append(Choice(NONE, NOT_SET.of(context.lang), counts.get(None, 0)))
    return listed


def hidden_managers(context: Context, counted: Facts = DEALS) -> Text | None:
    """How many people with records in the period – of the facts counted – the filters hide, and which filters do."""
    shown = _people(context, counted)
    everyone = _people(replace(context, query=replace(context.query, filters=Filters())), counted)
    if shown >= everyone:
        return None
    filters = context.query.filters
    names = [name for name in MOVED_FILTERS if getattr(filters, name)] + [f"uf.{f}" for f, _ in filters.fields]
    titles = [filter_title(context.directory, name) for name in names]
    ru = ", ".join(f"«{t.ru}»" for t in titles)
    en = ", ".join(f"“{t.en}”" for t in titles)
    word = "фильтра" if len(titles) == 1 else "фильтров"
    who = Text("менеджеры", "managers") if counted == DEALS else Text("сотрудники", "employees")
    return Text(
        f"Показаны {who.ru}: {shown} из {everyone} – из-за {word} {ru}.",
        f"{shown} {who.en} of {everyone} are shown because of the filter {en}.",
    )


def _people(context: Context, counted: Facts) -> int:
    people: set[Any] = set()
    for fact_id, where in (_COUNTED[name] for name in counted):
        fact = FACTS[fact_id]
        scope, params = context.scope(fact)
        sql = f"SELECT DISTINCT manager_id FROM {fact.table} WHERE {scope} AND ({where})"
        people |= {row[0] for row in context.execute(sql, params).fetchall()}
    return len(people)
