"""One demo portal: who may call it, what it refuses, and the way of a call from its method name to its answer."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from dash_app.demo.rest.bodies import from_query
from dash_app.demo.rest.clock import SERVER_OFFSET, Clock, iso, zone_offset
from dash_app.demo.rest.database import Database
from dash_app.demo.rest.faults import AFTER_KINDS, Faults, operation_time_limit
from dash_app.demo.rest.limits import LeakyBucket, LimitSettings, OperatingTime
from dash_app.demo.rest.oauth import Tokens, application_of
from dash_app.demo.rest.protocol import METHODS, Answer, Call, Method, RestError

ALL_SCOPES: Final = ("crm", "user", "department", "task", "sonet_group", "telephony", "calendar")


def secret_of(seed: int) -> str:
    """The webhook's secret: the same for the same seed, so a restarted portal keeps its address."""
    return hashlib.sha256(f"demo portal {seed}".encode()).hexdigest()[:16]


@dataclass(slots=True)
class PortalSettings:
    """How a demo portal behaves.

    user_id: whose webhook it is; admin: whether that user sees everything (None: ask the users table, here always
    False or True); scopes: rights of the webhook; limits: None = none at all; today: the portal's present day.
    """

    secret: str
    user_id: int = 1
    admin: bool = True
    scopes: tuple[str, ...] = ALL_SCOPES
    limits: LimitSettings | None = None
    today: date | None = None
    seed: int = 1


@dataclass(slots=True)
class Stats:
    """What was asked of the portal since the start or the last reset."""

    requests: int = 0
    commands: int = 0
    refused: int = 0
    rows: int = 0
    methods: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def as_dict(self) -> dict[str, Any]:
        """The numbers as JSON takes them: ``requests``, ``commands``, ``refused_503``, ``rows``, per method and error."""
        return {
            "requests": self.requests,
            "commands": self.commands,
            "refused_503": self.refused,
            "rows": self.rows,
            "methods": dict(self.methods),
            "errors": dict(self.errors),
            "seconds": {name: round(value, 6) for name, value in self.seconds.items()},
        }


class Portal:
    """The state of one portal. Methods of this class may be called from many threads at once."""

    def __init__(
        self, database: Path, settings: PortalSettings, faults: Iterable[str | Mapping[str, Any]] = ()
    ) -> None:
        import dash_app.demo.rest.methods  # noqa: F401  fills METHODS; here because its modules know this class

        self.settings = settings
        self.database = Database(database)
        self.clock = Clock(settings.today)
        self.faults = Faults(faults, settings.seed)
        self._lock = threading.Lock()
        self.stats = Stats()
        self.bucket: LeakyBucket | None = None
        self.operating: OperatingTime | None = None
        self.tokens = Tokens(application_of(settings.secret), self.clock.now)
        self.set_limits(settings.limits)
        with self.database.reader() as db:
            row = db.execute("SELECT TIME_ZONE FROM users WHERE ID = ?", [settings.user_id]).fetchone()
        self.user_offset = zone_offset(row[0] if row else None, self.clock.now())
        """Seconds the caller's own zone is ahead of UTC; tasks print their times in it."""

    def set_limits(self, limits: LimitSettings | None) -> None:
        """Put the brakes on (with empty counters) or take them off."""
        self.settings.limits = limits
        self.bucket = LeakyBucket(limits) if limits else None
        self.operating = OperatingTime(limits, self.clock.now) if limits else None

    def reset(self) -> None:
        """Forget counters, faults and used-up limits. The company stays as it is."""
        with self._lock:
            self.stats = Stats()
        self.faults.clear()
        self.set_limits(self.settings.limits)

    def authorize(self, user_id: str, secret: str) -> None:
        """Check the webhook of the path. Raises RestError as the portal does for a wrong or revoked secret."""
        if not secret or not user_id:
            raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)
        if secret != self.settings.secret or user_id != str(self.settings.user_id):
            raise RestError("INVALID_CREDENTIALS", "Invalid request credentials", 401)

    @staticmethod
    def method_name(name: str) -> str:
        """A method's name as the portal looks it up: lower case, without ``.json``."""
        return name.lower().removesuffix(".json")

    def count_request(self) -> None:
        """Note one HTTP request, whatever becomes of it."""
        with self._lock:
            self.stats.requests += 1

    def count_error(self, code: str) -> None:
        """Note an error answer (an empty code is counted as ``''``)."""
        with self._lock:
            self.stats.errors[code] += 1
            if code == "QUERY_LIMIT_EXCEEDED":
                self.stats.refused += 1

    def execute(
        self,
        db: sqlite3.Connection,
        name: str,
        params: dict[str, Any],
        *,
        inside_batch: bool = False,
        application: bool = False,
    ) -> tuple[Answer, dict[str, Any]]:
        """Run a method as the webhook's user.

        Returns its answer and the ``time`` block. Raises RestError; MissingCommand when a fault makes the command vanish.
        """
        started, at = time.perf_counter(), self.clock.now()
        method = METHODS.find(name)
        try:
            if method is None:
                raise RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)
            self._check_scope(method)
            counted = self.operating if name != "batch" else None
            if counted and counted.blocked(method.name):
                raise operation_time_limit()
            pretended = self.faults.on_command(name, inside_batch=inside_batch) if name != "batch" else 0.0
            answer = method.run(Call(self, db, method.name, params, application))
            if name != "batch":
                answer.result = self.faults.on_result(name, answer.result)
        except RestError as error:
            if inside_batch:
                self.count_error(error.code)
            raise
        duration = time.perf_counter() - started
        if name != "batch":
            self._count(method.name, duration, answer)
            if counted:
                counted.add(method.name, duration + pretended)
            if inside_batch:
                self.after_call([name])
        return answer, self._time(at, duration, method.name, counted)

    def after_call(self, methods: Iterable[str]) -> None:
        """Faults that change the company behind the reader's back."""
        for fault in self.faults.strike(AFTER_KINDS, methods):
            name, _, query = fault.call().partition("?")
            method = METHODS.find(name)
            if method is None:
                raise RestError("ERROR_METHOD_NOT_FOUND", f"fault calls {name}", 500)
            # the record may be gone already: then nothing happens behind the reader's back
            with self.database.reader() as db, contextlib.suppress(RestError):
                method.run(Call(self, db, method.name, from_query(query)))

    def _check_scope(self, method: Method) -> None:
        if method.scopes and not set(method.scopes) & set(self.settings.scopes):
            raise RestError(
                "insufficient_scope", "The request requires higher privileges than provided by the webhook token", 401
            )

    def _count(self, name: str, seconds: float, answer: Answer) -> None:
        result = answer.result
        rows = 0
        if isinstance(result, list):
            rows = len(result)
        elif isinstance(result, dict):
            rows = next((len(value) for value in result.values() if isinstance(value, list)), 0)
        with self._lock:
            stats = self.stats
            stats.commands += 1
            stats.rows += rows
            stats.methods[name] += 1
            stats.seconds[name] += seconds

    def _time(self, at: float, duration: float, name: str, operating: OperatingTime | None) -> dict[str, Any]:
        block: dict[str, Any] = {
            "start": int(at),
            "finish": round(at + duration, 6),
            "duration": round(duration, 6),
            "processing": int(duration),
            "date_start": iso(at, SERVER_OFFSET),
            "date_finish": iso(at + duration, SERVER_OFFSET),
        }
        if operating:
            used, reset_at = operating.state(name)
            block["operating_reset_at"] = reset_at
            block["operating"] = round(used, 6) if used else 0
        return block
