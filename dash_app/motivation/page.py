"""The page «Мотивация»: the ladder with a live example, grades, ramp, absences, closing of months, and who changed what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.engine.directory import Directory
from dash_app.errors import NoData
from dash_app.figures.pay.bonus import BonusCase, Pay, pay
from dash_app.motivation import closing_panel
from dash_app.motivation import words as w
from dash_app.motivation.kinds import GradeCoefficient, Ramp, Scheme
from dash_app.motivation.lists import people, sections
from dash_app.services import Services
from dash_app.store.edits import name_of
from dash_app.store.entries import Entry
from dash_app.store.kinds import ENTRY_KINDS
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views.charts import graph
from dash_app.views.pay_curve import first_fall, pay_curve
from dash_app.views.scene import attrs
from dash_app.web import ids
from dash_app.web import words as common
from dash_app.web.errors import notice
from dash_app.web.frame import icon
from dash_app.web.setting_words import directory_of
from dash_app.web.settings_history import sentence

BODY = "motivation-body"
SCHEME = "motivation-scheme"
NAME, MONTH, MODE, DEPARTMENTS, MANAGERS = (
    f"motivation-{n}" for n in ("name", "month", "mode", "departments", "managers")
)
CAP_KIND, CAP_VALUE = "motivation-cap-kind", "motivation-cap-value"
STEPS, ADD_STEP, SAVE, DELETE, FORM, VERSION = (
    f"motivation-{n}" for n in ("steps", "add-step", "save", "delete", "form", "version")
)
RESULT, SLIDER = "motivation-result", "motivation-slider"
EXAMPLE = ("plan", "fact", "bonus", "threshold", "grade", "service", "away")
HISTORY = "motivation-history"
KINDS_HERE = ("scheme", "grade_coefficient", "grade", "ramp", "hire", "absence", "closing")
NEW = "-"
FormValues = Mapping[str, Any]
"""Section -> a notice to show in it."""


def step_id(row: Any, part: Any) -> ids.PatternId:
    """A control of one step."""
    return {"type": "motivation-step", "row": row, "part": part}


def remove_id(row: Any) -> ids.PatternId:
    """× of a step."""
    return {"type": "motivation-step-remove", "row": row}


def example_id(name: Any) -> ids.PatternId:
    """A number of the live example."""
    return {"type": "motivation-example", "name": name}


def undo_id(change: Any) -> ids.PatternId:
    """Undo in this page's history."""
    return {"type": "motivation-undo", "change": change}


def page(services: Services, lang: Lang) -> html.Div:
    """The whole page below its title."""
    return html.Div(body(services, lang), id=BODY, className="settings motivation")


def body(services: Services, lang: Lang, *, scheme: str | None = None, said: FormValues | None = None) -> list[Any]:
    """Everything on the page; ``scheme``: the key of the one in the editor, by default the latest."""
    notes = said or {}
    directory = directory_of(services)
    able = services.session().may_type("scheme")

    def locked(part: Any) -> Any:
        """A part of the page as it is for who may change nothing: its fields are seen, its buttons are not there."""
        return part if able else html.Fieldset(part, disabled=True, className="locked")

    schemes = services.session().entries("scheme")
    chosen = scheme if scheme is not None else max(schemes, key=lambda k: _newest(schemes[k]), default=NEW)
    ladder = html.Section(
        [
            html.H2(w.LADDER.of(lang)),
            html.P(w.LADDER_TEXT.of(lang), className="panel-text"),
            _labelled(
                w.WHICH,
                _select(SCHEME, scheme_options(schemes, lang), chosen if chosen in schemes else NEW, w.WHICH.of(lang)),
                lang,
            ),
            locked(html.Div(form(services, lang, chosen, notes.get("scheme")), id=FORM)),
        ],
        className="panel",
    )
    return [
        *([] if able else [notice(common.READ_ONLY, lang, kind="info")]),
        html.Div([ladder, example_panel(services, lang)], className="motivation-pair"),
        *map(locked, sections(services.session(), directory, lang)),
        locked(closing_panel.panel(services, lang, notes.get("closing"))),
        locked(
            html.Section(
                [
                    html.H2(w.HISTORY.of(lang)),
                    html.Div(history(services, lang), id=HISTORY, className="scroll-x"),
                    notes.get("history"),
                ],
                className="panel",
            )
        ),
    ]


