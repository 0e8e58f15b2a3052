"""Эффективность менеджеров: who works and what comes of it (metrics.md section 2)."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import Any

from dash_app.metrics import aggregate, answer
from dash_app.metrics import common as c
from dash_app.metrics.context import Context
from dash_app.metrics.language import Block, Dimension, Measure, Unit
from dash_app.metrics.query import Filters
from dash_app.metrics.result import BlockResult, Column, Note
from dash_app.text import Text

_DONE = "\"at\" >= $start AND \"at\" < $end"


def _activity(measure_id: str, kinds: tuple[str, ...], ru: str, en: str, extra: str = "") -> Measure:
    listed = ", ".join(f"'{k}'" for k in kinds)
    where = f"{_DONE} AND kind IN ({listed})" + (f" AND {extra}" if extra else "")
    return Measure(
        measure_id, "activities", where, Text(ru, en),
        Text("Дела периода по ответственному за дело. Время дела – его начало, иначе создание.", "Activities of the period by their responsible person, at their start time, else creation."),
        good=1, moment="created",
    )  # fmt: skip


CALLS_OUT = _activity("calls_out", ("call_out",), "Звонки исходящие", "Calls out")
CALLS_IN = _activity("calls_in", ("call_in",), "Звонки входящие", "Calls in", "NOT coalesce(missed, false)")
CALLS_MISSED = replace(_activity("calls_missed", ("call_in",), "Пропущенные", "Calls missed", "missed"), good=-1)
EMAILS_OUT = _activity("emails_out", ("email_out",), "Письма исходящие", "E-mails out")
MESSAGES = _activity("messages", ("message_out", "message_in"), "Сообщения", "Messages")
MEETINGS = _activity("meetings", ("meeting",), "Встречи", "Meetings")
TODOS = _activity("todos", ("todo",), "Дела выполнены", "To-dos done", "completed")

WEIGHTED = (
    ("call", "kind = 'call_out' OR (kind = 'call_in' AND NOT coalesce(missed, false))"),
    ("email", "kind = 'email_out'"),
    ("message", "kind IN ('message_out', 'message_in')"),
    ("meeting", "kind = 'meeting'"),
    ("todo", "kind = 'todo' AND completed"),
)
"""Which weight an activity carries; the weights are settings (parameters ``$weight_call`` ...)."""

ACTIVITY_POINTS = Measure(
    "activity_points", "activities", f"{_DONE} AND (" + " OR ".join(f"({w})" for _, w in WEIGHTED) + ")",
    Text("Баллы активности", "Activity points"), Text("Σ вес × количество. Веса – в настройках.", "Σ weight × count. The weights are settings."),
    agg="sum", of="CASE " + " ".join(f"WHEN {w} THEN CAST($weight_{name} AS DECIMAL(10,3))" for name, w in WEIGHTED) + " END",
    unit=Unit.POINTS, moment="created", good=1,
)  # fmt: skip

DEFAULT_WEIGHTS = {"call": "1", "email": "0.5", "message": "0.2", "meeting": "5", "todo": "1"}

_FIGURES = (
    CALLS_OUT, CALLS_IN, CALLS_MISSED, EMAILS_OUT, MESSAGES, MEETINGS, TODOS, ACTIVITY_POINTS,
    c.DEALS_CREATED, c.DEALS_CREATED_AMOUNT, c.DEALS_WON, c.DEALS_WON_AMOUNT, c.DEALS_LOST, c.DEALS_IN_WORK, c.DEALS_IN_WORK_AMOUNT,
    c.AVERAGE_CHECK, c.CYCLE_MEDIAN, c.CYCLE_MEAN, c.CYCLE_P90, c.CONVERSION_WORKED, c.CONVERSION_COHORT, c.WIN_RATE,
)  # fmt: skip

_INDEX = Column(
    "activity_index", Text("Индекс активности", "Activity index"), Unit.POINTS, good=1,
    help=Text(
        "100 × баллы / медиана баллов всех действующих продавцов выбранных воронок. Фильтр по отделу или менеджеру прячет строки, но не двигает линейку.",
        "100 × points / median points of all active sellers of the chosen pipelines. A department or manager filter hides rows; it does not move the yardstick.",
    ),
)  # fmt: skip


def yardstick(context: Context) -> float | None:
    """Median points of everyone not dismissed with an activity or an open deal; None at 0 or under three sellers."""
    everyone = replace(context, query=replace(context.query, filters=Filters(pipeline=context.query.filters.pipeline)))
    done = Measure("any", "activities", _DONE, ACTIVITY_POINTS.label, ACTIVITY_POINTS.help)
    values = aggregate.evaluate(everyone, (ACTIVITY_POINTS, done, c.DEALS_IN_WORK), (c.MANAGER,))
    people = context.directory.managers
    points = [
        float(v[ACTIVITY_POINTS.id])
        for (manager,), v in values.items()
        if manager in people and people[manager].active and (v["any"] or v[c.DEALS_IN_WORK.id])
    ]
    return (median(points) or None) if len(points) >= 3 else None


def _with_index(context: Context, block: Block) -> BlockResult:
    result = answer.answer(context, replace(block, compute=None))
    middle = yardstick(context)
    position = next(i for i, column in enumerate(result.columns) if column.id == ACTIVITY_POINTS.id)
    result.columns.insert(position, _INDEX)
    for row in result.rows:
        row[_INDEX.id] = None if middle is None else 100 * float(row[ACTIVITY_POINTS.id] or 0) / middle  # type: ignore[arg-type]
    if result.totals is not None:
        result.totals[_INDEX.id] = None
    if middle is None:
        result.notes.append(
            Note(Text("Индекс не считается: продавцов с активностью меньше трёх.", "No index: fewer than three active sellers."))
        )
    return result


def _rows(block_id: str, dimension: Dimension, ru: str, en: str) -> Block:
    return Block(
        block_id, Text(ru, en),
        Text("Что сделали и что из этого вышло.", "What was done and what came of it."),
        "table", figures=_FIGURES, dimensions=(dimension,), order=("-deals_won_amount",), totals=True, compute=_with_index,
        headline=("activity_index", "deals_won_amount", "deals_won", "conversion_worked", "meetings", "calls_out", "deals_in_work"),
    )  # fmt: skip


MANAGERS = _rows("managers", c.MANAGER, "Менеджеры", "Managers")
DEPARTMENTS = _rows("departments", c.DEPARTMENT, "Отделы", "Departments")
TEAM = Block("team", Text("Команда", "Team"), Text("Все вместе.", "Everyone together."), "cards", figures=_FIGURES)
"""Totals of everyone the filters leave."""


def unused(values: dict[str, Any]) -> bool:
    """Whether a manager has nothing to show."""
    return not any(values.values())
