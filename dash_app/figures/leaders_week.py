"""План-факт руководителей: what heads of departments promised for each week and what came of it, beside what their departments did (metrics.md section 9).

A row is a head in a department in an ISO week. What a head promised is kept by week in the fact ``commitments``; figures of the department are those
of other reports, asked of the row's own week: of its end, of its days, of its month up to its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from dash_app.engine import units
from dash_app.engine.aggregate import Values, blank_of, evaluate
from dash_app.engine.answer import Numbers, columns_of, filler, key_columns, log_reaches, notes_of, todays
from dash_app.engine.blocks import Block, Cards, RecordList, Table
from dash_app.engine.context import Context
from dash_app.engine.language import Dimension, Good, Measure, Ratio, Unit, measures_of
from dash_app.engine.memo import kept_for
from dash_app.engine.page_plan import NO_PAGE
from dash_app.engine.periods import ALL_START, span_of, to_local
from dash_app.engine.query import Period
from dash_app.engine.result import Column, Note, Row, TableResult
from dash_app.errors import BadInput
from dash_app.figures import common as c
from dash_app.figures.forgotten import DEAL_DAYS, DEALS_FORGOTTEN, LEAD_DAYS, LEADS_FORGOTTEN
from dash_app.figures.overdue_activities import OVERDUE
from dash_app.figures.plan_figures import ATTAINMENT
from dash_app.figures.plan_rows import rows_of
from dash_app.figures.team_performance import EXECUTION
from dash_app.store.kinds import LeaderNote
from dash_app.text import Text

MOST_WEEKS = 60
"""Rows of more weeks are not made: each asks the data as it stood at its end."""

OWN: Final = "commitments"
OF_DEPARTMENTS: Final = ("deals", "leads", "activities", "tasks")
DEPARTMENT = replace(c.DEPARTMENT, facts=OF_DEPARTMENTS)
HEAD = Dimension("manager_id", "manager_id", Text("Руководитель", "Head"), "managers", facts=(OWN,))
WEEK = Dimension("week", "week", Text("Неделя", "Week"), "weeks", facts=(OWN,))

_SAID: Mapping[str, tuple[Text, Text, Good]] = {
    "promised": (
        Text("Обещано", "Promised"),
        Text(
            "Открыто к началу недели, срок – на этой неделе. Сроки – какими они были к её началу, если журнал изменений их знает.",
            "Open at the week's start with a deadline in the week. Deadlines are those of its start where the change log knows them.",
        ),
        0,
    ),
    "added": (
        Text("Добавлено", "Added"),
        Text("Создано за неделю со сроком на этой же неделе.", "Created in the week with a deadline in it."),
        0,
    ),
    "done": (
        Text("Сделано", "Done"),
        Text(
            "Из обещанного и добавленного – завершено за неделю.",
            "Of what was promised and added, finished in the week.",
        ),
        1,
    ),
    "on_time": (
        Text("В срок", "On time"),
        Text("Из сделанного – не позже крайнего срока.", "Of what was done, at or before the deadline."),
        1,
    ),
    "slipped": (
        Text("Сорвано", "Slipped"),
        Text(
            "Из обещанного и добавленного – не завершено к концу недели или срок перенесён за неё. У идущей недели – только перенесённое.",
            "Of what was promised and added, not finished by the week's end, or the deadline moved beyond it. Of a running week only what was moved.",
        ),
        -1,
    ),
}


def _own(prefix: str, where: str, ru: str, en: str) -> tuple[Measure, ...]:
    return tuple(
        Measure(
            f"{prefix}{name}",
            OWN,
            f"{name}{where}",
            Text(label.ru + ru, label.en + en),
            said,
            good=good,
            says="events",
            beyond=("department_id",),
        )
        for name, (label, said, good) in _SAID.items()
    )


TOGETHER = _own("", "", "", "")
TASKS = _own("tasks_", " AND kind = 'task'", ": задачи", ": tasks")
ACTIVITIES = _own("activities_", " AND kind = 'activity'", ": дела", ": activities")
OWN_FIGURES = (*TOGETHER, *TASKS, *ACTIVITIES)
FORGOTTEN_DEALS = replace(DEALS_FORGOTTEN, id="forgotten_deals")
FORGOTTEN_LEADS = replace(LEADS_FORGOTTEN, id="forgotten_leads")
AT_THE_END = (OVERDUE, FORGOTTEN_DEALS, FORGOTTEN_LEADS)
OF_DEPARTMENT = (EXECUTION, ATTAINMENT, *AT_THE_END)
OPTIONS = (DEAL_DAYS, LEAD_DAYS)

# -- weeks, and the questions they ask -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Week:
    """An ISO week by its Monday."""

    monday: date

    @property
    def id(self) -> str:
        """``2026-W06``."""
        year, week, _ = self.monday.isocalendar()
        return f"{year}-W{week:02d}"

    @property
    def period(self) -> Period:
        """Its days."""
        return Period(self.monday, self.monday + timedelta(days=6))

    @property
    def before(self) -> Week:
        """The week before."""
        return Week(self.monday - timedelta(days=7))

    @property
    def month(self) -> Period:
        """From the first day of the month in which it ends to its end."""
        last = self.period.end
        return Period(last.replace(day=1), last)


def week_of(text: str) -> Week:
    """The week a row names; BadInput for none."""
    found = units.named(text) if "W" in text else None
    if found is None:
        raise BadInput(Text(f"Недели «{text[:40]}» нет.", f"There is no week “{text[:40]}”."))
    return Week(found.start)


def weeks_of(context: Context) -> list[Week]:
    """Whole ISO weeks that overlap the period and have begun by as-of, the earliest first; the last ones where they are too many."""
    period = context.span.period
    last = min(period.end, to_local(context.directory.as_of, context.zone).date())
    first = max(period.start, last - timedelta(days=7 * MOST_WEEKS))
    monday = first - timedelta(days=first.weekday())
    found = []
    while monday <= last:
        found.append(Week(monday))
        monday += timedelta(days=7)
    return found[-MOST_WEEKS:]


def _asked(context: Context, period: Period) -> Context:
    """The page's question of other days. Filters by person and department choose rows: the row itself says whose records they are."""
    filters = context.query.filters.without("department", "manager")
    query = replace(context.query, period=period, compare=None, filters=filters)
    return replace(context, query=query, span=span_of(period, context.zone), page=NO_PAGE)


