"""What a server means when it says no. Pure.

RFC 5530 §3 gives response codes their meaning; many servers send none and only
words, so the words that were seen in the wild are known here too (INTEROP).
"""

from __future__ import annotations

import re

from core.errors import (
    AppPasswordNeeded,
    FolderRefused,
    ImapDisabled,
    LoginNotPossible,
    MailError,
    PasswordsNotAccepted,
    ProtocolBroken,
    ServerUnavailable,
    Throttled,
    WrongPassword,
)

CODE = re.compile(r"\[([A-Z0-9-]{2,40})[\] ]", re.IGNORECASE)
SHOWN_MAX = 300

# RFC 5530 §3; only these may ask the owner for another password.
PASSWORD_CODES = {"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED"}
CONTACT_CODES = {"CONTACTADMIN", "PRIVACYREQUIRED"}
UNAVAILABLE_CODES = {"UNAVAILABLE", "INUSE", "SERVERBUG"}
THROTTLE_CODES = {"LIMIT", "THROTTLED", "OVERQUOTA"}

LOGIN_WORDS: tuple[tuple[str, type[MailError]], ...] = (
    # Google: "Application-specific password required"; Yahoo and iCloud alike.
    (r"app(lication)?[ -]?(specific)?[ -]?password|senha de app", AppPasswordNeeded),
    # QQ, exmail: an authorisation code instead of the password (INTEROP 23).
    (r"authori[sz]ation code|授权码", AppPasswordNeeded),
    # Zoho "yet to enable IMAP", GMX and WEB.DE (INTEROP 24, 25), Gmail, 163.
    (r"(enable|activate|turn(ed)? on).{0,40}imap", ImapDisabled),
    (r"imap.{0,60}(disabled|not enabled|deactivated|not activated)", ImapDisabled),
    # Microsoft since 2024-09-16 (INTEROP 16).
    (r"basic auth\w* is (disabled|blocked)|basicauthblocked", PasswordsNotAccepted),
    # Microsoft: login accepted, session refused; comes and goes (INTEROP 17).
    (r"authenticated but not connected", ServerUnavailable),
    (r"too many|try again later|temporar|throttl|rate limit", Throttled),
    (r"unsafe login", LoginNotPossible),
)


def code_of(text: str) -> str:
    """Give the response code in a status text, upper case, or nothing."""
    found = CODE.search(text)
    return found.group(1).upper() if found else ""


def login_refused(text: str, host: str) -> MailError:
    """Tell what a NO to LOGIN or AUTHENTICATE means."""
    facts = {"host": host, "server_says": text[:SHOWN_MAX]}
    for pattern, error in LOGIN_WORDS:
        if re.search(pattern, text, re.IGNORECASE):
            return error(text, **facts)
    code = code_of(text)
    if code in THROTTLE_CODES:
        return Throttled(text, **facts)
    if code in UNAVAILABLE_CODES:
        return ServerUnavailable(text, **facts)
    if code in CONTACT_CODES:
        return LoginNotPossible(text, **facts)
    certain = "yes" if code in PASSWORD_CODES else "no"
    return WrongPassword(text, certain=certain, **facts)


def command_refused(command: str, typ: str, text: str, host: str) -> MailError:
    """Tell what a NO or BAD to any later command means."""
    facts = {"host": host, "server_says": text[:SHOWN_MAX], "command": command}
    code = code_of(text)
    if code in THROTTLE_CODES or re.search(r"throttl|too many", text, re.IGNORECASE):
        return Throttled(text, **facts)
    if code in UNAVAILABLE_CODES:
        return ServerUnavailable(text, **facts)
    if typ == "BAD":
        return ProtocolBroken(text, **facts)
    return FolderRefused(text, **facts)


def goodbye(text: str, host: str) -> MailError:
    """Tell what an untagged BYE means (RFC 9051 §7.1.5)."""
    facts = {"host": host, "server_says": text[:SHOWN_MAX]}
    if code_of(text) in THROTTLE_CODES or re.search(r"too many", text, re.IGNORECASE):
        return Throttled(text, **facts)
    return ServerUnavailable(text, **facts)
