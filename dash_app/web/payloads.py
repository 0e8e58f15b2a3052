"""What a browser may send with an update: every request is checked whole, at this one place, before a callback runs.

The shape comes from the callbacks themselves (which inputs and states, which wildcards), the types from the two tables below: what a property of a
component can hold, and what lies in the application's own stores. What passes is what the renderer sends; everything else is ``Malformed``.
Meaning – does the report exist, is the date one – is left to the callbacks, which answer with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec
import orjson
from msgspec import Meta

from dash_app.web import ids
from dash_app.web.monthly import monthly_pages

MOST_DEPTH = 40
"""Levels of lists and objects inside a value; the deepest the pages themselves send is a component's children."""
MOST_ITEMS = 20_000
"""Components a wildcard may name."""
MOST_ID = 300
"""Letters in a part of an id."""
NUMBERED = frozenset({"row", "change", "view"})
"""Parts of ids that are numbers; the others are texts."""
_WILD = ("ALL", "MATCH", "ALLSMALLER")

# -- types ---------------------------------------------------------------------------------------------------------------

WholeNumber = Annotated[int, Meta(ge=-1, le=2**53)] | None
Flag = bool | None
LongText = Annotated[str, Meta(max_length=400_000)] | None
ShortText = Annotated[str, Meta(max_length=10_000)] | None
ShortTexts = Annotated[list[ShortText], Meta(max_length=MOST_ITEMS)] | None
Upload = Annotated[str, Meta(max_length=12_000_000)] | None
Scalar = Annotated[str, Meta(max_length=100_000)] | bool | Annotated[int, Meta(ge=-(2**62), le=2**62)] | float | None
Control = Scalar | Annotated[list[Scalar], Meta(max_length=MOST_ITEMS)]
Versions = dict[str, Annotated[int, Meta(ge=0, le=2**62)]] | None


class Sorted(TypedDict):
    """A column a list is sorted by."""

    colId: str
    sort: str | None


class RowWindow(TypedDict):
    """What AG Grid asks for: rows ``startRow`` to ``endRow``."""

    startRow: NotRequired[WholeNumber]
    endRow: NotRequired[WholeNumber]
    sortModel: NotRequired[list[Sorted] | None]
    filterModel: NotRequired[dict[str, dict[str, Any]] | None]


class Act(TypedDict):
    """A button of a row."""

    name: NotRequired[Scalar]
    key: NotRequired[Scalar]
    value: NotRequired[Scalar]
    n: NotRequired[Scalar]


class SnoozeCard(TypedDict):
    """The card in the dialog that puts it off."""

    entity: str
    id: str
    today: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    n: NotRequired[Scalar]


class NoteRow(TypedDict):
    """The row whose note is written."""

    key: Annotated[str, Meta(max_length=60)]
    n: NotRequired[Scalar]


class ViewChosen(TypedDict):
    """The saved view chosen last."""

    report: Annotated[str, Meta(max_length=100)]
    id: Annotated[int, Meta(ge=0, le=2**53)] | None
    columns: NotRequired[dict[str, Annotated[list[ShortText], Meta(max_length=1000)]]]
    n: NotRequired[Annotated[int, Meta(ge=0, le=2**53)]]


class EditorAsk(TypedDict):
    """A save, an undo or a redo of an editor of cells."""

    kind: NotRequired[str]
    n: NotRequired[Scalar]
    who: NotRequired[ShortText]
    changes: NotRequired[list[Annotated[int, Meta(ge=0, le=2**62)]]]
    cells: NotRequired[Annotated[list[Any], Meta(max_length=MOST_ITEMS)]]


class EditorData(TypedDict):
    """What an editor of cells shows; of all it holds only this is read on the server."""

    months: NotRequired[list[str]]
    version: NotRequired[Scalar]


class HistoryAsk(TypedDict):
    """Whose history to show."""

    key: NotRequired[str]
    title: NotRequired[str]


class SchemeVersion(TypedDict):
    """Which scheme of motivation is edited."""

    key: str
    version: Annotated[int, Meta(ge=0, le=2**62)]


PROPERTIES: dict[str, Any] = {
    "n_clicks": WholeNumber,
    "n_intervals": WholeNumber,
    "search": LongText,
    "pathname": LongText,
    "is_open": Flag,
    "disabled": Flag,
    "checked": Flag,
    "hidden": Flag,
    "contents": Upload,
    "placeholder": ShortText,
    "className": ShortText,
    "value": Control,
    "children": Any,  # whatever stands there; it only tells that it changed
    "getRowsRequest": RowWindow | None,
}
"""Property of a component -> what it can hold."""

