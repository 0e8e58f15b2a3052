"""A server that becomes the application of another portal as soon as one is connected, in every worker process, without a restart."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from flask import Flask


def follow(make: Callable[[], Flask], which: Callable[[], Hashable]) -> Flask:
    """The server ``make`` gives, made anew for the first request after ``which`` gives something else. ``make`` does not raise."""
    known = which()
    flask: Any = make()
    flask.wsgi_app = _Following(flask.wsgi_app, make, which, known)
    made: Flask = flask
    return made


class _Following:
    """A WSGI application in front of the one of the portal that is connected now."""

    def __init__(
        self,
        answers: Callable[..., Iterable[bytes]],
        make: Callable[[], Flask],
        which: Callable[[], Hashable],
        known: Hashable,
    ) -> None:
        self._answers = answers
        self._make = make
        self._which = which
        self._known = known
        self._changing = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self._which() != self._known:
            with self._changing:
                now = self._which()
                if now != self._known:
                    self._answers, self._known = self._make().wsgi_app, now
        return self._answers(environ, start_response)
