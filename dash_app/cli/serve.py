"""``run`` and ``serve``: the application in a browser.

Workers are forked from this process, and a DuckDB database does not survive a fork: nothing here opens one. What has to be looked
into before workers start is looked into by a process of its own (``--check``).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from gunicorn.app.base import BaseApplication

from dash_app.cli.example_expenses import type_example_expenses
from dash_app.cli.example_plans import type_example_plans
from dash_app.disk import Locked
from dash_app.portal_choice import ensure_demo, is_demo
from dash_app.settings import Settings
from dash_app.store.progress import AlreadyRunning
from dash_app.store.workspace import Workspace
from dash_app.text import Text
from dash_app.web.doors import refuse_open_address


def add_run(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``run``."""
    parser.add_argument(
        "--workers", type=int, default=int(os.environ.get("WEB_CONCURRENCY", "2")), help="worker processes"
    )
    parser.add_argument(
        "--check", action="store_true", help="bring the data to this version, say what is wrong, and end"
    )


add_serve = add_run


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn without its command line."""

    def __init__(self, settings: Settings, workers: int) -> None:
        self._settings = settings
        self._workers = workers
        super().__init__()

    def load_config(self) -> None:
        """Loopback unless told otherwise; threads because answers wait for DuckDB, not for Python."""
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        options = {
            "bind": f"{host}:{self._settings.port}",
            "workers": self._workers,
            "worker_class": "dash_app.web.worker.PatientWorker",
            "threads": 8,
            "timeout": 120,
            "graceful_timeout": 5,
            "loglevel": "warning",
            "accesslog": None,
            "logger_class": "dash_app.logs.gunicorn.Logger",
            "limit_request_line": 0,  # the worker has a limit of its own: an address with ten thousand ids gets the page's sentence
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        """The WSGI application of one worker."""
        from dash_app.app import create_server

        return create_server()


def run_serve(args: argparse.Namespace, settings: Settings) -> int:
    """Serves what is there."""
    refuse_open_address(settings)
    if args.check:
        _check(settings)
        return 0
    return _checked("serve") or _serve(args, settings)


def _check(settings: Settings) -> None:
    from dash_app.services_factory import services_of

    try:
        services_of(settings)
    except (AlreadyRunning, Locked) as error:  # it passes: the page says it until it has
        print(error.text.of(settings.language), file=sys.stderr)


def _checked(command: str) -> int:
    """Exit code of ``command --check``, which has said what is wrong."""
    return subprocess.call([sys.executable, "-m", "dash_app", command, "--check"])


def _serve(args: argparse.Namespace, settings: Settings) -> int:
    ready = Text(
        f"Отчёты: http://{settings.host}:{settings.port}/", f"Reports: http://{settings.host}:{settings.port}/"
    )
    print(ready.of(settings.language), flush=True)
    _Server(settings, max(1, args.workers)).run()
    return 0


def _know_the_demo_company(workspace: Workspace) -> None:
    """The demo company's production pipeline is no sales pipeline; its people would have said so on the settings page."""
    if not workspace.history(most=1):
        workspace.set("pipeline_roles", {"9": "after-sale"}, "demo")


def _type_examples(settings: Settings) -> None:
    """Plans and expenses of the demo company; nothing for a real portal."""
    from dash_app.services_factory import webhook_and_paths, workspace_of
    from dash_app.store.snapshots import Snapshots

    _, paths = webhook_and_paths(settings)
    published = Snapshots(paths).current()
    if is_demo(settings) and published is not None:
        type_example_plans(workspace_of(settings, paths), published.facts_path)
        type_example_expenses(workspace_of(settings, paths), published.facts_path)


def run_run(args: argparse.Namespace, settings: Settings) -> int:
    """What ``make run`` does: portal, data, application."""
    refuse_open_address(settings)
    if args.check:
        _check(settings)
        _type_examples(settings)
        return 0
    demo: subprocess.Popen[str] | None = None
    schedule: subprocess.Popen[bytes] | None = None
    if is_demo(settings):
        print(
            Text("Портал не задан: запускаю демо-портал.", "No portal is set: starting the demo portal.").of(
                settings.language
            ),
            flush=True,
        )
        demo = ensure_demo(settings)
    try:
        from dash_app.services_factory import webhook_and_paths, workspace_of
        from dash_app.store.snapshots import Snapshots

        _, paths = webhook_and_paths(settings)
        if is_demo(settings):
            workspace = workspace_of(settings, paths)
            _know_the_demo_company(workspace)
            workspace.close()
        if Snapshots(paths).current() is None:
            code = subprocess.call([sys.executable, "-m", "dash_app", "sync"])
            if code:
                return code
        if code := _checked("run"):
            return code
        schedule = subprocess.Popen(
            [sys.executable, "-m", "dash_app", "sync", "--schedule", "--quiet"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return _serve(args, settings)
    finally:
        for child in (schedule, demo):
            if child is not None:
                child.terminate()
