"""How each server writes its delivery status notifications (RFC 3464)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).with_suffix(".toml")


class Server(NamedTuple):
    """Templates: who writes, the text for people, and both groups of fields."""

    name: str
    sender: str
    subject: str
    text: str
    about_message: str
    about_recipient: str


SERVERS = [Server(**one) for one in tomllib.loads(SOURCE.read_text("utf-8"))["server"]]
