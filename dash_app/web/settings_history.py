"""The history of what people set and typed: who did what when, in sentences, what it did to the figures, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.engine.directory import Directory
from dash_app.errors import NoData
from dash_app.exports.references import name_of as name_of_row
from dash_app.record_kinds import RECORD_KINDS
from dash_app.reports.effects import Effect, Effects, Moved
from dash_app.services import Services
from dash_app.store.edits import Change, name_of
from dash_app.store.grids import known_grids
from dash_app.store.grids.base import GridNumber, MonthlyGrid
from dash_app.store.kinds import ENTRY_KINDS
from dash_app.store.preferences import Preferences, shape, title
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views.scene import attrs
from dash_app.web import ids, setting_words, words
from dash_app.web.entry_words import entry_text
from dash_app.web.frame import icon
from dash_app.web.settings_topics import HISTORY, Topic, topics

ALL = "-"
MOST = 50
MOST_OF_TOPIC = 5
TAKEN_AWAY = Text("убрано", "taken away")
IT_WAS = Text("было {was}", "was {was}")
MOVED = Text("{label} – было {was}, стало {became}", "{label}: was {was}, now {became}")
OTHER = Text(
    "{dates}: было {was_label} {was}, стало {label} {became}", "{dates}: was {was_label} {was}, now {label} {became}"
)
STAYED = Text("{label} – {became}, не изменилось", "{label}: {became}, unchanged")
TOGETHER = Text("вместе с изменением: {others}", "together with: {others}")
LAST = Text("Менялось {when}, {who}.", "Changed {when}, {who}.")
ANY_TOPIC = Text("Обо всём", "About everything")
ANYBODY = Text("Все люди", "Everybody")
TOPIC = Text("О чём", "About what")
PERSON = Text("Кто менял", "Who changed it")
NOTHING_FOUND = Text(
    "Таких изменений нет. Выберите другую тему или другого человека.",
    "There are no such changes. Choose another topic or person.",
)
WHOLE = Text("Вся история", "The whole history")
UNTIL = Text("до {day}, {reason}", "until {day}, {reason}")


def effects_of(services: Services) -> Effects:
    """What changes did, as the workspace keeps it."""
    workspace = services.admin().workspace
    return Effects(workspace.effects, workspace.keep_effects)


def zone_of(services: Services) -> tzinfo | None:
    """The portal's zone; None before the first load."""
    try:
        return services.session().state().as_of.tzinfo
    except NoData:
        return None


def filters(services: Services, lang: Lang) -> html.Div:
    """What the whole history is narrowed by: topic and person."""
    of_topics = [topic for topic in topics() if topic.keys or topic.kinds]
    people = services.admin().workspace.people()
    about = [(ALL, ANY_TOPIC.of(lang)), *((topic.id, topic.title.of(lang)) for topic in of_topics)]
    by = [(ALL, ANYBODY.of(lang)), *((who, who) for who in people)]
    return html.Div(
        [
            dmc.Select(
                id=name,
                data=[{"value": value, "label": label} for value, label in options],
                value=ALL,
                allowDeselect=False,
                searchable=len(options) > 10,
                size="sm",
                className="control-form",
                attributes={"input": {"aria-label": label_.of(lang)}},
            )
            for name, options, label_ in ((ids.HISTORY_TOPIC, about, TOPIC), (ids.HISTORY_WHO, by, PERSON))
        ],
        className="history-filters",
    )


def history(
    services: Services, lang: Lang, topic: Topic | None = None, who: str | None = None, most: int = MOST
) -> Any:
    """Changes, the newest first, each with its way back: of everything, or of a topic, or by one person."""
    workspace = services.admin().workspace
    if topic is None:
        changes = workspace.history(most=most, who=who)
    else:
        changes = workspace.history(most=most, kinds=topic.kinds, keys=topic.keys, who=who)
    if not changes:
        said = NOTHING_FOUND if topic is not None or who is not None else words.NO_HISTORY
        return html.P(said.of(lang), className="panel-text")
    directory, zone = setting_words.directory_of(services), zone_of(services)
    effects = effects_of(services).of(changes)
    return html.Ol([_change(c, effects.get(c.id), directory, zone, lang) for c in changes], className="changes")


