"""Whatever is sent, the portal answers JSON: a result or an error of its own, never a broken server."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.demo.conftest import Caller
from tests.thorough import asked

METHODS = [
    "crm.deal.list",
    "crm.lead.list",
    "crm.item.list",
    "crm.stagehistory.list",
    "crm.activity.list",
    "tasks.task.list",
    "user.get",
    "user.search",
    "department.get",
    "sonet_group.get",
    "socialnetwork.api.workgroup.list",
    "crm.status.list",
    "voximplant.statistic.get",
    "crm.timeline.comment.list",
    "crm.deal.userfield.list",
    "batch",
]
FIELDS = [
    "ID",
    "id",
    "TITLE",
    "title",
    "DATE_MODIFY",
    "updatedTime",
    "OPPORTUNITY",
    "UF_CRM_LABELS",
    "STAGE_ID",
    "BINDINGS",
    "UF_CRM_TASK",
    "CLOSEDATE",
    "CLOSED",
    "LOGIC",
    "logic",
    "0",
    "'",
    '"',
    "",
    "SETTINGS",
    "STATUS",
    "PARENT",
]
OPERATORS = ["", "=", "!", "!=", ">", ">=", "<", "<=", "@", "!@", "%", "!%", "=%", "%=", "!=%", "><", "!><", "!!", ">@"]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(["2026-02-30", "9999-12-31T00:00:00+03:00", "0000-00-00", "$result[x][0]", "<b>", "1e400", "%"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.builds(lambda operator, field: operator + field, st.sampled_from(OPERATORS), st.sampled_from(FIELDS))
FILTERS = st.dictionaries(KEYS, VALUES, max_size=4) | VALUES
PARAMS = st.fixed_dictionaries(
    {"entityTypeId": st.sampled_from([1, 2, "2", 3, None, "x"])},
    optional={
        "filter": FILTERS,
        "FILTER": FILTERS,
        "order": FILTERS,
        "select": VALUES,
        "start": SCALARS,
        "sort": SCALARS,
        "cmd": VALUES,
        "FIND": SCALARS,
        "ID": VALUES,
    },
)


@settings(max_examples=asked(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=st.sampled_from(METHODS), params=PARAMS)
def test_any_parameters_get_an_answer(reading: Caller, method: str, params: dict[str, Any]) -> None:
    answer = reading.raw(method, params)
    body = answer.json()
    assert answer.status_code in {200, 400}, body
    assert ("result" in body) != ("error" in body)
    assert reading.portal.stats["errors"].get("INTERNAL_SERVER_ERROR", 0) == 0, (method, params)


@pytest.mark.parametrize("body", [b"{", b"[1,2", b"\xff\xfe", b"null", b'"text"', b"[]", b"{" * 2000])
def test_a_body_that_is_no_json_is_no_parameters(reading: Caller, body: bytes) -> None:
    answer = reading.session.post(
        reading.portal.webhook + "crm.deal.list", data=body, headers={"Content-Type": "application/json"}, timeout=5
    )
    assert answer.status_code == 200 and answer.json()["total"] == 120


@pytest.mark.parametrize("value", [2**63, 2**64 - 1, -(2**63), 10**30, str(10**30), 1e300, "1e308", "9" * 5000])
def test_numbers_beyond_all_bounds_find_nothing(reading: Caller, value: object) -> None:
    answer = reading("crm.deal.list", filter={">ID": 10, "=OPPORTUNITY": value, "=CONTACT_ID": value})
    assert answer.get("result", answer) == [] or value == 10**30  # no number of JSON: the body cannot be read


def test_ten_thousand_ids_are_a_filter_like_any_other(reading: Caller) -> None:
    answer = reading("crm.deal.list", filter={"@ID": list(range(100, 10_100))}, start=0)
    assert answer["total"] == 21
