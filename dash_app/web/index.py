"""The HTML the browser gets first: language, theme before the first paint, a calm page until the layout is there."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from dash import Dash
from flask import Response, has_request_context, request

from dash_app.text import Text
from dash_app.web import language, state
from dash_app.web.monthly import monthly_page_at
from dash_app.web.pages import is_own
from dash_app.web.state import slug_of

PRODUCT = Text("Отчёты по продажам", "Sales reports")
NO_SCRIPT = Text(
    "Отчётам нужен JavaScript. Включите его и обновите страницу.",
    "The reports need JavaScript. Switch it on and reload.",
)

_PAGE = """<!DOCTYPE html>
<html lang="{lang}" data-address="{address}">
<head>
{metas}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" type="image/svg+xml" href="{assets}head/icon.svg">
{first}
{styles}
{css}
</head>
<body data-opens="{opens}" data-plotly="{plotly}">
<noscript>{noscript}</noscript>
{app_entry}
<footer>{config}{locale}{scripts}{renderer}</footer>
</body>
</html>"""


_STYLES = ("vendor/10-bootstrap.min.css", "vendor/20-bootstrap-icons.min.css")
PLOTLY = "vendor/40-plotly-basic.min.js"
"""Loaded by the first chart there is (``16-chart.js``): bars, lines and points, a quarter of the whole Plotly that dcc.Graph brings."""
_FIRST = "head/theme.js"
"""Before the first paint."""
_SCRIPTS = ("vendor/30-dayjs.min.js", "vendor/31-dayjs-ru.js")
"""Before Dash's own scripts: mantine's calendar takes its locale from here."""


class ReportsApp(Dash):
    """Dash with an index page of its own: in the person's language, nothing from outside."""

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]
        """The first HTML of any address."""
        lang = language.current()
        styles = "".join(f'<link rel="stylesheet" href="{self._versioned(name)}">' for name in _STYLES)
        first = f'<script src="{self._versioned(_FIRST)}"></script>'
        locale = "".join(f'<script src="{self._versioned(name)}"></script>' for name in _SCRIPTS)
        return _PAGE.format(
            lang=lang,
            title=PRODUCT.of(lang),
            address=escape(json.dumps(dict(state.TOLD))),
            opens=self._opens(),
            plotly=self._versioned(PLOTLY),
            assets=self.get_asset_url(""),
            styles=styles,
            first=first,
            locale=locale,
            noscript=NO_SCRIPT.of(lang),
            **{name: parts.get(name, "") for name in ("metas", "css", "config", "scripts", "renderer", "app_entry")},
        )

    def _opens(self) -> str:
        """``report`` where a report is opened: its row of filters keeps its place until the first answer; else ``page``."""
        path = self.strip_relative_path(request.path) if has_request_context() else ""
        slug = slug_of(path)
        return "page" if is_own(slug) or monthly_page_at(slug) else "report"

    def _versioned(self, name: str) -> str:
        """An asset's address that changes with its content, so that browsers may keep it."""
        changed = (Path(self.config.assets_folder) / name).stat().st_mtime
        return f"{self.get_asset_url(name)}?m={int(changed)}"


def keep_versioned(app: Dash) -> None:
    """Assets whose address changes with their content are kept by the browser for a year, and not asked for at every load."""

    def marked(response: Response) -> Response:
        if response.status_code == 200 and "m" in request.args and request.path.startswith(app.get_asset_url("")):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    app.server.after_request(marked)
