"""One process that uses the application in many ways and prints how each ended, as JSON: for tests on disks that are read-only or full."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

from dash_app.__main__ import main
from dash_app.app import create_app
from dash_app.settings import Settings
from tests.web.conftest import caller


def command(*args: str) -> tuple[int, str, str]:
    """A command of the application: (exit code, standard output, standard error)."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(list(args))
    out.flush()
    return code, out.buffer.getvalue().decode(errors="replace")[:2000], err.getvalue()  # type: ignore[attr-defined]


def page(*paths: str) -> tuple[int, str, str]:
    """Pages as a browser asks for them, then the button that refreshes: (worst status, what the page shows, what the button says)."""
    app = create_app(Settings())
    client = app.server.test_client()
    call = caller(app, client)
    status = max(client.get(path).status_code for path in ("/", *paths))
    shown = [call("page.children", {"url.pathname": path, "url.search": ""}, "url.pathname") for path in paths]
    said: Any = client.get("/healthz").status_code
    watched = {"snapshot.data": "", "refresh-tick.disabled": True, "refresh-button.n_clicks": 1}
    said = call("refresh-progress.children", watched, "refresh-button.n_clicks")
    return status, json.dumps(shown, ensure_ascii=False), json.dumps(said, ensure_ascii=False)


if __name__ == "__main__":
    found = {}
    for step in json.loads(Path(sys.argv[1]).read_text() if len(sys.argv) > 1 else sys.stdin.read()):
        act = page if step[0] == "page" else command
        found[" ".join(step)] = act(*(step[1:] if step[0] == "page" else step))
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
