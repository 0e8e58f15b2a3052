"""Просроченные дела: open CRM activities past their deadline, incoming ones nobody took up, cards without a next step (metrics.md section 7)."""

from __future__ import annotations

from dash_app.engine.blocks import Bars, Cards, Matrix, RecordList, Table
from dash_app.engine.language import Dimension, Formula, LeftOut, Measure, Ratio, Unit
from dash_app.engine.lists import ACTIVITY_KINDS
from dash_app.figures import common as c
from dash_app.figures import overdue_weeks
from dash_app.text import Text

OPEN_ONES = f"NOT completed AND {c.CREATED}"
IS_OVERDUE = f"{OPEN_ONES} AND deadline < $as_of"
IS_UNPROCESSED = f"{OPEN_ONES} AND {overdue_weeks.INCOMING}"
_LATE_DAYS = "epoch($as_of - deadline) / 86400"
_WAITING_DAYS = "epoch($as_of - created_at) / 86400"

OPEN = Measure(
    "open",
    "activities",
    OPEN_ONES,
    Text("Открыто", "Open"),
    Text(
        "Все незавершённые дела, и без срока тоже. В сравнении – когда дела базы были такими же старыми.",
        "All activities not completed, those without a deadline too. A comparison takes those of the base when they were as old.",
    ),
    says="present",
)
OVERDUE = Measure(
    "overdue",
    "activities",
    IS_OVERDUE,
    Text("Просрочено", "Overdue"),
    Text(
        "Незавершённые дела, срок которых прошёл к моменту данных. Дело без срока просроченным не бывает.",
        "Activities not completed whose deadline had passed at the moment of the data. One without a deadline is never overdue.",
    ),
    good=-1,
    says="present",
)
OVERDUE_TODAY = Measure(
    "overdue_today",
    "activities",
    f"{IS_OVERDUE} AND deadline >= $today_start",
    Text("Из них со сроком сегодня", "Of these, due today"),
    Text(
        "Просрочены, но срок – сегодня. Доска Битрикс24 считает такие отдельно от просроченных.",
        "Overdue with a deadline of today. Bitrix24's own board counts these apart from the overdue.",
    ),
    good=-1,
    says="present",
)
OVERDUE_SHARE = Ratio(
    "overdue_share",
    OVERDUE,
    OPEN,
    Text("Доля просроченных", "Share overdue"),
    Text("Просрочено / открыто.", "Overdue / open."),
    good=-1,
)
OVERDUE_DAYS = Measure(
    "overdue_days_median",
    "activities",
    IS_OVERDUE,
    Text("Дней просрочки, медиана", "Days overdue, median"),
    Text(
        "От срока до момента данных: половина просрочена дольше, половина меньше.",
        "From the deadline to the moment of the data: half are overdue longer, half shorter.",
    ),
    agg="median",
    of=_LATE_DAYS,
    unit=Unit.DAYS,
    good=-1,
    says="present",
)
OLDEST = Measure(
    "oldest_days",
    "activities",
    IS_OVERDUE,
    Text("Самое давнее, дней", "Oldest, days"),
    Text("Самая долгая просрочка.", "The longest time overdue."),
    agg="max",
    of=_LATE_DAYS,
    unit=Unit.DAYS,
    good=-1,
    says="present",
)
UNPROCESSED = Measure(
    "incoming_unprocessed",
    "activities",
    IS_UNPROCESSED,
    Text("Входящие без обработки", "Incoming not taken up"),
    Text(
        "Незавершённые входящие звонки, письма, сообщения и формы. Срока у них на портале нет, поэтому возраст – от создания.",
        "Incoming calls, e-mails, messages and forms not completed. The portal gives them no deadline, so their age counts from creation.",
    ),
    good=-1,
    says="present",
)
UNPROCESSED_OVER_DAY = Measure(
    "incoming_over_day",
    "activities",
    f"{IS_UNPROCESSED} AND {_WAITING_DAYS} >= 1",
    Text("Входящие ждут больше суток", "Incoming waiting over a day"),
    Text(
        "Незавершённые входящие, созданные за 24 часа до момента данных и раньше.",
        "Incoming ones not completed that were created 24 hours before the moment of the data or earlier.",
    ),
    good=-1,
    says="present",
)
_HAS_OVERDUE = (
    f"{c.IN_WORK} AND {c.CREATED} AND (id, manager_id) IN (SELECT (owner_id, manager_id) FROM activities "
    "WHERE owner_type = 'deal' AND manager_id IS NOT NULL AND NOT completed AND deadline < $as_of)"
)
OVERDUE_DEALS = Measure(
    "overdue_deals",
    "deals",
    _HAS_OVERDUE,
    Text("Сделки с просроченными делами", "Deals with overdue activities"),
    Text(
        "Сделки в работе, у ответственного за которые есть по ним просроченное дело.",
        "Deals in work of which the person responsible has an activity overdue.",
    ),
    good=-1,
    says="present",
)
OVERDUE_DEALS_AMOUNT = Measure(
    "overdue_deals_amount",
    "deals",
    _HAS_OVERDUE,
    Text("Сумма сделок с просроченными делами", "Amount of deals with overdue activities"),
    Text("Сумма тех же сделок в базовой валюте.", "Amount of the same deals, base currency."),
    agg="sum",
    of="amount",
    unit=Unit.MONEY,
    good=-1,
    says="present",
)
_LATE_CLOSE = f"{c.IN_WORK} AND {c.CREATED} AND planned_close_on < $today"
CLOSE_DATE_PASSED = Measure(
    "close_date_passed",
    "deals",
    _LATE_CLOSE,
    Text("Плановая дата закрытия прошла", "Planned close has passed"),
    Text(
        "Сделки в работе, плановая дата закрытия которых раньше дня данных.",
        "Deals in work whose planned close date lies before the day of the data.",
    ),
    good=-1,
    says="present",
)
CLOSE_DATE_PASSED_AMOUNT = Measure(
    "close_date_passed_amount",
    "deals",
    _LATE_CLOSE,
    Text("Сумма с прошедшей датой закрытия", "Amount past its planned close"),
    Text("Сумма тех же сделок в базовой валюте.", "Amount of the same deals, base currency."),
    agg="sum",
    of="amount",
    unit=Unit.MONEY,
    good=-1,
    says="present",
)
ON_CLOSED = Measure(
    "on_closed_cards",
    "activities",
    f"{OPEN_ONES} AND owner_status IN ('won', 'lost')",
    Text("На закрытых карточках", "On closed cards"),
    Text(
        "Открытые дела выигранных и проигранных сделок и лидов: их можно закрыть.",
        "Open activities of deals and leads won or lost: they can be closed.",
    ),
    good=-1,
    says="present",
)
_ALONE = f"{c.IN_WORK} AND open_activities = 0 AND {c.CREATED}"
_ALONE_HELP = Text("В работе, и ни одного открытого дела.", "In work without any open activity.")
NO_STEP_DEALS = Measure(
    "no_next_step_deals",
    "deals",
    _ALONE,
    Text("Сделки без следующего шага", "Deals without a next step"),
    _ALONE_HELP,
    good=-1,
    says="present",
)
NO_STEP_LEADS = Measure(
    "no_next_step_leads",
    "leads",
    _ALONE,
    Text("Лиды без следующего шага", "Leads without a next step"),
    _ALONE_HELP,
    good=-1,
    says="present",
)
NO_STEP = Formula(
    "no_next_step",
    (NO_STEP_DEALS, NO_STEP_LEADS),
    lambda v: v["no_next_step_deals"] + v["no_next_step_leads"],
    Text("Без следующего шага", "Without a next step"),
    Text(
        "Сделки и лиды менеджера в работе, у которых нет ни одного открытого дела.",
        "The manager's deals and leads in work that have no open activity at all.",
    ),
    Text(
        "сделки без открытых дел + лиды без открытых дел",
        "deals without open activities + leads without open activities",
    ),
    unit=Unit.COUNT,
    good=-1,
    adds=True,
)
NO_DEADLINE = LeftOut(
    Measure(
        "without_deadline",
        "activities",
        f"{OPEN_ONES} AND deadline IS NULL",
        Text("Без срока", "Without a deadline"),
        Text("Открытые дела без срока.", "Open activities without a deadline."),
        says="present",
    ),
    Text(
        "Открытых дел без срока: {n} из {all} ({share} %). Просроченными они не бывают.",
        "Open activities without a deadline: {n} of {all} ({share} %). They are never overdue.",
    ),
    OPEN,
)

