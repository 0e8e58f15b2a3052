"""Производительность команды: tasks started and finished when they should be (metrics.md section 5)."""

from __future__ import annotations

from dash_app.engine.blocks import Bars, Block, Cards, RecordList, Series, Table
from dash_app.engine.context import Context
from dash_app.engine.language import Dimension, LeftOut, Measure, Option, Product, Ratio
from dash_app.engine.periods import to_local
from dash_app.engine.result import Note
from dash_app.figures import common as c
from dash_app.text import Text

TARGET = 0.64
"""0.8 × 0.8: four tasks of five begun in time, four of five finished in time."""

SELF_TASKS = Option(
    "self_tasks",
    Text("Задачи себе", "Tasks for oneself"),
    {"include": Text("Все задачи", "All tasks"), "exclude": Text("без задач себе", "without those for oneself")},
    default="include",
)
START_WITHOUT_PLAN = Option(
    "start_without_plan",
    Text("Без планового начала", "Without a planned start"),
    {
        "exclude": Text("Без плана начала: не считать", "No planned start: leave out"),
        "as_on_time": Text("вовремя", "on time"),
        "by_deadline": Text("по сроку", "by the deadline"),
    },
    default="exclude",
)
DEADLINE_BASIS = Option(
    "deadline_basis",
    Text("Крайний срок", "Deadline"),
    {"current": Text("Срок: нынешний", "Deadline: present"), "original": Text("первоначальный", "original")},
    default="current",
)

OF_OTHERS = "($self_tasks <> 'exclude' OR created_by_id IS DISTINCT FROM manager_id)"


def counted(where: str) -> str:
    """The tasks of a predicate that count by the option ``self_tasks``."""
    return f"{where} AND {OF_OTHERS}"


DUE = "CASE WHEN $deadline_basis = 'original' THEN deadline_original ELSE deadline END"
DUE_ON = "CASE WHEN $deadline_basis = 'original' THEN deadline_original_on ELSE deadline_on END"
FINISH_BASE = f"({DUE}) >= $start AND ({DUE}) < $end AND ({DUE}) < $as_of"
START_BASE = (
    "((planned_start >= $start AND planned_start < $end AND planned_start < $as_of) "
    f"OR ($start_without_plan <> 'exclude' AND planned_start IS NULL AND {FINISH_BASE}))"
)
"""Without a planned start a task can only be placed by its deadline."""
STARTED_ON_TIME = (
    f"{START_BASE} AND CASE WHEN planned_start IS NOT NULL THEN began_at <= start_until "
    f"WHEN $start_without_plan = 'as_on_time' THEN true ELSE began_at < ({DUE}) END"
)
FINISHED_ON_TIME = f"{FINISH_BASE} AND finished_at <= ({DUE})"
COMPLETED_IN = "finished_at >= $start AND finished_at < $end"
OPEN = "finished_at IS NULL AND status IS DISTINCT FROM 5"
OF_PERIOD = f"({c.CREATED}) OR ({COMPLETED_IN}) OR {START_BASE} OR ({FINISH_BASE})"

_BY_DUE, _BY_START = DUE_ON, f"coalesce(planned_start_on, {DUE_ON})"

