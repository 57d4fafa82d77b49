"""Messages taken from a real server: byte for byte, and nothing of them changed."""

from __future__ import annotations

import json
import mailbox
import re
from pathlib import Path

import pandas as pd
import pytest

from core import browse, exporting
from core.browse import Question
from core.errors import BadInput, NotFound, PrivacyForbids
from core.exporting import Ask, Format, Told, mail
from core.imap import peek
from core.store import integrations
from core.store.engine import writing
from tests.servers.device import Device, snapshot
from tests.servers.dovecot import Account, Dovecot
from tests.servers.installation import Installation

pytestmark = pytest.mark.server
NASTY = (
    b"From: Ana <ana@example.net>\r\nSubject: =?utf-8?q?Ol=C3=A1?=\r\n"
    b"Message-ID: <nasty@example.net>\r\n\r\n"
    b"From here on\r\n>From there\r\n>>From far\r\nFrom: no\r\n\xff\xfe\x01raw\r\n"
    b"an empty end\r\n\r\n\r\n"
)
BIG = b"Subject: big\r\nMessage-ID: <big@example.net>\r\n\r\n" + b"x" * 70 + b"\r\n"
LARGE = BIG + (b"0123456789" * 7 + b"\r\n") * 40_000  # nearly three pieces
EVEN = b"Subject: even\r\n\r\n"
EVEN += b"y" * (peek.CHUNK_BYTES * 2 - len(EVEN) - 2) + b"\r\n"  # two pieces, exactly
PLAIN = b"Subject: plain\r\n\r\nno end of line"


def ready(
    installation: Installation, account: Account, *raws: bytes, level: str = "body"
) -> tuple[int, dict[str, int]]:
    """Connect a mailbox with those messages; give it, and their ids by subject."""
    with Device(account) as phone:
        for content in raws:
            phone.deliver("INBOX", raw=content)
    one = installation.connect(account)
    installation.sync(one)
    with writing(installation.runtime.engine) as conn:
        integrations.change(conn, one, privacy=level)
    rows = browse.page(installation.runtime, Question((one,))).rows
    ids = (int(i) for i in rows["message_id"])
    return one, dict(zip(rows["subject"], ids, strict=True))


def taken(installation: Installation, one: int, path: Path, *ids: int) -> bytes:
    kind = Format(path.suffix.removeprefix("."))
    ask = Ask(kind, Question((one,)), ids)
    exporting.make(installation.runtime, ask, path, lambda _done, _total: None)
    return path.read_bytes()


def test_an_eml_is_what_was_delivered(
    installation: Installation, account: Account, tmp_path: Path
) -> None:
    raws = {"Olá": NASTY, "big": LARGE, "even": EVEN, "plain": PLAIN}
    one, ids = ready(installation, account, *raws.values())
    before = snapshot(account)
    for subject, content in raws.items():
        path = tmp_path / "one.eml"
        assert taken(installation, one, path, ids[subject]) == content
        assert path.stat().st_mode & 0o777 == 0o600
    assert snapshot(account) == before  # no \\Seen, nothing


def test_an_mbox_gives_every_message_back(
    installation: Installation, account: Account, tmp_path: Path
) -> None:
    one, ids = ready(installation, account, NASTY, LARGE, PLAIN)
    path = tmp_path / "some.mbox"
    content = taken(installation, one, path, *ids.values())
    assert content.count(b"\nFrom ") == 2  # and one at the very beginning
    assert b"\n>From here on\n>>From there\n>>>From far\nFrom: no\n" in content
    with_python = mailbox.mbox(path, create=False)
    try:
        found = {m["Message-ID"]: m for m in with_python}
        assert len(found) == 3
        assert found["<nasty@example.net>"].get_from().startswith("ana@example.net ")
        for raw_message in (NASTY, LARGE, PLAIN):
            lines = raw_message.replace(b"\r\n", b"\n")
            assert any(
                unquoted(with_python.get_bytes(key)) == lines.rstrip(b"\n")
                for key in with_python.iterkeys()
            )
    finally:
        with_python.close()


def unquoted(content: bytes) -> bytes:
    return re.sub(rb"^>(>*From )", rb"\1", content, flags=re.MULTILINE).rstrip(b"\n")


@pytest.mark.parametrize("level", ["metadata", "subject"])
def test_below_the_level_body_nothing_is_fetched(
    installation: Installation, account: Account, tmp_path: Path, level: str
) -> None:
    one, ids = ready(installation, account, PLAIN, level=level)
    for name in ("one.eml", "some.mbox"):
        with pytest.raises(PrivacyForbids):
            taken(installation, one, tmp_path / name, *ids.values())
        ask = Ask(Format(name.split(".")[1]), Question((one,)), tuple(ids.values()))
        with pytest.raises(PrivacyForbids):
            exporting.start(installation.runtime, ask, "test")
    assert list(tmp_path.glob("*.eml")) == list(tmp_path.glob("*.mbox")) == []


