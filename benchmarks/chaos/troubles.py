"""Kinds of faults, each tried on a refresh: what the network, the portal, the disk, a clock or a person can do to one."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from benchmarks.chaos.hurry import Machine
from benchmarks.chaos.stage import Ended, Stage

HOUR, DAY = 3600, 86_400
_LISTS = ["crm.deal.list", "crm.lead.list", "crm.activity.list", "tasks.task.list", "crm.stagehistory.list"]
_SMALL = ["crm.status.list", "user.get", "department.get", "crm.category.list", "crm.currency.list", "crm.deal.userfield.list"]  # fmt: skip
_METHODS = [*_LISTS, *_SMALL, "crm.timeline.comment.list", "profile", "server.time", "sonet_group.get", None, None]
_ODD: list[Any] = [None, "", "text", 5, 0, -1, True, [], {}, [1, 2], ["a"], [[]], [{}], {"a": 1}, {"0": None}, 1e300, "x" * 5000]  # fmt: skip
_FIELDS = [
    "ID", "id", "TITLE", "OPPORTUNITY", "STAGE_ID", "STATUS_ID", "DATE_CREATE", "ASSIGNED_BY_ID", "CATEGORY_ID", "COMPLETED", "DEADLINE", "deadline", "status",
    "OWNER_ID", "CREATED_TIME", "NAME", "SORT", "LAST_NAME", "CURRENCY_ID", "UF_DEPARTMENT", "DATE_MODIFY", "SEMANTICS",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Struck:
    """What was done (``about``) and how the refresh ended. ``stopped``: it was killed, so that it need say nothing."""

    about: str
    ended: Ended
    stopped: bool = False
    heals: bool = False
    """Whether nobody could have noticed: the next refresh sets it right."""


def _asked(stage: Stage, full: bool, *faults: dict[str, Any], patience: float = 30.0) -> Struck:
    """A refresh while the portal has these faults."""
    given = [{k: v for k, v in fault.items() if v is not None or k == "value"} for fault in faults]
    for fault in given:
        stage.running.faults.add(fault)
    try:
        ended = stage.struck.refresh(full=full, patience=patience)
    finally:
        stage.running.faults.clear()
    return Struck(f"{'full ' if full else ''}{given}"[:300], ended)


def _times(dice: random.Random) -> dict[str, Any]:
    """When a fault strikes, and how often: a few times, now and then, or from some moment on for ever."""
    after = dice.choice([0, 0, dice.randint(0, 12), dice.randint(0, 60)])
    return dice.choice(
        [{"after": after, "next": dice.randint(1, 4)}, {"rate": dice.choice([0.05, 0.3])}, {"after": after}]
    )


def busy(stage: Stage, full: bool) -> Struck:
    """503 QUERY_LIMIT_EXCEEDED."""
    return _asked(stage, full, {"kind": "503", **_times(stage.dice)}, patience=3)


def blocked(stage: Stage, full: bool) -> Struck:
    """429 OPERATION_TIME_LIMIT of a method."""
    fault = {"kind": "429", "method": stage.dice.choice(_METHODS), **_times(stage.dice)}
    return _asked(stage, full, fault, patience=stage.dice.choice([3, 30]))


def cut(stage: Stage, full: bool) -> Struck:
    """The connection is cut in the middle of an answer, or before it."""
    return _asked(stage, full, {"kind": stage.dice.choice(["cut", "close"]), **_times(stage.dice)})


def commands(stage: Stage, full: bool) -> Struck:
    """Commands of a batch fail or are in no map of the answer; single methods are refused."""
    dice = stage.dice
    error, description = dice.choice(
        [("ERROR_CORE", "x"), ("", "Access denied."), ("ACCESS_DENIED", "Access denied!"), ("INTERNAL_SERVER_ERROR", "x"),
         ("", ""), ("ERROR_METHOD_NOT_FOUND", "Method not found!"), ("METHOD_CONFIRM_WAITING", "Waiting"), ("insufficient_scope", "x")]
    )  # fmt: skip
    fault = {"kind": "command", "error": error, "description": description}
    if dice.random() < 0.25:
        fault = {"kind": "missing"}
    return _asked(stage, full, {**fault, "method": dice.choice(_METHODS), **_times(dice)})


def pages(stage: Stage, full: bool) -> Struck:
    """A proxy's page instead of JSON."""
    status = stage.dice.choice([200, 200, 403, 404, 500, 502, 504])
    return _asked(stage, full, {"kind": "html", "status": status, **_times(stage.dice)})


def types(stage: Stage, full: bool) -> Struck:
    """Results and fields of wrong types."""
    dice = stage.dice
    if dice.random() < 0.5:
        fault = {"kind": "answer", "value": dice.choice(_ODD), "method": dice.choice(_METHODS)}
    else:
        fault = {
            "kind": "field",
            "name": dice.choice(_FIELDS),
            "value": dice.choice(_ODD),
            "rows": dice.choice([1, 3, 50]),
        }
        fault["method"] = dice.choice([*_LISTS, *_SMALL])
    return _asked(stage, full, {**fault, **_times(dice)})


def expired(stage: Stage, full: bool) -> Struck:
    """The token expires, or the secret is revoked."""
    settings = stage.running.portal.settings
    if stage.dice.random() < 0.5:
        return _asked(stage, full, {"kind": "expired", **_times(stage.dice)})
    secret, settings.secret = settings.secret, "another"
    try:
        return Struck("revoked", stage.struck.refresh(full=full))
    finally:
        settings.secret = secret