def of_topic(services: Services, topic: Topic, lang: Lang) -> html.Section:
    """The last changes of a topic, on its page."""
    link = dcc.Link(
        [html.Span(WHOLE.of(lang)), icon("arrow-right")], href=f"/settings/{HISTORY}", className="panel-link"
    )
    return html.Section(
        [
            html.Div([html.H2(words.HISTORY.of(lang)), link], className="panel-head"),
            html.Div(topic_lines(services, topic, lang), id=ids.SETTINGS_HISTORY),
        ],
        className="panel",
    )


def topic_lines(services: Services, topic: Topic, lang: Lang) -> Any:
    """What stands in the panel of a page: the last changes of its topic, or all of the history."""
    if topic.id == HISTORY:
        return history(services, lang)
    found = history(services, lang, topic, most=MOST_OF_TOPIC)
    return found if isinstance(found, html.Ol) else html.P(words.NO_HISTORY.of(lang), className="panel-text")


def last_lines(services: Services, keys: Sequence[str], lang: Lang) -> Mapping[str, html.P]:
    """Setting -> when it was changed last, and what that did to the figures."""
    last = services.admin().workspace.last_changes(keys)
    effects, zone = effects_of(services).of(last.values()), zone_of(services)
    found: dict[str, html.P] = {}
    for key, change in last.items():
        when = fmt.moment(change.at.astimezone(zone), lang)
        said: list[Any] = [html.Span(LAST.of(lang).format(when=when, who=change.who))]
        effect = effects.get(change.id)
        if effect is not None:
            said += [" ", html.Span(effect_text(effect, lang) + ".", className="effect-line")]
        found[key] = html.P([icon("clock-history"), html.Span(said)], className="last-change")
    return found


def effect_text(effect: Effect, lang: Lang) -> str:
    """«Конверсия за ноябрь 2026 – было 12,6 %, стало 11,9 %; вместе с изменением: Маржа»."""
    said = "; ".join(_moved(moved, lang) for moved in effect.moved)
    if effect.together:
        said += " (" + TOGETHER.of(lang).format(others=", ".join(title(key).of(lang) for key in effect.together)) + ")"
    return said


def _moved(moved: Moved, lang: Lang) -> str:
    was, became = (fmt.with_unit(f.value, f.unit, lang, f.currency, short=True) for f in (moved.was, moved.became))
    if moved.was.label != moved.became.label:
        labels = {"was_label": moved.was.label.of(lang), "label": moved.became.label.of(lang)}
        return OTHER.of(lang).format(dates=moved.became.dates.of(lang), was=was, became=became, **labels)
    label = f"{moved.became.label.of(lang)}, {moved.became.dates.of(lang)}"
    return (STAYED if moved.is_same else MOVED).of(lang).format(label=label, was=was, became=became)


def _change(
    change: Change, effect: Effect | None, directory: Directory | None, zone: tzinfo | None, lang: Lang
) -> html.Li:
    when = fmt.moment(change.at.astimezone(zone), lang)
    said: list[Any] = [html.Span(sentence(change, directory, lang), className="history-what")]
    if change.undoes is not None:
        said.append(html.Span(f" ({words.UNDONE.of(lang)})", className="muted"))
    if effect is not None:
        said.append(html.P(effect_text(effect, lang) + ".", className="effect-line"))
    kind = ENTRY_KINDS.get(change.what.partition(":")[0])
    known = kind.undoable if kind is not None else change.what in Preferences.model_fields
    back = html.Button(
        [icon("arrow-counterclockwise"), html.Span(words.UNDO.of(lang))],
        id=ids.undo(change.id),
        className="button button-quiet button-small",
        type="button",
        n_clicks=0,
        **attrs({"aria-label": words.UNDO_OF.of(lang).format(what=name_of(change.what).of(lang), when=when)}),
    )
    return html.Li(
        [
            html.Div([html.Span(when, className="num"), html.Span(change.who)], className="history-when"),
            html.Div(said, className="history-said"),
            back if known else None,
        ]
    )


# -- sentences ------------------------------------------------------------------------------------------------------------


