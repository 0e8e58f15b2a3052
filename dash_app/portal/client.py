"""Calls and batches of a Bitrix24 portal over ``requests``: paced, retried, secrets kept out of every message and log line.

Bitrix24's own ``b24pysdk`` was weighed and left out: it builds ``https://`` addresses only (the demo portal is loopback http), retries nothing
but 503, and its fast list only logs a failing command of a batch, which would publish holes as data.
"""

from __future__ import annotations

import json
import logging
import math
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import orjson
import requests
import tenacity
from requests.adapters import HTTPAdapter
from urllib3 import exceptions as urllib3_errors
from urllib3.util.retry import Retry

from dash_app import __version__, logs
from dash_app.logs.redact import redact
from dash_app.portal.credentials import Webhook, is_loopback
from dash_app.portal.errors import (
    EMPTY_ANSWER,
    OPEN_METHODS,
    Broken,
    Busy,
    PortalError,
    Refused,
    Unusable,
    empty_answer,
    of_answer,
    page_instead,
)
from dash_app.portal.pacing import Pacing
from dash_app.text import Text

BATCH = 50
_TIMEOUT = (10.0, 75.0)
"""Seconds to connect and to wait for an answer: the portal itself gives up after 60."""
PATIENCE = 900.0
"""Seconds a busy portal is waited for before the refresh gives up and keeps the old data. The operating counter forgets within 600."""
_TRIES = 8
_FIRST_TRIES = 3
_EMPTY_TRIES = 3
_MOVES = 3

Json = Any
_log = logs.get(__name__)


class _Redacting(logging.Filter):
    """urllib3 logs request paths, and a webhook's path is its secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


def _redact_logs() -> None:
    for name in ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.poolmanager", "urllib3.connection"):
        logger = logging.getLogger(name)
        if not any(isinstance(f, _Redacting) for f in logger.filters):
            logger.addFilter(_Redacting())


_redact_logs()


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a batch. ``params`` are nested dicts and lists, as in a JSON body. Keys begin with a letter: PHP makes lists of 0..n-1."""

    key: str
    method: str
    params: Mapping[str, Json]

    def encoded(self) -> str:
        """``method?query`` with PHP brackets, each value encoded once; references ``$result[...]`` stay readable."""
        query = "&".join(f"{quote(name, safe='[]')}={quote(value, safe='$[]')}" for name, value in flatten(self.params))
        return f"{self.method}?{query}"


def flatten(value: Json, prefix: str = "") -> Iterator[tuple[str, str]]:
    """PHP bracket notation of nested data."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flatten(inner, f"{prefix}[{key}]" if prefix else str(key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from flatten(inner, f"{prefix}[{index}]")
    elif isinstance(value, bool):
        yield prefix, "1" if value else "0"
    else:
        yield prefix, "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Result:
    """A command's outcome: ``result`` if ``present``, or ``error``. Neither: the portal did not run it, which is a failure too."""

    result: Json = None
    error: PortalError | None = None
    present: bool = False


