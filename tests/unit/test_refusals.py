"""What servers say when they refuse, and what it means (THREATS 8, INTEROP)."""

import pytest

from core.errors import (
    AppPasswordNeeded,
    ConnectionLost,
    FolderForbidden,
    FolderRefused,
    ImapDisabled,
    LoginNotPossible,
    MailError,
    PasswordsNotAccepted,
    ProtocolBroken,
    ServerUnavailable,
    SessionRefused,
    Throttled,
    WrongPassword,
)
from core.refusals import (
    command_refused,
    goodbye,
    login_refused,
    mailbox_refused,
    out_of_protocol,
)


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("[AUTHENTICATIONFAILED] Authentication failed.", WrongPassword),
        ("[AUTHENTICATIONFAILED] Invalid credentials (Failure)", WrongPassword),
        ("LOGIN failed.", WrongPassword),
        ("[EXPIRED] password expired", WrongPassword),
        (
            "[ALERT] Application-specific password required: https://…",
            AppPasswordNeeded,
        ),
        ("Login fail. Please use the authorization code", AppPasswordNeeded),
        ("[ALERT] You are yet to enable IMAP for your account", ImapDisabled),
        ("IMAP access is disabled for your domain", ImapDisabled),
        ("Your account does not have IMAP enabled; IMAP is not enabled", ImapDisabled),
        ("AUTHENTICATE failed: Basic authentication is disabled", PasswordsNotAccepted),
        ("User is authenticated but not connected.", SessionRefused),
        ("[UNAVAILABLE] Temporary authentication failure", Throttled),
        ("[UNAVAILABLE] down", ServerUnavailable),
        ("[LIMIT] Too many simultaneous connections.", Throttled),
        ("[INUSE] mailbox locked", ServerUnavailable),
        ("[CONTACTADMIN] see the help desk", LoginNotPossible),
        ("SELECT Unsafe Login. Please contact kefu@188.com", LoginNotPossible),
    ],
)
def test_login(words: str, meaning: type[MailError]) -> None:
    error = login_refused(words, "imap.example.com")
    assert type(error) is meaning
    assert error.facts["host"] == "imap.example.com"


def test_only_a_code_makes_a_wrong_password_certain() -> None:
    assert login_refused("[AUTHENTICATIONFAILED] no", "h").facts["certain"] == "yes"
    assert login_refused("no", "h").facts["certain"] == "no"


@pytest.mark.parametrize(
    ("typ", "words", "meaning"),
    [
        ("NO", "[NONEXISTENT] Mailbox doesn't exist", FolderRefused),
        ("NO", "[NOPERM] denied", FolderForbidden),
        ("NO", "Request is throttled. Suggested Backoff Time: 5000 ms", Throttled),
        ("NO", "[UNAVAILABLE] UID FETCH Server error", ServerUnavailable),
        ("BAD", "User is authenticated but not connected.", SessionRefused),
        ("NO", "EXAMINE Unsafe Login. Please contact kefu@188.com", LoginNotPossible),
        ("BAD", "Error in IMAP command", ProtocolBroken),
    ],
)
def test_commands(typ: str, words: str, meaning: type[MailError]) -> None:
    assert type(command_refused("EXAMINE x", typ, words, "h")) is meaning


def test_goodbye() -> None:
    assert type(goodbye("Too many connections from your IP", "h")) is Throttled
    assert type(goodbye("Autologout; idle for too long", "h")) is ServerUnavailable
    for words in (
        "FETCH failed: Mailbox was deleted under us",
        "IMAP session state is inconsistent, please relogin.",
    ):
        assert type(goodbye(words, "h")) is ConnectionLost


@pytest.mark.parametrize(
    ("words", "wait_s"),
    [
        ("Request is throttled. Suggested Backoff Time: 5001 milliseconds", "6"),
        ("Request is throttled. Suggested Backoff Time: 284999 ms", "285"),
        ("Request is throttled. Suggested Backoff Time: 999999999 ms", "3600"),
        ("[THROTTLED] slow down", None),
    ],
)
def test_how_long_to_wait(words: str, wait_s: str | None) -> None:
    for error in (
        login_refused(words, "h"),
        command_refused("LIST", "NO", words, "h"),
        goodbye(words, "h"),
    ):
        assert type(error) is Throttled
        assert error.facts.get("wait_s") == wait_s


def test_an_alert_tells_why_the_mailbox_does_not_open() -> None:
    refusal = command_refused("LIST", "BAD", "not now", "h")
    why = mailbox_refused(["Please enable IMAP in your settings"], refusal, "h")
    assert type(why) is ImapDisabled
    unknown = mailbox_refused(["Maintenance on Sunday"], refusal, "h")
    assert type(unknown) is SessionRefused
    throttled = Throttled("busy")
    assert mailbox_refused([], throttled, "h") is throttled


def test_words_that_are_no_response() -> None:
    assert type(out_of_protocol("Server Unavailable. 15", "h")) is ServerUnavailable
    assert type(out_of_protocol("<html>", "h")) is ProtocolBroken