def _newest(entry: Entry) -> tuple[str, str]:
    assert isinstance(entry.value, Scheme)
    return entry.value.from_month, entry.value.name


def scheme_options(schemes: Mapping[str, Entry], lang: Lang) -> list[tuple[str, str]]:
    """Schemes for the select, the latest first, and a new one."""
    found = []
    for key in sorted(schemes, key=lambda k: _newest(schemes[k]), reverse=True):
        value = schemes[key].value
        assert isinstance(value, Scheme)
        found.append((key, f"{value.name} · {value.from_month[5:]}.{value.from_month[:4]}"))
    return [*found, (NEW, f"+ {w.NEW_SCHEME.of(lang)}")]


def _select(name: Any, options: Sequence[tuple[str, str]], value: str | None, label: str, **more: Any) -> dmc.Select:
    return dmc.Select(
        id=name,
        data=[{"value": v, "label": text} for v, text in options],
        value=value,
        allowDeselect=False,
        size="sm",
        maxDropdownHeight=320,
        attributes={"input": {"aria-label": label}},
        className="control-form",
        **more,
    )


def number(name: Any, value: Any, label: str, lang: Lang, **more: Any) -> dmc.NumberInput:
    """A number as the language writes it."""
    return dmc.NumberInput(
        id=name,
        value=value,
        size="sm",
        min=0,
        decimalSeparator="," if lang == "ru" else ".",
        thousandSeparator="\u00a0" if lang == "ru" else ",",
        hideControls=True,
        className="control-form",
        attributes={"input": {"aria-label": label}},
        **more,
    )


def _labelled(text: Text, control: Any, lang: Lang, help_: Text | None = None) -> html.Div:
    return html.Div(
        [
            html.Div(text.of(lang), className="field-label"),
            control,
            html.P(help_.of(lang), className="field-help") if help_ else None,
        ],
        className="field",
    )


def form(services: Services, lang: Lang, key: str, said: Any = None) -> list[Any]:
    """The editor of one scheme; of a new one with three steps people usually begin with."""
    entry = services.session().entries("scheme").get(key)
    value = entry.value if entry is not None and isinstance(entry.value, Scheme) else _fresh(services)
    directory = directory_of(services)
    departments = (
        [] if directory is None else [{"value": str(d.id), "label": d.name} for d in directory.departments.values()]
    )
    cap = value.cap
    parts: list[Any] = [
        dcc.Store(id=VERSION, data={"key": key if entry else NEW, "version": entry.version if entry else 0}),
        html.Div(
            [
                _labelled(
                    w.NAME,
                    dmc.TextInput(
                        id=NAME, value=value.name, size="sm", attributes={"input": {"aria-label": w.NAME.of(lang)}}
                    ),
                    lang,
                ),
                _labelled(w.FROM_MONTH, _month_picker(value.from_month, lang), lang),
            ],
            className="form-grid two",
        ),
        _labelled(
            w.MODE, _select(MODE, [(k, t.of(lang)) for k, t in w.MODES.items()], value.mode, w.MODE.of(lang)), lang
        ),
        html.Div(steps([_step_values(s) for s in value.ladder], lang), id=STEPS, className="ladder-steps"),
        html.Button(
            [icon("plus-lg"), html.Span(w.ADD_STEP.of(lang))],
            id=ADD_STEP,
            className="button button-quiet button-small",
            type="button",
            n_clicks=0,
        ),
        _labelled(
            w.CAP,
            html.Div(
                [
                    _select(
                        CAP_KIND,
                        [(k, t.of(lang)) for k, t in w.CAPS.items()],
                        cap.kind if cap else "none",
                        w.CAP.of(lang),
                    ),
                    number(
                        CAP_VALUE,
                        "" if cap is None else _shown(cap.value, cap.kind == "share"),
                        f"{w.CAP.of(lang)}: {w.STEP_VALUE.of(lang)}",
                        lang,
                    ),
                ],
                className="pair",
            ),
            lang,
        ),
        _labelled(
            w.FOR_WHOM,
            html.Div(
                [
                    _multi(DEPARTMENTS, departments, list(value.departments), w.DEPARTMENTS, lang),
                    _multi(MANAGERS, people(directory), list(value.managers), w.MANAGERS, lang),
                ],
                className="pair",
            ),
            lang,
            w.FOR_WHOM_HELP,
        ),
        html.Div(
            [
                html.Button(
                    w.SAVE_SCHEME.of(lang), id=SAVE, className="button button-primary", type="button", n_clicks=0
                ),
                html.Button(
                    w.DELETE_SCHEME.of(lang),
                    id=DELETE,
                    className="button button-quiet",
                    type="button",
                    n_clicks=0,
                    hidden=entry is None,
                ),
            ],
            className="save-row",
        ),
        html.P(w.VERSION_HELP.of(lang), className="field-help"),
        html.Div(said, className="save-state", role="status"),
    ]
    return parts


