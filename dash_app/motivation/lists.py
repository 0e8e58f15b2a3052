"""Lists of the page «Мотивация» – coefficients, grades, first days, absences, the ramp –: what there is, and a line to add to it.

Each list is declared once; one callback adds to, one removes from any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.engine.directory import Directory
from dash_app.errors import BadInput
from dash_app.figures.exact_words import plain
from dash_app.motivation import words as w
from dash_app.motivation.kinds import Grade, GradeCoefficient, Hire, Ramp
from dash_app.reports.session import Session
from dash_app.store.entry_kind import EntryValue
from dash_app.store.kinds import Absence
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views.scene import attrs
from dash_app.web import ids
from dash_app.web import words as common
from dash_app.web.entry_words import entry_text, person
from dash_app.web.frame import icon

RAMP_FIELDS = 6


@dataclass(frozen=True, slots=True)
class FormField:
    """A control of the line that adds. ``control``: manager | grade | day | number | flag | text."""

    name: str
    label: Text
    control: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """One list. ``cells``: an entry's columns."""

    kind: str
    title: Text
    heads: tuple[Text, ...]
    fields: tuple[FormField, ...]
    cells: Callable[[EntryValue, Directory | None, Lang], list[str]]
    text: Text | None = None


def _coefficient(value: EntryValue, _: Directory | None, lang: Lang) -> list[str]:
    assert isinstance(value, GradeCoefficient)
    return [
        value.grade,
        plain(value.coefficient).of(lang) + (f", {w.ON_PLAN.of(lang)}" if value.on_plan else ""),
        fmt.day(value.start, lang),
    ]


def _grade(value: EntryValue, directory: Directory | None, lang: Lang) -> list[str]:
    assert isinstance(value, Grade)
    return [person(directory, value.manager_id), value.grade, fmt.day(value.start, lang)]


def _hire(value: EntryValue, directory: Directory | None, lang: Lang) -> list[str]:
    assert isinstance(value, Hire)
    return [person(directory, value.manager_id), fmt.day(value.start, lang)]


def _absence(value: EntryValue, directory: Directory | None, lang: Lang) -> list[str]:
    assert isinstance(value, Absence)
    return [person(directory, value.manager_id), fmt.day(value.start, lang), fmt.day(value.end, lang), value.reason]


_WHO, _SINCE = FormField("manager_id", w.MANAGER, "manager"), FormField("start", w.SINCE, "day")
LISTS: dict[str, Listing] = {
    listing.kind: listing
    for listing in (
        Listing(
            "grade_coefficient",
            w.GRADES,
            (w.GRADE, w.COEFFICIENT, w.SINCE),
            (
                FormField("grade", w.GRADE, "text"),
                FormField("coefficient", w.COEFFICIENT, "number"),
                _SINCE,
                FormField("on_plan", w.ON_PLAN, "flag", False),
            ),
            _coefficient,
            w.GRADES_TEXT,
        ),
        Listing(
            "grade",
            w.PEOPLE_GRADES,
            (w.MANAGER, w.GRADE, w.SINCE),
            (_WHO, FormField("grade", w.GRADE, "grade"), _SINCE),
            _grade,
        ),
        Listing("hire", w.HIRES, (w.MANAGER, w.SINCE), (_WHO, _SINCE), _hire),
        Listing(
            "absence",
            w.ABSENCES,
            (w.MANAGER, w.SINCE, w.TILL, w.REASON),
            (_WHO, _SINCE, FormField("end", w.TILL, "day"), FormField("reason", w.REASON, "text", False)),
            _absence,
            w.ABSENCES_TEXT,
        ),
    )
}


KNOWN = frozenset({*LISTS, "ramp"})
"""Kinds of entries the page has a list of."""


def list_id(kind: Any) -> ids.PatternId:
    """The container of a list: ``children`` is what there is and the line to add."""
    return {"type": "motivation-list", "kind": kind}


def field_id(kind: Any, name: Any) -> ids.PatternId:
    """A control of the line that adds."""
    return {"type": "motivation-field", "kind": kind, "name": name}


def add_id(kind: Any) -> ids.PatternId:
    """«Добавить»."""
    return {"type": "motivation-add", "kind": kind}


