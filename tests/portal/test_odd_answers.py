"""One odd answer costs itself alone: a command, a directory, an optional list, a value – the rest is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from dash_app.portal import wire
from dash_app.portal.chain import Chain
from dash_app.portal.client import Client, _parsed
from dash_app.portal.doctor import diagnose
from dash_app.portal.entities import (
    COMPANIES,
    CURRENCIES,
    DEALS,
    DEPARTMENTS,
    TASKS,
    USERS,
    WORKGROUPS,
    Odd,
    user_fields,
)
from dash_app.portal.errors import Broken, Refused, Unusable, of_answer
from dash_app.portal.reader import Reader
from tests.portal.fake import Fake, Served, error, serving
from tests.portal.test_chain import read, rows_of

DENIED = {"error": "", "error_description": "Access denied."}


@pytest.fixture
def portal() -> Iterator[Served]:
    with serving(Fake()) as served:
        yield served


def known(portal: Served) -> Client:
    client = portal.client()
    client.call("server.time")
    portal.fake.calls.clear()
    portal.fake.batches.clear()
    return client


# -- a command of a batch ---------------------------------------------------------------------------------------------


def test_a_card_whose_comments_are_refused_is_absent_and_the_others_are_there(portal: Served) -> None:
    comment = {"ID": "1", "CREATED": "2026-11-19T10:00:00+03:00"}

    def answer(method: str, body: dict[str, Any]) -> Any:
        if method != "batch":
            return None
        results = {key: [comment] for key in body["cmd"] if key != "t17"}
        return 200, {"result": {"result": results, "result_error": {"t17": DENIED} if "t17" in body["cmd"] else []}}

    portal.fake.script = answer
    found = Reader(known(portal)).latest_comments(2, range(1, 301))
    assert sorted(found) == [n for n in range(1, 301) if n != 17]
    assert portal.fake.calls == ["batch"] * 6, "access denied is not asked again"


@pytest.mark.parametrize("answer", [None, 5, "nothing", ValueError("ERROR_CORE")])
def test_a_card_whose_activities_are_no_list_is_absent(portal: Served, answer: Any) -> None:
    portal.fake.command = lambda key, method, params: (
        (answer if answer is not None else False) if key == "b2" else [{"ID": "5"}]
    )
    assert sorted(Reader(known(portal)).bound_activities(2, [1, 2, 3])) == [1, 3]


def test_people_one_of_whom_fails_come_without_him(portal: Served) -> None:
    def person(key: str, method: str, params: dict[str, str]) -> Any:
        asked = [int(value) for name, value in params.items() if name.startswith("FILTER[ID]")]
        return ValueError("ERROR_CORE") if 66 in asked else [{"ID": str(number)} for number in asked]

    portal.fake.command = person
    assert Reader(known(portal)).people(list(range(1, 120))).columns["id"] == [n for n in range(1, 120) if n != 66]


def test_names_one_of_which_fails_come_without_it_and_it_is_told(portal: Served) -> None:
    def company(key: str, method: str, params: dict[str, str]) -> Any:
        asked = [int(value) for name, value in params.items() if name.startswith("filter[@ID]")]
        return ValueError("ERROR_CORE") if 66 in asked else [{"ID": str(number)} for number in asked if number != 7]

    portal.fake.command = company
    page = Reader(known(portal)).named(COMPANIES, list(range(1, 120)))
    assert page.columns["id"] == [n for n in range(1, 120) if n not in (7, 66)]
    assert page.odd == ((66, None, "refused"),)


def test_names_all_of_which_are_refused_are_a_refusal_and_not_asked_one_by_one(portal: Served) -> None:
    portal.fake.command = lambda key, method, params: ValueError("ACCESS_DENIED")
    with pytest.raises(Refused):
        Reader(known(portal)).named(COMPANIES, list(range(1, 2000)))
    assert len(portal.fake.calls) == 1


# -- a refused method ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "said", "reason"),
    [
        ("ACCESS_DENIED", "Access denied! Available only on extended plans", "Available only on extended plans"),
        ("INVALID_CREDENTIALS", "Invalid request credentials", "Invalid request credentials"),
        (" invalid_credentials ", "", "INVALID_CREDENTIALS"),
        ("PAYMENT_REQUIRED", "Pay first", "Pay first"),
    ],
)
def test_a_verdict_on_the_whole_portal_by_one_method_is_believed_of_that_method_alone(
    portal: Served, code: str, said: str, reason: str
) -> None:
    portal.fake.script = lambda method, body: error(code, said, 403) if method == "sonet_group.get" else None
    with pytest.raises(Refused) as refused:
        Reader(known(portal)).directory(WORKGROUPS)
    assert reason in refused.value.text.ru and "sonet_group.get" in refused.value.text.ru
    portal.fake.script = lambda method, body: error(code, said, 403)
    with pytest.raises(Unusable):
        Reader(portal.client()).directory(WORKGROUPS)


def test_a_command_of_an_accepted_batch_says_nothing_of_the_whole_portal(portal: Served) -> None:
    portal.fake.command = lambda key, method, params: ValueError("INVALID_CREDENTIALS")
    with pytest.raises(Refused):
        list(Reader(known(portal)).read(TASKS))


@pytest.mark.parametrize("answer", [error("", "Access denied."), error("insufficient_scope", "", 401)])
def test_a_refused_list_is_asked_once(portal: Served, answer: Any) -> None:
    portal.fake.script = lambda method, body: answer if method == "tasks.task.list" else None
    reader = Reader(known(portal))
    assert reader.expected(TASKS) is None
    with pytest.raises(Refused):
        list(reader.read(TASKS))
    assert portal.fake.calls == ["tasks.task.list"]


@pytest.mark.parametrize(
    ("code", "said", "says"),
    [
        ("", "Access denied.", "Портал отказал в crm.deal.list: Access denied."),
        ("0", "Access denied!", "Портал отказал в crm.deal.list: Access denied."),
        ("METHOD_CONFIRM_WAITING", "", "ждёт подтверждения"),
        ("METHOD_CONFIRM_DENIED", "", "запретил"),
        ("verification_needed", "License check failed.", "лицензи"),
        ("authorization_error", "", "истёк его срок"),
    ],
)
def test_refusals_in_words(code: str, said: str, says: str) -> None:
    text = of_answer("crm.deal.list", code, said, 403).text.ru
    assert says in text and ".." not in text


# -- an answer that is none ---------------------------------------------------------------------------------------------


def test_batches_answered_with_nothing_end_at_once(portal: Served) -> None:
    client = known(portal)
    portal.fake.script = lambda method, body: (200, {"result": None})
    with pytest.raises(Broken) as broken:
        list(Reader(client).read(DEALS))
    assert len(portal.fake.calls) == 3
    assert "пустотой" in broken.value.text.ru


@pytest.mark.parametrize(
    "thing", [{}, {"a": {"ID": "1"}}, {"tasks": None}, {"tasks": {}}, {"tasks": "x"}, "x", 5, True, None]
)
def test_what_php_writes_for_no_list_is_no_empty_list(thing: Any) -> None:
    for entity in (DEALS, TASKS):
        with pytest.raises(Refused, match="no list"):
            entity.listed(thing)


def test_a_list_with_holes_in_its_keys_is_a_list(portal: Served) -> None:
    assert DEALS.listed({"0": "a", "7": "b"}) == TASKS.listed({"tasks": {"1": "a", "3": "b"}}) == ["a", "b"]
    assert DEALS.listed([]) == TASKS.listed({"tasks": []}) == TASKS.listed([]) == []
    portal.fake.command = lambda key, method, params: (
        {} if key == "t5" else {"3": {"ID": 1, "CREATED": "2026-03-01T10:00:00+03:00"}} if key == "t6" else []
    )
    assert Reader(known(portal)).latest_comments(2, [5, 6, 7]).keys() == {6, 7}, (
        "what is no list says nothing of its card"
    )


def test_rows_that_say_no_id_are_counted_where_nobody_else_is_on_their_page(portal: Served) -> None:
    portal.fake.command = lambda key, method, params: [{}, {"TITLE": "x"}]
    (page,) = Reader(known(portal)).read(DEALS, 7)
    assert (page.rows, page.last_id, page.columns["id"], page.odd) == (0, 7, [], ((0, None, "no_id"),) * 2)


def test_single_records_are_asked_for_by_themselves(portal: Served) -> None:
    def answer(key: str, method: str, params: dict[str, str]) -> Any:
        number = int(params["filter[<=ID]"])
        assert int(params["filter[>ID]"]) == number - 1
        given = {5: ValueError("ERROR_CORE"), 6: {}, 7: [{"ID": "8"}], 8: []}
        return given.get(number, [{"ID": str(number), "OPPORTUNITY": "x" if number == 60 else "5"}])

    portal.fake.command = answer
    page = Reader(known(portal)).records(DEALS, [60, *range(1, 56), 3])
    assert page.columns["id"] == [n for n in range(1, 56) if n not in (5, 6, 7, 8)] + [60]
    assert page.odd == ((60, "OPPORTUNITY", "unreadable"),)


def test_a_list_answered_with_null_is_no_empty_list(portal: Served) -> None:
    portal.fake.script = lambda method, body: (200, {"result": None}) if method != "server.time" else None
    for entity in (WORKGROUPS, DEPARTMENTS, USERS, CURRENCIES):
        with pytest.raises(Refused, match="no list"):
            Reader(known(portal)).users() if entity is USERS else Reader(known(portal)).directory(entity)
    with pytest.raises(Refused, match="no list"):
        Reader(known(portal)).user_fields("deal")
    portal.fake.script = None
    portal.fake.command = lambda key, method, params: False
    with pytest.raises(Refused, match="no list"):
        list(Reader(known(portal)).read(DEALS))


# -- rows -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("thing", [None, 5, "x", [], {"ID": None}, {"ID": "-7"}, {"ID": True}, {"ID": {}}, {}])
@pytest.mark.parametrize("place", [0, 20, 49])
def test_a_thing_that_is_no_record_is_left_out_of_its_page_alone(place: int, thing: Any) -> None:
    rows: list[Any] = rows_of(list(range(1, 181)))
    with serving(Fake(rows)) as served:

        def page(key: str, method: str, params: dict[str, str]) -> Any:
            if params.get("filter[>ID]") != "50":
                return None
            return [*rows[50 : 50 + place], thing, *rows[50 + place : 99]]

        served.fake.command = page
        chain = Chain(served.client(), DEALS, ("ID",), rest=None)
        assert [DEALS.id_of(row) for part in chain.read() for row in part] == list(range(1, 181))
        assert chain.strange == 1


def test_a_record_that_comes_twice_in_a_page_is_one() -> None:
    with serving(Fake(rows_of([1, 2, 2, 3]))) as served:
        assert read(served) == [1, 2, 3]


def test_a_row_without_an_id_is_counted_on_its_page() -> None:
    with serving(Fake(rows_of([1, 2]))) as served:
        served.fake.command = lambda key, method, params: [{"ID": "1"}, {"TITLE": "никто"}, {"ID": "2"}]
        (page,) = Reader(served.client()).read(DEALS)
        assert (page.columns["id"], page.odd) == ([1, 2], ((0, None, "no_id"),))


# -- values ---------------------------------------------------------------------------------------------------------------


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def columns_of(**values: Any) -> tuple[dict[str, Any], list[Odd]]:
    odd: list[Odd] = []
    columns = DEALS.columns([{"ID": "410", **values}], timezone(timedelta(hours=3)), odd)
    return {name: column[0] for name, column in columns.items()}, odd


@pytest.mark.parametrize("levels", [7, 400, 3000])
def test_a_value_nested_without_end_is_left_out_alone_and_named(levels: int) -> None:
    answer = b'{"result": [{"ID": "410", "TITLE": "\xd0\xaf", "UF_CRM_DEEP": %s, "UF_CRM_GOOD": "yes"}]}' % (
        b"[" * levels + b"1" + b"]" * levels
    )
    envelope = _parsed(answer)
    assert envelope is not None
    odd: list[Odd] = []
    columns = DEALS.columns(envelope["result"], odd=odd)
    assert columns["uf"] == ['{"UF_CRM_GOOD":"yes"}'] and columns["title"] == ["Я"]
    assert odd == [(410, "UF_CRM_DEEP", "unreadable")]


def test_numbers_no_json_knows_do_not_stop_an_answer() -> None:
    envelope = _parsed(
        b'{"result": [{"ID": "1", "OPPORTUNITY": NaN}, {"ID": "2", "OPPORTUNITY": 1e999}, {"ID": "3", "OPPORTUNITY": 7}]}'
    )
    assert envelope is not None
    odd: list[Odd] = []
    assert DEALS.columns(envelope["result"], odd=odd)["opportunity"][2] == 7
    assert odd == [(1, "OPPORTUNITY", "unreadable"), (2, "OPPORTUNITY", "unreadable")]


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-08-01T10:00:00+03:00", datetime(2026, 8, 1, 7)),
        ("01.08.2026 10:00:00", datetime(2026, 8, 1, 7)),
        ("01.08.2026 10:00", datetime(2026, 8, 1, 7)),
        ("2026-08-01 10:00:00", datetime(2026, 8, 1, 7)),
        ("2026-08-01T10:00:00", datetime(2026, 8, 1, 7)),
        ("08/01/2026 10:00:00 am", datetime(2026, 8, 1, 7)),
        ("2026-08-01T07:00:00.000Z", datetime(2026, 8, 1, 7)),
        ("2026-08-01 10:00:00+0300", datetime(2026, 8, 1, 7)),
        ("01.08.2026", datetime(2026, 7, 31, 21)),
        ("2026-08-01", datetime(2026, 7, 31, 21)),
        (1785567600, datetime(2026, 8, 1, 7)),
        ("1785567600", datetime(2026, 8, 1, 7)),
    ],
)
def test_a_creation_date_is_read_however_it_is_written(written: Any, instant: datetime) -> None:
    values, odd = columns_of(DATE_CREATE=written)
    assert (values["date_create"], odd) == (instant, [])


@pytest.mark.parametrize(
    "written",
    ["вчера", "32.08.2026 10:00:00", "0001-01-01T00:00:00+03:00", "12345-01-01T00:00:00+03:00", {}, [1], 5, True],
)
def test_a_creation_date_that_cannot_be_read_is_named(written: Any) -> None:
    values, odd = columns_of(DATE_CREATE=written)
    assert values["date_create"] is None
    assert odd == ([] if written == {} else [(410, "DATE_CREATE", "unreadable")])


def test_values_that_say_nothing_are_not_odd() -> None:
    assert (
        columns_of(
            TITLE="",
            STAGE_ID=None,
            CONTACT_ID="0",
            COMPANY_ID=0,
            LEAD_ID=False,
            OPPORTUNITY="",
            CLOSEDATE="",
            MOVED_TIME=None,
            LAST_COMMUNICATION_TIME="9999-12-31T00:00:00+03:00",
            UTM_SOURCE=[],
            CATEGORY_ID="0",
            IS_RECURRING="N",
            UF_X=None,
        )[1]
        == []
    )


@pytest.mark.parametrize(
    ("value", "kept", "odd"),
    [
        ("a\x00b\ud800c", "abc", []),
        ("  \n ", None, []),
        ("я" * 20_000, "я" * wire.MOST_TEXT, [(410, "TITLE", "too_long")]),
        ({"a": 1}, None, [(410, "TITLE", "unreadable")]),
        (["x"], None, [(410, "TITLE", "unreadable")]),
        (True, None, [(410, "TITLE", "unreadable")]),
        (12, "12", []),
    ],
)
def test_titles(value: Any, kept: str | None, odd: list[Odd]) -> None:
    values, found = columns_of(TITLE=value)
    assert (values["title"], found) == (kept, odd)


# -- a directory that gives less than it counts ------------------------------------------------------------------------


def structure(knows: str) -> Any:
    """120 departments, 12 chiefs of 9 each below the root; ``start`` is ignored. knows: what else the portal understands."""
    rows = [{"ID": "1", "NAME": "Компания"}]
    rows += [
        {"ID": str(n), "NAME": f"Отдел {n}", "PARENT": "1" if n <= 13 else str(2 + (n - 14) % 12)}
        for n in range(2, 121)
    ]

    def answer(params: dict[str, Any]) -> list[dict[str, Any]]:
        if "PARENT" in params and knows == "parent":
            return [row for row in rows if row.get("PARENT") == str(params["PARENT"])]
        return rows[::-1][:50] if params.get("order") == "DESC" and knows == "order" else rows[:50]

    return answer


@pytest.mark.parametrize(("knows", "found"), [("parent", 120), ("order", 100), ("nothing", 50)])
def test_departments_of_a_portal_that_ignores_start_come_another_way_or_are_counted(
    portal: Served, knows: str, found: int
) -> None:
    answer = structure(knows)
    portal.fake.script = lambda method, body: (
        (200, {"result": answer(body), "total": 120, "next": 50}) if method == "department.get" else None
    )
    portal.fake.command = lambda key, method, params: answer(params)
    page = Reader(known(portal)).directory(DEPARTMENTS)
    assert len(set(page.columns["id"])) == page.rows == found
    assert page.missing == 120 - found


def test_projects_of_a_portal_that_ignores_start_come_by_id(portal: Served) -> None:
    projects = rows_of(list(range(1, 121)))
    portal.fake.rows, portal.fake.ids = projects, list(range(1, 121))
    portal.fake.script = lambda method, body: (
        (200, {"result": projects[:50], "total": 120, "next": 50}) if method == "sonet_group.get" else None
    )
    page = Reader(known(portal)).directory(WORKGROUPS)
    assert (page.rows, page.missing) == (120, 0)


def test_rows_of_a_directory_with_values_of_any_kind_stop_nothing(portal: Served) -> None:
    rows = [{"CURRENCY": ["RUB"]}, {"CURRENCY": "RUB", "AMOUNT": {}}, {"CURRENCY": None}, None, "x"]
    portal.fake.script = lambda method, body: (
        (200, {"result": rows, "total": 0}) if method == "crm.currency.list" else None
    )
    page = Reader(known(portal)).directory(CURRENCIES)
    assert page.columns["currency"] == ["RUB"]
    assert page.odd.count((0, None, "no_id")) == 2


# -- the doctor -----------------------------------------------------------------------------------------------------------


def test_the_doctor_invents_nothing_about_a_portal_that_refuses(portal: Served) -> None:
    portal.fake.script = lambda method, body: (
        (200, {"result": ["crm", "tasks"]}) if method == "scope" else error("", "Access denied.")
    )
    said = [finding.text.ru for finding in diagnose(portal.client(), "Asia/Tokyo")]
    assert not [line for line in said if "TIMEZONE" in line or "Часы" in line]
    assert "Портал отказал в crm.deal.list: Access denied." in said
    assert any("право task" in line for line in said), "the right “tasks” opens nothing we read"


def test_people_fewer_than_the_portal_counts_are_said(portal: Served) -> None:
    people = [{"ID": str(number)} for number in range(1, 51)]
    portal.fake.script = lambda method, body: (200, {"result": people, "total": 120}) if method == "user.get" else None
    portal.fake.command = lambda key, method, params: people if params["FILTER[>ID]"] == "0" else []
    page = Reader(known(portal)).users()
    assert (len(page.columns["id"]), page.missing) == (50, 70)


def test_what_settings_of_a_field_nest_is_no_setting() -> None:
    nested: Any = "Y"
    for _ in range(400):
        nested = {"a": nested}
    row = {"FIELD_NAME": "UF_X", "SETTINGS": {"DEAL": "Y", "IBLOCK_ID": 5, "\ud800": nested, "X": nested, "LEAD": True}}
    assert user_fields.columns_of("deal", [row])["settings"] == ['{"DEAL":"Y","IBLOCK_ID":"5","LEAD":true}']