def test_what_is_gone_or_too_large_is_left_out(
    installation: Installation,
    account: Account,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, ids = ready(installation, account, NASTY, LARGE, PLAIN)
    with Device(account) as phone:
        phone.delete("INBOX", phone.uids("INBOX")[0])
    monkeypatch.setattr(mail, "MOST_BYTES", 1 << 20)
    path = tmp_path / "some.mbox"
    chosen = tuple(ids.values())
    ask = Ask(Format.MBOX, Question((one,)), chosen)
    made = exporting.make(installation.runtime, ask, path, lambda _d, _t: None)
    assert (made.messages, made.left) == (1, 2)
    assert path.read_bytes().count(b"Subject: ") == 1
    with pytest.raises(NotFound):
        taken(installation, one, tmp_path / "gone.eml", ids["Olá"])
    assert not (tmp_path / "gone.eml").exists()


def test_where_it_was_moved_to_it_is_found_once_we_know(
    installation: Installation, account: Account, tmp_path: Path
) -> None:
    one, ids = ready(installation, account, NASTY)
    with Device(account) as phone:
        phone.move("INBOX", phone.uids("INBOX"), "Archive")
    installation.sync(one)
    assert taken(installation, one, tmp_path / "a.eml", ids["Olá"]) == NASTY


def test_another_uidvalidity_is_another_message(
    installation: Installation, dovecot: Dovecot, account: Account, tmp_path: Path
) -> None:
    one, ids = ready(installation, account, NASTY)
    dovecot.set_uidvalidity(account, "INBOX", 4711)
    with pytest.raises(NotFound):
        taken(installation, one, tmp_path / "a.eml", ids["Olá"])


def test_messages_of_another_mailbox_are_not_taken(
    installation: Installation, dovecot: Dovecot, tmp_path: Path
) -> None:
    one, _ = ready(installation, dovecot.mailbox(), PLAIN)
    _, ids = ready(installation, dovecot.mailbox(), NASTY)
    with pytest.raises(NotFound):
        taken(installation, one, tmp_path / "a.eml", ids["Olá"])
    assert taken(installation, one, tmp_path / "a.mbox", ids["Olá"]) == b""
    with pytest.raises(BadInput):
        exporting.start(
            installation.runtime, Ask(Format.MBOX, Question((one,))), "test"
        )


def test_a_child_fetches_and_names_by_subject(
    installation: Installation, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = b"Subject: ../../etc/\x1bpasswd: CON? <b>\r\n\r\nx\r\n"
    one, ids = ready(installation, account, subject)
    for name, value in installation.environment.items():
        monkeypatch.setenv(name, value)
    runtime = installation.runtime
    ask = Ask(Format.EML, Question((one,)), tuple(ids.values()))
    running = exporting.start(runtime, ask, "test")
    running._process.wait(60)
    told: Told = exporting.told(running)
    assert (told.state, told.code) == (exporting.State.DONE, "")
    got = exporting.download(runtime, exporting.ticket(runtime, running.folder))
    assert got.path.read_bytes() == subject
    assert re.fullmatch(r"etc [^/\\:<>\x1b]+\.eml", got.name)
    exporting.cancel(running)


# ---- by command


def test_the_command_takes_what_the_search_box_takes(
    installation: Installation, dovecot: Dovecot, account: Account, tmp_path: Path
) -> None:
    dovecot.fill(account, {"INBOX": 20, "Archive": 10})
    one, _ = ready(installation, account, PLAIN)

    def said(*words: str) -> tuple[int, str]:
        done = installation.command("export", str(one), *words)
        return done.returncode, done.stderr

    sheet, table = tmp_path / "a.csv", tmp_path / "a.parquet"
    assert said(str(sheet), "--folder", "Archive") == (0, "")
    assert len(pd.read_csv(sheet)) == 10
    assert said(str(table), "--search", "subject:plain")[0] == 0
    assert list(pd.read_parquet(table)["subject"]) == ["plain"]
    assert said(str(tmp_path / "a.mbox"), "--search", "subject:plain")[0] == 0
    assert b"no end of line" in (tmp_path / "a.mbox").read_bytes()
    number = str(int(pd.read_parquet(table)["message_id"].iloc[0]))
    command = ("export", str(one), str(tmp_path / "a.eml"), "--message", number)
    told = json.loads(installation.command(*command, "--json").stdout)
    assert (told["rows"], told["left_out"]) == (1, 0)
    assert (tmp_path / "a.eml").read_bytes() == PLAIN

    there = sorted(path.name for path in tmp_path.iterdir())
    for words in (
        ["a.txt"],
        ["b.csv", "--search", "before:yesterday"],
        ["b.csv", "--folder", "Nowhere"],
        ["b.csv", "--zone", "Mars/Olympus"],
        ["b.eml"],
        ["missing/b.csv"],
    ):
        code, words_said = said(str(tmp_path / words[0]), *words[1:])
        assert code == 2, words
        assert len(words_said.strip().splitlines()) == 1, words_said
        assert "Traceback" not in words_said
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        name for name in there if (tmp_path / name).is_file()
    ]
