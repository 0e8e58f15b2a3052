"""What a session (``reports/session.py``) is asked with, and what it answers beside blocks and lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dash_app.engine.query import Period
from dash_app.engine.result import Note
from dash_app.text import Text


@dataclass(frozen=True, slots=True)
class DataState:
    """The snapshot on screen."""

    snapshot: str  # id
    as_of: datetime  # aware, portal zone
    address: str  # https://portal.bitrix24.ru
    currency: str  # base currency code
    notes: list[Note]  # entities that could not be read and which right to grant; not an admin ...
    is_demo: bool
    changes: Mapping[str, int] = field(
        default_factory=dict
    )  # what its refresh saw: deals_new, deals_changed, leads_deleted ...


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, in words, and the parameters without it."""

    filter: str  # pipeline, department, ..., uf.UF_CRM_X
    value: str
    text: Text  # «Воронка: Продажи»
    without: str  # query string that removes just this value


@dataclass(frozen=True, slots=True)
class GridRequest:
    """One page of a list: AG Grid infinite model. ``sort``: (column, asc|desc). ``filters``: AG Grid filterModel."""

    start: int = 0
    end: int = 100
    sort: tuple[tuple[str, str], ...] = ()
    filters: Mapping[str, object] | None = None
    columns: tuple[str, ...] = ()  # extra user-field columns


@dataclass(frozen=True, slots=True)
class Base:
    """The period compared with. ``until`` (aware, portal zone): where it ends as it is ``cut``, at the same position as the period itself."""

    period: Period
    until: datetime
    cut: bool
