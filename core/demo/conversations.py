"""Let the demo's people talk: who begins, who answers, and after how long. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime

from core.demo.cast import COLLEAGUES, CONTACTS, HOME, ME, Contact
from core.demo.letters import Desk, Letter
from core.demo.rhythm import answer_moment
from core.demo.texts import INTERNAL, REPLIES, TOPICS, Topic

PEOPLE = (*CONTACTS, *COLLEAGUES)
OFTEN = [1 / (place + 4) for place in range(len(PEOPLE))]
WE_BEGIN, ASKS_RECEIPT = 0.46, 0.1
TURNS, TURNS_OFTEN = (1, 2, 3, 4, 6), (32, 31, 18, 12, 7)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Letters that answer one another, oldest first."""

    contact: Contact
    topic: Topic
    letters: tuple[Letter, ...]
    asks_receipt: bool

    @property
    def ours(self) -> bool:
        """Tell whether the owner began it."""
        return self.letters[0].sender == ME

    @property
    def external(self) -> bool:
        """Tell whether it is with somebody of another organisation."""
        return self.contact.domain != HOME


def converse(
    desk: Desk, chance: random.Random, begins: datetime, end: datetime
) -> Conversation:
    """Hold one conversation; what would be written at `end` or later is not."""
    contact = chance.choices(PEOPLE, OFTEN)[0]
    topic = chance.choice(topics(contact))
    ours = chance.random() < WE_BEGIN
    receipt = ours and chance.random() < ASKS_RECEIPT
    letters = [opening(desk, contact, topic, begins, ours=ours, receipt=receipt)]
    at = begins
    for _ in range(chance.choices(TURNS, TURNS_OFTEN)[0] - 1):
        at = answer_moment(chance, at)
        if at >= end:
            break
        words = chance.choice(REPLIES[contact.language])
        letters.append(_answer(desk, letters[-1], at, words))
    return Conversation(contact, topic, tuple(letters), receipt)


def topics(contact: Contact) -> tuple[Topic, ...]:
    """Give what one may talk about with a person."""
    return INTERNAL if contact in COLLEAGUES else TOPICS[contact.language]


def opening(
    desk: Desk, contact: Contact, topic: Topic, at: datetime,
    *, ours: bool, receipt: bool = False,
) -> Letter:  # fmt: skip
    """Write the first letter of a conversation."""
    sender, to = (ME, contact) if ours else (contact, ME)
    words = topic.ours if ours else topic.theirs
    return desk.letter(sender, to, at, topic.subject, words, receipt=receipt)


def _answer(desk: Desk, letter: Letter, at: datetime, words: str) -> Letter:
    subject = f"Re: {letter.subject.removeprefix('Re: ')}"
    return desk.letter(letter.to, letter.sender, at, subject, words, letter)
