"""An entry people typed, said in words: for histories and for two people who meet at one entry."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from dash_app.engine.directory import Directory
from dash_app.figures.exact_words import percent, plain
from dash_app.motivation import words as w
from dash_app.text import Lang
from dash_app.views import format as fmt


def person(directory: Directory | None, manager_id: object) -> str:
    """A name, or the number where names are not known yet."""
    if directory is None or not str(manager_id).isdigit():
        return f"№{manager_id}"
    return directory.manager(int(str(manager_id))).ru


def _day(text: object, lang: Lang) -> str:
    return fmt.day(date.fromisoformat(str(text)), lang)


def step_text(step: dict[str, Any], lang: Lang) -> str:
    """``80 % → 50 % от премии``."""
    value = Decimal(str(step["value"]))
    shown = plain(value, 2) if step["pay"] == "fixed" else percent(value)
    what = "" if step["pay"] == "fixed" else f" {w.PAYS[step['pay']].of(lang).removeprefix('% ')}"
    return f"{percent(Decimal(str(step['reached']))).of(lang)} → {shown.of(lang)}{what}"


def entry_text(kind: str, value: Any, directory: Directory | None, lang: Lang) -> str:
    """A value of an entry as stored (JSON), in words; a dash for none."""
    if not isinstance(value, dict):
        return fmt.DASH
    try:
        return _text(kind, value, directory, lang)
    except (KeyError, ValueError, TypeError, InvalidOperation):  # what another version typed
        return str(value)[:200]


def _text(kind: str, v: dict[str, Any], directory: Directory | None, lang: Lang) -> str:
    match kind:
        case "scheme":
            steps = "; ".join(step_text(step, lang) for step in v.get("steps", []))
            parts = [
                f"{v['name']}, {v['from_month']}",
                steps or w.THRESHOLD.of(lang).removesuffix(", %"),
                w.MODES[v.get("mode", "highest")].of(lang),
            ]
            if v.get("cap"):
                cap = v["cap"]
                parts.append(
                    f"{w.CAP.of(lang)} {(plain(Decimal(str(cap['value'])), 2) if cap['kind'] == 'fixed' else percent(Decimal(str(cap['value'])))).of(lang)}"
                )
            return " · ".join(parts)
        case "grade_coefficient":
            tail = f", {w.ON_PLAN.of(lang)}" if v.get("on_plan") else ""
            return f"{v['grade']}: {plain(Decimal(str(v['coefficient']))).of(lang)}{tail}, {_day(v['start'], lang)}"
        case "grade":
            return f"{person(directory, v['manager_id'])}: {v['grade']}, {_day(v['start'], lang)}"
        case "ramp":
            return ", ".join(percent(Fraction(str(s))).of(lang) for s in v["shares"]) or fmt.DASH
        case "hire":
            return f"{person(directory, v['manager_id'])}: {_day(v['start'], lang)}"
        case "absence":
            return f"{person(directory, v['manager_id'])}: {_day(v['start'], lang)} – {_day(v['end'], lang)}" + (
                f", {v['reason']}" if v.get("reason") else ""
            )
        case "leader_note":
            author = f" – {v['author']}" if v.get("author") else ""
            return f"{person(directory, v['manager_id'])}, {v['week']}: {v['text']}{author}"
        case "closing":
            pay = sum((Decimal(str(r["pay"])) for r in v.get("rows", [])), Decimal(0))
            if v["state"] == "closed":
                return f"{v['month']}: {w.ROWS.of(lang).lower()} {sum(1 for r in v['rows'] if r.get('plan_amount') is not None)}, {w.PAY_TOTAL.of(lang).lower()} {plain(pay, 2).of(lang)}"
            return f"{v['month']}: {w.REOPEN.of(lang).lower()} – {v.get('reason', '')}"
        case _:
            return ", ".join(f"{k} {x}" for k, x in v.items() if x not in (None, "", [], ()))
