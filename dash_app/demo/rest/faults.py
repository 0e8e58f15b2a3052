"""Trouble on demand: what a network, a proxy or a busy portal does to a client, switched on for a while or for good.

A fault is a kind with options. On the command line ``kind:option=value,option=value``; over HTTP and in tests a
mapping ``{"kind": ..., option: value}``. Options every kind takes:

* ``method``: only calls (or commands of a batch) of that method; ``after``: let that many matching ones pass first;
* ``next``: strike that many times, then vanish (default: for ever); ``rate``: strike with that probability, 0..1.

=============  ====================================================================================================
kind           what happens (own options)
=============  ====================================================================================================
503            ``QUERY_LIMIT_EXCEEDED``
429            ``OPERATION_TIME_LIMIT`` for the call, or for a command inside a batch
500            ``INTERNAL_SERVER_ERROR``
html           a proxy's page instead of JSON (``status``, default 502)
cut            the connection is closed in the middle of the answer (``part``, default 0.5 of its bytes)
close          the connection is closed before any answer
expired        401 ``expired_token``
slow           the answer waits (``seconds``, default 1)
command        a command inside a batch fails (``error``, ``description``)
missing        a command inside a batch appears neither in ``result`` nor in ``result_error``
operating      the execution is booked as so many ``seconds`` of work (default 10) without taking them
answer         the result of a call or command is another thing (``value``, default null)
field          a field of the first ``rows`` rows (default 1) of a result is another thing (``name``, ``value``, default null)
change         after a matching call a record changes (``entity``, ``id``, ``fields`` as a mapping)
delete         after a matching call a record is deleted (``entity``, ``id``)
between        after a matching call another call is made (``call``: ``method?query``)
renamed        302 to another address of the portal (``to``: scheme and host) for requests to any other host
=============  ====================================================================================================
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from dash_app.demo.rest.protocol import RestError

REQUEST_KINDS: Final = frozenset({"503", "500", "html", "cut", "close", "expired", "slow", "renamed"})
COMMAND_KINDS: Final = frozenset({"429", "command", "missing", "operating"})
ANSWER_KINDS: Final = frozenset({"answer", "field"})
AFTER_KINDS: Final = frozenset({"change", "delete", "between"})
KINDS: Final = REQUEST_KINDS | COMMAND_KINDS | ANSWER_KINDS | AFTER_KINDS
_COMMON: Final = frozenset({"kind", "method", "after", "next", "rate"})
_OWN: Final[dict[str, frozenset[str]]] = {
    "html": frozenset({"status"}),
    "cut": frozenset({"part"}),
    "slow": frozenset({"seconds"}),
    "command": frozenset({"error", "description"}),
    "operating": frozenset({"seconds"}),
    "answer": frozenset({"value"}),
    "field": frozenset({"name", "value", "rows"}),
    "change": frozenset({"entity", "id", "fields"}),
    "delete": frozenset({"entity", "id"}),
    "between": frozenset({"call"}),
    "renamed": frozenset({"to"}),
}


class BadFault(ValueError):
    """A fault that does not exist or lacks an option; the text says which."""


class MissingCommand(Exception):
    """The command of a batch vanishes from the answer."""


@dataclass(slots=True)
class Fault:
    """One trouble: its kind, its own options and how often it strikes."""

    kind: str
    options: dict[str, Any]
    method: str | None = None
    after: int = 0
    left: int | None = None
    rate: float = 1.0

    @classmethod
    def of(cls, spec: str | Mapping[str, Any]) -> Fault:
        """A fault from its description. Raises BadFault."""
        options = _parse(spec) if isinstance(spec, str) else dict(spec)
        kind = str(options.get("kind", ""))
        if kind not in KINDS:
            raise BadFault(f"unknown fault {kind!r}; there are: {', '.join(sorted(KINDS))}")
        unknown = set(options) - _COMMON - _OWN.get(kind, frozenset())
        if unknown:
            raise BadFault(f"fault {kind} has no option {', '.join(sorted(unknown))}")
        missing = {
            "change": ("entity", "id"),
            "delete": ("entity", "id"),
            "between": ("call",),
            "renamed": ("to",),
            "field": ("name",),
        }
        for name in missing.get(kind, ()):
            if name not in options:
                raise BadFault(f"fault {kind} needs the option {name}")
        method = options.get("method")
        try:
            return cls(
                kind,
                {key: value for key, value in options.items() if key not in _COMMON},
                str(method).lower() if method else None,
                int(options.get("after", 0)),
                int(options["next"]) if options.get("next") is not None else None,
                float(options.get("rate", 1.0)),
            )
        except (TypeError, ValueError) as error:
            raise BadFault(f"fault {kind}: {error}") from None

    def describe(self) -> dict[str, Any]:
        """The fault as a mapping, with what is left of it."""
        shown: dict[str, Any] = {"kind": self.kind, **self.options}
        if self.method:
            shown["method"] = self.method
        if self.after:
            shown["after"] = self.after
        if self.left is not None:
            shown["next"] = self.left
        if self.rate < 1:
            shown["rate"] = self.rate
        return shown

    def number(self, name: str, default: float) -> float:
        """An own option as a number."""
        return float(self.options.get(name, default))

    def spoilt(self, result: Any) -> Any:
        """A result as a fault of the kinds answer and field leaves it."""
        if self.kind == "answer":
            return self.options.get("value")
        lists = [result] if isinstance(result, list) else list(result.values()) if isinstance(result, dict) else []
        rows = [row for rows in lists if isinstance(rows, list) for row in rows if isinstance(row, dict)]
        for row in rows[: int(self.number("rows", 1))]:
            row[str(self.options["name"])] = self.options.get("value")
        return result

    def call(self) -> str:
        """The ``method?query`` that a fault of the kinds change, delete and between makes."""
        if self.kind == "between":
            return str(self.options["call"])
        entity, identifier = str(self.options["entity"]), str(self.options["id"])
        name, key = ("tasks.task", "taskId") if entity == "task" else (f"crm.{entity}", "id")
        if self.kind == "delete":
            return f"{name}.delete?{urlencode({key: identifier})}"
        fields = self.options.get("fields") or {("SUBJECT" if entity == "activity" else "TITLE"): "Changed meanwhile"}
        return f"{name}.update?" + urlencode({key: identifier} | {f"fields[{k}]": v for k, v in fields.items()})


class Faults:
    """The troubles switched on now. Thread-safe; random ones come from a seed, so a run can be repeated."""

    def __init__(self, specs: Iterable[str | Mapping[str, Any]] = (), seed: int = 1) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._faults = [Fault.of(spec) for spec in specs]

    def add(self, spec: str | Mapping[str, Any] | None = None, /, **options: Any) -> None:
        """Switch a fault on: ``add("503:next=3")``, ``add({"kind": "503", "next": 3})`` or ``add(kind="503", next=3)``."""
        fault = Fault.of(spec if spec is not None else options)
        with self._lock:
            self._faults = [*self._faults, fault]

    def clear(self) -> None:
        """Switch everything off."""
        with self._lock:
            self._faults = []

    def active(self) -> list[dict[str, Any]]:
        """What is switched on, as mappings."""
        return [fault.describe() for fault in self._faults]

    def strike(self, kinds: frozenset[str], methods: Iterable[str]) -> list[Fault]:
        """The faults of these kinds that strike a request or command that runs ``methods``; each strike is used up."""
        if not self._faults:
            return []
        wanted = {method.lower() for method in methods}
        struck = []
        with self._lock:
            for fault in self._faults:
                if fault.kind not in kinds or (fault.method and fault.method not in wanted):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                if fault.rate < 1 and self._random.random() >= fault.rate:
                    continue
                if fault.left is not None:
                    fault.left -= 1
                struck.append(fault)
            self._faults = [fault for fault in self._faults if fault.left is None or fault.left > 0]
        return struck

    def on_command(self, method: str, *, inside_batch: bool) -> float:
        """Faults of one execution: raises the error it must fail with, returns seconds of work to pretend."""
        pretended = 0.0
        kinds = COMMAND_KINDS if inside_batch else COMMAND_KINDS - {"command", "missing"}
        for fault in self.strike(kinds, [method]):
            if fault.kind == "operating":
                pretended += fault.number("seconds", 10)
            elif fault.kind == "429":
                raise operation_time_limit()
            elif fault.kind == "missing":
                raise MissingCommand
            else:
                description = fault.options.get("description", "Injected failure")
                raise RestError(str(fault.options.get("error", "ERROR_CORE")), str(description))
        return pretended

    def on_result(self, method: str, result: Any) -> Any:
        """The result of an execution after the faults that make it another thing."""
        for fault in self.strike(ANSWER_KINDS, [method]):
            result = fault.spoilt(result)
        return result


def query_limit_exceeded() -> RestError:
    """The leaky bucket is full."""
    return RestError("QUERY_LIMIT_EXCEEDED", "Too many requests", 503)


def operation_time_limit() -> RestError:
    """The method has worked too long in the last ten minutes."""
    return RestError("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429)


def _parse(spec: str) -> dict[str, Any]:
    kind, _, rest = spec.partition(":")
    options: dict[str, Any] = {"kind": kind.strip()}
    if kind.strip() == "between":  # its query may hold commas of its own, so ``call`` comes last
        rest, _, call = rest.partition("call=")
        options["call"] = call
    for part in filter(None, (part.strip() for part in rest.split(","))):
        name, separator, value = part.partition("=")
        if not separator:
            raise BadFault(f"fault {kind}: {part!r} is not option=value")
        if name.startswith("fields."):
            options.setdefault("fields", {})[name.removeprefix("fields.")] = value
        else:
            options[name] = value
    return options
