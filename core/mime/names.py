"""Names of attachments, decoded and made safe to write to a disk. Pure; never raises.

No path, no controls, nothing that turns the direction of text, no name that Windows
keeps for devices, and not too long (THREATS T16).
"""

from __future__ import annotations

import codecs
import mimetypes
import re
import unicodedata
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from core.imap.headers import NOT_CHARSETS, words

Parameters = dict[str, bytes]

NAME_CHARS, NAME_BYTES = 120, 200
VALUE_BYTES, PARAMETERS_MOST, PIECES_MOST = 8_000, 100, 50
EXTENSION_CHARS = 12
FORBIDDEN = re.compile(r'[<>:"|?*]')
DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])\Z", re.IGNORECASE
)
# Control, format (bidi and zero width), surrogates, private use, unassigned, and lines.
HIDES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters that show nothing


class Named(NamedTuple):
    """A safe name; `badly`: characters were taken out that hide what it is."""

    name: str
    badly: bool = False


def parameters(value: Any) -> Parameters:
    """Read a parameter list of a BODYSTRUCTURE; the first of equal names counts."""
    if not isinstance(value, list):
        return {}
    out: Parameters = {}
    pairs = zip(value[::2], value[1::2], strict=False)
    for name, text in list(pairs)[:PARAMETERS_MOST]:
        if isinstance(name, bytes) and isinstance(text, bytes):
            key = name[:100].decode("latin-1").lower()
            out.setdefault(key, text[:VALUE_BYTES])
    return out


def file_name(disposed: Parameters, given: Parameters) -> Named:
    """Choose a part's name: of its disposition, else of its type (RFC 2183 §2.3)."""
    told = parameter(disposed, "filename") or parameter(given, "name")
    return safe_name(told) if told else Named("")


def parameter(given: Parameters, name: str) -> str:
    """Give a parameter, decoded by RFC 2231, or by RFC 2047 as many write it."""
    if f"{name}*" in given:
        return _extended(given[f"{name}*"])
    if (joined := _joined(given, name)) is not None:
        return joined
    return words(_text(given[name])) if name in given else ""


def safe_name(told: str) -> Named:
    """Make a name safe; one of which nothing is left becomes "_"."""
    text = told.encode("utf-8", "replace").decode("utf-8")
    text = unicodedata.normalize("NFC", text[:VALUE_BYTES])
    seen = "".join(c for c in text if not _hides(c))
    badly = len(seen) < len(text)
    last = re.split(r"[/\\\u2044\u2215\u29f8\uff0f\uff3c]", seen)[-1]
    name = FORBIDDEN.sub("_", " ".join(last.split())).strip(". ")
    if DEVICE.match(name.partition(".")[0].strip()):
        name = f"_{name}"
    return Named(_shortened(name) or "_", badly)


def name_or(name: str, kind: str, section: str) -> str:
    """Give a name for a part that has none: by its type and its place."""
    if name:
        return name
    if kind == "message/rfc822":
        return f"{section}.eml"
    return f"{section}{mimetypes.guess_extension(kind) or '.bin'}"


def _hides(char: str) -> bool:
    return unicodedata.category(char) in HIDES or char in FILLERS


def _shortened(name: str) -> str:
    """Cut in the middle: the end says what a file is."""
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > EXTENSION_CHARS:
        stem, extension = name, ""
    end = f".{extension}" if extension else ""
    stem = stem[: NAME_CHARS - len(end)]
    while len((stem + end).encode()) > NAME_BYTES:
        stem = stem[:-1]
    return (stem.rstrip(". ") or ("_" if end else "")) + end


def _joined(given: Parameters, name: str) -> str | None:
    """Put continuations together (RFC 2231 §3); one with a star is encoded (§4.1)."""
    charset, raw, plain = "", b"", True
    for number in range(PIECES_MOST):
        key = f"{name}*{number}"
        if f"{key}*" in given:
            piece, plain = given[f"{key}*"], False
            if not number:
                charset, piece = _charset_of(piece)
            raw += unquote_to_bytes(piece)
        elif key in given:
            raw += given[key]
        elif not number:
            return None
        else:
            break
    return words(_text(raw)) if plain else _decoded(raw, charset)


def _extended(value: bytes) -> str:
    charset, rest = _charset_of(value)
    return _decoded(unquote_to_bytes(rest), charset)


def _charset_of(value: bytes) -> tuple[str, bytes]:
    """Split "charset'language'text"; who writes no charset means UTF-8."""
    charset, quote, rest = value.partition(b"'")
    _, second, text = rest.partition(b"'")
    if not quote or not second:
        return "", value
    return charset.decode("latin-1"), text


def _decoded(raw: bytes, charset: str) -> str:
    try:
        if charset and not NOT_CHARSETS.search(charset):
            return raw.decode(codecs.lookup(charset).name, "replace")
    except (LookupError, ValueError, UnicodeError):
        pass
    return _text(raw)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
