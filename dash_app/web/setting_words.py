"""Settings in words: a value as a person reads it, in histories and beside its control."""

from __future__ import annotations

from datetime import date
from typing import Any

from dash_app.card_fields import CLIENT, CLIENT_LABEL, ids_of, system_fields
from dash_app.engine.directory import Directory
from dash_app.engine.language import Unit
from dash_app.errors import NoData
from dash_app.record_kinds import RECORD_KINDS, SALE, has_pipelines
from dash_app.services import Services
from dash_app.store.preferences import Preferences, SettingShape, shape
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.web import entrance_words, words
from dash_app.web.entry_words import entry_text


def directory_of(services: Services) -> Directory | None:
    """Names of the portal; None before the first load."""
    try:
        return services.session().directory()
    except NoData:
        return None


def owner_of(entity: str, pipeline: int | None, directory: Directory | None, lang: Lang) -> str:
    """Whose stages these are: the pipeline's, or those of all cards of a kind that has none."""
    if directory is not None and has_pipelines(entity):
        return directory.pipeline(pipeline).of(lang)
    return RECORD_KINDS[entity].many.of(lang).capitalize()


def is_share(form: SettingShape) -> bool:
    """Numbers from 0 to 1 are typed in per cent."""
    return form.most == 1 and not form.whole


def shown(key: str, value: Any, directory: Directory | None, lang: Lang) -> str:
    """A setting's value in words; as it is stored where another version wrote it."""
    try:
        return _in_words(key, value, directory, lang)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return str(value)


def _in_words(key: str, value: Any, directory: Directory | None, lang: Lang) -> str:
    kind, colon, _ = key.partition(":")
    if kind == "account":
        return entrance_words.of_account(value).of(lang)
    if colon:
        return entry_text(kind, value, directory, lang)
    if value is None or value == "" or value == {}:
        return words.DEFAULT.of(lang)
    if key in Preferences.model_fields and shape(key).form == "hours":
        return f"{value[0]}:00 – {value[1]}:00"
    if isinstance(value, str | int) and (key, str(value)) in words.VALUES:
        return words.VALUES[key, str(value)].of(lang)
    if isinstance(value, dict):
        return "; ".join(pair(key, item, given, directory, lang) for item, given in sorted(value.items()))
    if key == "loss_reason_field" and directory is not None:
        return next((f.label for f in directory.fields.values() if f.field == value), str(value))
    return str(value)


def _field(entity: str, field: str, directory: Directory | None, lang: Lang) -> str:
    """What a field of a card is called."""
    known = {f.id: f.label.of(lang) for f in system_fields(entity)} | {CLIENT: CLIENT_LABEL.of(lang)}
    own = directory.fields.get((entity, field)) if directory is not None else None
    return own.label if own is not None else known.get(field, field)


def pair(key: str, item: str, given: Any, directory: Directory | None, lang: Lang) -> str:
    """«Опт: Другое»: an item of a setting and its value."""
    form = shape(key)
    match form.form:
        case "by_kind":
            return (
                f"{words.ACTIVITY_KINDS.get(item, Text(item, item)).of(lang)}: {fmt.show(given, Unit.POINTS, lang, '')}"
            )
        case "days":
            return f"{fmt.day(date.fromisoformat(item), lang)}: {(words.WORKING if given else words.DAY_OFF).of(lang)}"
        case "by_stage" | "fields_by_stage":
            entity, pipeline, stage = item.split(":", 2)
            number = int(pipeline) if pipeline else None
            name = directory.stage(entity, number, stage).of(lang) if directory is not None else item
            group = owner_of(entity, number, directory, lang)
            if form.form == "fields_by_stage":
                given = ", ".join(
                    _field(entity, field, directory, lang) for field in ids_of(given)
                ) or words.REQUIRE_NOTHING.of(lang)
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