def disk(stage: Stage, full: bool) -> Struck:
    """No room on the disk."""
    dice = stage.dice
    assert Machine.at is not None
    ballast = stage.struck.settings.data_dir / "ballast"
    if not stage.small or dice.random() < 0.3:
        room = dice.choice([0, 1000, dice.randint(1000, 200_000), dice.randint(200_000, 12_000_000)])
        child = stage.struck.started(Machine.at, full=full, room=room)
        return Struck(f"files of {room} bytes at most, full={full}", stage.struck.ended(child))
    free = os.statvfs(ballast.parent).f_bavail * os.statvfs(ballast.parent).f_frsize
    left = dice.choice([0, 4096, dice.randint(0, 200_000), dice.randint(0, 12_000_000)])
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free - left))
    try:
        try:
            stage.typist.types()
        except Exception as error:
            return Struck(f"{left} bytes left", Ended(odd=f"typing: {type(error).__name__}: {error}"))
        ended = stage.struck.refresh(full=full)
        wrong = stage.page.wrong()
        return Struck(f"{left} bytes left, full={full}", Ended(odd=f"page: {wrong}") if wrong else ended)
    finally:
        ballast.unlink()


def kill(stage: Stage, full: bool) -> Struck:
    """kill -9, now and then SIGTERM or Ctrl-C, at any instant; of the process alone or with those it started."""
    dice = stage.dice
    assert Machine.at is not None
    child = stage.struck.started(Machine.at, full=full)
    began, after = time.monotonic(), dice.uniform(0.2, stage.usual * 1.1)
    with suppress(Exception):
        child.wait(timeout=after)
    how = dice.choices([signal.SIGKILL, signal.SIGTERM, signal.SIGINT], [6, 1, 1])[0]
    running = child.poll() is None
    with suppress(ProcessLookupError):
        (os.killpg if dice.random() < 0.5 else os.kill)(child.pid, how)
    ended = stage.struck.ended(child)
    if not running:
        stage.usual = 0.7 * stage.usual + 0.3 * (time.monotonic() - began)
    return Struck(f"{how.name} after {after:.2f} s, full={full}", ended, stopped=running and ended.manifest is None)


def twice(stage: Stage, full: bool) -> Struck:
    """Two refreshes at once: one of them goes on."""
    dice, struck = stage.dice, stage.struck
    assert Machine.at is not None
    children = [struck.started(Machine.at, full=full)]
    time.sleep(dice.choice([0, 0, dice.uniform(0, stage.usual)]))
    ends: list[Ended] = []
    if dice.random() < 0.5:
        children.append(struck.started(Machine.at))
    else:
        here = threading.Thread(target=lambda: ends.append(struck.refresh()))
        here.start()
        here.join()
    ends += [struck.ended(child) for child in children]
    odd = next((e for e in ends if e.odd), None)
    published = next((e for e in ends if e.manifest), None)
    return Struck(f"full={full}", odd or published or Ended(odd=f"nobody refreshed: {[e.said for e in ends]}"))


def clock(stage: Stage, full: bool) -> Struck:
    """The portal's clock, or this machine's, shows another time for the length of a refresh."""
    dice = stage.dice
    lie = dice.choice([-1, 1]) * dice.choice([2 * HOUR, 5 * HOUR, 3 * DAY, 40 * DAY, 3650 * DAY, 64 * 365 * DAY])
    whose = dice.choice(["portal", "portal", "machine", "both"])
    assert Machine.at is not None
    if whose == "both":
        lie = abs(lie)  # in the past, with no clock to tell, records would lie in the future: nothing can be read then
    if whose != "machine":
        stage.clock.lie = lie
    if whose != "portal":
        Machine.at += lie
    try:
        about, ended = f"{whose} {lie / HOUR:+.0f} h, full={full}", stage.struck.refresh(full=full)
        return Struck(about, ended, heals=whose == "both")
    finally:
        stage.clock.lie, Machine.at = 0.0, stage.clock.at


def company(stage: Stage, full: bool) -> Struck:
    """Another company, an emptied portal, or a portal put back from a copy answers."""
    about, statements = stage.dice.choice(
        [
            ("other", ["UPDATE deals SET TITLE = 'Чужая ' || ID, DATE_CREATE = DATE_CREATE - 700000",
                       "UPDATE leads SET TITLE = 'Чужой ' || ID, DATE_CREATE = DATE_CREATE - 700000"]),
            ("emptied", [f"DELETE FROM {t}" for t in ("deals", "leads", "activities", "tasks", "deal_history", "lead_history")]),
            ("no deals", ["DELETE FROM deals", "DELETE FROM deal_history"]),
            ("mostly gone", ["DELETE FROM deals WHERE ID % 3 > 0", "DELETE FROM leads WHERE ID % 3 > 0"]),
        ]
    )  # fmt: skip
    with stage.another_database(statements):
        ended = stage.struck.refresh(full=full)
    return Struck(f"{about}, full={full}", Ended(odd=f"published: {ended.manifest.rows}") if ended.manifest else ended)


KINDS: Mapping[str, Callable[[Stage, bool], Struck]] = {
    "503": busy,
    "429": blocked,
    "connection cut": cut,
    "failing commands": commands,
    "HTML": pages,
    "wrong types": types,
    "expired token": expired,
    "full disk": disk,
    "kill": kill,
    "two at once": twice,
    "clock jumps": clock,
    "other company": company,
}
