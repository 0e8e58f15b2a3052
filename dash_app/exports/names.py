"""Names of files: the report and its dates in words, as any system takes them."""

from __future__ import annotations

import re

from dash_app.engine.language import Report
from dash_app.engine.query import Query
from dash_app.reports.session import Session
from dash_app.store.reading import visible
from dash_app.text import Lang, Text

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST = 120
"""Characters before the suffix: well below what file systems take, Cyrillic letters being two bytes."""
_PART = 60


def file_name(
    reports: Session, report: Report, query: Query, kind: str, lang: Lang, *, part: str = "", dates: Text | None = None
) -> str:
    """«Динамика продаж, Список сделок, февраль 2026.xlsx». ``part``: a block, or a number in words; ``dates``: others than the page's."""
    words = [report.title.of(lang), _shortened(part), _shortened((dates or reports.dates_text(query)).of(lang))]
    if query.as_of:
        words.append(Text(f"как было {query.as_of[:10]}", f"as of {query.as_of[:10]}").of(lang))
    return f"{safe(', '.join(filter(None, words)))}.{kind}"


def _shortened(word: str) -> str:
    clean = word.strip(" .")
    return clean if len(clean) <= _PART else clean[: _PART - 1].rstrip(" .,") + "…"


def safe(name: str) -> str:
    """A name without a suffix that Windows, macOS and Linux take: none of their signs, no device, no dot at the end."""
    clean = " ".join(_FORBIDDEN.sub(" ", visible(name)).split())[:_LONGEST].strip(" .")
    return f"_{clean}" if _RESERVED.match(clean) else clean or "_"
