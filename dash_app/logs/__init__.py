"""One log of all processes – pages, refreshes, the schedule, the command line –, as JSON lines in ``DATA_DIR/logs/app.log``.

A line: ``time`` (UTC), ``level``, ``event``, ``process`` (web, refresh, schedule, cli, derive), ``pid``, ``request`` or ``refresh`` (an id that
all lines of one request or refresh carry, also those of processes it starts), ``number`` (of an error a person was told), ``ms``, and what
the event is about. No secrets, no personal data: ``redact``, ``exceptions``. Write ``logs.get(__name__).info("event", block=…)``.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import sys
import threading
from collections.abc import Iterable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import structlog

from dash_app.logs.exceptions import described, without_values
from dash_app.logs.handlers import Console, LogFile
from dash_app.logs.redact import Redactor
from dash_app.text import Text

_REFRESH = "DASH_APP_REFRESH"
"""Environment variable by which a child process knows the refresh it belongs to."""
_NOISY = {
    "urllib3": logging.INFO,
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
    "werkzeug": logging.WARNING,
    "matplotlib": logging.WARNING,
    "asyncio": logging.WARNING,
}
"""The least of what libraries say that is kept, whatever LOG_LEVEL is: statements and addresses are not for a log."""

_of_process: dict[str, Any] = {}
_redactor = Redactor()
_file: LogFile | None = None

EventFields = MutableMapping[str, Any]


# -- from a call to a line ----------------------------------------------------------------------------------------


def _where(_logger: Any, _method: str, fields: EventFields) -> EventFields:
    return {**_of_process, "pid": os.getpid(), **fields}


def _error(_logger: Any, _method: str, fields: EventFields) -> EventFields:
    """An exception becomes its kind, words and places."""
    given = fields.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        fields["error"] = described(error)
    fields.pop("stack_info", None)
    return fields


def _redacted(_logger: Any, _method: str, fields: EventFields) -> EventFields:
    kept = {name: fields.pop(name) for name in ("_record", "_from_structlog") if name in fields}
    return {**_redactor.fields(fields), **kept}


def _foreign(_logger: Any, _method: str, fields: EventFields) -> EventFields:
    """A line of a library: its own words become the event."""
    record = fields.get("_record")
    if record is not None:
        fields["logger"] = record.name
        fields["event"] = without_values(str(fields.get("event", "")).split("\n", 1)[0])[:300]
    return fields


_BOUND: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    _where,
    _error,
]

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_logger_name,
        *_BOUND,
        _redacted,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger: ``log.info("event", field=…)``; an event is a word, what it is about goes into fields."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def _json(fields: EventFields) -> EventFields:
    first = {name: fields.pop(name) for name in ("time", "level", "event", "process", "pid") if name in fields}
    return {**first, **fields}


def _formatter(*renderers: Any) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        foreign_pre_chain=[*_BOUND, _foreign, _redacted],
        keep_exc_info=False,
    )


def _readable(_logger: Any, _method: str, fields: EventFields) -> str:
    """A line for people: ``14:05:09 warning refresh_failed number=3F9A2C …``."""
    moment, level, event = str(fields.pop("time", ""))[11:19], fields.pop("level", ""), fields.pop("event", "")
    for name in ("pid", "logger"):
        fields.pop(name, None)
    error = fields.pop("error", None)
    if isinstance(error, dict):
        fields["error"] = f"{error.get('type')}: {error.get('said')}"
    return " ".join([moment, str(level), str(event), *(f"{name}={value}" for name, value in fields.items())])


# -- setting up ---------------------------------------------------------------------------------------------------


def setup(data_dir: Path, level: str, process: str, *, hidden: Iterable[str] = (), console: bool = False) -> None:
    """Sends every line of this process to the file; called once more, it begins anew. Nothing is written before the first line.

    ``process``: who we are. ``hidden``: secrets that must not appear. ``console``: warnings are also said on standard error, as text (with
    LOG_LEVEL=DEBUG everything).
    """
    global _redactor, _file
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h, LogFile | Console)]:
        root.removeHandler(handler)
        with contextlib.suppress(Exception):
            handler.close()
    _redactor = Redactor(hidden)
    _of_process.clear()
    _of_process["process"] = process
    if refresh := os.environ.get(_REFRESH, "")[:16]:
        _of_process["refresh"] = refresh
    _file = LogFile(data_dir / "logs" / "app.log", aloud=console)
    _file.setFormatter(_formatter(_ordered, structlog.processors.JSONRenderer(ensure_ascii=False)))
    root.addHandler(_file)
    if console:
        shown = Console(sys.stderr)
        shown.setLevel(logging.DEBUG if level == "DEBUG" else max(logging.WARNING, logging.getLevelName(level)))
        shown.setFormatter(_formatter(_readable))
        root.addHandler(shown)
    for ours in root.handlers:
        if isinstance(ours, LogFile | Console):
            ours.addFilter(_quiet)
    root.setLevel(level)
    logging.captureWarnings(True)
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _uncaught_in_thread


def _quiet(record: logging.LogRecord) -> bool:
    return record.levelno >= _NOISY.get(record.name.partition(".")[0], 0)


def _ordered(_logger: Any, _method: str, fields: EventFields) -> EventFields:
    return _json(fields)


def _uncaught(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    failure(error, "uncaught")


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        failure(args.exc_value, "uncaught_in_thread", thread=args.thread.name if args.thread else "")


# -- ids and numbers ----------------------------------------------------------------------------------------------


def new_id() -> str:
    """Eight hex digits that name a request or a refresh."""
    return secrets.token_hex(4)


@contextlib.contextmanager
def of_refresh() -> Iterator[str]:
    """All lines of this process, and of those it starts, carry the id of the refresh it does; gives the id."""
    before, name = _of_process.get("refresh"), new_id()
    inherited = os.environ.get(_REFRESH)
    _of_process["refresh"] = os.environ[_REFRESH] = name
    try:
        yield name
    finally:
        _of_process.pop("refresh", None)
        os.environ.pop(_REFRESH, None)
        if before is not None:
            _of_process["refresh"] = before
        if inherited is not None:
            os.environ[_REFRESH] = inherited


def failure(error: BaseException, event: str = "unexpected", **about: Any) -> str:
    """Writes down an error nobody foresaw; returns the number under which it is found: six hex digits."""
    number = secrets.token_hex(3).upper()
    with contextlib.suppress(Exception):
        error.log_number = number  # type: ignore[attr-defined]
    with contextlib.suppress(Exception):  # whatever is wrong with the log, the error is said
        get("dash_app").error(event, number=number, exc_info=error, **about)
    return number


def number_of(error: BaseException) -> str | None:
    """The number under which an error has been written down already."""
    found = getattr(error, "log_number", None)
    return found if isinstance(found, str) else None


def where() -> Path | None:
    """The file as a person would look for it, None before ``setup``."""
    if _file is None:
        return None
    path = Path(_file.baseFilename)
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def pointer(number: str) -> Text:
    """«Подробности в журнале data/logs/app.log, номер 3F9A2C.» – or that the log cannot be written."""
    if _file is None:
        return Text(f"Номер {number}.", f"Number {number}.")
    if _file.failed is not None:
        return Text(
            f"Номер {number}; журнал {where()} не записывается: проверьте место на диске и права на папку.",
            f"Number {number}; the log {where()} cannot be written: check the disk and the rights of its folder.",
        )
    return Text(
        f"Подробности в журнале {where()}, номер {number}.", f"Details are in the log {where()}, number {number}."
    )
