"""Which extensions a server has, and which of them are not to be used. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

MESSAGE_LIMIT = re.compile(rb"MESSAGELIMIT=(\d{1,10})\Z")
APPEND_LIMIT = re.compile(rb"APPENDLIMIT=(\d{1,18})\Z")
REV2 = b"IMAP4REV2"  # RFC 9051 appendix E folds many extensions in

# What goes with a capability when it is taken away, beside the field of its own name.
FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "condstore": ("qresync",),  # RFC 7162 §3.2: QRESYNC builds on CONDSTORE
    "list_extended": ("list_status",),  # RFC 5819 §1
    "enable": ("qresync", "uidonly"),  # RFC 5161: neither is on without it
    "imap4rev2": (
        "idle", "esearch", "list_extended", "list_status", "special_use", "uidplus",
        "move",
    ),
    "compress_deflate": ("compress",),
    "messagelimit": ("message_limit",),
    "appendlimit": ("append_limit",),
    "x_gm_ext_1": ("gmail",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Features:
    """The extensions we make use of, one field each.

    `message_limit` is how many messages one command may name; 0: as many as we like.
    `append_limit` is how many bytes a message may have that is stored; 0: not told.
    `qresync` and `uidonly` of a session are those that the server said are enabled.
    """

    condstore: bool = False  # RFC 7162
    qresync: bool = False  # RFC 7162
    enable: bool = False  # RFC 5161
    uidonly: bool = False  # RFC 9586
    message_limit: int = 0  # RFC 9738
    append_limit: int = 0  # RFC 7889
    compress: bool = False  # RFC 4978
    idle: bool = False  # RFC 2177
    esearch: bool = False  # RFC 4731
    list_extended: bool = False  # RFC 5258
    list_status: bool = False  # RFC 5819
    special_use: bool = False  # RFC 6154
    id: bool = False  # RFC 2971
    objectid: bool = False  # RFC 8474
    uidplus: bool = False  # RFC 4315
    move: bool = False  # RFC 6851
    gmail: bool = False  # X-GM-EXT-1
    auth_plain: bool = False  # RFC 4616
    auth_oauthbearer: bool = False  # RFC 7628
    auth_xoauth2: bool = False  # what Google and Microsoft had before it
    sasl_ir: bool = False  # RFC 4959
    login_disabled: bool = False  # RFC 9051 §6.2.3

    @classmethod
    def of(cls, capabilities: Iterable[bytes]) -> Features:
        """Read a CAPABILITY response."""
        caps = {c.upper() for c in capabilities}
        rev2 = REV2 in caps
        return cls(
            condstore=b"CONDSTORE" in caps or b"QRESYNC" in caps,
            qresync=b"QRESYNC" in caps,
            # RFC 7162 §3.2.3 and RFC 9586 §3: who has these has ENABLE.
            enable=rev2 or not caps.isdisjoint({b"ENABLE", b"QRESYNC", b"UIDONLY"}),
            uidonly=b"UIDONLY" in caps,
            message_limit=_least(MESSAGE_LIMIT, caps),
            append_limit=_least(APPEND_LIMIT, caps),
            compress=b"COMPRESS=DEFLATE" in caps,
            idle=rev2 or b"IDLE" in caps,
            esearch=rev2 or b"ESEARCH" in caps,
            list_extended=rev2
            or not caps.isdisjoint({b"LIST-EXTENDED", b"LIST-STATUS"}),
            list_status=rev2 or b"LIST-STATUS" in caps,
            special_use=rev2 or b"SPECIAL-USE" in caps,
            id=b"ID" in caps,
            objectid=b"OBJECTID" in caps,
            uidplus=rev2 or b"UIDPLUS" in caps,
            move=rev2 or b"MOVE" in caps,
            gmail=b"X-GM-EXT-1" in caps,
            auth_plain=b"AUTH=PLAIN" in caps,
            auth_oauthbearer=b"AUTH=OAUTHBEARER" in caps,
            auth_xoauth2=b"AUTH=XOAUTH2" in caps,
            sasl_ir=rev2 or b"SASL-IR" in caps,
            login_disabled=b"LOGINDISABLED" in caps,
        )

    def without(self, denied: Iterable[str]) -> Features:
        """Take capabilities away, by their names on the wire, and what needs them."""
        off: dict[str, Any] = {}
        for name in denied:
            field = re.sub(r"[-=]", "_", name.lower())
            for one in (field, *FOLLOWS.get(field, ())):
                if one in _EMPTY:
                    off[one] = _EMPTY[one]
        return replace(self, **off)


@lru_cache(1_000)
def features_of(
    capabilities: tuple[bytes, ...], denied: frozenset[str] = frozenset()
) -> Features:
    """Read a CAPABILITY response, less what is denied: the same answers come often."""
    return Features.of(capabilities).without(denied)


_EMPTY = {field.name: field.default for field in fields(Features)}


def _least(limit: re.Pattern[bytes], caps: Iterable[bytes]) -> int:
    found = filter(None, map(limit.match, caps))
    return min((int(one[1]) for one in found), default=0)
