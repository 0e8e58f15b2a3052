"""What is wrong with a command line, in the reader's language: argparse speaks English only."""

from __future__ import annotations

import os
import re

from pydantic import ValidationError

from dash_app.settings import Settings, spoken
from dash_app.text import Lang, Text

_KNOWN: tuple[tuple[str, str, str], ...] = (
    (r"the following arguments are required: (?P<what>.+)", "не хватает: {what}", "missing: {what}"),
    (
        r"argument (?P<what>.+?): invalid choice: (?P<given>.+?) \(choose from (?P<known>.+)\)",
        "{what}: «{given}» не подходит, есть {known}",
        "{what}: “{given}” is none of {known}",
    ),
    (
        r"argument (?P<what>.+?): invalid \w+ value: (?P<given>.+)",
        "{what}: «{given}» не подходит",
        "{what}: “{given}” makes no sense",
    ),
    (r"argument (?P<what>.+?): expected .*argument.*", "после {what} нужно значение", "{what} needs a value"),
    (r"unrecognized arguments: (?P<given>.+)", "лишнее: {given}", "not known: {given}"),
    (
        r"ambiguous option: (?P<given>.+?) could match (?P<known>.+)",
        "{given} можно понять по-разному: {known}",
        "{given} could be {known}",
    ),
    (
        r"argument (?P<what>.+?): ignored explicit argument (?P<given>.+)",
        "{what} пишется без значения",
        "{what} takes no value",
    ),
    (
        r"argument (?P<what>.+?): not allowed with argument (?P<known>.+)",
        "{what} и {known} вместе не бывают",
        "{what} does not go with {known}",
    ),
    (r"one of the arguments (?P<known>.+) is required", "нужно одно из: {known}", "one of these is needed: {known}"),
)


def language() -> Lang:
    """LANGUAGE of the settings, also when another setting is wrong."""
    try:
        return Settings().language
    except ValidationError:
        return spoken(os.environ.get("LANGUAGE", "")) or "ru"


def unclear(message: str, program: str) -> Text:
    """One sentence out of argparse's own; of one it has never said before only where to look."""
    for pattern, ru, en in _KNOWN:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            parts = {name: _plain(text) for name, text in found.groupdict().items()}
            return Text(
                f"Команда непонятна: {ru.format(**parts)}. Подсказка: {program} --help.",
                f"The command is unclear: {en.format(**parts)}. See {program} --help.",
            )
    return Text(f"Команда непонятна. Подсказка: {program} --help.", f"The command is unclear. See {program} --help.")


def _plain(text: str) -> str:
    """Without Python's quotation marks; long lists and values are cut."""
    shown = " ".join(re.sub(r"'([^']*)'", r"\1", text).split())
    return shown if len(shown) <= 200 else shown[:200] + "…"
