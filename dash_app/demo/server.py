"""HTTP face of the demo portal: REST calls, card pages and a control desk that a real portal does not have.

``/rest/<user>/<secret>/<method>[.json]``  the protocol (GET, or POST with a form, multipart or JSON body)
``/rest/<method>?auth=``, ``/oauth/token/``  the same for an application with tokens
``/crm/deal/details/<id>/`` and the like   a small page, so that links to cards open something
``/_demo/stats``     GET: requests, commands, refusals, per method
``/_demo/faults``    GET: what is switched on; POST: one fault or a list of them; DELETE: all off
``/_demo/settings``  POST: ``limits`` ("real", "off" or a mapping of LimitSettings), ``scopes``, ``admin``, ``secret``
``/_demo/application`` GET: id, secret and a fresh code of the portal's application; DELETE: its access tokens expire
``/_demo/frame``     GET ``?handler=URL``: a page that opens that application as the portal's frame does
``/_demo/reset``     POST: counters, limits and faults as at the start

The control desk answers loopback addresses only.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import sqlite3
import sys
import threading
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import orjson

from dash_app.demo.rest.batch import commands_of
from dash_app.demo.rest.bodies import from_body, from_query
from dash_app.demo.rest.cards import card_page
from dash_app.demo.rest.faults import REQUEST_KINDS, BadFault, Fault, query_limit_exceeded
from dash_app.demo.rest.limits import LimitSettings
from dash_app.demo.rest.portal import Portal
from dash_app.demo.rest.protocol import Answer, RestError

_REST = re.compile(r"/rest/(?:(\d+)/([^/]+)/)?([^/]+?)/?$")
_REASONS = {
    200: "OK",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
_JSON = "application/json; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_PROXY_PAGE = (
    "<html>\r\n<head><title>{0} {1}</title></head>\r\n<body>\r\n<center><h1>{0} {1}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


class DemoServer(ThreadingHTTPServer):
    """Serves one portal on a port; port 0 takes a free one. Each connection has its thread."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, portal: Portal, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__((host, port), _Handler)
        self.portal = portal

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        return f"http://{self.server_address[0]!s}:{self.server_port}"

    @property
    def webhook(self) -> str:
        """The webhook address: whoever knows it may call. Ends with a slash."""
        settings = self.portal.settings
        return f"{self.address}/rest/{settings.user_id}/{settings.secret}/"

    def server_bind(self) -> None:
        """Bind without asking DNS for the host's name, which can take seconds."""
        import socketserver

        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)

    def start(self) -> threading.Thread:
        """Serve in a background thread."""
        thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="demo-portal", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Stop serving and close the company's database."""
        self.shutdown()
        self.server_close()
        self.portal.database.close()


