"""From the bytes of a part to text: encoding, then charset. Pure; never raises.

What does not fit what the part says of itself is read as well as can be, and said: the
notes are keys of texts (`preview.note.<note>`).
"""

from __future__ import annotations

import binascii
import codecs
import re
from dataclasses import dataclass

from core.imap.headers import NOT_CHARSETS

PLAIN = frozenset(("", "7bit", "8bit", "binary"))
NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
PADDING = re.compile(rb"=+")
PADDINGS_MOST = 1_000
META = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE
)
META_WITHIN = 2_048
FALLBACK = "windows-1252"
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What mail calls so is what browsers call so (WHATWG Encoding, names and labels).
MEANT = {"iso8859-1": FALLBACK, "ascii": "utf-8", "gb2312": "gb18030"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and what had to be guessed (keys of texts)."""

    text: str
    notes: tuple[str, ...] = ()


def transfer_decoded(raw: bytes, encoding: str) -> tuple[bytes, tuple[str, ...]]:
    """Undo a Content-Transfer-Encoding (RFC 2045 §6); what is broken gives its rest."""
    match encoding:
        case "base64":
            return _base64(raw)
        case "quoted-printable":
            return binascii.a2b_qp(raw), ()
        case _ if encoding in PLAIN:
            return raw, ()
    return raw, ("encoding_unknown",)


def text_of(
    raw: bytes, encoding: str, charset: str, *, html: bool = False, cut: bool = False
) -> Decoded:
    """Decode a text part; `cut`: the bytes end before it does."""
    data, notes = transfer_decoded(raw, encoding)
    if cut:  # then base64 may well end within an octet
        notes = tuple(note for note in notes if note != "encoding_broken")
    if html and not charset and (meta := META.search(data[:META_WITHIN])):
        charset = meta[1].decode("ascii", "replace")
    text, more = _decoded(data, charset.strip(), cut=cut)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return Decoded(text, (*notes, *more, *(("cut",) if cut else ())))


def _base64(raw: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Decode what is base64 in it; some software pads in the middle, too."""
    pieces = PADDING.split(raw) if raw.count(b"=") < PADDINGS_MOST else [raw]
    kept = [NOT_BASE64.sub(b"", piece) for piece in pieces]
    visible = sum(map(len, PADDING.sub(b"", raw).split()))
    broken = sum(map(len, kept)) < visible or any(len(k) % 4 == 1 for k in kept)
    return b"".join(map(_unpadded, kept)), ("encoding_broken",) * broken


def _unpadded(kept: bytes) -> bytes:
    if len(kept) % 4 == 1:  # six bits that are no octet
        kept = kept[:-1]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def _decoded(data: bytes, charset: str, *, cut: bool) -> tuple[str, tuple[str, ...]]:
    for mark, name in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace"), ()
    known = codec_of(charset)
    name = known or "utf-8"
    notes: tuple[str, ...] = () if known else ("charset_unknown",)
    if (text := _strictly(data, name, cut=cut)) is not None:
        return text, notes
    notes = notes or ("charset_wrong",) * bool(charset)
    if (text := _strictly(data, "utf-8", cut=cut)) is not None:
        return text, notes
    return data.decode(FALLBACK, "replace"), notes


def codec_of(charset: str) -> str | None:
    """Name Python's decoder for a charset; None for an unknown or a dangerous one."""
    if not charset:
        return "utf-8"
    if NOT_CHARSETS.search(charset) or len(charset) > 40:  # noqa: PLR2004 - no name is as long
        return None
    try:
        name = codecs.lookup(charset).name
        "".encode(name)  # some are no text encodings at all
    except (LookupError, ValueError, TypeError, UnicodeError):
        return None
    return MEANT.get(name, name)


def _strictly(data: bytes, name: str, *, cut: bool) -> str | None:
    """Decode all of it, but for a character that the cut went through."""
    try:
        return codecs.getincrementaldecoder(name)("strict").decode(data, not cut)
    except (UnicodeError, ValueError):
        return None
