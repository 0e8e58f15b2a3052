"""In which language a request is answered: the person's cookie, else the deployment's setting."""

from __future__ import annotations

from flask import current_app, has_request_context, request

from dash_app.text import Lang

COOKIE = "lang"


def current() -> Lang:
    """Language of the request being answered."""
    default: Lang = current_app.config.get("LANGUAGE", "ru") if has_request_context() else "ru"
    if not has_request_context():
        return default
    chosen = request.cookies.get(COOKIE)
    return "en" if chosen == "en" else "ru" if chosen == "ru" else default
