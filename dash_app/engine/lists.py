"""Lists of records: which table they come from, what is shown of each, by which SQL it sorts and filters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from dash_app.access.scope import Scope
from dash_app.card_fields import CHECKS
from dash_app.card_fields import LABELS as FIELD_LABELS
from dash_app.engine import idleness as idle
from dash_app.engine.activity_weights import POINTS
from dash_app.engine.context import Context
from dash_app.engine.directory import (
    DISMISSED,
    GONE,
    NO_DEPARTMENT,
    NO_STAGE,
    NOT_SET,
    UNKNOWN_PERSON,
    UNKNOWN_PIPELINE,
    YES_NO,
    Directory,
    UserField,
    option_label,
)
from dash_app.engine.filters.status import STATUSES
from dash_app.engine.language import Unit
from dash_app.engine.result import Column
from dash_app.errors import BadInput
from dash_app.portal.entities import NAMES
from dash_app.record_kinds import ACTIVITY, CARDS, RECORD_KINDS, SALE, TASK, TOGETHER, has_pipelines
from dash_app.store.own_fields import FIELD_KINDS, literal, quoted
from dash_app.store.schema import FACTS as TABLES
from dash_app.text import Lang, Text


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column of a list: what is shown, by which SQL it sorts and filters.

    ``sort``: SQL of what is read, by language, where it is not the value itself; NULL where nothing is set. ``unset``: what is read then.
    ``words``: of a column that is a list of ids, what each is called on a card of a kind; printed beside its ids.
    ``text``: what the filter asks, where it is not what sorts. ``values``: names of a closed list. ``element``: of a column of several
    values, SQL of one of them, ``v``: a filter by number or date asks each. ``is_day``: calendar days, no instants. ``table``: of a column of ids that a
    directory names (``Directory.names``), which one; printed beside its ids.
    """

    column: Column
    value: str
    sort: Text | None = None
    values: Mapping[str, Text] = field(default_factory=dict)
    unset: Text | None = None
    text: Text | None = None
    words: Callable[[Directory, str, str], Text] | None = None
    element: str = ""
    is_day: bool = False
    table: str = ""

    def key(self, lang: Lang) -> str:
        """SQL to sort by: the words shown in this language; NULL where nothing is set."""
        return self.sort.of(lang) if self.sort else self.value

    def read(self, lang: Lang) -> str:
        """SQL of the words a filter asks, those of nothing set among them."""
        key = self.text.of(lang) if self.text else self.key(lang)
        return f"coalesce({key}, {literal(self.unset.of(lang))})" if self.unset else key


LINKS: Final = ("pipeline_id", "manager_id", "contact_id", "company_id", "owner_type", "owner_id", "item")
"""What a row's links are built of; a list names those it has."""

Sort = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list of one kind of records, alias ``t``. ``optional`` columns are there for blocks that ask for them (``Block.columns``).

    ``of_cards``: its records are cards, or say something of one, of several kinds: which, the link ``owner_type`` says.
    ``table``: where they lie, or the SQL of a subquery that puts them together; then ``t`` has no rowid.
    """

    entity: str
    table: str
    columns: tuple[ListColumn, ...]
    sort: Sort
    links: Mapping[str, str]
    amount: str | None = None
    optional: tuple[ListColumn, ...] = ()
    of_cards: bool = False


def column(
    column_id: str,
    ru: str,
    en: str,
    unit: Unit,
    value: str,
    sort: Text | None = None,
    values: Mapping[str, Text] | None = None,
    unset: Text | None = None,
) -> ListColumn:
    """A column of a list."""
    role = "figure" if unit is not Unit.TEXT else "label"
    return ListColumn(
        Column(column_id, Text(ru, en), unit, role),
        value,
        sort or (_named(value, values) if values else None),
        values or {},
        unset,
    )


def _named(value: str, values: Mapping[str, Text]) -> Text:
    """SQL of a closed list's name, so that the column sorts and filters by what is read."""

    def of(lang: Lang) -> str:
        cases = " ".join(f"WHEN {literal(key)} THEN {literal(text.of(lang))}" for key, text in values.items())
        return f"CASE CAST({value} AS VARCHAR) {cases} END"

    return Text(of("ru"), of("en"))