def sentence(change: Change, directory: Directory | None, lang: Lang) -> str:
    """«Расход: Телеграм, март 2026 – 24 000 (было 20 000)»; what this version does not understand as it is stored."""
    kind, colon, _ = change.what.partition(":")
    try:
        if colon and kind in known_grids():
            return _of_grid(known_grids()[kind], change, directory, lang)
        if kind == "snooze":
            return _of_snooze(change, lang)
        if colon and kind in ENTRY_KINDS:
            return _of_entry(kind, change, directory, lang)
        return _of_setting(change, directory, lang)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return f"{name_of(change.what).of(lang)}: {str(change.after)[:200]} ({IT_WAS.of(lang).format(was=str(change.before)[:200])})"


def _with_before(said: str, was: str | None, lang: Lang) -> str:
    return said if was is None else f"{said} ({IT_WAS.of(lang).format(was=was)})"


def _of_setting(change: Change, directory: Directory | None, lang: Lang) -> str:
    key = change.what
    name, before, after = title(key).of(lang), change.before, change.after
    if key in Preferences.model_fields and isinstance(after, dict) and isinstance(before, dict | None):
        had = before or {}
        items = [item for item in sorted({*had, *after}) if had.get(item) != after.get(item)]
        parts = [_item(key, item, had, after, directory, lang) for item in items]
        return f"{name}: {'; '.join(parts)}" if parts else name
    was = None if before is None else setting_words.shown(key, before, directory, lang)
    return _with_before(f"{name}: {setting_words.shown(key, after, directory, lang)}", was, lang)


def _item(
    key: str, item: str, had: Mapping[str, Any], has: Mapping[str, Any], directory: Directory | None, lang: Lang
) -> str:
    """«Опт – Другое (было Продажи)»: one item of a setting that is a value a pipeline, a kind, a stage, a day."""
    words_of = [
        setting_words.pair(key, item, values[item], directory, lang).partition(": ") if item in values else None
        for values in (had, has)
    ]
    was, now = words_of
    label = (now or was or (item, "", ""))[0]
    shown = (
        now[2] if now else words.WORKING_AS_CALENDAR.of(lang) if shape(key).form == "days" else words.DEFAULT.of(lang)
    )
    return _with_before(f"{label} – {shown}", was[2] if was else None, lang)


def _of_grid(grid: MonthlyGrid, change: Change, directory: Directory | None, lang: Lang) -> str:
    value = change.after or change.before
    names = [
        name_of_row(row, str(value[row.field] or ""), directory, lang) or str(value[row.field]) for row in grid.rows
    ]
    first = date.fromisoformat(f"{value['month']}-01")
    month = fmt.bucket_long(first, first, "month", lang)

    def amounts(given: Mapping[str, Any]) -> str:
        said = []
        for measure in grid.measures:
            number = given.get(measure.field)
            if number is not None:
                shown = fmt.number(
                    float(number), lang, 0 if float(number).is_integer() or measure.number is GridNumber.COUNT else 2
                )
                said.append(shown if measure is grid.measures[0] else f"{measure.title.of(lang).lower()} {shown}")
        return ", ".join(said)

    now = TAKEN_AWAY.of(lang) if change.after is None else amounts(change.after)
    was = None if change.before is None else amounts(change.before)
    return _with_before(f"{grid.title.of(lang)}: {', '.join([*names, month])} – {now}", was, lang)


def _of_snooze(change: Change, lang: Lang) -> str:
    value = change.after or change.before
    card = f"{ENTRY_KINDS['snooze'].title.of(lang)}: {RECORD_KINDS[value['entity']].word.of(lang)} №{value['id']}"
    if change.after is None:
        return f"{card} – {TAKEN_AWAY.of(lang)}"
    day = fmt.day(date.fromisoformat(value["until"]), lang)
    return f"{card} – {UNTIL.of(lang).format(day=day, reason=value['reason'])}"


def _of_entry(kind: str, change: Change, directory: Directory | None, lang: Lang) -> str:
    name = ENTRY_KINDS[kind].title.of(lang)
    was = None if change.before is None else entry_text(kind, change.before, directory, lang)
    now = TAKEN_AWAY.of(lang) if change.after is None else entry_text(kind, change.after, directory, lang)
    return _with_before(f"{name}: {now}", was, lang)
