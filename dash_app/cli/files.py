"""Files named on the command line: read with a bound, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from dash_app import private
from dash_app.errors import BadInput
from dash_app.text import Text

MOST_BYTES = 100_000_000


def content_of(file: Path) -> bytes:
    """The bytes of a file; BadInput where it cannot be read or is too large to be one of ours."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise BadInput(Text(f"Файл {file.name} не читается.", f"The file {file.name} cannot be read.")) from None
    if len(content) > MOST_BYTES:
        raise BadInput(
            Text(f"Файл {file.name} больше 100 МБ. Разделите его.", f"{file.name} is larger than 100 MB. Split it.")
        )
    return content


def suffix_of(file: Path, known: Sequence[str]) -> str:
    """The ending of a file to write; BadInput for one that is not known."""
    suffix = file.suffix.lower()
    if suffix not in known:
        raise BadInput(
            Text(
                f"Файл {file.name}: нужно окончание {' или '.join(known)}.",
                f"The file {file.name} needs the suffix {' or '.join(known)}.",
            )
        )
    return suffix


@contextlib.contextmanager
def written(output: str | Path, *, secret: bool = False) -> Iterator[IO[bytes]]:
    """A file to write. What stood there stays until the new content is whole; what failed half-way is not left behind.

    ``secret``: a new file is its owner's alone. BadInput where the folder or the disk does not take it.
    """
    path = Path(output)
    refused = BadInput(
        Text(
            f"Файл {path.name} не записывается. Проверьте папку и место на диске.",
            f"The file {path.name} cannot be written. Check the folder and the space on the disk.",
        )
    )
    try:
        is_device = path.exists() and not path.is_file()
    except OSError:
        raise refused from None
    if is_device:  # a device or a pipe is written as it is
        try:
            with path.open("wb") as device:
                yield device
        except OSError:
            raise refused from None
        return
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}-", dir=path.resolve().parent)
    except (OSError, ValueError):
        raise refused from None
    try:
        os.close(handle)
        with Path(name).open("w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        usual = private.FILE if secret else private.usual_mode()
        Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else usual)
        Path(name).replace(path.resolve())
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise refused from None
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
