"""Lists of records: which table they come from, what is shown of each, by which SQL it sorts and filters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from dash_app.access.scope import Scope
from dash_app.engine import idleness as idle
from dash_app.engine.activity_weights import POINTS
from dash_app.engine.context import Context, quoted
from dash_app.engine.language import Unit
from dash_app.engine.parsing import STATUSES
from dash_app.engine.result import Column
from dash_app.errors import BadInput
from dash_app.text import Text


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column of a list: what is shown, by which SQL it sorts and filters. ``values`` names ids of a closed list."""

    column: Column
    value: str
    sort: str | None = None  # by the name, not the id
    values: Mapping[str, Text] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """SQL to sort and filter by."""
        return self.sort or self.value


LINKS: Final = ("pipeline_id", "manager_id", "contact_id", "company_id", "owner_type", "owner_id")
"""What a row's links are built of; a list names those it has."""

Sort = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list of one kind of records, alias ``t``. ``optional`` columns are there for blocks that ask for them (``Block.columns``)."""

    entity: str
    table: str
    columns: tuple[ListColumn, ...]
    sort: Sort
    links: Mapping[str, str]
    amount: str | None = None
    optional: tuple[ListColumn, ...] = ()


def column(
    column_id: str,
    ru: str,
    en: str,
    unit: Unit,
    value: str,
    sort: str | None = None,
    values: Mapping[str, Text] | None = None,
) -> ListColumn:
    """A column of a list."""
    role = "figure" if unit is not Unit.TEXT else "label"
    return ListColumn(
        Column(column_id, Text(ru, en), unit, role),
        value,
        sort or (_named(value, values) if values else None),
        values or {},
    )


def _named(value: str, values: Mapping[str, Text]) -> str:
    """SQL of a closed list's name, so that the column sorts and filters by what is read."""
    cases = " ".join(f"WHEN '{key}' THEN '{text.ru}'" for key, text in values.items())
    return f"CASE CAST({value} AS VARCHAR) {cases} END"


_MANAGER = "(SELECT any_value(m.name) FROM managers m WHERE m.id = t.manager_id)"
_DEPARTMENT = (
    "(SELECT string_agg(d.name, '; ' ORDER BY d.id) FROM manager_departments md JOIN departments d ON d.id = md.department_id "
    "WHERE md.direct AND md.manager_id = t.manager_id)"
)
MANAGER = column("manager", "Менеджер", "Manager", Unit.TEXT, "t.manager_id", _MANAGER)
DEPARTMENT = column("department", "Отдел", "Department", Unit.TEXT, "t.manager_id", _DEPARTMENT)
PIPELINE = column(
    "pipeline",
    "Воронка",
    "Pipeline",
    Unit.TEXT,
    "t.pipeline_id",
    "(SELECT any_value(p.name) FROM pipelines p WHERE p.id = t.pipeline_id)",
)

SOURCE = column(
    "source",
    "Источник",
    "Source",
    Unit.TEXT,
    "t.source_id",
    "coalesce((SELECT any_value(o.name) FROM sources o WHERE o.source_id = t.source_id), t.source_id)",
)


def _card(entity: str) -> tuple[ListColumn, ...]:
    stage = (
        f"(SELECT any_value(s.name) FROM stages s WHERE s.entity = '{entity}' AND s.pipeline_id IS NOT DISTINCT FROM t.pipeline_id "
        "AND s.stage_id = t.stage_id)"
    )
    return (
        column("id", "ID", "ID", Unit.LINK, "t.id"),
        column("title", "Название", "Title", Unit.TEXT, "t.title"),
        *((PIPELINE,) if entity == "deal" else ()),
        column("stage", "Стадия", "Stage", Unit.TEXT, "t.stage_id", stage),
        column("status", "Статус", "Status", Unit.TEXT, "t.status", values=STATUSES),
        MANAGER,
        DEPARTMENT,
        SOURCE,
        column("amount", "Сумма", "Amount", Unit.MONEY, "t.amount"),
        column("created", "Создана", "Created", Unit.DATE, "t.created_at"),
        column("closed", "Закрыта", "Closed", Unit.DATE, "t.closed_at"),
        column("stage_days", "Дней на стадии", "Days in stage", Unit.DAYS, "t.stage_days"),
        column("duration_days", "Длительность, дней", "Duration, days", Unit.DAYS, "t.duration_days"),
        column("last_activity", "Последнее касание", "Last activity", Unit.DATE, "t.last_activity_at"),
        column("idle_days", "Дней без касаний", "Idle days", Unit.COUNT, "t.idle_days"),
    )


