"""The settings page: what counts as a sale, when a day begins, how often the data is refreshed, and who changed what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from zoneinfo import available_timezones

import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.errors import NoData
from dash_app.metrics.directory import Directory
from dash_app.services import Services
from dash_app.store.kinds import KINDS
from dash_app.store.preferences import ROLES, Preferences, description, title
from dash_app.store.workspace import Change, name_of
from dash_app.text import Lang
from dash_app.views import format as fmt
from dash_app.web import expense_editor, ids, motivation_words, plan_words, words
from dash_app.web.entry_words import entry_text
from dash_app.web.frame import icon

UNSET = "-"
"""How a select spells "nothing chosen": mantine takes no empty value."""
VERSIONS = "settings-versions"
WHOLE_NUMBERS = ("refresh_minutes", "reconcile_hours")


def directory_of(services: Services) -> Directory | None:
    """Names of the portal; None before the first load."""
    try:
        return services.reports.directory()
    except NoData:
        return None


def page(services: Services, lang: Lang) -> html.Div:
    """The whole page below its title."""
    return html.Div(
        [
            html.Div(form(services, lang), id=ids.SETTINGS_FORM),
            *(
                html.Section(
                    [html.H2(name.of(lang)), html.P(text.of(lang), className="panel-text"), dcc.Link([icon(picture), html.Span(way.of(lang))], href=path, className="button")],
                    className="panel",
                )
                for name, text, picture, way, path in (
                    (plan_words.PLANS, plan_words.SETTINGS_TEXT, "pencil-square", plan_words.OPEN, "/plans"),
                    (expense_editor.TITLE, expense_editor.SETTINGS_TEXT, "cash-coin", expense_editor.OPEN, "/expenses"),
                    (motivation_words.TITLE, motivation_words.QUESTION, "award", motivation_words.OPEN, "/motivation"),
                )
            ),
            html.Section(
                [html.H2(words.HISTORY.of(lang)), html.Div(history(services, lang), id=ids.SETTINGS_HISTORY, className="scroll-x")], className="panel"
            ),
            html.Section(
                [
                    html.H2(words.FILE_TITLE.of(lang)),
                    html.P(words.FILE_TEXT.of(lang), className="panel-text"),
                    html.Div(
                        [
                            html.Button([icon("download"), html.Span(words.EXPORT_SETTINGS.of(lang))], id=ids.SETTINGS_EXPORT, className="button", type="button", n_clicks=0),
                            html.Div(
                                dcc.Upload(
                                    html.Button([icon("upload"), html.Span(words.IMPORT_SETTINGS.of(lang))], className="button", type="button"),
                                    id=ids.SETTINGS_IMPORT, accept="application/json", max_size=1_000_000,
                                ),
                                **{"data-upload-label": words.IMPORT_SETTINGS.of(lang)},
                            ),
                        ],
                        className="button-row",
                    ),
                ],
                className="panel",
            ),
        ],
        className="settings",
    )  # fmt: skip


def form(services: Services, lang: Lang) -> list[Any]:
    """The controls with what is set now."""
    chosen = services.workspace.values()
    directory = directory_of(services)
    parts: list[Any] = [dcc.Store(id=VERSIONS, data={key: services.workspace.version(key) for key in Preferences.model_fields})]
    if directory is not None:
        parts.append(_pipelines(directory, chosen, lang))
    controls = [_loss_reason(directory, chosen, lang)] if directory is not None else []
    controls += [_zone(chosen, services.settings.timezone, lang), *(_number(key, getattr(chosen, key), lang) for key in WHOLE_NUMBERS)]
    parts.append(html.Section([html.H2(words.DATA_TITLE.of(lang)), html.Div(controls, className="form-grid")], className="panel"))
    parts.append(
        html.Div(
            [
                html.Button(words.SAVE.of(lang), id=ids.SETTINGS_SAVE, className="button button-primary", type="button", n_clicks=0),
                html.Div(id=ids.SETTINGS_STATE, className="save-state", role="status"),
            ],
            className="save-row",
        )
    )
    parts.append(html.Div(id=ids.SETTINGS_EFFECT, **{"aria-live": "polite"}))
    return parts


def _pipelines(directory: Directory, chosen: Preferences, lang: Lang) -> html.Section:
    rows = []
    for pipeline in directory.pipelines.values():
        if not pipeline.known:
            continue
        item = str(pipeline.id)
        name = directory.pipeline(pipeline.id).of(lang)
        stages = [s for s in directory.stages.values() if s.entity == "deal" and s.pipeline_id == pipeline.id and s.known and s.semantic != "F"]
        rows.append(
            html.Tr(
                [
                    html.Th(name, scope="row"),
                    html.Td(
                        _select("pipeline_roles", item, [(role, text.of(lang)) for role, text in ROLES.items()], chosen.pipeline_roles.get(item, "sales"), f"{words.ROLE.of(lang)}: {name}")
                    ),
                    html.Td(
                        _select(
                            "success_stages", item, [(UNSET, words.BY_PORTAL.of(lang)), *((s.stage_id, s.name) for s in stages)],
                            chosen.success_stages.get(item, UNSET), f"{words.SUCCESS_STAGE.of(lang)}: {name}",
                        )
                    ),
                    html.Td(_margin(item, chosen.margins.get(item), f"{words.MARGIN.of(lang)}: {name}")),
                ]
            )
        )  # fmt: skip
    heads = [html.Th(text.of(lang), scope="col") for text in (words.PIPELINE, words.ROLE, words.SUCCESS_STAGE, words.MARGIN)]
    return html.Section(
        [
            html.H2(words.PIPELINES_TITLE.of(lang)),
            html.P(words.PIPELINES_TEXT.of(lang), className="panel-text"),
            html.Div(html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="plain-table"), className="scroll-x"),
        ],
        className="panel",
    )


def _margin(item: str, share: float | None, label: str) -> dmc.NumberInput:
    """The share of revenue that stays, in per cent; empty: not set."""
    return dmc.NumberInput(
        id=ids.setting("margins", item), value="" if share is None else round(share * 100, 4), min=0, max=100, step=1, size="sm", suffix=" %", placeholder="—",
        allowNegative=False, className="control-form", attributes={"input": {"aria-label": label}},
    )  # fmt: skip


def _select(key: str, item: str, options: Sequence[tuple[str, str]], value: str, label: str, *, searchable: bool = False) -> dmc.Select:
    known = {v for v, _ in options}
    data = [{"value": v, "label": text} for v, text in options] + ([] if value in known else [{"value": value, "label": value}])
    return dmc.Select(
        id=ids.setting(key, item), data=data, value=value, allowDeselect=False, searchable=searchable, size="sm", maxDropdownHeight=320, className="control-form",
        attributes={"input": {"aria-label": label}}, comboboxProps={"width": "target"},
    )  # fmt: skip


def _field(key: str, control: Any, lang: Lang) -> html.Div:
    return html.Div([html.Div(title(key).of(lang), className="field-label"), control, html.P(description(key).of(lang), className="field-help")], className="field")


def _loss_reason(directory: Directory, chosen: Preferences, lang: Lang) -> html.Div:
    fields = [(f.field, f.label) for f in directory.fields.values() if f.entity == "deal" and f.kind == "list"]
    key = "loss_reason_field"
    return _field(key, _select(key, "", [(UNSET, "—"), *fields], chosen.loss_reason_field or UNSET, title(key).of(lang)), lang)


def _zone(chosen: Preferences, default: str, lang: Lang) -> html.Div:
    key = "time_zone"
    zones = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/", "SystemV/"))]
    first = (UNSET, f"{default} ({words.DEFAULT.of(lang)})")
    return _field(key, _select(key, "", [first, *zones], chosen.time_zone or UNSET, title(key).of(lang), searchable=True), lang)


def _number(key: str, value: int, lang: Lang) -> html.Div:
    control = dmc.NumberInput(
        id=ids.setting(key), value=value, min=0, step=5 if key == "refresh_minutes" else 1, size="sm", allowDecimal=False, allowNegative=False, className="control-form",
        attributes={"input": {"aria-label": title(key).of(lang)}},
    )  # fmt: skip
    return _field(key, control, lang)


def values_of(found: Sequence[tuple[Mapping[str, str], Any]], stored: Preferences) -> dict[str, Any]:
    """Settings the form means, only those that differ from what is in force. Values are checked by the workspace."""
    now = stored.model_dump(mode="json")
    wanted: dict[str, Any] = {}
    for control, value in found:
        key, item = control["key"], control["item"]
        if key == "margins":
            shares = wanted.setdefault(key, dict(now[key]))
            shares.pop(item, None) if value in (None, "") else shares.__setitem__(item, round(float(value) / 100, 6))
        elif item:
            chosen = wanted.setdefault(key, dict(now[key]))
            default = "sales" if key == "pipeline_roles" else UNSET
            chosen.pop(item, None) if value in (None, default) else chosen.__setitem__(item, value)
        elif key in WHOLE_NUMBERS:
            wanted[key] = value
        else:
            wanted[key] = "" if value in (None, UNSET) else value
    return {key: value for key, value in wanted.items() if key in now and value != now[key]}


def shown(key: str, value: Any, directory: Directory | None, lang: Lang) -> str:
    """A setting's value in words."""
    kind, colon, _ = key.partition(":")
    if colon:
        return entry_text(kind, value, directory, lang)
    if value is None or value == "" or value == {}:
        return words.DEFAULT.of(lang)
    if isinstance(value, dict):
        return "; ".join(_pair(key, item, given, directory, lang) for item, given in sorted(value.items()))
    if key == "loss_reason_field" and directory is not None:
        return next((f.label for f in directory.fields.values() if f.field == value), str(value))
    return str(value)


