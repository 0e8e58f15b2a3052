"""Whose something is that a person keeps for himself: the account's of who is signed in; where nobody signs in the browser's, a random number in a cookie
that scripts do not see. ``whose`` is the one place that knows.
"""

from __future__ import annotations

import re
import secrets

from flask import Flask, Response, has_request_context, request

from dash_app.web import person

COOKIE = "browser"
_NUMBER = re.compile(r"[A-Za-z0-9_-]{22}")
_YEAR = 31_536_000


def whose() -> str:
    """Who asks, as owner of what he keeps; '' where the browser keeps no cookies."""
    if (account := person.account()) is not None:
        return f"account:{account.id}"
    given = request.cookies.get(COOKIE, "") if has_request_context() else ""
    return given if _NUMBER.fullmatch(given) else ""


def give_numbers(server: Flask) -> None:
    """Every browser gets its number with the first page."""

    @server.after_request
    def _(response: Response) -> Response:
        if request.method == "GET" and response.mimetype == "text/html" and response.status_code == 200 and not whose():
            response.set_cookie(
                COOKIE,
                secrets.token_urlsafe(16),
                max_age=_YEAR,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure,
            )
        return response
