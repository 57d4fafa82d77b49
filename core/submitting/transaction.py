"""One mail transaction over a conversation that is logged in (RFC 5321 §3.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from core import refusals, smtp
from core.errors import (
    AddressNotSupported,
    MailError,
    MailTooLarge,
    ProtocolBroken,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUncertain,
)
from core.hiding import Hidden
from core.network import Policy
from core.outgoing import Recipient, Verdict
from core.smtp import PERMANENT, TEMPORARY, Conversation
from core.submitting import replies
from core.submitting.envelope import (
    Envelope,
    mail_command,
    recipient_command,
    size_limit,
)
from core.submitting.replies import Reply
from core.text import harmless

Failed = TypeVar(
    "Failed", bound=SubmissionDeferred | SubmissionRefused | SubmissionUncertain
)
LoginRefused = Callable[[int, str], MailError]
PIECE = 65_536  # octets
SLOWEST = 32_768  # octets in a second that content goes out, at the least
# RFC 5321 §4.5.3.2.6: ten minutes for the answer to the final dot, because who hangs
# up before it may send twice. So many times the limit of another command.
FINAL_PATIENCE = 10


@dataclass(slots=True)
class Transaction:
    """A mail on its way over a conversation, and what was said of its recipients.

    `login_refused` tells what a code and words mean that are about the login.
    """

    talk: Conversation
    policy: Policy
    envelope: Envelope
    content: bytes
    hidden: Hidden
    login_refused: LoginRefused
    told: list[Recipient] = field(default_factory=list)

    def run(self, on_brink: Callable[[], None]) -> Reply:
        """Send the mail; give the answer to its final dot.

        Raises:
            SubmissionDeferred, SubmissionRefused, SubmissionUncertain, …

        """
        self._check()
        offered = self.talk.esmtp_features
        if self.envelope.needs_smtputf8:
            self.talk.command_encoding = "utf-8"
        self._expect(self._ask(mail_command(self.envelope, self.content, offered)))
        for address in self.envelope.recipients:
            self._name(address, recipient_command(self.envelope, address, offered))
        self._check_recipients()
        reply = self._ask("DATA")
        if reply.code != replies.GO_ON:
            raise self._refusal(reply)
        # From here on there is no way to take the mail back but to hang up: whatever is
        # said, QUIT too, is content (RFC 5321 §4.1.1.4).
        with smtp.or_closed(self.talk):
            self._send()
            on_brink()
            reply = self._end()
        return self._expect(reply)

    def _check(self) -> None:
        """Refuse what the server has said it does not take."""
        offered, facts = self.talk.esmtp_features, self._facts()
        if self.envelope.needs_smtputf8 and "smtputf8" not in offered:
            raise AddressNotSupported("no SMTPUTF8", **facts)
        # RFC 6152 §3. Who offers SMTPUTF8 takes 8 bits, too (RFC 6531 §3.1).
        if not self.content.isascii() and not {"8bitmime", "smtputf8"} & set(offered):
            raise SubmissionRefused("8BITMIME", server_says="no 8BITMIME", **facts)
        limit = size_limit(offered.get("size"))
        if 0 < limit < len(self.content):
            raise self._too_large(limit)

    def _name(self, address: str, command: str) -> None:
        """Name a recipient, and keep what is said of it."""
        reply = self._ask(command)
        others = any(one.verdict is Verdict.ACCEPTED for one in self.told)
        verdict = replies.verdict(reply, others)
        if verdict is None:
            raise self._refusal(reply)
        said = Recipient(address, verdict=verdict, code=reply.code, said=reply.words)
        self.told.append(said)

    def _check_recipients(self) -> None:
        """Go on if somebody is accepted; else who may be tried again decides."""
        if any(one.verdict is Verdict.ACCEPTED for one in self.told):
            return
        later = [one for one in self.told if one.verdict is Verdict.DEFERRED]
        decides = (later or self.told)[0]
        reply = Reply(decides.code, decides.said)
        if later:
            raise self._with_told(SubmissionDeferred(reply.line, **self._facts(reply)))
        if all(
            Reply(one.code, one.said).status in replies.TOO_LARGE for one in self.told
        ):
            raise self._too_large(0, reply)
        raise self._with_told(SubmissionRefused(reply.line, **self._facts(reply)))

    def _send(self) -> None:
        """Send all of the content; each line ends where the server sees it end."""
        seconds = self.policy.command_timeout_s
        limit = smtp.bounded(self.talk, seconds + len(self.content) / SLOWEST)
        with limit, smtp.translated(self.talk.server):
            self.talk.sock.settimeout(seconds)  # for each piece
            for piece in pieces(self.content):
                self.talk.sock.sendall(piece)

    def _end(self) -> Reply:
        """Send the final dot, and hear the answer; without one, nobody knows."""
        limit = self.policy.command_timeout_s * FINAL_PATIENCE
        try:
            with smtp.bounded(self.talk, limit), smtp.translated(self.talk.server):
                self.talk.sock.sendall(b".\r\n")
                reply = self._heard(*self.talk.getreply())
        except MailError as error:
            uncertain = SubmissionUncertain(error.detail, **self._facts())
            raise self._with_told(uncertain) from error
        if not (reply.is_positive or reply.is_refusal):
            uncertain = SubmissionUncertain(reply.line, **self._facts(reply))
            raise self._with_told(uncertain)
        return reply

    def _ask(self, command: str) -> Reply:
        limit = smtp.bounded(self.talk, self.policy.command_timeout_s)
        with limit, smtp.translated(self.talk.server):
            return self._heard(*self.talk.docmd(command))

    def _heard(self, code: int, lines: bytes) -> Reply:
        words = self.hidden.out_of(harmless(replies.joined(lines)))
        return Reply(code, words[: refusals.SHOWN_MAX])

    def _expect(self, reply: Reply) -> Reply:
        if not reply.is_positive:
            raise self._refusal(reply)
        return reply

    def _refusal(self, reply: Reply) -> MailError:
        """Tell what it means that the server does not go on."""
        if reply.code in replies.ABOUT_LOGIN:
            return self.login_refused(reply.code, reply.words)
        if reply.code in TEMPORARY:
            return self._with_told(SubmissionDeferred(reply.line, **self._facts(reply)))
        if reply.code not in PERMANENT:
            return ProtocolBroken(reply.line, **self._facts(reply))
        if reply.is_too_large:
            return self._too_large(0, reply)
        return self._with_told(SubmissionRefused(reply.line, **self._facts(reply)))

    def _too_large(self, limit: int, reply: Reply | None = None) -> MailTooLarge:
        most: dict[str, object] = {"limit_bytes": limit} if limit else {"limit": "?"}
        facts = {**self._facts(reply), "size_bytes": len(self.content), **most}
        error = MailTooLarge(reply.line if reply else "SIZE", **facts)
        return self._with_told(error)

    def _with_told(self, error: Failed) -> Failed:
        """Tell of who was not accepted; an acceptance that came to nothing is none."""
        some = (one for one in self.told if one.verdict is not Verdict.ACCEPTED)
        error.told = tuple(some)
        return error

    def _facts(self, reply: Reply | None = None) -> dict[str, object]:
        server = self.talk.server
        facts: dict[str, object] = {"host": server.host, "port": server.port}
        return facts | ({"server_says": reply.line} if reply else {})


def check_lines(content: bytes) -> None:
    r"""Refuse content with a CR or an LF alone, which some servers take for CR LF.

    They would see a final dot where there is none ("SMTP smuggling", RFC 5321 §2.3.8).
    """
    ends = content.count(b"\r\n")
    if content.count(b"\n") != ends or content.count(b"\r") != ends:
        raise ValueError("content has a CR or an LF that is alone")


def pieces(content: bytes) -> Iterator[memoryview]:
    """Give what goes over the wire before the final dot (RFC 5321 §4.5.2)."""
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    if not stuffed.endswith(b"\r\n"):
        stuffed += b"\r\n"
    whole = memoryview(stuffed)
    for start in range(0, len(whole), PIECE):
        yield whole[start : start + PIECE]