def as_map(value: Json) -> dict[str, Json]:
    """PHP writes an empty map as [] and one with keys 0..n-1 as a list."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list):
        return {str(i): item for i, item in enumerate(value)}
    return {}


class Client:
    """One portal. Thread-safe: threads share the pacing, each has its own connections.

    Every call waits for its turn, follows a renamed portal, and asks again while the portal is busy, for ``patience`` seconds.
    Raises ``Refused``, ``Unusable``, ``Busy`` when patience ends, ``Cancelled``.
    """

    def __init__(self, webhook: Webhook, pacing: Pacing | None = None, *, patience: float = PATIENCE) -> None:
        self.webhook = webhook
        self.pacing = pacing or Pacing()
        self.patience = patience
        self._address = webhook.address
        self._met = False
        self._local = threading.local()

    @property
    def address(self) -> str:
        """Scheme and host of the portal, the new one if it has been renamed."""
        return self._address

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            # only connections that were never made are retried here; what was sent is the protocol's business
            adapter = HTTPAdapter(
                max_retries=Retry(connect=1, read=0, redirect=0, status=0, other=0, backoff_factor=0.3)
            )
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            session.headers.update(
                {
                    "Content-Type": "application/json",
                    "Accept": "application/json",
                    "User-Agent": f"dash-app/{__version__}",
                }
            )
            session.trust_env = not is_loopback(urlsplit(self._address).hostname or "")  # no proxy to this very machine
            self._local.session = session
        return session

    # -- calls -------------------------------------------------------------------------------------------------

    def call(self, method: str, params: Mapping[str, Json] | None = None) -> dict[str, Json]:
        """The whole success envelope of a method: ``result``, ``total``, ``next``, ``time``. PortalError otherwise.

        Unusable is believed of methods that are open to all; of another one it is Refused as long as those still answer.
        """
        try:
            return self._patiently(method, params or {}, frozenset({method}))
        except Unusable as verdict:
            alone = None if method.lower() in OPEN_METHODS else verdict.alone
            if alone is None or not self._answers():
                raise
        raise alone

    def _answers(self) -> bool:
        """Whether the portal accepts the webhook at all."""
        try:
            self._patiently("profile", {}, frozenset({"profile"}))
        except PortalError as error:
            return isinstance(error, Refused)
        return True

    def batch(
        self, commands: Sequence[Command], *, halt: bool = False, tries: int | None = None, urgency: float = 0.0
    ) -> dict[str, Result]:
        """Up to 50 commands in one request, by key. A failing command is a Result with an error, never dropped silently.

        halt: the portal stops at the first error. tries: attempts at a ``Broken`` answer before it is raised, so that the caller can ask
        for less at a time. urgency: who goes first when several wait for their turn.
        """
        if len(commands) > BATCH:
            raise ValueError("a batch holds at most 50 commands")
        body = {"halt": int(halt), "cmd": {c.key: c.encoded() for c in commands}}
        methods = frozenset(c.method for c in commands)
        envelope = self._patiently("batch", body, methods, tries=tries, urgency=urgency, filled=True)
        outer = as_map(envelope.get("result"))
        results, errors, times = (as_map(outer.get(name)) for name in ("result", "result_error", "result_time"))
        answer: dict[str, Result] = {}
        for command in commands:
            self._watch(command.method, as_map(times.get(command.key)))
            if command.key in errors:
                answer[command.key] = Result(error=self._inner_error(command.method, errors[command.key]))
            elif command.key in results:
                answer[command.key] = Result(results[command.key], present=True)
            else:
                answer[command.key] = Result()
        return answer

    def _inner_error(self, method: str, given: Json) -> PortalError:
        error = as_map(given) if isinstance(given, Mapping) else {"error": "", "error_description": given}
        failure = of_answer(method, error.get("error"), error.get("error_description"))
        if isinstance(failure, Unusable) and failure.alone is not None:
            return failure.alone  # the batch itself was accepted, so it is this method's own
        if isinstance(failure, Busy) and failure.code == "OPERATION_TIME_LIMIT":
            failure.wait = self.pacing.blocked(method)
        return failure

    def _patiently(
        self,
        method: str,
        body: Mapping[str, Json],
        methods: frozenset[str],
        *,
        tries: int | None = None,
        urgency: float = 0.0,
        filled: bool = False,
    ) -> dict[str, Json]:
        broken = 0

        def again(error: BaseException) -> bool:
            nonlocal broken
            if not isinstance(error, Broken):
                return isinstance(error, Busy)
            broken += 1
            if error.code == EMPTY_ANSWER:
                return broken < _EMPTY_TRIES
            return broken < (tries or (_TRIES if self._met else _FIRST_TRIES))

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            if isinstance(error, Busy) and error.code == "OPERATION_TIME_LIMIT":
                return 0.0  # the method is blocked in the pacing; the others may go on
            return min(30.0, 0.5 * 2.0 ** min(state.attempt_number - 1, 6))

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(again),
            wait=wait,
            stop=tenacity.stop_after_delay(self.patience),
            sleep=self.pacing.sleep,
            reraise=True,
        )
        for attempt in retrying:
            with attempt:
                self.pacing.take(methods, urgency)
                envelope = self._told(method, body, methods, attempt.retry_state.attempt_number)
                if filled and not as_map(envelope["result"]):
                    raise empty_answer()
                return envelope
        raise AssertionError("unreachable")

    def _told(self, method: str, body: Mapping[str, Json], methods: frozenset[str], attempt: int) -> dict[str, Json]:
        """One call and its line in the log: methods, outcome and time, never what was asked or answered."""
        about = {"method": method, "methods": sorted(methods), "attempt": attempt}
        if method == "batch":
            about["commands"] = len(body.get("cmd", ()))
        started = time.monotonic()
        try:
            envelope = self._once(method, body, methods)
        except PortalError as error:
            about["ms"] = round(1000 * (time.monotonic() - started))
            _log.info("portal_call_failed", **about, kind=type(error).__name__, error_code=error.code)
            raise
        _log.debug("portal_call", **about, ms=round(1000 * (time.monotonic() - started)))
        return envelope

    def _once(self, method: str, body: Mapping[str, Json], methods: frozenset[str]) -> dict[str, Json]:
        address = self._address
        for moves in range(_MOVES + 1):
            outcome = self._post(self.webhook.url(method, address), body)
            if isinstance(outcome, Exception):
                raise self._failure(urlsplit(address).hostname or "", outcome)
            if outcome.status_code not in (301, 302, 303, 307, 308):
                envelope = self._read(method, outcome, methods)
                self._address = address  # a new home is remembered once it has answered properly
                return envelope
            if moves == _MOVES:
                break
            address = _new_home(outcome)
            self.pacing.take()
        raise Unusable(
            Text(
                "Портал отправляет с адреса на адрес по кругу. Проверьте B24_WEBHOOK_URL.",
                "The portal redirects in circles. Check B24_WEBHOOK_URL.",
            )
        )

    def _post(self, url: str, body: Mapping[str, Json]) -> requests.Response | Exception:
        """The answer, or what went wrong as a value: raised from inside ``except`` it would drag the url along in the exception's context."""
        try:
            return self._session().post(url, data=orjson.dumps(body), timeout=_TIMEOUT, allow_redirects=False)
        except (requests.exceptions.RequestException, urllib3_errors.HTTPError, OSError) as error:
            return error

    def _failure(self, host: str, error: Exception) -> PortalError:
        """A failed connection as a sentence. Once the portal has answered, the same trouble is only a pause."""
        if isinstance(error, requests.exceptions.SSLError):
            return Unusable(
                Text(
                    f"Сертификат {host} не проходит проверку. Обратитесь к администратору портала.",
                    f"The certificate of {host} cannot be verified. Ask the portal's administrator.",
                ),
                "CERTIFICATE",
            )
        if isinstance(error, requests.exceptions.ReadTimeout):
            return Broken(
                Text(f"Портал {host} не ответил вовремя.", f"The portal {host} did not answer in time."), "TIMEOUT"
            )
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, urllib3_errors.NameResolutionError):
            text = Text(
                f"Портал {host} не найден: нет такого имени или нет интернета. Проверьте B24_WEBHOOK_URL и сеть.",
                f"The portal {host} was not found: there is no such name or no network. Check B24_WEBHOOK_URL and the network.",
            )
            return Broken(text, "UNKNOWN_HOST") if self._met else Unusable(text, "UNKNOWN_HOST")
        if isinstance(reason, urllib3_errors.NewConnectionError) and not isinstance(
            error, requests.exceptions.ConnectTimeout
        ):
            text = Text(
                f"Портал {host} не отвечает: соединение не принято. Проверьте адрес и сеть.",
                f"The portal {host} does not answer: the connection was not accepted. Check the address and the network.",
            )
            return Broken(text, "CONNECTION_REFUSED") if self._met else Unusable(text, "CONNECTION_REFUSED")
        if isinstance(error, requests.exceptions.ConnectTimeout):
            return Broken(
                Text(
                    f"Портал {host} не отвечает. Проверьте сеть.",
                    f"The portal {host} does not answer. Check the network.",
                ),
                "TIMEOUT",
            )
        return Broken(
            Text(f"Связь с порталом {host} оборвалась.", f"The connection to {host} broke."), "CONNECTION_BROKEN"
        )

    def _read(self, method: str, response: requests.Response, methods: frozenset[str]) -> dict[str, Json]:
        envelope = _parsed(response.content)
        if envelope is None:
            raise page_instead(response.status_code)
        time = as_map(envelope.get("time"))
        if "error" in envelope and "result" not in envelope:
            error, description = envelope["error"], envelope.get("error_description")
            if isinstance(error, dict):  # as REST 3 writes it
                description, error = error.get("message"), error.get("code")
            failure = of_answer(method, error, description, response.status_code, _until_reset(time))
            if isinstance(failure, Busy):
                self._hold_back(failure, methods)
            raise failure
        self._met = True
        self._watch(method, time)
        return envelope

    def _hold_back(self, failure: Busy, methods: frozenset[str]) -> None:
        if failure.code == "OPERATION_TIME_LIMIT":
            for name in methods:
                self.pacing.blocked(name, failure.wait)
        elif not isinstance(failure, Broken):
            self.pacing.busy(0.5)

    def _watch(self, method: str, time: Mapping[str, Json]) -> None:
        """Operating time told with every answer; both moments are by the portal's clock."""
        left = _until_reset(time)
        try:
            used = float(time["operating"])
        except (KeyError, TypeError, ValueError):
            return
        if left is not None:
            self.pacing.operating(method, used, left)

    def server_time(self) -> datetime | None:
        """The portal's clock, aware, with its own offset: server.time, else the time told with an answer; None where it tells neither."""
        try:
            return datetime.fromisoformat(str(self.call("server.time")["result"]))
        except (Refused, ValueError):
            pass
        try:
            return datetime.fromisoformat(str(as_map(self.call("profile").get("time"))["date_start"]))
        except (Refused, KeyError, ValueError):
            return None


