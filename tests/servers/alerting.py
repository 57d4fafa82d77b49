"""An installation in which time passes as a test says, and things go wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core import alerts
from core.alerting import Rule
from core.alerts.evaluate import evaluate
from core.model import Acknowledgement, Integration, Method, Server
from core.runtime import Runtime
from core.secret import Secret
from core.store import incidents, integrations
from core.store.engine import writing

ACTOR = "test"
GROUP_S = 30


@dataclass
class Alarmed:
    """A runtime with a clock of its own, mailboxes, and what is wrong with them."""

    runtime: Runtime
    now: datetime

    @classmethod
    def of(cls, runtime: Runtime) -> Alarmed:
        """Take an installation; its clock stands until `pass_time`."""
        made = cls(runtime, runtime.clock())
        made.runtime = replace(runtime, clock=lambda: made.now)
        return made

    def rule(self, *codes: str, after_s: int = 0, **changes: object) -> int:
        """Make a rule."""
        new = Rule(0, "A rule", codes, after_s, self.now)
        values = replace(new, **changes)  # type: ignore[arg-type]  # fields by name
        return alerts.create_rule(self.runtime, values, ACTOR)

    def sink(self, url: str, language: str = "en", name: str = "Ops") -> int:
        """Add a sink."""
        return alerts.add_sink(self.runtime, name, language, Secret(url), ACTOR)

    def mailbox(self, number: int = 1, provider: str = "uol") -> int:
        """Connect a mailbox that no worker syncs: there is no such server."""
        owner, address = f"Ana {number}", f"ana{number}@example.org"
        server = Server("imap.example.org", 993)
        new = Integration(0, owner, address, address, Method.IMAP, server, server)
        with writing(self.runtime.engine) as conn:
            ack = Acknowledgement("1", owner, self.now)
            made = integrations.create(conn, new, ack, self.now)
            integrations.change(conn, made, provider=provider, next_at=None)
        return made

    def wrong(self, mailbox: int, code: str = "wrong_password", **facts: str) -> None:
        """Let something be wrong with a mailbox now."""
        with writing(self.runtime.engine) as conn:
            incidents.observe(conn, mailbox, code, self.now, **facts)

    def well(self, mailbox: int) -> None:
        """Let nothing be wrong with a mailbox any more."""
        with writing(self.runtime.engine) as conn:
            incidents.end_all(conn, mailbox, self.now)

    def pass_time(self, seconds: float = 0) -> None:
        """Let time pass, then do what the worker does."""
        self.now += timedelta(seconds=seconds)
        evaluate(self.runtime)
        alerts.send_due(self.runtime)

    def settle(self) -> None:
        """Let what fires now be told: it waits a while for others."""
        self.pass_time()
        self.pass_time(GROUP_S)
