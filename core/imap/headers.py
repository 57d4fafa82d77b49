"""Make harmless, decoded text out of header bytes. Pure; never raises.

Caps bound what a hostile header can cost (THREATS T14); controls and bidirectional
overrides become visible replacement characters (T15).
"""

from __future__ import annotations

import binascii
import codecs
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import getaddresses, parsedate_tz
from functools import lru_cache

from core.model import Address
from core.text import harmless

BLOCK_BYTES = 128 << 10
ADDRESSES_CHARS = 20_000
TEXT_CHARS = 2_000
WORD_BYTES = 64 << 10
ADDRESSES = 1_000

WORD = re.compile(r"=\?([^?\s]{1,60})\?([BbQq])\?([^?]*)\?=")
GAP = re.compile(r"(\?=)[ \t]+(?==\?)")  # RFC 2047 §6.2: space between words is none
UNFOLD = re.compile(rb"\r?\n(?=[ \t])")
# Decoders that are not character sets, or that hide what they carry.
NOT_CHARSETS = re.compile(
    r"rot.?13|hex|base.?64|zlib|bz2|uu|quopri|quoted.?printable|idna|punycode"
    r"|unicode.?escape|raw.?unicode|undefined|utf.?7|mbcs|oem",
    re.IGNORECASE,
)
ONE_ADDRESS = re.compile(
    r'(?:"?([^"<>,;:\\()]*?)"? ?)<([^<>\s"(),:;]+@[^<>\s"(),:;]+)>\Z'
)
BARE_ADDRESS = re.compile(r"[^<>\s\"(),:;]+@[^<>\s\"(),:;]+\Z")
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
DAY_MINUTES = 24 * 60


def fields(block: bytes) -> dict[str, str]:
    """Read a header block into lower-case names and unfolded, undecoded values.

    Of a repeated field the first counts, but To and Cc are joined.
    """
    out: dict[str, str] = {}
    for line in UNFOLD.sub(b"", block[:BLOCK_BYTES]).splitlines():
        name, colon, value = line.partition(b":")
        if not colon:
            continue
        key = name.strip().lower().decode("latin-1")
        text = _text(value.strip())
        if key not in out:
            out[key] = text
        elif key in {"to", "cc"}:
            out[key] = f"{out[key]}, {text}"
    return out


def decode(value: str) -> str:
    """Decode RFC 2047 words and make the text harmless."""
    value = value[: TEXT_CHARS * 4]
    if "=?" in value:
        value = _decode_words(value)
    return harmless(value)[:TEXT_CHARS]


def addresses(value: str) -> tuple[Address, ...]:
    """Read an address list; what cannot be read becomes a name without address."""
    value = value[:ADDRESSES_CHARS].strip()
    if not value:
        return ()
    if "," not in value:
        return (_address(value),)
    return tuple(_addresses(value)[:ADDRESSES])


def date(value: str) -> datetime | None:
    """Read a Date header as an aware UTC datetime; None for what makes no sense."""
    try:
        parts = parsedate_tz(value[:200])
        if parts is None or abs(parts[9] or 0) > DAY_MINUTES * 60:
            return None
        zone = timezone(timedelta(seconds=parts[9] or 0))
        at = datetime(*parts[:6], tzinfo=zone).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return at if EARLIEST <= at <= LATEST else None


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


@lru_cache(20_000)
def _decode_words(value: str) -> str:
    return WORD.sub(_decode_word, GAP.sub(r"\1", value))


def _decode_word(found: re.Match[str]) -> str:
    charset, encoding, text = found.groups()
    try:
        raw = _unwrap(encoding, text)
    except (ValueError, binascii.Error):
        return found.group()
    return raw.decode(_charset(charset), "replace")


def _unwrap(encoding: str, text: str) -> bytes:
    if encoding in "Bb":
        return binascii.a2b_base64(text + "=" * (-len(text) % 4))[:WORD_BYTES]
    return binascii.a2b_qp(text.encode("ascii", "replace"), header=True)[:WORD_BYTES]


@lru_cache(1_000)
def _charset(name: str) -> str:
    name = name.split("*", maxsplit=1)[0]  # RFC 2231 §5: a language may follow
    if NOT_CHARSETS.search(name):
        return "latin-1"
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return "latin-1"


@lru_cache(50_000)
def _address(value: str) -> Address:
    if found := ONE_ADDRESS.match(value):
        return Address(decode(found[1].strip()), harmless(found[2]).lower())
    if BARE_ADDRESS.match(value):
        return Address("", harmless(value).lower())
    return next(iter(_addresses(value)), Address(decode(value), ""))


def _addresses(value: str) -> list[Address]:
    try:
        pairs = getaddresses([value])
    except (RecursionError, ValueError, IndexError):
        return [Address(decode(value), "")]
    return [Address(decode(n), harmless(a)[:320].lower()) for n, a in pairs if n or a]
