"""What a report says: of which message, and what became of it for whom. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.outgoing import Source, Step

OUTCOMES_MOST = 100
DIAGNOSTIC_CHARS = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message for one recipient.

    `recipient`: the address as the sender gave it, where the report says so; in lower
    case. `status`: of RFC 3463, as "5.1.1", or empty. `diagnostic`: the words of the
    server, harmless. `permanent`: it failed, and not with a temporary status.
    `automatic`: a receipt that no person sent by hand. `retry_until`: of a delay.
    """

    step: Step
    recipient: str
    status: str = ""
    diagnostic: str = ""
    permanent: bool = False
    automatic: bool = False
    retry_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report that arrived; `kind` is DSN (also of other bounces) or MDN.

    `original_message_id` has its angle brackets, or is empty. `original_headers`: some
    fields of the returned message, by lower-case name, harmless. A receipt of something
    else than displaying has no outcomes.
    """

    kind: Source
    original_message_id: str
    envelope_id: str = ""
    original_headers: Mapping[str, str] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()
