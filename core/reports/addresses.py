"""Addresses and other typed values of reports. Pure; never raises."""

from __future__ import annotations

import re

from core.imap.headers import words
from core.mime.fields import Field, every, first
from core.reports.report import DIAGNOSTIC_CHARS
from core.text import harmless

VALUE_CHARS = 4_000
ADDRESS = r"[^\s<>\"'(),:;\\@\[\]]{1,64}@[^\s<>\"'(),:;\\@\[\]]{1,255}"
WHOLE = re.compile(ADDRESS)
TYPE = re.compile(r"\s*[\w.-]{1,40}\s*;\s*")  # RFC 3464 §2.1.2: "rfc822;", "smtp;"
COMMENT = re.compile(r"\([^()]*\)")
POINT = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533 §3
HEX = re.compile(r"\+([0-9A-F]{2})")  # RFC 3461 §4: xtext
IDENTITY = re.compile(r"<[^<>\s]{3,250}>")
# Servers that give a message another Message-ID keep ours: Outlook.com, Gmail.
KEPT_IDS = ("x-microsoft-original-message-id", "x-google-original-message-id")
HEADERS = (
    *("from", "to", "cc", "subject", "date", "message-id", "in-reply-to"),
    *("references", *KEPT_IDS),
)
HEADER_CHARS = 1_000


def address(value: str) -> str:
    """Read "rfc822;someone@example.org"; empty where it is no address of mail."""
    value = TYPE.sub("", value[:VALUE_CHARS], count=1)
    value = POINT.sub(_point, COMMENT.sub("", value)).strip().strip("<>\"'").strip()
    whole = WHOLE.fullmatch(value.removeprefix("mailto:"))
    if whole is None or harmless(value) != value:  # nobody wrote to that
        return ""
    return whole.group().rstrip(".").lower()


def diagnostic(value: str) -> str:
    """Give a server's words without their type ("smtp;"), harmless and not too long."""
    value = TYPE.sub("", value[:VALUE_CHARS], count=1)
    return said(words(value))


def said(text: str) -> str:
    """Make a server's words one harmless line."""
    return harmless(" ".join(text[:VALUE_CHARS].split()))[:DIAGNOSTIC_CHARS].strip()


def envelope_id(value: str) -> str:
    """Read an Original-Envelope-Id, which may still be xtext (RFC 3461 §4.4)."""
    value = value[:VALUE_CHARS].strip()
    return said(HEX.sub(lambda found: chr(int(found[1], 16)), value))


def identity(value: str) -> str:
    """Give the first Message-ID of a text, with its angle brackets; or empty."""
    found = IDENTITY.search(value[:VALUE_CHARS])
    return found.group() if found and harmless(found.group()) == found.group() else ""


def headers(found: list[Field]) -> dict[str, str]:
    """Give what is kept of a returned header."""
    given = {name: first(found, name) for name in HEADERS}
    return {
        name: harmless(words(value))[:HEADER_CHARS]
        for name, value in given.items()
        if value
    }


def own_identity(found: list[Field]) -> str:
    """Give the Message-ID that a returned message had when it was sent."""
    for name in (*KEPT_IDS, "message-id"):
        if one := identity(first(found, name)):
            return one
    return ""


def answered(found: list[Field]) -> str:
    """Give the Message-ID that a report is about, as answers name it."""
    for value in every(found, "in-reply-to"):
        if one := identity(value):
            return one
    named = IDENTITY.findall(first(found, "references"))
    return identity(named[-1]) if named else ""


def _point(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code <= 0x10FFFF else found.group()  # noqa: PLR2004 - the last one
