"""``python -m dash_app snooze``: cards put off, from the command line."""

from __future__ import annotations

import argparse
import sys

from dash_app.cli.monthly_file import who
from dash_app.cli.report import dump
from dash_app.errors import BadInput
from dash_app.record_kinds import CARDS
from dash_app.services_factory import session_of
from dash_app.settings import Settings
from dash_app.text import Text


def add_snooze(parser: argparse.ArgumentParser) -> None:
    """``snooze deal 5 --until 2026-12-20 --reason "..."``, ``snooze list``, ``snooze remove deal 5``."""
    parser.add_argument(
        "what", choices=(*(kind.id for kind in CARDS), "list", "remove"), help="a card's kind, or what to do"
    )
    parser.add_argument("card", nargs="*", metavar="CARD", help="the card's id; for remove: deal 5")
    parser.add_argument("--until", metavar="DATE", help="the day the card comes back, at most 90 days ahead")
    parser.add_argument("--reason", default="", help="why it is put off")


def run_snooze(args: argparse.Namespace, settings: Settings) -> int:
    """Runs one action."""
    session = session_of(settings)
    if args.what == "list":
        sys.stdout.buffer.write(dump({"rows": session.put_off_cards()}))
        return 0
    if args.what == "remove":
        if len(args.card) != 2:
            raise BadInput(Text("Укажите карточку: snooze remove deal 5.", "Name the card: snooze remove deal 5."))
        session.bring_back(args.card[0], args.card[1], who())
        return 0
    if len(args.card) != 1 or not args.until:
        raise BadInput(
            Text(
                'Укажите карточку и дату: snooze deal 5 --until 2026-12-20 --reason "…".',
                'Name the card and the date: snooze deal 5 --until 2026-12-20 --reason "…".',
            )
        )
    session.put_off(args.what, args.card[0], args.until, args.reason, who())
    return 0
