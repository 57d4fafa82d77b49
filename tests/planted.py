"""Find a planted secret wherever it went, in every form that it may have been given.

    planted = Planted("Zq7-CANARY+9f/3e", ["ana@example.org"])
    assert planted.found({"log": stderr, "bundle": zipped}) == set()

Looks into zip and gzip files, and finds halves: what was cut is told, too.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from base64 import b32encode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import quote, quote_plus

LEAST = 7  # octets of a piece: shorter ones are somewhere by chance
ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"


@dataclass(frozen=True)
class Planted:
    """A secret, and the logins that are sent with it."""

    secret: str
    logins: tuple[str, ...] = ()
    forms: Mapping[str, bytes] = field(init=False)

    def __post_init__(self) -> None:
        """Make every form."""
        object.__setattr__(self, "forms", dict(self._forms()))

    def found(self, places: Mapping[str, bytes]) -> set[tuple[str, str]]:
        """Give (place, form) of each trace; a place may be an archive."""
        seen = {name: data.lower() for name, data in unpacked(places)}
        return {
            (name, form)
            for name, data in seen.items()
            for form, value in self.forms.items()
            if value.lower() in data
        }

    def _forms(self) -> Iterator[tuple[str, bytes]]:
        yield from _written("", self.secret)
        half = len(self.secret) // 2
        if half >= LEAST:
            yield "first half", self.secret[:half].encode()
            yield "second half", self.secret[half:].encode()
        for login in self.logins:
            for text in (f"\0{login}\0{self.secret}", f"{login}:{self.secret}"):
                whole = b64encode(text.encode()).rstrip(b"=")
                yield f"base64 of {text!r}", whole


def unpacked(places: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Give each place, and what is packed in it."""
    for name, data in places.items():
        yield name, data
        if data.startswith(ZIP):
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                inside = {f"{name}/{n}": packed.read(n) for n in packed.namelist()}
            yield from unpacked(inside)
        elif data.startswith(GZIP):
            yield from unpacked({f"{name}/gz": gzip.decompress(data)})


def files(folder: Path, *but: str) -> dict[str, bytes]:
    """Read every file below a folder, but those of some names."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in but
    }


def process(pid: int) -> dict[str, bytes]:
    """Read what other programs see of a process: its words and its environment."""
    here = Path("/proc") / str(pid)
    return {name: (here / name).read_bytes() for name in ("cmdline", "environ")}


def _written(head: str, text: str) -> Iterator[tuple[str, bytes]]:
    codes = {"utf-8": "utf-8", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}
    for name, code in codes.items():
        plain = text.encode(code)
        yield f"{head}{name}", plain
        yield f"{head}hex {name}", plain.hex().encode()
        yield f"{head}base32 {name}", b32encode(plain).rstrip(b"=")[:-1]
        for shift in range(3):
            core = _core(plain, shift)
            yield f"{head}base64 {name} {shift}", core
            urlsafe = core.translate(bytes.maketrans(b"+/", b"-_"))
            yield f"{head}base64url {name} {shift}", urlsafe
    yield f"{head}url", quote(text, safe="").encode()
    yield f"{head}form", quote_plus(text).encode()
    yield f"{head}html", escape(text).encode()
    yield f"{head}json", json.dumps(text)[1:-1].encode()
    yield f"{head}imap", text.replace("\\", "\\\\").replace('"', '\\"').encode()
    yield f"{head}backwards", text[::-1].encode()


def _core(plain: bytes, shift: int) -> bytes:
    """Give what base64 makes of octets that have `shift` others before them."""
    coded = b64encode(b"\0" * shift + plain).rstrip(b"=")
    return coded[(shift * 8 + 5) // 6 : (shift + len(plain)) * 8 // 6]