def remove_id(kind: Any, key: Any) -> ids.PatternId:
    """× of an entry."""
    return {"type": "motivation-remove", "kind": kind, "key": key}


def versions_id(kind: Any) -> ids.PatternId:
    """dcc.Store: key -> version as shown, to notice another editor."""
    return {"type": "motivation-versions", "kind": kind}


def people(directory: Directory | None) -> list[dict[str, str]]:
    """Everybody for a select, those who work here first."""
    if directory is None:
        return []
    known = sorted((m for m in directory.managers.values() if m.known), key=lambda m: (not m.active, m.name, m.id))
    twice = {m.name for m in known if sum(1 for other in known if other.name == m.name) > 1}
    return [
        {"value": str(m.id), "label": directory.manager(m.id).ru + (f" · №{m.id}" if m.name in twice else "")}
        for m in known
    ]


def sections(session: Session, directory: Directory | None, lang: Lang) -> list[html.Section]:
    """All lists and the ramp, as panels."""

    def filled(kind: str) -> html.Div:
        return html.Div(content(session, directory, kind, lang), id=list_id(kind))

    grades = html.Section(
        [
            html.H2(w.GRADES.of(lang)),
            html.P(w.GRADES_TEXT.of(lang), className="panel-text"),
            filled("grade_coefficient"),
            html.H3(w.PEOPLE_GRADES.of(lang), className="panel-sub"),
            filled("grade"),
        ],
        className="panel",
    )
    ramp = html.Section(
        [
            html.H2(w.RAMP.of(lang)),
            html.P(w.RAMP_TEXT.of(lang), className="panel-text"),
            filled("ramp"),
            html.H3(w.HIRES.of(lang), className="panel-sub"),
            filled("hire"),
        ],
        className="panel",
    )
    absences = html.Section(
        [html.H2(w.ABSENCES.of(lang)), html.P(w.ABSENCES_TEXT.of(lang), className="panel-text"), filled("absence")],
        className="panel",
    )
    return [html.Section([grades, ramp], className="motivation-pair"), absences]


def content(session: Session, directory: Directory | None, kind: str, lang: Lang, notice: Any = None) -> list[Any]:
    """What there is of a kind, the line that adds, and a notice."""
    entries = session.entries(kind)
    parts: list[Any] = [dcc.Store(id=versions_id(kind), data={key: entry.version for key, entry in entries.items()})]
    if kind == "ramp":
        return [*parts, _ramp(session, lang), html.Div(notice, className="save-state", role="status")]
    listing = LISTS[kind]
    rows = []
    for cells, key in sorted((listing.cells(entry.value, directory, lang), key) for key, entry in entries.items()):
        button = html.Button(
            icon("x-lg"),
            id=remove_id(kind, key),
            className="tool",
            type="button",
            n_clicks=0,
            title=w.REMOVE.format(what=", ".join(cells[:2])).of(lang),
            **attrs({"aria-label": w.REMOVE.format(what=", ".join(cells)).of(lang)}),
        )
        rows.append(
            html.Tr(
                [
                    html.Th(cells[0], scope="row"),
                    *(html.Td(c) for c in cells[1:]),
                    html.Td(button, className="cell-tool"),
                ]
            )
        )
    if rows:
        heads = [html.Th(t.of(lang), scope="col") for t in listing.heads] + [
            html.Th(html.Span(w.REMOVE.format(what="").of(lang).rstrip(": "), className="visually-hidden"), scope="col")
        ]
        parts.append(
            html.Div(
                html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="plain-table"),
                className="scroll-x list-scroll",
            )
        )
    else:
        parts.append(html.P(w.NOBODY.of(lang), className="panel-text"))
    controls = [_control(session, directory, kind, f, lang) for f in listing.fields]
    button = html.Button(
        [icon("plus-lg"), html.Span(w.ADD.of(lang))],
        id=add_id(kind),
        className="button",
        type="button",
        n_clicks=0,
        **attrs({"aria-label": f"{w.ADD.of(lang)}: {listing.title.of(lang)}"}),
    )
    return [
        *parts,
        html.Div([*controls, button], className="add-line"),
        html.Div(notice, className="save-state", role="status"),
    ]