def _forgotten(entity: str) -> tuple[ListColumn, ...]:
    """Columns of Незабудка: they need its options (``figures.forgotten.OPTIONS``). The clock's own take the place of the usual ones."""
    return (
        *((column("at_risk", "Под угрозой", "At risk", Unit.MONEY, "t.at_risk"),) if entity == "deal" else ()),
        column("last_activity", "Последнее касание", "Last touch", Unit.DATE, idle.TOUCHED_AT),
        column("idle_days", "Дней без касаний", "Idle days", Unit.COUNT, idle.IDLE),
        column("snoozed_until", "Отложена до", "Put off until", Unit.DATE, idle.of_snooze(entity, "until", "DATE")),
        column(
            "snooze_reason", "Почему отложена", "Why put off", Unit.TEXT, idle.of_snooze(entity, "reason", "VARCHAR")
        ),
    )


_CARD_LINKS = {
    "pipeline_id": "t.pipeline_id",
    "manager_id": "t.manager_id",
    "contact_id": "t.contact_id",
    "company_id": "t.company_id",
}

ACTIVITY_KINDS: Final[dict[str, Text]] = {
    "call_out": Text("Исходящий звонок", "Outgoing call"),
    "call_in": Text("Входящий звонок", "Incoming call"),
    "email_out": Text("Исходящее письмо", "Outgoing e-mail"),
    "email_in": Text("Входящее письмо", "Incoming e-mail"),
    "message_out": Text("Исходящее сообщение", "Outgoing message"),
    "message_in": Text("Входящее сообщение", "Incoming message"),
    "meeting": Text("Встреча", "Meeting"),
    "todo": Text("Дело", "To-do"),
    "task": Text("Задача", "Task"),
    "form": Text("Форма с сайта", "Web form"),
    "other": Text("Другое", "Other"),
}
OWNERS: Final[dict[str, Text]] = {
    "deal": Text("Сделка", "Deal"),
    "lead": Text("Лид", "Lead"),
    "contact": Text("Контакт", "Contact"),
    "company": Text("Компания", "Company"),
    "other": Text("Другое", "Other"),
}
_YES_NO: Final = {"true": Text("да", "yes"), "false": Text("нет", "no")}
TASK_STATUSES: Final[dict[str, Text]] = {
    "1": Text("Новая", "New"),
    "2": Text("Ждёт выполнения", "Pending"),
    "3": Text("Выполняется", "In progress"),
    "4": Text("Ждёт контроля", "Awaiting control"),
    "5": Text("Завершена", "Completed"),
    "6": Text("Отложена", "Deferred"),
    "7": Text("Отклонена", "Declined"),
}

