"""Read bounces that are written for people alone. Pure; never raises.

There are words that say what happened, then addresses, each at the start of a line and
with the words of a server below it, then what is returned of the message. A line of
another shape is never taken for an address, and quoted lines are not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from core.outgoing import Step
from core.reports import addresses, phrases, status
from core.reports.addresses import ADDRESS
from core.reports.delivery import each_once, failed
from core.reports.plain import lines
from core.reports.report import OUTCOMES_MOST, Outcome
from core.text import fold

SAID_LINES, RECENT_LINES = 12, 3
ANY, NO_LIST = -1, -2  # indents: of the first address, and where none is listed
LEFT = r"[ \t*\u2022-]{0,16}"
# What a list begins with: "<a@b>:", "a@b", "Recipient: a@b"; and "Ana (a@b)".
ENTRY = re.compile(
    LEFT
    + r"(?:(?:final |failed )?(?:recipient|destinat[aá]rio)(?: address)?\s?:\s{0,4}"
    r"|endere[cç]o\s?:\s{0,4})?(?:\[smtp:|smtp:)?[\"'<\[]?"
    rf"({ADDRESS})[\"'>\]]{{0,2}}"
    r"(?:\s*|\s*[:,;.]\s*(?P<more>.*)"
    r"|\s+(?P<after>(?:on |em |\(|[-\u2013] |delivery |did |failed|falhou).*))",
    re.IGNORECASE,
)
NAMED_ENTRY = re.compile(
    LEFT + rf"[^\W\d][^@<>():;\"\d]{{0,80}}\"?\s?[<(](?:mailto:)?({ADDRESS})[>)]\s*",
    re.IGNORECASE,
)
# Exim (4.96, deliver.c) and sendmail name what the sender wrote, and what it became.
MADE_FROM = re.compile(
    r"\s*\((?:ultimately )?(?:generated from|expanded from:) "
    rf"<?({ADDRESS})>?\)",
    re.IGNORECASE,
)
# qmail's format (QSBMF): whatever the words above are, this line ends the list.
QMAIL_END = re.compile(r"^--- Below this line is a copy of the message\.", re.MULTILINE)
QMAIL_ENTRY = re.compile(rf"<({ADDRESS})>:\s*")
# Whom to ask: "please contact <postmaster@…>" (Postfix), folded or not.
HELPS = re.compile(
    r"(?:.*\b(?:contact|contat|write|e-?mail to|escrev|help|ajuda|suporte|support)"
    r".*|.*<?postmaster@[^\s:>]+[>.]{0,2}\s*)",
    re.IGNORECASE,
)
TRANSCRIPT = re.compile(r"\s*-{3,} ?transcript of session", re.IGNORECASE)
ENDS = re.compile(
    r"\s*(?:[-=_*]{2,}.*(?:copy|original|returned|below this line|headers?|"
    r"undelivered|mensagem|c[oó]pia|cabe[cç]alho|abaixo)|"
    r"(?:original message headers|cabe[cç]alhos da mensagem original|message headers "
    r"follow|original message follows)|"
    r"(?:return-path|received|dkim-signature|message-id|mime-version|date|from|to|subject"
    r"|x-[\w-]+)\s*:\s*\S)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Entry:
    """An address that is reported on, and what is said of it."""

    step: Step
    recipient: str
    said: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    """How far a text is read: what the words above say, and whom they are about.

    `qmail`: nothing known is said above, but the format is that of qmail. `indent`: of
    the addresses; a server's words may begin with one, but further in. `at`: the entry
    that the next words are about. `between`: other words stand between what is said
    above and the first address. `transcript`: of the session (sendmail).
    """

    step: Step | None = None
    qmail: bool = False
    warning: bool = False
    ended: bool = False
    transcript: bool = False
    between: bool = False
    indent: int = ANY
    at: int = -1
    recent: list[str] = field(default_factory=list)
    entries: list[_Entry] = field(default_factory=list)

    def line(self, line: str) -> None:
        """Take one more line."""
        if not line.strip():
            self.recent.clear()
        elif self.entries and TRANSCRIPT.match(line):
            self.transcript = True
        elif self.entries and ENDS.match(line):
            self.ended = True
        elif self._is_heading(line) or self.step is None:
            return
        elif not (self._is_origin(line) or self._is_entry(line, self.step)):
            self._said(line)

    def _is_heading(self, line: str) -> bool:
        above = self.recent[-RECENT_LINES + 1 :]
        self.recent = [*above, " ".join(line.lower().split())]
        words = " ".join(self.recent)
        folded = fold(words)
        self.warning = self.warning or bool(phrases.ONLY_A_WARNING.search(folded))
        if recipient := addresses.address(phrases.named(words)):
            self.step, self.indent = Step.FAILED, NO_LIST
            self._enter(_Entry(self.step, recipient))
        elif (step := phrases.step_of(folded)) is not None:
            self.step, self.indent = step, ANY
        else:
            return False
        self.qmail = self.transcript = self.between = False
        self.recent.clear()
        return True

    def _is_origin(self, line: str) -> bool:
        """Take the address that another was made from, instead of that."""
        made = MADE_FROM.match(line)
        recipient = addresses.address(made[1]) if made else ""
        if not recipient or self.step is None:
            return False
        if self.entries and not any(self.entries[self.at].said):
            self.entries[self.at].recipient = recipient
        else:  # Exim does not show an address that a redirection made
            self._enter(_Entry(self.step, recipient))
        return True

    def _is_entry(self, line: str, step: Step) -> bool:
        indent = len(line) - len(line.lstrip())
        if self.transcript or self.indent not in {ANY, indent}:
            return False
        shapes = (ENTRY,) if self.between else (ENTRY, NAMED_ENTRY)
        shapes = (QMAIL_ENTRY,) if self.qmail else shapes
        found = (one for shape in shapes if (one := shape.fullmatch(line)))
        entry = next(found, None)
        recipient = addresses.address(entry[1]) if entry else ""
        if entry is None or not recipient or HELPS.fullmatch(line[: entry.end(1) + 1]):
            self.between = self.between or self.indent == ANY
            return False
        self.indent = indent
        self._enter(_Entry(step, recipient))
        if entry.re is ENTRY:
            self._said(entry["more"] or entry["after"] or "")
        return True

    def _enter(self, entry: _Entry) -> None:
        """Begin with an address, or go back to one that was there before."""
        known = [one.recipient for one in self.entries]
        if entry.recipient in known:
            self.at = known.index(entry.recipient)
        else:
            self.entries.append(entry)
            self.at = len(self.entries) - 1

    def _said(self, line: str) -> None:
        if not self.entries:
            return
        entry = self.entries[self.at]
        if self.transcript:
            about = [one for one in self.entries if one.recipient in line.lower()]
            entry = about[0] if about else entry
        if len(entry.said) < SAID_LINES:
            entry.said.append(line.strip())


def read(text: str) -> tuple[Outcome, ...]:
    """Read whom a text reports on; nothing where its words are not known."""
    reading = _Reading()
    if QMAIL_END.search(text):
        reading.step, reading.qmail = Step.FAILED, True
    for line in lines(text):
        reading.line(line)
        if reading.ended or len(reading.entries) == OUTCOMES_MOST:
            break
    return each_once([_outcome(one, reading.warning) for one in reading.entries])


def outcome(step: Step, recipient: str, words: str) -> Outcome:
    """Give what became of a message for a recipient, by the words of a server."""
    code = "" if step in {Step.RELAYED, Step.DELIVERED} else status.of_words(words)
    return failed(Outcome(step, recipient, code, addresses.said(words)))


def _outcome(one: _Entry, warning: bool) -> Outcome:
    words = " ".join(one.said)
    given_up = phrases.GIVEN_UP.search(fold(words))
    delayed = warning and one.step is Step.FAILED and not given_up
    return outcome(Step.DELAYED if delayed else one.step, one.recipient, words)
