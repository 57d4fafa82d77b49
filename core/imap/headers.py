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
from typing import NamedTuple

from core.clock import to_ms
from core.model import Address
from core.text import fold, harmless

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
# What came before 1970 or comes after 2100 was never sent then.
EARLIEST_MS, LATEST_MS = 0, to_ms(datetime(2100, 1, 1, tzinfo=UTC))
DAY_MINUTES = 24 * 60
SPACES = " \t\v\f"
SHORT_BYTES, SHORT_CHARS = 16 << 10, 300  # what may take the quick way, and a cache
NAMES_OF_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
MONTHS = {name: number for number, name in enumerate(NAMES_OF_MONTHS, 1)}
USUAL_DATE = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4})"
    r" ([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))? ([+-](?:0\d|1[0-4])[0-5]\d|GMT)"
    r"(?: \([A-Za-z]{1,5}\))?\Z"
).match
INTERNAL_DATE = re.compile(
    rb" ?(\d{1,2})-([A-Za-z]{3})-(\d{4})"
    rb" ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) ([+-](?:0\d|1[0-4])[0-5]\d)\Z"
).match


class People(NamedTuple):
    """A list of addresses as it is shown, and without case and accents."""

    shown: str
    folded: str


class Sender(NamedTuple):
    """The first address of From, and both its parts without case and accents."""

    who: Address
    folded: str


NOBODY = People("", "")
NO_SENDER = Sender(Address("", ""), " ")


def fields(block: bytes) -> dict[str, str]:
    """Read a header block into lower-case names and unfolded, undecoded values.

    Of a repeated field the first counts, but To and Cc are joined.
    """
    text = _whole_text(block) if len(block) < SHORT_BYTES else None
    if text is not None:
        lines = text.replace("\r\n ", " ").replace("\r\n\t", "\t").split("\r\n")
        return _usual_fields(lines)
    return _any_fields(block)


def _whole_text(block: bytes) -> str | None:
    """Decode a block at once, if it is UTF-8 and has no line ends but CR LF."""
    ends = block.count(b"\n")
    if block.count(b"\r") != ends or block.count(b"\r\n") != ends:
        return None
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _usual_fields(lines: list[str]) -> dict[str, str]:
    out: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip(SPACES).lower()
            if key not in out:
                out[key] = value.strip(SPACES)
            elif key in {"to", "cc"}:
                out[key] = f"{out[key]}, {value.strip(SPACES)}"
    return out


def _any_fields(block: bytes) -> dict[str, str]:
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


def people(value: str) -> People:
    """Read an address list as it is shown and searched."""
    if not value:
        return NOBODY
    return _people(value) if len(value) < SHORT_CHARS else _any_people(value)


def sender(value: str) -> Sender:
    """Read the first address of From, and how it is searched."""
    if not value:
        return NO_SENDER
    return _sender(value) if len(value) < SHORT_CHARS else _any_sender(value)


def date_ms(value: str) -> int | None:
    """Read a Date header as milliseconds since 1970; None for what makes no sense."""
    found = USUAL_DATE(value)
    if found is None:
        return _any_date_ms(value)
    day, month, year, hour, minute, second, zone = found.groups()
    midnight_s = _midnight_s(year, month, day)
    if midnight_s is None:
        return _any_date_ms(value)
    clock_s = int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    return _believed((midnight_s + clock_s - _offset_s(zone)) * 1000)


def internal_ms(value: bytes) -> int | None:
    """Read an INTERNALDATE (RFC 9051 §9, date-time) as milliseconds since 1970."""
    found = INTERNAL_DATE(value)
    if found is None:
        return None
    day, month, year, hour, minute, second, zone = found.groups()
    midnight_s = _midnight_s(year.decode(), month.decode().title(), day.decode())
    if midnight_s is None:
        return None
    clock_s = int(hour) * 3600 + int(minute) * 60 + int(second)
    return _believed((midnight_s + clock_s - _offset_s(zone.decode())) * 1000)


@lru_cache(4_096)
def _midnight_s(year: str, month: str, day: str) -> int | None:
    """Give seconds since 1970 at which a day of UTC begins, if there is such a day."""
    try:
        at = datetime(int(year), MONTHS[month], int(day), tzinfo=UTC)
    except (ValueError, KeyError):
        return None
    return int(at.timestamp())


@lru_cache(256)
def _offset_s(zone: str) -> int:
    if not zone[1:].isdigit():  # GMT
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[3:5]) * 60
    return -seconds if zone[0] == "-" else seconds


def _any_date_ms(value: str) -> int | None:
    try:
        parts = parsedate_tz(value[:200])
        if parts is None or abs(parts[9] or 0) > DAY_MINUTES * 60:
            return None
        zone = timezone(timedelta(seconds=parts[9] or 0))
        return _believed(to_ms(datetime(*parts[:6], tzinfo=zone)))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _believed(ms: int) -> int | None:
    return ms if EARLIEST_MS <= ms <= LATEST_MS else None


@lru_cache(8_000)
def _people(value: str) -> People:
    return _any_people(value)


def _any_people(value: str) -> People:
    shown = ", ".join(
        f"{a.name} <{a.address}>" if a.name else a.address for a in addresses(value)
    )
    return People(shown, fold(shown))


@lru_cache(8_000)
def _sender(value: str) -> Sender:
    return _any_sender(value)


def _any_sender(value: str) -> Sender:
    first = next(iter(addresses(value)), NO_SENDER.who)
    return Sender(first, fold(f"{first.name} {first.address}"))


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


@lru_cache(4_000)
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


@lru_cache(8_000)
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
