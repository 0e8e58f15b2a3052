"""Blocks leave as text: everything escaped, charts and links whole, nothing lost on the way."""

from __future__ import annotations

import json

import pytest
from dash import dcc
from dash import html as dash_html
from dash._utils import to_json

from dash_app.views import markup as html

NASTY = """<img src=x onerror=alert(1)> & "q" 'a' </td></table>"""


def sent(component: object) -> dict[str, object]:
    """What the browser gets."""
    found: dict[str, object] = json.loads(to_json(component))
    return found


def test_plain_markup_is_one_component_with_its_inside_as_text() -> None:
    row = html.Tr(
        [
            html.Th("Имя", scope="row", className="name"),
            None,
            html.Td(12, style={"--share": "50.0%", "paddingLeft": "2px"}, colSpan=3),
            [],
        ]
    )
    given = sent(html.Table([row], className="block-table", role="table"))
    assert (given["type"], given["namespace"]) == ("Markup", html.NAMESPACE)
    assert given["props"] == {
        "tag": "table",
        "attributes": {"className": "block-table", "role": "table"},
        "html": '<tr><th scope="row" class="name">Имя</th><td style="--share:50.0%;padding-left:2px" colSpan="3">12</td></tr>',
    }


def test_no_text_and_no_attribute_becomes_markup() -> None:
    inside = str(
        sent(
            html.Div(html.Button(NASTY, title=NASTY, className="drill", **{"data-drill": NASTY, "aria-label": NASTY}))
        )["props"]["html"]
    )  # type: ignore[index]
    assert inside.count("<") == 2 and inside.startswith("<button ") and inside.endswith("</button>")
    assert inside.count('="') == 4
    assert "<img" not in inside


def test_what_holds_a_component_stays_an_element_around_it() -> None:
    given = sent(
        html.Div(
            [html.P("до", className="a"), html.Div([dcc.Link("x", href="/x"), html.Span("рядом")]), "после"],
            className="view",
        )
    )
    assert (given["type"], given["namespace"]) == ("Div", "dash_html_components")
    first, second, third = given["props"]["children"]  # type: ignore[index]
    assert (first["type"], first["props"]["html"], third) == ("Markup", "до", "после")
    assert [c["type"] for c in second["props"]["children"]] == ["Link", "Markup"]
    assert sent(html.Div(html.Span("n", id="x")))["namespace"] == "dash_html_components"
    assert sent(dash_html.Div([html.Span("n")]))["props"]["children"][0]["type"] == "Markup"  # type: ignore[index]


@pytest.mark.parametrize(("value", "shown"), [(True, "<details open>"), (False, "<details>"), (None, "<details>")])
def test_attributes_that_are_there_or_not(value: object, shown: str) -> None:
    inside = sent(html.Div([html.Details(html.Summary("x"), open=value), html.Img(src="data:,", alt="")]))["props"][
        "html"
    ]  # type: ignore[index]
    assert inside == f'{shown}<summary>x</summary></details><img src="data:," alt="">'
