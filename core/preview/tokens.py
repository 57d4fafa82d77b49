"""Addresses of bodies: short-lived, for one message, and good in every process.

A token is signed with a key that comes of the vault's: who has none cannot make one,
and what it opens is checked again when it is used. Pure but for the clock it is given.
"""

from __future__ import annotations

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import NamedTuple

from core.errors import LinkExpired
from core.vault import Vault

PURPOSE = "preview"
SLOT_S, SLOTS = 300, 3  # good for ten minutes at least, fifteen at most
SHAPE = struct.Struct(">QQQ")
MAC_BYTES = 32
CHARS_MOST = 100


class Named(NamedTuple):
    """The message that a token names."""

    integration_id: int
    message_id: int


def make(vault: Vault, named: Named, now: datetime) -> str:
    """Give a token; it stays the same for some minutes, and so does what shows it."""
    until = (int(now.timestamp()) // SLOT_S + SLOTS) * SLOT_S
    body = SHAPE.pack(*named, until)
    return urlsafe_b64encode(body + _mac(vault, body)).decode().rstrip("=")


def read(vault: Vault, token: str, now: datetime) -> Named:
    """Give what a token names.

    Raises:
        LinkExpired: it is too old, or none of ours.

    """
    try:
        raw = urlsafe_b64decode(token[:CHARS_MOST] + "=" * (-len(token) % 4))
    except ValueError:
        raise LinkExpired("no base64") from None
    body, mac = raw[: SHAPE.size], raw[SHAPE.size :]
    if len(mac) != MAC_BYTES or not hmac.compare_digest(mac, _mac(vault, body)):
        raise LinkExpired("not signed by us")
    integration_id, message_id, until = SHAPE.unpack(body)
    if now.timestamp() >= until:
        raise LinkExpired("too old")
    return Named(integration_id, message_id)


def _mac(vault: Vault, body: bytes) -> bytes:
    return hmac.digest(vault.derived(PURPOSE), body, "sha256")
