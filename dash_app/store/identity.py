"""Whether the portal is still the company it was: what is known of its records against what was just read.

Ids of a portal's database are given out once and ascend, a creation date never changes. So another company behind the address, a database put
back from a copy and an emptied portal show, while ordinary life – records renamed, moved, deleted, restored under new ids, a clean-up of less than
half, another time zone – does not. Nothing odd is published before a person has confirmed what was seen, and only that (``store.refresh``).

The rule is ``judge``, a pure function of two sights; docs/deployment.md says it in words.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from dash_app.portal.entities import TABLES, Entity
from dash_app.text import Text

RawQuery = Callable[[str], list[tuple[Any, ...]]]
"""Rows of a query against a raw database."""

_ENTITIES = tuple(table for table in TABLES.values() if isinstance(table, Entity))
_ANOTHER: Mapping[str, Text] = {entity.table: entity.another for entity in _ENTITIES if entity.another is not None}
CARDS = tuple(_ANOTHER)
"""Tables whose records are recognised one by one."""
_OF_CARDS: Mapping[str, tuple[str, ...]] = {entity.table: entity.goes_with for entity in _ENTITIES if entity.goes_with}
"""Tables whose rows go with their cards."""
COUNTED = tuple(TABLES)
_CEILINGS = tuple(entity.table for entity in _ENTITIES if entity.changed)
_SPREAD, _TOP = 1500, 300
_FEW = 5
"""Fewer records lost than this are ordinary life, whatever their share."""
_ZONES = timedelta(hours=27)
_QUARTER = 900
_FIRST = datetime(1995, 1, 1)

Mark = tuple[int, int | None, str]
"""A record as it is recognised: id, creation in epoch seconds, digest of its title ('' without one)."""


@dataclass(frozen=True, slots=True)
class CompanyMarks:
    """What a company is recognised by. ``as_of``: naive UTC. ``spread``: cards evenly over all ids, ``top``: the newest."""

    as_of: datetime
    rows: Mapping[str, int] = field(default_factory=dict)
    ceilings: Mapping[str, int] = field(default_factory=dict)
    spread: Mapping[str, Sequence[Mark]] = field(default_factory=dict)
    top: Mapping[str, Sequence[Mark]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As JSON: instants ISO, naive UTC; a card as [id, epoch seconds, digest]."""
        return {
            "as_of": self.as_of.isoformat(),
            "rows": dict(self.rows),
            "ceilings": dict(self.ceilings),
            "spread": {table: [list(mark) for mark in marks] for table, marks in self.spread.items()},
            "top": {table: [list(mark) for mark in marks] for table, marks in self.top.items()},
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> CompanyMarks:
        """Back from JSON. KeyError, TypeError or ValueError for anything else."""

        def marks(given: Mapping[str, Any]) -> dict[str, list[Mark]]:
            return {
                str(table): [(int(i), None if at is None else int(at), str(title)) for i, at, title in found]
                for table, found in given.items()
            }

        return cls(
            datetime.fromisoformat(document["as_of"]),
            {str(t): int(n) for t, n in document["rows"].items()},
            {str(t): int(n) for t, n in document["ceilings"].items()},
            marks(document["spread"]),
            marks(document["top"]),
        )


@dataclass(frozen=True, slots=True)
class Sight:
    """What was read, as far as it concerns what is known. ``until``: the believed present, naive UTC.

    ``found``: known cards that are there, by id. ``touched``: those changed since the known as-of. ``new``: cards created since the known
    as-of under ids that had been given out before: (id, creation).
    """

    until: datetime
    rows: Mapping[str, int] = field(default_factory=dict)
    ceilings: Mapping[str, int] = field(default_factory=dict)
    found: Mapping[str, Mapping[int, Mark]] = field(default_factory=dict)
    touched: Mapping[str, Collection[int]] = field(default_factory=dict)
    new: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``seen``: why a person has to confirm, empty if nothing. ``other``: another company. ``asides``: single oddities that are only said."""

    seen: tuple[Text, ...] = ()
    other: bool = False
    asides: tuple[Text, ...] = ()


def digest(title: Any) -> str:
    """What tells titles apart, however they are written out: 12 hexadecimal digits, '' of no title."""
    text = " ".join(html.unescape(str(title or "")).casefold().split())
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest() if text else ""


def mark_of(number: Any, created: Any, title: Any) -> Mark:
    """A record as it is recognised. ``created``: naive UTC or None."""
    at = int(created.replace(tzinfo=UTC).timestamp()) if isinstance(created, datetime) else None
    return int(number), at, digest(title)


def known_of(ask: RawQuery, as_of: datetime) -> CompanyMarks:
    """What a raw database makes a company recognisable by."""
    spread: dict[str, list[Mark]] = {}
    top: dict[str, list[Mark]] = {}
    for table in CARDS:
        (total,) = ask(f"SELECT count(*) FROM {table}")[0]
        step = max(1, -(-total // _SPREAD))
        listed = f"SELECT id, date_create, title, row_number() OVER (ORDER BY id) AS place FROM {table}"
        spread[table] = [
            mark_of(*row[:3]) for row in ask(f"SELECT * FROM ({listed}) WHERE place % {step} = 0 ORDER BY id")
        ]
        top[table] = [
            mark_of(*row) for row in ask(f"SELECT id, date_create, title FROM {table} ORDER BY id DESC LIMIT {_TOP}")
        ]
    return CompanyMarks(as_of, _rows(ask), _ceilings(ask), spread, top)


def _rows(ask: RawQuery) -> dict[str, int]:
    return {table: int(ask(f"SELECT count(*) FROM {table}")[0][0]) for table in COUNTED}


def _ceilings(ask: RawQuery) -> dict[str, int]:
    return {table: int(ask(f"SELECT max(id) FROM {table}")[0][0] or 0) for table in _CEILINGS}


def look(ask: RawQuery, known: CompanyMarks, until: datetime) -> Sight:
    """What a raw database just read says of what is known."""
    found: dict[str, dict[int, Mark]] = {}
    touched: dict[str, set[int]] = {}
    new: dict[str, list[tuple[int, int]]] = {}
    since = known.as_of.isoformat()
    for table in CARDS:
        ids = sorted({mark[0] for mark in (*known.spread.get(table, ()), *known.top.get(table, ()))})
        rows = (
            ask(
                f"SELECT id, date_create, title, date_modify > TIMESTAMP '{since}' - INTERVAL 1 HOUR FROM {table} "
                f"WHERE id IN ({', '.join(map(str, ids))})"
            )
            if ids
            else []
        )
        found[table] = {int(row[0]): mark_of(*row[:3]) for row in rows}
        touched[table] = {int(row[0]) for row in rows if row[3]}
        # created after all that was known, and yet under a number given out before
        after = (known.as_of + _ZONES).isoformat()
        new[table] = [
            (mark[0], mark[1])
            for row in ask(
                f"SELECT id, date_create, title FROM {table} WHERE id <= {known.ceilings.get(table, 0)} "
                f"AND date_create > TIMESTAMP '{after}' ORDER BY id LIMIT 1000"
            )
            if (mark := mark_of(*row))[1] is not None
        ]
    return Sight(until, _rows(ask), _ceilings(ask), found, touched, new)


def judge(known: CompanyMarks, sight: Sight, unread: Collection[str] = ()) -> Verdict:
    """Whether what was read is the company that is known. ``unread``: tables the portal refused: said elsewhere."""
    seen: list[Text] = []
    asides: list[Text] = []
    strange = compared = renamed = named = gone = marked = 0
    for table in CARDS:
        if table in unread:
            continue
        here = sight.found.get(table, {})
        marks = {mark[0]: mark for mark in (*known.spread.get(table, ()), *known.top.get(table, ()))}
        pairs = [(mark, here[number]) for number, mark in sorted(marks.items()) if number in here]
        others = _others(pairs, sight.until)
        reused = [
            pair for pair in sight.new.get(table, ()) if pair[0] not in marks and _plausible(pair[1], sight.until)
        ]
        strange, compared = strange + len(others), compared + len(pairs)
        gone, marked = gone + len(known.spread.get(table, ())) - _left(known, sight, table), marked + len(marks)
        strange_ones = set(others)
        titled = [
            (was, now)
            for was, now in pairs
            if was[2] and now[2] and now[0] not in sight.touched.get(table, ()) and (was, now) not in strange_ones
        ]
        changed = [(was, now) for was, now in titled if was[2] != now[2]]
        renamed, named = renamed + len(changed), named + len(titled)
        for said in (_said_others(table, others), _said_reused(table, reused)):
            if said is not None:
                many = len(others) + len(reused) >= 2 or 2 * len(others) > len(pairs) > 0
                (seen if many else asides).append(said)
        if len(changed) >= 2 and 2 * len(changed) > len(titled):
            seen.append(_said_renamed(table, changed))
    seen += _falls(known, sight, unread)
    if rolled := _rolled_back(known, sight, unread):
        seen.append(rolled)
    nothing_left = marked > 0 and compared == 0 and gone >= _FEW and any(sight.rows.get(t, 0) for t in CARDS)
    other = 2 * strange > compared > 0 or (2 * renamed > named and renamed >= 2) or nothing_left
    return Verdict(tuple(seen), bool(seen) and other, tuple(asides))


def similar(confirmed: CompanyMarks, sight: Sight, unread: Collection[str] = ()) -> bool:
    """Whether what was read is what a person confirmed: nothing odd against it, and no table that doubled meanwhile."""
    if judge(confirmed, sight, unread).seen:
        return False
    for table in COUNTED:
        was, now = confirmed.rows.get(table, 0), sight.rows.get(table, 0)
        if table in CARDS and now - was >= _FEW and now > 2 * was:
            return False
    return True


def are_others(known: Sequence[Mark], here: Mapping[int, Mark]) -> bool:
    """Whether the cards under known ids are others, or none of several is there any more."""
    pairs = [(mark, here[mark[0]]) for mark in known if mark[0] in here]
    others = _others(pairs, datetime.now(UTC).replace(tzinfo=None) + timedelta(days=36_600))
    titles = [(was, now) for was, now in pairs if was[2] and now[2]]
    other_titles = sum(was[2] != now[2] for was, now in titles)
    return (
        len(others) >= 2
        or 2 * len(others) > len(pairs) > 0
        or (2 * other_titles > len(titles) and other_titles >= 2)
        or (not pairs and len(known) >= _FEW)
    )


def _plausible(at: int, until: datetime) -> bool:
    moment = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
    return _FIRST <= moment <= until + _ZONES


def _others(pairs: Sequence[tuple[Mark, Mark]], until: datetime) -> list[tuple[Mark, Mark]]:
    """Cards whose creation is another one. A date that cannot be is an odd value, a shift by whole quarters of an hour another time zone."""
    return [
        (was, now)
        for was, now in pairs
        if was[1] is not None
        and now[1] is not None
        and was[1] != now[1]
        and _plausible(was[1], until)
        and _plausible(now[1], until)
        and not (abs(now[1] - was[1]) <= _ZONES.total_seconds() and (now[1] - was[1]) % _QUARTER == 0)
    ]


def _left(known: CompanyMarks, sight: Sight, table: str) -> int:
    here = sight.found.get(table, {})
    return sum(1 for mark in known.spread.get(table, ()) if mark[0] in here)


def _falls(known: CompanyMarks, sight: Sight, unread: Collection[str]) -> list[Text]:
    """Lists that lost more than half. Rows that go with their cards are judged where the cards stayed."""
    said: list[Text] = []
    fallen: set[str] = set()
    for table in COUNTED:
        was, now = known.rows.get(table, 0), sight.rows.get(table, 0)
        owners = _OF_CARDS.get(table, ())
        if table in unread or fallen & set(owners):
            continue
        lost = was - now
        if table in CARDS:
            marks, left = known.spread.get(table, ()), _left(known, sight, table)
            if marks and len(marks) < was:  # a sample: half is not seen to the record
                lost = max(lost, round(was * (len(marks) - left) / len(marks))) if left < 0.45 * len(marks) else lost
            elif marks:
                lost = max(lost, len(marks) - left)
        enough = lost >= _FEW or now == 0 and lost >= 3
        if not enough or 2 * lost <= was:
            continue
        if owners and now > 0 and any(10 * sight.rows.get(o, 0) < 9 * known.rows.get(o, 0) for o in owners):
            continue
        fallen.add(table)
        name = TABLES[table].several
        if was - now >= lost:
            said.append(Text(f"{name.ru} было {was}, стало {now}", f"there were {was} {name.en}, now there are {now}"))
        else:
            said.append(
                Text(
                    f"{name.ru} было {was}, из них осталось {max(0, was - lost)}",
                    f"there were {was} {name.en}, {max(0, was - lost)} of them are left",
                )
            )
    return said


def _rolled_back(known: CompanyMarks, sight: Sight, unread: Collection[str]) -> Text | None:
    """The newest records of several lists gone at once: a database put back from a copy."""
    fell = [
        table
        for table in _CEILINGS
        if table not in unread and known.ceilings.get(table, 0) - sight.ceilings.get(table, 0) >= 2 * _FEW
    ]
    if "deals" not in fell or len(fell) < 3:
        return None
    was, now = known.ceilings["deals"], sight.ceilings.get("deals", 0)
    return Text(
        f"последний номер сделки был {was}, стал {now}; так же назад пошли номера других записей",
        f"the last deal's id was {was} and is {now} now; ids of other records went back as well",
    )


def _when(at: int | None) -> str:
    return "?" if at is None else f"{datetime.fromtimestamp(at, UTC):%d.%m.%Y %H:%M}"


def _more(count: int) -> tuple[str, str]:
    return (f" и ещё у {count - 1}", f", and {count - 1} more") if count > 1 else ("", "")


def _said_others(table: str, others: Sequence[tuple[Mark, Mark]]) -> Text | None:
    if not others:
        return None
    was, now = others[0]
    ru, en = _more(len(others))
    name = _ANOTHER[table]
    return Text(
        f"под номером {was[0]} {name.ru}: создана {_when(now[1])} вместо {_when(was[1])}{ru}".replace(
            "лид: создана", "лид: создан"
        ),
        f"number {was[0]} is {name.en}: created {_when(now[1])} instead of {_when(was[1])}{en}",
    )


def _said_reused(table: str, reused: Sequence[tuple[int, int]]) -> Text | None:
    if not reused:
        return None
    ru, en = _more(len(reused))
    name = _ANOTHER[table]
    return Text(
        f"под уже выданным номером {reused[0][0]} {name.ru}, создание {_when(reused[0][1])}{ru}",
        f"number {reused[0][0]}, given out before, is {name.en}, created {_when(reused[0][1])}{en}",
    )


def _said_renamed(table: str, changed: Sequence[tuple[Mark, Mark]]) -> Text:
    name = TABLES[table].several
    return Text(
        f"у {len(changed)} {name.ru} другие названия, хотя их никто не менял (номер {changed[0][0][0]})",
        f"{len(changed)} {name.en} have other titles though nobody changed them (number {changed[0][0][0]})",
    )
