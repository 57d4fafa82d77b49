"""How to write a server that misbehaves: each test is also an example of use."""

import imaplib
import smtplib
import socket
import ssl
import time
from dataclasses import replace

import pytest

from tests.certificates import Certificates
from tests.servers.device import Device
from tests.servers.dovecot import Account
from tests.servers.scripted import ScriptedServer, serve
from tests.servers.steps import (
    POLITE,
    Answer,
    Close,
    Drip,
    Expect,
    Flood,
    Reset,
    Send,
    Stall,
    StartTls,
    Table,
)
from tests.servers.wire import How, between

HELLO = Send(b"* OK ready\r\n")


def dial(server: ScriptedServer, timeout_s: float = 5.0) -> imaplib.IMAP4:
    return imaplib.IMAP4("127.0.0.1", server.port, timeout_s)


def connect(server: ScriptedServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), 5)


# ---- scripts


def test_a_greeting_that_says_bye():
    with (
        serve(Send(b"* BYE too many connections\r\n"), Close()) as server,
        pytest.raises(imaplib.IMAP4.error, match="too many connections"),
    ):
        dial(server)


def test_a_server_of_another_kind():
    http = Send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with serve(http, Close()) as server, pytest.raises(imaplib.IMAP4.error):
        dial(server)


def test_a_server_that_says_nothing():
    with serve(Stall()) as server, pytest.raises(TimeoutError):
        dial(server, timeout_s=0.2)


def test_a_table_of_answers():
    refuse: Table = {rb"LOGIN ": [b"{tag} NO [UNAVAILABLE] later"]}
    with serve(HELLO, Answer(POLITE | refuse)) as server:
        client = dial(server)
        with pytest.raises(imaplib.IMAP4.error, match="UNAVAILABLE"):
            client.login("ana", "pw")
        with pytest.raises(imaplib.IMAP4.error, match="not in the script"):
            client.xatom("UNHEARD")
        client.logout()
        assert server.said(rb"LOGIN")[0].endswith(b'LOGIN ana "pw"')


def test_steps_in_a_fixed_order():
    capability = Send(b"* CAPABILITY IMAP4rev1 X\r\n")
    with (
        serve(HELLO, Expect(rb"CAPABILITY"), capability) as server,
        connect(server) as sock,
        sock.makefile("rwb", buffering=0) as lines,
    ):
        assert lines.readline() == HELLO.data
        lines.write(b"a capability\r\n")
        assert lines.readline() == capability.data
        assert lines.readline() == b""


def test_a_client_that_does_not_keep_to_the_script_fails_the_test():
    def noop_instead_of_login() -> None:
        with serve(HELLO, Expect(rb"LOGIN")) as server, connect(server) as sock:
            sock.sendall(b"a NOOP\r\n")
            assert server.wait_for(rb"NOOP")

    with pytest.raises(AssertionError, match="expected b'LOGIN', got b'a NOOP'"):
        noop_instead_of_login()


def test_a_drop_in_the_middle_of_an_answer():
    folder: Table = {rb"EXAMINE": [b"* 3 EXISTS", Send(b"* OK [UIDVAL"), Close()]}
    with serve(HELLO, Answer(POLITE | folder)) as server:
        client = dial(server)
        client.login("ana", "pw")
        with pytest.raises(imaplib.IMAP4.abort):
            client.select("INBOX", readonly=True)
        client.shutdown()


@pytest.mark.parametrize("after", range(len(HELLO.data)))
def test_a_drop_after_any_number_of_bytes(after):
    with serve(HELLO, Stall(), drop_after=after) as server, connect(server) as sock:
        assert sock.recv(100) + sock.recv(100) == HELLO.data[:after]


def test_a_connection_that_is_torn_down():
    with serve(HELLO, Expect(b"."), Reset()) as server, connect(server) as sock:
        sock.recv(100)
        sock.sendall(b"a NOOP\r\n")
        with pytest.raises(ConnectionResetError):
            sock.recv(100)


def test_a_drip_and_a_flood():
    with serve(Drip(b"abc", pause_s=0.01), Flood(b"x" * 1000, times=100)) as server:
        with connect(server) as sock, sock.makefile("rb") as everything:
            assert everything.read() == b"abc" + b"x" * 100_000


def test_a_flood_ends_with_the_test():
    start = time.monotonic()
    with serve(Flood(b"* 1 EXISTS\r\n")) as server, connect(server) as sock:
        sock.recv(100)
    assert time.monotonic() - start < 5


def test_tls_from_the_first_byte_with_a_bad_certificate(certificates: Certificates):
    context = certificates.client_context()
    with serve(HELLO, tls=certificates.expired) as server:
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            imaplib.IMAP4_SSL("127.0.0.1", server.port, ssl_context=context, timeout=5)


def test_starttls_within_a_table(certificates: Certificates):
    offer: Table = {
        rb"CAPABILITY": [b"* CAPABILITY IMAP4rev1 STARTTLS", b"{tag} OK done"],
        rb"STARTTLS": [b"{tag} OK begin", StartTls(certificates.good)],
    }
    with serve(HELLO, Answer(POLITE | offer)) as server:
        client = dial(server)
        client.starttls(certificates.client_context())
        client.login("ana", "pw")
        client.logout()


def test_smtp_has_no_tags():
    table: Table = {
        rb"EHLO": [b"250-hello", b"250 AUTH PLAIN"],
        rb"AUTH": [b"454 4.7.0 Temporary failure"],
        rb"QUIT": [b"221 bye", Close()],
    }
    dialogue = Answer(table, otherwise=b"502 not in the script", tagged=False)
    with serve(Send(b"220 ready\r\n"), dialogue) as server:
        with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client:
            with pytest.raises(smtplib.SMTPAuthenticationError, match="Temporary"):
                client.login("ana", "pw")


# ---- a wire in front of the real server


@pytest.mark.server
def test_a_whole_wire_carries_everything(account: Account):
    with between(account.imap_port) as wire:
        with Device(replace(account, imap_port=wire.port)) as phone:
            phone.deliver()
            assert len(phone.snapshot()["INBOX"]) == 1
        assert wire.connections == 1
        assert min(wire.up, wire.down) > 500


@pytest.mark.server
@pytest.mark.parametrize("way", ["cut_down", "cut_up"])
@pytest.mark.parametrize(
    ("how", "error"),
    [(How.CLOSE, EOFError), (How.RESET, ConnectionError), (How.STALL, TimeoutError)],
)
def test_a_wire_is_cut_and_mended(account: Account, way, how, error):
    with between(account.starttls_port) as wire:
        wire.how = how
        setattr(wire, way, 3)
        with pytest.raises(error):
            noop(wire.port)
        wire.mend()
        noop(wire.port)


@pytest.mark.server
def test_a_wire_is_cut_at_once(account: Account):
    with between(account.starttls_port) as wire, connect_to(wire.port) as sock:
        assert sock.recv(1000).startswith(b"* OK")
        wire.cut_now()
        assert sock.recv(1000) == b""


def connect_to(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 0.5)


def noop(port: int) -> None:
    """Read the greeting and the answer to NOOP, in clear."""
    with connect_to(port) as sock:
        for say, wait_for in ((b"", b"\n"), (b"a NOOP\r\n", b"a OK")):
            sock.sendall(say)
            heard = b""
            while wait_for not in heard:
                if not (some := sock.recv(1000)):
                    raise EOFError
                heard += some
