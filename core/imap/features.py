"""Which extensions a server has. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Features:
    """The extensions we make use of, one field each."""

    condstore: bool = False  # RFC 7162
    qresync: bool = False  # RFC 7162
    idle: bool = False  # RFC 2177
    esearch: bool = False  # RFC 4731
    list_status: bool = False  # RFC 5819
    special_use: bool = False  # RFC 6154
    id: bool = False  # RFC 2971
    objectid: bool = False  # RFC 8474
    gmail: bool = False  # X-GM-EXT-1
    auth_plain: bool = False  # RFC 4616
    login_disabled: bool = False  # RFC 9051 §6.2.3

    @classmethod
    def of(cls, capabilities: Iterable[bytes]) -> Features:
        """Read a CAPABILITY response."""
        caps = {c.upper() for c in capabilities}
        rev2 = b"IMAP4REV2" in caps  # RFC 9051 appendix E folds these in
        return cls(
            condstore=b"CONDSTORE" in caps or b"QRESYNC" in caps,
            qresync=b"QRESYNC" in caps,
            idle=rev2 or b"IDLE" in caps,
            esearch=rev2 or b"ESEARCH" in caps,
            list_status=rev2 or b"LIST-STATUS" in caps,
            special_use=rev2 or b"SPECIAL-USE" in caps,
            id=b"ID" in caps,
            objectid=b"OBJECTID" in caps,
            gmail=b"X-GM-EXT-1" in caps,
            auth_plain=b"AUTH=PLAIN" in caps,
            login_disabled=b"LOGINDISABLED" in caps,
        )
