"""Lists of records on AG Grid, infinite row model: the server sorts, filters and pages; the browser holds what is in sight.

Cells leave Python as text in the page's language, so the grid formats nothing; sorting and filtering act on the values behind them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import html

from dash_app.engine.language import Unit
from dash_app.engine.lists import unit_of
from dash_app.engine.result import Column, RecordsPage, Row
from dash_app.record_kinds import is_card
from dash_app.reports.api import GridRequest
from dash_app.text import Lang, Text
from dash_app.views import acts, i18n
from dash_app.views import format as fmt
from dash_app.views.grid_locale import locale_text
from dash_app.views.scene import attrs

BLOCK_SIZE = 50
_WIDTHS = {
    Unit.MONEY: 140,
    Unit.COUNT: 120,
    Unit.DAYS: 130,
    Unit.MINUTES: 120,
    Unit.TIMES: 110,
    Unit.DATE: 165,
    Unit.LINK: 90,
    Unit.POINTS: 120,
    Unit.RATIO: 110,
}
_OWN_WIDTHS = {"at_risk": 165, "idle_days": 165}
_FILTERS = {Unit.TEXT: "agTextColumnFilter", Unit.DATE: "agDateColumnFilter"}
_LINKS = {"title": "url", "id": "url", "manager": "manager_url"}
_WEB = ("https://", "http://")
_NO_FILTER = ("status",)
"""Columns whose filter is on the page itself."""
_CLIENT = Text("Клиент", "Customer")


def theme() -> dict[str, str]:
    """The grid takes the page's colours, so one attribute of ``<html>`` turns both dark."""
    return {
        "function": "themeQuartz.withParams({backgroundColor: 'var(--bs-body-bg)', foregroundColor: 'var(--bs-body-color)', "
        "borderColor: 'var(--bs-border-color)', headerBackgroundColor: 'var(--bs-tertiary-bg)', accentColor: 'var(--bs-primary)', "
        "fontFamily: 'inherit', fontSize: 13, wrapperBorderRadius: 8, "
        "headerFontWeight: 600, rowHeight: 'var(--records-row)', headerHeight: 'var(--records-head)'})"
    }


def column_def(column: Column, lang: Lang, *, hidden: bool = False, sort: str | None = None) -> dict[str, Any]:
    """One column; the title is pinned and links to the card, numbers stand at the right."""
    numeric = column.unit in (
        Unit.COUNT,
        Unit.MONEY,
        Unit.DAYS,
        Unit.MINUTES,
        Unit.POINTS,
        Unit.RATIO,
        Unit.TIMES,
    )
    definition: dict[str, Any] = {
        "field": column.id,
        "headerName": column.label.of(lang),
        "width": _OWN_WIDTHS.get(column.id) or _WIDTHS.get(column.unit, 180),
        "sortable": True,
        "cellDataType": False,
        "filter": False if column.id in _NO_FILTER else _FILTERS.get(column.unit, "agNumberColumnFilter"),
    }
    if definition["filter"]:
        definition["filterParams"] = {"buttons": ["reset", "apply"], "closeOnApply": True}
    if numeric:
        definition.update(cellClass="cell-number", headerClass="head-number")
    if column.id in _LINKS:
        definition.update(cellRenderer="CardLink", cellRendererParams={"link": _LINKS[column.id]})
    elif column.id.startswith("UF_") and column.unit is Unit.TEXT:
        definition.update(cellRenderer="FieldLinks", cellRendererParams={"parts": f"{column.id}_parts"})
    if column.id == "title":
        definition.update(pinned="left", width=250, tooltipField="title", lockPosition="left")
    if hidden:
        definition["hide"] = True
    if sort:
        definition["sort"] = sort
    return definition


def has_client(page: RecordsPage) -> bool:
    """Whether records have a contact or company of their own."""
    return is_card(page.entity)


_FIRST = ("title", "id", "amount", "manager", "stage")
"""The answer to "which deals, how much, whose, where" stands in the drawer without scrolling."""


