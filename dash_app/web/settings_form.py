"""The settings page: every setting as a control of its declared shape, in groups; who changed what; all of it as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Any
from zoneinfo import available_timezones

import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.card_fields import CLIENT, CLIENT_LABEL, NOTHING, system_fields, written
from dash_app.engine.directory import Directory
from dash_app.engine.language import Unit
from dash_app.errors import NoData
from dash_app.motivation import words as motivation_words
from dash_app.record_kinds import RECORD_KINDS, SALE, has_pipelines
from dash_app.services import Services
from dash_app.store.edits import Change, name_of
from dash_app.store.kinds import ENTRY_KINDS
from dash_app.store.preferences import ACTIVITY_WEIGHTS, Preferences, SettingShape, description, shape, title
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views.scene import attrs
from dash_app.web import ids, words
from dash_app.web.entry_words import entry_text
from dash_app.web.frame import icon
from dash_app.web.monthly import monthly_pages

UNSET = "-"
"""How a select spells "nothing chosen": mantine takes no empty value."""
VERSIONS = "settings-versions"


def directory_of(services: Services) -> Directory | None:
    """Names of the portal; None before the first load."""
    try:
        return services.session().directory()
    except NoData:
        return None


def page(services: Services, lang: Lang) -> html.Div:
    """The whole page below its title."""
    return html.Div(
        [
            html.Div(form(services, lang), id=ids.SETTINGS_FORM),
            *(
                html.Section(
                    [
                        html.H2(name.of(lang)),
                        html.P(text.of(lang), className="panel-text"),
                        dcc.Link([icon(picture), html.Span(way.of(lang))], href=path, className="button"),
                    ],
                    className="panel",
                )
                for name, text, picture, way, path in (
                    *((page.title, page.about, page.icon, page.open, f"/{page.slug}") for page in monthly_pages()),
                    (motivation_words.TITLE, motivation_words.QUESTION, "award", motivation_words.OPEN, "/motivation"),
                )
            ),
            html.Section(
                [
                    html.H2(words.HISTORY.of(lang)),
                    html.Div(history(services, lang), id=ids.SETTINGS_HISTORY, className="scroll-x"),
                ],
                className="panel",
            ),
            html.Section(
                [
                    html.H2(words.FILE_TITLE.of(lang)),
                    html.P(words.FILE_TEXT.of(lang), className="panel-text"),
                    html.Div(
                        [
                            html.Button(
                                [icon("download"), html.Span(words.EXPORT_SETTINGS.of(lang))],
                                id=ids.SETTINGS_EXPORT,
                                className="button",
                                type="button",
                                n_clicks=0,
                            ),
                            html.Div(
                                dcc.Upload(
                                    html.Button(
                                        [icon("upload"), html.Span(words.IMPORT_SETTINGS.of(lang))],
                                        className="button",
                                        type="button",
                                    ),
                                    id=ids.SETTINGS_IMPORT,
                                    accept="application/json",
                                    max_size=20_000_000,
                                ),
                                **attrs({"data-upload-label": words.IMPORT_SETTINGS.of(lang)}),
                            ),
                        ],
                        className="button-row",
                    ),
                ],
                className="panel",
            ),
        ],
        className="settings",
    )


@dataclass(frozen=True, slots=True)
class SettingsSection:
    """Settings that belong together. ``links``: pages where more of the same is typed."""

    id: str
    title: Text
    text: Text
    keys: tuple[str, ...]
    links: tuple[tuple[str, Text], ...] = ()


GROUPS: tuple[SettingsSection, ...] = (
    SettingsSection(
        "pipelines",
        words.PIPELINES_TITLE,
        words.PIPELINES_TEXT,
        ("pipeline_roles", "success_stages", "margins", "loss_reason_field"),
        (("/expenses", words.TO_EXPENSES),),
    ),
    SettingsSection(
        "activity",
        words.ACTIVITY_TITLE,
        words.ACTIVITY_TEXT,
        ("activity_weights", "conversion"),
        (("/manager-effectiveness", words.TO_REPORT),),
    ),
    SettingsSection(
        "forgotten",
        words.FORGOTTEN_TITLE,
        words.FORGOTTEN_TEXT,
        ("forgotten_lead_days", "forgotten_deal_days", "forgotten_days_by_stage"),
        (("/forgotten", words.TO_REPORT),),
    ),
    SettingsSection(
        "audit",
        words.AUDIT_TITLE,
        words.AUDIT_TEXT,
        ("required_fields",),
        (("/card-audit", words.TO_REPORT),),
    ),
    SettingsSection(
        "time",
        words.TIME_TITLE,
        words.TIME_TEXT,
        ("work_hours", "time_zone", "fiscal_year_month", "calendar"),
        (("/plans", words.TO_PLANS), ("/motivation", words.TO_MOTIVATION)),
    ),
    SettingsSection("data", words.DATA_TITLE, words.DATA_TEXT, ("refresh_minutes", "reconcile_hours")),
)


def groups() -> list[SettingsSection]:
    """All groups; a setting nobody put into one stands in the last."""
    placed = {key for group in GROUPS for key in group.keys}
    rest = tuple(key for key in Preferences.model_fields if key not in placed)
    return [*GROUPS[:-1], replace(GROUPS[-1], keys=(*GROUPS[-1].keys, *rest))]


def form(services: Services, lang: Lang) -> list[Any]:
    """The controls with what is set now, group by group."""
    chosen = services.admin().workspace.values()
    directory = directory_of(services)
    parts: list[Any] = [
        dcc.Store(id=VERSIONS, data={key: services.admin().workspace.version(key) for key in Preferences.model_fields})
    ]
    parts += [_group(group, services, chosen, directory, lang) for group in groups()]
    parts.append(
        html.Div(
            [
                html.Button(
                    words.SAVE.of(lang),
                    id=ids.SETTINGS_SAVE,
                    className="button button-primary",
                    type="button",
                    n_clicks=0,
                ),
                html.Div(id=ids.SETTINGS_STATE, className="save-state", role="status"),
            ],
            className="save-row",
        )
    )
    parts.append(html.Div(id=ids.SETTINGS_EFFECT, **attrs({"aria-live": "polite"})))
    return parts


def _group(
    group: SettingsSection, services: Services, chosen: Preferences, directory: Directory | None, lang: Lang
) -> html.Section:
    shapes = {key: shape(key) for key in group.keys}
    by_pipeline = [key for key in group.keys if shapes[key].form == "by_pipeline"]
    fields = [
        _field(key, _control(key, shapes[key], services, chosen, directory, lang), lang)
        for key in group.keys
        if shapes[key].form not in ("by_pipeline", "by_stage", "fields_by_stage")
    ]
    links = [
        dcc.Link([html.Span(text.of(lang)), icon("arrow-right")], href=path, className="panel-link")
        for path, text in group.links
    ]
    parts: list[Any] = [
        html.Div([html.H2(group.title.of(lang)), *links], className="panel-head"),
        html.P(group.text.of(lang), className="panel-text"),
    ]
    if directory is not None and by_pipeline:
        parts.append(_pipelines(by_pipeline, shapes, directory, chosen, lang))
    parts.append(html.Div(fields, className="form-grid") if fields else None)
    if directory is not None:
        parts += [
            _stages(key, shapes[key], directory, chosen, lang)
            for key in group.keys
            if shapes[key].form in ("by_stage", "fields_by_stage")
        ]
    return html.Section(parts, className="panel", id=f"settings-{group.id}")


def _control(
    key: str, form: SettingShape, services: Services, chosen: Preferences, directory: Directory | None, lang: Lang
) -> Any:
    """The control of one setting, by its shape."""
    value = getattr(chosen, key)
    name = title(key).of(lang)
    match form.form:
        case "choice":
            return _select(
                key, "", [(v, words.VALUES.get((key, v), Text(v, v)).of(lang)) for v in form.choices], str(value), name
            )
        case "number":
            return _number(key, "", form, value, name, lang)
        case "by_kind":
            controls = []
            for kind in form.choices:
                label = words.ACTIVITY_KINDS.get(kind, Text(kind, kind)).of(lang)
                number = _number(
                    key,
                    kind,
                    form,
                    value.get(kind, ""),
                    f"{name}: {label}",
                    lang,
                    placeholder=fmt.show(DEFAULTS.get(key, {}).get(kind), Unit.POINTS, lang, ""),
                )
                controls.append(html.Div([html.Span(label, className="kind-label"), number], className="kind"))
            return html.Div(controls, className="kinds")
        case "hours":
            edges = zip(("from", "to"), value, (words.FROM_HOUR, words.TO_HOUR), strict=True)
            return html.Div(
                [
                    _number(key, edge, form, hour, f"{name}: {label.of(lang)}", lang, suffix=":00")
                    for edge, hour, label in edges
                ],
                className="hours",
            )
        case "days":
            return html.Div(
                [_days(key, item, working, value, label, lang) for item, working, label in DAY_KINDS],
                className="day-kinds",
            )
    options, current = _choices(key, services, directory, lang), value or UNSET
    return _select(key, "", options, current, name, searchable=len(options) > 20)


DEFAULTS: Mapping[str, Mapping[str, float]] = {"activity_weights": ACTIVITY_WEIGHTS}
"""What an empty number of a kind means."""
DAY_KINDS: tuple[tuple[str, bool, Text], ...] = (("off", False, words.DAYS_OFF), ("on", True, words.DAYS_ON))


def _choices(key: str, services: Services, directory: Directory | None, lang: Lang) -> list[tuple[str, str]]:
    """What a text setting can be: fields of the portal, zones of the world."""
    if key == "time_zone":
        zones = [
            (zone, zone.replace("_", " "))
            for zone in sorted(available_timezones())
            if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/", "SystemV/"))
        ]
        return [(UNSET, f"{services.settings.timezone} ({words.DEFAULT.of(lang)})"), *zones]
    fields = (
        []
        if directory is None
        else [(f.field, f.label) for f in directory.fields.values() if f.entity == SALE.id and f.type.kind == "list"]
    )
    return [(UNSET, "—"), *fields]


def _days(key: str, item: str, working: bool, value: Mapping[str, bool], label: Text, lang: Lang) -> html.Div:
    """Days that are working, or off, against the calendar."""
    picker = dmc.DatePickerInput(
        id=ids.setting(key, item),
        type="multiple",
        value=sorted(day for day, on in value.items() if on is working),
        size="sm",
        clearable=True,
        placeholder="—",
        valueFormat="DD.MM.YYYY" if lang == "ru" else "YYYY-MM-DD",
        className="control-form",
        attributes={"input": {"aria-label": label.of(lang)}},
        ariaLabels={"previousMonth": words.PREVIOUS.of(lang), "nextMonth": words.NEXT.of(lang)},
    )
    return html.Div([html.Span(label.of(lang), className="kind-label"), picker], className="kind")


def _pipelines(
    keys: Sequence[str], shapes: Mapping[str, SettingShape], directory: Directory, chosen: Preferences, lang: Lang
) -> html.Div:
    """A row a pipeline, a column a setting."""
    rows = []
    for pipeline in directory.pipelines.values():
        if pipeline.known:
            cells = [html.Td(_of_pipeline(key, shapes[key], pipeline.id, directory, chosen, lang)) for key in keys]
            rows.append(html.Tr([html.Th(directory.pipeline(pipeline.id).of(lang), scope="row"), *cells]))
    heads = [
        html.Th(words.PIPELINE.of(lang), scope="col"),
        *(html.Th(title(key).of(lang), scope="col", title=description(key).of(lang)) for key in keys),
    ]
    return html.Div(
        html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="plain-table"), className="scroll-x"
    )


def _of_pipeline(
    key: str, form: SettingShape, pipeline: int, directory: Directory, chosen: Preferences, lang: Lang
) -> Any:
    item = str(pipeline)
    value = getattr(chosen, key).get(item)
    label = f"{title(key).of(lang)}: {directory.pipeline(pipeline).of(lang)}"
    if form.choices:
        return _select(
            key,
            item,
            [(v, words.VALUES.get((key, v), Text(v, v)).of(lang)) for v in form.choices],
            value or form.choices[0],
            label,
        )
    if form.most is not None:
        return _number(key, item, form, "" if value is None else value, label, lang, placeholder="—")
    stages = [
        s
        for s in directory.stages.values()
        if s.entity == SALE.id and s.pipeline_id == pipeline and s.known and s.semantic != "F"
    ]
    return _select(
        key, item, [(UNSET, words.BY_PORTAL.of(lang)), *((s.stage_id, s.name) for s in stages)], value or UNSET, label
    )


def _owner(entity: str, pipeline: int | None, directory: Directory | None, lang: Lang) -> str:
    """Whose stages these are: the pipeline's, or those of all cards of a kind that has none."""
    if directory is not None and has_pipelines(entity):
        return directory.pipeline(pipeline).of(lang)
    return RECORD_KINDS[entity].many.of(lang).capitalize()