_KINDS = (
    ("calls", ("call_out", "call_in"), Text("звонки", "calls")),
    ("meetings", ("meeting",), Text("встречи", "meetings")),
    ("todos", ("todo",), Text("дела", "to-dos")),
    ("tasks", ("task",), Text("задачи", "tasks")),
    ("emails", ("email_out", "email_in"), Text("письма", "e-mails")),
)
BY_KIND = tuple(
    Measure(
        f"overdue_{name}",
        "activities",
        f"{IS_OVERDUE} AND kind IN ({', '.join(repr(kind) for kind in (*kinds, '-'))})",
        Text(f"Просрочены {word.ru}", f"Overdue {word.en}"),
        Text(f"Из просроченных – {word.ru}.", f"Of the overdue, {word.en}."),
        good=-1,
        says="present",
    )
    for name, kinds, word in _KINDS
)

AGES = {
    "0-1": Text("до 1 дня", "up to 1 day"),
    "1-3": Text("1–3 дня", "1–3 days"),
    "3-7": Text("3–7 дней", "3–7 days"),
    "7-30": Text("7–30 дней", "7–30 days"),
    "30+": Text("больше 30 дней", "over 30 days"),
}
_LIMITS = (("0-1", 1), ("1-3", 3), ("3-7", 7), ("7-30", 30))


