"""Requests nobody's browser sends: addresses, callback bodies and files, each a good one broken in one to three places. By seed, endlessly."""

from __future__ import annotations

import base64
import copy
import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

UPDATE = "/_dash-update-component"


@dataclass(frozen=True, slots=True)
class Forged:
    """One request. ``kind``: address | body | file; ``about``: what to look at where it was answered wrongly."""

    kind: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    about: str = ""


DEEP: Any = 0
for _ in range(120):
    DEEP = [DEEP]
ODD: list[Any] = [
    None, True, False, 0, -1, 1, 10**9, 2**53, 2**63, 2**64, 10**30, -(2**70), 1e308, 0.1, "", " ", "0", "-1", "NaN", "\x00", "ё" * 2000, "x" * 100_000,
    "../../etc/passwd", "'; DROP TABLE deals; --", "<script>alert(1)</script>", "{{7*7}}", "%s%n", "2026-13-45", "0000-00-00", "9999-12-31", "10000-01-01",
    "\ud83d\ude00", "\u202e", "inf", "1e400", [], {}, [[]], [None], [{}], {"": ""}, {"id": []}, {"a": {"b": {"c": []}}}, list(range(3000)), DEEP,
    {"id": "url", "property": "search", "value": "?"}, ["MATCH"], "..a.b...c.d..", "__proto__", {"__proto__": 1}, [True] * 50,
]  # fmt: skip
"""Values in place of others."""
NAMES = [
    "period",
    "from",
    "to",
    "compare",
    "whole_base",
    "pipeline",
    "department",
    "manager",
    "source",
    "stage",
    "status",
    "customer",
    "project",
    "tag",
    "as_of",
    "drill",
    "explain",
    "row.manager_id",
    "row.",
    "uf.UF_CRM_X",
    "uf.",
    "days",
    "grain",
    "threshold",
    "utm_source",
    "year",
    "half",
    "lang",
    "format",
    "=",
    "&",
    "sort",
]
TEXTS = [
    "this_month", "last_month", "2026-11-01", "2026-02-30", "-1", "0", "1e9", "none", "all", "", " ", "7,8,9", "9" * 400, "%00", "\x00", "ё", "😀", "<b>",
    "2026-01-01..2026-12-31", "..", "summary.deals_won", "summary.", ".x", "managers.deals_won_num", "2026-10-15T12:00:00", "2026-10-15T12:00:00+99:00",
    "1900-01-01", "0001-01-01", "9999-12-31", "2026-10-15", "custom", "year", "previous", "null", "undefined", "[object Object]", "x" * 3000, "٣", "1_000",
]  # fmt: skip