LISTS: Final[dict[str, ListSpec]] = {
    "deal": ListSpec(
        "deal", "deals", _card("deal"), (("duration_days", "desc"),), _CARD_LINKS, "t.amount", _forgotten("deal")
    ),
    "lead": ListSpec(
        "lead", "leads", _card("lead"), (("duration_days", "desc"),), _CARD_LINKS, "t.amount", _forgotten("lead")
    ),
    "activity": ListSpec(
        "activity",
        "activities",
        (
            column("id", "ID", "ID", Unit.LINK, "t.id"),
            column("title", "Тема", "Subject", Unit.TEXT, "t.subject"),
            column("kind", "Вид", "Kind", Unit.TEXT, "t.kind", values=ACTIVITY_KINDS),
            MANAGER,
            DEPARTMENT,
            column("happened", "Когда", "When", Unit.DATE, "t.happened_at"),
            column("deadline", "Крайний срок", "Deadline", Unit.DATE, "t.deadline"),
            column("completed", "Выполнено", "Completed", Unit.TEXT, "t.completed", values=_YES_NO),
            column("owner", "К чему относится", "Belongs to", Unit.TEXT, "t.owner_type", values=OWNERS),
            column(
                "owner_title",
                "Карточка",
                "Card",
                Unit.TEXT,
                "CASE t.owner_type WHEN 'deal' THEN (SELECT any_value(d.title) FROM deals d WHERE d.id = t.owner_id AND $$rights:d$$) "
                "WHEN 'lead' THEN (SELECT any_value(l.title) FROM leads l WHERE l.id = t.owner_id AND $$rights:l$$) END",
            ),
            PIPELINE,
            column("created", "Создано", "Created", Unit.DATE, "t.created_at"),
        ),
        (("happened", "desc"),),
        links={
            "pipeline_id": "t.pipeline_id",
            "manager_id": "t.manager_id",
            "owner_type": "t.owner_type",
            "owner_id": "t.owner_id",
        },
        optional=(
            column("points", "Баллы", "Points", Unit.POINTS, POINTS),
            column(
                "late_days",
                "Просрочено, дней",
                "Overdue, days",
                Unit.DAYS,
                "CASE WHEN NOT t.completed AND t.deadline < $as_of THEN epoch($as_of - t.deadline) / 86400 END",
            ),
        ),
    ),
    "response": ListSpec(
        "response",
        "responses",
        (
            column("id", "ID", "ID", Unit.LINK, "t.id"),
            column("title", "Название", "Title", Unit.TEXT, "t.title"),
            column("card", "Карточка", "Card", Unit.TEXT, "t.entity", values=OWNERS),
            MANAGER,
            DEPARTMENT,
            SOURCE,
            PIPELINE,
            column("status", "Статус", "Status", Unit.TEXT, "t.status", values=STATUSES),
            column("created", "Создана", "Created", Unit.DATE, "t.created_at"),
            column("answered", "Первый ответ", "First response", Unit.DATE, "t.answered_at"),
            column("answer", "Чем ответили", "Answered by", Unit.TEXT, "t.answer_kind", values=ACTIVITY_KINDS),
            column(
                "response_minutes",
                "Рабочих минут до ответа",
                "Working minutes to the response",
                Unit.POINTS,
                "t.response_minutes",
            ),
            column("self_made", "Завёл сам", "Self-made", Unit.TEXT, "t.self_made", values=_YES_NO),
        ),
        (("response_minutes", "desc"),),
        {"pipeline_id": "t.pipeline_id", "manager_id": "t.manager_id", "owner_type": "t.entity", "owner_id": "t.id"},
    ),
    "task": ListSpec(
        "task",
        "tasks",
        (
            column("id", "ID", "ID", Unit.LINK, "t.id"),
            column("title", "Задача", "Task", Unit.TEXT, "t.title"),
            column("task_status", "Статус", "Status", Unit.TEXT, "t.status", values=TASK_STATUSES),
            column("manager", "Ответственный", "Responsible", Unit.TEXT, "t.manager_id", _MANAGER),
            DEPARTMENT,
            column(
                "project",
                "Проект",
                "Project",
                Unit.TEXT,
                "t.project_id",
                "(SELECT any_value(w.name) FROM workgroups w WHERE w.id = t.project_id)",
            ),
            column("created", "Создана", "Created", Unit.DATE, "t.created_at"),
            column("planned_start", "Начать по плану", "Planned start", Unit.DATE, "t.planned_start"),
            column("started", "Начата", "Started", Unit.DATE, "t.started_at"),
            column("deadline", "Крайний срок", "Deadline", Unit.DATE, "t.deadline"),
            column("finished", "Завершена", "Finished", Unit.DATE, "t.finished_at"),
            column(
                "late_days",
                "Опоздание, дней",
                "Late, days",
                Unit.DAYS,
                "CASE WHEN coalesce(t.finished_at, $as_of) > t.deadline THEN epoch(coalesce(t.finished_at, $as_of) - t.deadline) / 86400 END",
            ),
            column("deadline_moves", "Переносов срока", "Deadline moves", Unit.COUNT, "t.deadline_moves"),
            column("tags", "Метки", "Tags", Unit.TEXT, "array_to_string(t.tags, ', ')"),
        ),
        (("deadline", "desc"),),
        {"manager_id": "t.manager_id"},
    ),
}
"""Entity -> its list."""

_KIND_UNITS = {"number": Unit.POINTS, "date": Unit.DATE, "datetime": Unit.DATE}


def list_columns(
    context: Context, entity: str, first: tuple[str, ...] = (), extra: tuple[str, ...] = ()
) -> dict[str, ListColumn]:
    """Columns of a list: the title, those of ``first`` the entity has, then the usual ones, then the user fields of ``extra``;
    unknown ones of these are refused."""
    spec = LISTS[entity]
    usual = {c.column.id: c for c in spec.columns}
    known = usual | {c.column.id: c for c in spec.optional}
    columns: dict[str, ListColumn] = {"title": usual["title"]} if first and "title" in usual else {}
    columns |= {name: known[name] for name in first if name in known}
    columns |= {name: c for name, c in usual.items() if name not in columns}
    for name in extra:
        meta = context.directory.fields.get((entity, name))
        if meta is None:
            raise BadInput(
                Text(
                    f"Поля «{name[:40]}» нет на портале. Уберите этот столбец.",
                    f"There is no field “{name[:40]}” in the portal. Remove this column.",
                )
            )
        unit = _KIND_UNITS.get(meta.kind, Unit.TEXT)
        value = f"t.{quoted(name)}"
        sort = f"array_to_string({value}, ',')" if meta.kind == "list" else None
        columns[name] = ListColumn(Column(name, Text(meta.label, meta.label), unit, "label"), value, sort)
    return {name: _for(context.rights, listed) for name, listed in columns.items()}


_RIGHTS = re.compile(r"\$\$rights:(\w+)\$\$")
"""How a column's SQL spells "a record of another table, under this alias, may be seen"."""


def _for(rights: Scope, listed: ListColumn) -> ListColumn:
    """The column as these rights allow it: what it takes of other records is theirs to see too."""
    if "$$rights:" not in listed.value:
        return listed
    value = _RIGHTS.sub(lambda found: rights.condition(f"{found[1]}.manager_id"), listed.value)
    return replace(listed, value=value)
