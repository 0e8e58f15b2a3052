"""A PostgreSQL of the tests' own: a cluster in a folder, reached by a socket, gone with the tests."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

_numbers = count(1)


class Cluster:
    """A running server. ``fresh`` gives the address of a new, empty database."""

    def __init__(self, folder: Path, user: str) -> None:
        self.folder, self.user = folder, user

    def address(self, database: str) -> str:
        """As WORKSPACE_URL has it."""
        return f"postgresql:///{database}?host={self.folder}&user={self.user}"

    def _run(self, statement: str) -> None:
        with psycopg.connect(f"host={self.folder} user={self.user} dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """An empty database for one test."""
        name = f"test{next(_numbers)}"
        self._run(f"CREATE DATABASE {name}")
        yield self.address(name)
        self._run(f"DROP DATABASE {name} WITH (FORCE)")


def _programs() -> Path:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name) if p.parent.name.isdigit() else 0
    )
    if found:
        return found[-1]
    initdb = shutil.which("initdb")
    assert initdb, "PostgreSQL is needed: make test installs it, or apt-get install postgresql"
    return Path(initdb).resolve().parent


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Starts a server and stops it; root hands it over to the user postgres, because the server refuses root."""
    programs, folder = _programs(), Path(tempfile.mkdtemp(prefix="pg-"))
    user = "postgres" if os.geteuid() == 0 else getpass.getuser()
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(
            [*as_user, *command],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )

    try:
        run(
            str(programs / "initdb"),
            "-D",
            str(data),
            "-A",
            "trust",
            "-U",
            user,
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c shared_buffers=16MB"
        run(str(programs / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start")
        try:
            yield Cluster(folder, user)
        finally:
            run(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
