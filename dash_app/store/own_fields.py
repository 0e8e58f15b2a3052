"""Own (user) fields of deals and leads: one declaration a type, from what the portal sends to what is kept, read, sorted and filtered.

A type (``USER_TYPE_ID``) becomes a column of the facts named as in the portal: one value, or a list of them where the field takes several.
A type of ``directory`` holds ids: always a list, its words in ``user_field_options`` in both languages, and it filters like any directory.
To add a type, add a ``FieldType`` to ``TYPES``. What each type sends: docs of ``crm.deal.userfield.list`` and ``crm.deal.list``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

FieldCell = Literal["plain", "words", "money", "file", "instant", "yes_no"]
"""What a list shows: the value itself, the words of its ids, money in its own currency, how many files, an instant in the portal's zone, yes or no."""


@dataclass(frozen=True, slots=True)
class FieldType:
    """What is known of a type of own fields.

    ``kind``: its name in the facts. ``types``: values of ``USER_TYPE_ID``. ``column``: DuckDB type of one value. ``one``: SQL of a value out
    of ``{x}``, a text of the portal; NULL where it says nothing or nonsense. ``unit``: how a list shows and filters it (``engine.language.Unit``).
    ``sort``: SQL by which a list sorts ``{c}``, one value of the column (a list of them: ``sort_many``); '' – itself.
    ``label``: words of an id that no directory of ours knows, by type: (Russian, English) with ``{id}``.
    ``parts``: SQL of the texts a single value ``{x}`` consists of, where it may be several in one.
    ``many``: the kind it is where the field takes several, if another. ``silent``: SQL of whether ``{x}`` says nothing, where not every text is a value of
    the type: what is neither a value nor silent cannot be read, and is counted.
    """

    kind: str
    types: tuple[str, ...]
    column: str
    one: str
    unit: str = "text"
    cell: FieldCell = "plain"
    directory: bool = False
    sort: str = ""
    sort_many: str = ""
    label: Mapping[str, tuple[str, str]] | None = None
    parts: str = ""
    many: str = ""
    silent: str = ""

    @property
    def filters(self) -> bool:
        """Whether people filter by it as by a list: by its values, «не указано» among them."""
        return self.directory or self.kind == "flag"

    @property
    def met_alone(self) -> bool:
        """Whether its ids are known from cards alone: no directory offers them."""
        return self.kind in ("people", "links", "elements")

    @property
    def by_value(self) -> bool:
        """Whether a column's filter asks each value by itself: numbers and dates; texts are asked as they are read."""
        return self.unit not in ("text", "link")


_ID = "CASE WHEN {x} NOT IN ('', '0', 'false', 'null') THEN {x} END"
_TEXT = "nullif({x}, '')"
_DOUBLE = "TRY_CAST(sent_number({x}) AS DOUBLE)"
_SILENT = "trim({x}) IN ('', '0', 'false', 'null') OR starts_with({x}, '0000')"

