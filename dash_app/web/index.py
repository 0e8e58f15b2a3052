"""The HTML the browser gets first: language, theme before the first paint, a calm page until the layout is there."""

from __future__ import annotations

from typing import Any

from dash import Dash

from dash_app.text import Text
from dash_app.web import language

PRODUCT = Text("Отчёты по продажам", "Sales reports")
NO_SCRIPT = Text("Отчётам нужен JavaScript. Включите его и обновите страницу.", "The reports need JavaScript. Switch it on and reload.")

_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
{metas}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" type="image/svg+xml" href="{assets}head/icon.svg">
<script src="{assets}head/theme.js"></script>
{css}
</head>
<body>
<noscript>{noscript}</noscript>
{app_entry}
<footer>{config}{scripts}{renderer}</footer>
</body>
</html>"""


class ReportsApp(Dash):
    """Dash with an index page of its own: in the person's language, nothing from outside."""

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]
        """The first HTML of any address."""
        lang = language.current()
        return _PAGE.format(
            lang=lang,
            title=PRODUCT.of(lang),
            assets=self.get_asset_url(""),
            noscript=NO_SCRIPT.of(lang),
            **{name: parts.get(name, "") for name in ("metas", "css", "config", "scripts", "renderer", "app_entry")},
        )
