"""What a server means when it says no. Pure.

RFC 5530 §3 gives response codes their meaning; many servers send none and only
words, so the words that were seen in the wild are known here too (INTEROP).
"""

from __future__ import annotations

import re

from core.errors import (
    AppPasswordNeeded,
    ConnectionLost,
    FolderForbidden,
    FolderRefused,
    ImapDisabled,
    LoginNotPossible,
    MailError,
    NeedsPermission,
    PasswordsNotAccepted,
    ProtocolBroken,
    ServerUnavailable,
    SessionRefused,
    Throttled,
    WrongPassword,
)

CODE = re.compile(r"\[([A-Z0-9-]{2,40})[\] ]", re.IGNORECASE)
SHOWN_MAX = 300
WAIT_MOST_S = 3600

# RFC 5530 §3; only these may ask the owner for another password.
PASSWORD_CODES = {"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED"}
CONTACT_CODES = {"CONTACTADMIN", "PRIVACYREQUIRED"}
UNAVAILABLE_CODES = {"UNAVAILABLE", "INUSE", "SERVERBUG"}
THROTTLE_CODES = {"LIMIT", "THROTTLED", "OVERQUOTA"}
THROTTLE_WORDS = r"too many|throttl|rate limit|suggested backoff"
# Microsoft: "Suggested Backoff Time: 5000 milliseconds" (INTEROP 18).
BACKOFF = re.compile(r"backoff time: (\d{1,12}) ?m", re.IGNORECASE)
# Exchange, in place of a response (INTEROP 19).
UNAVAILABLE = re.compile(r"server unavailable", re.IGNORECASE)

# Dovecot 2.3.19 hangs up when the folder that is open goes, or is another all at once;
# nothing else is amiss with the mailbox (THREATS, fault 21).
FOLDER_WENT = re.compile(
    r"mailbox (was |has been )?(deleted|renamed)|state is inconsistent", re.IGNORECASE
)

Words = tuple[tuple[str, type[MailError]], ...]

# Said to a login, to a command after it, or as an alert: of the whole mailbox.
MAILBOX_WORDS: Words = (
    # Zoho "yet to enable IMAP", GMX and WEB.DE (INTEROP 24, 25), Gmail, 163.
    (r"(enable|activate|turn(ed)? on|włącz|aktivier).{0,40}imap", ImapDisabled),
    (r"imap.{0,60}(disabled|not enabled|(de|not |un)activated|wyłączon)", ImapDisabled),
    # Microsoft since 2024-09-16 (INTEROP 16).
    (r"basic auth\w* is (disabled|blocked)|basicauthblocked", PasswordsNotAccepted),
    # Microsoft: login accepted, session refused; comes and goes (INTEROP 17).
    (r"authenticated but not connected", SessionRefused),
    (r"unsafe login", LoginNotPossible),  # 163, 126, yeah (INTEROP 22)
    # Microsoft, where the administrator does not let people send by SMTP.
    (r"smtpclientauthentication is disabled", LoginNotPossible),
)
LOGIN_WORDS: Words = (
    # Google: "Application-specific password required"; Yahoo and iCloud alike.
    (r"app(lication)?[ -]?(specific)?[ -]?password|senha de app", AppPasswordNeeded),
    # QQ, exmail: an authorisation code instead of the password (INTEROP 23).
    (r"authori[sz]ation code|授权码", AppPasswordNeeded),
    *MAILBOX_WORDS,
    (rf"{THROTTLE_WORDS}|try again later|temporar", Throttled),
)


def code_of(text: str) -> str:
    """Give the response code in a status text, upper case, or nothing."""
    found = CODE.search(text)
    return found.group(1).upper() if found else ""


def login_refused(text: str, host: str, says: str | None = None) -> MailError:
    """Tell what a NO to LOGIN or AUTHENTICATE means; `says` is what may be shown."""
    says = text if says is None else says
    facts = _facts(says, host)
    if error := _by_words(text, LOGIN_WORDS, facts, says):
        return error
    code = code_of(text)
    if code in THROTTLE_CODES:
        return Throttled(says, **facts)
    if code in UNAVAILABLE_CODES:
        return ServerUnavailable(says, **facts)
    if code in CONTACT_CODES:
        return LoginNotPossible(says, **facts)
    certain = "yes" if code in PASSWORD_CODES else "no"
    return WrongPassword(says, certain=certain, **facts)


