"""The data is nobody else's: folders of DATA_DIR are their owner's alone (0700), files too (0600).

What processes of the application make is so from the start (their umask); what earlier versions made is put right once, when a process begins. What a
person asks to be written elsewhere (``--output``) has the rights that person's files usually have (``usual_mode``).
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from dash_app import kept_webhook

FOLDER, FILE = 0o700, 0o600
_OTHERS = 0o077
_usual: list[int] = []


def keep(data_dir: Path) -> None:
    """For this process and those it starts. A DATA_DIR that was there is left as it is – it may be more than ours –, what lies in it is not."""
    before = os.umask(_OTHERS)
    if not _usual:
        _usual.append(before)
    with suppress(OSError):
        data_dir.mkdir(parents=True, exist_ok=True, mode=FOLDER)
        for folder in data_dir.iterdir():
            if _is_ours(folder):
                _tighten(folder)


def usual_mode(*, folder: bool = False) -> int:
    """Rights of a file, or a folder, as whoever started the process makes them."""
    if _usual:
        mask = _usual[0]
    else:
        mask = os.umask(_OTHERS)
        os.umask(mask)
    return (0o777 if folder else 0o666) & ~mask


def _is_ours(folder: Path) -> bool:
    """Whether this application made a folder: a portal's, the logs', the demo portal's."""
    return (
        folder.is_dir()
        and not folder.is_symlink()
        and (folder.name in ("logs", "demo", kept_webhook.FOLDER) or (folder / "snapshots").is_dir())
    )


def _tighten(folder: Path) -> None:
    """Closes a folder and what lies in it; nothing to do where it is closed already."""
    with suppress(OSError):
        if not stat.S_IMODE(folder.stat().st_mode) & _OTHERS:
            return
    for place, folders, files in os.walk(folder):
        for mode, names in ((FOLDER, folders), (FILE, files)):
            for name in names:
                path = Path(place, name)
                with suppress(OSError):
                    if not path.is_symlink() and path.stat().st_uid == os.geteuid():
                        path.chmod(mode)
    with suppress(OSError):
        folder.chmod(FOLDER)  # last: an interrupted round begins anew
