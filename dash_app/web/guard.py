"""What reaches a callback is well formed and comes from this application's own page; whatever is refused is one sentence.

Dash answers malformed update requests with 500; here they are 400, before anything runs (``web/payloads.py`` says what is well formed).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
from dash import Dash
from dash.exceptions import DependencyException, InvalidCallbackReturnValue
from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

from dash_app import logs
from dash_app.logs.exceptions import without_values
from dash_app.text import Text
from dash_app.web import doors, language
from dash_app.web.doors import Doors
from dash_app.web.errors import sentence
from dash_app.web.payloads import CallbackShape, Malformed, Passed, too_deep

log = logs.get(__name__)

MALFORMED = Text(
    "Запрос непонятен: страница такого не посылает. Обновите страницу.",
    "The request makes no sense: the page sends nothing like it. Reload the page.",
)
TOO_LARGE = Text(
    "Запрос слишком велик: файл может быть до 8 МБ.",
    "The request is too large: a file may have up to 8 MB.",
)
NOT_THERE = Text("По этому адресу ничего нет.", "There is nothing at this address.")
_SAID = {400: MALFORMED, 404: NOT_THERE, 405: MALFORMED, 413: TOO_LARGE, 415: MALFORMED}


class StrictJson(DefaultJSONProvider):
    """Requests are read by orjson: UTF-8 alone, no NaN, no half of a letter, no number beyond a double – each of which would fail later."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """A JSON document; ValueError for anything else."""
        return orjson.loads(s)


def said(text: Text, status: int) -> Response:
    """A sentence as an answer, in the person's language."""
    return Response(text.of(language.current()) + "\n", status, mimetype="text/plain")


def answer_in_sentences(server: Flask) -> None:
    """Whatever goes wrong outside a callback is one sentence: no page of the framework's own, no trace."""

    @server.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response | HTTPException:
        status = error.code or 500
        if status < 400:  # a redirect
            return error
        return said(_SAID.get(status, MALFORMED if status < 500 else NOT_THERE), status)

    @server.errorhandler(DependencyException)
    def unknown_file(_: DependencyException) -> Response:
        return said(NOT_THERE, 404)

    @server.errorhandler(InvalidCallbackReturnValue)
    def unexpected_outputs(error: InvalidCallbackReturnValue) -> Response:
        return said(sentence(error), 500)

    @server.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        return said(sentence(error), 500)


def refuse_malformed(app: Dash) -> None:
    """Checks update requests against the callbacks there are. Call it when all are registered."""
    server: Flask = app.server
    server.json = StrictJson(server)
    with server.test_request_context("/", headers={"Host": "localhost"}, environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        server.preprocess_request()  # Dash's lazy set-up: fills callback_map
    shapes = {name: CallbackShape.of(name, spec) for name, spec in app.callback_map.items() if "callback" in spec}
    update = app.config.routes_pathname_prefix + "_dash-update-component"

    @server.before_request
    def _() -> Response | None:
        if request.path != update or request.method != "POST":
            return None
        try:
            if not request.is_json or too_deep(request.get_data()):
                raise Malformed("no JSON, or too deep")
            body = request.get_json(silent=True)
            shape = shapes.get(body.get("output")) if isinstance(body, dict) and _is_text(body.get("output")) else None
            if shape is None:
                raise Malformed("no such callback")
            shape.check(body)
        except Passed:
            return Response(status=204)  # to the renderer: nothing changes
        except Malformed as error:
            log.info("update_refused", why=without_values(str(error))[:100])
            return said(MALFORMED, 400)
        return None


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def refuse_foreign(server: Flask, allowed: Doors) -> None:
    """Strangers get a sentence (``web/doors.py``), and another site's page may not post here."""

    @server.before_request
    def _() -> Response | None:
        try:
            host = request.host
            refusal = allowed.refusal(
                request.environ.get("REMOTE_ADDR") or "", host, cast(Mapping[str, str], request.headers)
            )
            origin = request.headers.get("Origin")
            foreign = request.method not in ("GET", "HEAD") and origin is not None and urlsplit(origin).netloc != host
        except (ValueError, HTTPException):
            return said(doors.NO_ADDRESS, 400)
        if refusal is not None:
            return said(refusal, 403)
        return said(doors.FOREIGN_PAGE, 403) if foreign else None