TYPES: Final[tuple[FieldType, ...]] = (
    FieldType("list", ("enumeration", "crm_status"), "VARCHAR", _ID, cell="words", directory=True),
    FieldType("people", ("employee",), "VARCHAR", _ID, cell="words", directory=True),
    FieldType(
        "links",
        ("crm",),
        "VARCHAR",
        "linked({x}, '{prefix}')",
        cell="words",
        directory=True,
        parts="string_split_regex({x}, '[;,]')",
    ),
    FieldType(
        "elements",
        ("iblock_element", "iblock_section", "hlblock"),
        "VARCHAR",
        _ID,
        cell="words",
        directory=True,
        label={
            "iblock_element": ("Элемент №{id}", "Element #{id}"),
            "iblock_section": ("Раздел №{id}", "Section #{id}"),
            "hlblock": ("Запись №{id}", "Entry #{id}"),
        },
    ),
    FieldType(
        "flag",
        ("boolean",),
        "BOOLEAN",
        "CASE WHEN upper({x}) IN ('1', 'Y', 'TRUE') THEN true WHEN upper({x}) IN ('0', 'N', 'FALSE') THEN false END",
        cell="yes_no",
        many="flags",
        silent=_SILENT,
    ),
    FieldType(
        "flags",
        (),
        "VARCHAR",
        "CASE WHEN upper({x}) IN ('1', 'Y', 'TRUE') THEN '1' WHEN upper({x}) IN ('0', 'N', 'FALSE') THEN '0' END",
        cell="words",
        directory=True,
        silent=_SILENT,
    ),
    FieldType("integer", ("integer",), "BIGINT", "TRY_CAST(sent_number({x}) AS BIGINT)", unit="count", silent=_SILENT),
    FieldType(
        "number",
        ("double",),
        "DOUBLE",
        f"CASE WHEN isfinite({_DOUBLE}) THEN {_DOUBLE} END",
        unit="points",
        silent=_SILENT,
    ),
    FieldType(
        "money",
        ("money",),
        "STRUCT(amount DECIMAL(20,4), currency VARCHAR, base DECIMAL(28,8))",
        "sent_money({x})",
        unit="money",
        cell="money",
        sort="{c}.base",
        sort_many="list_sum(list_transform({c}, lambda m: m.base))",
        silent="trim(split_part({x}, '|', 1)) IN ('', 'false', 'null') OR coalesce(TRY_CAST(sent_number(split_part({x}, '|', 1)) AS DOUBLE) = 0, false)",
    ),
    FieldType(
        "date",
        ("date",),
        "DATE",
        "sent_day({x})",
        unit="date",
        silent=_SILENT,
    ),
    FieldType(
        "datetime",
        ("datetime",),
        "TIMESTAMP",
        "sent_instant({x})",
        unit="date",
        cell="instant",
        silent=_SILENT,
    ),
    FieldType("file", ("file",), "VARCHAR", _ID, cell="file"),
    FieldType("address", ("address",), "VARCHAR", "nullif(trim(split_part({x}, '|', 1)), '')"),
    FieldType("url", ("url",), "VARCHAR", _TEXT),
    FieldType("text", ("string",), "VARCHAR", _TEXT),
)
"""Every kind of own fields. A type that is not here is read as text."""

FIELD_KINDS: Final[Mapping[str, FieldType]] = {kind.kind: kind for kind in TYPES}
_BY_TYPE: Final[Mapping[str, FieldType]] = {name: kind for kind in TYPES for name in kind.types}

PREFIXES: Final[Mapping[str, str]] = {
    "LEAD": "L",
    "DEAL": "D",
    "CONTACT": "C",
    "COMPANY": "CO",
    "QUOTE": "Q",
    "ORDER": "O",
    "SMART_INVOICE": "SI",
}
"""What SETTINGS of a link calls a kind of records -> its prefix in a value; a smart process is ``DYNAMIC_128`` and ``T80``."""
OF_PREFIX: Final[Mapping[str, tuple[str, str]]] = {
    "L": ("Лид", "Lead"),
    "D": ("Сделка", "Deal"),
    "C": ("Контакт", "Contact"),
    "CO": ("Компания", "Company"),
    "Q": ("Предложение", "Quote"),
    "O": ("Заказ", "Order"),
    "SI": ("Счёт", "Invoice"),
}
"""Prefix of a link -> what the record is called where its name is not known: «Компания 3»."""

