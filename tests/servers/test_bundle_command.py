"""`malote doctor --bundle`: a private new file, or none."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.servers.dovecot import Account, Dovecot
from tests.servers.installation import Installation

pytestmark = pytest.mark.server


def test_a_bundle_by_command(
    installation: Installation, dovecot: Dovecot, account: Account, tmp_path: Path
) -> None:
    one = installation.connect(account)
    other = installation.connect(dovecot.mailbox("bia"))
    installation.sync(one)
    file = tmp_path / "bundle.zip"
    done = installation.command("doctor", "--bundle", str(file))
    assert done.returncode == 0, done.stderr
    assert str(file) in done.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    assert mailboxes(file) == {one, other}
    with zipfile.ZipFile(file) as made:
        text = b"".join(made.read(n) for n in made.namelist()).decode()
    for name in (account.user, account.user.partition("@")[0], "Owner of"):
        assert name not in text


def test_a_bundle_about_one_address(
    installation: Installation, dovecot: Dovecot, account: Account, tmp_path: Path
) -> None:
    installation.connect(dovecot.mailbox("bia"))
    one = installation.connect(account)
    file = tmp_path / "bundle.zip"
    words = ("doctor", account.address.upper(), "--bundle", str(file), "--json")
    done = installation.command(*words)
    assert json.loads(done.stdout)["size_bytes"] == file.stat().st_size
    assert mailboxes(file) == {one}
    gone = ("doctor", "nobody@example.org", "--bundle", str(tmp_path / "none.zip"))
    assert installation.command(*gone).returncode == 2
    assert not (tmp_path / "none.zip").exists()


def test_a_file_that_is_there_stays(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "bundle.zip"
    file.write_text("mine")
    done = installation.command("doctor", "--bundle", str(file))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert file.read_text() == "mine"
    nowhere = str(tmp_path / "none" / "bundle.zip")
    assert installation.command("doctor", "--bundle", nowhere).returncode == 2


def mailboxes(file: Path) -> set[int]:
    with zipfile.ZipFile(file) as made:
        found = json.loads(made.read("integrations.json"))
    return {each["id"] for each in found}