def _fresh(services: Services) -> Scheme:
    try:
        month = f"{services.session().state().as_of:%Y-%m}"
    except NoData:
        month = "2026-01"
    given = [("0.8", "0.5"), ("1", "1"), ("1.2", "1.5")]
    return Scheme.model_validate(
        {
            "name": "Основная",
            "from_month": month,
            "steps": [{"reached": r, "pay": "share", "value": v} for r, v in given],
        }
    )


def _month_picker(month: str, lang: Lang) -> dmc.MonthPickerInput:
    return dmc.MonthPickerInput(
        id=MONTH,
        value=f"{month}-01",
        valueFormat="MM.YYYY",
        size="sm",
        attributes={"input": {"aria-label": w.FROM_MONTH.of(lang)}},
        ariaLabels={"previousYear": common.PREVIOUS.of(lang), "nextYear": common.NEXT.of(lang)},
        popoverProps={"position": "bottom-start", "attributes": {"dropdown": {"aria-label": w.FROM_MONTH.of(lang)}}},
    )


def _multi(name: str, data: list[dict[str, str]], value: list[str], label: Text, lang: Lang) -> dmc.MultiSelect:
    known = {d["value"] for d in data}
    return dmc.MultiSelect(
        id=name,
        data=[*data, *({"value": v, "label": f"№{v}"} for v in value if v not in known)],
        value=value,
        placeholder="" if value else label.of(lang),
        searchable=True,
        size="sm",
        nothingFoundMessage=common.NOTHING_FOUND.of(lang),
        maxDropdownHeight=320,
        attributes={"inputField": {"aria-label": label.of(lang)}},
    )


# -- steps -------------------------------------------------------------------------------------------------------------


def _shown(value: Decimal, percents: bool) -> float:
    return float(value * 100 if percents else value)


def _step_values(step: Any) -> dict[str, Any]:
    return {"reached": _shown(step.reached, True), "pay": step.pay, "value": _shown(step.value, step.pay != "fixed")}


def steps(values: Sequence[Mapping[str, Any]], lang: Lang) -> list[Any]:
    """Rows of steps; ``row`` numbers begin anew."""
    heads = html.Div(
        [html.Span(t.of(lang)) for t in (w.STEP_FROM, w.STEP_PAY, w.STEP_VALUE)],
        className="ladder-head",
        **attrs({"aria-hidden": "true"}),
    )
    rows = []
    for row, step in enumerate(values):
        name = f"{w.ADD_STEP.of(lang)} {row + 1}"
        rows.append(
            html.Div(
                [
                    number(
                        step_id(row, "reached"),
                        step.get("reached", ""),
                        f"{name}: {w.STEP_FROM.of(lang)}",
                        lang,
                        max=10_000,
                        decimalScale=2,
                        prefix="от " if lang == "ru" else "from ",
                        suffix="\u00a0%" if lang == "ru" else "%",
                    ),
                    _select(
                        step_id(row, "pay"),
                        [(k, t.of(lang)) for k, t in w.PAYS.items()],
                        step.get("pay", "share"),
                        f"{name}: {w.STEP_PAY.of(lang)}",
                    ),
                    number(
                        step_id(row, "value"),
                        step.get("value", ""),
                        f"{name}: {w.STEP_VALUE.of(lang)}",
                        lang,
                        decimalScale=4,
                    ),
                    html.Button(
                        icon("x-lg"),
                        id=remove_id(row),
                        className="tool",
                        type="button",
                        n_clicks=0,
                        title=w.REMOVE_STEP.of(lang),
                        **attrs({"aria-label": f"{w.REMOVE_STEP.of(lang)} {row + 1}"}),
                    ),
                ],
                className="ladder-row",
            )
        )
    return [heads, *rows] if rows else []