def _pair(key: str, item: str, given: Any, directory: Directory | None, lang: Lang) -> str:
    number = int(item) if item.isdigit() else None
    name = directory.pipeline(number).of(lang) if directory is not None else item
    if key == "pipeline_roles":
        return f"{name}: {ROLES[given].of(lang)}" if given in ROLES else f"{name}: {given}"
    if key == "margins":
        return f"{name}: {fmt.ratio(float(given), lang)}"
    return f"{name}: {directory.stage('deal', number, given).of(lang)}" if directory is not None else f"{name}: {given}"


def history(services: Services, lang: Lang) -> Any:
    """Who changed what and when, the newest first, each with its way back."""
    changes = services.workspace.history(most=50)
    if not changes:
        return html.P(words.NO_HISTORY.of(lang), className="panel-text")
    directory = directory_of(services)
    try:
        zone: tzinfo | None = services.reports.state().as_of.tzinfo
    except NoData:
        zone = None
    heads = [html.Th(text.of(lang), scope="col") for text in (words.WHEN, words.WHO, words.WHAT, words.BEFORE, words.AFTER)]
    heads.append(html.Th(html.Span(words.UNDO.of(lang), className="visually-hidden"), scope="col"))
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody([_change(c, directory, zone, lang) for c in changes])], className="plain-table history")


