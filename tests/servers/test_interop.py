"""What servers do, row by row of the table of interoperability: being let in.

Each test bears the number of its row. The rows about folders are in
test_interop_folders.py, those about messages in test_interop_fetch.py.
"""

from __future__ import annotations

import base64

import pytest

from core import watch
from core.errors import (
    AppPasswordNeeded,
    ImapDisabled,
    LoginNotPossible,
    NoAnswer,
    PasswordsNotAccepted,
    ServerUnavailable,
    SessionRefused,
    Throttled,
    WrongPassword,
)
from core.model import Outcome, State
from tests.servers.following import USER, Follower
from tests.servers.installation import Installation
from tests.servers.steps import Send, Stall, Table
from tests.servers.table import OK, ScriptedMailbox

EXCHANGE = b"* OK The Microsoft Exchange IMAP4 service is ready."
NOT_CONNECTED = b"{tag} BAD User is authenticated but not connected."
pytestmark = pytest.mark.server


def let_in(line: bytes) -> Table:
    return {rb"LOGIN|AUTHENTICATE": [line]}


@pytest.mark.parametrize(
    "words",
    [b"LOGIN failed: Basic authentication is disabled.", b"[ALERT] BasicAuthBlocked"],
)
def test_row_16_microsoft_takes_no_passwords(follower: Follower, words: bytes) -> None:
    box = ScriptedMailbox(greeting=EXCHANGE, answers=let_in(b"{tag} NO " + words))
    assert type(follower.refusal(box, "login")) is PasswordsNotAccepted


@pytest.mark.parametrize("typ", [b"NO", b"BAD"])
def test_row_17_login_accepted_and_session_refused(
    follower: Follower, typ: bytes
) -> None:
    answer = [b"{tag} " + typ + b" User is authenticated but not connected."]
    box = ScriptedMailbox(greeting=EXCHANGE, answers={rb"LIST|NAMESPACE": answer})
    assert type(follower.refusal(box, "login")) is SessionRefused


def test_row_17_comes_and_goes_and_asks_for_no_password(follower: Follower) -> None:
    box = ScriptedMailbox(greeting=EXCHANGE)
    with follower.following(box) as one:
        box.answers[rb"LIST|EXAMINE"] = [NOT_CONNECTED]
        assert isinstance(one.sync().error, SessionRefused)
        assert one.standing().state is State.RETRYING
        del box.answers[rb"LIST|EXAMINE"]
        assert one.sync().outcome is Outcome.OK
        assert one.uids("INBOX") == [1, 2, 3]


def test_row_18_microsoft_says_how_long_to_wait(follower: Follower) -> None:
    words = b"Request is throttled. Suggested Backoff Time: 288937 milliseconds"
    box = ScriptedMailbox(greeting=EXCHANGE)
    with follower.following(box) as one:
        for command in (rb"LOGIN", rb"LIST", rb"EXAMINE"):
            box.answers = {command: [b"{tag} NO " + words]}
            error = one.sync().error
            assert type(error) is Throttled
            assert error.facts["wait_s"] == "289"


@pytest.mark.parametrize("command", [rb"LOGIN", rb"LIST", rb"EXAMINE"])
def test_row_19_exchange_answers_outside_the_protocol(
    follower: Follower, command: bytes
) -> None:
    box = ScriptedMailbox()
    with follower.following(box) as one:
        box.answers[command] = [b"Server Unavailable. 15"]
        assert isinstance(one.sync().error, ServerUnavailable)
        assert one.standing().state is State.RETRYING


def test_row_19_even_instead_of_a_greeting(follower: Follower) -> None:
    box = ScriptedMailbox(greeting=b"Server Unavailable. 15")
    assert isinstance(follower.refusal(box, "greeting"), ServerUnavailable)


def test_row_19_a_literal_shorter_than_announced(follower: Follower) -> None:
    box = ScriptedMailbox()
    with follower.following(box) as one:
        short = Send(b'* LIST () "/" {50}\r\nshort\r\n{tag} OK done\r\n')
        box.answers[rb"LIST"] = [short, Stall()]
        follower.installation.runtime.settings.__dict__["command_timeout_s"] = 0.5
        assert isinstance(one.sync().error, NoAnswer)


