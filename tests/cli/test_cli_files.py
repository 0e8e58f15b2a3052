"""Files the command line writes: whole or not at all, whatever stood there before."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from dash_app.cli.files import content_of, suffix_of, written
from dash_app.errors import BadInput


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "plan.xlsx"
    target.write_bytes(b"old")
    target.chmod(0o640)
    with pytest.raises(RuntimeError), written(target) as file:
        file.write(b"half")
        raise RuntimeError
    assert target.read_bytes() == b"old" and os.listdir(tmp_path) == ["plan.xlsx"]
    with pytest.raises(BadInput) as said, written(target) as file:
        raise OSError(28, "No space left on device")
    assert "место на диске" in said.value.text.ru and target.read_bytes() == b"old"
    with written(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new" and stat.S_IMODE(target.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["plan.xlsx"]


@pytest.mark.parametrize("name", ["no/such/folder.csv", ".", "x\x00y.csv", "x" * 300 + ".csv"])
def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput), written(tmp_path / name) as file:
        file.write(b"x")
    with pytest.raises(BadInput):
        content_of(tmp_path / name)


def test_a_device_is_written_as_it_is() -> None:
    with written("/dev/null") as file:
        file.write(b"x")
    assert not Path("/dev/null").is_file()


def test_an_unknown_ending_names_the_known_ones(tmp_path: Path) -> None:
    assert suffix_of(tmp_path / "A.XLSX", (".xlsx", ".csv")) == ".xlsx"
    with pytest.raises(BadInput) as said:
        suffix_of(tmp_path / "a.pdf", (".xlsx", ".csv"))
    assert ".xlsx или .csv" in said.value.text.ru