STORES: dict[str, Any] = {
    ids.ACT: Act | None,
    ids.SNOOZE_CARD: SnoozeCard | None,
    ids.NOTE_ROW: NoteRow | None,
    ids.VIEW: ViewChosen | None,
    ids.QUERY: LongText,
    ids.DRAWER_QUERY: LongText,
    ids.SNAPSHOT: ShortText,
    ids.FILLED: Scalar,
    ids.PERIODS: LongText,
    "block-query": LongText,
    "block-look": LongText,
    "motivation-version": SchemeVersion,
    "motivation-versions": Versions,
    "settings-versions": Versions,
}
"""Store (its id, or the type in its id) -> what its ``data`` can hold."""


VALUES: dict[str, Any] = {
    "motivation-slider": Annotated[float, Meta(ge=0, le=1000)] | None,
    "motivation-scheme": ShortText,
    "snooze-term": ShortText,
    "snooze-until": ShortText,
    "snooze-reason": LongText,
    ids.VIEW_NAME: ShortText,
    ids.CONNECT_WEBHOOK: ShortText,
    ids.SETTINGS_FIND: ShortText,
    ids.HISTORY_TOPIC: ShortText,
    ids.HISTORY_WHO: ShortText,
    ids.NOTE_TEXT: LongText,
    ids.NOTE_AUTHOR: ShortText,
    "motivation-departments": ShortTexts,
    "motivation-managers": ShortTexts,
    "plan-add-managers": ShortTexts,
    "filter-dates": ShortTexts,
    "filter-base-dates": ShortTexts,
    "filter": ShortTexts,
    "grid-columns": ShortTexts,
    "filter-preset": ShortText,
    "filter-compare": ShortText,
}
"""Control (its id, or the type in it) -> what its ``value`` can hold, where that is less than ``Control``."""


def _stores_of_grids() -> dict[str, Any]:
    """What stores of the pages of monthly grids can hold."""
    return {
        name: shape
        for page in monthly_pages()
        for name, shape in (
            (page.own.ask, EditorAsk | None),
            (page.own.data, EditorData | None),
            (page.own.history_ask, HistoryAsk | None),
        )
    }


def type_of(name: str, prop: str) -> Any:
    """What a property of a component can hold; KeyError where nobody said."""
    if prop == "data":
        return STORES[name] if name in STORES else _stores_of_grids()[name]
    return VALUES.get(name, PROPERTIES[prop]) if prop == "value" else PROPERTIES[prop]


# -- shape ---------------------------------------------------------------------------------------------------------------


class Malformed(Exception):
    """The body is nothing the page could have sent. The text is for the log."""


class Passed(Malformed):
    """Components of one pattern are others in one list than in another, or one of them is gone: the page changed while its renderer put the
    request together. Nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An input, state or output of a callback. ``id``: a name, or parts with wildcards as ``["MATCH"]``."""

    id: str | Mapping[str, Any]
    prop: str
    optional: bool = False

    @classmethod
    def of(cls, identity: str, prop: str, *, optional: bool = False) -> Slot:
        """From the spelling in Dash's ``callback_map``; the suffix of a duplicate output is none of its name."""
        found = orjson.loads(identity) if identity.startswith("{") else identity
        return cls(found, prop.partition("@")[0], optional)

    @property
    def many(self) -> bool:
        """Whether it stands for several components."""
        return not isinstance(self.id, str) and any(
            _wildcard(part) in ("ALL", "ALLSMALLER") for part in self.id.values()
        )

    @property
    def name(self) -> str:
        """Its id, or the type in it."""
        return self.id if isinstance(self.id, str) else str(self.id.get("type", ""))

    def fits(self, identity: object) -> bool:
        """Whether a component is one of those it stands for."""
        if isinstance(self.id, str):
            return identity == self.id
        if not isinstance(identity, dict) or identity.keys() != self.id.keys():
            return False
        return all(_part(k, identity[k]) if _wildcard(part) else identity[k] == part for k, part in self.id.items())


def _wildcard(part: object) -> str:
    return part[0] if isinstance(part, list) and len(part) == 1 and part[0] in _WILD else ""


def _part(name: str, value: object) -> bool:
    if name in NUMBERED:
        return type(value) is int and 0 <= value < 2**53
    return isinstance(value, str) and len(value) <= MOST_ID or type(value) is int and abs(value) < 2**53