def _control(session: Session, directory: Directory | None, kind: str, field: FormField, lang: Lang) -> Any:
    label = field.label.of(lang)
    at = field_id(kind, field.name)
    match field.control:
        case "manager":
            return dmc.Select(
                id=at,
                data=people(directory),
                value=None,
                placeholder=label,
                searchable=True,
                size="sm",
                nothingFoundMessage=common.NOTHING_FOUND.of(lang),
                maxDropdownHeight=320,
                attributes={"input": {"aria-label": label}},
                className="add-wide",
            )
        case "grade":
            known = sorted(
                {
                    e.value.grade
                    for e in session.entries("grade_coefficient").values()
                    if isinstance(e.value, GradeCoefficient)
                }
            )
            return dmc.Autocomplete(
                id=at, data=known, value="", placeholder=label, size="sm", attributes={"input": {"aria-label": label}}
            )
        case "day":
            return dmc.DatePickerInput(
                id=at,
                value=None,
                placeholder=label,
                size="sm",
                valueFormat="DD.MM.YYYY" if lang == "ru" else "YYYY-MM-DD",
                attributes={"input": {"aria-label": label}},
                ariaLabels={"previousMonth": common.PREVIOUS.of(lang), "nextMonth": common.NEXT.of(lang)},
                popoverProps={"position": "bottom-start", "attributes": {"dropdown": {"aria-label": label}}},
            )
        case "number":
            return dmc.NumberInput(
                id=at,
                value="",
                placeholder=label,
                size="sm",
                min=0,
                max=100,
                decimalScale=4,
                decimalSeparator="," if lang == "ru" else ".",
                hideControls=True,
                attributes={"input": {"aria-label": label}},
            )
        case "flag":
            return dmc.Checkbox(id=at, label=label, checked=False, size="sm", className="add-flag")
    return dmc.TextInput(id=at, value="", placeholder=label, size="sm", attributes={"input": {"aria-label": label}})


def _ramp(session: Session, lang: Lang) -> html.Div:
    entry = session.entries("ramp").get("all")
    shares = entry.value.shares if entry is not None and isinstance(entry.value, Ramp) else ()
    fields = []
    for month in range(1, max(RAMP_FIELDS, len(shares) + 1) + 1):
        label = w.RAMP_MONTH.format(n=month).of(lang)
        value = float(shares[month - 1] * 100) if month <= len(shares) else ""
        fields.append(
            html.Div(
                [
                    html.Div(label, className="field-label"),
                    dmc.NumberInput(
                        id=field_id("ramp", str(month)),
                        value=value,
                        placeholder="100",
                        size="sm",
                        min=0,
                        max=1000,
                        decimalScale=2,
                        decimalSeparator="," if lang == "ru" else ".",
                        hideControls=True,
                        attributes={"input": {"aria-label": label}},
                    ),
                ],
                className="field",
            )
        )
    button = html.Button(w.SAVE_RAMP.of(lang), id=add_id("ramp"), className="button", type="button", n_clicks=0)
    return html.Div([html.Div(fields, className="ramp-fields"), html.Div(button, className="save-row")])


def value_of(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the line that adds means; BadInput names the field that is empty."""
    if kind == "ramp":
        filled = [given.get(str(n)) for n in range(1, len(given) + 1)]
        while filled and filled[-1] in (None, ""):
            filled.pop()
        return {"shares": [_share(v) for v in filled]}
    found: dict[str, Any] = {}
    for field in LISTS[kind].fields:
        value = given.get(field.name)
        if field.control == "flag":
            found[field.name] = bool(value)
            continue
        text = str(value).strip() if value is not None else ""
        if not text and field.required:
            raise BadInput(Text(w.FILL.ru.format(field=field.label.ru), w.FILL.en.format(field=field.label.en)))
        found[field.name] = text[:10] if field.control == "day" else text
    return found


def _share(value: Any) -> str:
    return "1" if value in (None, "") else str(Decimal(str(value)) / 100)


def conflict(kind: str, theirs: Any, yours: Any, who: str, directory: Directory | None, lang: Lang) -> Text:
    """The sentence for the second of two editors."""
    shown = [w.REMOVED.of(lang) if v is None else entry_text(kind, v, directory, lang) for v in (theirs, yours)]
    return w.CONFLICT.format(who=who, theirs=shown[0], yours=shown[1])
