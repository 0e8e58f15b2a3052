"""A server that can only say what is wrong with the settings."""

from __future__ import annotations

from flask import Flask
from markupsafe import escape

from dash_app.text import Lang, Text


def server(text: Text, lang: Lang) -> Flask:
    """Answers every address with the sentence, 503; the health endpoint too."""
    flask = Flask("dash_app.trouble", static_folder=None)

    @flask.route("/", defaults={"path": ""})
    @flask.route("/<path:path>")
    def trouble(path: str) -> tuple[str, int, dict[str, str]]:
        page = f"<!DOCTYPE html><html lang={lang}><meta charset=utf-8><title>!</title><body style='font:16px/1.5 sans-serif;margin:4rem auto;max-width:40rem'><p>{escape(text.of(lang))}</p>"
        return page, 503, {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}

    return flask
