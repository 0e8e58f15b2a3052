"""Saved views: a report's filters, options and columns under a name, kept in the workspace's database.

They change no figure, so they stand apart from entries: saving one leaves the kept answers as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

_metadata = sa.MetaData()
_views = sa.Table(
    "views",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("portal", sa.String(200), nullable=False),
    sa.Column("report", sa.String(100), nullable=False),
    sa.Column("owner", sa.String(200), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("shared", sa.Boolean, nullable=False),
    sa.Column("search", sa.Text, nullable=False),
    sa.Column("columns", sa.JSON, nullable=False),
    sa.Column("removed_at", sa.DateTime),
)
_first = sa.Table(
    "first_views",
    _metadata,
    sa.Column("portal", sa.String(200), primary_key=True),
    sa.Column("owner", sa.String(200), primary_key=True),
    sa.Column("report", sa.String(100), primary_key=True),
    sa.Column("view", sa.Integer, nullable=False),
)

ShownColumns = Mapping[str, tuple[str, ...]]
"""List -> its columns shown."""
Connected = Callable[[], AbstractContextManager[sa.Connection]]


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view as it is kept. ``owner``: whose it is (``web.owner``); ``search``: its query string without "?"."""

    id: int
    report: str
    owner: str
    name: str
    shared: bool
    search: str
    columns: ShownColumns


class SavedViews:
    """The views of one portal. ``writing``: one transaction and one writer at a time."""

    def __init__(self, reading: Connected, writing: Connected, portal: Callable[[], str]) -> None:
        self._reading = reading
        self._writing = writing
        self._portal = portal

    def all(self, report: str | None = None, *, removed: bool = False) -> list[SavedView]:
        """Everybody's views of a report, or of all, in the order they were saved. ``removed``: those taken away instead."""
        query = sa.select(_views).where(_views.c.portal == self._portal()).order_by(_views.c.id)
        query = query.where(_views.c.removed_at.is_not(None) if removed else _views.c.removed_at.is_(None))
        if report is not None:
            query = query.where(_views.c.report == report)
        with self._reading() as connection:
            return [_view(row) for row in connection.execute(query).mappings()]

    def add(self, report: str, owner: str, name: str, search: str, columns: ShownColumns, *, shared: bool) -> int:
        """Keeps a new view; its number."""
        with self._writing() as connection:
            done = connection.execute(
                sa.insert(_views).values(
                    portal=self._portal(),
                    report=report,
                    owner=owner,
                    name=name,
                    shared=shared,
                    search=search,
                    columns=_document(columns),
                )
            )
            return int(done.inserted_primary_key[0])  # type: ignore[index]

    def change(self, view: int, **values: Any) -> None:
        """Sets some of ``name``, ``search``, ``columns``, ``shared``."""
        if "columns" in values:
            values["columns"] = _document(values["columns"])
        with self._writing() as connection:
            connection.execute(sa.update(_views).where(self._is(view)).values(**values))

    def remove(self, view: int) -> None:
        """Takes a view away; ``restore`` brings it back."""
        with self._writing() as connection:
            gone = datetime.now(UTC).replace(tzinfo=None)
            connection.execute(sa.update(_views).where(self._is(view)).values(removed_at=gone))

    def restore(self, view: int) -> None:
        """Brings a view back that was taken away."""
        with self._writing() as connection:
            connection.execute(sa.update(_views).where(self._is(view)).values(removed_at=None))

    def first(self, owner: str) -> dict[str, int]:
        """Report -> the view its owner opens it with."""
        query = sa.select(_first.c.report, _first.c.view).where(
            _first.c.portal == self._portal(), _first.c.owner == owner
        )
        with self._reading() as connection:
            return {str(report): int(view) for report, view in connection.execute(query)}

    def put_first(self, owner: str, report: str, view: int | None) -> None:
        """Which view a report is opened with; None for none."""
        mine = sa.and_(_first.c.portal == self._portal(), _first.c.owner == owner, _first.c.report == report)
        with self._writing() as connection:
            connection.execute(sa.delete(_first).where(mine))
            if view is not None:
                connection.execute(
                    sa.insert(_first).values(portal=self._portal(), owner=owner, report=report, view=view)
                )

    def _is(self, view: int) -> sa.ColumnElement[bool]:
        return sa.and_(_views.c.portal == self._portal(), _views.c.id == view)


def _document(columns: ShownColumns) -> dict[str, list[str]]:
    return {block: list(names) for block, names in columns.items()}


def _view(row: sa.RowMapping) -> SavedView:
    columns = row["columns"] if isinstance(row["columns"], dict) else {}
    return SavedView(
        int(row["id"]),
        row["report"],
        row["owner"],
        row["name"],
        bool(row["shared"]),
        row["search"],
        {str(block): tuple(map(str, names)) for block, names in columns.items()},
    )
