"""The webhook somebody entered on the page: a file of DATA_DIR that its owner alone may read (0600, its folder 0700). Whoever sets B24_WEBHOOK_URL
decides instead of it."""

from __future__ import annotations

from pathlib import Path

FOLDER = "portal"


def file_of(data_dir: Path) -> Path:
    """Where it is kept."""
    return data_dir / FOLDER / "webhook"


def read(data_dir: Path) -> str | None:
    """The webhook; None where nobody entered one."""
    try:
        return file_of(data_dir).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def stamp(data_dir: Path) -> tuple[int, int] | None:
    """Another one whenever another webhook was entered, in any process."""
    try:
        found = file_of(data_dir).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
