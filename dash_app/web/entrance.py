"""The way in where people sign in: its pages, the guard before every other address, protection from forged forms.

Called by ``app.create_app``; nothing of it exists where SIGN_IN is none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from dash import Dash
from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

from dash_app.errors import UserError
from dash_app.security import passwords as rules
from dash_app.security.accounts import Account, AccountRole
from dash_app.security.sign_in import VOID_LINK, WRONG, NotSignedIn, SignIn, address_of, new_secret
from dash_app.services import OWNERS, Services
from dash_app.text import Text
from dash_app.web import entrance_words as w
from dash_app.web import language, person
from dash_app.web.doors import Doors
from dash_app.web.guard import said
from dash_app.web.index import PRODUCT
from dash_app.web.person import Cookie
from dash_app.web.routes import ACCOUNT, CHOOSE, CODE, SIGN_IN, SIGN_OUT, Door, door_of
from dash_app.web.shared_answers import secret_of

NEXT = "next"
HALF = "reports-half"
"""The cookie of a session that waits for its second factor."""
_CSRF_COOKIE = "_csrf_token"
"""Dash's renderer sends it back as the header X-CSRFToken, which Flask-WTF looks at."""

SIGNED_OUT = Text("Вы вышли – войдите снова.", "You are signed out: sign in again.")


@dataclass(frozen=True, slots=True)
class Entrance:
    """What the pages need."""

    app: Dash
    services: Services
    sign_in: SignIn
    cookie: Cookie
    doors: Doors

    @property
    def peer(self) -> str:
        """The address of who asks."""
        return self.doors.peer(request.environ.get("REMOTE_ADDR") or "", dict(request.headers))

    def page(
        self,
        template: str,
        title: Text,
        *,
        message: Text | None = None,
        kind: str = "info",
        status: int = 200,
        **more: Any,
    ) -> Response:
        """A page of the entrance in the person's language."""
        lang = language.current()
        other = "en" if lang == "ru" else "ru"
        kept = {NEXT: request.values[NEXT]} if NEXT in request.values else {}
        body = render_template(
            template,
            lang=lang,
            title=title.of(lang),
            product=PRODUCT.of(lang),
            said=message.of(lang) if message is not None else "",
            kind=kind,
            show=w.SHOW.of(lang),
            other_language=w.OTHER_LANGUAGE.of(lang),
            language_query=urlencode({**kept, "lang": other}),
            asset=self.app.get_asset_url,
            here=request.path,
            w=w,
            **more,
        )
        response = make_response(body, status)
        chosen = request.args.get("lang")
        if chosen in ("ru", "en"):
            response = make_response(redirect(request.path + (f"?{urlencode(kept)}" if kept else "")))
            response.set_cookie(language.COOKIE, chosen, max_age=31_536_000, samesite="Lax")
        return response


def open_(app: Dash, services: Services, doors: Doors) -> None:
    """Puts the entrance before an application. Call it after strangers are refused and before requests are looked at."""
    sign_in = services.sign_in
    if sign_in is None:
        return
    server: Flask = app.server
    cookie = Cookie(doors, int(sign_in.lifetime.whole.total_seconds()))
    server.secret_key = hashlib.sha256(b"forms" + secret_of(services.settings)).hexdigest()
    server.session_interface = _Forms(cookie)
    server.config.update(WTF_CSRF_TIME_LIMIT=None, SESSION_COOKIE_NAME="forms", SESSION_COOKIE_SAMESITE="Lax")
    person.know(server, sign_in, cookie, services.works_here)
    _guard(server)
    protection = CSRFProtect(server)
    entrance = Entrance(app, services, sign_in, cookie, doors)
    blueprint = Blueprint("entrance", __name__, template_folder="templates")
    _ways(blueprint, entrance, protection)
    _own(blueprint, entrance)
    server.register_blueprint(blueprint)
    _forms(server, entrance)


class _Forms(SecureCookieSessionInterface):
    """Flask's own session holds the secret of forms and nothing of who somebody is."""

    def __init__(self, cookie: Cookie) -> None:
        self._cookie = cookie

    def get_cookie_secure(self, app: Flask) -> bool:
        """Where the browser speaks https."""
        return self._cookie.is_secure


def _guard(server: Flask) -> None:
    """Nothing but public addresses is answered to who is not signed in, whatever routes are added later."""

    @server.before_request
    def _() -> Response | None:
        rule = request.url_rule
        door = door_of(None if rule is None else rule.rule)
        if door in (Door.PUBLIC, Door.MONITOR):
            return None
        account = person.account()
        if account is None:
            return _turned_away()
        return said(OWNERS, 403) if door is Door.OWNER and account.role is not AccountRole.OWNER else None

    @server.after_request
    def _(response: Response) -> Response:
        rule = request.url_rule
        if door_of(None if rule is None else rule.rule) is not Door.PUBLIC or response.mimetype == "text/html":
            response.headers["Cache-Control"] = "no-store"  # Back after signing out shows nothing
        return response


