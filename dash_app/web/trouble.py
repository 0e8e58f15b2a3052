"""A server that can only say what is wrong, until it is mended: then it becomes the application by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from markupsafe import escape

from dash_app.errors import UserError
from dash_app.text import Lang, Text
from dash_app.web.errors import sentence
from dash_app.web.routes import LIVE, READY

TRY_AGAIN = 3.0
"""Seconds between two looks whether what was wrong is mended; ten times that for what nobody foresaw."""


def server(text: Text, lang: Lang) -> Flask:
    """Answers every address with the sentence, 503; ``/health/live`` alone says that the process answers."""
    return _Saying(text, lang).flask


def until_mended(make: Callable[[], Flask], error: Exception, lang: Lang) -> Flask:
    """Says what is wrong and, as people ask, tries again; once ``make`` succeeds its application answers."""
    saying = _Saying(sentence(error), lang)
    flask: Any = saying.flask
    flask.wsgi_app = _UntilMended(flask.wsgi_app, make, saying, isinstance(error, UserError))
    return saying.flask


class _Saying:
    """One sentence at every address; the page asks again by itself."""

    def __init__(self, text: Text, lang: Lang) -> None:
        self.text = text
        self._lang = lang
        self.flask = Flask("dash_app.trouble", static_folder=None)
        self.flask.add_url_rule("/", "trouble", self._answer, defaults={"path": ""})
        self.flask.add_url_rule("/<path:path>", "trouble", self._answer)

    def _answer(self, path: str) -> tuple[str, int, dict[str, str]]:
        as_json = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        if f"/{path}" == LIVE:
            return '{"live":true}', 200, as_json
        if f"/{path}" == READY:
            return '{"ready":false,"reason":"cannot_start"}', 503, as_json
        page = f"<!DOCTYPE html><html lang={self._lang}><meta charset=utf-8><meta http-equiv=refresh content=10><title>!</title><body style='font:16px/1.5 sans-serif;margin:4rem auto;max-width:40rem'><p>{escape(self.text.of(self._lang))}</p>"
        return (
            page,
            503,
            {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "Retry-After": "10"},
        )


class _UntilMended:
    """A WSGI application in front of one that is not there yet."""

    def __init__(
        self, says: Callable[..., Iterable[bytes]], make: Callable[[], Flask], saying: _Saying, foreseen: bool
    ) -> None:
        self._says = says
        self._make = make
        self._saying = saying
        self._made: Flask | None = None
        self._trying = threading.Lock()
        self._next = time.monotonic() + TRY_AGAIN * (1 if foreseen else 10)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self._made is None and time.monotonic() >= self._next and self._trying.acquire(blocking=False):
            try:
                self._made = self._make()
            except Exception as error:
                self._saying.text = sentence(error)
                self._next = time.monotonic() + TRY_AGAIN * (1 if isinstance(error, UserError) else 10)
            finally:
                self._trying.release()
        answer = self._says if self._made is None else self._made.wsgi_app
        return answer(environ, start_response)