def _said(words: Text, **columns: str) -> Text:
    """SQL that says ``words`` with the values of columns in place of their names in braces."""

    def of(template: str) -> str:
        parts = [
            columns[part[1:-1]] if part.startswith("{") else literal(part) for part in _BRACES.split(template) if part
        ]
        return "(" + " || ".join(parts) + ")"

    return Text(of(words.ru), of(words.en))


_BRACES = re.compile(r"(\{\w+\})")


def _looked_up(select: str, *words: Text) -> Text:
    """SQL with ``{0}``, ``{1}`` … in place of which stand the words of each language."""
    return Text(select.format(*(w.ru for w in words)), select.format(*(w.en for w in words)))


def named_column(column_id: str, ru: str, en: str, value: str, table: str) -> ListColumn:
    """A column of ids that a directory of names has words for."""
    key = _looked_up(
        f"CASE WHEN {value} IS NOT NULL THEN coalesce((SELECT any_value(n.name) FROM {table} n WHERE n.id = {value}), {{0}}) END",
        _said(NAMES[table].unknown, id=value),
    )
    return replace(column(column_id, ru, en, Unit.TEXT, value, key, unset=NAMES[table].unset), table=table)


_MANAGER = _looked_up(
    "CASE WHEN t.manager_id IS NOT NULL THEN coalesce((SELECT any_value(CASE WHEN NOT m.known THEN {0} WHEN NOT m.active THEN {1} ELSE m.name END) "
    "FROM managers m WHERE m.id = t.manager_id), {2}) END",
    _said(UNKNOWN_PERSON, id="m.id"),
    _said(DISMISSED, name="m.name"),
    _said(UNKNOWN_PERSON, id="t.manager_id"),
)
_DEPARTMENT = (
    "(SELECT string_agg(d.name, '; ' ORDER BY d.id) FROM manager_departments md JOIN departments d ON d.id = md.department_id "
    "WHERE md.direct AND md.manager_id = t.manager_id)"
)
MANAGER = column("manager", "Менеджер", "Manager", Unit.TEXT, "t.manager_id", _MANAGER, unset=NOT_SET)
DEPARTMENT = column(
    "department",
    "Отдел",
    "Department",
    Unit.TEXT,
    "t.manager_id",
    Text(_DEPARTMENT, _DEPARTMENT),
    unset=NO_DEPARTMENT,
)
PIPELINE = column(
    "pipeline",
    "Воронка",
    "Pipeline",
    Unit.TEXT,
    "t.pipeline_id",
    _looked_up(
        "(SELECT any_value(CASE WHEN p.known THEN p.name ELSE {0} END) FROM pipelines p WHERE p.id = t.pipeline_id)",
        _said(UNKNOWN_PIPELINE, id="p.id"),
    ),
)

SOURCE = column(
    "source",
    "Источник",
    "Source",
    Unit.TEXT,
    "t.source_id",
    _looked_up(
        "coalesce((SELECT any_value(CASE WHEN o.known THEN o.name ELSE {0} END) FROM sources o WHERE o.source_id = t.source_id), {1})",
        _said(GONE, id="o.source_id"),
        _said(GONE, id="t.source_id"),
    ),
    unset=NOT_SET,
)