def _turned_away() -> Response:
    wished = request.full_path.rstrip("?")
    if request.method in ("GET", "HEAD") and not request.path.startswith(("/_dash-", "/_reload-hash")):
        query = f"?{urlencode({NEXT: wished})}" if wished != "/" else ""
        return make_response(redirect(SIGN_IN + query))
    answer = make_response({"error": SIGNED_OUT.of(language.current()), "sign_in": SIGN_IN}, 401)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def wished() -> str:
    """The page to go to after signing in: one of this application, the start page for anything else."""
    given = request.values.get(NEXT, "")[:4000]
    parts = urlsplit(given) if given.startswith("/") and given[1:2] not in ("/", "\\") else None
    if parts is None or parts.scheme or parts.netloc or any(ord(c) < 32 for c in given):
        return "/"
    return "/" if parts.path.startswith((SIGN_IN, SIGN_OUT, "/_")) else given


def _forms(server: Flask, entrance: Entrance) -> None:
    """What a page needs to send anything, and what is said where it is out of date."""

    @server.after_request
    def _(response: Response) -> Response:
        if request.method == "GET" and response.mimetype == "text/html" and response.status_code == 200:
            response.set_cookie(
                _CSRF_COOKIE, generate_csrf(), samesite="Lax", secure=entrance.cookie.is_secure, path="/"
            )
        return response

    @server.errorhandler(CSRFError)
    def stale(_: CSRFError) -> Response:
        if request.path == SIGN_IN:
            return _sign_in_page(entrance, message=w.STALE, kind="bad", status=400)
        return said(w.STALE, 400)


def _sign_in_page(
    entrance: Entrance, *, message: Text | None = None, kind: str = "info", status: int = 200, name: str = ""
) -> Response:
    first = not entrance.sign_in.accounts.any()
    given = request.values.get(NEXT, "") and wished()
    return entrance.page(
        "sign_in.html", w.SIGN_IN, message=message, kind=kind, status=status, name=name, next=given, first=first
    )


def _enter(entrance: Entrance, token: str) -> Response:
    """The browser of who is signed in now: with a new session, and nothing of what it held before."""
    session.clear()
    response = make_response(redirect(wished(), 303))
    entrance.cookie.put(response, token)
    entrance.cookie.drop(response, kind=HALF)
    return response


