"""A report as a folder of Parquet files, one a block; the records behind a number as one file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dash_app import private
from dash_app.errors import BadInput
from dash_app.text import Text


def write_table(table: pa.Table, path: Path) -> None:
    """Writes one file, whole or not at all; BadInput where the path cannot be written."""
    part = path.with_name(f".{path.name}.part")
    try:
        pq.write_table(table, part, compression="zstd")
        part.chmod(private.usual_mode())
        os.replace(part, path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise BadInput(
            Text(
                f"Файл {path.name} не записывается. Проверьте папку и место на диске.",
                f"The file {path.name} cannot be written. Check the folder and the space on the disk.",
            )
        ) from None


def write_folder(tables: Mapping[str, pa.Table], folder: Path) -> None:
    """``BLOCK.parquet`` for each table; the folder is made where it is not there. BadInput where it cannot be."""
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(private.usual_mode(folder=True))
        elif not folder.is_dir():
            raise NotADirectoryError(folder)
    except OSError:
        raise BadInput(
            Text(
                f"{folder.name} – не папка, или её нельзя создать. Укажите другую: --output отчёт/.",
                f"{folder.name} is no folder, or it cannot be made. Give another: --output report/.",
            )
        ) from None
    for name, table in tables.items():
        write_table(table, folder / f"{name}.parquet")
