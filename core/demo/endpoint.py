"""Where the demo's own servers listen, as they wrote it down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from core.secret import Secret

FILE = "endpoint.json"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The demo's servers, its mailbox and the authority that signed its certificate."""

    host: str
    imap_port: int
    smtp_port: int
    address: str
    password: Secret
    owner: str
    ca_file: Path


def read(directory: Path) -> Endpoint | None:
    """Give the demo's endpoint, or None while there is none."""
    try:
        stored = json.loads((directory / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return Endpoint(
        host=stored["host"],
        imap_port=stored["imap_port"],
        smtp_port=stored["smtp_port"],
        address=stored["address"],
        password=Secret(stored["password"]),
        owner=stored["owner"],
        ca_file=Path(stored["ca_file"]),
    )
