"""The command line on a real server: what it prints, its exit codes, and kill -9."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.servers.device import Device
from tests.servers.dovecot import Account, Dovecot
from tests.servers.installation import Installation
from tests.servers.wire import How, between

TEN = {"INBOX": 1000, "Sent": 1000} | {f"Folder {n}": 1000 for n in range(8)}
pytestmark = pytest.mark.server


def connect_words(account: Account, password_file: Path) -> list[str]:
    return [
        "connect", account.address, "--owner", "Ana", "--imap", account.host,
        "--imap-port", str(account.imap_port), "--smtp", "127.0.0.1",
        "--smtp-port", str(account.smtp_port), "--password-file", str(password_file),
    ]  # fmt: skip


def check_team(installation: Installation, owner: str) -> None:
    """Put an owner into a team by name."""
    told = installation.command("team", owner.upper(), " Vendas  Sul ", "--json")
    assert json.loads(told.stdout)["team"] == "Vendas Sul"
    status = json.loads(installation.command("status", "--json").stdout)
    assert status["integrations"][0]["team"] == "Vendas Sul"


def test_the_whole_way_by_command(
    installation: Installation, dovecot: Dovecot, account: Account, tmp_path: Path
) -> None:
    dovecot.fill(account, {"INBOX": 30})
    password = tmp_path / "password"
    password.write_text("wrong\n")
    words = connect_words(account, password)

    refused = installation.command(*words)
    assert refused.returncode == 5
    assert len(refused.stderr.strip().splitlines()) == 1
    wrong = installation.command(*words, "--accept-limitations")
    assert wrong.returncode == 4
    assert "Traceback" not in wrong.stderr
    password.write_text(account.password + "\n")
    elsewhere = ["--imap", "no-such-host.invalid", "--imap-port", "993"]
    submission = ["--smtp", "no-such-host.invalid", "--smtp-port", "465"]
    nowhere = installation.command(
        *words, *elsewhere, *submission, "--accept-limitations"
    )
    assert nowhere.returncode == 3

    made = installation.command(*words, "--accept-limitations", "--json")
    assert made.returncode == 0, made.stderr
    one = json.loads(made.stdout)["id"]
    again = installation.command(*words, "--accept-limitations")
    assert again.returncode == 5
    assert "Ana" in again.stderr

    synced = installation.command("sync", "--once", "--json")
    (report,) = json.loads(synced.stdout)
    assert (synced.returncode, report["outcome"], report["added"]) == (0, "ok", 30)
    inbox = next(f for f in report["folders"] if f["title"] == "INBOX")
    assert [step["step"] for step in inbox["steps"]] == ["Fill", "Verify"]
    installation.check(one, account)
    with Device(account) as phone:
        phone.deliver("INBOX")
    explained = installation.command("sync", "--once", "--explain").stdout
    assert "INBOX: QRESYNC delta since modseq" in explained
    assert "new only: UIDs from 31 to before 32" in explained
    assert "Sent: nothing happened" in explained

    status = json.loads(installation.command("status", "--json").stdout)
    assert status["worker"] is False
    assert status["integrations"][0]["held"] == 31
    check_team(installation, status["integrations"][0]["owner"])
    shown = installation.command("messages", str(one), "--limit", "3", "--json")
    assert len(json.loads(shown.stdout)) == 3

    table = tmp_path / "out.parquet"
    assert installation.command("export", str(one), str(table)).returncode == 0
    assert len(pd.read_parquet(table)) == 31
    sheet = tmp_path / "out.csv"
    assert installation.command("export", str(one), str(sheet)).returncode == 0
    assert sheet.read_bytes().startswith(b"\xef\xbb\xbf")
    assert len(pd.read_csv(sheet)) == 31

    ended = installation.command("disconnect", str(one), "--json")
    assert ended.returncode == 0
    assert installation.command("disconnect", str(one)).returncode == 2


@pytest.mark.parametrize(
    "words",
    [
        ["messages", "999"],
        ["export", "999", "x.csv"],
        ["sync", "--integration", "9"],
        ["team", "Nobody", "Sales"],
        ["nonsense"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_one_line_and_code_2(
    installation: Installation, words: list[str]
) -> None:
    said = installation.command(*words)
    assert said.returncode == 2
    assert "Traceback" not in said.stderr


def test_a_setting_that_cannot_be_used_is_named(installation: Installation) -> None:
    said = installation.command("status", MALOTE_PORT="many")
    assert said.returncode == 2
    assert "MALOTE_PORT" in said.stderr


def test_ten_folders_of_a_thousand_and_kill_9_at_any_moment(
    installation: Installation, dovecot: Dovecot, account: Account
) -> None:
    dovecot.fill(account, TEN)
    one = installation.connect(account)
    with between(account.imap_port) as wire:
        installation.use_port(one, wire.port)
        wire.how = How.STALL
        for cut in (20_000, 700_000, 1_500_000, 2_200_000):
            wire.cut_down = cut
            kill_when_stalled(installation, wire.connections, wire)
        wire.mend()
        done = installation.command("sync", "--once", "--json")
    (report,) = json.loads(done.stdout)
    assert report["outcome"] == "ok", done.stderr
    installation.check(one, account)
    again = json.loads(installation.command("sync", "--once", "--json").stdout)[0]
    assert [again[n] for n in ("added", "moved", "gone", "flagged")] == [0, 0, 0, 0]
    held = installation.held(one)
    assert {name: len(uids) for name, uids in held.items()} == TEN


def kill_when_stalled(installation: Installation, before: int, wire: object) -> None:
    """Start a sync, and kill it with SIGKILL when the wire has given what it may."""
    process = subprocess.Popen(
        [sys.executable, "-m", "core.cli", "sync", "--once"],
        env=installation.environment,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        if wire.connections > before and wire.down >= wire.cut_down:  # type: ignore[attr-defined]  # a Wire
            break
        time.sleep(0.02)  # there is no event to wait for: the other side is a process
    assert process.poll() is None, "it ended before it was cut"
    process.kill()
    process.wait()