def _fields_of_stage(
    key: str, item: str, entity: str, value: str, label: str, directory: Directory, lang: Lang
) -> dmc.MultiSelect:
    """Which fields of a card: the system's and the portal's own."""
    known = {f.id: f.label.of(lang) for f in system_fields(entity)} | {CLIENT: CLIENT_LABEL.of(lang)}
    known |= {f.field: f.label for f in directory.fields.values() if f.entity == entity}
    chosen = [part.strip() for part in value.split(",") if part.strip()]
    options = {NOTHING: words.REQUIRE_NOTHING.of(lang), **known, **{name: known.get(name, name) for name in chosen}}
    options[NOTHING] = words.REQUIRE_NOTHING.of(lang)
    return dmc.MultiSelect(
        id=ids.setting(key, item),
        data=[{"value": name, "label": text} for name, text in options.items()],
        value=chosen,
        searchable=True,
        clearable=True,
        size="sm",
        maxDropdownHeight=320,
        placeholder=None if chosen else "—",
        className="control-form",
        attributes={"input": {"aria-label": label}},
    )


def _stages(key: str, form: SettingShape, directory: Directory, chosen: Preferences, lang: Lang) -> html.Details:
    """Numbers, or fields, of single stages, folded: most portals live with the common ones."""
    value = getattr(chosen, key)
    lines: dict[str, list[Any]] = {}
    for stage in sorted(
        directory.stages.values(), key=lambda s: (not has_pipelines(s.entity), s.pipeline_id or 0, s.rank)
    ):
        role = directory.pipelines[stage.pipeline_id].role if stage.pipeline_id in directory.pipelines else "sales"
        of_fields = form.form == "fields_by_stage"
        if not stage.known or role != "sales" or (stage.semantic != "P" and not of_fields):
            continue
        group = _owner(stage.entity, stage.pipeline_id, directory, lang)
        item = RECORD_KINDS[stage.entity].stage_key(stage.pipeline_id, stage.stage_id)
        label = f"{title(key).of(lang)}: {group}, {stage.name}"
        control: Any
        if of_fields:
            control = _fields_of_stage(key, item, stage.entity, value.get(item, ""), label, directory, lang)
        else:
            common = getattr(chosen, f"forgotten_{stage.entity}_days")
            control = _number(key, item, form, value.get(item, ""), label, lang, placeholder=str(common))
        lines.setdefault(group, []).append(
            html.Div([html.Span(stage.name, className="kind-label"), control], className="kind")
        )
    body = [
        html.Div([html.H3(group), html.Div(controls, className="kinds")], className="stage-group")
        for group, controls in lines.items()
    ]
    count = f" ({len(value)})" if value else ""
    return html.Details(
        [html.Summary(title(key).of(lang) + count), html.P(description(key).of(lang), className="field-help"), *body],
        className="stage-days",
        open=bool(value),
    )


