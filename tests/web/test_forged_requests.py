"""Requests nobody's browser sends get a sentence, whatever they are made of: ``benchmarks.chaos`` sends ten thousand, this its first few hundred."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient

from benchmarks.chaos.forged import Forged, Forger
from benchmarks.chaos.requests import Answered, Judge
from dash_app.web import ids
from dash_app.web.index import ReportsApp
from dash_app.web.payloads import CallbackShape, Malformed, Passed, Slot, too_deep, type_of
from tests.web.conftest import Call

COUNT = 300
SLUGS = ["", "settings", "plans", "expenses", "motivation", "nothing", "sales-dynamics", "sales-plan", "forgotten"]


def ask(client: FlaskClient, sent: Forged) -> Answered:
    """In this process."""
    began = time.monotonic()
    headers = {k: v.encode("latin-1", "replace").decode("latin-1") for k, v in sent.headers.items()}
    path = "".join(c if 32 < ord(c) < 127 else "%3F" for c in sent.path)
    answer = client.open(path, method=sent.method, headers=headers, data=sent.body)
    return Answered(answer.status_code, answer.get_data().decode("utf-8", "replace"), time.monotonic() - began)


def test_forged_requests_get_a_sentence(client: FlaskClient) -> None:
    judge = Judge(limit=20)  # seconds, of a machine that does other things; the benchmark asks for two
    forger = Forger(7, client.get("/_dash-dependencies").get_json(), SLUGS)
    for _, sent in zip(range(COUNT), forger.requests(), strict=False):
        judge.see(sent, ask(client, sent))
    assert judge.wrong == []
    assert judge.statuses["body 400"] > COUNT / 10


def test_whatever_a_page_sends_has_a_type(app: ReportsApp) -> None:
    for name, spec in app.callback_map.items():
        if "callback" in spec:
            shape = CallbackShape.of(name, spec)
            for slot in (*shape.inputs, *shape.state):
                if slot.prop != "id":
                    type_of(slot.name, slot.prop)  # KeyError: say in web/payloads.py what it can hold


def components(document: object, names: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Properties of the components of these types, wherever they stand."""
    if isinstance(document, dict):
        if document.get("type") in names and isinstance(document.get("props"), dict):
            yield document["props"]
        for inner in document.values():
            yield from components(inner, names)
    elif isinstance(document, list):
        for inner in document:
            yield from components(inner, names)


def test_what_holds_several_values_takes_no_single_one(call: Call, client: FlaskClient) -> None:
    pages = [call("page.children", {"url.pathname": f"/{slug}"}) for slug in SLUGS]
    several = [
        props
        for document in (client.get("/_dash-layout").get_json(), *pages)
        for props in components(document, frozenset({"MultiSelect", "DatePickerInput"}))
        if isinstance(props.get("value"), list) and props.get("type") != "multiple"
    ]
    names = {Slot(p["id"], "value").name for p in several if isinstance(p["id"], str)} | {"filter"}
    assert {"motivation-managers", "plan-add-managers", "filter-dates"} <= names
    for name in names:
        msgspec.convert(["7", None], type_of(name, "value"))
        for single in (5, "7", True, {}, [{}], [["7"]]):
            with pytest.raises(msgspec.ValidationError):
                msgspec.convert(single, type_of(name, "value"))


SPEC = {
    "inputs": [
        {"id": '{"n":["ALL"],"type":"x"}', "property": "n_clicks"},
        {"id": "a", "property": "value", "allow_optional": True},
    ],
    "state": [{"id": '{"n":["ALL"],"type":"x"}', "property": "id"}],
}


def body(**changed: object) -> dict[str, object]:
    """What the renderer sends for two components x."""
    ids = [{"n": n, "type": "x"} for n in ("p", "q")]
    return {
        "output": "..o.children..",
        "outputs": [{"id": "o", "property": "children"}],
        "inputs": [
            [{"id": i, "property": "n_clicks", "value": 1} for i in ids],
            {"id": "a", "property": "value", "value": "v"},
        ],
        "state": [[{"id": i, "property": "id", "value": i} for i in ids]],
        "changedPropIds": ['{"n":"p","type":"x"}.n_clicks'],
        **changed,
    }


def test_what_the_renderer_sends_passes() -> None:
    shape = CallbackShape.of("..o.children..", SPEC)
    shape.check(body())
    shape.check(body(changedPropIds=[], inputs=[body()["inputs"][0], {"id": "a", "property": "value", "value": None}]))  # type: ignore[index]
    shape.check(body(inputs=[[], {"id": "a", "property": "value"}], state=[[]], changedPropIds=["a.value"]))


@pytest.mark.parametrize(
    "changed",
    [
        {"outputs": []},
        {"outputs": {"id": "o", "property": "children"}},
        {"outputs": [{"id": "other", "property": "children"}]},
        {"inputs": None},
        {"state": [[]]},  # other components than the inputs name
        {"state": [[{"id": {"n": "p", "type": "x"}, "property": "id", "value": "y"}]], "inputs": [[], {}]},
        {"changedPropIds": ["b.value"]},
        {"changedPropIds": ["{.n_clicks"]},
        {"changedPropIds": "a.value"},
        {"changedPropIds": [1]},
        {
            "inputs": [
                [{"id": {"n": "p", "type": "x"}, "property": "n_clicks", "value": "1"}],
                {"id": "a", "property": "value"},
            ],
            "state": [[]],
        },
    ],
)
def test_what_it_does_not_send_is_malformed(changed: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        CallbackShape.of("..o.children..", SPEC).check(body(**changed))


def test_a_request_of_a_page_that_changes_meanwhile_changes_nothing(call: Call) -> None:
    # the controls of a report's options left the page after the renderer had read their values
    pattern, grain = '{"name":["ALL"],"type":"option"}', ids.option("grain")
    values = {f"{pattern}.value": [{"id": grain, "property": "value", "value": "week"}], f"{pattern}.id": []}
    assert call(f"{ids.URL}.search", {f"{ids.URL}.pathname": "/", **values}, f"{ids.URL}.pathname") is None
    gone = {
        f"{pattern}.value": [{"id": grain, "property": "value"}],
        f"{pattern}.id": [{"id": grain, "property": "id"}],
    }
    assert call(f"{ids.URL}.search", {f"{ids.URL}.pathname": "/", **gone}, f"{ids.URL}.pathname") is None
    with pytest.raises(Passed):
        CallbackShape.of("..o.children..", SPEC).check(body(state=[[]]))


def test_depth_is_counted_outside_of_texts() -> None:
    assert too_deep(b"[" * 50) and too_deep(b'{"a":' * 50)
    assert not too_deep(b'"' + b"[" * 500 + b'"') and not too_deep(b'["\\"' + b"[]" * 500)
    assert not too_deep(b"[" + b"[]," * 500 + b"[]]") and too_deep(b'""", ' + b"[" * 41)


def test_a_name_stands_for_itself_alone() -> None:
    assert Slot("a", "value").fits("a") and not Slot("a", "value").fits({"type": "a"})
