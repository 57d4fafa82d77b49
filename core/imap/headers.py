"""Make harmless, decoded text out of header bytes. Pure; never raises.

Caps bound what a hostile header can cost (THREATS T14); controls and bidirectional
overrides become visible replacement characters (T15).
"""

from __future__ import annotations

import binascii
import codecs
import re
from email.utils import getaddresses
from functools import lru_cache
from typing import NamedTuple

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
QUOTED_ADDRESS = re.compile(r'"([^"\\]*)" ?<([^<>\s"(),:;]+@[^<>\s"(),:;]+)>\Z')
BETWEEN_COMMAS = re.compile(r'(?:[^,"]|"[^"]*")+')
BARE_ADDRESS = re.compile(r"[^<>\s\"(),:;]+@[^<>\s\"(),:;]+\Z")
ADDRESS_CHARS = 320  # RFC 5321 §4.5.3.1: 64 before the @, 255 behind it
# Addresses of which it is certain: of a mail system, or that say not to answer. Not
# postmaster: that is read and written by persons (RFC 2142).
NOBODY_AT = re.compile(
    r"(?:mailer-daemon|mail-?daemon"
    r"|(?:[^@]*[._+-])?(?:no-?_?reply|do-?_?not-?_?reply|nao-?_?respond[ae]r?)"
    r"(?:[._+-][^@]*)?)@",
    re.IGNORECASE,
).match
NAMES_MOST, NAME_CHARS = 1_000, 40  # of names that are remembered


class _Names(dict[str, str]):
    """Names of fields in lower case, by how they are written; few ways are used."""

    def __missing__(self, written: str) -> str:
        name = written.strip().lower()
        if len(self) < NAMES_MOST and len(written) <= NAME_CHARS:
            self[written] = name
        return name


NAMES = _Names()
SHORT_BYTES, SHORT_CHARS = 16 << 10, 300  # what may take the quick way, and a cache


class People(NamedTuple):
    """A list of addresses as it is shown, and without case and accents."""

    shown: str
    folded: str


class Sender(NamedTuple):
    """The first address of From, and both its parts without case and accents.

    `machine`: its address is one that no person writes from.
    """

    who: Address
    folded: str
    machine: bool = False


NOBODY = People("", "")
NO_SENDER = Sender(Address("", ""), " ")


def fields(block: bytes) -> dict[str, str]:
    """Read a header block into lower-case names and unfolded, undecoded values.

    Of a repeated field the first counts, but To and Cc are joined.
    """
    if len(block) < SHORT_BYTES:
        try:
            text = block.decode("utf-8")
        except UnicodeDecodeError:
            return _any_fields(block)
        if "\r\n " in text or "\r\n\t" in text:
            text = text.replace("\r\n ", " ").replace("\r\n\t", "\t")
        lines = text.split("\r\n")
        ends = len(lines) - 1
        if text.count("\n") == ends == text.count("\r"):  # no line ends but CR LF
            return _usual_fields(lines)
    return _any_fields(block)


def _usual_fields(lines: list[str]) -> dict[str, str]:
    parts = [line.partition(":") for line in lines]
    named = [(NAMES[name], value.strip()) for name, colon, value in parts if colon]
    out = dict(named)
    if len(out) != len(named):  # one is repeated
        out.clear()
        for key, value in named:
            _add(out, key, value)
    return out


def _add(out: dict[str, str], key: str, value: str) -> None:
    if key not in out:
        out[key] = value
    elif key in {"to", "cc"}:
        out[key] = f"{out[key]}, {value}"


def _any_fields(block: bytes) -> dict[str, str]:
    out: dict[str, str] = {}
    for line in UNFOLD.sub(b"", block[:BLOCK_BYTES]).splitlines():
        name, colon, value = line.partition(b":")
        if not colon:
            continue
        key = name.decode("latin-1").strip().lower()
        _add(out, key, _text(value).strip())
    return out


def decode(value: str) -> str:
    """Decode RFC 2047 words and make the text harmless."""
    return harmless(words(value))[:TEXT_CHARS]


