"""What people type: kept, audited, undone, never half-saved."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dash_app.errors import BadInput, UserError
from dash_app.store.preferences import Preferences
from dash_app.store.workspace import EditConflict, Workspace


def test_defaults_hold_until_somebody_chooses(workspace: Workspace) -> None:
    assert workspace.values() == Preferences()
    workspace.set("time_zone", "Asia/Omsk", "Анна")
    assert workspace.values().time_zone == "Asia/Omsk"


def test_every_change_is_kept_with_who_before_and_after(workspace: Workspace) -> None:
    workspace.set("refresh_minutes", 30, "Анна")
    workspace.set("refresh_minutes", 60, "Борис")
    assert workspace.set("refresh_minutes", 60, "Борис") is None
    assert [(c.who, c.before, c.after) for c in workspace.history("refresh_minutes")] == [
        ("Борис", 30, 60),
        ("Анна", None, 30),
    ]


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


def test_what_two_people_add_to_a_setting_at_once_is_both_there(database: str) -> None:
    keys = [f"deal:0:STAGE{number}" for number in range(24)]
    several = [Workspace(database, portal="p") for _ in range(4)]

    def takes(number: int) -> None:
        several[number % 4].amend("forgotten_days_by_stage", lambda now: {**now, keys[number]: 5}, "Анна")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(takes, range(len(keys))))
    assert several[0].values().forgotten_days_by_stage == dict.fromkeys(keys, 5)
    assert len(several[0].history(most=100)) == len(keys)
    with pytest.raises(BadInput):
        several[0].amend("forgotten_days_by_stage", lambda now: {**now, "nonsense": 5}, "Анна")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("time_zone", "Mars"),
        ("refresh_minutes", -1),
        ("refresh_minutes", "often"),
        ("pipeline_roles", {"5": "boss"}),
        ("pipeline_roles", {"x": "sales"}),
        ("loss_reason_field", "'; DROP TABLE settings"),
        ("nope", 1),
    ],
)
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


@pytest.mark.parametrize("address", ["nonsense", "oracle9://x/y", "postgresql://127.0.0.1:1/none?connect_timeout=2"])
def test_an_address_that_leads_nowhere_is_a_sentence(address: str) -> None:
    with pytest.raises(UserError) as said:
        Workspace(address, portal="x")
    assert "WORKSPACE_URL" in said.value.text.ru


_CHILD = """
import sys
sys.path.insert(0, {root!r})
from dash_app.store.workspace import Workspace
w = Workspace(sys.argv[1], portal="p")
for n in range(1, 5000):
    {act}
    print(n, flush=True)
"""
_SETTING = 'w.set("refresh_minutes", n, "Анна")'
_PLAN = 'w.put_entries("plan", {{f"7:all:2026-{{m:02d}}": {{"manager_id": "7", "month": f"2026-{{m:02d}}", "plan_amount": str(n)}} for m in range(1, 13)}}, "Анна")'


def _child(act: str) -> str:
    return _CHILD.format(root=str(Path(__file__).parents[2]), act=act.replace("{{", "{").replace("}}", "}"))


def _killed(code: str, database: str, pause: float) -> int:
    """The last save a process acknowledged before it was killed."""
    child = subprocess.Popen([sys.executable, "-c", code, database], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(pause)
    child.send_signal(signal.SIGKILL)
    acknowledged = [int(line) for line in child.stdout.read().split()]
    child.wait()
    return acknowledged[-1] if acknowledged else int(first)


def test_killing_the_process_loses_no_setting_that_was_acknowledged(database: str) -> None:
    for pause in (0.05, 0.3):
        last = _killed(_child(_SETTING), database, pause)
        workspace = Workspace(database, portal="p")
        assert workspace.values().refresh_minutes >= last
        assert workspace.history(most=1)[0].after == workspace.values().refresh_minutes
        workspace.set("refresh_minutes", 0, "Борис")
        workspace.close()


def test_killing_the_process_loses_no_plan_that_was_acknowledged_and_keeps_no_half_of_one(database: str) -> None:
    for pause in (0.05, 0.3):
        last = _killed(_child(_PLAN), database, pause)
        workspace = Workspace(database, portal="p")
        found = {int(entry.value.plan_amount) for entry in workspace.entries("plan").values()}  # type: ignore[attr-defined]
        assert len(found) == 1 and found.pop() >= last
        assert len(workspace.entries("plan")) == 12
        workspace.put_entries("plan", dict.fromkeys(workspace.entries("plan")), "Борис")
        workspace.close()


def test_processes_that_start_together_on_an_empty_database_all_start(database: str) -> None:
    code = _child("sys.exit()")
    started = [
        subprocess.Popen([sys.executable, "-c", code, database], stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for process in started:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said


def test_writers_at_once_lose_nothing_and_only_one_wins_a_version(database: str) -> None:
    key = "7:all:2026-02"
    workspaces = [Workspace(database, portal="p") for _ in range(3)]

    def add(workspace: Workspace) -> int:
        lost = 0
        done = 0
        while done < 10:
            entry = workspace.entries("plan").get(key)
            amount = int(entry.value.plan_amount) if entry else 0  # type: ignore[attr-defined]
            try:
                workspace.put_entries(
                    "plan",
                    {key: {"manager_id": "7", "month": "2026-02", "plan_amount": str(amount + 1)}},
                    "Анна",
                    expected={key: entry.version if entry else 0},
                )
                done += 1
            except EditConflict:
                lost += 1
        return lost

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(add, workspaces))
    entry = workspaces[0].entries("plan")[key]
    assert (str(entry.value.plan_amount), entry.version) == ("30", 30)  # type: ignore[attr-defined]
    assert [c.after["plan_amount"] for c in workspaces[0].history(f"plan:{key}")] == [str(n) for n in range(30, 0, -1)]
    for workspace in workspaces:
        workspace.close()
