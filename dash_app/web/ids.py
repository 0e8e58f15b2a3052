"""Ids of components, all of them. Kebab-case; pattern ids are ``{"type", "report", "id"}``."""

from __future__ import annotations

from typing import Any

from dash import MATCH

PatternId = dict[str, Any]

# -- the shell ------------------------------------------------------------------------------------------------

URL = "url"
"""dcc.Location: ``search`` is the only memory of filters and of the open drawer."""
QUERY = "query"
"""dcc.Store: ``URL.search`` without the drawer, so that opening one reloads no block."""
FILLED = "filled"
"""dcc.Store: ``QUERY`` once the blocks in sight show its answer: what nobody looks at yet may be asked now."""
SNAPSHOT = "snapshot"
"""dcc.Store: id of the snapshot on screen; a new value reloads every block."""
REPORT = "report"
"""dcc.Store: slug of the report on screen, None elsewhere."""
TIMELESS = "timeless"
"""dcc.Store: paths of reports whose period is all of time unless chosen."""
LANG = "lang"
"""dcc.Store: ru | en, for clientside code; the server reads the cookie (``web.language.current``)."""
MANTINE = "mantine"
PAGE = "page"
TITLE = "page-title"
TOAST = "toast"
"""Container of passing messages: an ``on_error`` or a callback puts ``web.errors.toast(...)`` into its children."""
DOWNLOAD = "download"
PICTURE = "picture"
"""dcc.Store: what a block's picture says beside the charts (``callbacks/export.py``); the browser draws and saves it."""
"""The one dcc.Download of exports."""
SINK = "sink"
"""A hidden element for callbacks that only act."""
MENU = "menu"
MENU_BUTTON = "menu-button"
THEME_BUTTON = "theme-button"
LANG_BUTTON = "lang-button"

# -- refresh --------------------------------------------------------------------------------------------------

FRESHNESS = "freshness"
REFRESH = "refresh-button"
CANCEL = "refresh-cancel"
PROGRESS = "refresh-progress"


def accept(question: str | object) -> PatternId:
    """Confirms what the portal showed (``store.companies``)."""
    return {"type": "accept", "question": question}


TICK = "refresh-tick"
"""Fast interval, on only while a refresh runs."""
PULSE = "pulse"
"""Slow interval: has somebody else published a snapshot?"""

# -- filters --------------------------------------------------------------------------------------------------

FILTERS = "filters"
FILTER_SHEET = "filter-sheet"
FILTER_SHEET_BUTTON = "filter-sheet-button"
FILTER_SHEET_CLOSE = "filter-sheet-close"
MORE = "filter-more"
MORE_BUTTON = "filter-more-button"
PRESET = "filter-preset"
EARLIER = "filter-earlier"
LATER = "filter-later"
"""Steps to the period before and after, ``n_clicks``."""
PERIODS = "filter-periods"
"""dcc.Store: key of what the preset control offers (``web.period_choices.Offer``)."""
DATES = "filter-dates"
COMPARE = "filter-compare"
BASE_DATES = "filter-base-dates"
WHOLE_BASE = "filter-whole-base"
ALIGN = "filter-align"
AS_OF = "filter-as-of"
AS_OF_SHOW = "filter-as-of-show"
AS_OF_LINE = "as-of-line"
"""Says under the title that the page speaks of an earlier instant."""
CHIPS = "chips"
BASE_LINE = "base-line"
"""The dates compared with, beside the switch."""
REPORT_SETTINGS = "report-settings"
"""Place of the options of the whole report."""
HIDDEN = "hidden-line"
FILTER_ALERT = "filter-alert"
RESET = "filter-reset"


def filter_(name: str | object) -> PatternId:
    """A multi-select of a filter: ``pipeline`` ... or ``uf.UF_CRM_X``."""
    return {"type": "filter", "name": name}


def filter_box(name: str | object) -> PatternId:
    """What shows or hides the control and says why."""
    return {"type": "filter-box", "name": name}


def option(name: str | object) -> PatternId:
    """The control of a report's option; it is on the page of a report that has it."""
    return {"type": "option", "name": name}


def option_shown(name: str | object) -> PatternId:
    """The value of a slider in words."""
    return {"type": "option-shown", "name": name}