@dataclass(frozen=True, slots=True)
class CallbackShape:
    """What the browser sends to one callback."""

    inputs: Sequence[Slot]
    state: Sequence[Slot]
    outputs: Sequence[Slot]
    single: bool
    """Whether there is one output, sent outside a list."""

    @classmethod
    def of(cls, output: str, spec: Mapping[str, Any]) -> CallbackShape:
        """From an entry of ``callback_map``."""
        several = output.startswith("..")
        names = output[2:-2].split("...") if several else [output]
        outputs = [] if spec.get("no_output") else [Slot.of(*_split(name)) for name in names]
        return cls(_slots(spec["inputs"]), _slots(spec["state"]), outputs, not several)

    def check(self, body: Any) -> None:
        """Malformed unless the renderer could have sent this."""
        if not isinstance(body, dict):
            raise Malformed("no object")
        found: dict[str, list[Any]] = {}
        matched: dict[str, Any] = {}
        for name, slots in (("inputs", self.inputs), ("state", self.state)):
            sent = body.get(name, [])
            if not isinstance(sent, list) or len(sent) != len(slots):
                raise Malformed(f"{name}: {len(slots)} expected")
            for slot, item in zip(slots, sent):
                _check(slot, item, found, matched)
        self._check_outputs(body.get("outputs"), found, matched)
        self._check_changed(body.get("changedPropIds", []))

    def _check_outputs(self, sent: Any, found: dict[str, list[Any]], matched: dict[str, Any]) -> None:
        if not self.outputs:
            if sent not in (None, []):
                raise Malformed("outputs of a callback that has none")
            return
        listed = [sent] if self.single else sent
        if not isinstance(listed, list) or len(listed) != len(self.outputs):
            raise Malformed(f"outputs: {len(self.outputs)} expected")
        for slot, item in zip(self.outputs, listed):
            _check(slot, item, found, matched, valued=False)

    def _check_changed(self, changed: Any) -> None:
        if not isinstance(changed, list) or len(changed) > MOST_ITEMS:
            raise Malformed("changedPropIds: no list")
        for name in changed:
            if not isinstance(name, str):
                raise Malformed("changedPropIds: no text")
            identity, dot, prop = name.rpartition(".")
            try:
                who: object = orjson.loads(identity) if identity.startswith("{") else identity
            except orjson.JSONDecodeError:
                raise Malformed("changedPropIds: no id") from None
            if not dot or not any(slot.prop == prop and slot.fits(who) for slot in self.inputs):
                raise Malformed("changedPropIds: none of the inputs")


def _slots(specs: Sequence[Mapping[str, Any]]) -> list[Slot]:
    return [Slot.of(s["id"], s["property"], optional=bool(s.get("allow_optional"))) for s in specs]


def _split(name: str) -> tuple[str, str]:
    identity, _, prop = name.rpartition(".")
    return identity, prop


def _check(slot: Slot, sent: Any, found: dict[str, list[Any]], matched: dict[str, Any], *, valued: bool = True) -> None:
    """``found``: components a pattern named so far – wherever it stands, it names the same ones; ``matched``: what its MATCH parts were."""
    if not slot.many:
        if slot.optional and isinstance(sent, dict) and sent.get("value") is None and sent.get("property") == slot.prop:
            return  # a component that is not on the page
        _check_one(slot, sent, matched, valued=valued)
        return
    if not isinstance(sent, list) or len(sent) > MOST_ITEMS:
        raise Malformed(f"{slot.name}: no list")
    for item in sent:
        _check_one(slot, item, matched, valued=valued)
    pattern = orjson.dumps(slot.id, option=orjson.OPT_SORT_KEYS).decode()
    named = [item["id"] for item in sent]
    if found.setdefault(pattern, named) != named:
        raise Passed(f"{slot.name}: other components than before")


def _check_one(slot: Slot, item: Any, matched: dict[str, Any], *, valued: bool) -> None:
    if not isinstance(item, dict) or not slot.fits(item.get("id")):
        raise Malformed(f"{slot.name}: another component")
    prop = item.get("property")
    if not isinstance(prop, str) or prop.partition("@")[0] != slot.prop:
        raise Malformed(f"{slot.name}: another property")
    if not isinstance(slot.id, str):
        for key, part in slot.id.items():
            if _wildcard(part) == "MATCH" and matched.setdefault(key, item["id"][key]) != item["id"][key]:
                raise Malformed(f"{slot.name}: other components than before")
    if not valued:
        return
    value = item.get("value")
    if slot.prop == "id":
        if (
            "value" not in item and slot.many
        ):  # the renderer knew the component when it began, and no more when it read it
            raise Passed(f"{slot.name}: a component that is gone")
        if value != item["id"]:
            raise Malformed(f"{slot.name}: an id that is not its own")
        return
    try:
        wanted = type_of(slot.name, slot.prop)
    except KeyError:
        wanted = Any
    try:
        msgspec.convert(value, wanted, strict=True)
    except (msgspec.ValidationError, OverflowError) as error:
        raise Malformed(f"{slot.name}.{slot.prop}: {error}") from None


# -- depth ---------------------------------------------------------------------------------------------------------------

_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def too_deep(raw: bytes, most: int = MOST_DEPTH) -> bool:
    """Whether lists and objects lie within each other more than ``most`` levels; cheap where there are few of them."""
    if raw.count(b"[") + raw.count(b"{") <= most:
        return False
    level = 0
    for bracket in _brackets(raw):
        level += 1 if bracket in b"[{" else -1
        if level > most:
            return True
    return False


def _brackets(raw: bytes) -> Iterator[bytes]:
    bare = _TEXTS.sub(b"", raw).translate(None, bytes(set(range(256)) - set(b"[]{}")))
    for i in range(len(bare)):
        yield bare[i : i + 1]