LINKED: Final = (
    "CASE WHEN regexp_full_match(trim(x), '(L|D|C|CO|Q|O|SI|T[0-9a-fA-F]{1,8})_[1-9][0-9]{0,17}') THEN trim(x) "
    "WHEN regexp_full_match(trim(x), '[1-9][0-9]{0,17}') THEN CASE WHEN prefix = '' THEN trim(x) ELSE prefix || '_' || trim(x) END "
    "WHEN trim(x) NOT IN ('', '0', 'false', 'null') THEN trim(x) END"
)
"""SQL of a link as kept, ``CO_3``, out of one sent, ``x``; a bare number is of the one kind (``prefix``) the field's settings allow."""


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field of a portal: its type, whether it takes several values, what its settings say."""

    name: str
    type: FieldType
    several: bool = False
    user_type: str | None = None
    settings: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, name: str, user_type: str | None, *, several: bool, settings: str | None = None) -> OwnField:
        """The field of a definition (``crm.deal.userfield.list``)."""
        found = _BY_TYPE.get(user_type or "", FIELD_KINDS["text"])
        if several and found.many:
            found = FIELD_KINDS[found.many]
        return cls(name, found, several, user_type, _settings(settings))

    @property
    def is_list(self) -> bool:
        """Whether its column is a list."""
        return self.several or self.type.directory or self.type.cell == "file"

    @property
    def column(self) -> str:
        """DuckDB type of its column."""
        return self.type.column + ("[]" if self.is_list else "")

    @property
    def prefix(self) -> str:
        """Of links: what a bare number is of, where the settings allow one kind alone; '' otherwise."""
        allowed = [name for name, value in (self.settings or {}).items() if value in ("Y", "1", 1, True)]
        codes = [code for code in map(_prefix_of, allowed) if code]
        return codes[0] if len(codes) == 1 else ""

    @property
    def directory_id(self) -> str | None:
        """Of crm_status: which directory of ``crm.status.list`` names its values."""
        found = (self.settings or {}).get("ENTITY_TYPE")
        return found if isinstance(found, str) and found else None

    def expression(self, value: str) -> str:
        """SQL: the field's value out of ``value``, JSON as sent; nonsense is NULL, never an error."""
        # the portal says "false" for "no" of one boolean, and for nothing of any other field
        no = "" if self.type.kind == "flag" else f"WHEN CAST({value} AS VARCHAR) = 'false' THEN NULL "
        text = f"json_extract_string({value}, '$')"
        several = f"json_extract_string({value}, '$[*]')"
        parts = self.type.parts
        listed = f"CASE {no}WHEN json_type({value}) = 'ARRAY' THEN {several} ELSE [{text}] END"
        if parts:
            listed = f"flatten(list_transform({listed}, lambda s: {parts.replace('{x}', 's')}))"
        each = f"list_transform({listed}, lambda x: {self._one('x')})"
        kept = f"nullif(list_filter({each}, lambda y: y IS NOT NULL), [])"
        if self.is_list:
            return kept
        joined = f"array_to_string({kept}, '; ')" if self.type.column == "VARCHAR" else f"({kept})[1]"
        return f"CASE WHEN json_type({value}) = 'ARRAY' THEN {joined} {no}ELSE {self._one(text)} END"

    def unreadable(self, value: str) -> str:
        """SQL: whether a value out of ``value``, JSON as sent, is none of the type; '' where any text is one."""
        if not self.type.silent:
            return ""

        def wrong(text: str) -> str:
            silent = self.type.silent.replace("{x}", text)
            return f"CASE WHEN {self._one(text)} IS NULL AND {text} IS NOT NULL THEN NOT ({silent}) ELSE false END"

        wrong_ones = f"list_filter(json_extract_string({value}, '$[*]'), lambda x: {wrong('x')})"
        one = wrong(f"json_extract_string({value}, '$')")
        return f"CASE WHEN json_type({value}) = 'ARRAY' THEN len({wrong_ones}) > 0 ELSE {one} END"

    def _one(self, text: str) -> str:
        return self.type.one.replace("{prefix}", self.prefix).replace("{x}", text)


def quoted(name: str) -> str:
    """A name as an SQL identifier, in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text as an SQL string, in single quotes."""
    return "'" + value.replace("'", "''") + "'"


def at(name: str) -> str:
    """SQL: where a field stands in the JSON of a card, as a pointer: "~" and "/" are its only special characters."""
    return literal("/" + name.replace("~", "~0").replace("/", "~1"))


def _prefix_of(name: str) -> str | None:
    if name in PREFIXES:
        return PREFIXES[name]
    number = name.removeprefix("DYNAMIC_")
    return f"T{int(number):x}" if number != name and number.isdigit() else None


def _settings(document: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(document or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
