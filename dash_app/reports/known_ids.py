"""Ids in settings – pipelines, stages, fields – against those the portal has: a mistyped one is refused, never stored to do nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dash_app.card_fields import CLIENT, CLIENT_LABEL, ids_of, system_fields
from dash_app.engine.directory import Directory
from dash_app.errors import BadInput
from dash_app.record_kinds import RECORD_KINDS, SALE
from dash_app.store.preferences import Preferences, shape, title
from dash_app.text import Text

_MOST = 20
"""So many known ids are named in a sentence."""


def names_ids(key: str) -> bool:
    """Whether values of a setting hold ids of the portal."""
    return key == "loss_reason_field" or (
        key in Preferences.model_fields and shape(key).form in ("by_pipeline", "by_stage", "fields_by_stage")
    )


def refuse_unknown(wanted: Mapping[str, Any], now: Preferences, directory: Directory | None) -> None:
    """BadInput naming every unknown id among ``wanted`` settings and the known ones. Without data nothing can be unknown."""
    found = unknown(wanted, now, directory)
    if found:
        raise BadInput(Text(" ".join(t.ru for t in found), " ".join(t.en for t in found)))


def unknown(wanted: Mapping[str, Any], now: Preferences, directory: Directory | None) -> list[Text]:
    """A sentence for every unknown id. What is stored already may stay: a pipeline may have been deleted since.

    Values are not judged here (``store.preferences.checked``); what is no mapping or text is left to that.
    """
    if directory is None:
        return []
    stored = now.model_dump(mode="json")
    said: list[Text] = []
    for key, value in wanted.items():
        if not names_ids(key):
            continue
        before = stored[key]
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            fresh = {str(item): v for item, v in value.items() if item not in before or before[item] != v}
            said += _of_mapping(key, fresh, directory)
        elif isinstance(value, str) and value and value != before:
            said += _of_field(value, directory)
    return said


def _of_mapping(key: str, fresh: Mapping[str, Any], directory: Directory) -> list[Text]:
    form = shape(key).form
    said: list[Text] = []
    for item, value in fresh.items():
        if form == "by_pipeline":
            pipeline = int(item) if item.isascii() and item.isdigit() else None
            if pipeline is None or pipeline not in directory.pipelines:
                known = [(str(p.id), p.name) for p in directory.pipelines.values() if p.known]
                said.append(_no(key, Text("воронки", "pipeline"), item, known))
            elif key == "success_stages":
                said += _of_success(key, pipeline, str(value), directory)
        elif form in ("by_stage", "fields_by_stage"):
            stages = {
                RECORD_KINDS[s.entity].stage_key(s.pipeline_id, s.stage_id): s.name for s in directory.stages.values()
            }
            if item not in stages:
                of_it = item.rpartition(":")[0]
                near = [(k, n) for k, n in stages.items() if k.startswith(f"{of_it.partition(':')[0]}:")]
                said.append(_no(key, Text("стадии", "stage"), item, near or list(stages.items())))
            if form == "fields_by_stage" and isinstance(value, str):
                said += _of_required(key, item.partition(":")[0], value, directory)
    return said


def _of_success(key: str, pipeline: int, stage: str, directory: Directory) -> list[Text]:
    known = [
        (s.stage_id, s.name)
        for s in directory.stages.values()
        if s.entity == SALE.id and s.pipeline_id == pipeline and s.known and s.semantic != "F"
    ]
    if not stage or stage in {k for k, _ in known}:
        return []
    name = directory.pipelines[pipeline].name
    what = Text(f"в воронке «{name}» стадии успеха", f"success stage of the pipeline “{name}”")
    return [_no(key, what, stage, known)]


def _of_required(key: str, entity: str, text: str, directory: Directory) -> list[Text]:
    known = {f.id: f.label.ru for f in system_fields(entity)} | {CLIENT: CLIENT_LABEL.ru}
    known |= {f.field: f.label for f in directory.fields.values() if f.entity == entity}
    return [_no(key, Text("поля", "field"), name, known.items()) for name in ids_of(text) if name not in known]


def _of_field(field: str, directory: Directory) -> list[Text]:
    known = [(f.field, f.label) for f in directory.fields.values() if f.entity == SALE.id and f.type.kind == "list"]
    if field in {k for k, _ in known}:
        return []
    return [_no("loss_reason_field", Text("списка сделок", "list field of deals"), field, known)]


def _no(key: str, what: Text, item: str, known: Iterable[tuple[str, str]]) -> Text:
    listed = list(known)
    named = ", ".join(f"{k} – {name}" for k, name in listed[:_MOST])
    more = len(listed) - _MOST
    ru, en = (f"{named} и ещё {more}", f"{named} and {more} more") if more > 0 else (named, named)
    setting = title(key)
    if not listed:
        ru, en = "ни одной такой записи", "none at all"
    return Text(
        f"«{setting.ru}»: {what.ru} «{item[:40]}» на портале нет. Есть: {ru}.",
        f"“{setting.en}”: the portal has no {what.en} “{item[:40]}”. There are: {en}.",
    )