def _select(
    key: str, item: str, options: Sequence[tuple[str, str]], value: str, label: str, *, searchable: bool = False
) -> dmc.Select:
    known = {v for v, _ in options}
    data = [{"value": v, "label": text} for v, text in options] + (
        [] if value in known else [{"value": value, "label": value}]
    )
    return dmc.Select(
        id=ids.setting(key, item),
        data=data,
        value=value,
        allowDeselect=False,
        searchable=searchable,
        size="sm",
        maxDropdownHeight=320,
        className="control-form",
        attributes={"input": {"aria-label": label}},
        comboboxProps={"width": "target"},
    )


def is_share(form: SettingShape) -> bool:
    """Numbers from 0 to 1 are typed in per cent."""
    return form.most == 1 and not form.whole


def _number(
    key: str,
    item: str,
    form: SettingShape,
    value: Any,
    label: str,
    lang: Lang,
    *,
    placeholder: str = "",
    suffix: str = "",
) -> dmc.NumberInput:
    share = is_share(form)
    scale = 100 if share else 1
    shown_value = value if value == "" else round(float(value) * scale, 4) if not form.whole else value
    most = None if form.most is None else form.most * scale
    return dmc.NumberInput(
        id=ids.setting(key, item),
        value=shown_value,
        min=form.least,
        **({} if most is None else {"max": most}),
        step=5 if key == "refresh_minutes" else 1,
        size="sm",
        allowDecimal=not form.whole,
        decimalSeparator="," if lang == "ru" else ".",
        allowNegative=False,
        suffix=" %" if share else suffix,
        placeholder=placeholder,
        className="control-form",
        attributes={"input": {"aria-label": label}},
    )


