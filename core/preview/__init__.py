"""Use case: look into one message, which is fetched from its server at that moment.

Only where the integration's privacy level allows it. What was fetched is kept in memory
for some minutes and nowhere else. What may be imported is named here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from core.errors import LimitExceeded, NotFound, PartTooLarge, PrivacyForbids
from core.lookalikes import Oddity
from core.mime.authentication import METHODS, Authentication, Result
from core.mime.fields import as_text
from core.mime.names import name_or
from core.model import Privacy
from core.preview import drafts, fetching, tokens
from core.preview.document import HEADER_POLICY, height_px, page
from core.preview.drafts import DraftLook, look as look_at_draft
from core.preview.kept import Kept
from core.preview.shown import (
    Attachment,
    Body,
    File,
    Note,
    People,
    Person,
    Preview,
    Source,
)
from core.preview.tokens import Named
from core.runtime import Runtime
from core.store import previews
from core.store.engine import reading
from core.store.previews import Sought

__all__ = [
    "DRAFT_PATH",
    "HEADER_POLICY",
    "METHODS",
    "PATH",
    "Attachment",
    "Authentication",
    "Body",
    "DraftLook",
    "File",
    "Note",
    "Oddity",
    "People",
    "Person",
    "Preview",
    "Result",
    "Source",
    "address",
    "attachment",
    "document",
    "draft_address",
    "draft_document",
    "height_px",
    "look",
    "look_at_draft",
    "source",
    "text",
]
PATH = "/api/preview/"
DRAFT_PATH = "/api/draft/"
OnBytes = Callable[[int, int], None]  # so many bytes of about so many have come
T = TypeVar("T")
_KEPT = Kept()


def look(runtime: Runtime, integration_id: int, message_id: int) -> Preview:
    """Give a message as it may be shown.

    Raises:
        NotFound: there is no such message.
        PrivacyForbids: the integration does not let bodies be read.
        MessageGone: it lies no more where the last sync saw it.
        MailError: as of a session: unreachable, needs a password, ….

    """
    sought = _allowed(runtime, integration_id, message_id)

    def fetch() -> Preview:
        with fetching.opened(runtime, sought) as one:
            return fetching.preview(one, sought)

    return _KEPT.get(_key(runtime, sought, "look"), fetch, lambda p: p.size_bytes)


def text(runtime: Runtime, integration_id: int, message_id: int) -> Body:
    """Give the text that stands beside the HTML of a message; empty if there is none.

    Raises:
        as of `look`.

    """
    sought = _allowed(runtime, integration_id, message_id)
    piece = look(runtime, integration_id, message_id).text_part
    if piece is None:
        return Body()

    def fetch() -> Body:
        with fetching.opened(runtime, sought) as one:
            return fetching.text(one, piece)

    return _KEPT.get(_key(runtime, sought, "text"), fetch, lambda b: b.size_bytes)


def source(runtime: Runtime, integration_id: int, message_id: int) -> Source:
    """Give the beginning of a message as it is on the server, as text.

    Raises:
        as of `look`.

    """
    sought = _allowed(runtime, integration_id, message_id)

    def fetch() -> Source:
        with fetching.opened(runtime, sought) as one:
            begun = fetching.source(one)
        return Source(as_text(begun.data), begun.cut)

    return _KEPT.get(_key(runtime, sought, "source"), fetch, lambda s: len(s.text) * 2)


def attachment(
    runtime: Runtime,
    integration_id: int,
    message_id: int,
    section: str,
    on_bytes: OnBytes = lambda _come, _of: None,
) -> File:
    """Download one part; its name is safe to write to a disk.

    Raises:
        NotFound: the message has no such part.
        PartTooLarge: it is larger than the setting allows.
        others: as of `look`.

    """
    sought = _allowed(runtime, integration_id, message_id)
    pieces = look(runtime, integration_id, message_id).pieces
    if (piece := pieces.get(section)) is None:
        raise NotFound(what="part", id=section)
    most = runtime.settings.attachment_mib << 20
    encoded = most * 78 // 57 + 1024  # base64 in lines of 76 (RFC 2045 §6.8)
    if piece.size_bytes > encoded:
        raise _too_large(most)

    def fetch() -> File:
        with fetching.opened(runtime, sought) as one:
            come = lambda n: on_bytes(n, max(n, piece.size_bytes))  # noqa: E731 - a callback
            data = fetching.file(one, piece, encoded, come)
        return File(name_or(piece.name, piece.type, section), data)

    key = _key(runtime, sought, f"part {section}")
    try:
        found = _KEPT.get(key, fetch, lambda f: len(f.data))
    except LimitExceeded as error:
        raise _too_large(most) from error
    if len(found.data) > most:
        raise _too_large(most)
    return found


def address(runtime: Runtime, integration_id: int, message_id: int) -> str:
    """Give the path at which the body can be seen for some minutes."""
    named = Named(integration_id, message_id)
    return PATH + tokens.make(runtime.vault, named, runtime.clock())


def document(runtime: Runtime, token: str, title: str, language: str) -> str:
    """Give the page that a path of `address` shows; asks for all rights anew.

    Raises:
        LinkExpired: the token is too old, or none of ours.
        others: as of `look`.

    """
    named = tokens.read(runtime.vault, token, runtime.clock())
    return page(look(runtime, *named).body.html, title, language)


def draft_address(html: str) -> str:
    """Give the path at which the HTML of a `look_at_draft` can be seen for a while."""
    return DRAFT_PATH + drafts.keep(html)


def draft_document(name: str, title: str, language: str) -> str:
    """Give the page that a path of `draft_address` shows.

    Raises:
        LinkExpired: it was too long ago, or there never was one.

    """
    return page(drafts.kept(name), title, language)


def _allowed(runtime: Runtime, integration_id: int, message_id: int) -> Sought:
    with reading(runtime.engine) as conn:
        sought = previews.sought(conn, integration_id, message_id)
    if not sought.is_live:
        raise NotFound(what="integration", id=integration_id)
    if not Privacy(sought.privacy).allows_body:
        _KEPT.forget(lambda key: _is_of(key, runtime, integration_id))
        raise PrivacyForbids(level=sought.privacy)
    return sought


def _key(runtime: Runtime, sought: Sought, what: str) -> Hashable:
    # Not by the place: it may be moved meanwhile, and it is the same message there.
    return runtime.vault.key_id, sought.integration.id, sought.identity, what


def _is_of(key: Hashable, runtime: Runtime, integration_id: int) -> bool:
    whose = (runtime.vault.key_id, integration_id)
    return isinstance(key, tuple) and key[:2] == whose


def _too_large(most: int) -> PartTooLarge:
    return PartTooLarge(limit_kib=most >> 10)
