"""Read a message disposition notification (RFC 8098). Pure; never raises.

Displayed is the only step that a receipt can tell; that a message was deleted, sent on
or processed says nothing of whether anyone saw it (RFC 8098 §3.2.6.2).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from core.outgoing import Step
from core.reports import addresses, groups
from core.reports.groups import Group
from core.reports.report import Outcome

KINDS = ("message/disposition-notification", "message/global-disposition-notification")
# RFC 8098 §3.2.6: action mode "/" sending mode ";" type ["/" modifier *("," modifier)]
DISPOSITION = re.compile(
    r"\s*(?:([\w-]{1,40})\s*/\s*([\w-]{1,40})\s*;)?\s*([\w-]{1,40})\s*(?:/\s*(.*))?",
    re.DOTALL,
)
COMMENT = re.compile(r"\([^()]*\)")
AUTOMATIC = frozenset(("automatic-action", "mdn-sent-automatically"))
UNSEEN = frozenset(("error", "failure"))  # modifiers: it may not be so
VALUE_CHARS = 1_000


class Told(NamedTuple):
    """What a receipt tells; None in place of outcomes: it is no receipt."""

    original_message_id: str
    outcomes: tuple[Outcome, ...] | None


def read(data: bytes) -> Told:
    """Read the fields of a receipt."""
    group: Group = {}
    for one in groups.read(data):
        group = one | group
    identity = addresses.identity(group.get("original-message-id", ""))
    value = COMMENT.sub("", group.get("disposition", "")[:VALUE_CHARS])
    found = DISPOSITION.match(value)
    if found is None:
        return Told(identity, None)
    modes = frozenset((found[1] or "", found[2] or ""))
    automatic = bool(AUTOMATIC & {mode.lower() for mode in modes})
    modifiers = re.split(r"[\s,]+", (found[4] or "").lower())
    seen = found[3].lower() == "displayed" and not UNSEEN & set(modifiers)
    return Told(identity, _displayed(group, automatic=automatic) if seen else ())


def _displayed(group: Group, *, automatic: bool) -> tuple[Outcome, ...]:
    """Tell who displayed it; without an address it says that someone did."""
    named = (group.get(name, "") for name in ("original-recipient", "final-recipient"))
    recipient = next((one for value in named if (one := addresses.address(value))), "")
    return (Outcome(Step.DISPLAYED, recipient, automatic=automatic),)
