"""Send one mail to a scripted submission server, and see what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import MailError
from core.model import Security, Server
from core.network import Policy
from core.outgoing import Recipient, Verdict
from core.secret import Secret
from core.submitting import Envelope, Submitted, submit
from tests.certificates import Certificates
from tests.servers.scripted import ScriptedServer
from tests.servers.scripted_smtp import Behaviour, submission_at
from tests.servers.steps import Drip, Stall

LOGIN, PASSWORD = "ana@example.org", Secret("Zq7-CANARY-9f3e")
ANN, BEN = "ann@example.net", "ben@example.net"
TO_TWO = Envelope(LOGIN, (ANN, BEN), "malote-1")
MAIL = b"Subject: Hi\r\n\r\n.one dot\r\n..two\r\n.\r\nEnd\r\n"
LIMIT_S = 0.4  # of a command, where nothing comes; ten times that for the answer


@dataclass
class Seen:
    """What came of sending: a value or an error, and when the brink was reached."""

    server: ScriptedServer
    submitted: Submitted | None = None
    error: MailError | None = None
    dots_at_brink: list[int] = field(default_factory=list)

    @property
    def told(self) -> list[tuple[str, Verdict, int]]:
        """Give what was said of each recipient."""
        people: tuple[Recipient, ...] = getattr(self.error, "told", ())
        people = self.submitted.told if self.submitted else people
        return [(one.address, one.verdict, one.code) for one in people]

    @property
    def shown(self) -> str:
        """Give all that anybody would ever see of it."""
        error = self.error
        return f"{self.submitted} {error!r} {error and error.facts} {self.people}"

    @property
    def people(self) -> tuple[Recipient, ...]:
        """Give what an error tells of recipients."""
        people: tuple[Recipient, ...] = getattr(self.error, "told", ())
        return people


def policy(certificates: Certificates, command_s: float = 10.0) -> Policy:
    """Allow loopback, and trust our CA."""
    files = (certificates.ca_file,)
    host = frozenset({"localhost"})
    return Policy(host, ca_files=files, command_timeout_s=command_s)


def sent(
    certificates: Certificates,
    behaviour: Mapping[str, Any],
    *,
    security: Security = Security.TLS,
    served: Security | None = None,
    envelope: Envelope = TO_TWO,
    content: bytes = MAIL,
) -> Seen:
    """Send once; where the server is slow, the limits are short."""
    be = Behaviour(**behaviour)
    rules = policy(certificates, LIMIT_S if _is_slow(behaviour) else 10.0)
    with submission_at(certificates.good, served or security, be) as server:
        seen = Seen(server)
        where = Server("localhost", server.port, security)

        def at_brink() -> None:
            seen.dots_at_brink.append(len(server.contents))

        try:
            seen.submitted = submit(
                where, LOGIN, PASSWORD, rules, envelope, content, at_brink
            )
        except MailError as error:
            seen.error = error
        if seen.dots_at_brink:
            server.wait_for_mail()
        return seen


def unstuffed(wire: bytes) -> bytes:
    """Take the dots out that were put in (RFC 5321 section 4.5.2)."""
    lines = wire.split(b"\r\n")
    return b"\r\n".join(one.removeprefix(b".") for one in lines)


def _is_slow(behaviour: Mapping[str, Any]) -> bool:
    steps = [step for lines in behaviour.values() for step in lines]
    return any(isinstance(step, Drip | Stall) for step in steps)
