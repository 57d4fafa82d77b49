"""The demo as people get it: real servers, started as a process of their own."""

from __future__ import annotations

import signal
import smtplib
import ssl
import stat
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from core import watch
from core.connect import Form, connect
from core.demo.folders import FOLDERS, INBOX, SPECIAL_USE
from core.demo.mail import mailbox
from core.jobs.demo import DemoServers
from core.jobs.embedded import syncer
from core.model import Outcome, Server, Trigger
from core.runtime import open_runtime
from core.settings import Settings
from core.sync.run import sync
from tests.servers.running_demo import QUIET, RunningDemo, letter, running

HEADER = (
    "BODY.PEEK[HEADER.FIELDS (FROM TO CC SUBJECT DATE MESSAGE-ID IN-REPLY-TO "
    "REFERENCES LIST-ID AUTO-SUBMITTED PRECEDENCE CONTENT-TYPE)]"
)
METADATA = ["UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "BODYSTRUCTURE", HEADER]
pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """Run one demo for the tests that change nothing."""
    with running(tmp_path_factory.mktemp("demo"), *QUIET) as started:
        yield started


def subjects(client: IMAPClient, folder: str) -> dict[int, bytes]:
    client.select_folder(folder, readonly=True)
    found = client.fetch(client.search(), ["ENVELOPE"])
    return {uid: data[b"ENVELOPE"].subject for uid, data in found.items()}


def test_it_says_where_it_listens_and_keeps_the_password_to_itself(demo) -> None:
    assert demo.said["imap_port"] == demo.where.imap_port
    assert demo.said["host"] == demo.where.host == "localhost"
    assert "password" not in demo.said
    assert str(demo.where.password) == "Secret()"


def test_only_the_owner_may_read_its_folder(demo) -> None:
    folder = demo.where.ca_file.parent
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_folders_have_their_roles_and_as_much_mail_as_was_made_up(demo) -> None:
    mails = Counter(m.folder for m in mailbox(date.fromisoformat(demo.said["today"])))
    with demo.mailbox() as client:
        listed = {name: flags for flags, _, name in client.list_folders()}
    assert set(listed) == {*FOLDERS, "Clientes"}
    for name, use in SPECIAL_USE.items():
        assert b"\\" + use.encode() in listed[name]
    numbers = demo.numbers()
    assert {name: numbers[name][b"MESSAGES"] for name in FOLDERS} == mails
    assert len({n[b"UIDVALIDITY"] for n in numbers.values()}) == len(FOLDERS)


def test_every_message_comes_with_our_dates_flags_and_sizes(demo) -> None:
    made = list(mailbox(date.fromisoformat(demo.said["today"])))
    with demo.mailbox() as client:
        client.normalise_times = False
        for folder in FOLDERS:
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), METADATA)
            expected = [mail for mail in made if mail.folder == folder]
            for data, mail in zip(found.values(), expected, strict=True):
                assert data[b"INTERNALDATE"] == mail.received_at
                assert {f.decode() for f in data[b"FLAGS"]} == mail.flags
                assert data[b"RFC822.SIZE"] == len(mail.raw)


def test_a_message_comes_byte_for_byte(demo) -> None:
    made = mailbox(date.fromisoformat(demo.said["today"]))
    expected = next(m for m in made if m.folder == INBOX and b"image/png" in m.raw)
    with demo.mailbox() as client:
        client.select_folder(INBOX, readonly=True)
        (uid,) = client.search(["HEADER", "MESSAGE-ID", _message_id(expected.raw)])
        assert client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"] == expected.raw


def test_reading_with_examine_leaves_messages_unread(demo) -> None:
    with demo.mailbox() as client:
        before = client.folder_status(INBOX, ["UNSEEN"])
        client.select_folder(INBOX, readonly=True)
        client.fetch(client.search(), ["BODY[HEADER]"])
        assert client.folder_status(INBOX, ["UNSEEN"]) == before


def test_a_wrong_password_is_refused(demo) -> None:
    with demo.client() as client, pytest.raises(LoginError):
        client.login(demo.where.address, "wrong")
    with demo.submission() as client:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(demo.where.address, "wrong")


