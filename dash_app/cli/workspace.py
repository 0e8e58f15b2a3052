"""``python -m dash_app workspace``: settings people typed, from the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import orjson

from dash_app.cli.files import content_of, written
from dash_app.cli.monthly_file import directory_of
from dash_app.cli.monthly_file import who as user
from dash_app.reports.known_ids import names_ids, refuse_unknown, unknown
from dash_app.services_factory import apply_settings, session_of, webhook_and_paths, workspace_of, workspace_url
from dash_app.settings import Settings
from dash_app.store import backup
from dash_app.store.paths import PortalPaths
from dash_app.store.progress import AlreadyRunning
from dash_app.store.workspace import Workspace
from dash_app.text import Text


def add_workspace(parser: argparse.ArgumentParser) -> None:
    """Sub-commands."""
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("show", help="all settings with their values")
    put = actions.add_parser("set", help="change a setting")
    put.add_argument("key")
    put.add_argument("value", help="JSON, or a plain text")
    actions.add_parser("history", help="who changed what and when")
    for name, summary in (
        ("export", "settings and what was typed as JSON"),
        ("import", "take them from such a file"),
        ("backup", "all that the portal cannot tell again – what was typed, the change log – as one file"),
        ("restore", "put a backup in place, whatever is there"),
    ):
        action = actions.add_parser(name, help=summary)
        action.add_argument("file", type=Path)
        if name == "restore":
            action.add_argument(
                "--other-portal", action="store_true", help="take over a backup of another portal's address"
            )


def _value(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def run_workspace(args: argparse.Namespace, settings: Settings) -> int:
    """Runs one action."""
    _, paths = webhook_and_paths(settings)
    match args.action:
        case "backup":
            with written(args.file, secret=True) as file:  # the old copy stays until the new one is whole
                said = backup.make(paths, workspace_url(settings, paths), file)
            if said is not None:
                print(said.of(settings.language), file=sys.stderr)
            return 0
        case "restore":  # nothing that is there is opened: it may be damaged
            done = backup.restore(paths, workspace_url(settings, paths), args.file, other_portal=args.other_portal)
            print(done.text.of(settings.language))
            _in_force(settings, paths, workspace_of(settings, paths))
            return 0
    workspace = workspace_of(settings, paths)
    who = user()
    match args.action:
        case "show":
            sys.stdout.write(
                orjson.dumps(workspace.values().model_dump(mode="json"), option=orjson.OPT_INDENT_2).decode() + "\n"
            )
        case "set":
            wanted = {args.key: _value(args.value)}
            if names_ids(args.key):
                refuse_unknown(wanted, workspace.values(), directory_of(session_of(settings)))
            workspace.set_many(wanted, who)
            _in_force(settings, paths, workspace)
        case "history":
            for change in workspace.history():
                print(
                    f"{change.id}\t{change.at:%Y-%m-%d %H:%M:%S}Z\t{change.who}\t{change.what}\t{change.before!r} -> {change.after!r}"
                )
        case "export":
            with written(args.file) as file:
                file.write(workspace.export())
        case "import":
            workspace.import_(
                content_of(args.file),
                who,
                unknown=lambda given: unknown(given, workspace.values(), directory_of(session_of(settings))),
            )
            _in_force(settings, paths, workspace)
    return 0


def _in_force(settings: Settings, paths: PortalPaths, workspace: Workspace) -> None:
    """Facts anew where what was set changes them, as on the settings page. A running refresh does it when it ends."""
    try:
        apply_settings(settings, paths, workspace)
    except AlreadyRunning:
        said = Text(
            "Сохранено. Идёт обновление: цифры изменятся, когда оно закончится.",
            "Saved. A refresh is running: the figures change when it ends.",
        )
        print(said.of(settings.language), file=sys.stderr)
