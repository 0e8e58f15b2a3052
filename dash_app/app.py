"""The application: everything wired together, on one screen."""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from flask import Flask
from pydantic import ValidationError

import callbacks
from dash_app import kept_webhook, private
from dash_app.engine.language import Report
from dash_app.errors import UserError
from dash_app.logs.start import start
from dash_app.services import Services
from dash_app.services_factory import services_of
from dash_app.settings import Settings, wrong
from dash_app.web import access, csp, entrance, errors, guard, health, metering, owner, trouble
from dash_app.web.doors import Doors
from dash_app.web.following import follow
from dash_app.web.index import PRODUCT, ReportsApp, keep_versioned
from dash_app.web.shell import shell

ASSETS = Path(__file__).parent.parent / "assets"
import_module(
    "pandas"
)  # imported later, by one thread, it is half there for Plotly in another: the first answers of a page would fail


def create_app(settings: Settings, services: Services | None = None, extra: Sequence[Report] = ()) -> ReportsApp:
    """A complete application of its own; several can live in one process. ``extra``: reports beside those of ``pages``.

    UserError where it would serve strangers (``web/doors.py``), whoever is to serve it.
    """
    doors = Doors.of(settings)
    services = services or services_of(settings, extra)
    app = ReportsApp(
        "dash_app",
        title=PRODUCT.of(settings.language),
        update_title="",
        assets_folder=str(ASSETS),
        assets_path_ignore=["head", "vendor"],  # named by web/index.py, in its own order
        use_pages=False,  # Dash's page registry is one for all apps of a process: callbacks/nav.py has a router of its own
        suppress_callback_exceptions=True,  # else every page's layout is sent to whoever asks
        use_async=False,
        compress=True,
        enable_mcp=False,
        health_endpoint="healthz",
        on_error=errors.on_error,
    )
    app.server.config.update(LANGUAGE=settings.language, MAX_CONTENT_LENGTH=8 * 1024 * 1024)
    app.layout = lambda: shell(services)
    for module in pkgutil.iter_modules(callbacks.__path__):
        import_module(f"callbacks.{module.name}").register(app, services)
    metering.measure(app.server)
    access.write_requests(app)
    guard.answer_in_sentences(app.server)
    guard.refuse_foreign(app.server, doors)
    entrance.open_(app, services, doors)
    health.answer_machines(app.server, services, doors)
    guard.refuse_malformed(app)
    keep_versioned(app)
    owner.give_numbers(app.server)
    csp.protect(app)
    return app


def create_server() -> Flask:
    """The WSGI application for gunicorn; where it cannot be made, a page that says why until it can."""
    try:
        settings = Settings()
    except ValidationError as error:
        return trouble.server(wrong(error), "ru")
    private.keep(settings.data_dir)
    start(settings, "web", console=True)
    metering.share()

    def make() -> Flask:
        server: Flask = create_app(settings).server
        return server

    def made() -> Flask:
        try:
            return make()
        except Exception as error:
            server = trouble.until_mended(make, error, settings.language)
            with suppress(UserError):  # the doors themselves are what is wrong
                guard.refuse_foreign(server, Doors.of(settings))
            return server

    return follow(made, lambda: kept_webhook.stamp(settings.data_dir))
