"""The servers of the tests do what the tests believe of them."""

import smtplib
import socket
import ssl
import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient, exceptions

from tests.certificates import Certificates
from tests.servers.device import Device, compose, deliver_by_lmtp, snapshot
from tests.servers.dovecot import Account, Dovecot, Kind
from tests.servers.smtp import Submission

pytestmark = pytest.mark.server
SPECIAL = {"INBOX", "Drafts", "Sent", "Trash", "Junk", "Archive"}
SIZE = 10_000


def over_tls(account: Account, password: str | None = None) -> IMAPClient:
    context = ssl.create_default_context(cafile=str(account.ca_file))
    client = IMAPClient(
        account.host, port=account.imap_port, ssl_context=context, timeout=10
    )
    try:
        client.login(account.user, account.password if password is None else password)
    except exceptions.LoginError:
        client.shutdown()
        raise
    return client


# ---- Dovecot


def test_login_over_tls_with_the_ca_verified(account):
    with over_tls(account) as client:
        assert client.folder_status("INBOX")[b"MESSAGES"] == 0


def test_a_client_that_does_not_know_the_ca_refuses(account):
    with (
        socket.create_connection((account.host, account.imap_port)) as sock,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(sock, server_hostname=account.host)


def test_login_after_starttls(account):
    context = ssl.create_default_context(cafile=str(account.ca_file))
    client = IMAPClient(account.host, port=account.starttls_port, ssl=False, timeout=10)
    client.starttls(context)
    client.login(account.user, account.password)
    client.logout()


def test_login_in_clear(account):
    client = IMAPClient(account.host, port=account.plain_port, ssl=False, timeout=10)
    client.login(account.user, account.password)
    client.logout()


def test_a_wrong_password_is_refused(account):
    with pytest.raises(exceptions.LoginError, match="AUTHENTICATIONFAILED"):
        over_tls(account, "wrong")


@pytest.mark.parametrize(
    ("name", "words"), [("deny", "AUTHENTICATIONFAILED"), ("away", "UNAVAILABLE")]
)
def test_some_names_are_never_let_in(dovecot: Dovecot, name, words):
    with pytest.raises(exceptions.LoginError, match=words):
        over_tls(dovecot.mailbox(name))


@pytest.mark.parametrize(
    ("kind", "offered", "missing"),
    [
        (Kind.FULL, {"CONDSTORE", "QRESYNC", "IDLE", "MOVE"}, set()),
        (Kind.NO_CONDSTORE, {"IDLE", "MOVE", "UIDPLUS"}, {"CONDSTORE", "QRESYNC"}),
        (Kind.BARE, {"IMAP4REV1"}, {"CONDSTORE", "IDLE", "UIDPLUS", "SPECIAL-USE"}),
    ],
)
def test_what_each_kind_offers(dovecot: Dovecot, kind, offered, missing):
    with over_tls(dovecot.mailbox(kind=kind)) as client:
        says = {word.decode() for word in client.capabilities()}
    assert offered <= says
    assert not missing & says


def test_every_mailbox_is_new(dovecot: Dovecot):
    first, second = dovecot.mailbox("ana"), dovecot.mailbox("ana")
    dovecot.fill(first, {"INBOX": 1})
    assert snapshot(second)["INBOX"] == {}


def test_filling_is_quick_and_repeatable(dovecot: Dovecot):
    first, second = dovecot.mailbox(), dovecot.mailbox()
    start = time.monotonic()
    dovecot.fill(first, {f"Clients/{n}": SIZE // 10 for n in range(10)})
    assert time.monotonic() - start < 30  # about one second on an idle machine
    dovecot.fill(second, {"Clients/3": SIZE // 10})
    held = snapshot(first)
    assert sum(len(uids) for uids in held.values()) == SIZE
    assert held["Clients/3"] == snapshot(second)["Clients/3"]
    assert held["Clients/3"][1].message_id == "<Clients.3.1@example.org>"


def test_another_uidvalidity(dovecot: Dovecot, account):
    dovecot.fill(account, {"INBOX": 3})
    dovecot.set_uidvalidity(account, "INBOX", 4711)
    with over_tls(account) as client:
        status = client.folder_status("INBOX")
    assert (status[b"UIDVALIDITY"], status[b"MESSAGES"]) == (4711, 3)


def test_hanging_up(dovecot: Dovecot, account):
    client = over_tls(account)
    dovecot.hang_up(account)
    with pytest.raises(exceptions.IMAPClientAbortError):
        client.noop()
    client.shutdown()


# ---- another device


def test_a_device_changes_a_mailbox(account):
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with Device(account) as phone:
        read = phone.deliver(subject="Olá", at=at, message_id="<1@example.net>")
        moved = phone.deliver(flags=[r"\Flagged"], message_id="<2@example.net>")
        deleted = phone.deliver("INBOX")
        phone.read("INBOX", read)
        phone.move("INBOX", moved, "Archive")
        phone.delete("INBOX", deleted)
        held = phone.snapshot()
    assert set(held) == SPECIAL
    (first,), (second,) = held["INBOX"].values(), held["Archive"].values()
    assert (first.flags, first.message_id) == (frozenset({r"\Seen"}), "<1@example.net>")
    assert (second.flags, second.message_id) == (
        frozenset({r"\Flagged"}),
        "<2@example.net>",
    )


def test_a_device_changes_folders(account):
    with Device(account) as phone:
        phone.create("Projetos/Ação")
        phone.deliver("Projetos/Ação", raw=b"Subject: raw\r\n\r\n")
        phone.rename("Projetos/Ação", "Projetos/Feito")
        phone.create("Bin")
        phone.remove("Bin")
    held = snapshot(account)
    assert set(held) - SPECIAL <= {"Projetos", "Projetos/Feito"}
    assert len(held["Projetos/Feito"]) == 1


def test_a_snapshot_changes_nothing(account):
    with Device(account) as phone:
        phone.deliver()
        assert phone.snapshot() == phone.snapshot()


def test_mail_from_another_server(account):
    deliver_by_lmtp(account, compose(message_id="<lmtp@example.net>"))
    (held,) = snapshot(account)["INBOX"].values()
    assert held.message_id == "<lmtp@example.net>"


# ---- submission


def test_submission_over_tls(account, submission: Submission, certificates):
    context = certificates.client_context()
    port = account.smtp_port
    with smtplib.SMTP_SSL("127.0.0.1", port, timeout=10, context=context) as client:
        client.login(account.user, account.password)
        client.sendmail(account.address, ["b@example.net"], compose(subject="Olá"))
    (sent,) = submission.sent_by(account.user)
    assert (sent.sender, sent.to) == (account.address, ("b@example.net",))
    assert sent.message["Subject"] == "Olá"


def test_submission_by_starttls_answers_as_told(account, submission, certificates):
    submission.answers["nobody@example.net"] = "550 5.1.1 No such person"
    with smtplib.SMTP("127.0.0.1", account.smtp_starttls_port, timeout=10) as client:
        client.starttls(context=certificates.client_context())
        client.login(account.user, account.password)
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="No such person"):
            client.sendmail(account.address, ["nobody@example.net"], b"")
        submission.answer_to_data = "451 4.3.0 Later"
        with pytest.raises(smtplib.SMTPDataError, match="Later"):
            client.sendmail(account.address, ["b@example.net"], b"")
    assert submission.received == []


def test_submission_without_the_right_password(account, submission, certificates):
    port, context = submission.port, certificates.client_context()
    with smtplib.SMTP_SSL("127.0.0.1", port, timeout=10, context=context) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(account.user, "wrong")
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail(account.address, ["b@example.net"], b"")


# ---- certificates


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("self_signed", "self-signed"),
        ("expired", "expired"),
        ("wrong_host", "not valid for|mismatch"),
    ],
)
def test_each_bad_certificate_in_its_own_way(certificates: Certificates, name, says):
    server = getattr(certificates, name).server_context()
    with pytest.raises(ssl.SSLCertVerificationError, match=says):
        shake_hands(server, certificates.client_context())


def test_the_good_certificate_is_good(certificates: Certificates):
    shake_hands(certificates.good.server_context(), certificates.client_context())


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    """Begin TLS in memory, as a client that asked for 127.0.0.1."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(down, up, server_hostname="127.0.0.1"),
        server.wrap_bio(up, down, server_side=True),
    )
    for end in (*ends, *ends):
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