def _at_end(context: Context, week: Week) -> Context:
    """The same as of the week's end, over all of time; of a running week as of as-of."""
    asked = _asked(context, Period(ALL_START, week.period.end))
    instant: datetime = min(asked.span.end, context.directory.as_of)
    path = context.present if instant >= context.directory.as_of else context.source.facts_as_of(instant)
    directory = replace(context.directory, as_of=instant)
    return replace(asked, directory=directory, facts_path=path, present=path, as_of=instant)


def question(context: Context, measure: Measure | None, row: Mapping[str, str], of_base: bool) -> Context:
    """The question by which a number of a row is asked."""
    week = week_of(row.get("week", ""))
    if of_base:
        week = week.before
    if measure in AT_THE_END:
        return _at_end(context, week)
    return _asked(context, week.month if measure in measures_of((ATTAINMENT,)) else week.period)


# -- rows ------------------------------------------------------------------------------------------------------------------


def _of_departments(context: Context, week: Week) -> dict[int | None, Values]:
    """Department -> its figures of a week."""
    key = ("leaders", context.facts_path, context.rights.fingerprint, replace(context.query, compare=None), week)
    return kept_for(key, context.typed, partial(_count, context, week))


def _count(context: Context, week: Week) -> dict[int | None, Values]:
    found: dict[int | None, Values] = {}
    for asked, measures in (
        (_at_end(context, week), AT_THE_END),
        (_asked(context, week.period), measures_of((EXECUTION,))),
    ):
        for (department,), values in evaluate(asked, measures, (c.DEPARTMENT,)).items():
            found.setdefault(department, {}).update(values)
    planned = rows_of(replace(_asked(context, week.month), is_base=True))  # without a forecast
    for department, group in planned.departments.items():
        values = {name: group.values[name] for name in ("fact_amount", "plan_amount")}
        found.setdefault(department, {}).update(values)
    return found


def _heads(context: Context) -> list[tuple[int, int]]:
    """(department, head) under the page's filters and rights, in the order of the company."""
    names = context.directory
    departments, managers = context.query.filters.of("department"), context.query.filters.of("manager")
    found = []
    for department in names.department_tree():
        head = names.departments[department].head_id
        if head is None or head not in names.managers:
            continue
        if departments and not names.is_within(department, departments):
            continue
        if managers and str(head) not in managers:
            continue
        found.append((department, head))
    return found


def _notes(context: Context) -> dict[str, LeaderNote]:
    typed = context.typed.of("leader_note")
    return {key: entry.value for key, entry in typed.items() if isinstance(entry.value, LeaderNote)}


