"""What every error of ours says: its code, its facts, and when to try again."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Retry(StrEnum):
    """When the same attempt may be worth making again."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"  # until somebody changes something


class MailError(Exception):
    """Base of every error that Malote raises on purpose."""

    code: ClassVar[str] = "mail_error"
    retry: ClassVar[Retry] = Retry.LATER

    def __init__(self, detail: str = "", **facts: object) -> None:
        """Keep the words for the log (`detail`) and for the person (`facts`)."""
        super().__init__(detail or self.code)
        self.detail = detail
        self.facts = {name: str(value) for name, value in facts.items()}
