"""``python -m dash_app expense``: what sources cost as a file, from the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from dash_app.cli.files import content_of, suffix_of, written
from dash_app.cli.plan import directory_of, who
from dash_app.exports.expenses import expenses_csv, expenses_of, expenses_xlsx, read_expenses
from dash_app.services_factory import session_of
from dash_app.settings import Settings
from dash_app.text import Text


def add_expense(parser: argparse.ArgumentParser) -> None:
    """Sub-commands."""
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("import", help="take expenses from an .xlsx or .csv file: all lines or none").add_argument(
        "file", type=Path
    )
    actions.add_parser("export", help="write all expenses to an .xlsx or .csv file").add_argument("file", type=Path)


def run_expense(args: argparse.Namespace, settings: Settings) -> int:
    """Runs one action."""
    session = session_of(settings)
    file: Path = args.file
    if args.action == "import":
        found = read_expenses(content_of(file), directory_of(session))
        changes = session.put_entries("expense", found.dumped(), who())
        said = Text(
            f"Строк в файле: {len(found)}, изменено: {len(changes)}.",
            f"Lines in the file: {len(found)}, changed: {len(changes)}.",
        )
        print(*(text.of(settings.language) for text in (said, *found.notes)))
        return 0
    suffix = suffix_of(file, (".xlsx", ".csv"))
    stored = list(expenses_of(session.entries("expense")).values())
    with written(file) as target:
        if suffix == ".csv":
            target.write(expenses_csv(stored, directory_of(session), settings.language))
        else:
            expenses_xlsx(stored, directory_of(session), settings.language, target)
    print(Text(f"Записано строк: {len(stored)}.", f"Lines written: {len(stored)}.").of(settings.language))
    return 0
