"""Loads in processes that end themselves at a moment told: ``python -m tests.store.killing`` forks one for every line it reads.

A process that has opened DuckDB cannot be forked, and starting Python anew for every kill would take a minute; this one has imported everything and opened nothing.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import dash_app.store
from dash_app.store.derive import DeriveConfig
from dash_app.store.files import copy_file
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh

IDLE = timedelta(days=7)
_STORE = str(Path(dash_app.store.__file__).parent)
_WITHIN = frozenset(
    f"{owner}{name}"
    for owner, names in {
        "Refresh.": ("_run", "_building", "_fill", "_read_all", "_read_changes", "_delete_missing", "_derive"),
        "Refresh._": ("pump",),
        "Snapshots.": ("publish",),
        "Observed.": ("_add",),
        "": ("derive",),
    }.items()
    for name in names
)
"""A phase begins whenever one of these calls something of the store."""
_HARMLESS = frozenset(
    {
        "Companies.__init__", "Companies.current", "DeriveConfig.document", "ClockReading.since", "RawDatabase.count", "RawDatabase.counts", "RawDatabase.cursor",
        "RawDatabase.max_id", "RawDatabase.newest", "RawDatabase.short_histories", "Refresh._info", "Refresh._must_be_full", "Refresh._stop_if_cancelled",
        "Refresh._sum", "Refresh._tell", "Snapshot.id", "Snapshot.raw_path", "Snapshots.__init__", "Snapshots.current", "Snapshots.of", "_literal", "_opened",
        "Snapshots.finish", "Refresh._fill", "Refresh._pump", "RawDatabase.keep_odd", "Refresh._compare_counts", "Observed.known", "Refresh._company",
        "Refresh._derive", "derive", "contradicting", "by_records", "known_before", "look", "judge", "known_of", "new_id", "note", "notes", "read_json",
    }
)  # fmt: skip
"""They change nothing: what follows them is the next phase."""


def _phase(frame: FrameType) -> str | None:
    caller = frame.f_back
    code = frame.f_code
    if caller is None or not code.co_filename.startswith(_STORE) or caller.f_code.co_qualname not in _WITHIN:
        return None
    name = code.co_qualname
    if name in _HARMLESS or "<" in name or name.startswith(("PortalPaths.", "Progress.", "Manifest.")):
        return None
    return f"{caller.f_code.co_qualname} > {name}"


def job(paths: PortalPaths, portal: Any, *, full: bool = False) -> Refresh:
    """The load that is killed and the one that follows."""
    return Refresh(paths, portal, DeriveConfig(), full=full, idle_after=IDLE)


def _wrap(at: str, strike: Callable[[], object]) -> None:
    """Puts a call of ``strike`` before a function of the store, wherever it is known."""
    caller, name = at.split(" > ")
    owner, _, method = name.rpartition(".")
    for module in [m for n, m in sys.modules.items() if n.startswith("dash_app.store")]:
        place = getattr(module, owner, None) if owner else module
        given = getattr(place, method, None)
        if given is None or getattr(given, "__qualname__", "") != name:
            continue

        def ends(*args: Any, given: Any = given, **more: Any) -> Any:
            if sys._getframe(1).f_code.co_qualname == caller:
                strike()
            return given(*args, **more)

        is_static = owner and isinstance(vars(place).get(method), staticmethod)
        setattr(place, method, staticmethod(ends) if is_static else ends)


def _load(order: dict[str, Any]) -> int:
    """One load; ends at the first call of ``order["at"]`` by ``order["signal"]``, or, without it, writes its phases to ``order["phases"]``."""
    seen: list[str] = []
    portal = pickle.loads(Path(order["portal"]).read_bytes())
    load = job(PortalPaths(Path(order["root"])), portal)
    if order.get("facts"):
        load.derive = lambda _, target, *__: copy_file(Path(order["facts"]), target)

    def watch(frame: FrameType, event: str, _: Any) -> None:
        name = _phase(frame) if event == "call" else None
        if name is not None and name not in seen:
            seen.append(name)

    if order["at"] and order["signal"]:
        _wrap(order["at"], lambda: os.kill(os.getpid(), order["signal"]))
    elif order["at"]:
        _wrap(order["at"], lambda: shutil.rmtree(load.paths.snapshots, ignore_errors=True))
    else:
        sys.setprofile(watch)
    try:
        load.run()
    except KeyboardInterrupt:
        return 130
    finally:
        sys.setprofile(None)
    if order.get("phases"):
        Path(order["phases"]).write_text(json.dumps(seen))
    return 0


def _serve() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            code = 1
            try:
                code = _load(json.loads(line))
            finally:
                sys.stderr.flush()
                os._exit(code)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Killer:
    """Runs loads apart; each call returns how the process ended (negative: by that signal)."""

    _ask: Callable[[dict[str, Any]], int]
    _folder: Path

    def load(self, paths: PortalPaths, portal: Any, at: str, how: signal.Signals | None, facts: Path) -> int:
        """A load that is ended when the phase ``at`` begins, or, without a signal, loses all snapshots then; 0 if it ends well.

        ``facts``: what it would derive, to save the time.
        """
        order = {"root": str(paths.root), "portal": self._put(portal), "at": at, "signal": int(how or 0)}
        return self._ask(order if at.startswith("derive") else order | {"facts": str(facts)})

    def phases(self, paths: PortalPaths, portal: Any) -> list[str]:
        """A load to its end, and the phases it had, in order."""
        file = self._folder / "phases"
        assert self._ask({"root": str(paths.root), "portal": self._put(portal), "at": "", "phases": str(file)}) == 0
        found: list[str] = json.loads(file.read_text())
        return found

    def _put(self, portal: Any) -> str:
        file = self._folder / "portal"
        file.write_bytes(pickle.dumps(portal))
        return str(file)


@contextmanager
def killer(folder: Path) -> Iterator[Killer]:
    """A process that forks. ``folder``: for what is told to it."""
    folder.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.killing"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None

        def ask(order: dict[str, Any]) -> int:
            process.stdin.write(json.dumps(order) + "\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return int(process.stdout.readline())  # type: ignore[union-attr]

        try:
            yield Killer(ask, folder)
        finally:
            process.stdin.close()


if __name__ == "__main__":
    _serve()
