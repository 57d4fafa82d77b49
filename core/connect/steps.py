"""The steps of connecting, told to whoever looks on while they are taken."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from core.errors import MailError
from core.hiding import Hidden
from core.text import harmless

SAYS_MAX = 300
CAPABILITIES = re.compile(r"\[CAPABILITY [^\]]*(?:\]|\Z)", re.IGNORECASE)  # on the card


class Progress(StrEnum):
    """How a step is doing; a report also shows a step that was not taken."""

    RUNNING = "running"
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of connecting. `seconds` is how long it took so far.

    `side` is imap or smtp; `name` is dns, tcp, tls, greeting, login or list. `says` is
    the server's own line, harmless as text; `facts` are what the step found.
    """

    side: str
    name: str
    progress: Progress
    seconds: float = 0.0
    error: MailError | None = None
    says: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


OnStep = Callable[[Step], None]


@dataclass(slots=True)
class Heard:
    """What a step learns while it is taken."""

    says: str = ""
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Walk:
    """The steps of one side, one after the other."""

    side: str
    on_step: OnStep
    hidden: Hidden = field(default_factory=Hidden)  # never to be repeated
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[Heard]:
        """Take a step; a failure of it is told, with the side, and goes on up."""
        began, heard = time.monotonic(), Heard()
        self.on_step(Step(self.side, name, Progress.RUNNING))
        try:
            yield heard
        except MailError as error:
            error.facts.setdefault("side", self.side.upper())
            if said := error.facts.get("server_says"):
                error.facts["server_says"] = heard.says = self.shown(said)
            self._tell(Progress.FAILED, name, began, heard, error)
            raise
        self._tell(Progress.OK, name, began, heard)

    def skip(self, name: str) -> None:
        """Note a step that is not taken; who looks on is not told."""
        self.steps.append(Step(self.side, name, Progress.SKIPPED))

    def shown(self, text: str) -> str:
        """Make a server's words harmless; some repeat the password (THREATS T2)."""
        text = harmless(self.hidden.out_of(text)).strip()
        text = CAPABILITIES.sub("[CAPABILITY …]", text)
        return text[:SAYS_MAX]

    def _tell(
        self,
        progress: Progress,
        name: str,
        began: float,
        heard: Heard,
        error: MailError | None = None,
    ) -> None:
        took = time.monotonic() - began
        step = Step(
            self.side, name, progress, took, error, self.shown(heard.says), heard.facts
        )
        self.steps.append(step)
        self.on_step(step)