def column_defs(page: RecordsPage, lang: Lang, extra: Sequence[tuple[str, Text, str]] = ()) -> list[dict[str, Any]]:
    """Columns of a list, what is read first in front; ``extra`` user fields are there, hidden until chosen."""
    own_order = bool(page.columns) and page.columns[0].id == "title"  # a block that says what comes first
    ordered = (
        list(page.columns)
        if own_order
        else sorted(page.columns, key=lambda c: _FIRST.index(c.id) if c.id in _FIRST else len(_FIRST))
    )
    usual = dict(page.sort[:1])  # the others only decide between equals
    definitions = [column_def(c, lang, hidden=c.id in page.same, sort=usual.get(c.id)) for c in ordered]
    for name, label, kind in extra:
        definitions.append(column_def(Column(name, label, unit_of(kind), "label"), lang, hidden=True))
    act = acts.column(page, lang)
    if act is not None:
        definitions.append(act)
    definitions.append(_card(page, ordered, lang))
    if not has_client(page):
        return definitions
    client = {
        "field": "client",
        "headerName": _CLIENT.of(lang),
        "width": 120,
        "sortable": False,
        "filter": False,
        "cellDataType": False,
        "cellRenderer": "ClientLinks",
    }
    place = next((i for i, d in enumerate(definitions) if d["field"] == "created"), len(definitions))
    definitions.insert(place, client)
    return definitions


AS_CARD = "as_card"
"""The one column of a list on a phone."""
_BESIDE = (Unit.DAYS, Unit.MINUTES, Unit.DATE, Unit.COUNT)
_CARD_WORDS, _CARD_FACTS = 3, 2


def _card(page: RecordsPage, ordered: Sequence[Column], lang: Lang) -> dict[str, Any]:
    """A record as a card, shown instead of all columns where there is no room for them (``assets/blocks/60-lists.js``): its title, its amount, words
    such as stage and manager, and the two numbers or dates that the list puts first."""
    shown = [c for c in ordered if c.id not in ("title", "id", *page.same)]
    amount = next((c.id for c in shown if c.unit is Unit.MONEY), None)
    words = [c.id for c in shown if c.unit is Unit.TEXT][:_CARD_WORDS]
    beside = [c for c in shown if c.unit in _BESIDE]
    beside.sort(key=lambda c: _BESIDE.index(c.unit))
    facts = [[c.id, c.label.of(lang)] for c in beside[:_CARD_FACTS]]
    return {
        "field": AS_CARD,
        "headerName": i18n.RECORD.of(lang),
        "hide": True,
        "sortable": False,
        "filter": False,
        "cellDataType": False,
        "resizable": False,
        "cellRenderer": "RecordCard",
        "cellRendererParams": {"amount": amount, "words": words, "facts": facts},
        "cellClass": "cell-card",
    }


def _order(definitions: Sequence[Mapping[str, Any]], lang: Lang) -> html.Label:
    """In which order cards stand: headings to click on are not there."""
    usual = next((f"{d['field']}:{d['sort']}" for d in definitions if d.get("sort")), "")
    options = [html.Option(i18n.USUAL_ORDER.of(lang), value=usual)]
    for definition in definitions:
        if not definition["sortable"] or definition.get("hide"):
            continue
        name = definition["headerName"]
        numeric = definition["filter"] != "agTextColumnFilter"
        ways = (("desc", "↓"), ("asc", "↑")) if numeric else (("asc", "↑"),)
        options += [html.Option(f"{name} {sign}", value=f"{definition['field']}:{way}") for way, sign in ways]
    select = html.Select(options, className="order-select", **attrs({"data-order": "1"}))
    return html.Label([html.Span(i18n.ORDER.of(lang), className="order-word"), select], className="cards-order")


def grid_rows(page: RecordsPage, lang: Lang, currency: str) -> list[dict[str, Any]]:
    """Rows as text, with ids and addresses."""
    rows: list[dict[str, Any]] = []
    for row in page.rows:
        act = acts.of_record(page, row, lang)
        rows.append({**_grid_row(row, page.columns, lang, currency), **({"act": act} if act else {})})
    return rows


def _grid_row(row: Row, columns: Sequence[Column], lang: Lang, currency: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        c.id: fmt.show(row.get(c.id), c.unit, lang, currency) if c.unit is not Unit.LINK else str(row.get(c.id))
        for c in columns
    }
    shown["id"] = str(row["id"])
    shown["key"] = str(row.get("key") or row["id"])
    for name in ("url", "manager_url", "contact_url", "company_url"):
        if row.get(name):
            shown[name] = row[name]
    for column in columns:
        parts = _parts(row, column.id)
        if parts:
            shown[f"{column.id}_parts"] = parts
    return shown


def _parts(row: Row, name: str) -> list[list[str]]:
    """[words, address] of every value of an own field, where any leads somewhere; an address of a text is taken for one if it is http."""
    value, urls = row.get(name), row.get(f"{name}_urls")
    values = [str(v) for v in (value if isinstance(value, list) else [value])]
    if not isinstance(urls, list):
        if not name.startswith("UF_") or not any(v.startswith(_WEB) for v in values):
            return []
        urls = [v if v.startswith(_WEB) else "" for v in values]
    return [[text, url] for text, url in zip(values, urls, strict=False)]


