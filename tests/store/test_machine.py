"""What DuckDB may take: from the machine, from its container, from the settings; the refusals name the setting."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dash_app.settings import bytes_of, wrong
from dash_app.store import machine
from dash_app.store.machine import MB, Limits, Machine
from tests.fakes import fake_settings

ROOT = Path(__file__).parents[2]


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


@pytest.mark.parametrize(
    ("files", "memory", "processors"),
    [
        ({}, None, None),
        (
            {
                "proc/self/cgroup": "0::/\n",
                "sys/fs/cgroup/memory.max": "536870912\n",
                "sys/fs/cgroup/cpu.max": "150000 100000",
            },
            512 * MB,
            1.5,
        ),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/memory.max": "1073741824",
                "sys/fs/cgroup/a/b/memory.max": "max",
                "sys/fs/cgroup/a/b/cpu.max": "max 100000",
            },
            1024 * MB,
            None,
        ),
        (
            {
                "proc/self/cgroup": "9:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "2147483648",
                "sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": "9223372036854771712",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "400000",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
            },
            2048 * MB,
            4.0,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            None,
            None,
        ),
        ({"proc/self/cgroup": "nonsense\n0::/\n", "sys/fs/cgroup/memory.max": "many"}, None, None),
    ],
)
def test_the_limits_of_a_container_are_honoured(
    tmp_path: Path, files: dict[str, str], memory: int | None, processors: float | None
) -> None:
    assert machine.allowed(tree(tmp_path, files)) == (memory, processors)


@given(st.integers(128, 1_000_000), st.integers(1, 256))
def test_the_defaults_fit_any_machine(megabytes: int, processors: int) -> None:
    here = Machine(megabytes * MB, processors)
    for limits in machine.defaults(here).values():
        assert 0 < limits.memory <= here.memory * 6 // 10
        assert 1 <= limits.threads <= processors


def test_a_large_machine_is_used_and_a_small_one_is_left_alive() -> None:
    small, large = machine.defaults(Machine(1024 * MB, 1)), machine.defaults(Machine(256 * 1024 * MB, 32))
    assert small["deriving"] == Limits(350 * MB, 1) and small["loading"].memory == 200 * MB
    assert large["deriving"] == Limits(4096 * MB, 16) and large["questions"] == Limits(4096 * MB, 4)


@pytest.mark.parametrize(
    ("text", "expected"), [("", None), (" ", None), ("512MB", 512 * MB), ("1.5 gb", 1536 * MB), ("2GiB", 2048 * MB)]
)
def test_memory_is_written_as_people_write_it(text: str, expected: int | None) -> None:
    assert bytes_of(text) == expected


@pytest.mark.parametrize("name", ["duckdb_memory", "derive_memory"])
@pytest.mark.parametrize("value", ["lots", "-1GB", "1", "10MB", "1e9GB", "0GB", "99999TB", "512MB; DROP"])
def test_a_senseless_memory_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        fake_settings(tmp_path, **{name: value})
    said = wrong(refused.value)
    assert name.upper() in said.ru and name.upper() in said.en and "512MB" in said.en and "Value error" not in said.en


@pytest.mark.parametrize("value", ["-1", "many", "257", "1.5"])
def test_senseless_threads_are_refused_by_name(tmp_path: Path, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        fake_settings(tmp_path, derive_threads=value)
    assert "DERIVE_THREADS" in wrong(refused.value).ru


def test_what_the_settings_say_holds_wherever_duckdb_is_opened(tmp_path: Path) -> None:
    try:
        machine.configure(
            fake_settings(tmp_path, duckdb_memory="300MB", duckdb_threads=1, derive_memory="700MB", derive_threads=3)
        )
        assert machine.limits("loading") == Limits(400 * MB, 3)
        for work, memory, threads in (("questions", 300, 1), ("deriving", 700, 3)):
            con = machine.open_database(tmp_path / f"{work}.duckdb", work)  # type: ignore[arg-type]
            said = con.execute("SELECT current_setting('memory_limit'), current_setting('threads')").fetchone()
            con.close()
            assert said is not None and said[1] == threads
            assert abs(float(re.sub(r"[^\d.]", "", said[0])) - memory) < 1
    finally:
        machine._chosen.clear()


def test_nothing_opens_duckdb_past_the_one_door() -> None:
    others = [
        file
        for folder in ("dash_app", "pages", "callbacks")
        for file in (ROOT / folder).rglob("*.py")
        if "duckdb.connect(" in file.read_text(encoding="utf-8") and file.name != "machine.py"
    ]
    assert not others


def test_a_bad_setting_is_one_sentence_on_every_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dash_app", "report", "sales-dynamics"],
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path), "DERIVE_MEMORY": "lots"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2 and "DERIVE_MEMORY" in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
