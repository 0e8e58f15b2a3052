"""gunicorn's own lines in the log of all: named by ``--logger-class``."""

from __future__ import annotations

import contextlib
import logging
from typing import Any

from gunicorn.glogging import Logger as GunicornLogger
from pydantic import ValidationError

from dash_app.logs.start import start
from dash_app.settings import Settings


class Logger(GunicornLogger):  # type: ignore[misc]
    """Without handlers of its own. Requests are written by the application (``web.access``), with their ids."""

    def setup(self, cfg: Any) -> None:
        """Sets the log up in the process that starts the workers."""
        self.error_log.propagate = True
        self.error_log.handlers.clear()
        self.error_log.setLevel(logging.WARNING if cfg.loglevel == "warning" else logging.INFO)
        self.access_log.propagate = False
        self.access_log.handlers.clear()
        with contextlib.suppress(ValidationError):  # said when the application is made
            start(Settings(), "web", console=True)

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Nothing: see ``web.access``."""

    def reopen_files(self) -> None:
        """There are none."""
