"""Whole entities out of a portal as fast as it allows: keyset pages chained 50 to a batch.

A chain asks "the first 50 after id N", then "the first 50 after the last id of the page before" and so on, so one request brings
2 500 rows whatever holes the ids have. Traps held here: after a short page the reference does not resolve and later commands
start over (ids must ascend, the rest is ignored); a portal that does not resolve references at all is read by windows of ids instead;
a failing command stops the chain at the last good id and is asked again, never skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dash_app.portal.client import BATCH, Client, Command, as_map
from dash_app.portal.entities import (
    CURRENCIES,
    DEPARTMENTS,
    PIPELINES,
    STATUSES,
    USER_FIELD_METHODS,
    USERS,
    WORKGROUPS,
    Columns,
    Entity,
    user_field_columns,
)
from dash_app.portal.errors import Busy, PortalError, Refused
from dash_app.text import Text

PAGE = 50
_STEPS = (BATCH, 25, 10, 5)
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Page:
    """Typed rows of one request: column -> values, all of one length, ids ascending."""

    entity: Entity
    columns: Columns
    rows: int
    first_id: int
    last_id: int


@dataclass(frozen=True, slots=True)
class PortalInfo:
    """What a portal says of itself."""

    address: str
    base_currency: str
    utc_offset: str
    is_admin: bool
    user_id: int
    crm_mode: int | None
    taken_at: datetime  # naive UTC, the portal's clock


class Reader:
    """Reads entities of one portal. Thread-safe: each entity may be read by a thread of its own."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._offset = "+00:00"

    # -- the portal itself -------------------------------------------------------------------------------------

    def info(self) -> PortalInfo:
        """Address, clock, base currency and whether the webhook's owner is an administrator."""
        clock = self.client.server_time()
        offset = clock.strftime("%z")
        self._offset = f"{offset[:3]}:{offset[3:]}" if offset else "+00:00"
        profile = as_map(self._or_none("profile"))
        currency = self._or_none("crm.currency.base.get")
        mode = self._or_none("crm.settings.mode.get")
        return PortalInfo(
            self.client.address,
            currency if isinstance(currency, str) and currency else "",
            self._offset,
            profile.get("ADMIN") in (True, "Y", "1", 1),
            int(profile.get("ID") or self.client.webhook.user_id),
            int(mode) if str(mode).isdigit() else None,
            clock.astimezone(UTC).replace(tzinfo=None),
        )

    def _or_none(self, method: str) -> Any:
        try:
            return self.client.call(method)["result"]
        except Refused:
            return None

    def stamp(self, moment: datetime) -> str:
        """A naive UTC instant with the portal's own offset, as its filters understand it best."""
        hours, minutes = int(self._offset[1:3]), int(self._offset[4:6])
        shift = timedelta(hours=hours, minutes=minutes) * (-1 if self._offset[0] == "-" else 1)
        return (moment + shift).strftime("%Y-%m-%dT%H:%M:%S") + self._offset

    # -- big entities ------------------------------------------------------------------------------------------

    def read(
        self, entity: Entity, after_id: int = 0, upto_id: int | None = None, changed_since: datetime | None = None
    ) -> Iterator[Page]:
        """Pages of rows with id > ``after_id`` in order of id; ``changed_since`` (naive UTC) only those changed since."""
        wanted: dict[str, Any] = {}
        if changed_since is not None:
            if entity.changed is None:
                raise ValueError(f"{entity.table} has no change date")
            wanted[f">={entity.changed}"] = self.stamp(changed_since)
        if upto_id is not None:
            wanted["<=ID"] = upto_id
        for rows, first, last in self._chain(entity, entity.select, wanted, after_id):
            columns = entity.columns(rows)
            if changed_since is not None:
                self._check_filter(entity, columns, changed_since)
            yield Page(entity, columns, len(rows), first, last)

    @staticmethod
    def _check_filter(entity: Entity, columns: Columns, since: datetime) -> None:
        """Old lists silently drop a filter they do not know: an increment would become a full load."""
        stamps = [v for v in columns[entity.changed_column or ""] if v is not None]
        late = sum(1 for v in stamps if v < since - timedelta(hours=24))
        if late and late > len(stamps) // 2:
            raise Refused(
                Text(
                    f"Портал не применил отбор по {entity.changed} к {entity.method}.",
                    f"The portal did not apply the filter on {entity.changed} to {entity.method}.",
                ),
                "FILTER_IGNORED",
            )

    def ids(self, entity: Entity) -> Iterator[list[int]]:
        """Every id there is, in order: for finding what was deleted."""
        select = ("ID",) if entity.select is not None else None
        for rows, _, _ in self._chain(entity, select, {}, 0):
            yield [entity.id_of(row) for row in rows]

    def expected(self, entity: Entity, after_id: int = 0) -> int | None:
        """How many rows there are, by the portal's own count; None if it does not say. One counting request."""
        try:
            params = self._params(entity, ("ID",) if entity.select is not None else None, {">ID": after_id}, start=0)
            total = self.client.call(entity.method, params).get("total")
            return int(total) if total is not None else None
        except (Refused, TypeError, ValueError):
            return None

    @staticmethod
    def _params(entity: Entity, select: Sequence[str] | None, wanted: Mapping[str, Any], start: int = -1) -> dict[str, Any]:
        params: dict[str, Any] = {**entity.params, "start": start}
        if "sort" not in params:
            params["order"] = {"ID": "ASC"}
        if select is not None:
            params["select"] = list(select)
        params[entity.filter_key] = dict(wanted)
        return params

    def _chain(
        self, entity: Entity, select: Sequence[str] | None, wanted: Mapping[str, Any], after_id: int
    ) -> Iterator[tuple[list[Mapping[str, Any]], int, int]]:
        """(rows, first id, last id) a request, ids strictly ascending across requests."""
        step, tries, last = 0, 0, after_id
        resolves: bool | None = None
        while True:
            size = _STEPS[step] if resolves is not False else 1
            outcome = self._request(entity, select, wanted, last, size)
            if outcome.rows:
                tries = 0
                yield outcome.rows, entity.id_of(outcome.rows[0]), outcome.last
                last = outcome.last
            if outcome.error is not None:
                tries += 1
                if not isinstance(outcome.error, Busy) and tries > 2 or tries > _TRIES:
                    raise outcome.error
                step = min(step + 1, len(_STEPS) - 1)
                self.client.pacing.sleep(min(10.0, 0.3 * 2**tries))
                continue
            if outcome.finished:
                return
            if resolves is None and size > 1:
                resolves = not outcome.unresolved
            if resolves is False:
                yield from self._windows(entity, select, wanted, last)
                return
            step = max(0, step - 1)

    def _request(
        self, entity: Entity, select: Sequence[str] | None, wanted: Mapping[str, Any], after_id: int, size: int
    ) -> _Outcome:
        inner = f"[{entity.path}]" if entity.path else ""
        commands = []
        for index in range(size):
            after: object = after_id if index == 0 else f"$result[c{index - 1}]{inner}[{PAGE - 1}][{entity.id_key}]"
            commands.append(Command(f"c{index}", entity.method, self._params(entity, select, {**wanted, ">ID": after})))
        try:
            results = self.client.batch(commands)
        except Busy as busy:
            return _Outcome([], after_id, error=busy)
        return self._sequence(entity, [results[c.key] for c in commands], after_id)

    def _sequence(self, entity: Entity, results: Sequence[Any], after_id: int) -> _Outcome:
        """Pages in order up to the first short one, the first failing one, or the first that starts over."""
        gathered: list[Mapping[str, Any]] = []
        last = after_id
        for index, result in enumerate(results):
            if result.error is not None:
                return _Outcome(gathered, last, error=result.error)
            if not result.present:
                lost = Busy(Text("Портал не выполнил часть пакета.", "The portal left out a part of the batch."))
                return _Outcome(gathered, last, error=lost)
            rows = entity.rows(result.result)
            ids = [entity.id_of(row) for row in rows]
            if rows and ids[0] <= last:
                return _Outcome(gathered, last, unresolved=index == 1)
            if any(b <= a for a, b in zip(ids, ids[1:], strict=False)):
                raise Refused(
                    Text(f"Портал отдаёт {entity.method} не по порядку номеров.", f"The portal does not sort {entity.method} by id."),
                    "UNSORTED",
                )
            gathered += rows
            last = ids[-1] if ids else last
            if len(rows) < PAGE:
                return _Outcome(gathered, last, finished=True)
        return _Outcome(gathered, last)

    def _windows(
        self, entity: Entity, select: Sequence[str] | None, wanted: Mapping[str, Any], after_id: int
    ) -> Iterator[tuple[list[Mapping[str, Any]], int, int]]:
        """For portals without references: 50 windows of ids a request, full windows read on."""
        top = self._top(entity, wanted)
        low = after_id
        while low < top:
            edges = [(low + i * PAGE, min(low + (i + 1) * PAGE, top)) for i in range(BATCH) if low + i * PAGE < top]
            commands = [
                Command(f"w{i}", entity.method, self._params(entity, select, {**wanted, ">ID": a, "<=ID": b}))
                for i, (a, b) in enumerate(edges)
            ]
            rows = self._all_of(entity, commands)
            if rows:
                yield rows, entity.id_of(rows[0]), entity.id_of(rows[-1])
            low = edges[-1][1]

    def _all_of(self, entity: Entity, commands: list[Command]) -> list[Mapping[str, Any]]:
        found: dict[str, list[Mapping[str, Any]]] = {}
        pending, tries = commands, 0
        while pending:
            results = self.client.batch(pending)
            failed = []
            for command in pending:
                result = results[command.key]
                if result.error is not None and not isinstance(result.error, Busy):
                    raise result.error
                if result.error is not None or not result.present:
                    failed.append(command)
                else:
                    found[command.key] = entity.rows(result.result)
            tries += 1
            if failed and tries > _TRIES:
                raise Busy(Text("Портал не выполняет часть пакета.", "The portal keeps leaving out a part of the batch."))
            pending = failed
        rows = [row for command in commands for row in found[command.key]]
        return sorted({entity.id_of(row): row for row in rows}.values(), key=entity.id_of)

    def _top(self, entity: Entity, wanted: Mapping[str, Any]) -> int:
        params = self._params(entity, ("ID",) if entity.select is not None else None, wanted)
        if "sort" in params:
            params["order"] = "DESC"
        else:
            params["order"] = {"ID": "DESC"}
        rows = entity.rows(self.client.call(entity.method, params)["result"])
        return entity.id_of(rows[0]) if rows else 0

    # -- small directories ---------------------------------------------------------------------------------------

    def directory(self, entity: Entity) -> Page:
        """A small list whole, by offset pages where the portal pages it."""
        rows: list[Mapping[str, Any]] = []
        start: int | None = 0
        seen: set[int] = set()
        while start is not None and start not in seen:
            seen.add(start)
            params = {**entity.params, "start": start}
            envelope = self.client.call(entity.method, params)
            rows += entity.rows(envelope["result"])
            following = envelope.get("next")
            start = int(following) if following else None
        columns = entity.columns(rows)
        if entity is STATUSES:
            columns["semantic"] = [_semantic(row) for row in rows]
        return Page(entity, columns, len(rows), 0, 0)

    def users(self) -> Page:
        """Everyone, dismissed people too; without administrator rights the mode falls back to what is visible."""
        entity = USERS
        try:
            gathered = [rows for rows, _, _ in self._chain(entity, None, {}, 0)]
        except Refused:
            entity = replace(USERS, params={"sort": "ID", "order": "ASC"})
            gathered = [rows for rows, _, _ in self._chain(entity, None, {}, 0)]
        rows = [row for part in gathered for row in part]
        return Page(USERS, USERS.columns(rows), len(rows), 0, 0)

    def people(self, ids: Sequence[int]) -> Page:
        """People by id: those the full list left out."""
        rows: list[Mapping[str, Any]] = []
        for start in range(0, len(ids), PAGE):
            chunk = list(ids[start : start + PAGE])
            envelope = self.client.call(USERS.method, {"ADMIN_MODE": True, "FILTER": {"ID": chunk}, "sort": "ID", "order": "ASC"})
            rows += [row for row in USERS.rows(envelope["result"]) if USERS.id_of(row) in chunk]
        return Page(USERS, USERS.columns(rows), len(rows), 0, 0)

    def user_fields(self, entity: str) -> Columns:
        """Definitions of user fields of ``deal`` or ``lead`` with Russian labels and list options."""
        envelope = self.client.call(USER_FIELD_METHODS[entity], {"filter": {"LANG": "ru"}, "order": {"SORT": "ASC"}})
        result = envelope["result"]
        rows = result if isinstance(result, list) else list(as_map(result).values())
        return user_field_columns(entity, [row for row in rows if isinstance(row, Mapping)])

    def scopes(self) -> set[str] | None:
        """Rights the webhook has; None if the portal does not say."""
        try:
            return {str(s) for s in as_map(self.client.call("scope")["result"]).values()}
        except PortalError:
            return None


def _semantic(row: Mapping[str, Any]) -> str | None:
    """P, S or F of a stage: SEMANTICS, else EXTRA.SEMANTICS in words."""
    given = row.get("SEMANTICS")
    if given in ("S", "F", "P"):
        return str(given)
    extra = as_map(row.get("EXTRA")).get("SEMANTICS")
    return {"success": "S", "failure": "F", "apology": "F", "process": "P"}.get(str(extra))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a chained request brought."""

    rows: list[Mapping[str, Any]]
    last: int
    finished: bool = False
    unresolved: bool = False
    error: PortalError | None = None


__all__ = ["CURRENCIES", "DEPARTMENTS", "PIPELINES", "STATUSES", "WORKGROUPS", "Page", "PortalInfo", "Reader"]
