"""The Cyrus of the tests does what the tests believe of it."""

from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient, exceptions

from tests.servers.cyrus import Cyrus
from tests.servers.device import Device, compose, deliver_by_lmtp, snapshot
from tests.servers.dovecot import Account, Dovecot

pytestmark = pytest.mark.server
OFFERED = {
    "COMPRESS=DEFLATE",
    "CONDSTORE",
    "IDLE",
    "LIST-STATUS",
    "MOVE",
    "OBJECTID",
    "QRESYNC",
    "SPECIAL-USE",
    "UIDPLUS",
}


@pytest.fixture
def account(cyrus: Cyrus) -> Account:
    return cyrus.mailbox()


def test_what_it_offers(account):
    with Device(account) as phone:
        assert {word.decode() for word in phone.client.capabilities()} >= OFFERED


def test_login_after_starttls(account, certificates):
    client = IMAPClient(account.host, port=account.starttls_port, ssl=False, timeout=10)
    client.starttls(certificates.client_context())
    client.login(account.user, account.password)
    client.logout()


def test_a_wrong_password_is_refused(account, certificates):
    client = IMAPClient(
        account.host, account.imap_port, ssl_context=certificates.client_context()
    )
    with pytest.raises(exceptions.LoginError):
        client.login(account.user, "wrong")
    client.shutdown()


def test_a_new_mailbox_is_like_one_of_dovecot(account, dovecot: Dovecot):
    assert snapshot(account) == snapshot(dovecot.mailbox())
    assert special(account) == special(dovecot.mailbox())


def special(account: Account) -> dict[str, set[bytes]]:
    with Device(account) as phone:
        listed = phone.client.list_folders()
    roles = {rb"\drafts", rb"\sent", rb"\trash", rb"\junk", rb"\archive"}
    return {name: {f.lower() for f in flags} & roles for flags, _, name in listed}


def test_filling_is_that_of_dovecot(account, cyrus: Cyrus, dovecot: Dovecot):
    other = dovecot.mailbox()
    for server, box in ((cyrus, account), (dovecot, other)):
        server.fill(box, {"INBOX": 700, "Negocia&AOcA4w-o/Feito": 20})
    held, there = snapshot(account), snapshot(other)
    assert held["INBOX"] == there["INBOX"]
    assert held["Negociação/Feito"] == there["Negociação/Feito"]


def test_a_device_changes_a_mailbox(account):
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with Device(account) as phone:
        phone.read("INBOX", phone.deliver(at=at, message_id="<1@example.net>"))
        phone.move("INBOX", phone.deliver(message_id="<2@example.net>"), "Archive")
        phone.delete("INBOX", phone.deliver())
        phone.rename("Archive", "Arquivo")
        held = phone.snapshot()
    (first,), (second,) = held["INBOX"].values(), held["Arquivo"].values()
    assert (first.flags, first.message_id) == (frozenset({r"\Seen"}), "<1@example.net>")
    assert second.message_id == "<2@example.net>"


def test_mail_from_another_server_ends_idle(account):
    with Device(account) as phone:
        phone.client.select_folder("INBOX", readonly=True)
        phone.client.idle()
        deliver_by_lmtp(account, compose(message_id="<lmtp@example.net>"))
        assert (1, b"EXISTS") in phone.client.idle_check(timeout=20)
        phone.client.idle_done()
    (held,) = snapshot(account)["INBOX"].values()
    assert held.message_id == "<lmtp@example.net>"


@pytest.mark.parametrize("folder", ["INBOX", "Sent"])
def test_another_uidvalidity(cyrus: Cyrus, account, folder):
    cyrus.fill(account, {folder: 3})
    cyrus.set_uidvalidity(account, folder, 4711)
    with Device(account) as phone:
        status = phone.client.folder_status(folder)
        assert len(phone.uids(folder)) == 3
    assert (status[b"UIDVALIDITY"], status[b"MESSAGES"]) == (4711, 3)


def test_hanging_up(cyrus: Cyrus, account):
    phone, other = Device(account), Device(cyrus.mailbox())
    cyrus.hang_up(account)
    with pytest.raises(exceptions.IMAPClientAbortError):
        phone.client.noop()
    phone.client.shutdown()
    other.client.noop()
    other.client.logout()
