"""Sealed values open only where they belong (THREATS T1, row 54)."""

import pickle
import stat
from pathlib import Path

import pytest

from core.errors import KeyMissing, KeyWrong
from core.secret import Secret
from core.vault import make_key, read_key

CANARY = "Zq7-CANARY-9f3e"


def test_a_value_opens_again_and_is_not_seen_sealed(tmp_path: Path) -> None:
    vault = make_key(tmp_path / "key")
    sealed = vault.seal(Secret(CANARY), 7, "password")
    assert CANARY.encode() not in sealed
    assert vault.open(sealed, 7, "password").reveal() == CANARY
    assert sealed != vault.seal(Secret(CANARY), 7, "password")


def test_it_does_not_open_in_another_row_field_or_when_changed(tmp_path: Path) -> None:
    vault = make_key(tmp_path / "key")
    sealed = vault.seal(Secret(CANARY), 7, "password")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for wrong in (
        (sealed, 8, "password"),
        (sealed, 7, "token"),
        (changed, 7, "password"),
    ):
        with pytest.raises(KeyWrong):
            vault.open(*wrong)


def test_another_key_does_not_open_it(tmp_path: Path) -> None:
    sealed = make_key(tmp_path / "key").seal(Secret(CANARY), 7, "password")
    with pytest.raises(KeyWrong):
        make_key(tmp_path / "other").open(sealed, 7, "password")


def test_the_key_file_is_private_and_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"
    first = make_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert make_key(path).key_id == first.key_id


def test_no_key_and_a_broken_key_are_told(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing):
        read_key(tmp_path / "none")
    (tmp_path / "broken").write_text("short")
    with pytest.raises(KeyWrong):
        read_key(tmp_path / "broken")


def test_a_secret_is_not_shown_and_does_not_leave_the_process() -> None:
    secret = Secret(CANARY)
    assert CANARY not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
