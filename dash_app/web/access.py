"""A line in the log for every request: what was asked, how it ended, how long it took. Never who asked, nor what was sent."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qsl, urlencode

import structlog
from dash import Dash
from flask import Flask, Response, g, request

from dash_app import logs
from dash_app.web.routes import READY

_log = logs.get(__name__)
_QUIET = ("/assets/", "/_dash-component-suites/", "/healthz", "/health/", "/metrics", "/_favicon.ico", "/favicon.ico")
"""Written at DEBUG only."""
_SECRET = frozenset({"auth", "code", "token", "secret", "key", "password"})
_ID = re.compile(r"(?!.*\d{10})[A-Za-z0-9_.,:|-]{1,60}")
"""What names and values of our own addresses are like; people's words, e-mails and telephones are not."""
_PATH = re.compile(r"(?!.*\d{10})[A-Za-z0-9_./:-]{1,200}")
_ONE_TIME = "/reset/"
_LONGEST = 500
HEADER = "X-Request-ID"


def write_requests(app: Dash) -> None:
    """Call it before anything that may refuse a request, so that refusals carry an id too."""
    server: Flask = app.server

    @server.before_request
    def _() -> None:
        structlog.contextvars.clear_contextvars()
        g.request_id = logs.new_id()
        g.request_started = time.perf_counter()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @server.after_request
    def _(response: Response) -> Response:
        started = g.get("request_started")
        if started is None:
            return response
        response.headers[HEADER] = g.request_id
        status = response.status_code
        write = _log.debug
        if status >= 500 and request.path != READY:  # who waits for the first data asks every few seconds
            write = _log.error
        elif status in (400, 401, 403, 413):
            write = _log.warning
        elif not request.path.startswith(_QUIET):
            write = _log.info
        about = (
            {"callback": _callback(app) if status < 400 or status >= 500 else ""}
            if request.method == "POST"
            else {"query": asked()}
        )
        write(
            "request",
            method=request.method,
            path=_path(),
            **{name: value for name, value in about.items() if value},
            status=status,
            ms=round(1000 * (time.perf_counter() - started)),
            size=response.content_length,
        )
        return response


def _path() -> str:
    """The address as far as it may be kept: of a one-time link without what makes it one."""
    if request.path.startswith(_ONE_TIME):
        return _ONE_TIME + "…"
    return request.path if _PATH.fullmatch(request.path) else "…"


def asked() -> str:
    """The query string as far as it says what filters do – ids, dates, options. Codes and tokens are hidden, other values are a star."""
    raw = request.query_string[: 4 * _LONGEST].decode("utf-8", "replace")
    pairs = [
        (name, "***" if name.casefold() in _SECRET else value if _ID.fullmatch(value) else "*")
        for name, value in parse_qsl(raw)
        if _ID.fullmatch(name)
    ]
    return urlencode(pairs, safe="*.,:-")[:_LONGEST]


def _callback(app: Dash) -> str:
    """Which of the callbacks there are; what is not one of them is not written out."""
    body = request.get_json(silent=True)
    output = body.get("output") if isinstance(body, dict) else None
    return output[:200] if isinstance(output, str) and output in app.callback_map else ""