def _ways(blueprint: Blueprint, entrance: Entrance, protection: CSRFProtect) -> None:
    """In, by the second step, out, and by a one-time link."""
    sign_in, cookie = entrance.sign_in, entrance.cookie

    @blueprint.get(SIGN_IN)
    def ask() -> Response:
        if person.account() is not None and "lang" not in request.args:
            return make_response(redirect(wished()))
        message, kind = None, "info"
        if "left" in request.args:
            message = w.LEFT
        elif "chosen" in request.args:
            message, kind = w.CHOSEN, "good"
        elif NEXT in request.args:
            message = w.ENDED
        return _sign_in_page(entrance, message=message, kind=kind)

    @blueprint.post(SIGN_IN)
    def enter() -> Response:
        name, password = request.form.get("name", ""), request.form.get("password", "")
        try:
            account, token = sign_in.enter(name, password, entrance.peer)
        except UserError as error:
            status = 401 if isinstance(error, NotSignedIn) else 503
            return _sign_in_page(entrance, message=error.text, kind="bad", status=status, name=name[:60])
        if _is_gone(entrance, account):  # dismissed: as if there were no such account
            sign_in.accounts.end_all(account)
            return _sign_in_page(entrance, message=WRONG, kind="bad", status=401, name=name[:60])
        sign_in.leave(cookie.token())
        if not account.has_totp:
            return _enter(entrance, token)
        session.clear()
        response = make_response(redirect(f"{CODE}?{urlencode({NEXT: wished()})}", 303))
        cookie.put(response, token, kind=HALF, life=int(sign_in.lifetime.half.total_seconds()))
        return response

    def code_page(message: Text | None = None, status: int = 200) -> Response:
        back = f"{SIGN_IN}?{urlencode({NEXT: wished()})}"
        return entrance.page("code.html", w.CODE, message=message, kind="bad", status=status, next=wished(), back=back)

    @blueprint.get(CODE)
    def ask_code() -> Response:
        half = sign_in.accounts.of_session(cookie.token(HALF), sign_in.lifetime, half=True)
        return code_page() if half is not None else make_response(redirect(SIGN_IN))

    @blueprint.post(CODE)
    def enter_code() -> Response:
        half = cookie.token(HALF)
        if sign_in.accounts.of_session(half, sign_in.lifetime, half=True) is None:
            return make_response(redirect(f"{SIGN_IN}?{urlencode({NEXT: wished()})}", 303))
        try:
            _, token = sign_in.complete(half, request.form.get("code", ""), entrance.peer)
        except UserError as error:
            return code_page(error.text, 401 if isinstance(error, NotSignedIn) else 503)
        return _enter(entrance, token)

    @blueprint.post(SIGN_OUT)
    def leave() -> Response:
        sign_in.leave(cookie.token())
        session.clear()
        response = make_response(redirect(f"{SIGN_IN}?left=1", 303))
        cookie.drop(response)
        return response

    # a page that stood open while somebody signed in anew must be able to leave; other sites cannot post here (guard.refuse_foreign, SameSite)
    protection.exempt(leave)

    def choose_page(account: Account | None, message: Text | None = None, status: int = 200) -> Response:
        title = w.CHOOSE if account is not None else w.VOID
        name = account.name if account is not None else ""
        return entrance.page("choose.html", title, message=message, kind="bad", status=status, name=name)

    @blueprint.get(CHOOSE)
    def ask_choice(token: str) -> Response:
        account = sign_in.accounts.of_link(token)
        return choose_page(account, None if account is not None else VOID_LINK, 200 if account is not None else 410)

    @blueprint.post(CHOOSE)
    def choose(token: str) -> Response:
        password = request.form.get("password", "")
        try:
            if password != request.form.get("again", ""):
                raise UserError(w.DIFFERENT)
            sign_in.choose(token, password)
        except UserError as error:
            account = sign_in.accounts.of_link(token)
            return choose_page(account, error.text, 400 if account is not None else 410)
        return make_response(redirect(f"{SIGN_IN}?chosen=1", 303))


def _is_gone(entrance: Entrance, account: Account) -> bool:
    return (
        account.portal_user is not None
        and not person.is_foreign(account, entrance.sign_in)
        and not entrance.services.works_here(account.portal_user)
    )


def _own(blueprint: Blueprint, entrance: Entrance) -> None:
    """What somebody does with his own account."""
    sign_in = entrance.sign_in

    def own() -> Account:
        found = person.account()
        assert found is not None  # the guard let nobody else in
        return found

    def page(message: Text | None = None, *, kind: str = "bad", status: int = 200, open_: str = "") -> Response:
        account, lang = own(), language.current()
        secret = session.setdefault("secret", new_secret())
        about = (w.OWNER if account.role is AccountRole.OWNER else w.BY_STRUCTURE).of(lang)
        if account.portal_user is not None:
            about += ", " + w.PORTAL_USER.format(id=account.portal_user).of(lang)
        return entrance.page(
            "account.html",
            w.ACCOUNT,
            message=message,
            kind=kind,
            status=status,
            name=account.name,
            shown=entrance.services.session().name,
            about=about,
            has_totp=account.has_totp,
            secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
            otpauth=address_of(secret, account),
            open=open_,
        )

    def confirmed(account: Account) -> None:
        """NotSignedIn unless the present password is given: an open browser is no proof of who sits before it."""
        sign_in.confirm(account, request.form.get("current", ""), entrance.peer)

    @blueprint.get(ACCOUNT)
    def show() -> Response:
        return page(w.SWITCHED_ON if "on" in request.args else None, kind="good")

    @blueprint.post(ACCOUNT + "/password")
    def change() -> Response:
        account, password = own(), request.form.get("password", "")
        try:
            confirmed(account)
            if password != request.form.get("again", ""):
                raise UserError(w.DIFFERENT)
            rules.check(password, account.name)
            sign_in.change(account, password)
        except UserError as error:
            return _again(page, error, "password")
        session.clear()
        return make_response(redirect(f"{SIGN_IN}?chosen=1", 303))

    @blueprint.post(ACCOUNT + "/second-factor")
    def enrol() -> Response:
        account = own()
        try:
            confirmed(account)
            sign_in.enrol(account, session.get("secret", new_secret()), request.form.get("code", ""))
        except UserError as error:
            return _again(page, error, "second")
        session.pop("secret", None)
        return make_response(redirect(f"{ACCOUNT}?on=1", 303))


def _again(page: Any, error: UserError, open_: str) -> Response:
    found: Response = page(error.text, status=400, open_=open_)
    return found
