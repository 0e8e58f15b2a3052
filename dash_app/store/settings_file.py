"""The file of all settings and entries, as JSON: its parts, and where something in it is wrong. Nothing of it is left out in silence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dash_app.errors import BadInput
from dash_app.text import Text

FORMAT = 1
_SHOWN = 20
_PARTS = ("format", "settings", "entries")
NOT_ONE = Text(
    "Это не файл настроек: нужен JSON с разделом settings.",
    "This is no settings file: a JSON with a section “settings” is needed.",
)
SAME_AS = Text("то же, что в строке {first}. Оставьте одну.", "the same as line {first}. Keep one.")


class _Repeated(ValueError):
    """A name that stands twice in one section."""


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Repeated(name)
        found[name] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def parts_of(content: bytes) -> tuple[dict[str, Any], dict[str, list[Any]], list[Text]]:
    """(settings, entries by kind, what is wrong already). BadInput: no such file, or one of a newer version."""
    try:
        document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
        settings, entries = dict(document["settings"]), dict(document.get("entries", {}))
        rows = {str(kind): list(values) for kind, values in entries.items() if not isinstance(values, str | Mapping)}
        if len(rows) != len(entries):
            raise TypeError("entries")
    except _Repeated as error:
        name = str(error)[:40]
        raise BadInput(
            Text(
                f"Ничего не загружено. «{name}» есть в файле дважды. Оставьте одно.",
                f"Nothing was imported. “{name}” is there twice. Keep one.",
            )
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadInput(NOT_ONE) from None
    number = document.get("format", FORMAT)
    if number != FORMAT:
        raise BadInput(
            Text(
                "Файл настроек сделан другой версией. Обновите приложение и загрузите файл снова.",
                "The settings file is of another version. Update the application and upload the file again.",
            )
        )
    unknown = [str(name)[:40] for name in document if name not in _PARTS]
    wrong = [Text(f"Раздела «{name}» нет.", f"There is no section “{name}”.") for name in unknown]
    return settings, rows, wrong


def at(section: str, line: int | str, why: Text) -> Text:
    """«plan, строка 3: …», «settings, time_zone: …»."""
    if isinstance(line, int):
        return Text(f"{section}, строка {line}: {why.ru}", f"{section}, line {line}: {why.en}")
    return Text(f"{section}, {line[:40]}: {why.ru}", f"{section}, {line[:40]}: {why.en}")


def refused(wrong: Sequence[Text]) -> BadInput:
    """The refusal of the whole file, which names what is wrong."""
    more = len(wrong) - _SHOWN
    ru, en = [w.ru for w in wrong[:_SHOWN]], [w.en for w in wrong[:_SHOWN]]
    if more > 0:
        ru.append(f"И ещё {more}.")
        en.append(f"And {more} more.")
    return BadInput(Text("Ничего не загружено. " + " ".join(ru), "Nothing was imported. " + " ".join(en)))
