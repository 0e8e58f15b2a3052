"""Files that are either whole or not there."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import orjson


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a temporary file beside, forces it to disk and renames it: a crash leaves the old content or the new."""
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


def write_json(path: Path, document: object) -> None:
    """A JSON document, atomically."""
    write_atomically(path, orjson.dumps(document, option=orjson.OPT_INDENT_2))


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
