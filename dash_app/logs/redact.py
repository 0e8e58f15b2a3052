"""What may not stand in a log: secrets and what people are called.

Three nets, each of which would do alone for most: known secrets by their text, keys whose values are never written, and patterns –
webhook paths, tokens, passwords in addresses, e-mails, telephone numbers. What exceptions of libraries say is treated apart
(``exceptions``): they quote the values they choke on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

HIDDEN = "***"
_WEBHOOK = re.compile(r"(/rest/(?:api/)?\d+/)[^/\s\"'?&]+")
_TOKEN = re.compile(r"((?:\bauth|access_token|refresh_token|client_secret)=)[^&\s\"']+", re.IGNORECASE)
_MORE_TOKENS = re.compile(
    r"((?:\bcode|\bkey|token|secret|passw(?:or)?d)=)[^&\s\"']+|"
    r"((?:\"|')(?:auth|code|[a-z_]*(?:token|secret|password))(?:\"|')\s*:\s*(?:\"|'))[^\"']+|"
    r"(\b(?:bearer|basic)\s+)[a-z0-9._~+/=-]{6,}|"
    r"(://[^\s/:@\"']*:)[^\s/@\"']+(?=@)",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[^\s@<>\"'(),;:=/]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.#-])\+?\d(?:[ ()-]{0,2}\d){9,14}(?![\w-])")

_KEYS = frozenset(
    [
        "auth",
        "token",
        "tokens",
        "secret",
        "password",
        "webhook",
        "cookie",
        "cookies",
        "authorization",
        "headers",
        "phone",
        "phones",
        "email",
        "emails",
        "mail",
        "title",
        "titles",
        "name",
        "names",
        "fullname",
        "surname",
        "who",
        "user",
        "body",
        "form",
        "json",
        "params",
        "parameters",
        "sql",
        "statement",
        "args",
        "kwargs",
        "values",
        "value",
        "row",
        "record",
        "comment",
        "comments",
        "text",
        "subject",
        "description",
        "content",
        "contents",
        "data",
        "reason",
    ]
)
"""A key one of whose parts (``client_name``) is among these is never written out."""
_EXACT = frozenset({"code", "key", "dsn", "url"})
_ALLOWED = frozenset({"event", "error_type"})


def redact(text: str) -> str:
    """Text without webhook secrets and tokens."""
    return _TOKEN.sub(rf"\1{HIDDEN}", redact_webhooks(text))


def redact_webhooks(text: str) -> str:
    """Text without webhook secrets: ``/rest/1/***/``."""
    return _WEBHOOK.sub(rf"\1{HIDDEN}", text)


class Redactor:
    """Takes secrets and personal data out of the fields of a line."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted({s for s in secrets if len(s) >= 4}, key=len, reverse=True)

    def text(self, text: str) -> str:
        """One text: known secrets, tokens, addresses of people and telephones are hidden."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        if not any(sign in text for sign in "/=@:'\"") and sum(sign.isdigit() for sign in text) < 10:
            return text if " " not in text else _MORE_TOKENS.sub(_kept, text)
        text = _MORE_TOKENS.sub(_kept, redact(text))
        return _PHONE.sub(HIDDEN, _EMAIL.sub(HIDDEN, text))

    def fields(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields of a line, whatever they hold."""
        return {name: HIDDEN if _is_hidden(name) else self._value(value, 0) for name, value in fields.items()}

    def _value(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self.text(value[:4000])
        if depth > 4:
            return "…"
        if isinstance(value, Mapping):
            return {
                str(name): HIDDEN if _is_hidden(str(name)) else self._value(inner, depth + 1)
                for name, inner in list(value.items())[:100]
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(inner, depth + 1) for inner in list(value)[:100]]
        return type(value).__name__


def _is_hidden(key: str) -> bool:
    lower = key.casefold()
    return lower not in _ALLOWED and (lower in _EXACT or not _KEYS.isdisjoint(re.split(r"[_.\W]+", lower)))


def _kept(found: re.Match[str]) -> str:
    return next(group for group in found.groups() if group is not None) + HIDDEN
