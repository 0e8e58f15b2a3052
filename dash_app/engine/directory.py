"""Names of what ids mean – people, departments, pipelines, stages, sources, user fields – loaded once a snapshot."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from dash_app.access.scope import EVERYTHING, Scope
from dash_app.card_fields import LABELS as FIELD_LABELS
from dash_app.portal.entities import NAMES, Names
from dash_app.record_kinds import LOADED
from dash_app.store.own_fields import FIELD_KINDS, FieldType, literal, quoted
from dash_app.text import Lang, Text

NOT_SET = Text("(не указан)", "(not set)")
NO_DEPARTMENT = Text("(без отдела)", "(no department)")
NO_STAGE = Text("(без стадии)", "(no stage)")
UNKNOWN_PERSON = Text("Сотрудник №{id}", "User #{id}")
DISMISSED = Text("{name} (уволен)", "{name} (dismissed)")
UNKNOWN_PIPELINE = Text("Воронка №{id} (удалена)", "Pipeline #{id} (deleted)")
GONE = Text("{id} (удалена)", "{id} (deleted)")
"""Stages and sources that are in no directory any more."""
YES_NO = {"1": Text("да", "yes"), "0": Text("нет", "no")}
"""Values of a boolean field, as a filter spells them."""
NONE = "none"
"""How a URL, a filter and a row key spell "the record has no such value"."""


def _first_record(seen: str) -> str:
    """SQL: the earliest creation of a record that ``seen`` leaves."""
    tables = [kind.fact for kind in LOADED]
    return "SELECT least({})".format(
        ", ".join(f"(SELECT min(created_at) FROM {table} WHERE {seen})" for table in tables)
    )


def _is_met(names: Names, rights: Scope) -> str:
    """SQL: whether a row of a directory of names may be known of."""
    if names.met_in is None or not rights.is_limited:
        return "true"
    fact, column = names.met_in
    return f"id IN (SELECT {column} FROM {fact} WHERE {rights.condition('manager_id')})"


@dataclass(frozen=True, slots=True)
class Manager:
    """A responsible person. ``departments``: ids of his own ones; ``within``: with every department above them."""

    id: int
    name: str
    active: bool
    known: bool
    departments: tuple[int, ...] = ()
    within: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Department:
    """A node of the company structure."""

    id: int
    name: str
    parent_id: int | None
    head_id: int | None
    depth: int
    sort: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A deal pipeline (category). ``role``: sales | after-sale | other."""

    id: int
    name: str
    sort: int
    role: str
    success_stage_id: str | None
    known: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline, or a lead status (``pipeline_id`` None)."""

    entity: str
    pipeline_id: int | None
    stage_id: str
    name: str
    semantic: str
    rank: int
    known: bool
    in_funnel: bool
    color: str | None = None


@dataclass(frozen=True, slots=True)
class UserField:
    """A user field of deals or leads. ``several``: it takes several values. ``options``: words of its ids, of those deleted or dismissed
    (``inactive``) too."""

    entity: str
    field: str
    label: str
    type: FieldType
    sort: int
    several: bool = False
    options: dict[str, Text] = dataclasses.field(default_factory=dict, hash=False)
    inactive: frozenset[str] = frozenset()

    def words(self, value: str) -> Text:
        """What one of its ids is called."""
        if self.type.kind == "flag":
            return YES_NO.get(value) or Text(value, value)
        return self.options.get(value) or Text(value, value)


def option_label(lang: Lang, rights: Scope) -> str:
    """SQL: what an id of a user field (``user_field_options o``) is called; of people and cards that ``rights`` hide, the number alone."""
    label, plain = (
        ("o.label", "o.plain") if lang == "ru" else ("coalesce(o.label_en, o.label)", "coalesce(o.plain_en, o.plain)")
    )
    return f"CASE WHEN o.owner IS NULL OR {rights.condition('o.owner')} THEN {label} ELSE {plain} END"


def options_known(con: duckdb.DuckDBPyConnection, rights: Scope) -> str:
    """SQL: under limited rights, of ids that are met on cards alone those of cards that may be seen; what a list offers is no secret."""
    if not rights.is_limited:
        return "true"
    met = [
        f"(o.entity = {literal(entity)} AND o.field = {literal(name)} AND o.option_id IN "
        f"(SELECT unnest({quoted(name)}) FROM {entity}s WHERE {rights.condition('manager_id')}))"
        for entity, name, kind in con.execute("SELECT entity, field, kind FROM user_fields").fetchall()
        if FIELD_KINDS.get(kind, FIELD_KINDS["text"]).met_alone
    ]
    kinds = ", ".join(literal(kind.kind) for kind in FIELD_KINDS.values() if kind.met_alone)
    offered = f"NOT EXISTS (SELECT 1 FROM user_fields f WHERE f.entity = o.entity AND f.field = o.field AND f.kind IN ({kinds}))"
    return f"({' OR '.join([offered, *met])})"


@dataclass(slots=True)
class Directory:
    """Everything nameable of one snapshot, and its meta: as-of, portal address, currency, time zone."""

    as_of: datetime  # naive UTC
    address: str
    currency: str
    timezone: str
    loss_reason_field: str | None
    managers: dict[int, Manager]
    departments: dict[int, Department]
    pipelines: dict[int, Pipeline]
    stages: dict[tuple[str, int | None, str], Stage]
    sources: dict[str, tuple[str, bool]]
    fields: dict[tuple[str, str], UserField]
    names: dict[str, dict[int, str]]  # of directories whose ids are shown by name (``portal.entities.NAMES``), by table
    tags: tuple[str, ...] = ()
    log_since: datetime | None = None  # naive UTC; the first change the change log knows of
    first_record: datetime | None = (
        None  # naive UTC; the earliest creation of a deal, lead, activity or task that is seen
    )
    is_limited: bool = False  # by the rights of who asks

    @classmethod
    def load(cls, con: duckdb.DuckDBPyConnection, rights: Scope = EVERYTHING) -> Directory:
        """Reads the dimensions of a facts database: of people, departments, projects and tags only those ``rights`` may know of.

        Departments are those of the people seen, with every one above; what they are called is no secret inside the company.
        """

        def rows(sql: str) -> Iterable[tuple]:  # type: ignore[type-arg]
            return con.execute(sql).fetchall()

        own: dict[int, list[int]] = {}
        within: dict[int, set[int]] = {}
        for manager, department, direct in rows(
            f"SELECT manager_id, department_id, direct FROM manager_departments WHERE {rights.condition('manager_id')}"
        ):
            within.setdefault(manager, set()).add(department)
            if direct:
                own.setdefault(manager, []).append(department)
        seen = frozenset().union(*within.values())
        own_records = rights.condition("manager_id")
        options: dict[tuple[str, str], dict[str, Text]] = {}
        inactive: dict[tuple[str, str], set[str]] = {}
        for entity, name, option, label, english, active in rows(
            f"SELECT entity, field, option_id, {option_label('ru', rights)}, {option_label('en', rights)}, coalesce(active, true) "
            f"FROM user_field_options o WHERE {options_known(con, rights)} ORDER BY entity, field, sort, option_id"
        ):
            options.setdefault((entity, name), {})[option] = Text(label, label if english == label else english)
            if not active:
                inactive.setdefault((entity, name), set()).add(option)
        as_of, address, currency, timezone, loss, log_since = next(
            iter(rows("SELECT as_of, address, base_currency, timezone, loss_reason_field, log_since FROM meta"))
        )
        return cls(
            as_of=as_of,
            address=address or "",
            currency=currency or "RUB",
            timezone=timezone,
            loss_reason_field=loss,
            managers={
                r[0]: Manager(r[0], r[1], r[2], r[3], tuple(sorted(own.get(r[0], ()))), frozenset(within.get(r[0], ())))
                for r in rows(
                    f"SELECT id, name, active, known FROM managers WHERE {rights.condition('id')} ORDER BY name, id"
                )
            },
            departments={
                r[0]: Department(*r)
                for r in rows(
                    "SELECT id, name, parent_id, head_id, depth, sort FROM departments ORDER BY depth, sort, id"
                )
                if not rights.is_limited or r[0] in seen
            },
            pipelines={
                r[0]: Pipeline(*r)
                for r in rows("SELECT id, name, sort, role, success_stage_id, known FROM pipelines ORDER BY sort, id")
            },
            stages={
                (r[0], r[1], r[2]): Stage(*r)
                for r in rows(
                    "SELECT entity, pipeline_id, stage_id, name, semantic, rank, known, in_funnel, color FROM stages "
                    "ORDER BY entity, pipeline_id, rank, stage_id"
                )
            },
            sources={
                r[0]: (r[1], r[2]) for r in rows("SELECT source_id, name, known FROM sources ORDER BY sort, source_id")
            },
            fields={
                (r[0], r[1]): UserField(
                    r[0],
                    r[1],
                    r[2],
                    FIELD_KINDS.get(r[3], FIELD_KINDS["text"]),
                    r[4],
                    bool(r[5]),
                    options.get((r[0], r[1]), {}),
                    frozenset(inactive.get((r[0], r[1]), ())),
                )
                for r in rows(
                    "SELECT entity, field, label, kind, sort, multiple FROM user_fields ORDER BY entity, sort, field"
                )
            },
            names={
                table: dict(rows(f"SELECT id, name FROM {table} WHERE {_is_met(names, rights)} ORDER BY name, id"))
                for table, names in NAMES.items()
            },
            tags=tuple(
                r[0]
                for r in rows(f"SELECT DISTINCT unnest(tags) AS tag FROM tasks WHERE {own_records} ORDER BY tag")
                if r[0]
            ),
            log_since=log_since,
            first_record=next(iter(rows(_first_record(own_records))))[0],
            is_limited=rights.is_limited,
        )

    # -- names ---------------------------------------------------------------------------------------------

    def manager(self, manager_id: int | None) -> Text:
        """«Анна Петрова»; dismissed people are marked, unknown ones shown by number."""
        if manager_id is None:
            return NOT_SET
        person = self.managers.get(manager_id)
        if person is None or not person.known:
            return UNKNOWN_PERSON.format(id=manager_id)
        if not person.active:
            return DISMISSED.format(name=person.name)
        return Text(person.name, person.name)

    def manager_departments(self, manager_id: int | None) -> Text:
        """His own departments in words."""
        person = self.managers.get(manager_id) if manager_id is not None else None
        names = [self.departments[d].name for d in (person.departments if person else ()) if d in self.departments]
        return Text("; ".join(names), "; ".join(names)) if names else NO_DEPARTMENT

    def manager_department_ids(self, manager_id: int | None) -> str | None:
        """Ids of his own departments, in the order of ``manager_departments``; None without any."""
        person = self.managers.get(manager_id) if manager_id is not None else None
        return "; ".join(str(d) for d in (person.departments if person else ()) if d in self.departments) or None

    def department(self, department_id: int | None) -> Text:
        """Name of a department."""
        if department_id is None:
            return NO_DEPARTMENT
        found = self.departments.get(department_id)
        return (
            Text(found.name, found.name) if found else Text(f"Отдел №{department_id}", f"Department #{department_id}")
        )

    def pipeline(self, pipeline_id: int | None) -> Text:
        """Name of a pipeline; a deleted one keeps its number."""
        if pipeline_id is None:
            return NOT_SET
        found = self.pipelines.get(pipeline_id)
        if found is None or not found.known:
            return UNKNOWN_PIPELINE.format(id=pipeline_id)
        return Text(found.name, found.name)

    def stage(self, entity: str, pipeline_id: int | None, stage_id: str | None) -> Text:
        """Name of a stage without its pipeline; a deleted one keeps its id."""
        if stage_id is None:
            return NO_STAGE
        found = self.stages.get((entity, pipeline_id, stage_id))
        if found is None or not found.known:
            return GONE.format(id=stage_id)
        return Text(found.name, found.name)

    def source(self, source_id: str | None) -> Text:
        """Name of a source; one missing from the directory keeps its id."""
        if source_id is None:
            return NOT_SET
        name, known = self.sources.get(source_id, (source_id, False))
        return Text(name, name) if known else GONE.format(id=source_id)

    def field(self, entity: str, field: str) -> Text:
        """Name of a field of a card: the system's, or the portal's own; one that is gone keeps its id."""
        if field in FIELD_LABELS:
            return FIELD_LABELS[field]
        own = self.fields.get((entity, field))
        return Text(own.label, own.label) if own else Text(field, field)

    def called(self, table: str, row_id: int | None) -> Text:
        """What an id of a directory of names is called (projects: ``workgroups``). KeyError for a table that is none."""
        if row_id is None:
            return NAMES[table].unset
        name = self.names[table].get(row_id)
        return Text(name, name) if name else NAMES[table].unknown.format(id=row_id)

    # -- sets ----------------------------------------------------------------------------------------------

    def managers_of(self, departments: Iterable[str]) -> set[int | None]:
        """People of these departments and everything below them; ``none``: people without a department."""
        wanted = set(departments)
        ids = {int(d) for d in wanted if d != NONE}
        people: set[int | None] = {m.id for m in self.managers.values() if m.within & ids}
        if NONE in wanted:
            people |= {m.id for m in self.managers.values() if not m.within}
            people.add(None)
        return people

    def department_tree(self) -> list[int]:
        """Ids of departments, each followed by those below it."""
        below: dict[int | None, list[int]] = {}
        for department in self.departments.values():
            parent = department.parent_id if department.parent_id in self.departments else None
            below.setdefault(parent, []).append(department.id)
        order: list[int] = []
        waiting = list(reversed(below.get(None, [])))
        while waiting:
            order.append(waiting.pop())
            waiting += reversed(below.get(order[-1], []))
        return order

    def is_within(self, department_id: int | None, departments: Iterable[str]) -> bool:
        """Whether a department is one of these or lies below one."""
        wanted = set(departments)
        if department_id is None:
            return NONE in wanted
        seen: set[int] = set()
        current: int | None = department_id
        while current is not None and current not in seen:
            if str(current) in wanted:
                return True
            seen.add(current)
            found = self.departments.get(current)
            current = found.parent_id if found else None
        return False

    def stage_ids(self, entity: str) -> set[str]:
        """Stage ids an entity knows, deleted ones met in records included."""
        return {stage_id for kind, _, stage_id in self.stages if kind == entity}
