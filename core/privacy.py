"""How much of a mailbox is kept here: chosen by who connects it. Pure.

The store keeps to it (`core.store.messages.put`), whoever writes: a subject that may
not be kept never reaches the database.
"""

from __future__ import annotations

from enum import StrEnum

from core.errors import PrivacyForbids


class Privacy(StrEnum):
    """What comes here of a mailbox; each level has all of the one before."""

    METADATA = "metadata"  # who, when, how large, in which folder
    SUBJECT = "subject"
    BODY = "body"  # when a person opens a message, and not before

    @property
    def allows_subject(self) -> bool:
        """Tell whether subjects may be kept."""
        return self is not Privacy.METADATA

    @property
    def allows_body(self) -> bool:
        """Tell whether a message may be fetched to be read."""
        return self is Privacy.BODY

    def check_body(self) -> None:
        """See that a message may be fetched to be read.

        Raises:
            PrivacyForbids: it may not.

        """
        if not self.allows_body:
            raise PrivacyForbids(level=self)
