"""The beginning and the end of a session; the faults are those of THREATS."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.errors import (
    ServerUnavailable,
)
from core.imap.opening import close, open_session, start_session
from core.model import Outcome, Security, Server
from core.secret import Secret
from tests.servers.following import USER, Follower
from tests.servers.scripted import serve
from tests.servers.steps import POLITE, Answer, Send, Stall, StartTls, Table
from tests.servers.table import OK, ScriptedMailbox

pytestmark = pytest.mark.server


def test_fault_38_capabilities_are_read_again_after_the_login(
    follower: Follower,
) -> None:
    told: list[Sequence[bytes]] = [
        [b"{tag} OK [CAPABILITY IMAP4rev1 IDLE] welcome"],
        [b"* CAPABILITY IMAP4rev1 IDLE", OK],
    ]
    for answer in told:
        box = ScriptedMailbox(answers={rb"LOGIN": answer})
        with follower.session(box) as (session, server):
            assert session.features.idle
            assert len(server.said(rb"CAPABILITY")) == 1
    box = ScriptedMailbox()
    caps = iter([b"* CAPABILITY IMAP4rev1 ESEARCH", b"* CAPABILITY IMAP4rev1 IDLE"])
    box.answers[rb"CAPABILITY"] = lambda _: [next(caps), OK]
    with follower.session(box) as (session, _):
        assert (session.features.idle, session.features.esearch) == (True, False)


def test_fault_16_a_goodbye_in_the_login_is_no_bad_password(
    follower: Follower,
) -> None:
    box = ScriptedMailbox(answers={rb"LOGIN": [b"* BYE shutting down", b"{tag} NO"]})
    assert type(follower.refusal(box, "login")) is ServerUnavailable


@pytest.mark.parametrize("command", [b"LOGIN", b"ID", b"LIST", b"STATUS", b"EXAMINE"])
def test_fault_59_a_tag_of_nobody_ends_the_connection(
    follower: Follower, command: bytes
) -> None:
    box = ScriptedMailbox(capabilities="IMAP4rev1 ID")
    with follower.following(box) as one:
        box.answers[command] = [b"ZZZ9 OK not yours"]
        report = one.sync()
        assert report.error is not None
        assert report.error.code == "protocol_broken"
        box.answers.clear()
        assert one.sync().outcome is Outcome.OK


def test_fault_60_logout_is_not_waited_for(follower: Follower) -> None:
    box = ScriptedMailbox(answers={rb"LOGOUT": [Stall()]})
    with follower.following(box) as one:
        report = one.sync()
        assert report.outcome is Outcome.OK
        assert report.seconds < 2


def test_fault_17_what_was_said_before_tls_is_forgotten(follower: Follower) -> None:
    table: Table = {
        rb"CAPABILITY": [b"* CAPABILITY IMAP4rev1 STARTTLS", OK],
        rb"STARTTLS": [b"{tag} OK go", StartTls(follower.certificates.good)],
        rb"LOGIN ": [b"* OK [ALERT] real", OK],
        rb"LIST ": [OK],
    }
    policy = follower.installation.runtime.policy()
    hello = Send(b"* OK [ALERT] call this number; Courier-IMAP ready\r\n")
    with serve(hello, Answer(POLITE | table)) as server:
        where = Server("localhost", server.port, Security.STARTTLS)
        with open_session(where, USER, Secret("pw"), policy) as session:
            assert (session.greeting, session.alerts) == ("", ["real"])
            assert session.profile.name == "usual"


def test_a_session_without_a_context(follower: Follower) -> None:
    box = ScriptedMailbox(greeting=b"* OK [ALERT] x Dovecot ready")
    policy = follower.installation.runtime.policy()
    with box.served(follower.certificates) as server:
        where = Server("localhost", server.port)
        session = start_session(where, USER, Secret("pw"), policy)
        assert session.profile.name == "dovecot"
        assert "Dovecot ready" in session.greeting
        close(session.client)
        assert server.wait_for(rb"LOGOUT")