def _field(key: str, control: Any, lang: Lang) -> html.Div:
    wide = " field-wide" if shape(key).form in ("by_kind", "days") else ""
    return html.Div(
        [
            html.Div(title(key).of(lang), className="field-label"),
            control,
            html.P(description(key).of(lang), className="field-help"),
        ],
        className=f"field{wide}",
    )


def values_of(found: Sequence[tuple[Mapping[str, str], Any]], stored: Preferences) -> dict[str, Any]:
    """Settings the form means, only those that differ from what is in force. Values are checked by the workspace."""
    now = stored.model_dump(mode="json")
    wanted: dict[str, Any] = {}
    for control, value in found:
        key, item = control["key"], control["item"]
        if key not in now:
            continue
        form = shape(key)
        match form.form:
            case "fields_by_stage":
                of_stages = wanted.setdefault(key, dict(now[key]))
                of_stages.pop(item, None)
                if value:
                    of_stages[item] = written(value)
            case "by_pipeline" | "by_kind" | "by_stage":
                default = form.choices[0] if form.form == "by_pipeline" and form.choices else UNSET
                of_items = wanted.setdefault(key, dict(now[key]))
                if value in (None, "", default):
                    of_items.pop(item, None)
                else:
                    of_items[item] = round(float(value) / 100, 6) if is_share(form) else value
            case "hours":
                hours = wanted.setdefault(key, list(now[key]))
                hours[item == "to"] = value
            case "days":
                days = wanted.setdefault(key, {})
                days.update(dict.fromkeys((str(day)[:10] for day in value or ()), item == "on"))
            case "text":
                wanted[key] = "" if value in (None, UNSET) else value
            case "choice":
                wanted[key] = int(value) if isinstance(now[key], int) and str(value).isdigit() else value
            case _:
                wanted[key] = value
    return {key: value for key, value in wanted.items() if value != now[key]}


