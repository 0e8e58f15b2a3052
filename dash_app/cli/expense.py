"""``python -m dash_app expense``: what sources cost as a file, from the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from dash_app.cli.plan import directory_of, who
from dash_app.errors import BadInput
from dash_app.exports.expenses import expenses_csv, expenses_of, expenses_xlsx, read_expenses
from dash_app.services_factory import webhook_and_paths, workspace_of
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
    _, paths = webhook_and_paths(settings)
    workspace = workspace_of(settings, paths)
    file: Path = args.file
    if args.action == "import":
        try:
            content = file.read_bytes()
        except OSError:
            raise BadInput(Text(f"Файл {file.name} не читается.", f"The file {file.name} cannot be read.")) from None
        found = read_expenses(content, directory_of(settings))
        changes = workspace.put_entries(
            "expense", {key: cost.model_dump(mode="json") for key, cost in found.items()}, who()
        )
        print(
            Text(
                f"Строк в файле: {len(found)}, изменено: {len(changes)}.",
                f"Lines in the file: {len(found)}, changed: {len(changes)}.",
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
    stored = list(expenses_of(workspace.entries("expense")).values())
    try:
        if file.suffix.lower() == ".csv":
            file.write_bytes(expenses_csv(stored, directory_of(settings), settings.language))
        else:
            with file.open("wb") as target:
                expenses_xlsx(stored, directory_of(settings), settings.language, target)
    except OSError:
        raise BadInput(
            Text(
                f"Файл {file.name} не записывается. Проверьте папку.",
                f"The file {file.name} cannot be written. Check the folder.",
            )
        ) from None
    print(Text(f"Записано строк: {len(stored)}.", f"Lines written: {len(stored)}.").of(settings.language))
    return 0
