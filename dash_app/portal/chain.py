"""An entity by id, 50 pages a request: the fastest way the protocol has.

A chain asks "the first 50 after id N", then "the first 50 after the last id of the page before" and so on, so one request brings
2 500 rows whatever holes the ids have. Traps held here:

* after a short page the reference does not resolve and later commands start over: pages are read in order up to the first short one;
* a portal that does not resolve references at all is read by windows of ids instead;
* a command that fails, or is in neither map of the answer, ends the chain at the last good id and is asked again, never skipped;
* a portal that times out on 50 commands is asked for fewer;
* a row that says no id, or a thing that is no row, counts as part of its page and is left out alone (``strange``);
* ids must ascend strictly, within and across requests, else the read fails: a dropped ``>ID`` filter would loop or lose rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash_app.portal.client import BATCH, Client, Command, Result
from dash_app.portal.entities import Entity
from dash_app.portal.errors import EMPTY_ANSWER, Broken, Busy, Inconsistent, PortalError, Refused
from dash_app.text import Text

PAGE = 50
_SIZES = (BATCH, 25, 10, 5, 1)
_RECOVERY = 2
_REFUSALS = 6
_FIRST_REFUSALS = 3
"""Times a list that has brought nothing yet is asked again: it will hardly be read at all."""
_BREAKS = 12
_AWAY = frozenset({"CONNECTION_REFUSED", "UNKNOWN_HOST"})
"""The portal could not be reached: nothing to do with how much was asked."""

WireRow = Mapping[str, Any]


class _Ladder:
    """Commands in a batch: fewer after a broken answer, more again after good ones; each trouble makes it more careful."""

    def __init__(self) -> None:
        self._step = 0
        self._good = 0
        self._enough = _RECOVERY

    @property
    def size(self) -> int:
        return _SIZES[self._step]

    def broke(self) -> None:
        self._step = min(self._step + 1, len(_SIZES) - 1)
        self._good = 0
        self._enough = min(self._enough * 2, 16 * _RECOVERY)

    def went_well(self) -> None:
        self._good += 1
        if self._good >= self._enough and self._step:
            self._step -= 1
            self._good = 0


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a request brought: rows of the good pages in order, and why they end."""

    rows: list[WireRow]
    last: int
    pages: int = 0
    finished: bool = False
    unresolved: bool = False
    error: PortalError | None = None


