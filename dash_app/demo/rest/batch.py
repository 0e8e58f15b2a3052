"""``batch``: up to fifty commands, each may use results of earlier ones through ``$result[key][path]``.

The portal's traps are kept: a reference that does not resolve stays as literal text (so a chained page after a short
one reads the first page again); keys 0..n-1 make lists of the maps; one failing command does not fail the batch.
"""

from __future__ import annotations

import re
from typing import Any

from dash_app.demo.rest.bodies import from_query
from dash_app.demo.rest.faults import MissingCommand
from dash_app.demo.rest.php import as_map, php_array, truth
from dash_app.demo.rest.protocol import BATCH, Answer, Call, RestError

_REFERENCE = re.compile(r"\$(result|total|next)((?:\[[^\[\]]*\])+)")
_UNRESOLVED = object()


def run_batch(call: Call) -> Answer:
    """Execute the commands in order; see b24 documentation of ``batch`` for the five maps of the answer."""
    halt = truth(call.param("halt", 0))
    results: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    totals: dict[str, Any] = {}
    nexts: dict[str, Any] = {}
    times: dict[str, Any] = {}
    for position, (key, command) in enumerate(as_map(call.param("cmd")).items()):
        if not isinstance(command, str):
            continue
        try:
            if position >= BATCH:
                raise RestError("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
            name, _, query = command.partition("?")
            name = call.portal.method_name(name.strip().lstrip("/"))
            if name == "batch":
                raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
            params = from_query(query)
            if "$" in command or "%24" in command:
                params = _resolve(params, {"result": results, "total": totals, "next": nexts})
            answer, taken = call.portal.execute(call.db, name, params, inside_batch=True, application=call.application)
        except MissingCommand:
            continue
        except RestError as error:
            errors[key] = error.body()
            if halt:
                break
            continue
        results[key] = answer.result
        times[key] = taken
        if answer.total is not None:
            totals[key] = answer.total
        if answer.next is not None:
            nexts[key] = answer.next
    return Answer(
        {
            "result": php_array(results),
            "result_error": php_array(errors),
            "result_total": php_array(totals),
            "result_next": php_array(nexts),
            "result_time": php_array(times),
        }
    )


def _resolve(value: Any, known: dict[str, dict[str, Any]]) -> Any:
    if isinstance(value, dict):
        return {_text(key, known): _resolve(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, known) for item in value]
    if not isinstance(value, str) or "$" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        found = _look_up(whole, known)
        return value if found is _UNRESOLVED else found
    return _text(value, known)


def _text(text: str, known: dict[str, dict[str, Any]]) -> str:
    def replacement(match: re.Match[str]) -> str:
        found = _look_up(match, known)
        scalar = isinstance(found, (str, int, float)) and not isinstance(found, bool)
        return str(found) if scalar else match.group(0)

    return _REFERENCE.sub(replacement, text) if "$" in text else text


def _look_up(match: re.Match[str], known: dict[str, dict[str, Any]]) -> Any:
    found: Any = known[match.group(1)]
    for part in match.group(2)[1:-1].split("]["):
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return _UNRESOLVED
    return found


def commands_of(params: dict[str, Any]) -> list[str]:
    """Names of the methods a batch's commands call."""
    commands = as_map(params.get("cmd")).values()
    return [command.partition("?")[0].strip().lower() for command in commands if isinstance(command, str)]
