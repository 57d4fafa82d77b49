"""Enhanced status codes (RFC 3463), as they are stated or as servers' words hold them.

Pure; never raises.
"""

from __future__ import annotations

import re

WORDS_CHARS = 4_000
# RFC 3463 §3: a class, a subject of one digit, a detail. "Exim 4.94.2" is none.
STATED = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
STATED_CODE = re.compile(r"\s*([245])[0-5]\d\b")
AFTER_CODE = re.compile(
    r"(?<![\d.])[45][0-5]\d[ -]{1,3}#?([45]\.[0-7]\.\d{1,3})(?!\.?\d)"
)
WITHIN = re.compile(r"(?<![\d.])([45]\.[0-7]\.\d{1,3})(?!\.?\d)")
# RFC 5321 §4.2: three digits, where a reply begins and not within a text.
CODE = re.compile(r"(?:^|[:;'\"(#=]\s{0,2}|\bsaid:?\s{1,2})([45])[0-5]\d(?=[ :-]|$)")
OTHER = ".0.0"  # "other undefined status" (RFC 3463 §3.1)


def of_words(said: str) -> str:
    """Find a status in a server's words, else its class by the SMTP code; or empty."""
    said = said[:WORDS_CHARS]
    if found := AFTER_CODE.search(said) or WITHIN.search(said):
        return found[1]
    code = CODE.search(said)
    return f"{code[1]}{OTHER}" if code else ""


def stated(value: str, diagnostic: str) -> str:
    """Read a Status field; what the diagnostic says more exactly is preferred.

    Zoho states an SMTP code there ("Status: 550"), which tells the class alone.
    """
    found = STATED.match(value)
    status = ".".join(found.groups()) if found else ""
    if not status and (code := STATED_CODE.match(value)):
        status = f"{code[1]}{OTHER}"
    told = of_words(diagnostic)
    if not status:
        return told
    return told if status.endswith(OTHER) and told[:1] == status[0] else status
