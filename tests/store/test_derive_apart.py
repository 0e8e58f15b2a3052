"""The derivation in a process of its own gives the same facts and the same failures."""

from __future__ import annotations

from pathlib import Path

import pytest

from dash_app.store.derive import DeriveConfig
from dash_app.store.derive.apart import DerivationFailed, derive_apart
from tests.store.raw_builder import TAKEN, Facts, Raw, at


def test_facts_are_the_same(tmp_path: Path) -> None:
    raw = Raw(tmp_path / "raw.duckdb")
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("DOC", "2026-01-06 10:00")])
    here = raw.facts(roles={5: "other"}, success_stages={0: "DOC"}, timezone="Asia/Omsk")
    raw.con.close()
    moment = at(TAKEN)
    assert moment is not None
    derive_apart(raw.path, tmp_path / "apart.duckdb", moment, DeriveConfig("Asia/Omsk", {5: "other"}, {0: "DOC"}))
    there = Facts(tmp_path / "apart.duckdb")
    for table in ("deals", "pipelines", "stages", "deal_stages", "meta"):
        assert here.rows(f"SELECT * FROM {table} ORDER BY ALL") == there.rows(f"SELECT * FROM {table} ORDER BY ALL")


def test_a_failure_is_said_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(DerivationFailed):
        derive_apart(tmp_path / "nothing.duckdb", tmp_path / "facts.duckdb", at(TAKEN), DeriveConfig())  # type: ignore[arg-type]
    assert not (tmp_path / "facts.duckdb").exists()