class _Handler(BaseHTTPRequestHandler):
    server: DemoServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self._route()

    def do_POST(self) -> None:
        self._route()

    def do_DELETE(self) -> None:
        self._route()

    def log_message(self, format: str, *args: Any) -> None:
        """No request log: the path holds the secret."""

    def _route(self) -> None:
        body = self._body()
        split = urlsplit(self.path)
        path = unquote(split.path)
        if path.startswith("/rest/"):
            self._rest(path, split.query, body)
        elif path == "/oauth/token/":
            self._token({**from_query(split.query), **from_body(body, self.headers.get("Content-Type", ""))})
        elif path == "/_demo/frame":
            self._frame(from_query(split.query))
        elif path.startswith("/_demo/"):
            self._control(path, body)
        else:
            with self.server.portal.database.reader() as db:
                page = card_page(db, path)
            if page is None:
                self._answer(404, _PROXY_PAGE.format(404, "Not Found").encode(), _HTML)
            else:
                self._answer(200, page.encode(), _HTML)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            parts = []
            while size := int(self.rfile.readline().split(b";")[0].strip() or b"0", 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length > 0 else b""

    # ---- the protocol

    def _rest(self, path: str, query: str, body: bytes) -> None:
        portal = self.server.portal
        portal.count_request()
        match = _REST.match(path)
        cut: Fault | None = None
        try:
            if portal.bucket and not portal.bucket.admit():
                raise query_limit_exceeded()
            user_id, secret, name = match.groups() if match else (None, None, "")
            name = portal.method_name(name)
            params = from_query(query)
            if body:
                params.update(from_body(body, self.headers.get("Content-Type", "")))
            if portal.faults.active():
                done, cut = self._trouble(name, params, path, query)
                if done:
                    return
            application = match is not None and user_id is None and bool(params.get("auth"))
            if application:
                portal.tokens.check(str(params.pop("auth")))
            else:
                portal.authorize(user_id or "", secret or "")
            with portal.database.reader() as db:
                answer, taken = portal.execute(db, name, params, application=application)
            if name != "batch":
                portal.after_call([name])
            self._send(200, _envelope(answer, taken), cut)
        except RestError as error:
            portal.count_error(error.code)
            self._send(error.status, orjson.dumps(error.body()), cut)
        except (sqlite3.Error, OverflowError, RecursionError, TypeError, ValueError) as error:
            # parameters no portal was made for; the class is enough to find it, the text may hold what was sent
            print(f"demo: {type(error).__name__} in {portal.method_name(path.rpartition('/')[2])}", file=sys.stderr)
            portal.count_error("INTERNAL_SERVER_ERROR")
            self._send(500, orjson.dumps(RestError("INTERNAL_SERVER_ERROR", "Internal server error").body()), None)

    def _token(self, asked: dict[str, Any]) -> None:
        portal = self.server.portal
        scope = ",".join(portal.settings.scopes)
        try:
            granted = portal.tokens.grant(asked, self.server.address, scope, portal.settings.user_id)
            self._answer(200, orjson.dumps(granted), _JSON)
        except RestError as error:
            portal.count_error(error.code)
            self._answer(error.status, orjson.dumps(error.body()), _JSON)

    def _frame(self, asked: dict[str, Any]) -> None:
        """The page that opens an application: the user's browser posts the portal's form to the handler."""
        portal = self.server.portal
        application = portal.tokens.application
        handler = urlsplit(str(asked.get("handler", "")))
        if handler.scheme not in {"http", "https"} or not self._from_loopback():
            self._answer(404, b"", _HTML)
            return
        grant = {
            "grant_type": "authorization_code",
            "code": portal.tokens.code(),
            "client_id": application.client_id,
            "client_secret": application.client_secret,
        }
        granted = portal.tokens.grant(
            grant, self.server.address, ",".join(portal.settings.scopes), portal.settings.user_id
        )
        fields = {
            "AUTH_ID": granted["access_token"],
            "AUTH_EXPIRES": "3600",
            "REFRESH_ID": granted["refresh_token"],
            "SERVER_ENDPOINT": granted["server_endpoint"],
            "APPLICATION_TOKEN": application.application_token,
            "APPLICATION_SCOPE": granted["scope"],
            "member_id": granted["member_id"],
            "status": "L",
            "PLACEMENT": str(asked.get("placement", "DEFAULT")),
            "PLACEMENT_OPTIONS": str(asked.get("options", "[]")),
        }
        query = urlencode(
            {"DOMAIN": granted["domain"], "PROTOCOL": "0", "LANG": "ru", "APP_SID": secrets.token_hex(16)}
        )
        target = handler._replace(query=f"{handler.query}&{query}".lstrip("&")).geturl()
        inputs = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in fields.items())
        page = (
            f'<!doctype html><meta charset="utf-8"><title>Демо-портал</title><form method="post" action="{escape(target)}" '
            f'target="app">{inputs}</form><iframe name="app" style="width:100%;height:95vh;border:0"></iframe>'
            "<script>document.forms[0].submit()</script>"
        )
        self._answer(200, page.encode(), _HTML)

    def _trouble(self, name: str, params: dict[str, Any], path: str, query: str) -> tuple[bool, Fault | None]:
        """Faults of the whole request: (whether it has been answered, fault that cuts the coming answer)."""
        cut = None
        methods = [name, *commands_of(params)] if name == "batch" else [name]
        for fault in self.server.portal.faults.strike(REQUEST_KINDS, methods):
            if fault.kind == "slow":
                time.sleep(fault.number("seconds", 1))
            elif fault.kind == "cut":
                cut = fault
            elif fault.kind == "renamed":
                target = str(fault.options["to"]).rstrip("/")
                if urlsplit(target).netloc != self.headers.get("Host", ""):
                    location = f"{target}{path}" + (f"?{query}" if query else "")
                    self._answer(302, b"", _HTML, {"Location": location})
                    return True, None
            elif fault.kind == "close":
                self.close_connection = True
                self.connection.shutdown(2)
                return True, None
            elif fault.kind == "html":
                status = int(fault.number("status", 502))
                self.server.portal.count_error("html")
                self._answer(status, _PROXY_PAGE.format(status, _REASONS.get(status, "Error")).encode(), _HTML)
                return True, None
            elif fault.kind == "503":
                raise query_limit_exceeded()
            elif fault.kind == "expired":
                raise RestError("expired_token", "The access token provided has expired", 401)
            else:
                raise RestError("INTERNAL_SERVER_ERROR", "Internal server error", 500)
        return False, cut

    def _send(self, status: int, payload: bytes, cut: Fault | None) -> None:
        if cut is None:
            self._answer(status, payload, _JSON)
            return
        kept = payload[: int(len(payload) * min(1.0, max(0.0, cut.number("part", 0.5))))]
        self._answer(status, kept, _JSON, length=len(payload))
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(2)

    # ---- the control desk

    def _control(self, path: str, body: bytes) -> None:
        if not self._from_loopback():
            self._answer(404, b"", _HTML)
            return
        portal = self.server.portal
        try:
            asked = orjson.loads(body) if body else None
            answer = self._desk(portal, path.rstrip("/").removeprefix("/_demo/"), asked)
        except (BadFault, orjson.JSONDecodeError, TypeError, ValueError) as error:
            self._answer(400, orjson.dumps({"error": str(error)}), _JSON)
            return
        if answer is None:
            self._answer(404, b"{}", _JSON)
        else:
            self._answer(200, orjson.dumps(answer), _JSON)

    def _from_loopback(self) -> bool:
        return ipaddress.ip_address(self.client_address[0]).is_loopback

    def _desk(self, portal: Portal, what: str, asked: Any) -> Any:
        if what == "stats":
            return portal.stats.as_dict()
        if what == "faults":
            if self.command == "DELETE":
                portal.faults.clear()
            elif self.command == "POST":
                specs = asked if isinstance(asked, list) else [asked]
                for fault in [Fault.of(spec) for spec in specs]:  # all or none
                    portal.faults.add(fault.describe())
            return portal.faults.active()
        if what == "application":
            if self.command == "DELETE":
                portal.tokens.expire()
            application = portal.tokens.application
            return {
                "client_id": application.client_id,
                "client_secret": application.client_secret,
                "application_token": application.application_token,
                "code": portal.tokens.code(),
            }
        if what == "reset" and self.command == "POST":
            portal.reset()
            return {"ok": True}
        if what == "settings" and self.command == "POST":
            change_settings(portal, asked if isinstance(asked, dict) else {})
            return {"ok": True}
        return None

    # ---- bytes

    def _answer(
        self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None, length: int | None = None
    ) -> None:
        lines = [
            f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}",
            f"Content-Type: {kind}",
            f"Content-Length: {len(body) if length is None else length}",
            f"Date: {self.date_time_string()}",
        ]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if self.close_connection:
            lines.append("Connection: close")
        self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)