def shown(key: str, value: Any, directory: Directory | None, lang: Lang) -> str:
    """A setting's value in words; as it is stored where another version wrote it."""
    try:
        return _in_words(key, value, directory, lang)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return str(value)


def _in_words(key: str, value: Any, directory: Directory | None, lang: Lang) -> str:
    kind, colon, _ = key.partition(":")
    if colon:
        return entry_text(kind, value, directory, lang)
    if value is None or value == "" or value == {}:
        return words.DEFAULT.of(lang)
    if key in Preferences.model_fields and shape(key).form == "hours":
        return f"{value[0]}:00 – {value[1]}:00"
    if isinstance(value, str | int) and (key, str(value)) in words.VALUES:
        return words.VALUES[key, str(value)].of(lang)
    if isinstance(value, dict):
        return "; ".join(_pair(key, item, given, directory, lang) for item, given in sorted(value.items()))
    if key == "loss_reason_field" and directory is not None:
        return next((f.label for f in directory.fields.values() if f.field == value), str(value))
    return str(value)


def _pair(key: str, item: str, given: Any, directory: Directory | None, lang: Lang) -> str:
    form = shape(key)
    match form.form:
        case "by_kind":
            return (
                f"{words.ACTIVITY_KINDS.get(item, Text(item, item)).of(lang)}: {fmt.show(given, Unit.POINTS, lang, '')}"
            )
        case "days":
            return f"{fmt.day(date.fromisoformat(item), lang)}: {(words.WORKING if given else words.DAY_OFF).of(lang)}"
        case "by_stage":
            entity, pipeline, stage = item.split(":", 2)
            number = int(pipeline) if pipeline else None
            name = directory.stage(entity, number, stage).of(lang) if directory is not None else item
            group = _owner(entity, number, directory, lang)
            return f"{group}, {name}: {given}"
    number = int(item) if item.isdigit() else None
    name = directory.pipeline(number).of(lang) if directory is not None else item
    if (key, given) in words.VALUES:
        return f"{name}: {words.VALUES[key, given].of(lang)}"
    if is_share(form):
        return f"{name}: {fmt.ratio(float(given), lang)}"
    return (
        f"{name}: {directory.stage(SALE.id, number, given).of(lang)}" if directory is not None else f"{name}: {given}"
    )