class Forger:
    """``dependencies``: as ``/_dash-dependencies`` answers; ``slugs``: paths of pages."""

    def __init__(self, seed: int, dependencies: Sequence[dict[str, Any]], slugs: Sequence[str]) -> None:
        self.dice = random.Random(seed)
        self._server = [d for d in dependencies if not d.get("clientside_function")]
        self._uploads = [d for d in self._server if any(i["property"] == "contents" for i in d["inputs"])]
        self._slugs = list(slugs)

    def requests(self) -> Iterator[Forged]:
        """One after another, for ever."""
        while True:
            share = self.dice.random()
            yield self.address() if share < 0.3 else self.file() if share < 0.4 and self._uploads else self.body()

    # -- addresses -------------------------------------------------------------------------------------------------------

    def query(self) -> str:
        """A query string of known names with odd values."""
        pick = self.dice.choice
        pairs = [(pick(NAMES), pick(TEXTS)) for _ in range(self.dice.randint(0, 6))]
        text = "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in pairs)
        return "?" + (text if self.dice.random() < 0.9 else text + "&" + "&".join(f"manager={i}" for i in range(3000)))

    def address(self) -> Forged:
        """Any method at any path."""
        dice = self.dice
        paths = [
            *(f"/{slug}" for slug in self._slugs), UPDATE, "/_dash-layout", "/_dash-dependencies", "/healthz", "/_reload-hash", "/_favicon.ico", "/_mcp",
            "/assets/05-page.js", "/assets/../settings.py", "/assets/%2e%2e/pyproject.toml", "/_dash-component-suites/dash/nothing.js", "/static/x",
            "/_dash-component-suites/dash/dcc/../../../setup.py", "/_dash-component-suites/nobody/x.js", "/_dash-component-suites/dash/", "//evil.example/",
            "/" + "a" * 5000, "/%00", "/%ff%fe", "/%E2%80%AE", "/" + "/".join("x" * 300), "/console", "/?__debugger__=yes&cmd=resource&f=style.css", "/;", "/.env",
        ]  # fmt: skip
        odd = {
            "Origin": ["http://[", "null", "http://evil.example", "", "http://localhost:99999999", "\xff"],
            "Host": ["[", "evil.example", "localhost:x", "127.0.0.1", "a" * 300, "localhost@evil", "::1"],
            "Cookie": ["lang=xx", "lang=" + "e" * 3000, "=;;;=", "lang=en; lang=ru", '"\\'],
            "Content-Type": [
                "text/plain",
                "application/json; charset=utf-16",
                "multipart/form-data; boundary=",
                "x" * 500,
            ],
            "Content-Encoding": ["gzip", "br"],
            "Accept-Encoding": ["gzip;q=x", "*;q=0", "zstd, br, gzip", ","],
            "Range": ["bytes=0-0", "bytes=-1", "bytes=9-1,2-3", "items=x"],
            "If-None-Match": ['"', "*", "W/"],
            "If-Modified-Since": ["yesterday", "Thu, 99 Foo 99999 99:99:99 GMT"],
            "X-Forwarded-For": ["8.8.8.8"],
            "Accept-Language": ["x" * 1000, "ru;q=q"],
        }
        chosen = dice.sample(sorted(odd), dice.randint(0, 2))
        headers = {name: dice.choice(odd[name]) for name in chosen}
        method = dice.choice(["GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"])
        body = dice.choice([None, b"", b"x", b"{}", b"\xff" * 100]) if method not in ("GET", "HEAD") else None
        return Forged(
            "address", method, dice.choice(paths) + (self.query() if dice.random() < 0.6 else ""), headers, body
        )

    # -- bodies ----------------------------------------------------------------------------------------------------------

    def body(self) -> Forged:
        """An update request that is no longer one, or one with values no page sends."""
        dice = self.dice
        spec = dice.choice(self._server)
        document = self._good(spec)
        if dice.random() < 0.5:
            document = self._replace_value(document)
        else:
            ways = [self._replace_value, self._replace_any, self._replace_any, self._drop, self._swap, self._repeat]
            for _ in range(dice.randint(1, 3)):
                document = dice.choice(ways)(document)
        return self._sent("body", document, spec["output"])

    def _sent(self, kind: str, document: Any, about: str) -> Forged:
        dice = self.dice
        try:
            raw = json.dumps(document).encode()
        except (ValueError, RecursionError):
            raw = b"[" * 100_000
        headers = {"Content-Type": "application/json"}
        match dice.randint(0, 24) if kind == "body" else 99:
            case 0:
                raw = raw[: dice.randint(0, len(raw))]
            case 1:
                at = dice.randrange(len(raw) or 1)
                raw = raw[:at] + bytes([dice.randrange(256)]) + raw[at + 1 :]
            case 2:
                headers["Content-Type"] = dice.choice(
                    ["text/plain", "", "application/xml", "application/json; charset=utf-16", "multipart/form-data"]
                )
            case 3:
                raw = dice.choice(
                    [raw.decode().encode("utf-16"), b"\xef\xbb\xbf" + raw, gzip.compress(raw), b"", b"\xff\xfe"]
                )
            case 4:
                raw = dice.choice(
                    [
                        b"[" * 200_000,
                        b'{"a":' * 100_000,
                        b'{"output":' + b"9" * 100_000 + b"}",
                        b'"\\ud800"',
                        b"NaN",
                        b"null",
                        b"0",
                        b"{}",
                        b"[]",
                    ]
                )
        return Forged(kind, "POST", UPDATE, headers, raw, about)

    def _good(self, spec: dict[str, Any]) -> dict[str, Any]:
        """What the page would send to this callback, about."""
        parts: dict[str, Any] = {
            "id": self.dice.choice(["summary", "deals", "managers"]),
            "report": self.dice.choice(self._slugs),
            "kind": self.dice.choice(["ramp", "absence", "grade", "nope"]),
        }
        listed: dict[str, list[dict[str, Any]]] = {}

        def identities(identity: str) -> Any:
            if not identity.startswith("{"):
                return identity
            pattern = json.loads(identity)
            made = [
                {
                    k: (parts.setdefault(k, "7") if v == ["MATCH"] else self._named(k, n) if v == ["ALL"] else v)
                    for k, v in pattern.items()
                }
                for n in range(2)
            ]
            return listed.setdefault(identity, made) if ["ALL"] in pattern.values() else made[0]

        def item(identity: Any, prop: str, *, valued: bool) -> dict[str, Any]:
            value = {"value": identity if prop == "id" else self._value(prop)} if valued else {}
            return {"id": identity, "property": prop, **value}

        def filled(dependency: dict[str, Any], *, valued: bool = True) -> Any:
            found = identities(dependency["id"])
            many = isinstance(found, list)
            return (
                [item(i, dependency["property"], valued=valued) for i in found]
                if many
                else item(found, dependency["property"], valued=valued)
            )

        output = spec["output"]
        several = output.startswith("..")
        names = output[2:-2].split("...") if several else [output]
        outputs = [filled({"id": n.rpartition(".")[0], "property": n.rpartition(".")[2]}, valued=False) for n in names]
        inputs = [filled(d) for d in spec["inputs"]]
        first = next(
            (i for i in (x[0] if isinstance(x, list) and x else x for x in inputs) if isinstance(i, dict)), None
        )
        changed = []
        if first is not None:
            identity = (
                first["id"]
                if isinstance(first["id"], str)
                else json.dumps(first["id"], sort_keys=True, separators=(",", ":"))
            )
            changed = [f"{identity}.{first['property']}"]
        return {
            "output": output,
            "outputs": outputs if several else outputs[0],
            "inputs": inputs,
            "state": [filled(d) for d in spec.get("state", [])],
            "changedPropIds": changed,
        }

    def _named(self, part: str, number: int) -> Any:
        """A part of an id as the pages have it, about."""
        known = {
            "row": number,
            "change": number + 1,
            "part": ("reached", "pay", "value")[number % 3],
            "kind": "ramp",
            "month": f"2026-0{number + 1}",
        }
        known |= {
            "report": "sales-dynamics",
            "id": "summary",
            "format": ("xlsx", "csv")[number % 2],
            "name": ("fact", "manager")[number % 2],
        }
        return known.get(part, f"{part}{number}")

    def _value(self, prop: str) -> Any:
        pick = self.dice.choice
        made: dict[str, Callable[[], Any]] = {
            "n_clicks": lambda: pick([0, 1, 2, None]),
            "n_intervals": lambda: pick([0, 5]),
            "search": self.query,
            "pathname": lambda: "/" + pick(self._slugs),
            "is_open": lambda: pick([True, False, None]),
            "checked": lambda: pick([True, False]),
            "value": lambda: pick(["1", 5, "", None, ["1"], ["2026-11-01", "2026-11-30"], "custom", "this_month", *TEXTS]),
            "data": lambda: pick([self.query(), None, "20261120", {}, {"name": pick(["snooze", "take_days", "undo", "unsnooze"]), "key": pick(["deal:1", "lead:7", "1", "deal:9:C9:NEW"]), "value": pick(TEXTS)},
                                  {"kind": pick(["undo", "redo", "save"]), "n": 1, "changes": [1], "cells": [{"key": pick(TEXTS), "value": pick(ODD[:40])}]},
                                  {"key": pick(TEXTS), "title": "x", "version": 1}, {"entity": "deal", "id": "1", "today": "2026-11-20"}, {"months": ["2026-01"]}]),
            "getRowsRequest": lambda: {"startRow": pick([0, 100, -5, 10**8]), "endRow": 100,
                                       "sortModel": [{"colId": pick(["id", "amount", "x", ""]), "sort": pick(["asc", "desc", "up"])}],
                                       "filterModel": {pick(["id", "title", "amount", "created", "nope"]): pick([
                                           {"filterType": "text", "type": pick(["contains", "equals", "blank", "odd"]), "filter": pick(ODD[:45])},
                                           {"filterType": "number", "type": "inRange", "filter": pick(ODD[:45]), "filterTo": pick(ODD[:45])},
                                           {"filterType": "date", "type": "lessThan", "dateFrom": pick(ODD[:45])},
                                           {"operator": "AND", "conditions": pick(ODD)}])}},
            "contents": lambda: "data:;base64," + base64.b64encode(b"x").decode(),
        }  # fmt: skip
        return made.get(prop, lambda: None)()

    def _places(self, document: Any) -> list[tuple[Any, Any]]:
        """(container, key) of everything in a document."""
        found: list[tuple[Any, Any]] = []
        left = [document]
        while left and len(found) < 3000:
            at = left.pop()
            if isinstance(at, dict | list):
                for key in list(at) if isinstance(at, dict) else range(len(at)):
                    found.append((at, key))
                    left.append(at[key])
        return found

    def _change(self, document: Any, change: Callable[[Any, Any], None], keys: Sequence[str] = ()) -> Any:
        document = copy.copy(document) if not isinstance(document, dict | list) else document
        places = [p for p in self._places(document) if not keys or p[1] in keys]
        if places:
            change(*self.dice.choice(places))
        return document

    def _replace_value(self, document: Any) -> Any:
        def change(at: Any, key: Any) -> None:
            at[key] = copy.deepcopy(self.dice.choice(ODD))  # what is changed next is this request's alone

        return self._change(document, change, ("value",))

    def _replace_any(self, document: Any) -> Any:
        def change(at: Any, key: Any) -> None:
            at[key] = copy.deepcopy(self.dice.choice(ODD))  # what is changed next is this request's alone

        return copy.deepcopy(self.dice.choice(ODD)) if self.dice.random() < 0.03 else self._change(document, change)

    def _drop(self, document: Any) -> Any:
        def change(at: Any, key: Any) -> None:
            del at[key]

        return self._change(document, change)

    def _swap(self, document: Any) -> Any:
        if isinstance(document, dict) and self.dice.random() < 0.5:
            document["inputs"], document["state"] = document.get("state"), document.get("inputs")
            return document
        places = self._places(document)
        if len(places) > 1:
            (a, ka), (b, kb) = self.dice.sample(places, 2)
            try:
                one, other = copy.deepcopy(a[ka]), copy.deepcopy(b[kb])
                a[ka], b[kb] = other, one
            except (KeyError, IndexError, TypeError):
                pass
        return document

    def _repeat(self, document: Any) -> Any:
        def change(at: Any, key: Any) -> None:
            at[key] = [at[key]] * self.dice.choice([0, 2, 3, 200])

        return self._change(document, change)

    # -- files -----------------------------------------------------------------------------------------------------------

    def file(self) -> Forged:
        """A good update request with a file no program writes."""
        dice = self.dice
        spec = dice.choice(self._uploads)
        document = self._good(spec)
        content = dice.choice([self._bytes, self._sheet, self._text, self._json])()
        text = dice.choice(["data:application/octet-stream;base64,", "data:,", ""]) + base64.b64encode(content).decode()
        if dice.random() < 0.1:
            text = dice.choice(["", "data:;base64,%%%", "x" * 1000, text[:-1], "data:;base64," + "A" * 500_000])
        for entry in document["inputs"]:
            if isinstance(entry, dict) and entry["property"] == "contents":
                entry["value"] = text
                document["changedPropIds"] = [f"{entry['id']}.contents"]
        return self._sent("file", document, spec["output"])

    def _bytes(self) -> bytes:
        return self.dice.choice(
            [
                b"",
                b"PK\x03\x04",
                b"\x00" * 5000,
                self.dice.randbytes(3000),
                b"%PDF-1.4",
                b"\xd0\xcf\x11\xe0" + b"\x00" * 600,
            ]
        )

    def _text(self) -> bytes:
        dice = self.dice
        rows = [
            dice.choice(";,\t").join(str(dice.choice(TEXTS)) for _ in range(dice.randint(0, 14)))
            for _ in range(dice.randint(0, 60))
        ]
        return "\n".join(rows).encode(dice.choice(["utf-8", "utf-16", "utf-8-sig"]))

    def _json(self) -> bytes:
        pick = self.dice.choice
        settings = {
            pick(["time_zone", "pipeline_roles", "nope", "margins", "forgotten_lead_days", "work_hours"]): pick(ODD)
            for _ in range(3)
        }
        entries = {
            pick(["plan", "snooze", "scheme", "closing", "nope"]): pick([[{"key": 1}], [None], {}, 5, [pick(ODD)]])
        }
        document = pick(
            [
                {"settings": settings},
                {"settings": settings, "entries": entries},
                {"settings": pick(ODD)},
                {"entries": entries},
                pick(ODD),
            ]
        )
        try:
            return json.dumps(document).encode()
        except (ValueError, RecursionError):
            return b"[" * 50_000

    def _sheet(self) -> bytes:
        """A workbook whose parts are odd."""
        dice = self.dice
        cells = "".join(
            f'<c r="{dice.choice("ABC")}{i}" t="{dice.choice(["s", "n", "str", "b", "e", "d", "q"])}"><v>{dice.choice(["", "1", "-5", "1e999", "x", "99999999"])}</v></c>'
            for i in range(1, 30)
        )
        parts = {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
            "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:{dice.choice(["C30", "XFD1048576"])}"/><sheetData><row r="1">{cells}</row></sheetData></worksheet>',
        }  # fmt: skip
        if dice.random() < 0.4:
            parts.pop(dice.choice(sorted(parts)))
        elif dice.random() < 0.4:
            name = dice.choice(sorted(parts))
            parts[name] = dice.choice(
                ["", "<", "<a/>", parts[name][:-20], "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>&a;</x>", "\x00"]
            )
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in parts.items():
                archive.writestr(name, text)
        content = buffer.getvalue()
        return content if dice.random() < 0.8 else content[: dice.randrange(len(content))]
