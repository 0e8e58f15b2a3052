"""Predicates as sets of conditions: what measures have in common, what is left to ask of a record, which columns an expression reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from dash_app.engine.language import Measure

_COMPLEX = re.compile(r"\bOR\b|\bBETWEEN\b|\bCASE\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z_]\w*+(?!\s*\()")
_PARAMETER = re.compile(r"\$(\w+)")


def parameters_of(sql: str) -> list[str]:
    """Names of the parameters a statement asks for, in order, each as often as it stands there."""
    return _PARAMETER.findall(sql)


def with_parameters(sql: str, names: Mapping[str, str]) -> str:
    """The same with parameters under other names; those not in ``names`` keep theirs."""
    return _PARAMETER.sub(lambda found: f"${names.get(found[1], found[1])}", sql)


def rest_of(measure: Measure, given: frozenset[str]) -> str:
    """What is left to ask of a record once ``given`` is known; '' for nothing."""
    return " AND ".join(c for c in conjuncts(measure.where) if c not in given)


@lru_cache(maxsize=1024)
def conjuncts(predicate: str) -> tuple[str, ...]:
    """The parts of ``a AND b AND c``, each of them whatever it is inside its own brackets; anything more complex is one part, ``true`` none."""
    if predicate == "true":
        return ()
    outside = _outside(predicate)
    if _COMPLEX.search(outside):
        return (f"({predicate})",)
    parts, start = [], 0
    for found in re.finditer(" AND ", outside):
        parts.append(predicate[start : found.start()])
        start = found.end()
    return (*parts, predicate[start:])


@lru_cache(maxsize=1024)
def _outside(predicate: str) -> str:
    """The predicate with everything inside brackets and quotes made dots, of the same length."""
    shown, depth, quoted = [], 0, False
    for letter in predicate:
        if letter == "'":
            quoted = not quoted
        if not quoted:
            depth += letter == "("
            depth -= letter == ")"
        shown.append("." if quoted or depth or letter in ")'" else letter)
    return "".join(shown)


def alike(measures: Sequence[Measure]) -> list[tuple[frozenset[str], list[Measure]]]:
    """Measures in groups that count among the same records, and the conjuncts all of a group share.

    Two belong together if one's records are all among the other's, or both speak of the same window of time (two conjuncts).
    """
    groups: list[tuple[frozenset[str], list[Measure]]] = []
    for measure in measures:
        own = frozenset(conjuncts(measure.where))
        for position, (shared, group) in enumerate(groups):
            common = shared & own
            if shared == own or (common and (common in (shared, own) or len(common) > 1)):
                groups[position] = (common, [*group, measure])
                break
        else:
            groups.append((own, [measure]))
    return groups


def words_of(sql: str) -> frozenset[str]:
    """Columns and key words of an expression; functions, parameters and texts in quotes are none of them."""
    return frozenset(word.lower() for word in _WORD.findall(re.sub(r"'[^']*'|\$\w+", "", sql)))


_NO_COLUMNS = words_of("AND OR NOT IN IS NULL TRUE FALSE CASE WHEN THEN ELSE END AS DECIMAL VARCHAR")


def columns_in(sql: str) -> frozenset[str]:
    """Columns an expression reads."""
    return words_of(sql) - _NO_COLUMNS
