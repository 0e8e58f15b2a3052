"""What is declared of something that is read from a portal, and how an answer becomes typed columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any, Literal

from dash_app.portal import wire
from dash_app.portal.errors import no_list
from dash_app.portal.rights import CRM, Right
from dash_app.record_kinds import Forms, RecordKind
from dash_app.text import Lang, Text

Columns = dict[str, list[Any]]
Odd = tuple[int, str | None, str]
"""(record's id, field's wire name, why): a value or record that could not be taken as it came. Why: unreadable | too_long | no_id (id 0)."""
Reading = Literal["list", "directory", "names"]
"""list: by id, page by page, afterwards only what changed. directory: whole at every refresh. names: for their names alone, as links lead to them."""


def listed(value: Any) -> list[Any] | None:
    """A list as PHP writes it: one with holes in its keys comes as a map of numbers. None for anything else, a map without keys too."""
    if isinstance(value, Mapping) and value and all(key.isdecimal() for key in value):
        return list(value.values())
    return value if isinstance(value, list) else None


def forms(ru: tuple[str, str, str], en: tuple[str, str]) -> Mapping[Lang, Forms]:
    """A word with a count: 1 сделка, 2 сделки, 5 сделок; 1 deal, 2 deals."""
    one, few, many = ru
    return {
        "ru": {"one": one, "few": few, "many": many, "other": few},
        "en": {"one": en[0], "other": en[1]},
    }


@dataclass(frozen=True, slots=True)
class Tally:
    """Records a refresh counts as new, changed and gone (``Manifest.changes``), under a name of their own.

    ``word``, ``new``: with a number, «3 проекта», «3 новых проекта». ``key``: what tells them apart. ``where``: SQL of which of the table's rows
    they are.
    """

    name: str
    word: Mapping[Lang, Forms]
    new: Mapping[Lang, Forms]
    key: tuple[str, ...] = ("id",)
    where: str = "true"


@dataclass(frozen=True, slots=True)
class Names:
    """A directory whose ids are shown by name: it has a table of the facts – id, name, ``also`` – and a place in ``engine.directory.Directory``.

    ``unknown``: what an id is called that the directory does not have; ``unset``: no id at all. ``column``: the raw column of the name. ``also``:
    further raw columns that are kept, a flag that is not set as false. ``met_in``: (fact, its column with the id): under limited rights only ids
    of records that may be seen are known; None: what there is is no secret inside the company.
    """

    unknown: Text = Text("№{id}", "#{id}")
    unset: Text = Text("(не указано)", "(not set)")
    column: str = "name"
    also: tuple[str, ...] = ()
    met_in: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """Wire name -> column. ``also``: other spellings some portals use."""

    name: str
    column: str
    coerce: Callable[[Any], Any]
    also: tuple[str, ...] = ()
    type: str = ""
    """DuckDB type of the column, where it is not the one ``wire.COLUMN_TYPES`` gives to ``coerce``."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PortalTable:
    """Something that is read from a portal into a raw table, in words and in what becomes of it.

    ``title``: «сделки»; ``being_read``: as it stands after «Читаю», where that is another form. ``several``: «сделок», as it stands with a number in notes on odd records and on what has become fewer. ``lost``: a
    sentence, what is missing where the portal refuses it; None where nothing is reported without it. ``counted``: what a refresh says of its
    records. ``place``: in which order it is read, of lists the longest first. ``said``: in which order
    sentences name it, cards before what goes with them.
    """

    table: str
    title: Text
    several: Text
    being_read: Text | None = None
    lost: Text | None = None
    counted: tuple[Tally, ...] = ()
    place: int = 100
    said: int = 100


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Entity(PortalTable):
    """A list of a portal that is read by one method.

    ``path``: where the rows are inside ``result`` ('' – they are the result). ``changed``: the field of the incremental filter, ``changed_column``
    its column. ``required``: without it there is nothing to report. ``id_key``: the id's name in an answer row. ``by_id``: of directories, whether
    its rows can be asked for by id where its pages bring less than it counts. ``version``: grows when a column comes to mean something else under
    the same name and type: snapshots that lie there read the entity whole once.

    ``right``: what a webhook needs. ``record``: the kind of its records, if they are of one. ``tracked``: columns the portal keeps no past of, whose changes are logged
    (metrics.md section 11). ``moment``: the column without which a record has no place in time and is left out. ``goes_with``: tables of the cards its rows
    go with. ``another``: «другая сделка»: its records are recognised one by one by id, ``date_create`` and ``title``, so that another company behind
    the address is noticed (``store.identity``). ``names``: of a directory whose ids are shown by name.
    """

    method: str
    fields: tuple[Field, ...]
    reading: Reading = "list"
    path: str = ""
    id_key: str = "ID"
    params: Mapping[str, Any] = field(default_factory=dict)
    select: tuple[str, ...] | None = None
    filter_key: str = "filter"
    changed: str | None = None
    changed_column: str | None = None
    required: bool = False
    user_fields: bool = False
    by_id: bool = False
    version: int = 1
    right: Right = CRM
    record: RecordKind | None = None
    tracked: tuple[str, ...] = ()
    moment: str = ""
    goes_with: tuple[str, ...] = ()
    another: Text | None = None
    names: Names | None = None

    @property
    def raw(self) -> dict[str, str]:
        """Columns of its raw table with their DuckDB types. KeyError if a field's ``coerce`` has no type."""
        columns = {f.column: f.type or wire.COLUMN_TYPES[f.coerce] for f in self.fields}
        return {**columns, "uf": "VARCHAR"} if self.user_fields else columns

    def listed(self, result: Any) -> list[Any]:
        """What a page holds, in whatever shape PHP writes a list: rows, and whatever else stands in their place. Raises Refused if it is no list."""
        found = result
        if self.path and isinstance(result, Mapping):
            found = result.get(self.path)
        rows = listed(found)
        if rows is None:
            raise no_list(self.method)
        return rows

    def rows(self, result: Any) -> list[Mapping[str, Any]]:
        """Rows of a page. Raises Refused if it is no list."""
        return [row for row in self.listed(result) if isinstance(row, Mapping)]

    def id_of(self, row: Mapping[str, Any]) -> int:
        """The id of an answer row, 0 if it has none."""
        return wire.link(row.get(self.id_key)) or wire.link(row.get("ID")) or wire.link(row.get("id")) or 0

    def columns(self, rows: Sequence[Mapping[str, Any]], zone: tzinfo = UTC, odd: list[Odd] | None = None) -> Columns:
        """Rows as typed columns of the raw table: naive UTC instants, Decimal money, None for what is empty, missing or unreadable.

        zone: the caller's, for values that come without an offset. odd: values that could not be taken as they came are added to it.
        """
        table: Columns = {}
        strange: list[tuple[int, str, str]] = []
        for item in self.fields:
            name, coerce = item.name, item.coerce
            values = [row.get(name) for row in rows]
            for other in item.also:
                values = [row.get(other) if value is None else value for value, row in zip(values, rows, strict=True)]
            if coerce is wire.instant:
                taken: list[Any] = [wire.moment(v, zone) for v in values]
            elif coerce is wire.integer and item.type != "BIGINT":
                taken = [wire.small(v) for v in values]
            else:
                taken = [coerce(v) for v in values]
            table[item.column] = taken
            if None in taken:
                strange += [
                    (place, name, "unreadable")
                    for place, (got, value) in enumerate(zip(taken, values, strict=True))
                    if got is None and value is not None and not wire.says_nothing(value)
                ]
            if coerce is wire.text and max(map(len, filter(None, taken)), default=0) >= wire.MOST_TEXT:
                strange += [
                    (place, name, "too_long") for place, got in enumerate(taken) if got and len(got) >= wire.MOST_TEXT
                ]
        if self.user_fields:
            table["uf"] = kept = []
            for place, row in enumerate(rows):
                lost: list[str] = []
                kept.append(wire.user_fields(row, lost))
                strange += [(place, name, "unreadable") for name in lost]
        if odd is not None and strange:
            odd += [(self.id_of(rows[place]), wire_name, why) for place, wire_name, why in strange]
        return table

    def known(self, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Rows that say which record they are."""
        key = self.fields[0]
        return [row for row in rows if any(key.coerce(row.get(name)) is not None for name in (key.name, *key.also))]


def same(names: str, coerce: Callable[[Any], Any]) -> tuple[Field, ...]:
    """Fields whose columns are called as they are, in small letters."""
    return tuple(Field(name, name.lower(), coerce) for name in names.split())


def selected(fields: tuple[Field, ...], *more: str) -> tuple[str, ...]:
    """Wire names of the fields, each once, and ``more``."""
    return (*dict.fromkeys(f.name for f in fields), *more)