def token_refused(
    text: str, host: str, status: str, says: str | None = None
) -> MailError:
    """Tell what a refusal of an access token means; `status` is its challenge's.

    `says` is what may be shown of the text.

    What asks for a password elsewhere asks for permission here. RFC 7628 §3.2.2:
    "invalid_token"; XOAUTH2 has numbers, "400" for what was withdrawn.
    """
    error = login_refused(text, host, says)
    says = error.detail
    if status.startswith("5") and isinstance(error, WrongPassword):
        return ServerUnavailable(says, **_facts(says, host))
    if isinstance(error, WrongPassword | AppPasswordNeeded | PasswordsNotAccepted):
        certain = "yes" if status or error.facts.get("certain") == "yes" else "no"
        return NeedsPermission(says, certain=certain, **_facts(says, host))
    return error


def command_refused(
    command: str, typ: str, text: str, host: str, says: str | None = None
) -> MailError:
    """Tell what a NO or BAD to any later command means; `says` may be shown."""
    says = text if says is None else says
    facts = {**_facts(says, host), "command": command}
    code = code_of(text)
    throttled = re.search(THROTTLE_WORDS, text, re.IGNORECASE)
    # RFC 9738 §3: a set was too large, "too many" as it may say; no reason to wait.
    if code in THROTTLE_CODES or (throttled and code != "MESSAGELIMIT"):
        return Throttled(says, **facts)
    if error := _by_words(text, MAILBOX_WORDS, facts, says):
        return error
    if code in UNAVAILABLE_CODES or UNAVAILABLE.match(text):
        return ServerUnavailable(says, **facts)
    if typ == "BAD":
        return ProtocolBroken(says, **facts)
    if code == "NOPERM":
        return FolderForbidden(says, **facts)
    return FolderRefused(says, **facts)


def mailbox_refused(alerts: list[str], refusal: MailError, host: str) -> MailError:
    """Tell what it means that the first command after a login is refused.

    Some servers accept the login, and say by an alert why nothing more will be
    accepted (INTEROP 25); some say nothing (INTEROP 17).
    """
    for text in alerts:
        if error := _by_words(text, MAILBOX_WORDS, _facts(text, host)):
            return error
    if isinstance(refusal, (FolderRefused, ProtocolBroken)):
        facts = dict(refusal.facts)
        return SessionRefused(refusal.detail, **facts)
    return refusal


def out_of_protocol(text: str, host: str, says: str | None = None) -> MailError:
    """Tell what a line means that is no response of IMAP at all (INTEROP 19)."""
    says = text if says is None else says
    if UNAVAILABLE.match(text):
        return ServerUnavailable(says, **_facts(says, host))
    return ProtocolBroken("no response of IMAP", host=host)


def goodbye(text: str, host: str, says: str | None = None) -> MailError:
    """Tell what an untagged BYE means (RFC 9051 §7.1.5); `says` may be shown."""
    says = text if says is None else says
    facts = _facts(says, host)
    if FOLDER_WENT.search(text):
        return ConnectionLost(says, **facts)
    throttled = re.search(THROTTLE_WORDS, text, re.IGNORECASE)
    if code_of(text) in THROTTLE_CODES or throttled:
        return Throttled(says, **facts)
    if error := _by_words(text, MAILBOX_WORDS, facts, says):
        return error
    return ServerUnavailable(says, **facts)


def _by_words(
    text: str, words: Words, facts: dict[str, object], says: str | None = None
) -> MailError | None:
    for pattern, error in words:
        if re.search(pattern, text, re.IGNORECASE):
            return error(text if says is None else says, **facts)
    return None


def _facts(text: str, host: str) -> dict[str, object]:
    """Give the facts of a refusal; `wait_s` where the server says how long."""
    facts: dict[str, object] = {"host": host, "server_says": text[:SHOWN_MAX]}
    if found := BACKOFF.search(text):
        facts["wait_s"] = min(-(-int(found[1]) // 1000), WAIT_MOST_S)
    return facts
