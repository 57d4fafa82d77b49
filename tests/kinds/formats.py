"""Formats of mail, each with its kind, written by us as systems write them."""

from __future__ import annotations

import re
import tomllib
from email import message_from_bytes
from pathlib import Path
from typing import NamedTuple

from core.imap.fetch import FIELDS
from core.imap.parse import read_message, structure_of
from core.model import Kind, Message

HERE = Path(__file__).parent
FILES = ("persons", "lists", "automatic", "reports")
WHERE_SILENT = {
    "From": "Bruno Reis <bruno@destino.example>",
    "To": "Ana Lima <ana.lima@malote.example>",
    "Date": "Tue, 24 Nov 2026 10:12:07 -0300",
}
ONE_PART = "\n--b\nContent-Type: text/plain\n\nBom dia.\n--b--\n"


class Format(NamedTuple):
    """How a system writes its mail. `why`: of one that is told wrongly, the reason."""

    name: str
    kind: Kind
    source: str
    raw: bytes
    why: str = ""


def formats() -> list[Format]:
    """Read all of them."""
    return [
        Format(
            one["name"],
            Kind(one["kind"]),
            one["source"],
            _raw(one["head"], f"<{name}.{number}@formats.example>"),
            one.get("why", ""),
        )
        for name in FILES
        for number, one in enumerate(
            tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))["format"]
        )
    ]


def as_synced(raw: bytes) -> Message:
    """Read a message by what a sync fetches of it, and nothing else."""
    parsed = message_from_bytes(raw)
    params = [part for pair in parsed.get_params([]) for part in pair]
    subtype = parsed.get_content_subtype().encode()
    structure: tuple[object, ...] = (b"text", subtype)
    if parsed.get_content_maintype() == "multipart":
        structure = ([], subtype, tuple(p.encode("ascii", "replace") for p in params))
    return read_message(fetched(raw), *structure_of(structure), 0, len(raw), "")


def fetched(raw: bytes) -> bytes:
    """Give the header fields that a sync asks for, as a server gives them."""
    raw = re.sub(rb"\r?\n", b"\r\n", raw)
    head = raw.partition(b"\r\n\r\n")[0] + b"\r\n"
    names = {name.encode() for name in FIELDS.split()}
    fields = re.findall(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", head)
    kept = [one for one in fields if one.partition(b":")[0].upper() in names]
    return b"".join(kept) + b"\r\n"


def _raw(head: str, message_id: str) -> bytes:
    given = {line.partition(":")[0].title() for line in head.splitlines()}
    silent = WHERE_SILENT | {"Message-Id": message_id, "Mime-Version": "1.0"}
    added = "".join(f"{k}: {v}\n" for k, v in silent.items() if k not in given)
    body = ONE_PART if 'boundary="b"' in head.lower() else "\nBom dia.\n"
    text = f"{head.strip()}\n{added}{body}".replace("\n", "\r\n")
    return text.encode("latin-1" if "Latin-1" in head else "utf-8", "replace")
