"""Ids that key the rows of monthly grids: how those of a directory are read from a cell, called, put in order and listed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash_app.engine.directory import NONE, NOT_SET, Directory
from dash_app.errors import BadInput
from dash_app.exports.cells import unguarded
from dash_app.exports.typed_file import number_id, word
from dash_app.store.grids.base import BLANK, MANAGER, PIPELINE, SOURCE, GridRow
from dash_app.text import Lang, Text


class Reference(ABC):
    """Ids of one directory. ``column``: of a file, with their names; ``note``: another with more about them, '' for none; ``widths``: of
    the columns of ids and names."""

    title: Text
    column: str
    widths: tuple[int, int] = (12, 28)
    note: str = ""
    is_number: bool = True

    @abstractmethod
    def read(self, cell: object, directory: Directory | None, blank: Text | None) -> str:
        """The id in a cell; BadInput for what is none. ``directory`` None: nothing is loaded yet. ``blank``: what an empty cell would have meant."""

    @abstractmethod
    def called(self, id_: str, directory: Directory) -> Text:
        """Its name."""

    @abstractmethod
    def ids(self, directory: Directory) -> list[str]:
        """All that have a name, in the directory's order."""

    def current(self, directory: Directory) -> list[str]:
        """Those one may choose today."""
        return self.ids(directory)

    def listed(self, directory: Directory) -> list[str]:
        """Those a workbook lists to choose from."""
        return self.current(directory)

    def noted(self, id_: str, directory: Directory) -> Text:
        """More about it, '' for nothing."""
        return Text("", "")

    @abstractmethod
    def order(self, id_: str, name: str) -> tuple[Any, ...]:
        """Ids sorted by this stand in the order of lists."""


class _Numbered(Reference):
    """Ids that are numbers of the portal."""

    no_id: Text
    unknown: Text
    later: Text  # what may make an unknown one known

    @abstractmethod
    def known(self, directory: Directory) -> Mapping[int, Any]:
        """Those of the directory by id."""

    def read(self, cell: object, directory: Directory | None, blank: Text | None) -> str:
        found = number_id(cell)
        if found is None:
            given = word(cell)[:40]
            if blank is None:
                needed = Text("Нужно число, как на портале.", "A number as in the portal is needed.")
            else:
                needed = Text(f"Нужно число; пусто – {blank.ru}.", f"A number is needed; empty means {blank.en}.")
            raise BadInput(
                Text(f"«{given}» – не {self.no_id.ru}. {needed.ru}", f"“{given}” is no {self.no_id.en}. {needed.en}")
            )
        if directory is not None and int(found) not in self.known(directory):
            more = self.later if blank is None else Text(f"пусто – {blank.ru}", f"empty means {blank.en}")
            raise BadInput(
                Text(
                    f"{self.unknown.ru.format(id=found)} на портале нет. Проверьте id; {more.ru}.",
                    f"There is no {self.unknown.en.format(id=found)} in the portal. Check the id; {more.en}.",
                )
            )
        return found

    def ids(self, directory: Directory) -> list[str]:
        return [str(number) for number in self.known(directory)]


class _Managers(_Numbered):
    title = Text("Менеджер", "Manager")
    column = "manager"
    note = "department"
    no_id = Text("id сотрудника", "id of a person")
    unknown = Text("Сотрудника {id}", "user {id}")
    later = Text("новые люди появятся после обновления данных", "new people come with a refresh")

    def known(self, directory: Directory) -> Mapping[int, Any]:
        return directory.managers

    def called(self, id_: str, directory: Directory) -> Text:
        return directory.manager(int(id_))

    def noted(self, id_: str, directory: Directory) -> Text:
        return directory.manager_departments(int(id_))

    def current(self, directory: Directory) -> list[str]:
        return [str(person.id) for person in directory.managers.values() if person.active and person.known]

    def order(self, id_: str, name: str) -> tuple[Any, ...]:
        return name.casefold(), int(id_)


