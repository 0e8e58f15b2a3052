"""HTML of blocks: made as trees, sent as text, drawn by the browser at once.

A table of three hundred rows is some ten thousand elements. As Dash components each would be checked when made, sent with its whole name,
kept in the browser's copy of the layout and asked at every change of the page whether it concerns it: seconds of a page that does not answer.
An ``Element`` is a tag, its children and its attributes, spelled as Dash spells them. What holds no Dash component (a chart, a link) leaves as
one component, ``Markup`` of ``assets/15-markup.js``, with its inside as text; what does hold one leaves as the Dash element it looks like.
So nobody who builds a view needs to know. Every text and attribute is escaped here; there is no way to pass HTML through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, ClassVar

NAMESPACE = "salesReports"
"""``window.salesReports.Markup`` draws it."""
_NAMES = {"className": "class", "htmlFor": "for"}
_EMPTY = frozenset({"img", "br", "hr", "input"})


class _Alive(Exception):
    """Something among the children is no plain markup."""


class Element:
    """A tag with children and attributes: ``Td("12", className="num", **{"data-v": "12"})``; ``children`` and attributes are its own attributes."""

    tag: ClassVar[str] = ""
    children: Any

    def __init__(self, children: Any = None, **attributes: Any) -> None:
        attributes["children"] = children
        self.__dict__ = attributes

    def to_plotly_json(self) -> dict[str, Any]:
        """What is sent to the browser; Dash's encoder asks for it."""
        attributes = {name: value for name, value in self.__dict__.items() if name != "children" and value is not None}
        try:
            if "id" in attributes:
                raise _Alive
            inside = inner(self)
        except _Alive:
            return {
                "type": type(self).__name__,
                "namespace": "dash_html_components",
                "props": {**attributes, "children": self.children},
            }
        return {
            "type": "Markup",
            "namespace": NAMESPACE,
            "props": {"tag": self.tag, "attributes": attributes, "html": inside},
        }


def inner(element: Element) -> str:
    """The inside of an element as text."""
    parts: list[str] = []
    _write(element.children, parts, None)
    return "".join(parts)


def text(tree: Any, component: Callable[[Any], str]) -> str:
    """A whole tree as HTML. ``component`` writes what is no plain markup: charts and links."""
    parts: list[str] = []
    _write(tree, parts, component)
    return "".join(parts)


def _write(node: Any, parts: list[str], component: Callable[[Any], str] | None) -> None:
    if node is None or isinstance(node, bool):
        return
    if isinstance(node, str):
        parts.append(escape(node, quote=False))
    elif isinstance(node, Element):
        parts.append(f"<{node.tag}")
        for name, value in node.__dict__.items():
            if value is None or value is False or name == "children":
                continue
            if name == "id" and component is None:
                raise _Alive
            if name == "style":
                value = _style(value)
            parts.append(
                f" {_NAMES.get(name, name)}" if value is True else f' {_NAMES.get(name, name)}="{escape(str(value))}"'
            )
        parts.append(">")
        if node.tag not in _EMPTY:
            _write(node.children, parts, component)
            parts.append(f"</{node.tag}>")
    elif isinstance(node, int | float):
        parts.append(str(node))
    elif isinstance(node, Sequence):
        for child in node:
            _write(child, parts, component)
    elif component is not None:
        parts.append(component(node))
    else:
        raise _Alive


def _style(given: Mapping[str, Any]) -> str:
    """A style as CSS writes it: ``paddingLeft`` is ``padding-left``, variables stay as they are."""
    return ";".join(f"{name if name.startswith('--') else _kebab(name)}:{value}" for name, value in given.items())


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)


class A(Element):
    tag = "a"


class Button(Element):
    tag = "button"


class Caption(Element):
    tag = "caption"


class Dd(Element):
    tag = "dd"


class Details(Element):
    tag = "details"


class Div(Element):
    tag = "div"


class Dl(Element):
    tag = "dl"


class Dt(Element):
    tag = "dt"


class Figcaption(Element):
    tag = "figcaption"


class Figure(Element):
    tag = "figure"


class H2(Element):
    tag = "h2"


class H3(Element):
    tag = "h3"


class Img(Element):
    tag = "img"


class Li(Element):
    tag = "li"


class Ol(Element):
    tag = "ol"


class P(Element):
    tag = "p"


class Section(Element):
    tag = "section"


class Span(Element):
    tag = "span"


class Summary(Element):
    tag = "summary"


class Table(Element):
    tag = "table"


class Tbody(Element):
    tag = "tbody"


class Td(Element):
    tag = "td"


class Tfoot(Element):
    tag = "tfoot"


class Th(Element):
    tag = "th"


class Thead(Element):
    tag = "thead"


class Tr(Element):
    tag = "tr"
