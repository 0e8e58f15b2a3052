"""``python -m dash_app sync``: one refresh, or refreshes by schedule."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from typing import NoReturn

import duckdb

from dash_app import disk, kept_webhook, logs
from dash_app.record_kinds import LOADED
from dash_app.reports.warm import warm
from dash_app.settings import Settings
from dash_app.store import progress as progresses
from dash_app.store.control import RefreshProcess
from dash_app.store.progress import AlreadyRunning, Progress
from dash_app.store.refresh import Refresh
from dash_app.store.snapshots import Snapshots
from dash_app.store.workspace import Workspace
from dash_app.text import Lang, Text

_log = logs.get(__name__)
_seen: set[str] = set()
_LOOK_EVERY = 15.0
_PHASES = {
    "connect": Text("Подключаюсь к порталу", "Connecting"),
    "read": Text("Читаю", "Reading"),
    "derive": Text("Считаю показатели", "Deriving facts"),
    "publish": Text("Публикую", "Publishing"),
    "done": Text("Готово", "Done"),
    "failed": Text("Не получилось", "It did not work"),
    "cancelled": Text("Отменено", "Cancelled"),
}


def add_sync(parser: argparse.ArgumentParser) -> None:
    """Arguments."""
    parser.add_argument("--full", action="store_true", help="read everything again")
    parser.add_argument(
        "--accept",
        nargs="?",
        const="",
        metavar="QUESTION",
        help="publish the portal's data although it is unlike what it was: confirms what the last refresh said",
    )
    parser.add_argument("--schedule", action="store_true", help="keep running and refresh as the settings say")
    parser.add_argument("--quiet", action="store_true", help="no progress line")
    parser.add_argument("--started-by", default="cli", help=argparse.SUPPRESS)


def line(progress: Progress, lang: Lang) -> str:
    """Progress in one line."""
    phase = _PHASES.get(progress.phase, Text(progress.phase, progress.phase)).of(lang)
    if progress.phase != "read":
        return phase
    left = ""
    if progress.seconds_left is not None:
        left = Text(f", осталось {progress.seconds_left:.0f} с", f", {progress.seconds_left:.0f} s left").of(lang)
    read, expected = (f"{number:,}".replace(",", "\u00a0") for number in (progress.rows, progress.expected))
    return f"{phase} {progress.entity}: {read} / {expected} ({progress.percent} %{left})"


def run_sync(args: argparse.Namespace, settings: Settings) -> int:
    """Refreshes once; with --schedule for ever."""
    from dash_app.services_factory import refresh_of

    lang = settings.language
    if args.schedule:
        _schedule(settings)
    try:
        refresh = refresh_of(settings, full=args.full, started_by=args.started_by, accept=args.accept)
    except Exception as error:
        if args.quiet:
            _say_on_the_page(settings, args.started_by, error)
        raise
    shown = sys.stderr.isatty()
    if not args.quiet:
        seen: list[str] = []

        def report(progress: Progress) -> None:
            text = line(progress, lang)
            if shown:
                print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
            elif progress.phase not in seen:
                seen.append(progress.phase)
                print(text, file=sys.stderr, flush=True)

        refresh.report = report
    try:
        manifest = refresh.run()
    except AlreadyRunning:
        if not args.quiet:
            raise
        return 0
    finally:
        if shown and not args.quiet:
            print(file=sys.stderr)
    _settings_changed_meanwhile(settings, refresh)
    if not args.quiet:
        for note in manifest.notes:
            print(note[lang], file=sys.stderr)
        rows = manifest.rows
        ru = ", ".join(f"{kind.forms['ru']['many']} {rows[kind.fact]}" for kind in LOADED)
        en = ", ".join(f"{rows[kind.fact]} {kind.many.en}" for kind in LOADED)
        done = Text(f"Загружено: {ru}. Снимок {manifest.id}.", f"Loaded: {en}. Snapshot {manifest.id}.")
        print(done.of(lang), flush=True)
    else:
        _prepare(refresh, settings)
    return 0


def _settings_changed_meanwhile(settings: Settings, refresh: Refresh) -> None:
    """What somebody set while the refresh ran holds for what it published."""
    from dash_app.services_factory import apply_settings, workspace_of

    workspace = workspace_of(settings, refresh.paths)
    try:
        with contextlib.suppress(AlreadyRunning):
            apply_settings(settings, refresh.paths, workspace)
    finally:
        workspace.close()


def _say_on_the_page(settings: Settings, started_by: str, error: Exception) -> None:
    """Why a refresh asked for in the background could not even begin: its own standard error is read by nobody."""
    from dash_app.services_factory import webhook_and_paths

    known = disk.foreseen(error)
    text = known.text if known is not None else logs.pointer(logs.failure(error, "refresh_failed"))
    with contextlib.suppress(Exception):
        _, paths = webhook_and_paths(settings)
        if not progresses.is_held(paths):
            progresses.write(paths, Progress(phase="failed", started_by=started_by, started=time.time(), error=text))


def _schedule(settings: Settings) -> NoReturn:
    """Refreshes whenever one is due. Whatever goes wrong – a locked workspace, a full disk, at the start too – it goes on; what it is
    is written down once until it changes."""
    from dash_app.services_factory import refresh_of, webhook_and_paths, workspace_of

    _, paths = webhook_and_paths(settings)
    control, portal = RefreshProcess(paths), kept_webhook.stamp(settings.data_dir)
    workspace: Workspace | None = None
    while True:
        try:
            if kept_webhook.stamp(settings.data_dir) != portal:  # another portal was connected on the page
                _, paths = webhook_and_paths(settings)
                control, portal, workspace = RefreshProcess(paths), kept_webhook.stamp(settings.data_dir), None
            if workspace is None:
                workspace = workspace_of(settings, paths)
                _log.info("schedule_started")
                _prepare(refresh_of(settings), settings)
            minutes = workspace.values().refresh_minutes or settings.refresh_minutes
            if control.due(minutes) and control.start("schedule"):
                _log.info("refresh_due", minutes=minutes)
            _seen.clear()
        except Exception as error:
            if type(error).__name__ not in _seen:
                _seen.add(type(error).__name__)
                logs.failure(error, "schedule_failed")
        time.sleep(_LOOK_EVERY)


def _prepare(refresh: Refresh, settings: Settings) -> None:
    """After a refresh in the background: days the usual comparisons will ask for. A failure costs only the first click."""
    current = Snapshots(refresh.paths).current()
    if current is None or not settings.prepare_comparisons:
        return
    os.nice(10)
    try:
        warm(current, current.manifest.moment, refresh.config.timezone)
    except (OSError, duckdb.Error):
        _log.warning("comparisons_not_prepared", exc_info=True)