START_DUE = Measure(
    "due_to_start",
    "tasks",
    counted(START_BASE),
    Text("Пора было начать", "Due to start"),
    Text(
        "Задачи, плановое начало которых – в периоде и уже прошло. С настройкой «Без плана начала» сюда входят и задачи без планового начала: по крайнему сроку.",
        "Tasks whose planned start lies in the period and has passed. The option “No planned start” brings in those without one, by their deadline.",
    ),
    moment="planned_start",
    day=_BY_START,
)
STARTED = Measure(
    "started_on_time",
    "tasks",
    counted(STARTED_ON_TIME),
    Text("Начаты вовремя", "Started on time"),
    Text(
        "Начаты не позже планового начала; если в плане только дата – до конца этого дня. Завершённая без нажатия «Начать» начата, когда завершена. Не начатая – с опозданием.",
        "Started no later than planned; where the plan is a date without a time, by the end of that day. One finished without “Start” began when it finished. One not started is late.",
    ),
    moment="planned_start",
    day=_BY_START,
    good=1,
)
FINISH_DUE = Measure(
    "due_to_finish",
    "tasks",
    counted(FINISH_BASE),
    Text("Пора было завершить", "Due to finish"),
    Text(
        "Задачи, крайний срок которых – в периоде и уже прошёл. Отложенные тоже.",
        "Tasks whose deadline lies in the period and has passed, deferred ones too.",
    ),
    moment="deadline",
    day=_BY_DUE,
)
FINISHED = Measure(
    "finished_on_time",
    "tasks",
    counted(FINISHED_ON_TIME),
    Text("Завершены в срок", "Finished on time"),
    Text(
        "Завершены или сданы на контроль не позже крайнего срока. Не завершённая – с опозданием.",
        "Completed or handed in for control no later than the deadline. One not finished is late.",
    ),
    moment="deadline",
    day=_BY_DUE,
    good=1,
)
START_ON_TIME = Ratio(
    "start_on_time",
    STARTED,
    START_DUE,
    Text("Начало вовремя", "Start on time"),
    Text("Начаты вовремя / пора было начать.", "Started on time / due to start."),
)
FINISH_ON_TIME = Ratio(
    "finish_on_time",
    FINISHED,
    FINISH_DUE,
    Text("Завершение в срок", "Finish on time"),
    Text("Завершены в срок / пора было завершить.", "Finished on time / due to finish."),
)
EXECUTION = Product(
    "execution",
    (START_ON_TIME, FINISH_ON_TIME),
    Text("Исполнение", "Execution"),
    Text(
        "Начало вовремя × завершение в срок. Цель – 64 %: четыре из пяти начаты вовремя и четыре из пяти завершены в срок. "
        "Если начинать или завершать было нечего, коэффициента нет.",
        "Start on time × finish on time. The target is 64 %: four of five started and four of five finished on time. "
        "Unknown where there was nothing to start or nothing to finish.",
    ),
    target=TARGET,
)

SET = Measure(
    "set",
    "tasks",
    counted(c.CREATED),
    Text("Поставлено", "Set"),
    Text("Задачи, созданные в периоде.", "Tasks created in the period."),
    moment="created",
)
COMPLETED = Measure(
    "completed",
    "tasks",
    counted(COMPLETED_IN),
    Text("Завершено", "Completed"),
    Text(
        "Завершены или сданы на контроль в периоде, когда бы ни поставлены.",
        "Completed or handed in for control in the period, whenever set.",
    ),
    moment="finished",
    good=1,
)
COMPLETED_ON_TIME = Measure(
    "completed_on_time",
    "tasks",
    counted(f"{COMPLETED_IN} AND finished_at <= ({DUE})"),
    Text("Завершено в срок", "Completed on time"),
    Text(
        "Завершены в периоде не позже крайнего срока. Задачи без срока – ни в срок, ни с опозданием.",
        "Completed in the period by the deadline. Tasks without one are neither on time nor late.",
    ),
    moment="finished",
    good=1,
)
COMPLETED_LATE = Measure(
    "completed_late",
    "tasks",
    counted(f"{COMPLETED_IN} AND finished_at > ({DUE})"),
    Text("Завершено с опозданием", "Completed late"),
    Text("Завершены в периоде позже крайнего срока.", "Completed in the period after the deadline."),
    moment="finished",
    good=-1,
)
OVERDUE = Measure(
    "overdue",
    "tasks",
    counted(f"{OPEN} AND ({DUE}) < $as_of"),
    Text("Просрочено", "Overdue"),
    Text(
        "Открытые задачи с прошедшим сроком – все на момент данных, какой бы ни был период. По отрезкам – те, чей срок в этом отрезке.",
        "Open tasks past their deadline, all at the moment of the data whatever the period. In a bucket, those whose deadline falls into it.",
    ),
    good=-1,
    day=DUE_ON,
)
NOT_STARTED = Measure(
    "not_started",
    "tasks",
    counted(f"{OPEN} AND status IN (1, 2)"),
    Text("Не начато", "Not started"),
    Text(
        "Ждут выполнения на момент данных. По отрезкам – поставленные в этом отрезке.",
        "Waiting at the moment of the data. In a bucket, those set in it.",
    ),
    day="created_on",
)
IN_PROGRESS = Measure(
    "in_progress",
    "tasks",
    counted(f"{OPEN} AND status = 3"),
    Text("Выполняется", "In progress"),
    Text(
        "В работе на момент данных. По отрезкам – поставленные в этом отрезке.",
        "In progress at the moment of the data. In a bucket, those set in it.",
    ),
    day="created_on",
)


def _seen(moments: str) -> str:
    """SQL: one of a task's moments lies in the period."""
    return f"len(list_filter({moments}, lambda x: x >= $start AND x < $end)) > 0"


