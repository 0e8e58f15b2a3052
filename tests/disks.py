"""Commands on a disk that is read-only or full: really so, in a mount namespace of their own. Linux; elsewhere such tests are skipped."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest


@cache
def can_mount() -> bool:
    """Whether this system lets us."""
    if shutil.which("unshare") is None:
        return False
    done = subprocess.run([*_APART, "mount -t tmpfs -o size=1m tmpfs /mnt"], capture_output=True, check=False)
    return done.returncode == 0


_APART = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec"]
needs_mounts = pytest.mark.skipif("not __import__('tests.disks', fromlist=['x']).can_mount()", reason="no mounts here")


def read_only(folder: Path, command: Sequence[str], env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Runs a command while nothing can be written in ``folder``: (exit code, standard output, standard error)."""
    script = 'mount --bind "$0" "$0"; mount -o remount,ro,bind "$0"; exec "$@"'
    return _run([*_APART, script, str(folder), *command], env)


def full(
    folder: Path, megabytes: int, command: Sequence[str], env: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Runs a command while ``folder`` is a disk that has room for its content and ``megabytes`` more. What the command leaves replaces the content."""
    script = (
        'real=$1; size=$(($(du -sk "$real" | cut -f1) + $2 * 1024)); shift 2; cp -a "$real" "$0";'
        ' mount --bind "$real" /mnt; mount -t tmpfs -o size=${size}k tmpfs "$real"; cp -a "$0/." "$real/";'
        ' code=0; "$@" || code=$?; rm -rf "$0"; find /mnt -mindepth 1 -delete; cp -a "$real/." /mnt/; exit $code'
    )
    aside = folder.with_name(f"{folder.name}-aside")
    return _run([*_APART, script, str(aside), str(folder), str(megabytes), *command], env)


def _run(command: Sequence[str], env: Mapping[str, str] | None) -> tuple[int, str, str]:
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=180, check=False)
    return done.returncode, done.stdout, done.stderr
