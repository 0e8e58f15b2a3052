"""The query string: what is filtered and which drawer is open. Everything in it comes from outside and is never trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qs, urlencode

from dash_app.engine.filters import known_filters

AddressParams = dict[str, list[str]]

MOST_PAIRS = 12_000
MOST_LENGTH = 400_000
DRAWER = ("drill", "explain")
OF_PERIOD = ("period", "from", "to", "compare", "whole_base", "align")
"""What stays behind on the way to or from a report over all of time."""
WHEN = (*OF_PERIOD, "as_of")
"""Period and day: what stays where all filters are taken off."""
CARRIED = (*WHEN, *(f.id for f in known_filters().values() if f.carried))
"""What goes along to another report."""
TOLD = MappingProxyType({"when": WHEN, "ofPeriod": OF_PERIOD, "carried": CARRIED, "drawer": DRAWER})
"""What the browser is told of the address; ``assets/10-address.js`` reads it from ``<html data-address>``."""


def params_of(search: object) -> AddressParams:
    """``?a=1&a=2`` as {"a": ["1", "2"]}; anything that is no query string is empty."""
    if not isinstance(search, str) or len(search) > MOST_LENGTH:
        return {}
    try:
        found = parse_qs(search.removeprefix("?"), keep_blank_values=False, max_num_fields=MOST_PAIRS, errors="replace")
    except ValueError:
        return {}
    return {name: [v.replace("\x00", "") for v in values] for name, values in found.items()}


def search_of(params: Mapping[str, Sequence[str]]) -> str:
    """The query string of parameters, '' for none."""
    text = urlencode([(name, value) for name, values in params.items() for value in values])
    return f"?{text}" if text else ""


def opened_with(along: Mapping[str, Sequence[str]], first: str) -> AddressParams:
    """What a report is opened with: what goes along, over the view somebody opens it with (its query string); the same as
    ``salesReports.address.opened``."""
    own = params_of(first)
    if any(name in along for name in OF_PERIOD):
        own = {name: values for name, values in own.items() if name not in OF_PERIOD}
    return {**own, **{name: list(values) for name, values in along.items()}}


def slug_of(pathname: object) -> str:
    """The report named by a path: ``/sales-dynamics`` -> ``sales-dynamics``; '' for the start page."""
    return pathname.strip("/") if isinstance(pathname, str) else ""


@dataclass(frozen=True, slots=True)
class Drawer:
    """The open drawer: the records behind a number (``drill``) or how it is counted (``explain``).

    ``row``: key columns of the row the number stands in; empty for totals and cards. ``figure`` may be '' for a block itself.
    """

    kind: str
    block: str
    figure: str
    row: tuple[tuple[str, str], ...] = ()

    def params(self) -> AddressParams:
        """As parameters: ``drill=BLOCK.FIGURE&row.<key>=value``."""
        return {self.kind: [f"{self.block}.{self.figure}"], **{f"row.{key}": [value] for key, value in self.row}}


def drawer_of(params: Mapping[str, Sequence[str]], renamed: Mapping[str, str] = MappingProxyType({})) -> Drawer | None:
    """The drawer a query string asks for; None if none or nonsense. ``renamed``: figures of kept links by their ids of now."""
    for kind in DRAWER:
        values = params.get(kind)
        if values:
            block, _, figure = values[-1].partition(".")
            if not block or len(values[-1]) > 200:
                return None
            row = tuple(
                sorted(
                    (name.removeprefix("row."), v[-1]) for name, v in params.items() if name.startswith("row.") and v
                )
            )
            return Drawer(kind, block, _of_now(figure, renamed), row)
    return None


def _of_now(figure: str, renamed: Mapping[str, str]) -> str:
    """A figure's id, or that of a part or a base (``x_num``, ``x_base``), as it is called now."""
    for tail in ("", "_num", "_den", "_base", "_num_base", "_den_base"):
        now = renamed.get(figure.removesuffix(tail)) if figure.endswith(tail) else None
        if now is not None:
            return now + tail
    return figure


def without_drawer(params: Mapping[str, Sequence[str]]) -> AddressParams:
    """The page behind the drawer."""
    return {n: list(v) for n, v in params.items() if n not in DRAWER and not n.startswith("row.")}


def with_drawer(params: Mapping[str, Sequence[str]], drawer: Drawer) -> AddressParams:
    """The same page with this drawer open."""
    return {**without_drawer(params), **drawer.params()}
