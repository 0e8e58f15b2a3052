"""``python -m dash_app``: everything the application does, from the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any, NoReturn

from pydantic import ValidationError

from dash_app import logs, private
from dash_app.cli.usage import language, unclear
from dash_app.disk import foreseen
from dash_app.found import Found
from dash_app.logs import number_of
from dash_app.logs.start import start
from dash_app.settings import Settings, wrong
from dash_app.store.grids import known_grids
from dash_app.text import Text

_COMMANDS: dict[str, tuple[str, str]] = {
    "run": (
        "dash_app.cli.serve",
        "start everything: the demo portal if no portal is set, the first load, the application",
    ),
    "serve": ("dash_app.cli.serve", "serve the application"),
    "sync": ("dash_app.cli.sync", "refresh the data from the portal"),
    "doctor": ("dash_app.cli.doctor", "say what is wrong with the connection to the portal"),
    "today": ("dash_app.cli.today", "print the start page: what stands out, how the plan stands, whom to call"),
    "report": ("dash_app.cli.report", "print a report: json, csv or xlsx"),
    "records": ("dash_app.cli.report", "print the records behind a number"),
    "workspace": (
        "dash_app.cli.workspace",
        "settings people typed: show, set, history, export, import, backup, restore",
    ),
    "user": ("dash_app.cli.user", "accounts of people who sign in: add, change, reset, disable, enable, list"),
    "snooze": ("dash_app.cli.snooze", "put a card off until a date: deal ID, lead ID, list, remove"),
    "note": ("dash_app.cli.note", "notes on weeks of heads of departments: write, list"),
    "demo": ("dash_app.demo.cli", "the demo portal: a generated company over the Bitrix24 REST protocol"),
    "docs": ("dash_app.cli.docs", "write the generated parts of the documentation"),
}
_FILES = "dash_app.cli.monthly_file"
_OWN = {"plan": "dash_app.cli.plan"}
"""Grids whose command does more than files."""


def _commands() -> dict[str, tuple[str, str]]:
    grids = {
        grid.name: (_OWN.get(grid.name, _FILES), f"{grid.about}: import from a file, export to a file")
        for grid in known_grids().values()
    }
    return {**_COMMANDS, **grids}


COMMANDS: Mapping[str, tuple[str, str]] = Found(_commands)
"""Command -> module with ``add_<command>(parser)`` (or ``add_arguments``) and ``run_<command>(args, settings)``, and what it does. Every
monthly grid is a command of its name."""


def _function(command: str, what: str) -> Callable[..., Any]:
    """``add`` or ``run`` of a command."""
    name, _ = COMMANDS[command]
    module = import_module(name)
    if name == _FILES:
        return partial(getattr(module, f"{what}_grid"), known_grids()[command])
    found: Callable[..., Any] = getattr(module, f"{what}_{command}", None) or module.add_arguments
    return found


class _Parser(argparse.ArgumentParser):
    """A command line that says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Exit code 2."""
        self.exit(2, unclear(message, self.prog).of(language()) + "\n")


def parser_of(name: str | None) -> argparse.ArgumentParser:
    """The command line; only the command asked for is imported."""
    parser = _Parser(prog="python -m dash_app", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command, (_, summary) in COMMANDS.items():
        sub = commands.add_parser(command, help=summary, description=summary)
        if command == name:
            _function(command, "add")(sub)
    return parser


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        print(wrong(error).of(language()), file=sys.stderr)
        raise SystemExit(2) from None


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; a person's mistake is one sentence on standard error and exit code 2."""
    given = list(sys.argv[1:] if argv is None else argv)
    name = given[0] if given and given[0] in COMMANDS else None
    args = parser_of(name).parse_args(given)
    if args.command == "demo":
        run_demo: Callable[[argparse.Namespace], int] = import_module(COMMANDS["demo"][0]).run
        return run_demo(args)
    settings = _settings()
    if args.command != "docs":  # whose files are the repository's
        private.keep(settings.data_dir)
    start(settings, _process(args), console=args.command in ("run", "serve"))
    try:
        run: Callable[[argparse.Namespace, Settings], int] = _function(args.command, "run")
        return run(args, settings)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        known = foreseen(error)
        if known is not None:
            logs.get("dash_app").info("refused", command=args.command, why=type(known).__name__)
            # one line, however much is wrong with a file
            print(" ".join(known.text.of(settings.language).splitlines()), file=sys.stderr)
            return 2
        pointer = logs.pointer(number_of(error) or logs.failure(error, "command_failed", command=args.command))
        said = Text(f"Не получилось. {pointer.ru}", f"It did not work. {pointer.en}")
        print(said.of(settings.language), file=sys.stderr)
        return 1


def _process(args: argparse.Namespace) -> str:
    """Who this is in the log."""
    if args.command == "sync":
        return "schedule" if args.schedule else "refresh"
    return "web" if args.command in ("run", "serve") else "cli"


if __name__ == "__main__":
    sys.exit(main())
