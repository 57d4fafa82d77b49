"""What errors have in common for who looks at many mailboxes at once. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cache

from core.errors.retry import MailError
from core.errors.servers import (
    FolderRefused,
    NoTls,
    NotTrusted,
    ProtocolBroken,
    Refused,
    ServerUnavailable,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUncertain,
    Throttled,
    Unreachable,
)


class ErrorClass(StrEnum):
    """Where to look first when a mailbox is not followed."""

    NETWORK = "network"
    REFUSED = "refused"
    CERTIFICATE = "certificate"
    THROTTLED = "throttled"
    SERVER = "server"
    OURS = "ours"


# The first that fits; what fits none is ours: rules, limits, our own machine.
CLASSES: tuple[tuple[type[MailError], ErrorClass], ...] = (
    (ServerUnavailable, ErrorClass.SERVER),
    (Throttled, ErrorClass.THROTTLED),
    (Unreachable, ErrorClass.NETWORK),
    (Refused, ErrorClass.REFUSED),
    (NotTrusted, ErrorClass.CERTIFICATE),
    (NoTls, ErrorClass.CERTIFICATE),
    (ProtocolBroken, ErrorClass.SERVER),
    (FolderRefused, ErrorClass.SERVER),
    (SubmissionDeferred, ErrorClass.SERVER),
    (SubmissionRefused, ErrorClass.REFUSED),
    (SubmissionUncertain, ErrorClass.NETWORK),
)


def class_of(code: str) -> ErrorClass:
    """Give the class of an error by its code; a code of no error of ours is OURS."""
    return _by_code().get(code, ErrorClass.OURS)


def known(error: type[MailError] = MailError) -> Iterator[type[MailError]]:
    """Give an error and all that are kinds of it."""
    yield error
    for kind in error.__subclasses__():
        yield from known(kind)


@cache
def _by_code() -> dict[str, ErrorClass]:
    return {error.code: _class(error) for error in known()}


def _class(error: type[MailError]) -> ErrorClass:
    fits = (told for kind, told in CLASSES if issubclass(error, kind))
    return next(fits, ErrorClass.OURS)