def test_nothing_is_sent_without_a_login(demo) -> None:
    with demo.submission() as client, pytest.raises(smtplib.SMTPSenderRefused):
        client.sendmail(demo.where.address, demo.where.address, b"\r\n")


def test_somebody_who_does_not_know_the_authority_does_not_connect(demo) -> None:
    stranger = ssl.create_default_context()
    with pytest.raises(ssl.SSLCertVerificationError):
        IMAPClient("localhost", demo.where.imap_port, ssl_context=stranger, timeout=9)


def test_the_certificate_satisfies_strict_checks(demo) -> None:
    strict = demo.context
    strict.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT  # default in Python 3.13
    for host in ("localhost", "127.0.0.1"):
        port = demo.where.imap_port
        with IMAPClient(host, port, ssl_context=strict, timeout=9) as client:
            assert client.has_capability("IMAP4REV1")


def test_sent_mail_reaches_the_inbox_while_somebody_waits(tmp_path: Path) -> None:
    with running(tmp_path, *QUIET) as demo, demo.mailbox() as client:
        exists = client.select_folder(INBOX, readonly=True)[b"EXISTS"]
        client.idle()
        demo.send(letter(demo.where.address, "Para mim"))
        demo.send(letter("other@elsewhere.example"))
        assert (exists + 1, b"EXISTS") in client.idle_check(timeout=10)
        client.idle_done()
        assert list(subjects(client, INBOX).values())[-1] == b"Para mim"
        assert client.folder_status(INBOX, ["MESSAGES"])[b"MESSAGES"] == exists + 1


def test_new_mail_arrives_by_itself(tmp_path: Path) -> None:
    with running(tmp_path, "--arrival-every", "0.2") as demo, demo.mailbox() as client:
        client.select_folder(INBOX, readonly=True)
        client.idle()
        arrived = client.idle_check(timeout=10)
        client.idle_done()
        assert any(row[1] == b"EXISTS" for row in arrived)
        newest = max(subjects(client, INBOX))
        client.normalise_times = False
        at = client.fetch([newest], ["INTERNALDATE"])[newest][b"INTERNALDATE"]
        assert abs((datetime.now(UTC) - at).total_seconds()) < 60


@pytest.mark.parametrize("how", ["stdin", "sigterm", "sigint"])
def test_it_stops_at_once_even_while_somebody_waits(tmp_path: Path, how: str) -> None:
    with running(tmp_path, *QUIET) as demo, demo.client() as client:
        client.login(demo.where.address, demo.where.password.reveal())
        client.select_folder(INBOX, readonly=True)
        client.idle()
        began = time.monotonic()
        if how != "stdin":
            demo.process.send_signal(getattr(signal, how.upper()))
            demo.process.wait(10)
        _, errors = demo.process.communicate(timeout=10)
        assert time.monotonic() - began < 2
        assert (demo.process.returncode, errors) == (0, b"")
        client.shutdown()


def test_it_is_connected_and_synced_like_any_other(tmp_path: Path) -> None:
    runtime = open_runtime(Settings(data=tmp_path / "data"))
    servers = DemoServers(runtime)
    watch.want_demo(runtime)
    servers.keep()
    try:
        assert watch.demo_ready(runtime)
        found = runtime.demo()
        assert found is not None
        form = Form(
            owner=found.owner,
            address=found.address,
            password=found.password,
            imap=Server(found.host, found.imap_port),
            smtp=Server(found.host, found.smtp_port),
            acknowledged=True,
        )
        one = connect(runtime, form, "test")
        assert watch.integration(runtime, one).demo
        report = sync(syncer(runtime, "test:0:0"), one, Trigger.COMMAND)
        assert report.outcome is Outcome.OK, report.error
        folders = watch.folders(runtime, one)
        folders = folders[folders["selectable"]]
        assert (folders["held"] == folders["on_server"]).all()
        assert folders["held"].sum() > 2_000
    finally:
        watch.want_demo(runtime, wanted=False)
        servers.keep()
        runtime.engine.dispose()


def _message_id(raw: bytes) -> str:
    return raw.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
