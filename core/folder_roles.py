"""Roles of folders as people want them, over what was guessed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.model import Listed, Role

# The inbox is the inbox on every server (RFC 9051 §5.1); all others can be chosen.
CHOICES = tuple(role for role in Role if role is not Role.INBOX)
ONE_EACH = frozenset(CHOICES) - {Role.OTHER}


def settled(found: Sequence[Listed], by_hand: Mapping[str, Role]) -> list[Listed]:
    """Give folders the roles that were chosen, by name, for ever; guesses to the rest.

    A role that was chosen for one folder is no other's, whatever the server says.
    """
    chosen = {
        f.name: by_hand[f.name]
        for f in found
        if f.name in by_hand and f.role is not Role.INBOX
    }
    taken = ONE_EACH.intersection(chosen.values())
    out = []
    for folder in found:
        role = chosen.get(folder.name)
        if role is None:
            role = Role.OTHER if folder.role in taken else folder.role
        out.append(folder if role is folder.role else replace(folder, role=role))
    return out
