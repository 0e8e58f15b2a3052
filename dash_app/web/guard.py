"""What reaches a callback is well formed and comes from this application's own page.

Dash answers malformed update requests with 500; here they are 400, before anything runs. Values inside well-formed bodies still
come from outside: callbacks parse them with the same typed parsers as the URL.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from dash import Dash
from dash.exceptions import DependencyException
from flask import Flask, abort, request
from pydantic import BaseModel, ConfigDict, ValidationError

from dash_app.portal.credentials import is_loopback


class Dependency(BaseModel):
    """One input, state or output as the renderer sends it."""

    model_config = ConfigDict(extra="allow")
    id: str | dict[str, object]
    property: str


class Body(BaseModel):
    """An update request. ``outputs`` None: a callback without outputs."""

    model_config = ConfigDict(extra="allow")
    output: str
    outputs: Dependency | list[Dependency | list[Dependency]] | None = None
    inputs: list[Dependency | list[Dependency]]
    state: list[Dependency | list[Dependency]] = []
    changedPropIds: list[str] = []


def refuse_malformed(app: Dash) -> None:
    """Checks update requests against the callbacks there are. Call it when all are registered."""
    server: Flask = app.server
    with server.test_request_context("/", headers={"Host": "localhost"}):
        server.preprocess_request()  # Dash's lazy set-up: fills callback_map

    @server.before_request
    def _() -> None:
        if request.method == "POST" and request.path.endswith("/_dash-update-component"):
            try:
                body = Body.model_validate(request.get_json(silent=True))
            except ValidationError:
                abort(400)
            spec = app.callback_map.get(body.output)  # MATCH ids come in their wildcard form
            if spec is None or (len(body.inputs), len(body.state)) != (len(spec["inputs"]), len(spec["state"])):
                abort(400)
            if body.outputs is None and not spec.get("no_output"):
                abort(400)

    server.register_error_handler(DependencyException, lambda _: ("Not found", 404))


def refuse_foreign(server: Flask, *, loopback_only: bool) -> None:
    """Another site's page may neither post here nor, by a name that resolves to this machine, read (DNS rebinding)."""

    @server.before_request
    def _() -> None:
        if loopback_only and not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
            abort(403)
        origin = request.headers.get("Origin")
        if request.method != "GET" and origin is not None and urlsplit(origin).netloc != request.host:
            abort(403)
