"""A portal of a few lines for exact fault scripts: a list of invented rows behind ``batch`` and whatever a test answers by hand."""

from __future__ import annotations

import json
import re
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from dash_app.portal.client import Client
from dash_app.portal.credentials import Webhook
from dash_app.portal.pacing import Pacing

SECRET = "s3cr3tw0rd"
PAGE = 50
_REFERENCE = re.compile(r"\$result\[(\w+)\]((?:\[\w+\])+)")

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]
"""Status, body (bytes as they are, anything else as JSON; None: the connection is closed without an answer), headers."""
Script = Callable[[str, dict[str, Any]], Answer | None]
"""Asked before every request: an answer, or None to go on as usual."""


def error(code: object, said: str = "", status: int = 400) -> Answer:
    """An error envelope."""
    return status, {"error": code, "error_description": said}


class Fake:
    """Rows served by id, with the portal's page of 50 and its way of leaving unresolved references as text (which casts to 0)."""

    def __init__(self, rows: Sequence[dict[str, Any]] = (), *, shape: str = "") -> None:
        self.rows = list(rows)
        self.shape = shape
        self.ids = [int(row.get("ID", row.get("id", 0))) for row in self.rows]
        self.sorted = self.ids == sorted(self.ids)
        self.resolves = True
        self.ignores: set[str] = set()
        self.scripts: list[Answer | None] = []
        self.script: Script | None = None
        self.command: Callable[[str, str, dict[str, str]], Any] | None = None
        """(key, method, params) -> an answer for one command of a batch, None to go on; MISSING leaves it out, an Exception fails it."""
        self.calls: list[str] = []
        self.batches: list[list[str]] = []

    # -- what a portal does ------------------------------------------------------------------------------------

    def answer(self, method: str, body: dict[str, Any]) -> Answer:
        """The answer to one request."""
        self.calls.append(method)
        if self.scripts:
            scripted = self.scripts.pop(0)
            if scripted is not None:
                return scripted
        if self.script is not None and (scripted := self.script(method, body)) is not None:
            return scripted
        if method == "batch":
            return 200, {"result": self._batch(body), "time": {}}
        if method == "server.time":
            return 200, {"result": "2026-11-20T14:00:00+03:00"}
        return 200, {"result": self._shaped(self._list({k: str(v) for k, v in _flat(body)})), "total": len(self.rows)}

    def _batch(self, body: dict[str, Any]) -> dict[str, Any]:
        results: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        self.batches.append(list(body["cmd"]))
        for key, command in body["cmd"].items():
            method, _, query = command.partition("?")
            params = {name: self._resolved(value, results) for name, value in parse_qsl(query, keep_blank_values=True)}
            made = self.command(key, method, params) if self.command else None
            if made is MISSING:
                continue
            if isinstance(made, Exception):
                errors[key] = {"error": str(made), "error_description": "scripted"}
                if body.get("halt"):
                    break
                continue
            results[key] = made if made is not None else self._shaped(self._list(params))
        return {
            "result": results or [],
            "result_error": errors or [],
            "result_total": [],
            "result_next": [],
            "result_time": [],
        }

    def _resolved(self, value: str, results: dict[str, Any]) -> str:
        found = _REFERENCE.fullmatch(value)
        if found is None or not self.resolves:
            return value
        at: Any = results.get(found[1])
        for step in re.findall(r"\[(\w+)\]", found[2]):
            try:
                at = at[int(step)] if isinstance(at, list) else at[step]
            except (KeyError, IndexError, TypeError):
                return value
        return str(at)

    def _list(self, params: dict[str, str]) -> list[dict[str, Any]]:
        rows = self.rows
        for name, value in params.items():
            found = re.fullmatch(r"(?:filter|FILTER)\[(>=|<=|>|<)(\w+)\]", name)
            if found is None or found[2] in self.ignores:
                continue
            sign, field = found[1], found[2]
            if field == "ID" and rows is self.rows and sign == ">" and self.sorted:
                rows = rows[bisect_right(self.ids, _number(value)) :]
                continue
            rows = [row for row in rows if _holds(sign, row.get(field, row.get(field.lower())), value)]
        if "DESC" in params.values():
            rows = rows[::-1]
        return rows[:PAGE]

    def _shaped(self, rows: list[dict[str, Any]]) -> Any:
        return {self.shape: rows} if self.shape else rows


MISSING = object()


def _holds(sign: str, mine: Any, wanted: str) -> bool:
    left: Any
    right: Any
    if "T" in wanted:
        left, right = str(mine), wanted
    else:
        left, right = int(mine), _number(wanted)
    outcome: dict[str, bool] = {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}
    return outcome[sign]


def _number(text: str) -> int:
    """As PHP casts a text."""
    found = re.match(r"-?\d+", text)
    return int(found[0]) if found else 0


def _flat(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{prefix}[{key}]" if prefix else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _flat(inner, f"{prefix}[{index}]")
    else:
        yield prefix, value


class Clock:
    """Seconds that pass only when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def idle(self, seconds: float) -> None:
        """Waits."""
        self.now += max(seconds, 1e-3)


class Served:
    """A running fake."""

    def __init__(self, fake: Fake, server: ThreadingHTTPServer) -> None:
        self.fake = fake
        self.server = server
        self.address = f"http://127.0.0.1:{server.server_port}"
        self.webhook = Webhook.parse(f"{self.address}/rest/1/{SECRET}/")

    def client(self, **options: Any) -> Client:
        """A client whose waits cost nothing: its clock goes on only when it waits."""
        clock = Clock()
        return Client(self.webhook, Pacing(1e6, 10**6, clock=clock, idle=clock.idle), **options)


@contextmanager
def serving(fake: Fake) -> Iterator[Served]:
    """The fake on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            method = self.path.rsplit("/", 1)[-1].removesuffix(".json")
            status, content, *headers = fake.answer(method, body)
            if content is None:
                self.close_connection = True
                return
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            cut = bool(headers and headers[0].pop("cut", ""))
            self.send_response(status)
            for name, value in (headers[0] if headers else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data) * 2 if cut else len(data)))
            self.end_headers()
            self.wfile.write(data)
            if cut:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Served(fake, server)
    finally:
        server.shutdown()
        server.server_close()
