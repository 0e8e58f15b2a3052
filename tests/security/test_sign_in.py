"""Accounts, passwords, attempts, one-time links, second factors, sessions: without HTTP, on SQLite, with an argon2 that costs nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher

from dash_app.errors import BadInput
from dash_app.security import passwords, sign_in
from dash_app.security.accounts import Account, AccountRole, Accounts, Lifetime, hash_of
from dash_app.security.attempts import Attempts, delay, of_account, of_address
from dash_app.security.passwords import Passwords
from dash_app.security.sign_in import LATER, WRONG, NotSignedIn, SignIn, step_of
from dash_app.store.workspace import Workspace
from tests.fakes import QUICK

GOOD = "correct horse battery"
HERE = "192.0.2.7"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(f"sqlite:///{tmp_path / 'workspace.sqlite'}", portal="p")


@pytest.fixture
def way(workspace: Workspace) -> SignIn:
    return SignIn(Accounts(workspace), Attempts(workspace), passwords=QUICK)


def added(way: SignIn, name: str = "anna", role: AccountRole = AccountRole.OWNER, user: int | None = 7) -> Account:
    account = way.accounts.add(name, role, user, "t")
    way.choose(way.reset(account), GOOD)
    return way.accounts.by_name(name)


def refused(way: SignIn, name: str, password: str, address: str = HERE) -> str:
    with pytest.raises(NotSignedIn) as error:
        way.enter(name, password, address)
    return error.value.text.ru


def test_the_products_hash_is_argon2id_of_64_mib() -> None:
    parameters = PasswordHasher()
    assert (parameters.type.name, parameters.memory_cost, parameters.time_cost) == ("ID", 65536, 3)
    assert Passwords()._hasher.memory_cost == parameters.memory_cost


def test_somebody_signs_in_however_the_name_is_written_and_nothing_secret_is_kept(
    way: SignIn, workspace: Workspace
) -> None:
    added(way, "Анна.С")
    account, token = way.enter("  АННА.с ", GOOD, HERE)
    assert way.of_session(token) == account
    way.leave(token)
    assert way.of_session(token) is None
    _, token = way.enter("анна.с", GOOD, HERE)
    kept = workspace._file.read_bytes() + b"".join(f.read_bytes() for f in workspace._file.parent.glob("*-wal"))  # type: ignore[union-attr]
    assert GOOD.encode() not in kept and token.encode() not in kept and hash_of(token).encode() in kept
    assert [c.what for c in workspace.history()] == ["account:анна.с"] and "argon2" not in str(workspace.history())


def test_whatever_is_wrong_the_answer_is_the_same(way: SignIn) -> None:
    added(way)
    way.accounts.add("boris", AccountRole.OWNER, None, "t")  # without a password yet
    added(way, "vera")
    way.accounts.change("vera", "t", disabled=True)
    for name, password in (
        ("anna", "x"),
        ("nobody", GOOD),
        ("boris", ""),
        ("vera", GOOD),
        ("", ""),
        ("x" * 500, "y" * 5000),
    ):
        assert refused(way, name, password, address=name[:9]) == WRONG.ru


def test_an_unknown_name_costs_one_hash_like_any_other(way: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    added(way)
    asked: list[str | None] = []
    verified = Passwords.verified
    monkeypatch.setattr(Passwords, "verified", lambda s, p, k: asked.append(k) or verified(s, p, k))  # type: ignore[func-returns-value]
    hashes: list[str] = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda s, h, p: hashes.append(h) or verify(s, h, p))  # type: ignore[func-returns-value]
    refused(way, "anna", "x")
    refused(way, "nobody", "x")
    assert len(asked) == len(hashes) == 2 and asked[1] is None
    assert hashes[0].split("$")[3] == hashes[1].split("$")[3], "the same parameters"


def test_a_hash_of_other_parameters_is_made_anew(way: SignIn, workspace: Workspace) -> None:
    added(way)
    stronger = replace(way, passwords=Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)))
    before = way.accounts.secrets_of("anna")
    stronger.enter("anna", GOOD, HERE)
    after = way.accounts.secrets_of("anna")
    assert before is not None and after is not None and "m=8" in str(before[1]) and "m=16" in str(after[1])
    stronger.enter("anna", GOOD, HERE)


@pytest.mark.parametrize("password", ["short", "a" * 30, "anna-anna-2026-anna", "x" * 201])
def test_a_bad_password_is_refused_and_the_link_is_still_good(way: SignIn, password: str) -> None:
    link = way.reset(way.accounts.add("anna", AccountRole.OWNER, None, "t"))
    with pytest.raises(BadInput):
        way.choose(link, password)
    assert way.choose(link, GOOD).name == "anna"


# -- attempts ----------------------------------------------------------------------------------------------------------


def test_after_five_failures_one_waits_longer_every_time_and_never_for_good(workspace: Workspace) -> None:
    attempts, now = Attempts(workspace), datetime(2026, 3, 1, tzinfo=UTC)
    pauses = []
    for _ in range(16):
        while (waits := attempts.begin({"account:x": 5}, now)) > timedelta(0):
            pauses.append(waits)
            now += waits
    assert pauses[:5] == [timedelta(seconds=s) for s in (30, 60, 120, 240, 480)]
    assert max(pauses) == pauses[-1] == timedelta(minutes=15) == delay(10**6, 5)
    assert attempts.begin({"account:x": 5}, now + timedelta(minutes=31)) == timedelta(0)
    assert attempts.begin({"account:x": 5}, now + timedelta(minutes=31)) == timedelta(0), "nothing was remembered"


def test_a_name_nobody_has_waits_as_well_and_a_link_ends_it(way: SignIn) -> None:
    account = added(way)
    for name in ("anna", "nobody"):
        for n in range(5):
            assert refused(way, name, "x", f"{name}{n}") == WRONG.ru
        assert refused(way, name, GOOD, "elsewhere") == LATER.format(n=1).ru
    way.choose(way.reset(account), GOOD)
    assert way.enter("anna", GOOD, HERE)[0] == way.accounts.by_name("anna")


def test_an_address_may_fail_twenty_times_and_one_good_account_does_not_open_it(way: SignIn) -> None:
    added(way)
    for n in range(10):
        refused(way, f"a{n}", "x")
        way.enter("anna", GOOD, HERE)
        refused(way, f"b{n}", "x")
    assert refused(way, "c", "x") == LATER.format(n=1).ru
    assert refused(way, "c", "x", "192.0.2.8") == WRONG.ru
    assert way.attempts.begin({of_account("z"): 5, of_address(HERE): 20}) > timedelta(0)


# -- links and sessions ------------------------------------------------------------------------------------------------


def test_a_link_is_good_once_within_a_day_and_only_the_last(way: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    account = way.accounts.add("anna", AccountRole.OWNER, None, "t")
    first, second = way.reset(account), way.reset(account)
    assert way.accounts.of_link(first) is None and way.accounts.of_link(second) == account
    way.choose(second, GOOD)
    with pytest.raises(NotSignedIn):
        way.choose(second, "another horse battery")
    late = way.reset(account)
    monkeypatch.setattr(
        "dash_app.security.accounts._now", lambda: datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=25)
    )
    assert way.accounts.of_link(late) is None


@pytest.mark.parametrize(
    "act",
    [
        lambda way, account: way.choose(way.reset(account), "another horse battery"),
        lambda way, account: way.reset(account),
        lambda way, account: way.accounts.change("anna", "t", disabled=True),
        lambda way, account: way.accounts.change("anna", "t", role=AccountRole.STRUCTURE),
        lambda way, account: way.accounts.change("anna", "t", portal_user=8),
        lambda way, account: way.change(account, "another horse battery"),
        lambda way, account: way.without_second_factor(account, "t"),
    ],
    ids=["password", "link", "disabled", "role", "person", "own", "recovery"],
)
def test_sessions_end_with_what_they_stood_on(way: SignIn, act: object) -> None:
    account = added(way)
    token = way.enter("anna", GOOD, HERE)[1]
    assert way.of_session(token) is not None
    act(way, account)  # type: ignore[operator]
    assert way.of_session(token) is None


def test_a_session_ends_when_nobody_uses_it_and_at_the_latest_after_its_life(
    way: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(way)
    token, began = way.enter("anna", GOOD, HERE)[1], datetime.now(UTC).replace(tzinfo=None)
    life = Lifetime()

    def at(hours: float, *, used: bool = True) -> bool:
        monkeypatch.setattr("dash_app.security.accounts._now", lambda: began + timedelta(hours=hours))
        return way.accounts.of_session(token, life, used=used) is not None

    assert at(11) and at(22)
    assert at(30, used=False) and not at(34.5), "a page that asks by itself keeps nothing alive"
    monkeypatch.undo()
    token = way.enter("anna", GOOD, HERE)[1]
    assert all(at(hours) for hours in range(10, 168, 10)) and not at(168.1)


# -- the second factor -------------------------------------------------------------------------------------------------


def test_with_a_second_factor_the_password_alone_opens_nothing(way: SignIn) -> None:
    account, secret = added(way), sign_in.new_secret()
    now = time.time()
    with pytest.raises(NotSignedIn):
        way.enrol(account, secret, "000 000x")
    way.enrol(account, secret, pyotp.TOTP(secret).at(now - 30))
    account, half = way.enter("anna", GOOD, HERE)
    assert account.has_totp and way.of_session(half) is None
    with pytest.raises(NotSignedIn):
        way.complete(half, pyotp.TOTP(secret).at(now - 30), HERE)  # a code is good once
    _, token = way.complete(half, pyotp.TOTP(secret).at(now), HERE)
    assert way.of_session(token) is not None
    with pytest.raises(NotSignedIn):
        way.complete(half, pyotp.TOTP(secret).at(now + 30), HERE)  # so is the half session


def test_guessing_codes_waits_like_guessing_passwords(way: SignIn) -> None:
    account, secret = added(way), sign_in.new_secret()
    way.enrol(account, secret, pyotp.TOTP(secret).now())
    half = way.enter("anna", GOOD, HERE)[1]
    said = []
    for _ in range(6):
        with pytest.raises(NotSignedIn) as error:
            way.complete(half, "12345", HERE)
        said.append(error.value.text)
    assert said[-1] == LATER.format(n=1)


def test_codes_of_half_a_minute_before_and_after_are_taken() -> None:
    secret, now = sign_in.new_secret(), 1_800_000_000.0
    steps = [step_of(secret, pyotp.TOTP(secret).at(now + 30 * n), now) for n in (-2, -1, 0, 1, 2)]
    here = int(now // 30)
    assert steps == [None, here - 1, here, here + 1, None]


# -- accounts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "a b", "x" * 61, "a/b", "<b>"])
def test_a_name_that_is_none_makes_no_account(way: SignIn, name: str) -> None:
    with pytest.raises(BadInput):
        way.accounts.add(name, AccountRole.OWNER, None, "t")


def test_accounts_have_one_name_each_and_who_sees_by_the_structure_is_somebody(way: SignIn) -> None:
    added(way)
    for name, role, user in (("ANNA", AccountRole.OWNER, 1), ("b", AccountRole.STRUCTURE, None)):
        with pytest.raises(BadInput):
            way.accounts.add(name, role, user, "t")
    with pytest.raises(BadInput):
        way.accounts.by_name("b")
    assert [a.name for a in way.accounts.all()] == ["anna"]
    assert Accounts(Workspace(f"sqlite:///{way.accounts._workspace._file}", portal="other")).all() == []


def test_passwords_are_checked_by_their_length_alone_almost() -> None:
    passwords.check("двенадцать знаков", "anna")
