"""``python -m dash_app plan``: the plan as a file, and months that are closed and reopened."""

from __future__ import annotations

import argparse
from decimal import Decimal

from dash_app.cli.monthly_file import add_grid, run_grid, who
from dash_app.plans.grid import GRID
from dash_app.reports.closing import checked_threshold
from dash_app.reports.session import Session
from dash_app.services_factory import session_of
from dash_app.settings import Settings
from dash_app.text import Text


def add_plan(parser: argparse.ArgumentParser) -> None:
    """Sub-commands."""
    actions = add_grid(GRID, parser)
    close = actions.add_parser("close", help="close a month: freeze its plans, sales and pay")
    close.add_argument("month", help="like 2026-02")
    close.add_argument(
        "--threshold", default="1", help="attainment from which the bonus is paid where no scheme holds, like 0.9"
    )
    reopen = actions.add_parser("reopen", help="open a closed month again; its sheet stays in the history")
    reopen.add_argument("month", help="like 2026-02")
    reopen.add_argument("--reason", required=True)


def run_plan(args: argparse.Namespace, settings: Settings) -> int:
    """Runs one action."""
    if args.action in ("close", "reopen"):
        return _close(args, settings, session_of(settings))
    return run_grid(GRID, args, settings)


def _close(args: argparse.Namespace, settings: Settings, session: Session) -> int:
    if args.action == "reopen":
        session.reopen_month(args.month, who(), args.reason)
        print(Text(f"Месяц {args.month} снова открыт.", f"The month {args.month} is open again.").of(settings.language))
        return 0
    closing = session.close_month(args.month, who(), checked_threshold(args.threshold))
    pay = sum((row.pay for row in closing.rows), Decimal(0))
    print(
        Text(
            f"Месяц {closing.month} закрыт. Строк: {len(closing.rows)}, премий: {pay}.",
            f"The month {closing.month} is closed. Rows: {len(closing.rows)}, pay: {pay}.",
        ).of(settings.language)
    )
    return 0
