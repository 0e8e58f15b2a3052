"""Application access beside the webhook: short-lived access tokens and a rotating refresh token.

The demo portal is its own authorization server: ``/oauth/token/``. One application is known, its id and secret come
from the portal's secret; ``/_demo/application`` tells them to a test, together with a first code.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash_app.demo.rest.protocol import RestError

ACCESS_SECONDS = 3600
CODE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Application:
    """The one application the portal knows."""

    client_id: str
    client_secret: str
    application_token: str


def application_of(secret: str) -> Application:
    """The application of a portal with this webhook secret."""

    def derive(name: str) -> str:
        return hashlib.sha256(f"{name} {secret}".encode()).hexdigest()

    return Application(f"local.{derive('client')[:14]}", derive("key")[:40], derive("token")[:32])


class Tokens:
    """Codes, access tokens and refresh tokens that are good now. Thread-safe, kept in memory."""

    def __init__(self, application: Application, clock: Callable[[], float] = time.time) -> None:
        self.application = application
        self._clock = clock
        self._lock = threading.Lock()
        self._codes: dict[str, float] = {}
        self._access: dict[str, float] = {}
        self._refresh: set[str] = set()

    def code(self) -> str:
        """A code as the authorization page gives it: good once, for half a minute."""
        with self._lock:
            made = secrets.token_hex(16)
            self._codes[made] = self._clock() + CODE_SECONDS
            return made

    def check(self, access_token: str) -> None:
        """Raises RestError for a token that is unknown or over."""
        with self._lock:
            until = self._access.get(access_token)
        if until is None:
            raise RestError("invalid_token", "Unable to get application by token", 401)
        if until <= self._clock():
            raise RestError("expired_token", "The access token provided has expired", 401)

    def expire(self) -> None:
        """All access tokens are over now; refresh tokens stay good."""
        with self._lock:
            self._access = dict.fromkeys(self._access, 0.0)

    def grant(self, asked: dict[str, Any], address: str, scope: str, user_id: int) -> dict[str, Any]:
        """Answer of ``/oauth/token/``. A refresh token is good once: the answer brings the next one. Raises RestError."""
        if asked.get("client_id") != self.application.client_id:
            raise RestError("invalid_client", "invalid_client")
        if asked.get("client_secret") != self.application.client_secret:
            raise RestError("invalid_client", "invalid_client")
        kind = asked.get("grant_type")
        with self._lock:
            if kind == "authorization_code":
                if self._codes.pop(str(asked.get("code", "")), 0.0) <= self._clock():
                    raise RestError("invalid_grant", "invalid_grant")
            elif kind == "refresh_token":
                if str(asked.get("refresh_token", "")) not in self._refresh:
                    raise RestError("invalid_grant", "invalid_grant")
                self._refresh.discard(str(asked["refresh_token"]))
            else:
                raise RestError("invalid_request", "grant_type is authorization_code or refresh_token")
            access, refresh = secrets.token_hex(32), secrets.token_hex(32)
            until = self._clock() + ACCESS_SECONDS
            self._access[access] = until
            self._refresh.add(refresh)
        host = address.partition("://")[2]
        return {
            "access_token": access,
            "expires": int(until),
            "expires_in": ACCESS_SECONDS,
            "refresh_token": refresh,
            "client_endpoint": f"{address}/rest/",
            "server_endpoint": f"{address}/rest/",
            "domain": host,
            "member_id": hashlib.md5(self.application.client_id.encode(), usedforsecurity=False).hexdigest(),
            "scope": scope,
            "status": "L",
            "user_id": user_id,
        }