def change_settings(portal: Portal, wanted: dict[str, Any]) -> None:
    """Change how a running portal behaves. Raises ValueError or TypeError for what makes no sense."""
    unknown = set(wanted) - {"limits", "scopes", "admin", "secret"}
    if unknown:
        raise ValueError(f"unknown setting: {', '.join(sorted(unknown))}")
    if "limits" in wanted:
        portal.set_limits(limits_of(wanted["limits"]))
    if "scopes" in wanted:
        scopes = wanted["scopes"]
        portal.settings.scopes = tuple(scopes.split(",") if isinstance(scopes, str) else scopes)
    if "admin" in wanted:
        portal.settings.admin = bool(wanted["admin"])
    if "secret" in wanted:
        portal.settings.secret = str(wanted["secret"])


def limits_of(value: str | dict[str, Any] | LimitSettings | None) -> LimitSettings | None:
    """Brakes from ``real``, ``off`` or numbers. Raises ValueError or TypeError."""
    if value is None or value == "off":
        return None
    if value == "real":
        return LimitSettings()
    if isinstance(value, LimitSettings):
        return value
    if isinstance(value, dict):
        return LimitSettings(**value)
    raise ValueError(f"limits are real or off, not {value!r}")


def _envelope(answer: Answer, taken: dict[str, Any]) -> bytes:
    body: dict[str, Any] = {"result": answer.result}
    if answer.next is not None:
        body["next"] = answer.next
    if answer.total is not None:
        body["total"] = answer.total
    body["time"] = taken
    return orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
