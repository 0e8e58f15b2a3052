"""The settings page: topics at the side, every setting as a control of its declared shape, who changed what, all of it as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.card_fields import CLIENT, CLIENT_LABEL, NOTHING, system_fields, written
from dash_app.engine.directory import Directory
from dash_app.engine.language import Unit
from dash_app.motivation import words as motivation_words
from dash_app.record_kinds import RECORD_KINDS, SALE, has_pipelines
from dash_app.reports.effects import FigureThen, Moved
from dash_app.services import Services
from dash_app.store.preferences import ACTIVITY_WEIGHTS, Preferences, SettingShape, description, shape, title
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views.scene import attrs
from dash_app.web import ids, settings_history, settings_topics, words
from dash_app.web.frame import icon
from dash_app.web.monthly import monthly_pages
from dash_app.web.setting_words import directory_of, is_share, owner_of
from dash_app.web.settings_topics import Topic, topics
from dash_app.web.state import search_of

MOST_FOUND = 12
UNSET = "-"
"""How a select spells "nothing chosen": mantine takes no empty value."""
VERSIONS = "settings-versions"


def page(services: Services, topic: Topic, lang: Lang, wanted: str = "") -> html.Div:
    """The page below its title: topics at the side, one of them in full. ``wanted``: the setting that was looked for."""
    body: list[Any] = []
    match topic.id:
        case settings_topics.HISTORY:
            body = [html.Div(form(services, topic, lang), id=ids.SETTINGS_FORM), _history(services, lang)]
        case settings_topics.FILE:
            body = [html.Div(form(services, topic, lang), id=ids.SETTINGS_FORM), _file(lang)]
        case settings_topics.TYPED:
            body = [
                _typed(lang),
                html.Div(form(services, topic, lang), id=ids.SETTINGS_FORM),
                _of_topic(services, topic, lang),
            ]
        case _:
            body = [
                html.Div(form(services, topic, lang, wanted), id=ids.SETTINGS_FORM),
                _of_topic(services, topic, lang),
            ]
    return html.Div([_side(topic, lang), html.Div(body, className="settings-body")], className="settings")


def _side(here: Topic, lang: Lang) -> html.Div:
    """Topics, each its own address, and the box that finds a setting in any of them."""
    links = [
        html.Div(
            dcc.Link(
                [icon(topic.icon), html.Span(topic.title.of(lang))],
                href=topic.path,
                className="topic" + (" is-here" if topic.id == here.id else ""),
            ),
            **attrs({"aria-current": "page"} if topic.id == here.id else {}),
        )
        for topic in topics()
    ]
    find = dmc.TextInput(
        id=ids.SETTINGS_FIND,
        value="",
        placeholder=words.FIND_SETTING.of(lang),
        size="sm",
        debounce=200,
        leftSection=icon("search"),
        className="control-form",
        attributes={"input": {"aria-label": words.FIND_SETTING.of(lang), "maxLength": 200}},
    )
    return html.Div(
        [
            find,
            html.Div(id=ids.SETTINGS_FOUND, role="status"),
            html.Nav(links, className="topics", **attrs({"aria-label": words.TOPICS.of(lang)})),
        ],
        className="settings-side",
    )


def found_list(asked: str, lang: Lang) -> Any:
    """Settings that were looked for, each with the way to it."""
    if not asked.strip():
        return None
    hits = settings_topics.found(asked)
    if not hits:
        return html.P(words.NO_SETTING.of(lang).format(asked=asked.strip()[:40]), className="field-help")
    lines = [
        html.Li(
            dcc.Link(
                [
                    html.Span(hit.title.of(lang)),
                    html.Span(hit.topic.title.of(lang) if hit.key else words.TOPIC.of(lang), className="found-topic"),
                ],
                href=hit.topic.path + search_of({"find": [hit.key]} if hit.key else {}),
                className="found-setting",
            )
        )
        for hit in hits[:MOST_FOUND]
    ]
    return html.Ul(lines, className="found-list")


def _panel(title: Text, text: Text | None, parts: Sequence[Any], lang: Lang) -> html.Section:
    about = html.P(text.of(lang), className="panel-text") if text else None
    return html.Section([html.H2(title.of(lang)), about, *parts], className="panel")


def _typed(lang: Lang) -> html.Div:
    """Pages where people type by months: they are no settings, and looked for here."""
    places = (
        *((page.title, page.about, page.icon, page.open, f"/{page.slug}") for page in monthly_pages()),
        (motivation_words.TITLE, motivation_words.QUESTION, "award", motivation_words.OPEN, "/motivation"),
    )
    return html.Div(
        [
            _panel(
                name, text, [dcc.Link([icon(picture), html.Span(way.of(lang))], href=path, className="button")], lang
            )
            for name, text, picture, way, path in places
        ],
        className="settings-form",
    )


def _of_topic(services: Services, topic: Topic, lang: Lang) -> html.Section:
    return settings_history.of_topic(services, topic, lang)


def _history(services: Services, lang: Lang) -> html.Section:
    lines = html.Div(
        settings_history.history(services, lang), id=ids.SETTINGS_HISTORY, **attrs({"aria-live": "polite"})
    )
    return _panel(words.HISTORY, words.HISTORY_TEXT, [settings_history.filters(services, lang), lines], lang)


def _file(lang: Lang) -> html.Section:
    buttons = html.Div(
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
                        [icon("upload"), html.Span(words.IMPORT_SETTINGS.of(lang))], className="button", type="button"
                    ),
                    id=ids.SETTINGS_IMPORT,
                    accept="application/json",
                    max_size=20_000_000,
                ),
                **attrs({"data-upload-label": words.IMPORT_SETTINGS.of(lang)}),
            ),
        ],
        className="button-row",
    )
    return _panel(words.FILE_TITLE, words.FILE_TEXT, [buttons], lang)


def form(
    services: Services, topic: Topic, lang: Lang, wanted: str = "", *, state: Any = None, shown: Any = None
) -> list[Any]:
    """The controls of a topic with what is set now; ``state`` and ``shown``: what became of a change and what it did. ``wanted``: the setting that was
    looked for."""
    workspace = services.admin().workspace
    parts: list[Any] = [dcc.Store(id=VERSIONS, data={key: workspace.version(key) for key in Preferences.model_fields})]
    save: Any = None
    if topic.keys:
        last = settings_history.last_lines(services, topic.keys, lang)
        parts.append(_group(topic, services, workspace.values(), directory_of(services), last, wanted, lang))
        save = html.Button(
            words.SAVE.of(lang), id=ids.SETTINGS_SAVE, className="button button-primary", type="button", n_clicks=0
        )
    said = html.Div(state, id=ids.SETTINGS_STATE, className="save-state", role="status")
    parts.append(html.Div([save, said], className="save-row"))
    parts.append(html.Div(shown, id=ids.SETTINGS_EFFECT, **attrs({"aria-live": "polite"})))
    return parts


def _group(
    group: Topic,
    services: Services,
    chosen: Preferences,
    directory: Directory | None,
    last: Mapping[str, html.P],
    wanted: str,
    lang: Lang,
) -> html.Section:
    shapes = {key: shape(key) for key in group.keys}
    by_pipeline = [key for key in group.keys if shapes[key].form == "by_pipeline"]
    fields = [
        _field(key, _control(key, shapes[key], services, chosen, directory, lang), last.get(key), wanted, lang)
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
        parts.append(_pipelines(by_pipeline, shapes, directory, chosen, wanted, lang))
        parts += [_named_last(key, last.get(key), lang) for key in by_pipeline]
    parts.append(html.Div(fields, className="form-grid") if fields else None)
    if directory is not None:
        for key in group.keys:
            if shapes[key].form in ("by_stage", "fields_by_stage"):
                parts.append(_stages(key, shapes[key], directory, chosen, wanted, lang))
                parts.append(_named_last(key, last.get(key), lang))
    return html.Section(parts, className="panel", id=f"settings-{group.id}")


def _named_last(key: str, line: html.P | None, lang: Lang) -> html.Div:
    """When a setting of a table was changed last: its name goes before."""
    return html.Div(
        [html.Span(title(key).of(lang), className="last-of"), html.Div(line, id=ids.setting_last(key))],
        className="last-of-table",
    )


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
    keys: Sequence[str],
    shapes: Mapping[str, SettingShape],
    directory: Directory,
    chosen: Preferences,
    wanted: str,
    lang: Lang,
) -> html.Div:
    """A row a pipeline, a column a setting."""
    rows = []
    for pipeline in directory.pipelines.values():
        if pipeline.known:
            cells = [html.Td(_of_pipeline(key, shapes[key], pipeline.id, directory, chosen, lang)) for key in keys]
            rows.append(html.Tr([html.Th(directory.pipeline(pipeline.id).of(lang), scope="row"), *cells]))
    heads = [
        html.Th(words.PIPELINE.of(lang), scope="col"),
        *(
            html.Th(
                title(key).of(lang),
                scope="col",
                title=description(key).of(lang),
                className="is-wanted" if key == wanted else "",
            )
            for key in keys
        ),
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


def _stages(
    key: str, form: SettingShape, directory: Directory, chosen: Preferences, wanted: str, lang: Lang
) -> html.Details:
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
        group = owner_of(stage.entity, stage.pipeline_id, directory, lang)
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
        className="stage-days" + (" is-wanted" if key == wanted else ""),
        open=bool(value) or key == wanted,
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


def _field(key: str, control: Any, last: html.P | None, wanted: str, lang: Lang) -> html.Div:
    wide = " field-wide" if shape(key).form in ("by_kind", "days") else ""
    return html.Div(
        [
            html.Div(title(key).of(lang), className="field-label"),
            control,
            html.P(description(key).of(lang), className="field-help"),
            html.Div(last, id=ids.setting_last(key)),
        ],
        className=f"field{wide}{' is-wanted' if key == wanted else ''}",
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


def effect(moved: Sequence[Moved], lang: Lang) -> html.Section:
    """«Выиграно: было 41, стало 37», by report."""
    changed = [m for m in moved if not m.is_same]
    body: list[Any] = [] if changed else [html.P(words.NO_EFFECT.of(lang), className="panel-text")]
    for name in dict.fromkeys(m.became.report.of(lang) for m in changed):
        lines = [
            html.Div(
                [
                    html.Dt(_named(m, lang)),
                    html.Dd(
                        [
                            html.Span(_shown(m.was, lang), className="was num"),
                            icon("arrow-right"),
                            html.Span(_shown(m.became, lang), className="became num"),
                        ]
                    ),
                ],
                className="effect-row",
            )
            for m in changed
            if m.became.report.of(lang) == name
        ]
        body += [html.H3(name), html.Dl(lines, className="effect-list")]
    return html.Section([html.H2(words.EFFECT.of(lang)), *body], className="panel effect")


def _named(moved: Moved, lang: Lang) -> str:
    was, became = moved.was.label.of(lang), moved.became.label.of(lang)
    return became if was == became else f"{was} → {became}"


def _shown(figure: FigureThen, lang: Lang) -> str:
    return fmt.with_unit(figure.value, figure.unit, lang, figure.currency)
