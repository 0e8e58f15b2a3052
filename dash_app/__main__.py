"""``python -m dash_app``: everything the application does, from the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn

from pydantic import ValidationError

from dash_app import logs, private
from dash_app.cli.usage import language, unclear
from dash_app.disk import foreseen
from dash_app.logs import number_of
from dash_app.logs.start import start
from dash_app.settings import Settings, wrong
from dash_app.text import Text

COMMANDS: dict[str, tuple[str, str]] = {
    "run": (
        "dash_app.cli.serve",
        "start everything: the demo portal if no portal is set, the first load, the application",
    ),
    "serve": ("dash_app.cli.serve", "serve the application"),
    "sync": ("dash_app.cli.sync", "refresh the data from the portal"),
    "doctor": ("dash_app.cli.doctor", "say what is wrong with the connection to the portal"),
    "report": ("dash_app.cli.report", "print a report: json, csv or xlsx"),
    "records": ("dash_app.cli.report", "print the records behind a number"),
    "workspace": (
        "dash_app.cli.workspace",
        "settings people typed: show, set, history, export, import, backup, restore",
    ),
    "plan": ("dash_app.cli.plan", "plans of sales: import from a file, export to a file"),
    "expense": ("dash_app.cli.expense", "what sources cost: import from a file, export to a file"),
    "snooze": ("dash_app.cli.snooze", "put a card off until a date: deal ID, lead ID, list, remove"),
    "demo": ("dash_app.demo.cli", "the demo portal: a generated company over the Bitrix24 REST protocol"),
    "docs": ("dash_app.cli.docs", "write the generated parts of the documentation"),
}
"""Command -> module with ``add_<command>(parser)`` (or ``add_arguments``) and ``run_<command>(args, settings)``."""


class _Parser(argparse.ArgumentParser):
    """A command line that says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Exit code 2."""
        self.exit(2, unclear(message, self.prog).of(language()) + "\n")


def parser_of(name: str | None) -> argparse.ArgumentParser:
    """The command line; only the command asked for is imported."""
    parser = _Parser(prog="python -m dash_app", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command, (module, summary) in COMMANDS.items():
        sub = commands.add_parser(command, help=summary, description=summary)
        if command == name:
            add = getattr(import_module(module), f"add_{command}", None) or import_module(module).add_arguments
            add(sub)
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
    module = import_module(COMMANDS[args.command][0])
    if args.command == "demo":
        run_demo: Callable[[argparse.Namespace], int] = module.run
        return run_demo(args)
    settings = _settings()
    if args.command != "docs":  # whose files are the repository's
        private.keep(settings.data_dir)
    start(settings, _process(args), console=args.command in ("run", "serve"))
    try:
        run: Callable[[argparse.Namespace, Settings], int] = getattr(module, f"run_{args.command}")
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
