"""``python -m dash_app plan``: the plan as a file, from the command line."""

from __future__ import annotations

import argparse
import getpass
from decimal import Decimal
from pathlib import Path

from dash_app.cli.files import content_of, suffix_of, written
from dash_app.engine.directory import Directory
from dash_app.errors import NoData
from dash_app.exports.plans import plans_csv, plans_of, plans_xlsx, read_plans
from dash_app.reports.closing import checked_threshold
from dash_app.reports.session import Session
from dash_app.services_factory import session_of
from dash_app.settings import Settings
from dash_app.text import Text


def add_plan(parser: argparse.ArgumentParser) -> None:
    """Sub-commands."""
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("import", help="take plans from an .xlsx or .csv file: all lines or none").add_argument(
        "file", type=Path
    )
    actions.add_parser("export", help="write all plans to an .xlsx or .csv file").add_argument("file", type=Path)
    close = actions.add_parser("close", help="close a month: freeze its plans, sales and pay")
    close.add_argument("month", help="like 2026-02")
    close.add_argument(
        "--threshold", default="1", help="attainment from which the bonus is paid where no scheme holds, like 0.9"
    )
    reopen = actions.add_parser("reopen", help="open a closed month again; its sheet stays in the history")
    reopen.add_argument("month", help="like 2026-02")
    reopen.add_argument("--reason", required=True)


def who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "cli"


def directory_of(session: Session) -> Directory | None:
    """Names of the portal; None before the first load."""
    try:
        return session.directory()
    except NoData:
        return None


def run_plan(args: argparse.Namespace, settings: Settings) -> int:
    """Runs one action."""
    session = session_of(settings)
    if args.action in ("close", "reopen"):
        return _close(args, settings, session)
    file: Path = args.file
    existing = plans_of(session.entries("plan"))
    if args.action == "import":
        plans = read_plans(content_of(file), directory_of(session), existing, session.closed_months())
        changes = session.put_entries("plan", plans.dumped(), who())
        said = Text(
            f"Строк в файле: {len(plans)}, изменено планов: {len(changes)}.",
            f"Lines in the file: {len(plans)}, plans changed: {len(changes)}.",
        )
        print(*(text.of(settings.language) for text in (said, *plans.notes)))
        return 0
    suffix = suffix_of(file, (".xlsx", ".csv"))
    with written(file) as target:
        if suffix == ".csv":
            target.write(plans_csv(list(existing.values()), directory_of(session), settings.language))
        else:
            plans_xlsx(list(existing.values()), directory_of(session), settings.language, target)
    print(Text(f"Записано планов: {len(existing)}.", f"Plans written: {len(existing)}.").of(settings.language))
    return 0


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
