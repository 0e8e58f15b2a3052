"""``python -m dash_app plan``, ``expense`` …: a monthly grid as a file, from the command line."""

from __future__ import annotations

import argparse
import getpass
from pathlib import Path
from typing import Any

from dash_app.cli.files import content_of, suffix_of, written
from dash_app.engine.directory import Directory
from dash_app.errors import NoData
from dash_app.exports.monthly_file import csv_file, read_file, values_of, xlsx_file
from dash_app.reports.session import Session
from dash_app.services_factory import session_of
from dash_app.settings import Settings
from dash_app.store.grids.base import MonthlyGrid
from dash_app.text import Text


def who() -> str:
    """Who the changes of a command are said to be of."""
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


def add_grid(grid: MonthlyGrid, parser: argparse.ArgumentParser) -> Any:
    """Sub-commands of every grid; gives what more can be added to."""
    actions = parser.add_subparsers(dest="action", required=True)
    counted = grid.words.counted.en
    for action, help_ in (
        ("import", f"take {counted} from an .xlsx or .csv file: all lines or none"),
        ("export", f"write all {counted} to an .xlsx or .csv file"),
    ):
        actions.add_parser(action, help=help_).add_argument("file", type=Path)
    return actions


def run_grid(grid: MonthlyGrid, args: argparse.Namespace, settings: Settings) -> int:
    """Runs one action."""
    session = session_of(settings)
    file: Path = args.file
    counted = grid.words.counted
    existing = values_of(session.entries(grid.name))
    if args.action == "import":
        found = read_file(grid, content_of(file), directory_of(session), existing, session.closed_months())
        changes = session.put_entries(grid.name, found.dumped(), who())
        said = Text(
            f"Строк в файле: {len(found)}, изменено {counted.ru}: {len(changes)}.",
            f"Lines in the file: {len(found)}, {counted.en} changed: {len(changes)}.",
        )
        print(*(text.of(settings.language) for text in (said, *found.notes)))
        return 0
    suffix = suffix_of(file, (".xlsx", ".csv"))
    stored = list(existing.values())
    with written(file) as target:
        if suffix == ".csv":
            target.write(csv_file(grid, stored, directory_of(session), settings.language))
        else:
            xlsx_file(grid, stored, directory_of(session), settings.language, target)
    said = Text(f"Записано {counted.ru}: {len(stored)}.", f"{counted.en.capitalize()} written: {len(stored)}.")
    print(said.of(settings.language))
    return 0
