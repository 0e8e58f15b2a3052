"""``python -m dash_app plan``: the plan as a file, from the command line."""

from __future__ import annotations

import argparse
import getpass
from decimal import Decimal
from pathlib import Path

from dash_app.engine.directory import Directory
from dash_app.errors import BadInput, NoData
from dash_app.exports.plans import plans_csv, plans_of, plans_xlsx, read_plans
from dash_app.reports.closing import checked_threshold, close_month, reopen_month
from dash_app.services_factory import reports_of, webhook_and_paths, workspace_of
from dash_app.settings import Settings
from dash_app.store.workspace import Workspace
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


def directory_of(settings: Settings) -> Directory | None:
    try:
        return reports_of(settings).directory()
    except NoData:
        return None


def run_plan(args: argparse.Namespace, settings: Settings) -> int:
    """Runs one action."""
    _, paths = webhook_and_paths(settings)
    workspace = workspace_of(settings, paths)
    if args.action in ("close", "reopen"):
        return _close(args, settings, workspace)
    file: Path = args.file
    existing = plans_of(workspace.entries("plan"))
    if args.action == "import":
        try:
            content = file.read_bytes()
        except OSError:
            raise BadInput(Text(f"Файл {file.name} не читается.", f"The file {file.name} cannot be read.")) from None
        plans = read_plans(content, directory_of(settings), existing)
        changes = workspace.put_entries(
            "plan", {key: plan.model_dump(mode="json") for key, plan in plans.items()}, who()
        )
        print(
            Text(
                f"Строк в файле: {len(plans)}, изменено планов: {len(changes)}.",
                f"Lines in the file: {len(plans)}, plans changed: {len(changes)}.",
            ).of(settings.language)
        )
        return 0
    if file.suffix.lower() not in (".xlsx", ".csv"):
        raise BadInput(
            Text(
                f"Файл {file.name}: нужно окончание .xlsx или .csv.",
                f"The file {file.name} needs the suffix .xlsx or .csv.",
            )
        )
    try:
        if file.suffix.lower() == ".csv":
            file.write_bytes(plans_csv(list(existing.values()), directory_of(settings), settings.language))
        else:
            with file.open("wb") as target:
                plans_xlsx(list(existing.values()), directory_of(settings), settings.language, target)
    except OSError:
        raise BadInput(
            Text(
                f"Файл {file.name} не записывается. Проверьте папку.",
                f"The file {file.name} cannot be written. Check the folder.",
            )
        ) from None
    print(Text(f"Записано планов: {len(existing)}.", f"Plans written: {len(existing)}.").of(settings.language))
    return 0


def _close(args: argparse.Namespace, settings: Settings, workspace: Workspace) -> int:
    if args.action == "reopen":
        reopen_month(workspace, args.month, who(), args.reason)
        print(Text(f"Месяц {args.month} снова открыт.", f"The month {args.month} is open again.").of(settings.language))
        return 0
    closing = close_month(reports_of(settings), workspace, args.month, who(), checked_threshold(args.threshold))
    pay = sum((row.pay for row in closing.rows), Decimal(0))
    print(
        Text(
            f"Месяц {closing.month} закрыт. Строк: {len(closing.rows)}, премий: {pay}.",
            f"The month {closing.month} is closed. Rows: {len(closing.rows)}, pay: {pay}.",
        ).of(settings.language)
    )
    return 0
