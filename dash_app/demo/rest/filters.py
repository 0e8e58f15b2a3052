"""REST filters as SQL conditions: operators in front of field names, types by column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dash_app.demo.rest.clock import parse_day, parse_instant
from dash_app.demo.rest.columns import MOMENTS, NUMBERS, Column
from dash_app.demo.rest.php import as_list, as_map, floatval, intval, is_empty, truth
from dash_app.demo.rest.protocol import RestError

OPERATORS: Final = ("!=%", "!%=", "!><", "!%", "!@", "!=", "=%", "%=", ">=", "<=", "><", "!", "%", "@", ">", "<", "=")

Lookup = Callable[[str], Column | None]


class Condition:
    """A WHERE clause being gathered: SQL parts joined by AND and their parameters."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: list[Any] = []
        self.since: tuple[str, int] | None = None
        """A column and the moment from which it is wanted, if the filter has such a lower bound."""

    def add(self, sql: str, *values: Any) -> None:
        """One more condition that must hold."""
        self.parts.append(sql)
        self.values.extend(values)

    @property
    def sql(self) -> str:
        """``WHERE ...``, or nothing."""
        return " WHERE " + " AND ".join(self.parts) if self.parts else ""


def split_operator(key: str) -> tuple[str, str]:
    """(operator, field) of a filter key; no operator means ``=``."""
    for operator in OPERATORS:
        if key.startswith(operator):
            return operator, key[len(operator) :]
    return "=", key


def refuse_unknown(field: str) -> RestError:
    """What the newer methods say of a field they do not know; the old ones say nothing and return everything."""
    return RestError("INVALID_ARG_VALUE", f"Invalid filter: field '{field}' is not allowed in filter")


def apply_filter(condition: Condition, wanted: Any, lookup: Lookup, *, strict: bool, logic: bool = False) -> None:
    """Add a filter to the conditions.

    lookup: column of a field name, None if there is none. strict: an unknown field is an error, else it is ignored.
    logic: nested groups with ``"logic": "OR"`` are understood.
    """
    for key, value in as_map(wanted).items():
        if logic and key.isdigit() and isinstance(value, (dict, list)):
            _group(condition, as_map(value), lookup, strict)
            continue
        if logic and key == "logic":
            continue
        operator, field = split_operator(key)
        column = lookup(field)
        if column is None or not column.filterable:
            if strict:
                raise refuse_unknown(field)
            continue
        compare(condition, column, operator, value)


def _group(condition: Condition, group: dict[str, Any], lookup: Lookup, strict: bool) -> None:
    word = " OR " if str(group.get("logic", "AND")).upper() == "OR" else " AND "
    parts = []
    for key, value in group.items():
        if key == "logic":
            continue
        inner = Condition()
        apply_filter(inner, {key: value}, lookup, strict=strict, logic=True)
        if inner.parts:
            parts.append("(" + " AND ".join(inner.parts) + ")")
            condition.values.extend(inner.values)
    if parts:
        condition.parts.append("(" + word.join(parts) + ")")


def compare(condition: Condition, column: Column, operator: str, value: Any) -> None:
    """Add ``column operator value``; an array with an equality operator means IN."""
    raw = column.raw
    if column.multiple or column.kind == "json":
        _compare_multiple(condition, column, operator, value)
        return
    if operator in {"><", "!><"}:
        bounds = as_list(value)
        if len(bounds) == 2:
            low, high = (convert(column, bound) for bound in bounds)
            condition.add(f"{raw} {'NOT ' if operator[0] == '!' else ''}BETWEEN ? AND ?", low, high)
        return
    negative = operator.startswith("!")
    if "%" in operator and column.kind in {"crm_status", "enumeration"}:
        operator = "!=" if negative else "="  # the portal knows no LIKE on directory fields
    if "%" in operator:
        _like(condition, raw, operator, value, negative)
        return
    if operator in {">", ">=", "<", "<="}:
        if operator[0] == ">" and column.kind == "datetime" and column.sql is None:
            condition.since = (column.name, convert(column, value))
        condition.add(f"{raw} {operator} ?", convert(column, value[0] if isinstance(value, list) and value else value))
        return
    if isinstance(value, (list, dict)) or operator.endswith("@"):
        options = as_list(value)
        if not options:
            condition.add("1" if negative else "0")
            return
        converted = [convert(column, option) for option in options if not is_empty(option)]
        with_empty = len(converted) < len(options)
        listed = f"{raw} IN ({','.join('?' * len(converted))})" if converted else "0"
        if negative:
            empty = _is_empty(column) if with_empty else f"{raw} IS NULL"
            glue = f"NOT ({listed}) AND NOT {empty}" if with_empty else f"({empty} OR NOT ({listed}))"
            condition.add(f"({glue})", *converted)
        else:
            condition.add(f"({listed} OR {_is_empty(column)})" if with_empty else listed, *converted)
        return
    if is_empty(value):
        condition.add(f"NOT {_is_empty(column)}" if negative else _is_empty(column))
        return
    if column.kind == "link" and intval(value) == 0:
        condition.add(f"coalesce({raw}, 0) {'<>' if negative else '='} 0")
        return
    if negative:
        condition.add(f"({raw} IS NULL OR {raw} <> ?)", convert(column, value))
    else:
        condition.add(f"{raw} = ?", convert(column, value))


def convert(column: Column, value: Any) -> Any:
    """A filter's value as the column stores it: what cannot be read is 0, as PHP casts it."""
    kind = column.kind
    if isinstance(value, (list, dict)):
        value = next(iter(as_list(value)), "")
    if kind == "boolean":
        return int(truth(value))
    if kind in NUMBERS:
        return intval(value)
    if kind in MOMENTS:
        moment = parse_instant(value)
        return 0 if moment is None else moment
    if kind == "date":
        return parse_day(value) or "1970-01-01"
    if kind == "money":
        return round(floatval(value) * 100)
    if kind == "double":
        return floatval(value)
    if kind == "flag":
        return "Y" if truth(value) else "N"
    if value is True:
        return "1"
    return "" if value is None or value is False else str(value)


def _is_empty(column: Column) -> str:
    raw = column.raw
    if column.kind == "link":
        return f"coalesce({raw}, 0) = 0"
    if column.kind in NUMBERS or column.kind in MOMENTS or column.kind in {"money", "double"}:
        return f"{raw} IS NULL"
    return f"({raw} IS NULL OR {raw} = '')"


def _like(condition: Condition, raw: str, operator: str, value: Any, negative: bool) -> None:
    own_mask = "=" in operator
    patterns = [str(option) for option in as_list(value)]
    if not own_mask:
        patterns = [f"%{option.replace('%', '')}%" for option in patterns]
    if not patterns:
        return
    # SQLite's LIKE folds ASCII only; the portal's collation folds every letter
    test = " OR ".join(f"fold({raw}) LIKE fold(?)" for _ in patterns)
    condition.add(f"({raw} IS NULL OR NOT ({test}))" if negative else f"({test})", *patterns)


def _compare_multiple(condition: Condition, column: Column, operator: str, value: Any) -> None:
    raw = column.raw
    negative = operator.startswith("!")
    options = [option for option in as_list(value) if not is_empty(option)]
    if not options:
        empty = f"({raw} IS NULL OR {raw} = '[]')"
        condition.add(f"NOT {empty}" if negative else empty)
        return
    marks = ",".join("?" * len(options))
    test = f"EXISTS (SELECT 1 FROM json_each({raw}) WHERE CAST(value AS TEXT) IN ({marks}))"
    condition.add(f"NOT {test}" if negative else test, *[str(option) for option in options])
