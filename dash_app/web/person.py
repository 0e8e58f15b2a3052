"""Who is signed in, for the request being answered: Flask-Login over sessions that are kept on the server.

The browser holds a random token in a cookie, the database its hash; nothing else of a session lies in the browser.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import Flask, Request, Response, current_app, g, has_request_context, request
from flask_login import LoginManager, UserMixin, current_user

from dash_app.reports.session import Session
from dash_app.security.accounts import Account, AccountRole
from dash_app.security.sign_in import SignIn
from dash_app.services import Asker
from dash_app.web import ids
from dash_app.web.doors import Doors

_BY_ITSELF = frozenset({f"{ids.PULSE}.n_intervals", f"{ids.TICK}.n_intervals"})
"""What a page asks without anybody doing anything: it keeps no session alive."""


class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """An account as Flask-Login has it."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def get_id(self) -> str:
        """The account's number."""
        return str(self.account.id)


@dataclass(frozen=True, slots=True)
class Cookie:
    """The cookie of a session. Where the browser speaks https, one that no other host and no plain http can set."""

    doors: Doors
    life: int

    @property
    def is_secure(self) -> bool:
        """Whether the browser speaks https."""
        return self.doors.is_secure(request.environ.get("REMOTE_ADDR") or "", request.scheme, dict(request.headers))

    def _name(self, kind: str) -> str:
        return f"__Host-{kind}" if self.is_secure else kind

    def token(self, kind: str = "reports") -> str:
        """Of the request, '' without one."""
        return request.cookies.get(self._name(kind), "")

    def put(self, response: Response, token: str, *, kind: str = "reports", life: int | None = None) -> None:
        """Hands a token over."""
        response.set_cookie(
            self._name(kind),
            token,
            max_age=life or self.life,
            secure=self.is_secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )

    def drop(self, response: Response, *, kind: str = "reports") -> None:
        """Takes it back."""
        response.delete_cookie(self._name(kind), secure=self.is_secure, httponly=True, samesite="Lax", path="/")


def know(server: Flask, sign_in: SignIn, cookie: Cookie, works_here: Callable[[int], bool]) -> None:
    """Flask-Login on a server. ``works_here``: whether a person of the portal was not dismissed; sessions of who was end."""
    manager = LoginManager()
    manager.session_protection = None  # sessions are the server's
    manager.init_app(server)

    @manager.request_loader  # type: ignore[untyped-decorator]
    def load(_: Request) -> SignedIn | None:
        token = cookie.token()
        account = sign_in.of_session(token, used=not _by_itself()) if token else None
        if account is None:
            return None
        if account.portal_user is not None and not is_foreign(account, sign_in) and not works_here(account.portal_user):
            sign_in.accounts.end_all(account)
            return None
        return SignedIn(account)


def _by_itself() -> bool:
    body = request.get_json(silent=True) if request.is_json else None
    changed = body.get("changedPropIds") if isinstance(body, dict) else None
    return isinstance(changed, list) and bool(changed) and all(isinstance(c, str) and c in _BY_ITSELF for c in changed)


def account() -> Account | None:
    """The account of who asks; None for who is not signed in, where nobody signs in, and outside a request."""
    if not has_request_context() or not hasattr(current_app, "login_manager") or not current_user.is_authenticated:
        return None
    return cast(SignedIn, current_user).account


def is_foreign(of: Account, sign_in: SignIn) -> bool:
    """Whether its person is one of another company than the one shown."""
    return of.portal_user is not None and of.company != sign_in.accounts.company


def session_of(everything: Session, sign_in: SignIn) -> Session:
    """The session of who asks: made once a request. Nobody's outside of one, and before signing in: it sees nothing."""
    found = account()
    if found is None:
        return everything.of(Asker(""))
    kept: Session | None = g.get("asked_by")
    if kept is None:
        person = Asker(found.name, found.portal_user, found.role is AccountRole.OWNER, is_foreign(found, sign_in))
        kept = g.asked_by = everything.of(person)
    return kept
