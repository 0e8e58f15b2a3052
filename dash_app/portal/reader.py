"""Whole entities, directories and small questions of one portal, as typed columns. What a refresh asks is asked here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from dash_app import logs
from dash_app.portal import wire
from dash_app.portal.chain import PAGE, Chain, WireRow, answers
from dash_app.portal.client import Client, Command, as_map
from dash_app.portal.entities import (
    DEPARTMENTS,
    PIPELINES,
    STATUSES,
    USERS,
    Columns,
    Entity,
    Odd,
    listed,
    user_fields,
)
from dash_app.portal.errors import Inconsistent, PortalError, Refused, no_list
from dash_app.text import Text

_ZONES_APART = timedelta(hours=26)
_DEAL, _LEAD = 2, 1
_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class PortalPage:
    """Typed rows of one request: column -> values, all of one length, ids ascending.

    ``odd``: values and records among them that could not be taken as they came. ``missing``: rows of a directory the portal counts
    and does not give.
    """

    entity: Entity
    columns: Columns
    rows: int
    first_id: int
    last_id: int
    odd: tuple[Odd, ...] = ()
    missing: int = 0


@dataclass(frozen=True, slots=True)
class PortalInfo:
    """What a portal says of itself."""

    address: str
    base_currency: str
    utc_offset: str  # '+03:00'; '' where it does not say
    is_admin: bool
    user_id: int
    crm_mode: int | None
    taken_at: datetime  # naive UTC, the portal's clock
    local: datetime | None = None  # naive UTC, this machine's clock at the same moment; None: not known


@dataclass(frozen=True, slots=True)
class BoundActivity:
    """An activity bound to a card, whoever its main owner is. Instants are naive UTC; deadline None: none set."""

    id: int
    created: datetime | None
    last_updated: datetime | None
    deadline: datetime | None
    completed: bool


class Reader:
    """Reads entities of one portal. Thread-safe: each entity may be read by a thread of its own."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._offset: str | None = None
        self._told = False
        self._zone: tzinfo = UTC
        self._counted: dict[str, tuple[int, int]] = {}
        self._refused: dict[str, Refused] = {}

    # -- the portal itself -------------------------------------------------------------------------------------

    def server_time(self) -> datetime:
        """The portal's clock, naive UTC, ours where it tells none; its offset is remembered for the filters."""
        told = self.client.server_time()
        clock = told or datetime.now(UTC)
        written = clock.strftime("%z")
        self._offset = f"{written[:3]}:{written[3:5]}" if written else "+00:00"
        self._zone = clock.tzinfo or UTC
        self._told = told is not None
        return clock.astimezone(UTC).replace(tzinfo=None)

    def info(self) -> PortalInfo:
        """Address, clock, base currency and whether the webhook's owner is an administrator. Raises PortalError."""
        taken_at, local = self.server_time(), datetime.now(UTC).replace(tzinfo=None)
        profile = as_map(self._or_none("profile"))
        if zone := wire.text(profile.get("TIME_ZONE")):
            try:
                self._zone = ZoneInfo(zone)
            except (KeyError, ValueError, OSError):
                _log.warning("the portal's user has an unknown time zone", zone=str(zone)[:40])
        admin = wire.flag(profile.get("ADMIN"))
        if admin is None:
            admin = wire.flag(self._or_none("user.admin"))
        currency = self._or_none("crm.currency.base.get")
        return PortalInfo(
            self.client.address,
            currency if isinstance(currency, str) and currency else "",
            self._offset if self._offset and self._told else "",
            bool(admin),
            wire.link(profile.get("ID")) or self.client.webhook.user_id,
            wire.integer(self._or_none("crm.settings.mode.get")),
            taken_at,
            local,
        )

    def scopes(self) -> set[str] | None:
        """Rights the webhook has, lower case; None if the portal does not say."""
        try:
            return {str(s).lower() for s in as_map(self.client.call("scope")["result"]).values()}
        except PortalError:
            return None

    def _or_none(self, method: str) -> Any:
        try:
            return self.client.call(method)["result"]
        except Refused:
            return None

    def stamp(self, moment: datetime) -> str:
        """A naive UTC instant with the portal's own offset, as its filters understand it best."""
        if self._offset is None:
            self.server_time()
        offset = self._offset or "+00:00"
        shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6])) * (-1 if offset[0] == "-" else 1)
        return moment.replace(tzinfo=UTC).astimezone(timezone(shift)).isoformat(timespec="seconds")

    # -- big entities ------------------------------------------------------------------------------------------

    def read(
        self, entity: Entity, after_id: int = 0, upto_id: int | None = None, changed_since: datetime | None = None
    ) -> Iterator[PortalPage]:
        """Pages of rows with ``after_id`` < id <= ``upto_id`` in order of id; ``changed_since`` (naive UTC): only those changed since.

        Raises Refused only before the first page: a read that breaks off later is Inconsistent, so that a part never passes for the whole.
        """
        wanted: dict[str, Any] = {}
        if changed_since is not None:
            if entity.changed is None:
                raise ValueError(f"{entity.table} has no change date")
            wanted[f">={entity.changed}"] = self.stamp(changed_since)
        if upto_id is not None:
            wanted["<=ID"] = upto_id
        rest = self._rest(entity, after_id) if not wanted else None
        chain = Chain(self.client, entity, entity.select, wanted, rest)
        strange = 0
        for rows in self._whole(chain, after_id, self._refused.pop(entity.table, None)):
            if upto_id is not None:
                rows = [row for row in rows if entity.id_of(row) <= upto_id]
            odd: list[Odd] = []
            columns = entity.columns(rows, self._zone, odd)
            if changed_since is not None:
                columns = self._really_changed(entity, columns, changed_since)
            ids = columns["id"]
            if ids:
                kept = set(ids)
                nameless: list[Odd] = [(0, None, "no_id")] * (chain.strange - strange)
                strange = chain.strange
                after_id = ids[-1]
                yield PortalPage(
                    entity, columns, len(ids), ids[0], ids[-1], (*(o for o in odd if o[0] in kept), *nameless)
                )
        if chain.strange > strange:  # nobody else on their pages
            nobody: list[Odd] = [(0, None, "no_id")] * (chain.strange - strange)
            yield PortalPage(entity, entity.columns([]), 0, after_id, after_id, tuple(nobody))

    def records(self, entity: Entity, ids: Sequence[int]) -> PortalPage:
        """Records of a list by id, those that are there, each asked for by itself; one whose command fails is absent."""
        chain = Chain(self.client, entity, entity.select)
        commands = {
            number: Command(f"r{number}", entity.method, chain.params({">ID": number - 1, "<=ID": number}))
            for number in sorted(set(ids))
        }
        results = _lists({k: _rows_of(entity, v) for k, v in answers(self.client, list(commands.values()), {}).items()})
        rows = [
            row
            for number, command in commands.items()
            for row in results.get(command.key, ())[:1]
            if entity.id_of(row) == number
        ]
        odd: list[Odd] = []
        columns = entity.columns(rows, self._zone, odd)
        found = columns["id"]
        return PortalPage(entity, columns, len(found), min(found, default=0), max(found, default=0), tuple(odd))

    def ids(self, entity: Entity, after_id: int = 0) -> Iterator[list[int]]:
        """Every id there is above ``after_id``, in order: for finding what was deleted."""
        chain = Chain(self.client, entity, self._only_id(entity), {}, self._rest(entity, after_id))
        for rows in self._whole(chain, after_id):
            yield [entity.id_of(row) for row in rows]

    def expected(self, entity: Entity, after_id: int = 0) -> int | None:
        """How many rows there are above an id, by the portal's own count; None if it does not say. One counting request."""
        try:
            chain = Chain(self.client, entity, self._only_id(entity))
            total = self.client.call(entity.method, chain.params({">ID": after_id}, start=0)).get("total")
        except Refused as refused:
            if refused.final:  # the reading that follows need not ask once more
                self._refused[entity.table] = refused
            return None
        count = wire.integer(total)
        if count is not None:
            self._counted[entity.table] = (after_id, count)
        return count

    @staticmethod
    def _only_id(entity: Entity) -> tuple[str, ...] | None:
        return ("ID",) if entity.select is not None else None

    def _rest(self, entity: Entity, after_id: int) -> int | None:
        """What ``expected`` has just said of the same rows."""
        counted = self._counted.pop(entity.table, None)
        return counted[1] if counted is not None and counted[0] == after_id else None

    @staticmethod
    def _whole(chain: Chain, after_id: int, refused_before: Refused | None = None) -> Iterator[list[WireRow]]:
        begun = False
        if refused_before is not None:
            raise refused_before
        try:
            for rows in chain.read(after_id):
                begun = True
                yield rows
        except Refused as refused:
            if not begun:
                raise
            broken_off = Inconsistent(
                Text(
                    f"Чтение оборвалось посередине. {refused.text.ru}",
                    f"Reading broke off in the middle. {refused.text.en}",
                ),
                refused.code,
            )
        else:
            return
        raise broken_off

    @staticmethod
    def _really_changed(entity: Entity, columns: Columns, since: datetime) -> Columns:
        """Old lists silently drop a filter they do not know and return everything. What was not asked for is left out, and said in the log.

        A day and two hours are forgiven: the portal may have read the instant in another zone.
        """
        bound = since - _ZONES_APART
        keep = [stamp is None or stamp >= bound for stamp in columns[entity.changed_column or ""]]
        if all(keep):
            return columns
        _log.warning(f"{entity.method} ignores the filter on {entity.changed}: every refresh reads it whole")
        return {
            name: [value for value, kept in zip(values, keep, strict=True) if kept] for name, values in columns.items()
        }

    # -- small directories -------------------------------------------------------------------------------------

    def directory(self, entity: Entity) -> PortalPage:
        """A small list whole, by offset pages where the portal pages it. Raises Refused without the right."""
        total = 0
        try:
            rows, total = self._offset_pages(entity)
        except Refused:
            if entity is not PIPELINES:
                raise
            rows = self._old_pipelines()
        if len(rows) < total:
            rows = self._another_way(entity, rows)
        return self._small_page(entity, rows, max(0, total - len(rows)))

    def _small_page(self, entity: Entity, rows: Sequence[WireRow], missing: int = 0) -> PortalPage:
        known = entity.known(rows)
        odd: list[Odd] = [(0, None, "no_id")] * (len(rows) - len(known))
        columns = entity.columns(known, self._zone, odd)
        if entity is STATUSES:
            columns["semantic"] = [_semantic(row) for row in known]
        return PortalPage(entity, columns, len(known), 0, 0, tuple(odd), missing)

    def _offset_pages(self, entity: Entity) -> tuple[list[WireRow], int]:
        """(rows, each once; how many the portal counts)."""
        rows: dict[str, WireRow] = {}
        start: int | None = 0
        seen: set[int] = set()
        total = 0
        while start is not None and start not in seen:
            seen.add(start)
            envelope = self.client.call(entity.method, {**entity.params, "start": start})
            for row in entity.rows(envelope["result"]):
                rows.setdefault(_key(row), row)  # rows that move between two pages come twice
            total = wire.integer(envelope.get("total")) or 0
            start = wire.link(envelope.get("next"))
        return list(rows.values()), total

    def _another_way(self, entity: Entity, rows: Sequence[WireRow]) -> list[WireRow]:
        """A directory whose pages bring less than the portal counts: by id where they can be, departments from the other end and by those above them."""
        found = {_key(row): row for row in rows}

        def take(results: Iterable[Any]) -> list[WireRow]:
            new = [row for result in results for row in entity.rows(result) if _key(row) not in found]
            found.update((_key(row), row) for row in new)
            return new

        try:
            if entity.by_id:
                take(Chain(self.client, entity).read())
            elif entity is DEPARTMENTS:
                for order in ("ASC", "DESC"):
                    take([self.client.call(entity.method, {"sort": "ID", "order": order, "start": 0})["result"]])
                waiting = list(found.values())
                while waiting:
                    above = {number for row in waiting if (number := entity.id_of(row))}
                    commands = [Command(f"d{number}", entity.method, {"PARENT": number}) for number in sorted(above)]
                    waiting = take(answers(self.client, commands, {}).values())
        except (Refused, Inconsistent):
            _log.warning("%s brings less than it counts, and knows no other way", entity.method)
        return list(found.values())

    def _old_pipelines(self) -> list[WireRow]:
        """Portals without crm.category.list: the old list leaves out the default pipeline, which is asked for by itself."""
        listed = self.client.call("crm.dealcategory.list", {"order": {"SORT": "ASC"}, "start": -1})["result"]
        default = as_map(self._or_none("crm.dealcategory.default.get"))
        rows: list[WireRow] = [
            {"ID": "0", "NAME": default.get("NAME") or "Общая", "SORT": default.get("SORT") or "0", "IS_DEFAULT": "Y"}
        ]
        return rows + [{**row, "IS_DEFAULT": "N"} for row in PIPELINES.rows(listed) if wire.link(row.get("ID"))]

    def users(self) -> PortalPage:
        """Everyone, dismissed people too; without administrator rights the mode falls back to what is visible."""
        try:
            rows, total = self._everyone(USERS)
        except Refused:
            rows, total = self._everyone(replace(USERS, params={"sort": "ID", "order": "ASC"}))
        return self._small_page(USERS, rows, max(0, total - len(rows)))

    def _everyone(self, entity: Entity) -> tuple[list[WireRow], int]:
        """(rows, how many the portal counts). By id; by offset where an old portal knows no ">ID" for people, which shows in fewer rows than it counts."""
        chain = Chain(self.client, entity)
        first = self.client.call(entity.method, chain.params({}, start=0))
        rows, total = entity.rows(first["result"]), wire.integer(first.get("total")) or 0
        if len(rows) < PAGE and total <= len(rows):
            return rows, total
        chain.rest = total or None
        try:
            rows = [row for part in chain.read() for row in part]
        except Inconsistent:
            return self._offset_pages(entity)
        return (rows, total) if len(rows) >= total else self._offset_pages(entity)

    def people(self, ids: Sequence[int]) -> PortalPage:
        """People by id: those the full list left out. Not all of them exist: bots and integrators never come."""
        rows, _ = self._by_ids(
            USERS, ids, lambda chunk: {"ADMIN_MODE": True, "sort": "ID", "order": "ASC", "FILTER": {"ID": chunk}}
        )
        return self._small_page(USERS, rows)

    def named(self, entity: Entity, ids: Sequence[int]) -> PortalPage:
        """Records of an entity by id, for their names. Those that are gone never come; those the portal refuses are ``odd``.

        Raises PortalError where it refuses all of them.
        """
        rows, refused = self._by_ids(
            entity,
            ids,
            lambda chunk: {
                "filter": {"@ID": chunk},
                "select": list(entity.select or ()),
                "order": {"ID": "ASC"},
                "start": -1,
            },
        )
        if refused and not rows:
            raise next(iter(refused.values()))
        return PortalPage(
            entity,
            entity.columns(rows),
            len(rows),
            0,
            0,
            tuple((number, None, "refused") for number in sorted(refused)),
        )

    def _by_ids(
        self, entity: Entity, ids: Sequence[int], params: Callable[[list[int]], Mapping[str, Any]]
    ) -> tuple[list[WireRow], dict[int, PortalError]]:
        """(records of these ids in their order; ids whose commands failed, with the reason).

        Fifty a command; where one fails its records are asked for one by one, so that each costs no more than itself.
        """
        wanted = sorted(set(ids))
        found: dict[int, WireRow] = {}
        refused: dict[int, PortalError] = {}
        chunks = [wanted[start : start + PAGE] for start in range(0, len(wanted), PAGE)]
        alone = False
        while chunks:
            commands = [Command(f"n{i}", entity.method, params(chunk)) for i, chunk in enumerate(chunks)]
            errors: dict[str, PortalError] = {}
            results = answers(self.client, commands, errors)
            again: list[int] = []
            for command, chunk in zip(commands, chunks, strict=True):
                try:
                    rows = entity.rows(results.get(command.key))
                except Refused as error:
                    refused |= dict.fromkeys(chunk, errors.get(command.key, error))
                    again += chunk
                    continue
                found |= {i: row for row in rows if (i := entity.id_of(row)) in set(chunk)}
            if not again or alone or not found and len(again) == len(wanted) > PAGE:
                break
            for number in again:
                del refused[number]
            chunks, alone = [[number] for number in again], True
        return [found[i] for i in sorted(found)], refused

    def user_fields(self, entity: str) -> Columns:
        """Definitions of user fields of ``deal`` or ``lead`` with Russian labels and list options."""
        method = user_fields.METHODS[entity]
        rows: list[WireRow] = []
        start: int | None = 0
        while start is not None:
            envelope = self.client.call(method, {"filter": {"LANG": "ru"}, "order": {"SORT": "ASC"}, "start": start})
            result = envelope["result"]
            page = listed(result)
            if page is None:
                raise no_list(method)
            rows += [row for row in page if isinstance(row, Mapping)]
            following = wire.link(envelope.get("next"))
            start = following if following is not None and following > start else None
        return user_fields.columns_of(entity, rows)

    # -- about single cards ------------------------------------------------------------------------------------

    def bound_activities(self, owner_type_id: int, owner_ids: Sequence[int]) -> dict[int, list[BoundActivity]]:
        """The latest 50 activities bound to each card (2 deal, 1 lead), newest first; also those whose main owner is another card.

        One command a card, because an answer does not say which binding matched. A card whose command fails is absent.
        """
        select = ("ID", "CREATED", "LAST_UPDATED", "COMPLETED", "DEADLINE")
        commands = {
            owner: Command(
                f"b{owner}",
                "crm.activity.list",
                {
                    "filter": {"BINDINGS": [{"OWNER_TYPE_ID": owner_type_id, "OWNER_ID": owner}]},
                    "select": select,
                    "order": {"ID": "DESC"},
                    "start": -1,
                },
            )
            for owner in dict.fromkeys(owner_ids)
        }
        results = _lists(answers(self.client, list(commands.values()), {}))
        found: dict[int, list[BoundActivity]] = {}
        for owner, command in commands.items():
            if command.key not in results:
                continue
            by_id = {
                number: BoundActivity(
                    number,
                    wire.moment(row.get("CREATED"), self._zone),
                    wire.moment(row.get("LAST_UPDATED"), self._zone),
                    wire.moment(row.get("DEADLINE"), self._zone),
                    wire.flag(row.get("COMPLETED")) is True,
                )
                for row in results[command.key]
                if (number := wire.link(row.get("ID")))
            }
            found[owner] = sorted(by_id.values(), key=lambda activity: -activity.id)
        return found

    def latest_comments(self, owner_type_id: int, owner_ids: Sequence[int]) -> dict[int, datetime | None]:
        """When each card (2 deal, 1 lead) got its latest timeline comment, naive UTC; None without any. A card whose command fails is absent."""
        kind = {_DEAL: "deal", _LEAD: "lead"}[owner_type_id]
        commands = {
            owner: Command(
                f"t{owner}",
                "crm.timeline.comment.list",
                {
                    "filter": {"ENTITY_TYPE": kind, "ENTITY_ID": owner},
                    "select": ["ID", "CREATED"],
                    "order": {"ID": "DESC"},
                    "start": 0,
                },
            )
            for owner in dict.fromkeys(owner_ids)
        }
        results = _lists(answers(self.client, list(commands.values()), {}))
        found: dict[int, datetime | None] = {}
        for owner, command in commands.items():
            if command.key in results:
                stamps = [wire.moment(row.get("CREATED"), self._zone) for row in results[command.key]]
                found[owner] = max((stamp for stamp in stamps if stamp is not None), default=None)
        return found


def _rows_of(entity: Entity, result: Any) -> Any:
    return result.get(entity.path) if entity.path and isinstance(result, Mapping) else result


def _lists(results: Mapping[str, Any]) -> dict[str, list[WireRow]]:
    """Rows of each answer that is a list, in whatever shape PHP writes it."""
    return {
        key: [row for row in rows if isinstance(row, Mapping)]
        for key, result in results.items()
        if (rows := listed(result)) is not None
    }


def _key(row: WireRow) -> str:
    """What tells the rows of a directory apart; rows that say no id are told by all they say."""
    number = row.get("CURRENCY") or row.get("id", row.get("ID"))
    return repr(number) if wire.text(number) else repr(row)


def _semantic(row: WireRow) -> str | None:
    """P, S or F of a stage: SEMANTICS, else EXTRA.SEMANTICS in words. None for directories that are no stages."""
    given = row.get("SEMANTICS")
    if given in ("S", "F", "P"):
        return str(given)
    extra = as_map(row.get("EXTRA")).get("SEMANTICS")
    return {"success": "S", "failure": "F", "apology": "F", "process": "P"}.get(str(extra))


__all__ = [
    "BoundActivity",
    "PortalPage",
    "PortalInfo",
    "Reader",
]
