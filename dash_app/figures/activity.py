"""Activities done in the period: calls, e-mails, messages, meetings, to-dos, their points and the index (metrics.md section 2).

An activity belongs to the person responsible for it and counts once, however many cards it is bound to. Its moment is its start, else its creation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from statistics import median
from typing import Any

from dash_app.engine.activity_weights import POINTS
from dash_app.engine.aggregate import evaluate
from dash_app.engine.blocks import Matrix, RecordList
from dash_app.engine.context import Context
from dash_app.engine.language import Dimension, Formula, Given, Measure, Ratio, Unit
from dash_app.engine.memo import once
from dash_app.engine.moments import STATE_OPTION
from dash_app.engine.page_plan import NO_PAGE
from dash_app.engine.result import Note
from dash_app.figures.common import DEALS_IN_WORK, DEALS_WON_AMOUNT, MANAGER
from dash_app.text import Text

HAPPENED = "happened_at >= $start AND happened_at < $end"
DONE = f"{HAPPENED} AND completed"
COUNTED = "((kind = 'call_in' AND NOT missed) OR kind IN ('call_out', 'email_out', 'message_out', 'message_in', 'meeting', 'todo'))"
"""Kinds that are work: an incoming e-mail, a form, a task and what we do not know are none."""


def _done(measure_id: str, which: str, label: Text, help_: Text) -> Measure:
    return Measure(measure_id, "activities", f"{DONE} AND {which}", label, help_, moment="happened", good=1)


CALLS_OUT = _done(
    "calls_out",
    "kind = 'call_out'",
    Text("Исходящие звонки", "Calls out"),
    Text("Выполненные исходящие звонки периода.", "Outgoing calls done in the period."),
)
CALLS_IN = _done(
    "calls_in",
    "kind = 'call_in' AND NOT missed",
    Text("Входящие звонки", "Calls in"),
    Text(
        "Выполненные входящие звонки периода. Пропущенные – отдельно.",
        "Incoming calls done in the period. Missed ones are apart.",
    ),
)
EMAILS_OUT = _done(
    "emails_out",
    "kind = 'email_out'",
    Text("Письма", "E-mails"),
    Text("Отправленные письма периода.", "E-mails sent in the period."),
)
MESSAGES = _done(
    "messages",
    "kind IN ('message_out', 'message_in')",
    Text("Сообщения", "Messages"),
    Text("Чаты, открытые линии и SMS периода, закрытые.", "Chats, open lines and SMS of the period, closed."),
)
MEETINGS = _done(
    "meetings",
    "kind = 'meeting'",
    Text("Встречи", "Meetings"),
    Text("Проведённые встречи периода.", "Meetings held in the period."),
)
TODOS = _done(
    "todos",
    "kind = 'todo'",
    Text("Дела", "To-dos"),
    Text(
        "Выполненные дела периода. Срок прошёл, а дело открыто – не считается.",
        "To-dos done in the period. An open one does not count.",
    ),
)
CALLS_MISSED = Measure(
    "calls_missed",
    "activities",
    f"{HAPPENED} AND kind = 'call_in' AND missed",
    Text("Пропущенные", "Missed calls"),
    Text(
        "Пропущенные входящие звонки периода, обработанные и нет.",
        "Incoming calls missed in the period, whether dealt with or not.",
    ),
    moment="happened",
    good=-1,
)
ACTIVITIES_DONE = _done(
    "activities_count",
    COUNTED,
    Text("Сделано дел", "Activities done"),
    Text(
        "Звонки, письма, сообщения, встречи и дела, выполненные в периоде.",
        "Calls, e-mails, messages, meetings and to-dos done in the period.",
    ),
)

ACTIVITY_POINTS = Measure(
    "activity_points",
    "activities",
    f"{DONE} AND {COUNTED}",
    Text("Баллы активности", "Activity points"),
    Text(
        "Каждое выполненное дело, умноженное на свой вес. Веса – в настройках: звонок, письмо, сообщение, встреча, дело.",
        "Every activity done, times its weight. The weights are settings: call, e-mail, message, meeting, to-do.",
    ),
    agg="sum",
    of=POINTS,
    unit=Unit.POINTS,
    moment="happened",
    good=1,
)

LEAST_SELLERS = 3
"""With fewer there is nothing to measure anybody by."""
LEAST_ANONYMOUS = 5
"""With fewer a median would tell somebody of limited rights what others have."""


def least_sellers(context: Context) -> int:
    """The least number of active sellers a yardstick is given for: ``LEAST_ANONYMOUS`` to somebody of limited rights, else ``LEAST_SELLERS``."""
    return LEAST_ANONYMOUS if context.rights.is_limited else LEAST_SELLERS


def sellers(context: Context) -> Mapping[int, Decimal]:
    """Points of every active seller of the pipelines chosen: not dismissed, with an activity done in the period or an open deal at its end.

    Of the page's filters only the pipelines count: a filter hides rows, it does not move the yardstick. Nor do rights: what leaves of this is
    a median of at least ``least_sellers`` people, and points of the people who may be seen.
    """
    wide = _wide(context)
    weights = tuple(
        sorted((name, value) for name, value in context.typed.params().items() if name.startswith("weight_"))
    )
    key = (
        "sellers",
        context.span.start,
        context.span.end,
        context.as_of,
        context.is_base,
        tuple(sorted(context.query.filters.of("pipeline"))),
        weights,
    )
    return once(context, key, lambda: _sellers(wide))


def _sellers(wide: Context) -> Mapping[int, Decimal]:
    points = {
        key[0]: values[ACTIVITY_POINTS.id] for key, values in evaluate(wide, (ACTIVITY_POINTS,), (MANAGER,)).items()
    }
    at_its_end = replace(wide, query=wide.query.without_option(STATE_OPTION))  # who sold then, whatever the page shows
    for (manager,) in evaluate(at_its_end, (DEALS_IN_WORK,), (MANAGER,)):
        points.setdefault(manager, Decimal(0))
    return {m: p for m, p in points.items() if m is not None and _is_here(wide, m)}


def _wide(context: Context) -> Context:
    """The question without rights and every filter but the pipelines; where there was no other, the page's own."""
    context = context.as_yardstick()
    filters = context.query.filters.only("pipeline")
    return (
        context
        if filters == context.query.filters
        else replace(context, query=replace(context.query, filters=filters), page=NO_PAGE)
    )


