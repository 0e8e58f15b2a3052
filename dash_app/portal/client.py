"""Calls and batches of a Bitrix24 portal over ``requests``: paced, retried, secrets kept out of every message.

Bitrix24's own ``b24pysdk`` was weighed and left out: it insists on https (the demo portal is loopback http), retries nothing
but 503 and its fast list only logs a failing command of a batch, which would publish holes as data.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import orjson
import requests
import tenacity
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from dash_app import __version__
from dash_app.portal.credentials import Webhook, is_loopback
from dash_app.portal.errors import Busy, PortalError, Refused, of_answer
from dash_app.portal.pacing import Pacing
from dash_app.text import Text

BATCH = 50
_TIMEOUT = (10.0, 90.0)
_PATIENCE = 900.0
"""Seconds a busy portal is waited for before the refresh gives up and keeps the old data."""

Json = Any


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a batch. ``params`` are nested dicts and lists, as in a JSON body."""

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
    """A command's outcome: ``result`` or ``error``; both None means the portal did not run it."""

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
    """One portal. Thread-safe: threads share the pacing, each has its own connections."""

    def __init__(self, webhook: Webhook, pacing: Pacing | None = None, *, patience: float = _PATIENCE) -> None:
        self.webhook = webhook
        self.pacing = pacing or Pacing()
        self._patience = patience
        self._address = webhook.address
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
            session.mount("https://", HTTPAdapter(max_retries=Retry(connect=2, read=0, redirect=0, status=0, other=0, backoff_factor=0.3)))
            session.mount("http://", HTTPAdapter(max_retries=Retry(connect=2, read=0, redirect=0, status=0, other=0, backoff_factor=0.3)))
            session.headers.update(
                {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": f"dash-app/{__version__}"}
            )
            session.trust_env = not is_loopback(urlsplit(self._address).hostname or "")
            self._local.session = session
        return session

    # -- calls ---------------------------------------------------------------------------------------------

    def call(self, method: str, params: Mapping[str, Json] | None = None) -> Json:
        """The whole success envelope of a method: ``result``, ``total``, ``next``, ``time``. PortalError otherwise."""
        return self._patiently(method, params or {}, frozenset({method}))

    def batch(self, commands: Sequence[Command], *, halt: bool = False) -> dict[str, Result]:
        """Up to 50 commands in one request, by key. A failing command is a Result with an error, never dropped silently."""
        if len(commands) > BATCH:
            raise ValueError("a batch holds at most 50 commands")
        body = {"halt": int(halt), "cmd": {c.key: c.encoded() for c in commands}}
        methods = frozenset(c.method for c in commands)
        envelope = self._patiently("batch", body, methods)
        outer = as_map(envelope.get("result"))
        results, errors, times = (as_map(outer.get(name)) for name in ("result", "result_error", "result_time"))
        answer: dict[str, Result] = {}
        for command in commands:
            self._watch(command.method, as_map(times.get(command.key)))
            if command.key in errors:
                error = as_map(errors[command.key])
                code, said = error.get("error"), error.get("error_description")
                failure = of_answer(command.method, code, said)
                if isinstance(failure, Busy) and failure.code == "OPERATION_TIME_LIMIT":
                    self.pacing.blocked(command.method, 10.0)
                answer[command.key] = Result(error=failure)
            elif command.key in results:
                answer[command.key] = Result(results[command.key], present=True)
            else:
                answer[command.key] = Result()
        return answer

    def _patiently(self, method: str, body: Mapping[str, Json], methods: frozenset[str]) -> dict[str, Json]:
        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.wait if isinstance(error, Busy) else None
            return asked if asked is not None else min(30.0, 0.5 * 2 ** min(state.attempt_number - 1, 6))

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Busy),
            wait=wait,
            stop=tenacity.stop_after_delay(self._patience) | tenacity.stop_after_attempt(60),
            sleep=self.pacing.sleep,
            reraise=True,
        )
        for attempt in retrying:
            with attempt:
                self.pacing.take(methods)
                return self._once(method, body, methods)
        raise AssertionError("unreachable")

    def _once(self, method: str, body: Mapping[str, Json], methods: frozenset[str], *, moved: int = 0) -> dict[str, Json]:
        host = urlsplit(self._address).hostname or ""
        try:
            response = self._session().post(
                self.webhook.url(method, self._address), data=orjson.dumps(body), timeout=_TIMEOUT, allow_redirects=False
            )
            content = response.content
        except requests.exceptions.SSLError:
            raise Refused(Text(f"Сертификат {host} не проходит проверку.", f"The certificate of {host} cannot be verified.")) from None
        except requests.exceptions.Timeout:
            raise Busy(Text(f"Портал {host} не ответил вовремя.", f"The portal {host} did not answer in time.")) from None
        except requests.exceptions.ConnectionError as error:
            raise self._unreachable(host, error) from None
        except requests.exceptions.RequestException:
            raise Busy(Text(f"Связь с порталом {host} оборвалась.", f"The connection to {host} broke.")) from None
        if response.status_code in (301, 302, 307, 308) and moved < 3:
            return self._follow(response, method, body, methods, moved)
        return self._read(method, response, content, methods)

    @staticmethod
    def _unreachable(host: str, error: Exception) -> PortalError:
        said = str(error)
        if any(mark in said for mark in ("Name or service not known", "getaddrinfo", "NameResolution", "nodename nor servname")):
            return Refused(
                Text(
                    f"Портала {host} нет: имя не найдено. Проверьте B24_WEBHOOK_URL и интернет.",
                    f"There is no portal {host}: the name is unknown. Check B24_WEBHOOK_URL and the network.",
                ),
                "UNKNOWN_HOST",
            )
        if "refused" in said.lower() or "NewConnection" in said:
            return Refused(
                Text(f"Портал {host} не отвечает: соединение отклонено.", f"The portal {host} does not answer: connection refused."),
                "CONNECTION_REFUSED",
            )
        return Busy(Text(f"Связь с порталом {host} оборвалась.", f"The connection to {host} broke."))

    def _follow(
        self, response: requests.Response, method: str, body: Mapping[str, Json], methods: frozenset[str], moved: int
    ) -> dict[str, Json]:
        """A renamed portal answers 302: the body is posted again to the new host, which is kept."""
        target = urlsplit(urljoin(response.url, response.headers.get("Location", "")))
        if not target.hostname or (target.scheme != "https" and not is_loopback(target.hostname)):
            raise Refused(Text("Портал переехал на небезопасный адрес.", "The portal has moved to an insecure address."))
        self._address = f"{target.scheme}://{target.netloc}"
        return self._once(method, body, methods, moved=moved + 1)

    def _read(self, method: str, response: requests.Response, content: bytes, methods: frozenset[str]) -> dict[str, Json]:
        try:
            envelope = orjson.loads(content)
        except orjson.JSONDecodeError:
            envelope = None
        if not isinstance(envelope, dict) or ("result" not in envelope and "error" not in envelope):
            if response.status_code in (401, 403, 404):
                raise of_answer(method, "NO_AUTH_FOUND", "", response.status_code)
            raise Busy(
                Text(
                    f"Портал ответил не данными, а страницей (HTTP {response.status_code}).",
                    f"The portal answered with a page instead of data (HTTP {response.status_code}).",
                )
            )
        time = as_map(envelope.get("time"))
        if "error" in envelope and "result" not in envelope:
            error = envelope["error"]
            if isinstance(error, dict):
                error, description = error.get("code"), error.get("message")
            else:
                description = envelope.get("error_description")
            failure = of_answer(method, error, description, response.status_code, _wait(error, time))
            if isinstance(failure, Busy):
                if failure.code == "OPERATION_TIME_LIMIT":
                    for name in methods:
                        self.pacing.blocked(name, failure.wait or 10.0)
                else:
                    self.pacing.busy(0.5)
            raise failure
        self._watch(method, time)
        return envelope

    def _watch(self, method: str, time: Mapping[str, Json]) -> None:
        """Operating time told with every answer."""
        try:
            used, resets, now = float(time["operating"]), float(time["operating_reset_at"]), float(time["finish"])
        except (KeyError, TypeError, ValueError):
            return
        self.pacing.operating(method, used, resets - now)

    def server_time(self) -> datetime:
        """The portal's clock, aware, with its own offset (server.time)."""
        return datetime.fromisoformat(str(self.call("server.time")["result"]))


def _wait(error: Json, time: Mapping[str, Json]) -> float | None:
    """Seconds until the operating counter resets, at least ten, where the answer tells."""
    if str(error).upper() != "OPERATION_TIME_LIMIT":
        return None
    try:
        return max(10.0, float(time["operating_reset_at"]) - float(time["finish"]))
    except (KeyError, TypeError, ValueError):
        return 10.0
