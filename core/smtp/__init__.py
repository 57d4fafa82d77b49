"""Talk SMTP submission: connect, secure, log in. Sending comes on top of it.

Credentials never travel before TLS, and there is no fallback (RFC 8314 §3.3,
THREATS T18).
"""

from __future__ import annotations

from core.smtp.conversation import (
    PERMANENT,
    POSITIVE,
    READY,
    TEMPORARY,
    Conversation,
    bounded,
    close,
    keywords,
    or_closed,
    translated,
)
from core.smtp.login import log_in, refused
from core.smtp.opening import connected, greet, hear, start_tls

__all__ = [
    "PERMANENT",
    "POSITIVE",
    "READY",
    "TEMPORARY",
    "Conversation",
    "bounded",
    "close",
    "connected",
    "greet",
    "hear",
    "keywords",
    "log_in",
    "or_closed",
    "refused",
    "start_tls",
    "translated",
]