def _is_here(context: Context, manager: int) -> bool:
    person = context.directory.managers.get(manager)
    return person is None or person.active


def _yardstick(values: Sequence[Decimal], least: int) -> float | None:
    if len(values) < least:
        return None
    return float(median(values)) or None


def points_yardstick(context: Context, _: tuple[Dimension, ...]) -> Mapping[tuple[Any, ...], float | None]:
    """Median points of the active sellers under the key ``()``; None at 0 or with fewer than ``least_sellers`` of them."""
    return {(): _yardstick(list(sellers(context).values()), least_sellers(context))}


def won_yardstick(context: Context, _: tuple[Dimension, ...]) -> Mapping[tuple[Any, ...], Decimal | None]:
    """Median amount won in the period by the same sellers, base currency; 0 is an answer here."""
    people = sellers(context)
    if len(people) < least_sellers(context):
        return {(): None}
    found = {
        key[0]: values[DEALS_WON_AMOUNT.id]
        for key, values in evaluate(_wide(context), (DEALS_WON_AMOUNT,), (MANAGER,)).items()
    }
    return {(): Decimal(median(found.get(person) or Decimal(0) for person in people))}


POINTS_YARDSTICK = Given(
    "activity_yardstick",
    Text("Медиана баллов", "Median points"),
    Text(
        "Медиана баллов всех активных продавцов выбранных воронок: не уволены, сделали в периоде хотя бы одно дело или вели к его концу открытую сделку. "
        "Фильтры отдела и менеджера её не сдвигают.",
        "Median points of all active sellers of the pipelines chosen: not dismissed, with an activity done in the period or a deal open at its end. "
        "Filters by department or manager do not move it.",
    ),
    points_yardstick,
    unit=Unit.POINTS,
    makes_rows=False,
    everywhere=True,
)
WON_YARDSTICK = Given(
    "won_yardstick",
    Text("Медиана суммы выигранных", "Median won amount"),
    Text("Медиана суммы выигранных у тех же активных продавцов.", "Median won amount of the same active sellers."),
    won_yardstick,
    unit=Unit.MONEY,
    makes_rows=False,
    everywhere=True,
)


def _index(parts: Mapping[str, Any]) -> float | None:
    points, yardstick = parts[ACTIVITY_POINTS.id], parts[POINTS_YARDSTICK.id]
    return None if points is None or not yardstick else 100 * float(points) / float(yardstick)


ACTIVITY_INDEX = Formula(
    "activity_index",
    (ACTIVITY_POINTS, POINTS_YARDSTICK),
    _index,
    Text("Индекс активности", "Activity index"),
    Text(
        "100 – столько же баллов, сколько у среднего по активности продавца. 150 – в полтора раза больше.",
        "100 is as many points as the median seller has. 150 is half as much again.",
    ),
    Text("100 × баллы / медиана баллов активных продавцов", "100 × points / median points of active sellers"),
    unit=Unit.POINTS,
)