def _card(entity: str) -> tuple[ListColumn, ...]:
    """``entity``: deal | lead, or card: a list of both, told apart by ``t.entity``."""
    of = "t.entity" if entity == TOGETHER else literal(entity)
    stage = _looked_up(
        "coalesce((SELECT any_value(CASE WHEN s.known THEN s.name ELSE {0} END) FROM stages s "
        f"WHERE s.entity = {of} AND s.pipeline_id IS NOT DISTINCT FROM t.pipeline_id AND s.stage_id = t.stage_id), {{1}})",
        _said(GONE, id="s.stage_id"),
        _said(GONE, id="t.stage_id"),
    )
    return (
        column("id", "ID", "ID", Unit.LINK, "t.id"),
        column("title", "Название", "Title", Unit.TEXT, "t.title"),
        *(
            (column("card", "Карточка", "Card", Unit.TEXT, "t.entity", values=OWNERS), PIPELINE)
            if entity == TOGETHER
            else ()
        ),
        *((replace(PIPELINE, unset=NOT_SET),) if has_pipelines(entity) else ()),
        column("stage", "Стадия", "Stage", Unit.TEXT, "t.stage_id", stage, unset=NO_STAGE),
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

    def of_snooze(what: str, kind: str) -> str:
        if entity != TOGETHER:
            return idle.of_snooze(entity, what, kind)
        whens = (f"WHEN '{card.id}' THEN {idle.of_snooze(card.id, what, kind)}" for card in CARDS)
        return f"CASE t.entity {' '.join(whens)} END"

    return (
        *(
            (column("at_risk", "Под угрозой", "At risk", Unit.MONEY, "t.at_risk"),)
            if entity in (SALE.id, TOGETHER)
            else ()
        ),
        column("last_activity", "Последнее касание", "Last touch", Unit.DATE, idle.TOUCHED_AT),
        column("idle_days", "Дней без касаний", "Idle days", Unit.COUNT, idle.IDLE),
        column("snoozed_until", "Отложена до", "Put off until", Unit.DATE, of_snooze("until", "DATE")),
        column("snooze_reason", "Почему отложена", "Why put off", Unit.TEXT, of_snooze("reason", "VARCHAR")),
    )


_CLOSING = (
    column("expected", "Ожидается", "Expected", Unit.MONEY, "t.at_risk"),
    replace(
        column("planned_close", "Плановое закрытие", "Planned close", Unit.DATE, "t.planned_close_on"), is_day=True
    ),
)
"""Columns of deals about to be closed: amount × chance to win, and the day somebody set."""


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
    **{kind.id: kind.word for kind in RECORD_KINDS.values() if kind.prefix},
    "other": Text("Другое", "Other"),
}
_YES_NO: Final = {"true": Text("да", "yes"), "false": Text("нет", "no")}
ITEMS: Final[dict[str, Text]] = {kind.id: kind.word for kind in (TASK, ACTIVITY)}
OUTCOME: Final = (
    "CASE WHEN t.slipped THEN 'slipped' WHEN t.on_time THEN 'on_time' WHEN t.done THEN 'late' ELSE 'open' END"
)
OUTCOMES: Final[dict[str, Text]] = {
    "on_time": Text("в срок", "on time"),
    "late": Text("с опозданием", "late"),
    "slipped": Text("перенесено или не сделано", "slipped"),
    "open": Text("ещё открыто", "still open"),
}
TASK_STATUSES: Final[dict[str, Text]] = {
    "1": Text("Новая", "New"),
    "2": Text("Ждёт выполнения", "Pending"),
    "3": Text("Выполняется", "In progress"),
    "4": Text("Ждёт контроля", "Awaiting control"),
    "5": Text("Завершена", "Completed"),
    "6": Text("Отложена", "Deferred"),
    "7": Text("Отклонена", "Declined"),
}


def _audit() -> tuple[ListColumn, ...]:
    """What a card that was looked at shows: itself, and what is wrong with it in words."""
    usual = {c.column.id: c for c in _card(TOGETHER)}
    labels = "(SELECT map(list(f.field), list(f.label)) AS words FROM user_fields f WHERE f.entity = t.entity)"

    def said(value: str, words: Mapping[str, Text], lang: Lang, own: str = "NULL") -> str:
        cases = " ".join(f"WHEN {literal(name)} THEN {literal(text.of(lang))}" for name, text in words.items())
        return f"nullif(array_to_string(list_transform({value}, lambda v: CASE v {cases} ELSE coalesce({own}, v) END), '; '), '')"

    def fields(lang: Lang) -> str:
        listed = said("t.empty_required", FIELD_LABELS, lang, "z.words[v]")
        return f"(SELECT {listed} FROM {labels} z)"

    return (
        *(usual[name] for name in ("id", "title", "card", "pipeline", "stage", "status", "manager", "department")),
        ListColumn(
            Column("checks", Text("Что не так", "What is wrong"), Unit.TEXT, "label"),
            "t.violated",
            Text(said("t.violated", CHECKS, "ru"), said("t.violated", CHECKS, "en")),
            words=lambda names, entity, check: CHECKS.get(check, Text(check, check)),
        ),
        ListColumn(
            Column("empty_required", Text("Пустые обязательные поля", "Empty required fields"), Unit.TEXT, "label"),
            "t.empty_required",
            Text(fields("ru"), fields("en")),
            words=lambda names, entity, field: names.field(entity, field),
        ),
        *(usual[name] for name in ("source", "amount", "created", "closed", "stage_days")),
        column("check_count", "Замечаний", "Faults", Unit.COUNT, "len(t.violated)"),
    )