def _parsed(content: bytes) -> dict[str, Json] | None:
    """An envelope with a result or an error; None for a proxy's page and other things."""
    try:
        envelope = orjson.loads(content)
    except orjson.JSONDecodeError:
        envelope = _mended(content)
    return envelope if isinstance(envelope, dict) and ("result" in envelope or "error" in envelope) else None


def _mended(content: bytes) -> Json:
    """JSON that holds half an emoji (a title cut by bytes), NaN, or a value nested without end: one such card must not stop a load.

    None if it is no JSON at all. NaN becomes a text, which no number is; what lies too deep is left out.
    """
    if not content.startswith(b"{"):
        return None
    try:
        return _sound(
            json.loads(_flattened(content.decode("utf-8", "replace")), parse_constant=str, parse_int=_integer)
        )
    except (ValueError, RecursionError):
        return None


def _integer(written: str) -> int | str:
    return int(written) if len(written) < 20 else written


def _sound(value: Json) -> Json:
    """Half characters replaced, numbers no column can hold as texts."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_sound(key): _sound(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_sound(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{}\]]', re.DOTALL)
_DEEPEST = 60
"""Levels of an answer that are read; a batch of lists of records with user fields has eight."""


def _flattened(written: str) -> str:
    """JSON without what lies deeper than ``_DEEPEST``: such lists and maps are empty."""
    kept: list[str] = []
    depth, start = 0, 0
    for found in _BRACKET.finditer(written):
        mark = found[0]
        if mark in "[{":
            depth += 1
            if depth == _DEEPEST:
                kept.append(written[start : found.end()])
        elif mark in "]}":
            if depth == _DEEPEST:
                start = found.start()
            depth -= 1
    kept.append(written[start:])
    return "".join(kept)


def _new_home(response: requests.Response) -> str:
    """Scheme and host a renamed portal answers 302 with. The secret goes there, so only over https and only to a REST path."""
    target = urlsplit(urljoin(response.url, response.headers.get("Location", "")))
    if target.path not in ("", "/") and not target.path.startswith("/rest/"):
        raise page_instead(response.status_code)
    if not target.hostname or (target.scheme != "https" and not is_loopback(target.hostname)):
        raise Unusable(
            Text(
                "Портал переехал на адрес без https. Обновите B24_WEBHOOK_URL.",
                "The portal has moved to an address without https. Update B24_WEBHOOK_URL.",
            )
        )
    return f"{target.scheme}://{target.netloc}"


def _until_reset(time: Mapping[str, Json]) -> float | None:
    """Seconds until the operating counter resets, where the answer tells."""
    try:
        return float(time["operating_reset_at"]) - float(time["finish"])
    except (KeyError, TypeError, ValueError):
        return None
