"""Headers that keep a page to itself: no foreign script, style, picture, connection or frame."""

from __future__ import annotations

from dash import Dash
from flask_talisman import Talisman


def protect(app: Dash) -> None:
    """Content security policy and its companions. Call it when all callbacks are registered: inline ones are hashed."""
    with app.server.test_request_context("/", headers={"Host": "localhost"}):
        app.server.preprocess_request()
    Talisman(
        app.server,
        force_https=False,
        strict_transport_security=False,
        frame_options="SAMEORIGIN",
        referrer_policy="same-origin",
        session_cookie_secure=False,
        content_security_policy={
            "default-src": "'self'",
            "script-src": ["'self'", *app.csp_hashes()],
            "style-src": ["'self'", "'unsafe-inline'"],  # plotly, AG Grid and mantine write style elements
            "img-src": ["'self'", "data:", "blob:"],
            "font-src": ["'self'", "data:"],
            "object-src": "'none'",
            "base-uri": "'self'",
            "form-action": "'self'",
            "frame-ancestors": "'self'",
        },
    )
