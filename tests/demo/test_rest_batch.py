"""Batch: maps, references, the trap of a short page, errors inside, limits of length."""

from __future__ import annotations

from tests.demo.conftest import Caller

PAGE = "crm.deal.list?order[ID]=ASC&filter[%3EID]={after}&select[]=ID&start=-1"


def test_answers_errors_totals_and_times_are_kept_apart(reading: Caller) -> None:
    maps = reading.batch(
        {
            "d": PAGE.format(after=0),
            "s": "crm.status.list?filter[ENTITY_ID]=SOURCE",
            "x": "no.such",
            "l": "crm.lead.list",
        }
    )
    assert len(maps["result"]["d"]) == 50 and len(maps["result"]["s"]) == 2
    assert maps["result_error"] == {"x": {"error": "ERROR_METHOD_NOT_FOUND", "error_description": "Method not found!"}}
    assert maps["result_total"] == {"d": 0, "s": 2, "l": 60} and maps["result_next"] == {"l": 50}
    assert set(maps["result_time"]) == {"d", "s", "l"}


def test_empty_maps_are_lists_and_number_keys_make_lists(reading: Caller) -> None:
    maps = reading.batch({"a": "profile"})
    assert maps["result_error"] == [] and maps["result_next"] == []
    maps = reading.batch(["profile", "server.time"])
    assert isinstance(maps["result"], list) and len(maps["result"]) == 2
    # the failing command's key is lost: nobody can tell which one failed
    maps = reading.batch({"0": "no.such", "1": "profile"})
    assert maps["result_error"] == [{"error": "ERROR_METHOD_NOT_FOUND", "error_description": "Method not found!"}]


def test_a_chain_of_pages_reads_on_until_a_short_page_then_starts_again(reading: Caller) -> None:
    commands = {"c0": PAGE.format(after=0)}
    commands |= {f"c{n}": PAGE.format(after=f"$result[c{n - 1}][49][ID]") for n in range(1, 5)}
    maps = reading.batch(commands)["result"]
    firsts = [int(maps[f"c{n}"][0]["ID"]) for n in range(5)]
    assert firsts == [1, 51, 101, 1, 51]
    assert len(maps["c2"]) == 20


def test_references_may_be_encoded(reading: Caller) -> None:
    after = "%24result%5Ba%5D%5B49%5D%5BID%5D"
    maps = reading.batch({"a": PAGE.format(after=0), "b": PAGE.format(after=after)})
    assert maps["result"]["b"][0]["ID"] == "51"


def test_references_into_item_lists_and_totals(reading: Caller) -> None:
    maps = reading.batch(
        {
            "a": "crm.item.list?entityTypeId=2&order[id]=ASC",
            "b": "crm.item.get?entityTypeId=2&id=$result[a][items][4][id]",
            "c": "crm.deal.list?filter[ID]=$total[a]",
            "d": "crm.deal.list?filter[%25TITLE]=Заказ $result[a][items][9][id]&select[]=ID",
        }
    )
    assert maps["result"]["b"]["item"]["id"] == 5
    assert maps["result"]["c"][0]["ID"] == "120"
    assert [row["ID"] for row in maps["result"]["d"]] == ["10"] + [str(n) for n in range(100, 110)]


def test_halt_stops_at_the_first_error(reading: Caller) -> None:
    maps = reading.batch({"a": "profile", "b": "no.such", "c": "profile"}, halt=1)
    assert list(maps["result"]) == ["a"] and list(maps["result_error"]) == ["b"]


def test_too_many_commands_and_a_batch_inside_are_errors_of_their_commands(reading: Caller) -> None:
    maps = reading.batch({f"c{n}": "profile" for n in range(52)})
    assert len(maps["result"]) == 50
    assert {error["error"] for error in maps["result_error"].values()} == {"ERROR_BATCH_LENGTH_EXCEEDED"}
    assert set(maps["result_error"]) == {"c50", "c51"}
    maps = reading.batch({"a": "batch?cmd[x]=profile"})
    assert maps["result_error"]["a"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"


def test_a_batch_may_come_as_a_form(reading: Caller) -> None:
    answer = reading.session.post(
        reading.portal.webhook + "batch", data={"cmd[a]": "crm.deal.get?id=7", "halt": "0"}, timeout=5
    )
    assert answer.json()["result"]["result"]["a"]["TITLE"] == "Заказ 7"