def _titles() -> str:
    """SQL: the title of the card an activity belongs to, where it may be seen."""
    whens = (
        f"WHEN '{k.id}' THEN (SELECT any_value({k.id}.title) FROM {k.fact} AS {k.id} WHERE {k.id}.id = t.owner_id AND $$rights:{k.id}$$)"
        for k in CARDS
    )
    return f"CASE t.owner_type {' '.join(whens)} END"


LISTS: Final[dict[str, ListSpec]] = {
    **{
        kind.id: ListSpec(
            kind.id,
            kind.fact,
            _card(kind.id),
            (("duration_days", "desc"),),
            _CARD_LINKS,
            "t.amount",
            (*_forgotten(kind.id), *(_CLOSING if kind is SALE else ())),
        )
        for kind in CARDS
    },
    TOGETHER: ListSpec(
        TOGETHER,
        "",
        _card(TOGETHER),
        (("duration_days", "desc"),),
        {**_CARD_LINKS, "owner_type": "t.entity", "owner_id": "t.id"},
        "t.amount",
        _forgotten(TOGETHER),
        of_cards=True,
    ),
    "audit": ListSpec(
        "audit",
        "audits",
        _audit(),
        (("created", "desc"),),
        {**_CARD_LINKS, "owner_type": "t.entity", "owner_id": "t.id"},
        "t.amount",
        of_cards=True,
    ),
    "person": ListSpec(
        "person",
        "(SELECT u.id, u.id AS manager_id, m.position FROM (SELECT unnest($people::INTEGER[]) AS id) u LEFT JOIN managers m ON m.id = u.id)",
        (
            column("id", "ID", "ID", Unit.LINK, "t.id"),
            replace(MANAGER, column=replace(MANAGER.column, label=Text("Сотрудник", "Person"))),
            DEPARTMENT,
            column("position", "Должность", "Position", Unit.TEXT, "t.position"),
        ),
        (("manager", "asc"),),
        {"manager_id": "t.manager_id"},
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
                _titles(),
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
        of_cards=True,
    ),
    "commitment": ListSpec(
        "commitment",
        "commitments",
        (
            column("id", "ID", "ID", Unit.LINK, "t.id"),
            column("title", "Что", "What", Unit.TEXT, "t.title"),
            column("item", "Вид", "Kind", Unit.TEXT, "t.kind", values=ITEMS),
            column("week", "Неделя", "Week", Unit.TEXT, "t.week"),
            replace(MANAGER, column=replace(MANAGER.column, label=Text("Руководитель", "Head"))),
            DEPARTMENT,
            column("outcome", "Что стало", "Outcome", Unit.TEXT, OUTCOME, values=OUTCOMES),
            column("deadline", "Крайний срок", "Deadline", Unit.DATE, "t.deadline"),
            column("finished", "Завершено", "Finished", Unit.DATE, "t.finished_at"),
            column("created", "Создано", "Created", Unit.DATE, "t.created_at"),
            column("added", "Появилось за неделю", "Added in the week", Unit.TEXT, "t.added", values=_YES_NO),
        ),
        (("week", "desc"), ("deadline", "asc")),
        {"manager_id": "t.manager_id", "owner_type": "t.owner_type", "owner_id": "t.owner_id", "item": "t.kind"},
    ),
    "task": ListSpec(
        "task",
        "tasks",
        (
            column("id", "ID", "ID", Unit.LINK, "t.id"),
            column("title", "Задача", "Task", Unit.TEXT, "t.title"),
            column("task_status", "Статус", "Status", Unit.TEXT, "t.status", values=TASK_STATUSES),
            replace(MANAGER, column=replace(MANAGER.column, label=Text("Ответственный", "Responsible"))),
            DEPARTMENT,
            named_column("project", "Проект", "Project", "t.project_id", "workgroups"),
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


def together(parts: Mapping[str, str]) -> str:
    """SQL of a list of cards of several kinds: entity -> the predicate over its table (alias ``t``)."""
    shared = dict.fromkeys(name for kind in CARDS for name in TABLES[kind.fact])
    selects = []
    for entity, predicate in parts.items():
        table = LISTS[entity].table
        columns = ", ".join(f"t.{name}" if name in TABLES[table] else f"NULL AS {name}" for name in shared)
        selects.append(f"SELECT {literal(entity)} AS entity, {columns} FROM {table} AS t WHERE {predicate}")
    return f"({' UNION ALL '.join(selects)})"


FILE, FILES = Text("файл", "file"), Text("файлов: {n}", "files: {n}")
_YES_NO_COLUMN: Final = {"true": YES_NO["1"], "false": YES_NO["0"]}


def unit_of(kind: str) -> Unit:
    """What a column of own fields of a kind (``store.own_fields.TYPES``) is."""
    return Unit(FIELD_KINDS[kind].unit)


def own_column(meta: UserField, rights: Scope) -> ListColumn:
    """The column of an own field: sorted and filtered by what is read of it."""
    kind = meta.type
    shown = Column(meta.field, Text(meta.label, meta.label), Unit(kind.unit), "label")
    value = f"t.{quoted(meta.field)}"
    several = meta.several or kind.directory or kind.cell == "file"
    match kind.cell:
        case "words":
            named = _words_of_several if meta.several or kind.parts else _word_of_one
            return ListColumn(
                shown,
                value,
                Text(named(meta, value, option_label("ru", rights)), named(meta, value, option_label("en", rights))),
            )
        case "yes_no":
            return ListColumn(shown, value, _named(value, _YES_NO_COLUMN), _YES_NO_COLUMN)
        case "file":
            count = f"nullif(len({value}), 0)"
            return ListColumn(
                shown,
                value,
                Text(count, count),
                text=Text(_files(value, FILE.ru, FILES.ru), _files(value, FILE.en, FILES.en)),
            )
    if several and kind.by_value:
        sort = kind.sort_many.replace("{c}", value) or value
        return ListColumn(
            shown, value, Text(sort, sort), element=kind.sort.replace("{c}", "v") or "v", is_day=kind.column == "DATE"
        )
    sort = f"array_to_string({value}, '; ')" if several else kind.sort.replace("{c}", value)
    return ListColumn(shown, value, Text(sort, sort) if sort else None, is_day=kind.column == "DATE")


def _files(value: str, one: str, many: str) -> str:
    """SQL: how many files."""
    number = f"replace({literal(many)}, '{{n}}', CAST(len({value}) AS VARCHAR))"
    return f"CASE WHEN len({value}) = 1 THEN {literal(one)} WHEN len({value}) > 1 THEN {number} END"


def _word_of_one(meta: UserField, value: str, label: str) -> str:
    """SQL: what the one id of a field is called."""
    return (
        f"(SELECT any_value({label}) FROM user_field_options o WHERE o.entity = {literal(meta.entity)} "
        f"AND o.field = {literal(meta.field)} AND o.option_id = {value}[1])"
    )


def _words_of_several(meta: UserField, value: str, label: str) -> str:
    """SQL: what the ids of a field are called, one after another."""
    return (
        f"nullif((SELECT array_to_string(list_transform({value}, lambda v: coalesce(z.words[v], v)), '; ') FROM "
        f"(SELECT map(list(o.option_id), list({label})) AS words FROM user_field_options o "
        f"WHERE o.entity = {literal(meta.entity)} AND o.field = {literal(meta.field)}) z), '')"
    )


def list_columns(
    context: Context, entity: str, first: tuple[str, ...] = (), extra: tuple[str, ...] = ()
) -> dict[str, ListColumn]:
    """Columns of a list: the title, those of ``first`` the entity has, then the usual ones, then the user fields of ``extra``;
    BadInput for an unknown one of these."""
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
        columns[name] = own_column(meta, context.rights)
    return {name: _for(context.rights, listed) for name, listed in columns.items()}


_RIGHTS = re.compile(r"\$\$rights:(\w+)\$\$")
"""How a column's SQL spells "a record of another table, under this alias, may be seen"."""


def _for(rights: Scope, listed: ListColumn) -> ListColumn:
    """The column as these rights allow it: what it takes of other records is theirs to see too."""
    if "$$rights:" not in listed.value:
        return listed
    value = _RIGHTS.sub(lambda found: rights.condition(f"{found[1]}.manager_id"), listed.value)
    return replace(listed, value=value)