def words(value: str) -> str:
    """Decode RFC 2047 words; the text may hold anything."""
    value = value[: TEXT_CHARS * 4]
    return _decode_words(value) if "=?" in value else value


def subject(value: str) -> tuple[str, str]:
    """Decode a subject; give it as it is shown, and without case and accents."""
    if len(value) > SHORT_CHARS:
        return _any_subject(value)
    if "=?" not in value and value.isascii() and value.isprintable():
        return value, value.lower()
    return _subject(value)


@lru_cache(4_000)
def _subject(value: str) -> tuple[str, str]:
    return _any_subject(value)


def _any_subject(value: str) -> tuple[str, str]:
    text = decode(value)
    return text, fold(text)


def addresses(value: str) -> tuple[Address, ...]:
    """Read an address list; what cannot be read becomes a name without address."""
    value = value[:ADDRESSES_CHARS].strip()
    if not value:
        return ()
    if "," not in value:
        return (_address(value),)
    return (_usual_list(value) or tuple(_addresses(value)))[:ADDRESSES]


def people(value: str) -> People:
    """Read an address list as it is shown and searched."""
    if not value:
        return NOBODY
    if "," not in value:
        return _usual_piece(value) or _any_people(value)
    parts = value.split(",")
    if len(value) > ADDRESSES_CHARS or '"' in value or len(parts) > ADDRESSES:
        return _any_people(value)
    pieces = [_usual_piece(part) for part in parts]
    shown = [piece[0] for piece in pieces if piece is not None]
    if len(shown) != len(parts):
        return _any_people(value)
    return People(", ".join(shown), ", ".join([p[1] for p in pieces if p is not None]))


def sender(value: str) -> Sender:
    """Read the first address of From, and how it is searched."""
    if not value:
        return NO_SENDER
    return _sender(value) if len(value) < SHORT_CHARS else _any_sender(value)


@lru_cache(8_000)
def _usual_piece(value: str) -> People | None:
    address = _usual_address(value.strip())
    return None if address is None else _piece(address)


def _any_people(value: str) -> People:
    pieces = [_piece(address) for address in addresses(value)]
    return People(", ".join([p[0] for p in pieces]), ", ".join([p[1] for p in pieces]))


def _piece(address: Address) -> People:
    shown = f"{address.name} <{address.address}>" if address.name else address.address
    return People(shown, fold(shown))


@lru_cache(8_000)
def _sender(value: str) -> Sender:
    return _any_sender(value)


def _any_sender(value: str) -> Sender:
    first = next(iter(addresses(value)), NO_SENDER.who)
    folded = fold(f"{first.name} {first.address}")
    machine = NOBODY_AT(first.address[:ADDRESS_CHARS]) is not None
    return Sender(first, folded, machine)


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


def _usual_list(value: str) -> tuple[Address, ...]:
    """Read a list of addresses of the usual shape; nothing if one is of another."""
    parts = value.split(",")
    if '"' in value:
        if "\\" in value or value.count('"') % 2:
            return ()
        parts = BETWEEN_COMMAS.findall(value)
    read = [_usual_address(part.strip()) for part in parts if part and part != " "]
    return () if None in read else tuple(read)  # type: ignore[arg-type]  # no None


def _address(value: str) -> Address:
    if (usual := _usual_address(value)) is not None:
        return usual
    return next(iter(_addresses(value)), Address(decode(value), ""))


@lru_cache(8_000)
def _usual_address(value: str) -> Address | None:
    """Read `a@b`, `Name <a@b>` or `"Name, of" <a@b>`; None for any other shape."""
    if found := ONE_ADDRESS.match(value) or QUOTED_ADDRESS.match(value):
        return Address(decode(found[1].strip()), harmless(found[2]).lower())
    return Address("", harmless(value).lower()) if BARE_ADDRESS.match(value) else None


def _addresses(value: str) -> list[Address]:
    try:
        pairs = getaddresses([value])
    except (RecursionError, ValueError, IndexError):
        return [Address(decode(value), "")]
    return [Address(decode(n), harmless(a)[:320].lower()) for n, a in pairs if n or a]
