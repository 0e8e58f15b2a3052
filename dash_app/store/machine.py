"""What DuckDB may take of this machine: the one place where its memory and threads are decided and where it is opened.

Three kinds of work: *questions* (a database of facts in every worker process), *deriving* and *loading* (one at a time beside them). What the
settings leave open follows from the machine: the memory and processors this process may use, a container's limits (cgroups v1 and v2) included.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import duckdb
import psutil

from dash_app.settings import Settings, bytes_of

Work = Literal["questions", "deriving", "loading"]

MB = 1024 * 1024
_NO_LIMIT = 1 << 60
"""cgroups v1 write an absent limit as a number near 2**63."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``memory`` in bytes, ``threads`` at least 1."""

    memory: int
    threads: int

    def config(self) -> dict[str, str | bool | int | float | list[str]]:
        """As ``duckdb.connect`` takes it."""
        return {"memory_limit": f"{self.memory // 1024}KiB", "threads": self.threads}


@dataclass(frozen=True, slots=True)
class Machine:
    """Memory (bytes) and processors this process may use."""

    memory: int
    processors: int


def _first_line(file: Path) -> str:
    try:
        return file.read_text().split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _groups(root: Path) -> list[tuple[str, str]]:
    """(controllers, path) of every cgroup this process is in, ``""`` for the controllers of v2."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    parts = [line.split(":", 2) for line in lines]
    return [(part[1], part[2]) for part in parts if len(part) == 3]


def _folders(base: Path, path: str) -> list[Path]:
    """The folder of a cgroup and of those it lies in; a container sees its own as the root."""
    folders = [base]
    for name in path.strip("/").split("/"):
        if name in ("", "..", "."):
            continue
        folders.append(folders[-1] / name)
    return [folder for folder in folders if folder.is_dir()]


def allowed(root: Path = Path("/")) -> tuple[int | None, float | None]:
    """(bytes of memory, processors) the cgroups of this process leave it; None where there is no limit. ``root``: for tests."""
    memory: list[int] = []
    processors: list[float] = []
    for controllers, path in _groups(root):
        if controllers == "":
            for folder in _folders(root / "sys/fs/cgroup", path):
                if (found := _number(_first_line(folder / "memory.max"))) is not None:
                    memory.append(found)
                quota, _, period = _first_line(folder / "cpu.max").partition(" ")
                if (q := _number(quota)) and (p := _number(period)):
                    processors.append(q / p)
            continue
        names = controllers.split(",")
        if "memory" in names:
            for folder in _folders(root / "sys/fs/cgroup/memory", path):
                found = _number(_first_line(folder / "memory.limit_in_bytes"))
                if found is not None and found < _NO_LIMIT:
                    memory.append(found)
        if "cpu" in names:
            for base in (controllers, "cpu"):
                for folder in _folders(root / "sys/fs/cgroup" / base, path):
                    q, p = (_number(_first_line(folder / f"cpu.cfs_{n}_us")) for n in ("quota", "period"))
                    if q and p:
                        processors.append(q / p)
    positive = [found for found in memory if found > 0]
    return (min(positive) if positive else None, min(processors) if processors else None)


@cache
def machine() -> Machine:
    """This machine, or the part of it this process may use."""
    memory, processors = allowed()
    total = psutil.virtual_memory().total
    try:
        usable = len(os.sched_getaffinity(0))
    except AttributeError:  # not every system can say
        usable = os.cpu_count() or 1
    return Machine(min(total, memory or total), max(1, min(usable, round(processors) if processors else usable)))


def defaults(of: Machine) -> dict[Work, Limits]:
    """What each work takes where the settings say nothing.

    Questions: an eighth of the memory a process (256 MB to 4 GB; pages of the file, given back when others need them), four threads at most.
    Deriving: a sixty-fourth (350 MB to 8 GB; beyond it DuckDB spills to disk), sixteen threads at most. Loading: four sevenths of deriving.
    """
    deriving = _within(of.memory // 64, 350 * MB, 8192 * MB, of)
    return {
        "questions": Limits(_within(of.memory // 8, 256 * MB, 4096 * MB, of), min(4, of.processors)),
        "deriving": Limits(deriving, min(16, of.processors)),
        "loading": Limits(deriving * 4 // 7, min(16, of.processors)),
    }


def _within(wanted: int, least: int, most: int, of: Machine) -> int:
    """Between the bounds, but never more than six tenths of a very small machine."""
    return min(max(least, min(wanted, most)), of.memory * 6 // 10)


_chosen: dict[Work, Limits] = {}


def configure(settings: Settings) -> None:
    """Takes what the settings say, for this process; what they leave open follows from the machine."""
    usual = defaults(machine())
    memory, threads = bytes_of(settings.duckdb_memory), settings.duckdb_threads
    _chosen["questions"] = Limits(memory or usual["questions"].memory, threads or usual["questions"].threads)
    memory, threads = bytes_of(settings.derive_memory), settings.derive_threads
    _chosen["deriving"] = Limits(memory or usual["deriving"].memory, threads or usual["deriving"].threads)
    _chosen["loading"] = Limits(_chosen["deriving"].memory * 4 // 7, _chosen["deriving"].threads)


def limits(work: Work) -> Limits:
    """What this work may take now."""
    return _chosen.get(work) or defaults(machine())[work]


def open_database(
    path: Path | None, work: Work, *, read_only: bool = False, spill: Path | None = None, use: Limits | None = None
) -> duckdb.DuckDBPyConnection:
    """A DuckDB database within the limits of ``work``, in memory without a ``path``. ``spill``: folder of what does not fit into memory; ``use``: other limits."""
    config = (use or limits(work)).config()
    if spill is not None:
        config["temp_directory"] = str(spill)
    return duckdb.connect(":memory:" if path is None else str(path), read_only=read_only, config=config)