def leaders(context: Context, block: Block) -> TableResult:
    """A row a head, department and week, the latest week first; with the week before."""
    weeks, heads, names = weeks_of(context), _heads(context), context.directory
    where = f"week_start BETWEEN DATE '{weeks[0].monday}' AND DATE '{weeks[-1].monday}'" if weeks else "false"
    own = evaluate(_asked(context, context.span.period), OWN_FIGURES, (HEAD, WEEK), where)
    add_own, add = filler(OWN_FIGURES, context, None), filler(OF_DEPARTMENT, context, context)
    nothing_own = blank_of(context, OWN_FIGURES)
    nothing: Values = {**blank_of(context, measures_of(OF_DEPARTMENT)), "plan_amount": None}
    notes = _notes(context)
    rows: list[Row] = []
    for week in reversed(weeks):
        now, before = _of_departments(context, week), _of_departments(context, week.before)
        for department, head in heads:
            row: Row = {
                "week": week.id,
                "department_id": str(department),
                "department": names.department(department).of(context.lang),
                "manager_id": str(head),
                "manager": names.manager(head).of(context.lang),
            }
            add_own(row, Numbers(own.get((head, week.id), nothing_own)))
            add(row, Numbers(nothing | now.get(department, {}), nothing | before.get(department, {})))
            note = notes.get(f"{department}:{head}:{week.id}")
            row["note"] = note.text if note else None
            row["note_author"] = note.author if note else None
            row["note_at"] = note.written_at.astimezone(context.zone) if note and note.written_at else None
            rows.append(row)
    columns = [
        # one week is in the title of the page
        *(replace(x, hidden=x.hidden or (x.id == WEEK.id and len(weeks) == 1)) for x in key_columns(block.dimensions)),
        *columns_of(OWN_FIGURES, compared=False),
        *(
            # the page has room for the week before only where a comparison is asked for
            replace(x, hidden=x.hidden or (x.role in ("base", "delta", "delta_pct") and context.query.compare is None))
            for x in columns_of(OF_DEPARTMENT, compared=True)
        ),
        Column("note", Text("Разбор", "Note"), Unit.TEXT),
        Column("note_author", Text("Кто написал", "Written by"), Unit.TEXT, "flag"),
        Column("note_at", Text("Когда написал", "Written at"), Unit.DATE, "flag"),
    ]
    return TableResult(block.id, columns, rows, notes=[*notes_of(context, block), *_remarks(context, weeks)])


def _remarks(context: Context, weeks: list[Week]) -> list[Note]:
    found = []
    if weeks and span_of(weeks[-1].period, context.zone).end > context.directory.as_of:
        found.append(
            Note(
                Text(
                    "Последняя неделя ещё идёт: её состояние – на момент данных, несделанное ещё не сорвано.",
                    "The last week is still running: its state is that of the data, what is not done has not slipped yet.",
                )
            )
        )
    if weeks:
        week = weeks[0].before
        end = span_of(week.period, context.zone).end
        if end < context.directory.as_of and not log_reaches(context, end):
            day = week.period.end
            found.append(Note(todays(Text(f"{day:%d.%m.%Y}", f"{day}"))))
    return found


LEADERS = Table(
    "leaders",
    Text("Руководители по неделям", "Heads by week"),
    Text(
        "Что руководитель обещал на неделю и сделал, и чем неделя кончилась для его отдела со всеми вложенными; рядом – неделя до неё.",
        "What a head promised for the week and did, and how the week ended for the department with all below it; the week before stands beside.",
    ),
    figures=(*OWN_FIGURES, *OF_DEPARTMENT),
    dimensions=(HEAD, DEPARTMENT, WEEK),
    compute=leaders,
    question=question,
    groups=(
        (Text("Сам руководитель", "The head"), tuple(m.id for m in OWN_FIGURES)),
        (Text("Отдел", "The department"), tuple(f.id for f in OF_DEPARTMENT)),
        (Text("Разбор", "Review"), ("note",)),
    ),
    folded=("added", "on_time", *(m.id for m in (*TASKS, *ACTIVITIES))),
    actions=("note",),
    wide=True,
)
IN_WEEKS = "week_start > $first_day::DATE - 7 AND week_start <= $last_day::DATE"


def _of_all(name: str, where: str, ru: str, en: str, said: Text, good: Good) -> Measure:
    return Measure(name, OWN, f"{IN_WEEKS}{where}", Text(ru, en), said, good=good, says="events")


ALL_DUE = _of_all(
    "heads_due",
    "",
    "На неделях периода",
    "Due in the weeks",
    Text(
        "Обещано руководителями и добавлено на недели периода.",
        "Promised by heads and added for the weeks of the period.",
    ),
    0,
)
ALL_DONE = _of_all("heads_done", " AND done", "Сделано руководителями", "Done by heads", _SAID["done"][1], 1)
ALL_SLIPPED = _of_all(
    "heads_slipped", " AND slipped", "Сорвано руководителями", "Slipped by heads", _SAID["slipped"][1], -1
)
DONE_SHARE = Ratio(
    "heads_done_share",
    ALL_DONE,
    ALL_DUE,
    Text("Доля сделанного", "Share done"),
    Text("Сделано за неделю / обещано и добавлено.", "Done in the week / promised and added."),
)
SUMMARY = Cards(
    "summary",
    Text("Главное", "Summary"),
    Text(
        "Что из обещанного всеми руководителями на недели периода сделано.",
        "How much of what all heads promised for the weeks of the period is done.",
    ),
    figures=(DONE_SHARE, ALL_DUE, ALL_DONE, ALL_SLIPPED),
    columns=("outcome", "item", "manager", "week", "deadline", "finished"),
)
ITEMS = RecordList(
    "items",
    Text("Обещанное руководителями", "What heads promised"),
    Text(
        "Задачи и дела руководителей со сроком на неделях периода, и что с ними стало.",
        "Tasks and activities of heads with a deadline in the weeks of the period, and what became of them.",
    ),
    fact=OWN,
    where=IN_WEEKS,
    columns=("outcome", "item", "manager", "week", "deadline", "finished"),
    sort=(("week", "desc"), ("deadline", "asc")),
)

BLOCKS = (SUMMARY, LEADERS, ITEMS)