def history(services: Services, lang: Lang) -> Any:
    """Who changed what and when, the newest first, each with its way back."""
    changes = services.admin().workspace.history(most=50)
    if not changes:
        return html.P(words.NO_HISTORY.of(lang), className="panel-text")
    directory = directory_of(services)
    try:
        zone: tzinfo | None = services.session().state().as_of.tzinfo
    except NoData:
        zone = None
    heads = [
        html.Th(text.of(lang), scope="col") for text in (words.WHEN, words.WHO, words.WHAT, words.BEFORE, words.AFTER)
    ]
    heads.append(html.Th(html.Span(words.UNDO.of(lang), className="visually-hidden"), scope="col"))
    return html.Table(
        [html.Thead(html.Tr(heads)), html.Tbody([_change(c, directory, zone, lang) for c in changes])],
        className="plain-table history",
    )


def _change(change: Change, directory: Directory | None, zone: tzinfo | None, lang: Lang) -> html.Tr:
    when = fmt.moment(change.at.astimezone(zone), lang)
    name = name_of(change.what).of(lang)
    what: list[Any] = [name]
    if change.undoes is not None:
        what.append(html.Span(f" ({words.UNDONE.of(lang)})", className="muted"))
    button = html.Button(
        [icon("arrow-counterclockwise"), html.Span(words.UNDO.of(lang))],
        id=ids.undo(change.id),
        className="button button-quiet button-small",
        type="button",
        n_clicks=0,
        **attrs({"aria-label": words.UNDO_OF.of(lang).format(what=name, when=when)}),
    )
    kind = ENTRY_KINDS.get(change.what.partition(":")[0])
    known = kind.undoable if kind is not None else change.what in Preferences.model_fields
    back = button if known else ""
    cells = [
        when,
        change.who,
        what,
        shown(change.what, change.before, directory, lang),
        shown(change.what, change.after, directory, lang),
        back,
    ]
    return html.Tr([html.Td(cell) for cell in cells])


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure before and after a change, as shown."""

    report: str
    label: str
    was: str
    became: str


def effect(rows: Sequence[Headline], lang: Lang) -> html.Section:
    """«Выиграно: было 41, стало 37», by report."""
    changed = [row for row in rows if row.was != row.became]
    body: Any = html.P(words.NO_EFFECT.of(lang), className="panel-text")
    if changed:
        body = []
        for name in dict.fromkeys(row.report for row in changed):
            lines = [
                html.Div(
                    [
                        html.Dt(row.label),
                        html.Dd(
                            [
                                html.Span(row.was, className="was num"),
                                icon("arrow-right"),
                                html.Span(row.became, className="became num"),
                            ]
                        ),
                    ],
                    className="effect-row",
                )
                for row in changed
                if row.report == name
            ]
            body += [html.H3(name), html.Dl(lines, className="effect-list")]
    return html.Section(
        [html.H2(words.EFFECT.of(lang)), *(body if isinstance(body, list) else [body])], className="panel effect"
    )