def _change(change: Change, directory: Directory | None, zone: tzinfo | None, lang: Lang) -> html.Tr:
    when = fmt.moment(change.at.astimezone(zone), lang)
    name = name_of(change.what).of(lang)
    what: list[Any] = [name]
    if change.undoes is not None:
        what.append(html.Span(f" ({words.UNDONE.of(lang)})", className="muted"))
    button = html.Button(
        [icon("arrow-counterclockwise"), html.Span(words.UNDO.of(lang))], id=ids.undo(change.id), className="button button-quiet button-small", type="button", n_clicks=0,
        **{"aria-label": words.UNDO_OF.of(lang).format(what=name, when=when)},
    )  # fmt: skip
    kind = KINDS.get(change.what.partition(":")[0])
    back = "" if kind is not None and not kind.undoable else button
    cells = [when, change.who, what, shown(change.what, change.before, directory, lang), shown(change.what, change.after, directory, lang), back]
    return html.Tr([html.Td(cell) for cell in cells])


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure before and after a change, as shown."""

    label: str
    was: str
    became: str


def effect(rows: Sequence[Headline], lang: Lang) -> html.Section:
    """«Выиграно: было 41, стало 37»."""
    changed = [row for row in rows if row.was != row.became]
    body: Any = html.P(words.NO_EFFECT.of(lang), className="panel-text")
    if changed:
        body = html.Dl(
            [
                html.Div([html.Dt(row.label), html.Dd([html.Span(row.was, className="was num"), icon("arrow-right"), html.Span(row.became, className="became num")])], className="effect-row")
                for row in changed
            ],
            className="effect-list",
        )  # fmt: skip
    return html.Section([html.H2(words.EFFECT.of(lang)), body], className="panel effect")
