"""What people type: kept, audited, undone, never half-saved."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dash_app.errors import BadInput
from dash_app.store.preferences import Preferences
from dash_app.store.workspace import EditConflict, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(f"sqlite:///{tmp_path / 'workspace.sqlite'}", portal="x")


def test_defaults_hold_until_somebody_chooses(workspace: Workspace) -> None:
    assert workspace.values() == Preferences()
    workspace.set("time_zone", "Asia/Omsk", "Анна")
    assert workspace.values().time_zone == "Asia/Omsk"


def test_every_change_is_kept_with_who_before_and_after(workspace: Workspace) -> None:
    workspace.set("refresh_minutes", 30, "Анна")
    workspace.set("refresh_minutes", 60, "Борис")
    assert workspace.set("refresh_minutes", 60, "Борис") is None
    assert [(c.who, c.before, c.after) for c in workspace.history("refresh_minutes")] == [("Борис", 30, 60), ("Анна", None, 30)]


def test_undo_puts_back_what_was_and_is_a_change_itself(workspace: Workspace) -> None:
    workspace.set("refresh_minutes", 30, "Анна")
    change = workspace.set("refresh_minutes", 60, "Борис")
    assert change is not None
    workspace.undo(change.id, "Анна")
    assert workspace.values().refresh_minutes == 30
    assert workspace.history()[0].undoes == change.id
    with pytest.raises(EditConflict):
        workspace.undo(change.id, "Анна")  # changed since


def test_undo_of_the_first_change_goes_back_to_the_default(workspace: Workspace) -> None:
    change = workspace.set("refresh_minutes", 30, "Анна")
    assert change is not None
    workspace.undo(change.id, "Анна")
    assert workspace.values().refresh_minutes == 0


def test_the_second_of_two_editors_is_told_and_sees_both_values(workspace: Workspace) -> None:
    seen = workspace.version("refresh_minutes")
    workspace.set("refresh_minutes", 30, "Анна", expected_version=seen)
    with pytest.raises(EditConflict) as conflict:
        workspace.set("refresh_minutes", 15, "Борис", expected_version=seen)
    assert (conflict.value.theirs, conflict.value.yours) == (30, 15)
    assert "Анна" in conflict.value.text.ru and "30" in conflict.value.text.ru and "15" in conflict.value.text.ru
    assert workspace.values().refresh_minutes == 30


@pytest.mark.parametrize(
    ("key", "value"),
    [("time_zone", "Mars"), ("refresh_minutes", -1), ("refresh_minutes", "often"), ("pipeline_roles", {"5": "boss"}), ("pipeline_roles", {"x": "sales"}),
     ("loss_reason_field", "'; DROP TABLE settings"), ("nope", 1)],
)  # fmt: skip
def test_senseless_values_are_refused_with_a_sentence(workspace: Workspace, key: str, value: object) -> None:
    with pytest.raises(BadInput) as error:
        workspace.set(key, value, "Анна")
    assert error.value.text.ru.endswith(".")
    assert workspace.history() == []


def test_a_file_with_one_bad_line_imports_nothing(workspace: Workspace) -> None:
    content = orjson.dumps({"format": 1, "settings": {"refresh_minutes": 30, "time_zone": "Mars", "nope": 1}})
    with pytest.raises(BadInput) as error:
        workspace.import_(content, "Анна")
    assert "nope" in error.value.text.ru and "Mars" in error.value.text.ru
    assert workspace.values() == Preferences()


def test_export_and_import_carry_everything(workspace: Workspace, tmp_path: Path) -> None:
    workspace.set_many({"refresh_minutes": 30, "pipeline_roles": {"9": "after-sale"}}, "Анна")
    other = Workspace(f"sqlite:///{tmp_path / 'other.sqlite'}", portal="y")
    other.import_(workspace.export(), "Борис")
    assert other.values() == workspace.values()


@given(st.binary(max_size=60))
def test_any_file_is_read_or_refused_with_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    workspace = _shared(tmp_path_factory)
    with pytest.raises(BadInput):
        workspace.import_(content, "Анна")


_one: list[Workspace] = []


def _shared(factory: pytest.TempPathFactory) -> Workspace:
    if not _one:
        _one.append(Workspace(f"sqlite:///{factory.mktemp('w') / 'w.sqlite'}", portal="x"))
    return _one[0]


def test_backup_and_restore(workspace: Workspace, tmp_path: Path) -> None:
    workspace.set("refresh_minutes", 30, "Анна")
    workspace.backup(tmp_path / "copy.sqlite")
    workspace.set("refresh_minutes", 60, "Анна")
    workspace.restore(tmp_path / "copy.sqlite")
    assert workspace.values().refresh_minutes == 30
    (tmp_path / "bad.sqlite").write_bytes(b"no database")
    with pytest.raises(BadInput):
        workspace.restore(tmp_path / "bad.sqlite")


_CHILD = """
import sys
sys.path.insert(0, {root!r})
from dash_app.store.workspace import Workspace
w = Workspace("sqlite:///" + sys.argv[1], portal="x")
for n in range(1, 5000):
    w.set("refresh_minutes", n, "Анна")
    print(n, flush=True)
"""


def test_killing_the_process_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    database = tmp_path / "workspace.sqlite"
    for pause in (0.05, 0.3):
        child = subprocess.Popen([sys.executable, "-c", _CHILD.format(root=root), str(database)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(pause)
        child.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in child.stdout.read().split()]
        child.wait()
        workspace = Workspace(f"sqlite:///{database}", portal="x")
        assert workspace.values().refresh_minutes >= (acknowledged[-1] if acknowledged else 1)
        assert workspace.history(most=1)[0].after == workspace.values().refresh_minutes
        workspace.set("refresh_minutes", 0, "Борис")