def sellers_by_row(context: Context, dimensions: tuple[Dimension, ...]) -> Mapping[tuple[Any, ...], set[int]]:
    """Ids of active sellers under the page's filters: by department (with those below it), without dimensions of all under ``()``."""
    filters, names = context.query.filters, context.directory
    people = {m for m in sellers(context) if context.rights.sees(m)}
    people = {m for m in people if not filters.of("manager") or str(m) in filters.of("manager")}
    if filters.of("department"):
        people &= {m for m in names.managers_of(filters.of("department")) if m is not None}
    if not dimensions:
        return {(): people}
    found: dict[tuple[Any, ...], set[int]] = {}
    for person in people:
        known = names.managers.get(person)
        for department in (known.within if known else ()) or (None,):
            found.setdefault((department,), set()).add(person)
    return found


def _number_of_sellers(context: Context, dimensions: tuple[Dimension, ...]) -> Mapping[tuple[Any, ...], int]:
    return {key: len(people) for key, people in sellers_by_row(context, dimensions).items()}


SELLERS = Given(
    "sellers",
    Text("Активных продавцов", "Active sellers"),
    Text(
        "Не уволены и сделали в периоде хотя бы одно дело или вели к его концу открытую сделку.",
        "Not dismissed, with an activity done in the period or a deal open at its end.",
    ),
    _number_of_sellers,
    unit=Unit.COUNT,
    makes_rows=False,
    people=sellers_by_row,
)
POINTS_PER_SELLER = Ratio(
    "points_per_seller",
    ACTIVITY_POINTS,
    SELLERS,
    Text("Баллов на продавца", "Points per seller"),
    Text(
        "Баллы активности / число активных продавцов. Так отделы разного размера можно сравнить.",
        "Activity points / number of active sellers, so that departments of different sizes compare.",
    ),
    unit=Unit.POINTS,
)


def about_the_yardstick(context: Context) -> list[Note]:
    """The note under the index: the points of index 100, or why there is none. Somebody of limited rights is not told how many others there are."""
    people, least = sellers(context), least_sellers(context)
    limited = context.rights.is_limited
    if len(people) < least:
        if limited:
            return [
                Note(
                    Text(
                        f"Индекса нет: активных продавцов меньше {least}, и медиана выдала бы чужие цифры.",
                        f"There is no index: with fewer than {least} active sellers the median would tell other people's figures.",
                    )
                )
            ]
        return [
            Note(
                Text(
                    f"Индекса нет: активных продавцов {len(people)}, а сравнивать можно хотя бы троих.",
                    f"There is no index: {len(people)} active sellers, and it takes three to compare.",
                )
            )
        ]
    yardstick = _yardstick(list(people.values()), least)
    if yardstick is None:
        return [
            Note(
                Text(
                    "Индекса нет: у половины активных продавцов нет ни одного дела за период.",
                    "There is no index: half of the active sellers did nothing in the period.",
                )
            )
        ]
    shown = f"{yardstick:.1f}".removesuffix(".0")
    of = Text("", "") if limited else Text(f", их {len(people)}", f"{len(people)} ")
    return [
        Note(
            Text(
                f"Индекс 100 – это {shown.replace('.', ',')} балла: медиана активных продавцов{of.ru}. Фильтры отдела и менеджера её не сдвигают.",
                f"Index 100 is {shown} points: the median of {of.en}active sellers. Filters by department or manager do not move it.",
            )
        )
    ]


WEEKDAYS = (
    ("1", Text("Пн", "Mon")),
    ("2", Text("Вт", "Tue")),
    ("3", Text("Ср", "Wed")),
    ("4", Text("Чт", "Thu")),
    ("5", Text("Пт", "Fri")),
    ("6", Text("Сб", "Sat")),
    ("7", Text("Вс", "Sun")),
)
WEEKDAY = Dimension("weekday", "CAST(weekday AS VARCHAR)", Text("День недели", "Weekday"), values=WEEKDAYS)
HOUR = Dimension(
    "hour",
    "CAST(hour AS VARCHAR)",
    Text("Час", "Hour"),
    values=tuple((str(h), Text(f"{h}:00", f"{h}:00")) for h in range(24)),
)

ACTIVITY_CALENDAR = Matrix(
    "activity_calendar",
    Text("Когда работают", "When people work"),
    Text(
        "Выполненные дела периода по дням недели и часам начала, в часовом поясе портала.",
        "Activities done in the period by weekday and hour of their start, in the portal's time zone.",
    ),
    figures=(ACTIVITIES_DONE,),
    dimensions=(WEEKDAY, HOUR),
)
ACTIVITIES_LIST = RecordList(
    "activities",
    Text("Список дел", "Activities"),
    Text(
        "Дела, выполненные в периоде, с фильтрами страницы. Ссылка ведёт в карточку, к которой дело относится.",
        "Activities done in the period, under the page's filters. The link leads to the card they belong to.",
    ),
    fact="activities",
    where=f"{DONE} AND {COUNTED}",
    columns=("points",),
)
