"""Small files for the demo's mail to carry. Pure."""

from __future__ import annotations

import random
import struct
import zlib

from core.demo.mime import Part, attachment

NAMES = {
    "pt": {"csv": "orçamento.csv", "pdf": "proposta.pdf", "png": "apresentação.png"},
    "en": {"csv": "quote.csv", "pdf": "proposal.pdf", "png": "overview.png"},
}


def file(chance: random.Random, language: str) -> Part:
    """Make an attachment: a table, a document or a picture."""
    kind = chance.choices(("pdf", "csv", "png"), (5, 3, 2))[0]
    name = NAMES[language][kind]
    match kind:
        case "csv":
            return attachment(name, "text/csv; charset=utf-8", table(chance))
        case "png":
            return attachment(name, "image/png", picture(chance))
        case _:
            return attachment(name, "application/pdf", document(chance))


def table(chance: random.Random) -> bytes:
    """Make a CSV of prices."""
    rows = (f"{n};{chance.randint(100, 9000)}" for n in range(chance.randint(5, 200)))
    return "\n".join(("item;valor", *rows, "")).encode()


def document(chance: random.Random) -> bytes:
    """Make something that begins and ends like a PDF, of 2 to 40 KB."""
    size = int(2_000 * 20 ** chance.random())
    return b"%PDF-1.4\n" + chance.randbytes(size) + b"\n%%EOF\n"


def picture(chance: random.Random, side: int = 64) -> bytes:
    """Make a PNG of grey noise (W3C PNG §5: length, type, data, CRC)."""
    rows = b"".join(b"\0" + chance.randbytes(side) for _ in range(side))
    shape = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", shape), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
