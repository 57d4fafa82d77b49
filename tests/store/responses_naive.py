"""Questions and their answers, found by looking through all of each mailbox."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, select, type_coerce

from core.runtime import Runtime
from core.store import scoping
from core.store.engine import reading
from core.store.schema import message

ID = re.compile(r"<[^<>\s]+>")
DOMAINS = {
    "mail.acme.com.br": "@acme.com.br", "acme.com.br": "@acme.com.br",
    "uni.example.org": "@example.org", "x.test": "@x.test",
    "example.net": "@example.net", "example.org": "@example.org",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Naive:
    """A question with its answer, as METRICS says."""

    message_id: int
    box: int
    side: str
    domain: str
    asked: int
    answered: int | None


def naive(runtime: Runtime, boxes: list[int]) -> list[Naive]:
    """Find every question and its answer by looking through all of each mailbox."""
    c = message.c
    query = select(
        c.id, c.integration_id, type_coerce(c.at, BigInteger).label("at"), c.direction,
        c.kind, c.aside, c.from_address, c.recipients, c.message_id,
        (c.in_reply_to + " " + c.refs).label("named"),
    )  # fmt: skip
    with reading(runtime.engine) as conn:
        addresses = {k: v.address for k, v in scoping.mailboxes(conn).items()}
        rows = conn.execute(query.where(c.integration_id.in_(boxes))).all()
    naming: dict[tuple[int, str], list[Any]] = {}
    for one in rows:
        for named in ID.findall(one.named):
            naming.setdefault((one.integration_id, named), []).append(one)
    found = []
    for one in rows:
        if one.kind != "person" or one.aside != "no" or not one.message_id:
            continue
        me = addresses[one.integration_id]
        people = re.findall(r"[^<>\s]+@[^<>\s,]+", one.recipients)
        ours = one.direction == "received"
        others = [one.from_address] if ours else people
        others = [x for x in others if x not in {me, "" if ours else one.from_address}]
        if not others:
            continue
        answers = [
            other.at
            for other in naming.get((one.integration_id, one.message_id), [])
            if other.message_id != one.message_id
            and other.aside not in {"drafts", "junk"}
            and (
                (other.direction == "sent" and other.kind in {"person", "list"})
                if ours
                else (other.direction == "received" and other.kind == "person")
            )
        ]
        found.append(
            Naive(
                one.id, one.integration_id, "ours" if ours else "theirs",
                DOMAINS[others[0].split("@")[1]], one.at, min(answers, default=None),
            )
        )  # fmt: skip
    return found
