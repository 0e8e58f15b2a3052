"""What went wrong, for a log: kinds of errors and places in the code, without the values they were about.

Libraries quote what they choke on – a name that is no number, a row that is there already, a whole statement with its parameters –, so of a
message only the first line is kept, without what stands in quotation marks, without numbers of five digits and more, and without words in
letters other than Latin: what a portal holds is none of the log's business.
"""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

from dash_app.errors import UserError
from dash_app.logs.redact import redact

_FRAMES = 30
_CAUSES = 4
_LONGEST = 300
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|«[^»]*»|“[^”]*”|\([^()]*=[^()]*\)=\([^()]*\)")
_BEHIND = re.compile(r"\[SQL:|\[parameters:|\bLINE \d+:|input_value=|\bDETAIL:|\bInput:|\bkey:", re.IGNORECASE)
_FOREIGN = re.compile(r"[^\W\d_a-zA-Z]+(?:[\s-]+[^\W\d_a-zA-Z]+)*")
_NUMBERS = re.compile(r"\d[\d .,-]{3,}\d")
_CODE = Path(__file__).parents[2]


def said(error: BaseException) -> str:
    """What an exception says, without values."""
    if isinstance(error, OSError) and error.errno is not None and error.strerror:
        return f"[{error.errno}] {error.strerror}"
    try:
        text = error.text.en if isinstance(error, UserError) else str(error)
    except Exception:  # an exception whose own words fail
        return ""
    text = _BEHIND.split(text.strip()[:4000].split("\n", 1)[0])[0]
    return "'…'" if isinstance(error, KeyError) else without_values(text)[:_LONGEST]


def without_values(text: str) -> str:
    """A sentence of a library without the values in it."""
    text = redact(text)
    for pattern, instead in ((_QUOTED, "'…'"), (_NUMBERS, "#"), (_FOREIGN, "…")):
        text = pattern.sub(instead, text)
    return text


def places(trace: TracebackType | None) -> list[str]:
    """``file:line function`` from the outside in, the last thirty."""
    frames = traceback.StackSummary.extract(traceback.walk_tb(trace), lookup_lines=False)[-_FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(name: str) -> str:
    path = Path(name)
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :])
    return str(path.relative_to(_CODE)) if path.is_relative_to(_CODE) else path.name


def described(error: BaseException) -> dict[str, Any]:
    """Kind, words and places of an exception and of what caused it."""
    found: dict[str, Any] = _one(error)
    causes: list[dict[str, Any]] = []
    seen = {id(error)}
    current = error
    while len(causes) < _CAUSES:
        behind = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
        if behind is None or id(behind) in seen:
            break
        seen.add(id(behind))
        causes.append(_one(behind))
        current = behind
    if causes:
        found["because"] = causes
    return found


def _one(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return {"type": f"{module}{kind.__qualname__}", "said": said(error), "at": places(error.__traceback__)}