DEADLINE_MOVED = Measure(
    "deadline_moved",
    "tasks",
    counted(_seen("deadline_moved_at")),
    Text("Срок переносили", "Deadline moved"),
    Text(
        "Задачи, чей срок перенесли в периоде. Первое назначение срока – не перенос. Момент переноса – обновление данных, которое его увидело.",
        "Tasks whose deadline moved in the period. Setting a first deadline is no move. The moment is that of the refresh which saw it.",
    ),
    moment="deadline",
    day=_BY_DUE,
    good=-1,
)
DEADLINE_MOVED_OVERDUE = Measure(
    "deadline_moved_overdue",
    "tasks",
    counted(_seen("deadline_moved_late_at")),
    Text("Из них – уже просроченными", "Of these, when already overdue"),
    Text(
        "Срок перенесли, когда он прошёл, а задача не была завершена.",
        "The deadline was moved after it had passed with the task unfinished.",
    ),
    moment="deadline",
    day=_BY_DUE,
    good=-1,
)

WITHOUT_DEADLINE = LeftOut(
    Measure(
        "set_without_deadline",
        "tasks",
        counted(f"{c.CREATED} AND ({DUE}) IS NULL"),
        Text("Без крайнего срока", "Without a deadline"),
        Text("Поставлены в периоде без крайнего срока.", "Set in the period without a deadline."),
        moment="created",
    ),
    Text(
        "Поставлено без крайнего срока: {n} из {all} ({share} %). В завершении в срок не участвуют.",
        "Set without a deadline: {n} of {all} ({share} %). Not in the finish on time.",
    ),
    SET,
)
WITHOUT_PLAN = LeftOut(
    Measure(
        "without_plan",
        "tasks",
        counted(f"{c.CREATED} AND planned_start IS NULL"),
        Text("Без планового начала", "Without a planned start"),
        Text("Поставлены в периоде без планового начала.", "Set in the period without a planned start."),
        moment="created",
    ),
    Text(
        "Поставлено без планового начала: {n} из {all} ({share} %). Как их считать, говорит настройка «Без плана начала».",
        "Set without a planned start: {n} of {all} ({share} %). The option “No planned start” says how they count.",
    ),
    SET,
)


def log_reaches(context: Context) -> list[Note]:
    """The note since which day moves of deadlines are known (metrics.md section 11)."""
    since = context.directory.log_since
    if since is None:
        return [
            Note(
                Text(
                    "Переносов сроков пока не видно: портал их не хранит, а журнал изменений ведётся со второго обновления данных.",
                    "No moved deadlines are known yet: the portal keeps none, and the change log begins with the second refresh.",
                )
            )
        ]
    day = to_local(since, context.zone)
    return [
        Note(
            Text(
                f"Переносы сроков известны с {day:%d.%m.%Y}: портал их не хранит, с этого дня их записывает журнал изменений.",
                f"Moved deadlines are known from {day:%Y-%m-%d} on: the portal keeps none, the change log does since that day.",
            )
        )
    ]


_SELF = (("self_tasks", "exclude", "created_by_id IS DISTINCT FROM manager_id"),)
_OPTIONS = ("self_tasks", "start_without_plan", "deadline_basis")
_COLUMNS = (
    EXECUTION,
    START_ON_TIME,
    FINISH_ON_TIME,
    SET,
    COMPLETED,
    COMPLETED_ON_TIME,
    COMPLETED_LATE,
    OVERDUE,
    NOT_STARTED,
    IN_PROGRESS,
)
_PROJECT = Dimension("project_id", "project_id", Text("Проект", "Project"), "workgroups")
_EMPLOYEE = Dimension("manager_id", "manager_id", Text("Сотрудник", "Employee"), "managers")
STATUSES = {
    "not_started": Text("Не начаты", "Not started"),
    "in_progress": Text("Выполняются", "In progress"),
    "awaiting_control": Text("Ждут контроля", "Awaiting control"),
    "completed": Text("Завершены", "Completed"),
    "deferred": Text("Отложены", "Deferred"),
    "declined": Text("Отклонены", "Declined"),
}
_STATUS = Dimension(
    "task_status",
    "CASE WHEN status IN (1, 2) THEN 'not_started' WHEN status = 3 THEN 'in_progress' WHEN status = 4 THEN 'awaiting_control' "
    "WHEN status = 5 THEN 'completed' WHEN status = 6 THEN 'deferred' WHEN status = 7 THEN 'declined' END",
    Text("Статус", "Status"),
    values=tuple(STATUSES.items()),
)

