"""Parameters of a REST call from a query string, a form, a multipart form or a JSON body: one nested structure."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

import orjson

from dash_app.demo.rest.php import nested

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_NAME = re.compile(rb'\bname="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_FILENAME = re.compile(rb"\bfilename\*?=", re.IGNORECASE)


def from_query(query: str) -> dict[str, Any]:
    """Parameters of a query string (or of a ``method?query`` command of a batch)."""
    return nested(parse_qsl(query, keep_blank_values=True)) if query else {}


def from_body(body: bytes, content_type: str) -> dict[str, Any]:
    """Parameters of a request body. A body that cannot be read gives none, as the portal does."""
    if not body:
        return {}
    kind = content_type.split(";", 1)[0].strip().lower()
    if kind == "multipart/form-data":
        return _multipart(body, content_type)
    if kind == "application/x-www-form-urlencoded":
        return from_query(body.decode("utf-8", "replace"))
    if kind == "application/json" or body.lstrip()[:1] in (b"{", b"["):
        try:
            parsed = orjson.loads(body)
        except orjson.JSONDecodeError:
            return {}
        if isinstance(parsed, list):
            return {str(index): value for index, value in enumerate(parsed)}
        return parsed if isinstance(parsed, dict) else {}
    return from_query(body.decode("utf-8", "replace"))


def _multipart(body: bytes, content_type: str) -> dict[str, Any]:
    boundary = _BOUNDARY.search(content_type)
    if not boundary:
        return {}
    pairs = []
    for part in body.split(b"--" + boundary.group(1).encode("latin-1")):
        head, separator, value = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not separator or not name or _FILENAME.search(head):
            continue
        pairs.append((name.group(1).decode("utf-8", "replace"), value.removesuffix(b"\r\n").decode("utf-8", "replace")))
    return nested(pairs)
