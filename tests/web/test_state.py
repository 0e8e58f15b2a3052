"""The query string is read and written by one typed pair of functions."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dash_app.web.state import Drawer, drawer_of, params_of, search_of, with_drawer, without_drawer

words = st.text(string.ascii_letters + "абв .:&=?<>\"'%+#", min_size=1, max_size=12).filter(lambda t: t.strip("\x00"))


@given(st.dictionaries(words, st.lists(words, min_size=1, max_size=4), max_size=5))
def test_parameters_survive_the_address(params: dict[str, list[str]]) -> None:
    assert params_of(search_of(params)) == params


@given(st.one_of(st.none(), st.text(max_size=60), st.integers(), st.lists(st.text(max_size=5))))
def test_anything_is_a_query_string(search: object) -> None:
    params = params_of(search)
    assert all(values for values in params.values())
    drawer_of(params)


def test_a_drawer_opens_over_a_page_and_closes() -> None:
    page = params_of("?pipeline=1&pipeline=5&drill=a.b&row.x=1")
    drawer = Drawer("drill", "stages", "count", (("stage_id", "C5:NEW"),))
    opened = params_of(search_of(with_drawer(page, drawer)))
    assert drawer_of(opened) == drawer
    assert without_drawer(opened) == {"pipeline": ["1", "5"]}


@pytest.mark.parametrize("search", ["?drill=", "?drill=.x", "?drill=" + "x" * 300, "?row.a=1", ""])
def test_no_drawer_for_nonsense(search: str) -> None:
    assert drawer_of(params_of(search)) is None


@pytest.mark.parametrize("tail", ["", "_num", "_den", "_base", "_num_base", "_den_base"])
def test_a_kept_link_opens_a_figure_by_the_id_it_has_now(tail: str) -> None:
    renamed = {"deals_won": "created_won"}
    drawer = drawer_of(params_of(f"?drill=sources.deals_won{tail}&row.source_id=WEB"), renamed)
    assert drawer == Drawer("drill", "sources", f"created_won{tail}", (("source_id", "WEB"),))
    for other in ("deals_won_amount", "deals_won_numbers", "won", "created_won"):
        drawer = drawer_of(params_of(f"?explain=sources.{other}"), renamed)
        assert drawer is not None and drawer.figure == other