SUMMARY = Cards(
    "summary",
    Text("Главное", "Summary"),
    Text(
        "Исполнение – это начало вовремя × завершение в срок. «Эффективность» Битрикс24 – другое число: доля задач без замечаний среди всех, что были в работе, "
        "включая соисполнителей; плановое начало она не смотрит, а задача без просрочки в работе её повышает. Здесь считаются только задачи, "
        "которые в периоде пора было начать или завершить, и только ответственному.",
        "Execution is start on time × finish on time. The “Efficiency” of Bitrix24 is another number: the share of tasks without remarks among all in work, "
        "participants included; it does not look at planned starts, and any task in work that is not overdue raises it. Here only tasks that were due to start or to "
        "finish in the period count, and only for the person responsible.",
    ),
    figures=(*_COLUMNS, DEADLINE_MOVED, DEADLINE_MOVED_OVERDUE),
    headline=(
        "execution",
        "start_on_time",
        "finish_on_time",
        "overdue",
        "completed",
        "completed_late",
        "set",
        "deadline_moved",
    ),
    notes=(WITHOUT_PLAN, WITHOUT_DEADLINE),
    remarks=log_reaches,
    options=_OPTIONS,
)

DYNAMICS = Series(
    "dynamics",
    Text("Динамика", "Dynamics"),
    Text(
        "Начало – в отрезке планового начала, завершение в срок – в отрезке крайнего срока, поставленные и завершённые – в своих. Линия – цель 64 %.",
        "Starts stand in the bucket of the planned start, finishes in that of the deadline, set and completed ones in their own. The line is the target, 64 %.",
    ),
    figures=_COLUMNS,
    options=("grain", *_OPTIONS),
    finest="week",
)


def _table(block_id: str, title: Text, help_: Text, *dimensions: Dimension) -> Block:
    return Table(
        block_id,
        title,
        help_,
        figures=_COLUMNS,
        dimensions=dimensions,
        order=("execution", "-overdue"),
        totals=True,
        options=_OPTIONS,
    )


EMPLOYEES = _table(
    "employees",
    Text("Сотрудники", "Employees"),
    Text(
        "Задачи ответственного. Сначала те, у кого исполнение ниже.",
        "Tasks of the person responsible. The lowest execution first.",
    ),
    _EMPLOYEE,
)
DEPARTMENTS = _table(
    "departments",
    Text("Отделы", "Departments"),
    Text(
        "Отдел ответственного, вместе с отделами ниже. Задача человека из двух отделов – в обеих строках, в итоге – один раз.",
        "The responsible person's department with those below. A task of somebody in two departments stands in both rows and once in the total.",
    ),
    c.DEPARTMENT,
)
PROJECTS = _table(
    "projects",
    Text("Проекты", "Projects"),
    Text("Задачи по проектам и группам.", "Tasks by project and group."),
    _PROJECT,
)
DEPARTMENT_DYNAMICS = Series(
    "department_dynamics",
    Text("Исполнение по отделам во времени", "Execution by department over time"),
    Text(
        "Исполнение каждого отдела в каждом отрезке; насыщеннее – дальше от цели 64 %. Отдел – вместе с отделами ниже, поэтому строки не складываются.",
        "Execution of each department in each bucket; the stronger the colour, the further from the target of 64 %. A department includes those below, so rows do not add up.",
    ),
    figures=_COLUMNS,
    split=c.DEPARTMENT,
    split_top=0,
    options=("grain", *_OPTIONS),
    finest="week",
)
STATUS = Bars(
    "statuses",
    Text("Статусы", "Statuses"),
    Text(
        "Задачи периода – поставленные, завершённые, те, что пора было начать или завершить, – по статусу на момент данных.",
        "Tasks of the period – set, completed, due to start or to finish in it – by their status at the moment of the data.",
    ),
    dimensions=(_STATUS,),
    totals=True,
    options=_OPTIONS,
    figures=(
        Measure(
            "tasks",
            "tasks",
            counted(f"({OF_PERIOD})"),
            Text("Задачи", "Tasks"),
            Text(
                "Задачи периода в этом статусе. В сравнении – на конец базы.",
                "Tasks of the period in this status. A comparison takes its end.",
            ),
        ),
    ),
)
TASKS = RecordList(
    "tasks",
    Text("Список задач", "Tasks"),
    Text(
        "Задачи периода: поставленные, завершённые, те, что пора было начать или завершить. Сначала с самым большим опозданием.",
        "Tasks of the period: set, completed, due to start or to finish in it. The latest first.",
    ),
    fact="tasks",
    where=OF_PERIOD,
    when=_SELF,
    sort=(("late_days", "desc"),),
)

BLOCKS = (SUMMARY, DYNAMICS, EMPLOYEES, DEPARTMENT_DYNAMICS, DEPARTMENTS, PROJECTS, STATUS, TASKS)
