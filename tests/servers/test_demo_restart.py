"""What the demo keeps from start to start, and what it does about other demos."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from imapclient import IMAPClient

from core.demo import certificates, endpoint, journal
from core.demo.folders import ARCHIVE, DEALS, FOLDERS, INBOX, SENT, TRASH
from tests.servers.running_demo import QUIET, RunningDemo, letter, running, start

pytestmark = pytest.mark.server


def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    with running(tmp_path, *QUIET) as demo:
        before, where = demo.numbers(), demo.where
        assert demo.stop() == 0
    with running(tmp_path, *QUIET) as demo:
        assert demo.where == where
        assert demo.where.password.reveal() == where.password.reveal()
        assert demo.numbers() == before


def test_what_people_did_is_still_so_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path, *QUIET) as demo:
        demo.send(letter(demo.where.address, "Entregue"))
        with demo.mailbox() as client:
            _change_everything(client)
        before, seen = demo.numbers(), _everything(demo)
        demo.process.kill()  # not even a clean end is needed
        assert not demo.process.communicate()[1]
    with running(tmp_path, *QUIET) as demo:
        assert _everything(demo) == seen
        assert demo.numbers() == before


def test_other_contents_have_another_uidvalidity(tmp_path: Path) -> None:
    with running(tmp_path, *QUIET) as demo:
        before = demo.numbers()
        demo.send(letter(demo.where.address))
        demo.stop()
    file = tmp_path / endpoint.FILE
    today = demo.said["today"]
    file.write_text(file.read_text().replace(today, "2025-01-31"))
    with running(tmp_path, *QUIET) as demo:
        after = demo.numbers()
    for name in FOLDERS:
        assert after[name][b"UIDVALIDITY"] > max(
            numbers[b"UIDVALIDITY"] for numbers in before.values()
        )
        assert after[name][b"UIDNEXT"] == after[name][b"MESSAGES"] + 1


def test_another_port_is_taken_when_the_old_one_is(tmp_path: Path) -> None:
    with running(tmp_path / "one", *QUIET) as first:
        (tmp_path / "two").mkdir()
        given = (tmp_path / "one" / endpoint.FILE).read_text()
        (tmp_path / "two" / endpoint.FILE).write_text(given)
        with running(tmp_path / "two", *QUIET) as second:
            assert second.where.imap_port != first.where.imap_port
            assert second.where.smtp_port != first.where.smtp_port


def test_a_folder_is_for_one_demo_at_a_time(tmp_path: Path) -> None:
    with running(tmp_path, *QUIET):
        process = start(tmp_path, *QUIET)
        said, errors = process.communicate(timeout=20)
    assert (process.returncode, said) == (1, b"")
    assert b"another demo" in errors


def test_a_port_that_was_asked_for_and_is_taken_is_an_error(tmp_path: Path) -> None:
    with running(tmp_path / "one", *QUIET) as demo:
        port = str(demo.where.imap_port)
        process = start(tmp_path / "two", "--imap-port", port)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert b"cannot start" in errors


def test_certificates_are_renewed_before_they_end(tmp_path: Path, monkeypatch) -> None:
    certificates.server_context(tmp_path)
    first = (tmp_path / certificates.CA).read_bytes()
    certificates.server_context(tmp_path)
    assert (tmp_path / certificates.CA).read_bytes() == first
    monkeypatch.setattr(certificates, "RENEW", certificates.VALID)
    certificates.server_context(tmp_path)
    assert (tmp_path / certificates.CA).read_bytes() != first


def test_certificates_that_do_not_belong_together_are_made_anew(tmp_path: Path) -> None:
    certificates.server_context(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    certificates.server_context(other)
    authority = (other / certificates.CA).read_bytes()
    (tmp_path / certificates.CA).write_bytes(authority)
    certificates.server_context(tmp_path)
    assert (tmp_path / certificates.CA).read_bytes() != authority


def test_a_change_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    first = journal.Journal(tmp_path, "contents")
    first.note(journal.Change(INBOX, 1))
    with (tmp_path / journal.FILE).open("a") as file:
        file.write('{"folder": "INBOX", "ui')
    again = journal.Journal(tmp_path, "contents")
    again.note(journal.Change(INBOX, 2))
    assert [change.uid for change in again.changes()] == [1, 2]
    assert not list(journal.Journal(tmp_path, "other contents").changes())


def _change_everything(client: IMAPClient) -> None:
    """Do one of everything that a mail program may do to messages."""
    client.append(SENT, letter("a@b.example", "Guardada").as_bytes(), ["\\Seen"])
    client.select_folder(INBOX)
    client.add_flags([3, 4], ["\\Flagged"])
    client.remove_flags([5], ["\\Seen"])
    client.copy([6], ARCHIVE)
    client.move([7, 8], DEALS)
    client.add_flags([9, 10], ["\\Deleted"])
    client.uid_expunge([9])
    client.move([max(client.search())], TRASH)
    client.select_folder(TRASH)
    client.delete_messages([1])
    client.expunge()


def _everything(demo: RunningDemo) -> dict[str, object]:
    out: dict[str, object] = {}
    with ExitStack() as stack:
        client = stack.enter_context(demo.mailbox())
        for folder in FOLDERS:
            client.select_folder(folder, readonly=True)
            rows = client.fetch(client.search(), ["FLAGS", "INTERNALDATE", "EMAILID"])
            out[folder] = {
                uid: {key: row[key] for key in row if key != b"SEQ"}
                for uid, row in rows.items()
            }
    return out
