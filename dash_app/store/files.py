"""Files that are either whole or not there."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import orjson


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a temporary file beside, forces it to disk and renames it: a crash leaves the old content or the new. An OSError names ``path``."""
    try:
        _write_beside(path, content)
    except OSError as error:
        error.filename = str(path)
        raise


def _write_beside(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_over(path: Path, content: bytes) -> None:
    """Writes into the file that is there, in its own blocks: for a full disk, which has no room for another one. Readers may see half of it."""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        file.write(content.ljust(size))
        file.truncate(max(size, len(content)))


def write_json(path: Path, document: object) -> None:
    """A JSON document, atomically."""
    write_atomically(path, orjson.dumps(document, option=orjson.OPT_INDENT_2))


def aside(path: Path, why: str) -> Path:
    """A free name beside a file for what it held: ``workspace-damaged-20260301T090000123456.sqlite``."""
    stem, tilde, company = path.stem.partition("~")
    return path.with_name(f"{stem}-{why}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}{tilde}{company}{path.suffix}")


def set_aside(path: Path, why: str, *companions: str) -> Path:
    """Renames a file, and those whose names are its own with an ending (a database's log): nothing is deleted. Returns its new name."""
    target = aside(path, why)
    for ending in ("", *companions):
        with contextlib.suppress(FileNotFoundError):
            os.replace(path.with_name(path.name + ending), target.with_name(target.name + ending))
    return target


def read_json(path: Path) -> dict[str, object] | None:
    """A JSON object, or None if there is none or it is damaged."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return found if isinstance(found, dict) else None


def sync_folder(folder: Path) -> None:
    """Forces renames within a folder to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def copy_file(source: Path, target: Path) -> None:
    """A copy that may be changed: a reflink where the file system can, bytes elsewhere."""
    shutil.copyfile(source, target)
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def share_file(source: Path, target: Path) -> None:
    """The same immutable file under a second name; a copy where links cannot be made."""
    try:
        os.link(source, target)
    except OSError:
        copy_file(source, target)
