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
from dash_app.web import entrance_words
from dash_app.web.doors import crosses_networks_readable, refuse_open_address

NOT_SEALED = Text(
    "Пароли идут по сети без шифрования: поставьте перед приложением прокси с https и назовите его в TRUSTED_PROXIES (docs/deployment.md).",
    "Passwords cross the network readable: put a proxy with https before the application and name it in TRUSTED_PROXIES (docs/deployment.md).",
)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers", type=int, default=int(os.environ.get("WEB_CONCURRENCY", "2")), help="worker processes"
    )
    parser.add_argument(
        "--check", action="store_true", help="bring the data to this version, say what is wrong, and end"
    )


def add_run(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``run``."""
    _add_common(parser)
    parser.add_argument(
        "--first",
        action="store_true",
        help="load what is not loaded yet, then refresh by the schedule, without serving",
    )


def add_serve(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``serve``."""
    _add_common(parser)


STARTING_DEMO = Text(
    "Портал не подключён: запускаю демо-портал – придуманную компанию. В первый раз она создаётся секунд десять.",
    "No portal is connected: starting the demo portal, a made-up company. The first time it takes some ten seconds to make.",
)
LOADING_DEMO = Text(
    "Её данные загрузятся примерно за полминуты. Страница открыта уже сейчас и показывает, сколько прочитано.",
    "Its data loads in about half a minute. The page is open already and shows how far it is.",
)
LOADING = Text(
    "Первая загрузка: тысяча сделок – секунды, сто тысяч – несколько минут. Страница открыта уже сейчас и показывает, сколько прочитано.",
    "The first load: a thousand deals take seconds, a hundred thousand some minutes. The page is open already and shows how far it is.",
)
OWN_PORTAL = Text("Свой портал подключается на странице {way}", "Connect your own portal at {way}")


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
        services = services_of(settings)
        if services.sign_in is not None:
            _say_of_sign_in(settings, first=not services.sign_in.accounts.any())
    except (AlreadyRunning, Locked) as error:  # it passes: the page says it until it has
        print(error.text.of(settings.language), file=sys.stderr)


def _say_of_sign_in(settings: Settings, *, first: bool) -> None:
    """How the first account is made, and that passwords are read on the way where nothing seals it."""
    lang = settings.language
    if first:
        print(f"{entrance_words.FIRST.of(lang)} {entrance_words.FIRST_COMMAND}", file=sys.stderr)
    if crosses_networks_readable(settings):
        print(NOT_SEALED.of(lang), file=sys.stderr)


def _checked(command: str) -> int:
    """Exit code of ``command --check``, which has said what is wrong."""
    return subprocess.call([sys.executable, "-m", "dash_app", command, "--check"])


def _serve(args: argparse.Namespace, settings: Settings) -> int:
    ready = Text(
        f"Отчёты: http://{settings.host}:{settings.port}/ (остановить – Ctrl+C)",
        f"Reports: http://{settings.host}:{settings.port}/ (Ctrl+C stops them)",
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


def _first(settings: Settings) -> int:
    """The first load, what follows of it, then the schedule: a process of its own, so that the page is there meanwhile."""
    from dash_app.services_factory import webhook_and_paths
    from dash_app.store.snapshots import Snapshots

    _, paths = webhook_and_paths(settings)
    if Snapshots(paths).current() is None and not subprocess.call([sys.executable, "-m", "dash_app", "sync"]):
        _checked("run")
    os.execv(sys.executable, [sys.executable, "-m", "dash_app", "sync", "--schedule", "--quiet"])


def run_run(args: argparse.Namespace, settings: Settings) -> int:
    """What ``make run`` does: portal, data, application."""
    refuse_open_address(settings)
    if args.check:
        _check(settings)
        _type_examples(settings)
        return 0
    if args.first:
        return _first(settings)
    demo: subprocess.Popen[str] | None = None
    beside: subprocess.Popen[bytes] | None = None
    if is_demo(settings):
        print(STARTING_DEMO.of(settings.language), flush=True)
        demo = ensure_demo(settings)
    try:
        from dash_app.services_factory import webhook_and_paths, workspace_of
        from dash_app.store.snapshots import Snapshots

        _, paths = webhook_and_paths(settings)
        if is_demo(settings):
            workspace = workspace_of(settings, paths)
            _know_the_demo_company(workspace)
            workspace.close()
        if Snapshots(paths).current() is None:  # the page is there while it loads, and says how far it is
            print((LOADING_DEMO if is_demo(settings) else LOADING).of(settings.language), flush=True)
        elif code := _checked("run"):
            return code
        if is_demo(settings):
            way = f"http://{settings.host}:{settings.port}/connect"
            print(OWN_PORTAL.format(way=way).of(settings.language), flush=True)
        beside = subprocess.Popen([sys.executable, "-m", "dash_app", "run", "--first"])
        return _serve(args, settings)
    finally:
        for child in (beside, demo):
            if child is not None:
                child.terminate()