def nav(path: str | object) -> PatternId:
    """A link to a report; its ``href`` carries the filters along."""
    return {"type": "nav", "path": path}


# -- blocks ---------------------------------------------------------------------------------------------------


def block(report: Any = MATCH, block_id: Any = MATCH) -> PatternId:
    """Body of a block: ``children`` is all that a block callback writes."""
    return {"type": "block", "report": report, "id": block_id}


def block_section(report: Any = MATCH, block_id: Any = MATCH) -> PatternId:
    """The block with its title and toolbar."""
    return {"type": "block-section", "report": report, "id": block_id}


def block_help(report: Any = MATCH, block_id: Any = MATCH) -> PatternId:
    """«?» of a block, ``n_clicks``."""
    return {"type": "block-help", "report": report, "id": block_id}


def block_shape(report: Any = MATCH, block_id: Any = MATCH) -> PatternId:
    """«Показать таблицей», ``n_clicks``: odd – the table, even – the picture."""
    return {"type": "block-shape", "report": report, "id": block_id}


def list_body(report: Any = MATCH, block_id: Any = MATCH) -> PatternId:
    """Body of a list: filled once, its grid asks for rows itself."""
    return {"type": "list", "report": report, "id": block_id}


def block_query(report: Any = MATCH, block_id: Any = MATCH) -> PatternId:
    """dcc.Store: ``QUERY`` when it is this block's turn: those in sight at once, the others when these are filled."""
    return {"type": "block-query", "report": report, "id": block_id}


def block_look(report: Any = MATCH, block_id: Any = MATCH) -> PatternId:
    """dcc.Store: how a person wants the table of a block (``views.tables.TableLook`` as text); kept while the page is."""
    return {"type": "block-look", "report": report, "id": block_id}


def block_export(report: Any = MATCH, block_id: Any = MATCH, kind: Any = MATCH) -> PatternId:
    """Export of one block, ``n_clicks``; ``format``: csv | xlsx | png."""
    return {"type": "block-export", "report": report, "id": block_id, "format": kind}


def report_export(report: Any = MATCH, kind: Any = MATCH) -> PatternId:
    """The whole report as a file, ``n_clicks``; ``format``: xlsx | pdf."""
    return {"type": "report-export", "report": report, "format": kind}


VIEWS_BUTTON = "views-button"
VIEWS = "views"
"""What the menu of saved views holds."""
VIEW = "view"
"""dcc.Store: {report, id, columns} of the saved view chosen last, kept while the tab is; ``n`` makes it new where all else is the same."""
VIEW_NAME = "view-name"
VIEW_STATE = "view-state"
FIRST_VIEWS = "first-views"
"""dcc.Store: path of a report -> the query string its own view opens it with."""


def view_act(act: str | object, view: int | object) -> PatternId:
    """A button of the menu of views; ``view``: number of the view it is about."""
    return {"type": "view-act", "act": act, "view": view}


TODAY = "today"
"""What the start page says above its reports."""


def headline(report: Any = MATCH) -> PatternId:
    """The first figures of a report on the start page."""
    return {"type": "headline", "report": report}


def grid(report: Any = MATCH, block_id: Any = MATCH) -> PatternId:
    """The AG Grid of a block."""
    return {"type": "grid", "report": report, "id": block_id}


def grid_columns(report: Any = MATCH, block_id: Any = MATCH) -> PatternId:
    """Column chooser of a list, ``value``: ids of the columns shown; kept by the browser."""
    return {"type": "grid-columns", "report": report, "id": block_id}


def grid_line(report: Any = MATCH, block_id: Any = MATCH) -> PatternId:
    """«41 сделка · 12 400 000 ₽» above a list."""
    return {"type": "grid-line", "report": report, "id": block_id}


# -- the drawer ----------------------------------------------------------------------------------------------

DRAWER = "drawer"
"""dbc.Offcanvas in the shell, empty; ``is_open`` follows ``drill=`` or ``explain=`` of the URL."""
DRAWER_TITLE = "drawer-title"
DRAWER_BODY = "drawer-body"
DRAWER_QUERY = "drawer-query"
"""dcc.Store: ``URL.search`` while it opens the drawer, else "": a filter asks nothing of a closed drawer."""
DRAWER_GRID = "drawer-grid"
DRAWER_CLOSE = "drawer-close"