def step_rows(controls: Sequence[Mapping[str, Any]], values: Sequence[Any]) -> dict[int, dict[str, Any]]:
    """Row -> part -> value, as the browser has them."""
    found: dict[int, dict[str, Any]] = {}
    for control, value in zip(controls, values, strict=True):
        found.setdefault(int(control["row"]), {})[str(control["part"])] = value
    return dict(sorted(found.items()))


def exact(value: Any, *, percents: bool = False) -> Decimal | None:
    """A number of a form, exactly as typed; None where the field is empty."""
    if value is None or isinstance(value, bool) or str(value).strip() == "":
        return None
    try:
        found = Decimal(str(value).replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except InvalidOperation:
        return None
    if not found.is_finite() or found.adjusted() > 18:
        return None
    return found / 100 if percents else found


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def scheme_value(
    rows: Mapping[int, Mapping[str, Any]],
    name: Any,
    month: Any,
    mode: Any,
    departments: Any,
    managers: Any,
    cap_kind: Any,
    cap_value: Any,
) -> dict[str, Any]:
    """The form as a value of the kind ``scheme``, not yet checked; steps with an empty field are left out."""
    ladder = []
    for row in rows.values():
        reached, value = (
            exact(row.get("reached"), percents=True),
            exact(row.get("value"), percents=row.get("pay") != "fixed"),
        )
        if reached is not None and value is not None:
            ladder.append({"reached": _plain(reached), "pay": row.get("pay") or "share", "value": _plain(value)})
    cap = exact(cap_value, percents=cap_kind == "share") if cap_kind in ("fixed", "share") else None
    return {
        "name": str(name or "").strip(),
        "from_month": str(month or "")[:7],
        "mode": mode or "highest",
        "steps": ladder,
        "cap": None if cap is None else {"kind": cap_kind, "value": _plain(cap)},
        "departments": list(departments or ()),
        "managers": list(managers or ()),
    }


# -- the live example --------------------------------------------------------------------------------------------------


def example_panel(services: Services, lang: Lang) -> html.Section:
    """Numbers to move, the pay with its working, the chart."""
    grades = [("", w.NO_GRADE.of(lang)), *((g, g) for g in known_grades(services))]
    given: dict[str, Any] = {
        "plan": 1_000_000,
        "fact": 860_000,
        "bonus": 100_000,
        "threshold": 100,
        "service": "",
        "away": 0,
    }
    limits: dict[str, dict[str, Any]] = {
        "service": {"max": 36, "allowDecimal": False},
        "away": {"max": 20, "allowDecimal": False},
        "threshold": {"max": 150},
    }
    labels = {
        "plan": w.PLAN,
        "fact": w.FACT,
        "bonus": w.BONUS,
        "threshold": w.THRESHOLD,
        "service": w.SERVICE_MONTH,
        "away": w.AWAY,
    }
    fields = [
        _labelled(
            labels[k],
            number(example_id(k), given[k], labels[k].of(lang), lang, decimalScale=2, **limits.get(k, {"step": 1000})),
            lang,
        )
        for k in labels
    ]
    grade = _labelled(w.GRADE, _select(example_id("grade"), grades, "", w.GRADE.of(lang)), lang)
    slider = dmc.Slider(
        id=SLIDER,
        value=86,
        min=0,
        max=200,
        step=1,
        updatemode="drag",
        className="example-slider",
        thumbLabel=w.ATTAINMENT.of(lang),
        marks=[{"value": v, "label": f"{v}%" if lang == "en" else f"{v}\u00a0%"} for v in (0, 50, 100, 150, 200)],
    )
    return html.Section(
        [
            html.H2(w.EXAMPLE.of(lang)),
            html.P(w.EXAMPLE_TEXT.of(lang), className="panel-text"),
            html.Div(id=RESULT, className="example-result", **attrs({"aria-live": "polite"})),
            html.Div([html.Div(w.ATTAINMENT.of(lang), className="field-label"), slider], className="field"),
            html.Div([*fields[:4], grade, *fields[4:]], className="form-grid three"),
        ],
        className="panel",
    )


def known_grades(services: Services) -> list[str]:
    """Grades that have a coefficient."""
    return sorted(
        {
            e.value.grade
            for e in services.session().entries("grade_coefficient").values()
            if isinstance(e.value, GradeCoefficient)
        }
    )


def example_case(services: Services, scheme: Mapping[str, Any], given: Mapping[str, Any], currency: str) -> BonusCase:
    """The example's question; BadInput for a ladder that makes no sense."""
    value = ENTRY_KINDS["scheme"].value(
        {
            **scheme,
            "name": scheme.get("name") or "?",
            "from_month": scheme.get("from_month") or "2026-01",
            "departments": [],
            "managers": [],
        }
    )
    assert isinstance(value, Scheme)
    grade = str(given.get("grade") or "")
    held = [
        e.value
        for e in services.session().entries("grade_coefficient").values()
        if isinstance(e.value, GradeCoefficient) and e.value.grade == grade
    ]
    latest = max(held, key=lambda g: g.start, default=None)
    ramp = services.session().entries("ramp").get("all")
    shares = ramp.value.shares if ramp is not None and isinstance(ramp.value, Ramp) else ()
    month = int(exact(given.get("service")) or 0)
    coefficient = latest.coefficient if latest else Decimal(1)
    return BonusCase(
        plan=exact(given.get("plan")),
        fact=exact(given.get("fact")) or Decimal(0),
        bonus=exact(given.get("bonus")),
        threshold=exact(given.get("threshold"), percents=True) or Decimal(1),
        scheme=value,
        grade=grade,
        coefficient=coefficient,
        plan_coefficient=coefficient if latest and latest.on_plan else Decimal(1),
        ramp=shares[month - 1] if 1 <= month <= len(shares) else Decimal(1),
        working_days=20,
        absent_days=min(int(exact(given.get("away")) or 0), 20),
        currency=currency,
    )


def result(case: BonusCase, lang: Lang) -> list[Any]:
    """The pay, its working, what the next step needs, the chart."""
    found: Pay = pay(case)
    chart = pay_curve(case, lang)
    fall = first_fall(case)
    more = None
    if found.next_step is not None and found.next_amount is not None:
        more = html.P(
            w.NEXT_STEP.format(what=found.next_step.of(lang), pay=fmt.money(found.next_amount, lang, case.currency)).of(
                lang
            ),
            className="example-next",
        )
    return [
        html.Div(
            [
                html.Span(w.PAID.of(lang), className="muted"),
                html.Strong(fmt.money(found.amount, lang, case.currency), className="num"),
            ],
            className="example-pay",
        ),
        html.P(found.working.of(lang), className="example-working"),
        more,
        None
        if fall is None
        else notice(
            w.FALLS.format(
                at=fmt.ratio(float(fall[0]), lang),
                was=fmt.money(fall[1], lang, case.currency),
                now=fmt.money(fall[2], lang, case.currency),
            ),
            lang,
        ),
        html.P(w.NO_CURVE.of(lang), className="panel-text") if chart is None else graph(chart),
    ]


# -- history -----------------------------------------------------------------------------------------------------------


def zone_of(services: Services) -> tzinfo | None:
    """The portal's time zone; None before the first load."""
    try:
        return services.session().state().as_of.tzinfo
    except NoData:
        return None


def history(services: Services, lang: Lang) -> Any:
    """Who changed what on this page, the newest first, with the way back where there is one."""
    changes = services.session().history(most=40, kinds=KINDS_HERE)
    if not changes:
        return html.P(w.NO_HISTORY.of(lang), className="panel-text")
    directory: Directory | None = directory_of(services)
    zone = zone_of(services)
    rows = []
    for change in changes:
        kind = change.what.partition(":")[0]
        when = fmt.moment(change.at.astimezone(zone), lang)
        back = (
            html.Button(
                [icon("arrow-counterclockwise"), html.Span(common.UNDO.of(lang))],
                id=undo_id(change.id),
                className="button button-quiet button-small",
                type="button",
                n_clicks=0,
                **attrs({"aria-label": common.UNDO_OF.of(lang).format(what=name_of(change.what).of(lang), when=when)}),
            )
            if ENTRY_KINDS[kind].undoable
            else ""
        )
        said: list[Any] = [sentence(change, directory, lang)]
        if change.undoes is not None:
            said.append(html.Span(f" ({common.UNDONE.of(lang)})", className="muted"))
        cells = [when, change.who, said, back]
        rows.append(html.Tr([html.Td(cell) for cell in cells]))
    heads = [html.Th(t.of(lang), scope="col") for t in (common.WHEN, common.WHO, common.WHAT)]
    heads.append(html.Th(html.Span(common.UNDO.of(lang), className="visually-hidden"), scope="col"))
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="plain-table history")