@dataclass(slots=True)
class Chain:
    """Reads one entity by ascending id.

    wanted: filter besides the id. rest: how many rows are expected, if known; the last request then asks for no more than there is.
    Without it the first requests are small, because an increment seldom fills a page and each command after a short page is wasted work.
    """

    client: Client
    entity: Entity
    select: Sequence[str] | None = None
    wanted: Mapping[str, Any] = field(default_factory=dict)
    rest: int | None = None
    strange: int = 0
    _ladder: _Ladder = field(default_factory=_Ladder)
    _refusals: int = 0
    _breaks: int = 0
    _blocks: int = 0
    _pages: int = 0
    _doubt: bool = False

    def read(self, after_id: int = 0) -> Iterator[list[WireRow]]:
        """Rows of each request, ids ascending. Raises PortalError; what was yielded before is good."""
        last = after_id
        starts_over = 0
        while True:
            size = self._size()
            outcome = self._request(last, size)
            if outcome.rows:
                yield outcome.rows
                last = outcome.last
                self._pages += outcome.pages
                self._refusals = self._breaks = self._blocks = 0
                if self.rest is not None:
                    self.rest -= len(outcome.rows)
            if outcome.finished and not (outcome.rows and self.rest is not None and self.rest > 0):
                return
            self._doubt = outcome.finished  # the portal counted more: a page may be short because rows of it are hidden
            if self.rest is not None and self.rest <= 0:
                self.rest = None  # there is more than the portal counted
            # a resolved reference moves on, so page after page that ends behind the first means: not resolved
            stuck = (
                outcome.pages == 1
                and size > 1
                and (outcome.unresolved or outcome.error is not None and not isinstance(outcome.error, Busy))
            )
            starts_over = starts_over + 1 if stuck else 0
            if outcome.unresolved and stuck or starts_over >= 2:
                yield from self._by_windows(last)
                return
            if outcome.error is not None:
                self._after(outcome.error)
            else:
                self._ladder.went_well()

    def _size(self) -> int:
        if self._doubt:
            return 1
        if self.rest is not None:
            wanted = max(1, -(-self.rest // PAGE) + 1)
        else:
            wanted = 1 if self._pages == 0 else 10 if self._pages < 2 else BATCH
        return min(self._ladder.size, wanted)

    def _after(self, error: PortalError) -> None:
        """Waits before the same id is asked again; raises when that has been done often enough."""
        if isinstance(error, Broken):
            self._breaks += 1
            if error.code == EMPTY_ANSWER:  # the client has asked often enough
                raise error
            if error.code == "TIMEOUT" or self._breaks > 1 and error.code not in _AWAY:
                self._ladder.broke()
            if self._breaks >= _BREAKS:
                raise error
            self.client.pacing.sleep(min(20.0, 0.25 * 2**self._breaks))
        elif isinstance(error, Busy):
            self._blocks += 1
            # the pacing holds the method back for ten seconds and more; operating time is forgotten within ten minutes
            if self._blocks * 10.0 > self.client.patience:
                raise error
            self.client.pacing.sleep(0.5 if error.wait is None else 0.0)
        else:
            self._refusals += 1
            if _final(error) or self._refusals >= (_REFUSALS if self._pages else _FIRST_REFUSALS):
                raise error
            self.client.pacing.sleep(0.3 * self._refusals)

    # -- chained pages -----------------------------------------------------------------------------------------

    def params(self, wanted: Mapping[str, Any], start: int = -1, *, descending: bool = False) -> dict[str, Any]:
        """Parameters of one page sorted by id."""
        way = "DESC" if descending else "ASC"
        params: dict[str, Any] = {**self.entity.params, "start": start}
        if "sort" in params:
            params["order"] = way
        else:
            params["order" if self.entity.filter_key == "filter" else "ORDER"] = {"ID": way}
        if self.select is not None:
            params["select"] = list(self.select)
        params[self.entity.filter_key] = dict(wanted)
        return params

    def _request(self, after_id: int, size: int) -> _Outcome:
        inner = f"[{self.entity.path}]" if self.entity.path else ""
        commands = []
        for index in range(size):
            after: object = (
                after_id if index == 0 else f"$result[c{index - 1}]{inner}[{PAGE - 1}][{self.entity.id_key}]"
            )
            commands.append(Command(f"c{index}", self.entity.method, self.params({**self.wanted, ">ID": after})))
        try:
            results = self.client.batch(commands, halt=True, tries=1, urgency=float(self.rest or 0))
        except Broken as broken:
            return _Outcome([], after_id, error=broken)
        return self._sequence([results[c.key] for c in commands], after_id)

    def _sequence(self, results: Sequence[Result], after_id: int) -> _Outcome:
        """Pages in order up to the first short one, the first failing one, or the first that starts over."""
        gathered: list[WireRow] = []
        last = after_id
        for index, result in enumerate(results):
            if not result.present:
                return _Outcome(gathered, last, index, error=result.error or _left_out())
            try:
                found, rows, ids = self._page(result.result)
            except Refused as refused:
                return _Outcome(gathered, last, index, error=refused)
            if ids and ids[0] <= last:
                if index == 0:
                    raise _inconsistent(self.entity)
                return _Outcome(gathered, last, index, unresolved=index == 1)
            if any(b <= a for a, b in zip(ids, ids[1:], strict=False)) or (found >= PAGE and not ids):
                raise _inconsistent(self.entity)
            self.strange += found - len(rows)
            gathered += rows
            last = ids[-1] if ids else last
            if found < PAGE:
                return _Outcome(gathered, last, index + 1, finished=True)
        return _Outcome(gathered, last, len(results))

    def _page(self, result: object) -> tuple[int, list[WireRow], list[int]]:
        """(how many rows came, those that say an id, each once, their ids). Raises Refused if it is no list."""
        found = self.entity.listed(result)
        by_id: dict[int, WireRow] = {}
        unknown = 0
        for row in found:
            number = self.entity.id_of(row) if isinstance(row, Mapping) else 0
            if number:
                by_id[number] = row
            else:
                unknown += 1
        return len(by_id) + unknown, list(by_id.values()), list(by_id)

    # -- windows -----------------------------------------------------------------------------------------------

    def _by_windows(self, after_id: int) -> Iterator[list[WireRow]]:
        """For portals without references: windows of 50 ids, 50 to a request. None can hold more than a page."""
        top = self._top()
        if top < after_id:
            raise _inconsistent(self.entity)
        low = after_id
        while low < top:
            edges = [(a, min(a + PAGE, top)) for a in range(low, min(low + PAGE * BATCH, top), PAGE)]
            commands = [
                Command(f"w{i}", self.entity.method, self.params({**self.wanted, ">ID": a, "<=ID": b}))
                for i, (a, b) in enumerate(edges)
            ]
            results = answers(self.client, commands)
            rows: list[WireRow] = []
            for command, (above, upto) in zip(commands, edges, strict=True):
                found, page, ids = self._page(results[command.key])
                self.strange += found - len(page)
                if any(not above < i <= upto for i in ids) or any(b <= a for a, b in zip(ids, ids[1:], strict=False)):
                    raise _inconsistent(self.entity)
                rows += page
            if rows:
                yield rows
            low = edges[-1][1]

    def _top(self) -> int:
        rows = self.entity.rows(
            self.client.call(self.entity.method, self.params(self.wanted, descending=True))["result"]
        )
        return max((self.entity.id_of(row) for row in rows), default=0)


def answers(
    client: Client, commands: Sequence[Command], failed: dict[str, PortalError] | None = None
) -> dict[str, Any]:
    """Results of any number of independent commands, 50 to a request, by key. A failing command is asked again, at last raised.

    failed: instead of being raised the error is put there under the command's key, so that a command costs itself alone – unless the
    webhook lacks the right to all of them.
    """
    found: dict[str, Any] = {}
    for start in range(0, len(commands), BATCH):
        pending = list(commands[start : start + BATCH])
        attempt = 0
        while pending:
            results = client.batch(pending)
            missed = [c for c in pending if not results[c.key].present]
            found |= {c.key: results[c.key].result for c in pending if results[c.key].present}
            attempt += 1
            pending = []
            for command in missed:
                error = results[command.key].error or _left_out()
                refusals = _REFUSALS if failed is None else _FIRST_REFUSALS
                if attempt < (_BREAKS if isinstance(error, Busy) else refusals) and not _final(error):
                    pending.append(command)
                elif failed is None or isinstance(error, Refused) and error.code in _ALL_OF_THEM:
                    raise error
                else:
                    failed[command.key] = error
            if pending:
                client.pacing.sleep(min(10.0, 0.25 * 2**attempt))
    return found


_ALL_OF_THEM = frozenset(
    {"INSUFFICIENT_SCOPE", "ERROR_METHOD_NOT_FOUND", "METHOD_CONFIRM_WAITING", "METHOD_CONFIRM_DENIED"}
)
"""Refusals that concern the method, whatever it is asked of."""


def _final(error: PortalError) -> bool:
    """Whether asking again is pointless: rights and methods do not appear by themselves."""
    return not isinstance(error, Busy | Refused) or (isinstance(error, Refused) and error.final)


def _left_out() -> Broken:
    return Broken(Text("Портал не выполнил часть пакета.", "The portal left out a part of the batch."), "LEFT_OUT")


def _inconsistent(entity: Entity) -> Inconsistent:
    return Inconsistent(
        Text(
            f"Портал отдаёт {entity.method} не по порядку номеров: чтение остановлено, чтобы не потерять записи.",
            f"The portal does not return {entity.method} in the order of ids: reading stopped so that no record is lost.",
        ),
        "UNSORTED",
    )