class _Pipelines(_Numbered):
    """Of those that are sales."""

    title = Text("Воронка", "Pipeline")
    column = "pipeline"
    no_id = Text("id воронки", "id of a pipeline")
    unknown = Text("Воронки {id}", "pipeline {id}")
    later = Text("новые воронки появятся после обновления данных", "new pipelines come with a refresh")

    def known(self, directory: Directory) -> Mapping[int, Any]:
        return directory.pipelines

    def called(self, id_: str, directory: Directory) -> Text:
        return directory.pipeline(int(id_))

    def current(self, directory: Directory) -> list[str]:
        return [str(p.id) for p in directory.pipelines.values() if p.known and p.role == "sales"]

    def order(self, id_: str, name: str) -> tuple[Any, ...]:
        return (int(id_),)


class _Sources(Reference):
    """Ids are texts; ``none`` is the unknown source. A name that only one has is as good as its id."""

    title = Text("Источник", "Source")
    column = "source"
    widths = (16, 30)
    is_number = False

    def read(self, cell: object, directory: Directory | None, blank: Text | None) -> str:
        text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else unguarded(word(cell))
        if not text:
            raise BadInput(
                Text(
                    "Источник пуст. Для строки без источника впишите none.",
                    "The source is empty. Write none for a line of no source.",
                )
            )
        if text.casefold() in (NONE, NOT_SET.ru, NOT_SET.en):
            return NONE
        if directory is None:
            if len(text) > 50:
                raise BadInput(Text(f"«{text[:40]}…» – не id источника.", f"“{text[:40]}…” is no id of a source."))
            return text
        if text in directory.sources:
            return text
        named = [source for source, (name, _) in directory.sources.items() if name.casefold() == text.casefold()]
        if len(named) == 1:
            return named[0]
        raise BadInput(
            Text(
                f"Источника «{text[:40]}» на портале нет. Возьмите id со второго листа выгрузки.",
                f"There is no source “{text[:40]}” in the portal. Take the id from the second sheet of the download.",
            )
        )

    def called(self, id_: str, directory: Directory) -> Text:
        return directory.source(None if id_ == NONE else id_)

    def ids(self, directory: Directory) -> list[str]:
        return [*directory.sources, NONE]

    def current(self, directory: Directory) -> list[str]:
        return [*(source for source, (_, is_known) in directory.sources.items() if is_known), NONE]

    def listed(self, directory: Directory) -> list[str]:
        return self.ids(directory)

    def order(self, id_: str, name: str) -> tuple[Any, ...]:
        return name.casefold(), id_


REFERENCES: Final[Mapping[str, Reference]] = {MANAGER: _Managers(), PIPELINE: _Pipelines(), SOURCE: _Sources()}
"""By the name a grid's row gives (``store.grids.base.Row.of``)."""


def read_id(row: GridRow, cell: object, directory: Directory | None) -> str:
    """The id of a row's field in a cell of a file, '' where that means something; BadInput for what is none."""
    blank = row.blank
    if blank is not None and word(cell).casefold() in ("", BLANK, "все", blank.ru, blank.en):
        return ""
    return REFERENCES[row.of].read(cell, directory, blank)


def name_of(row: GridRow, id_: str, directory: Directory | None, lang: Lang) -> str:
    """What an id of a row's field is called; '' before anything is loaded."""
    if id_ == "" and row.blank is not None:
        return row.blank.of(lang)
    return REFERENCES[row.of].called(id_, directory).of(lang) if directory else ""


def order_of(rows: Sequence[GridRow], ids: Sequence[str], names: Sequence[str]) -> list[tuple[Any, ...]]:
    """Rows sorted by this stand as in lists, an empty id before all others of its field."""
    return [
        (id_ != "", *(REFERENCES[row.of].order(id_, name) if id_ else ()))
        for row, id_, name in zip(rows, ids, names, strict=True)
    ]
