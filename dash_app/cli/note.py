"""``python -m dash_app note``: notes on heads' weeks, from the command line."""

from __future__ import annotations

import argparse
import sys

from dash_app.cli.monthly_file import who
from dash_app.cli.report import dump
from dash_app.reports import leader_notes
from dash_app.services_factory import session_of
from dash_app.settings import Settings


def add_note(parser: argparse.ArgumentParser) -> None:
    """``note write --department 21 --manager 10 --week 2026-W46 --text "…"``, ``note list``; an empty text takes a note back."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="all notes, the latest week first")
    written = actions.add_parser("write", help="write the note of a head's week; an empty text takes it back")
    written.add_argument("--department", required=True, metavar="ID", help="the department")
    written.add_argument("--manager", required=True, metavar="ID", help="its head")
    written.add_argument("--week", required=True, metavar="WEEK", help="ISO week: 2026-W46")
    written.add_argument("--text", required=True, help="what is said of the week")


def run_note(args: argparse.Namespace, settings: Settings) -> int:
    """Runs one action."""
    session = session_of(settings)
    if args.action == "list":
        sys.stdout.buffer.write(dump({"rows": leader_notes.listed(session)}))
        return 0
    leader_notes.write(session, args.department, args.manager, args.week, args.text, who())
    return 0