def _age(dimension_id: str, days: str, label: Text) -> Dimension:
    """Days cut into ``AGES``; a whole border belongs to the older group."""
    cases = " ".join(f"WHEN {days} < {limit} THEN '{name}'" for name, limit in _LIMITS)
    return Dimension(dimension_id, f"CASE {cases} ELSE '30+' END", label, values=tuple(AGES.items()))


LATE = _age("age", _LATE_DAYS, Text("Просрочено на", "Overdue by"))
WAITING = _age("age", _WAITING_DAYS, Text("Ждут ответа", "Waiting"))
KIND = Dimension("kind", "kind", Text("Вид", "Kind"), values=tuple(ACTIVITY_KINDS.items()))
RESPONSIBLE = Dimension("manager_id", "manager_id", Text("Ответственный", "Responsible"), "managers")

_FIRST = ("late_days", "deadline", "title", "kind", "manager", "owner", "owner_title")
_OLDEST_FIRST = (("late_days", "desc"), ("created", "asc"))
_ROW = (OVERDUE, OVERDUE_TODAY, OVERDUE_SHARE, OPEN, OVERDUE_DAYS, OLDEST, UNPROCESSED, ON_CLOSED, NO_STEP)

SUMMARY = Cards(
    "summary",
    Text("Главное", "Summary"),
    Text(
        "Дела CRM, которые не завершены, – на момент данных. Период по умолчанию выключен; если выбрать его, останутся дела, созданные в нём.",
        "CRM activities not completed, at the moment of the data. No period by default; one that is chosen keeps those created in it.",
    ),
    figures=(
        OVERDUE,
        OVERDUE_SHARE,
        OVERDUE_DAYS,
        OLDEST,
        UNPROCESSED,
        NO_STEP,
        OVERDUE_TODAY,
        ON_CLOSED,
        OPEN,
        NO_STEP_DEALS,
        NO_STEP_LEADS,
        UNPROCESSED_OVER_DAY,
        OVERDUE_DEALS,
        OVERDUE_DEALS_AMOUNT,
        CLOSE_DATE_PASSED,
        CLOSE_DATE_PASSED_AMOUNT,
    ),
    headline=(
        "overdue",
        "overdue_share",
        "overdue_days_median",
        "oldest_days",
        "incoming_unprocessed",
        "no_next_step",
        "on_closed_cards",
    ),
    notes=(NO_DEADLINE,),
    sort=_OLDEST_FIRST,
)
BY_AGE = Bars(
    "ages",
    Text("На сколько просрочены", "How long overdue"),
    Text("Просроченные дела по давности срока.", "Overdue activities by how long ago they were due."),
    figures=(OVERDUE,),
    dimensions=(LATE,),
    where=IS_OVERDUE,
    totals=True,
    sort=_OLDEST_FIRST,
)
INCOMING = Bars(
    "incoming",
    Text("Входящие: сколько ждут", "Incoming: how long they wait"),
    Text("Незавершённые входящие по времени от создания.", "Incoming ones not completed by the time since creation."),
    figures=(UNPROCESSED,),
    dimensions=(WAITING,),
    where=IS_UNPROCESSED,
    totals=True,
)
MANAGERS = Table(
    "managers",
    Text("У кого", "By person"),
    Text(
        "По ответственному за дело; «без следующего шага» – по ответственному за карточку.",
        "By the person responsible for the activity; “without a next step” by that of the card.",
    ),
    figures=(*_ROW, *BY_KIND),
    dimensions=(RESPONSIBLE,),
    order=("-overdue", "-incoming_unprocessed"),
    totals=True,
    sort=_OLDEST_FIRST,
    folded=tuple(m.id for m in BY_KIND),
)
DEPARTMENTS = Table(
    "departments",
    Text("По отделам", "By department"),
    Text("Отдел ответственного вместе с отделами ниже.", "The responsible person's department with those below."),
    figures=_ROW,
    dimensions=(c.DEPARTMENT,),
    order=("-overdue",),
    totals=True,
    sort=_OLDEST_FIRST,
)
KIND_TABLE = Table(
    "kinds",
    Text("По видам", "By kind"),
    Text("Что именно просрочено.", "What exactly is overdue."),
    figures=(OVERDUE, OVERDUE_TODAY, OVERDUE_SHARE, OPEN, OVERDUE_DAYS, OLDEST, ON_CLOSED),
    dimensions=(KIND,),
    totals=True,
    sort=_OLDEST_FIRST,
)
MATRIX = Matrix(
    "matrix",
    Text("Кто и на сколько", "Who and by how long"),
    Text("Просроченные дела: ответственный × давность.", "Overdue activities: person × how long."),
    figures=(OVERDUE,),
    dimensions=(RESPONSIBLE, LATE),
    where=IS_OVERDUE,
    totals=True,
    sort=_OLDEST_FIRST,
)
ACTIVITIES = RecordList(
    "activities",
    Text("Список дел", "Activities"),
    Text(
        "Просроченные дела и входящие без обработки. Сначала самые давние.",
        "Overdue activities and incoming ones not taken up. The oldest first.",
    ),
    fact="activities",
    where=f"({IS_OVERDUE}) OR ({IS_UNPROCESSED})",
    columns=_FIRST,
    sort=_OLDEST_FIRST,
)
WEEKS = overdue_weeks.block(OVERDUE, UNPROCESSED_OVER_DAY, OVERDUE_DEALS, CLOSE_DATE_PASSED)

BLOCKS = (SUMMARY, BY_AGE, INCOMING, MATRIX, MANAGERS, DEPARTMENTS, KIND_TABLE, WEEKS, ACTIVITIES)