@pytest.mark.parametrize("login", [r"DOMAIN\ana", r"ana@example.org/shared"])
def test_row_20_names_of_shared_mailboxes_go_by_login(
    follower: Follower, login: str
) -> None:
    box = ScriptedMailbox(capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR")
    with follower.session(box, login) as (_, server):
        assert not server.said(rb" AUTHENTICATE")
        escaped = login.replace("\\", "\\\\").encode()
        assert server.said(rb" LOGIN ")[0].endswith(b'LOGIN "%s" "pw"' % escaped)


def test_row_22_nothing_opens_until_id_was_sent(follower: Follower) -> None:
    unsafe = b"{tag} NO SELECT Unsafe Login. Please contact kefu@188.com for help"
    box = ScriptedMailbox(greeting=b"* OK Coremail System IMap Server Ready(163com)")
    known: list[bool] = []

    def identify(command: bytes) -> list[bytes]:
        known.append(b'"name" "malote" "version"' in command)
        return [b"* ID NIL", OK]

    def examine(command: bytes) -> list[bytes]:
        return box.usual(command) if known and known[-1] else [unsafe]

    def log_in(_: bytes) -> list[bytes]:
        known.clear()  # an ID before the login counts for nothing
        return [OK]

    box.answers = {b"ID ": identify, b"EXAMINE|SELECT": examine, b"LOGIN": log_in}
    with follower.following(box) as one:
        assert one.sync().outcome is Outcome.OK
        assert one.uids("INBOX") == [1, 2, 3]


def test_row_22_unsafe_login_in_spite_of_it(follower: Follower) -> None:
    box = ScriptedMailbox()
    with follower.following(box) as one:
        box.answers[rb"EXAMINE"] = [b"{tag} NO EXAMINE Unsafe Login. Please contact"]
        assert isinstance(one.sync().error, LoginNotPossible)
        assert one.standing().state is State.NEEDS_ATTENTION


@pytest.mark.parametrize(
    "words",
    [
        "Login fail. Please using authorization code to login.",
        "Login fail. 请使用授权码登录。详情请看",
        "[ALERT] Login fail. Account is abnormal, use the Authorisation Code",
    ],
)
def test_row_23_qq_wants_an_authorisation_code(follower: Follower, words: str) -> None:
    box = ScriptedMailbox(answers=let_in(b"{tag} NO " + words.encode()))
    assert type(follower.refusal(box, "login")) is AppPasswordNeeded


def test_row_24_zoho_has_imap_switched_off(follower: Follower) -> None:
    words = b"[ALERT] You are yet to enable IMAP for your account."
    box = ScriptedMailbox(answers=let_in(b"{tag} NO " + words))
    assert type(follower.refusal(box, "login")) is ImapDisabled


@pytest.mark.parametrize("later", [b"{tag} NO not allowed", b"{tag} BAD not allowed"])
def test_row_25_login_accepted_while_imap_is_off(
    follower: Follower, later: bytes
) -> None:
    alert = b"{tag} OK [ALERT] Please enable IMAP in the settings of your mailbox"
    box = ScriptedMailbox(answers=let_in(alert) | {rb"LIST|STATUS|EXAMINE": [later]})
    error = follower.refusal(box, "login")
    assert type(error) is ImapDisabled
    assert "settings of your mailbox" in error.facts["server_says"]


def test_row_25_an_alert_alone_is_no_failure(follower: Follower) -> None:
    alert = b"{tag} OK [ALERT] Maintenance on <b>Sunday</b>\x07"
    with follower.session(ScriptedMailbox(answers=let_in(alert))) as (session, _):
        assert session.alerts == [
            "Maintenance on <b>Sunday</b>\N{REPLACEMENT CHARACTER}"
        ]


def test_row_47_a_refused_password_is_tried_once(follower: Follower) -> None:
    box = ScriptedMailbox(capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR")
    with follower.following(box) as one:
        before = len(one.server.said(rb"LOGIN |AUTHENTICATE"))
        box.answers = let_in(b"{tag} NO [AUTHENTICATIONFAILED] no")
        assert isinstance(one.sync().error, WrongPassword)
        assert len(one.server.said(rb"LOGIN |AUTHENTICATE")) == before + 1
        assert one.standing().next_at is None


PASSWORD = 'sénha-"çom"-\\-密码'  # no space: the script reads lines


@pytest.mark.parametrize("capabilities", ["AUTH=PLAIN", "AUTH=PLAIN SASL-IR"])
def test_row_50_any_password_by_plain(follower: Follower, capabilities: str) -> None:
    box = ScriptedMailbox(capabilities=f"IMAP4rev1 {capabilities}")
    with follower.session(box, password=PASSWORD) as (_, server):
        said = [line.split()[-1] for line in server.lines]
        assert base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()) in said
        assert not server.said(rb" LOGIN ")


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 AUTH=PLAIN SASL-IR"])
def test_row_50_any_password_by_login(follower: Follower, capabilities: str) -> None:
    """Without PLAIN, or where PLAIN is offered and not understood."""
    box = ScriptedMailbox(capabilities=capabilities)
    box.answers = {
        rb"AUTHENTICATE": [b"{tag} BAD what is that?"],
        rb"LOGIN .*{": [b"+ go on"],
    }
    with follower.session(box, password=PASSWORD) as (_, server):
        literal = server.lines.index(PASSWORD.encode())
        announced = b'LOGIN "%s" {%d}' % (USER.encode(), len(PASSWORD.encode()))
        assert server.lines[literal - 1].endswith(announced)


def test_fault_17_an_alert_is_told_once(
    follower: Follower, installation: Installation
) -> None:
    words = [b"{tag} OK [ALERT] Please renew your contract \xe2\x80\xae now"]
    box = ScriptedMailbox(answers={rb"LOGIN": words})
    with follower.following(box) as one:
        for _ in range(2):
            assert one.sync().outcome is Outcome.OK
        told = watch.recent_events(installation.runtime, one.id)
    alerts = [facts["words"] for facts in told[told["what"] == "server_alert"]["facts"]]
    assert alerts == ["Please renew your contract \N{REPLACEMENT CHARACTER} now"]