def grid_request(request: object, columns: Sequence[str] = ()) -> GridRequest:
    """AG Grid's request as ours; anything odd in it is ignored or left for the reports to refuse. Blocks are of bounded size."""
    if not isinstance(request, Mapping):
        return GridRequest(0, BLOCK_SIZE, columns=tuple(columns))
    start = request.get("startRow")
    first = start if isinstance(start, int) and 0 <= start < 10_000_000 else 0
    sort = []
    model = request.get("sortModel")
    for item in model if isinstance(model, list) else []:
        if isinstance(item, Mapping) and isinstance(item.get("colId"), str) and item.get("sort") in ("asc", "desc"):
            sort.append((item["colId"], item["sort"]))
    filters = request.get("filterModel")
    return GridRequest(
        first,
        first + BLOCK_SIZE,
        tuple(sort[:5]),
        filters if isinstance(filters, Mapping) and filters else None,
        tuple(columns),
    )


def grid(
    grid_id: Any, definitions: list[dict[str, Any]], lang: Lang, *, label: str, cls: str = "records-grid"
) -> html.Div:
    """The grid inside a labelled region. ``rowData`` is never used: rows come by ``getRowsRequest``."""
    table = dag.AgGrid(
        id=grid_id,
        columnDefs=definitions,
        rowModelType="infinite",
        getRowId="params.data.key",
        defaultColDef={"resizable": True, "suppressHeaderMenuButton": False, "minWidth": 70},
        dashGridOptions={
            "theme": theme(),
            "localeText": locale_text(lang),
            "cacheBlockSize": BLOCK_SIZE,
            "maxBlocksInCache": 30,
            "tooltipShowDelay": 300,
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            "suppressDragLeaveHidesColumns": True,
            "animateRows": False,
        },
        className="records-ag",
        style={"height": "100%"},
    )
    acting = any(d["field"] in ("act", "client") for d in definitions)
    return html.Div(
        [_order(definitions, lang), html.Div(table, className="records-table" + (" has-acts" if acting else ""))],
        className=cls,
        role="region",
        **attrs({"aria-label": label}),
    )


def column_chooser(
    chooser_id: Any,
    page: RecordsPage,
    extra: Sequence[tuple[str, Text, str]],
    lang: Lang,
    *,
    kept_for: str | bool = True,
    shown: Sequence[str] | None = None,
) -> html.Details:
    """Which columns are shown, the portal's own fields among them; remembered by the browser, by ``kept_for`` apart. ``shown``: those of a saved
    view, of which some may be there no more."""
    standard = [{"label": c.label.of(lang), "value": c.id} for c in page.columns if c.id != "title"]
    if has_client(page):
        standard.append({"label": _CLIENT.of(lang), "value": "client"})
    fields = [{"label": label.of(lang), "value": name} for name, label, _ in extra]
    return html.Details(
        [
            html.Summary(i18n.COLUMNS.of(lang), className="tool"),
            html.Div(
                dbc.Checklist(
                    id=chooser_id,
                    options=[*standard, *fields],
                    value=[o["value"] for o in standard if o["value"] not in page.same]
                    if shown is None
                    else [o["value"] for o in (*standard, *fields) if o["value"] in shown],
                    persistence=kept_for,
                    persistence_type="local",
                    className="columns-list",
                ),
                className="columns-panel",
            ),
        ],
        className="columns-chooser",
    )


def list_view(
    grid_id: Any,
    chooser_id: Any,
    line_id: Any,
    page: RecordsPage,
    extra: Sequence[tuple[str, Text, str]],
    lang: Lang,
    currency: str,
    *,
    title: str,
    shown: Sequence[str] | None = None,
) -> html.Div:
    """A list block: how many and how much, the column chooser, the grid. ``shown``: columns a saved view has."""
    line = fmt.records_line(page.total, page.amount, page.entity, lang, currency)
    return html.Div(
        [
            html.Div(
                [
                    html.Div(line, id=line_id, className="records-line", role="status"),
                    column_chooser(chooser_id, page, extra, lang, shown=shown),
                ],
                className="records-bar",
            ),
            grid(grid_id, column_defs(page, lang, extra), lang, label=i18n.LIST_OF.format(name=title).of(lang)),
        ],
        className="view view-list",
    )