def drawer_export(kind: str | object) -> PatternId:
    """Export of the records in the drawer, ``n_clicks``; ``format``: csv | xlsx."""
    return {"type": "drawer-export", "format": kind}


# -- acts: what can be done with a row -----------------------------------------------------------------------

ACT = "act"
"""dcc.Store: {name, key, value, search, n} of the button pressed (``views.acts``)."""
SNOOZE = "snooze"
"""The dialog that puts a card off."""
SNOOZE_CARD = "snooze-card"
SNOOZE_TITLE = "snooze-title"
SNOOZE_TERM = "snooze-term"
SNOOZE_UNTIL = "snooze-until"
SNOOZE_REASON = "snooze-reason"
SNOOZE_STATE = "snooze-state"
SNOOZE_SAVE = "snooze-save"
SNOOZE_CANCEL = "snooze-cancel"
NOTE = "note"
"""The dialog of a note on a head's week."""
NOTE_ROW = "note-row"
NOTE_TITLE = "note-title"
NOTE_TEXT = "note-text"
NOTE_AUTHOR = "note-author"
NOTE_STATE = "note-state"
NOTE_SAVE = "note-save"
NOTE_CANCEL = "note-cancel"

# -- settings page ------------------------------------------------------------------------------------------


def setting(key: str | object, item: str | object = "") -> PatternId:
    """A control of a setting; ``item``: the pipeline it is about."""
    return {"type": "setting", "key": key, "item": item}


def setting_last(key: str | object) -> PatternId:
    """When a setting was changed last, and what that did."""
    return {"type": "setting-last", "key": key}


def undo(change: int | object) -> PatternId:
    """Undo of one change."""
    return {"type": "undo", "change": change}


CONNECT_WEBHOOK = "connect-webhook"
CONNECT_CHECK = "connect-check"
CONNECT_ANYWAY = "connect-anyway"
CONNECT_STATE = "connect-state"
CONNECT_DONE = "connect-done"
"""dcc.Store: 1 once a portal is connected: the page is opened anew."""

SETTINGS_SAVE = "settings-save"
SETTINGS_STATE = "settings-state"
SETTINGS_EFFECT = "settings-effect"
SETTINGS_HISTORY = "settings-history"
SETTINGS_EXPORT = "settings-export"
SETTINGS_IMPORT = "settings-import"
SETTINGS_FORM = "settings-form"
SETTINGS_FIND = "settings-find"
SETTINGS_FOUND = "settings-found"
HISTORY_TOPIC = "history-topic"
HISTORY_WHO = "history-who"


# -- pages of monthly grids ---------------------------------------------------------------


class CellIds:
    """Ids of the page of a monthly grid. ``assets/grid/20-store.js`` makes the same ones of the page's name."""

    def __init__(self, page: str) -> None:
        self.grid = f"{page}-grid"
        self.names = f"{page}-names"  # dcc.Store: names and words for the script
        self.data = f"{page}-data"  # dcc.Store: rows on screen as saved
        self.ask = f"{page}-ask"  # dcc.Store: what is to be saved, undone or done again, one thing at a time, numbered
        self.answer = f"{page}-answer"  # dcc.Store: what became of it
        self.history_ask = f"{page}-history-ask"
        self.history = f"{page}-history"
        self.year = f"{page}-year"
        self.half = f"{page}-half"
        self.measure = f"{page}-measure"  # where there is a choice
        self.find = f"{page}-find"
        self.who = f"{page}-who"
        self.state = f"{page}-state"
        self.notes = f"{page}-notes"  # cells that were not saved and why; the script fills it
        self.export = f"{page}-export"
        self.upload = f"{page}-import"
        self.upload_report = f"{page}-import-report"


PLAN_ADD = "plan-add"
PLAN_ADD_TITLE = "plan-add-title"
PLAN_ADD_MANAGERS = "plan-add-managers"
PLAN_ADD_PIPELINE = "plan-add-pipeline"
PLAN_ADD_OK = "plan-add-ok"
