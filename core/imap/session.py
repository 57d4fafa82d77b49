"""One logged-in connection; every failure leaves it as one of our errors."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from core import refusals
from core.errors import (
    FolderRefused,
    LimitExceeded,
    MailError,
    ProtocolBroken,
    Throttled,
)
from core.hiding import Hidden
from core.imap import remembered
from core.imap.features import Features
from core.imap.foreign import shown, translated
from core.imap.profiles import USUAL, Profile
from core.imap.responses import Part, Reader
from core.imap.wire import Client
from core.model import Security, Server

ALERTS_MOST = 20
ALERT = b"[ALERT]"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to one of several commands; `refusal` when it said no."""

    command: str
    responses: list[list[Part]]
    refusal: MailError | None = None


@dataclass(slots=True)
class Session:
    """A live connection, logged in, and what its server can do.

    `features` are those to be used: offered, not denied by the profile, enabled where
    that is needed, and not yet found broken. `greeting` is empty where it came before
    TLS; `alerts` are what the server wants a person to read (RFC 9051 §7.1).
    """

    client: Client
    server: Server
    features: Features
    identified_as: str = ""  # the server's own name and version (RFC 2971)
    profile: Profile = USUAL
    greeting: str = ""
    welcome: str = ""  # what the server said to the login
    alerts: list[str] = field(default_factory=list)
    compresses: bool = False  # once a folder is to be opened, where that is offered
    hidden: Hidden = field(default_factory=Hidden)  # not to be repeated
    wants_subject: bool = True  # no: it is not asked for where that can be
    _owed: deque[bytes] = field(default_factory=deque)
    _enabled: bool = False

    def enable(self) -> None:
        """Switch on what must be; what the server does not confirm is not used.

        RFC 7162 §3.2.3, RFC 9586 §3. Before a folder is opened, and not sooner: a look
        at the numbers needs none of it. iCloud offers QRESYNC and never says that it is
        on (INTEROP 9).
        """
        if self._enabled:
            return
        self._enabled = True
        if self.compresses and self.features.compress:
            self._compress()
        able = self.features
        wanted = ["QRESYNC"] if able.qresync else []
        wanted += ["UIDONLY"] if able.uidonly and self.profile.uidonly else []
        on: set[bytes] = set()
        if wanted and able.enable:
            (answer,) = self.pipelined([f"ENABLE {' '.join(wanted)}"])
            for parts in answer.responses:
                first = parts[0]
                if isinstance(first, bytes) and first[:10].upper() == b"* ENABLED ":
                    on.update(first[10:].upper().split())
        off = [n for n in ("QRESYNC", "UIDONLY") if n.encode() not in on]
        self.features = able.without(off)

    def _compress(self) -> None:
        (answer,) = self.pipelined(["COMPRESS DEFLATE"])
        if answer.refusal is None:  # a NO is no harm: it goes on as it is
            self.client.connection.compress()

    def owe(self, command: str) -> None:
        """Send a command together with the next; its answer tells nothing new."""
        self._owed.append(self.client.hold(command.encode("latin-1")))

    def _settle(self) -> None:
        while self._owed:
            tag = self._owed.popleft()
            for word, parts in self.client.responses(tag):
                if word in {b"*", tag}:
                    self.listen(parts)
                elif word != b"+":
                    raise self._nobodys(parts)

    def without(self, *names: str) -> None:
        """Use capabilities no more that the server offers and answers with BAD."""
        remembered.avoid(self.server, names)
        self.features = self.features.without(names)

    def exchange(
        self, command: str, on_go_ahead: Callable[[], None] | None = None
    ) -> Iterator[list[Part]]:
        """Send a command and yield its untagged responses.

        `on_go_ahead` sends the literal that the command announces, once the server
        asks for it (RFC 9051 §4.3).

        Raises:
            FolderRefused, Throttled, ServerUnavailable, ProtocolBroken: the server
                said NO or BAD.
            ConnectionLost, NoAnswer, LimitExceeded.

        """
        tag = self.begin(command)
        with translated(self.server):
            yield from self._answer(command, tag, on_go_ahead)

    def begin(self, command: str) -> bytes:
        """Send a command whose answer `read` will read; give its tag."""
        with translated(self.server):
            return self.client.begin(command.encode("latin-1"))

    def read(self, reader: Reader, command: str) -> str:
        """Feed a reader with the answer to its command; give the text of the OK.

        Raises:
            FolderRefused, Throttled, ServerUnavailable, ProtocolBroken: NO or BAD.
            ConnectionLost, NoAnswer, LimitExceeded.

        """
        file = self.client.connection.file
        with translated(self.server):
            self._settle()
            file.arm()
            while not reader.tagged and not reader.feed(file.some()):
                for line in reader.overheard():  # a BYE is not waited out
                    self.listen([line])
            file.put_back(reader.rest)
            for line in reader.overheard():
                self.listen([line])
            self.listen([reader.tagged])
            self._check(command, [reader.tagged])
        return shown(reader.tagged)

    def pipelined(self, commands: Iterable[str], ahead: int = 64) -> Iterator[Answer]:
        """Send commands without waiting for each; yield their answers in order.

        A NO or BAD is told with its answer and does not end the others. Not more than
        `ahead` are under way, so that neither side waits with full buffers.

        Raises:
            ConnectionLost, NoAnswer, LimitExceeded: as of `exchange`.

        """
        waiting: deque[tuple[str, bytes]] = deque()
        for command in commands:
            waiting.append((command, self.begin(command)))
            if len(waiting) > ahead:
                yield self._whole(*waiting.popleft())
        while waiting:
            yield self._whole(*waiting.popleft())

    def _whole(self, command: str, tag: bytes) -> Answer:
        said: list[list[Part]] = []
        try:
            with translated(self.server):
                said.extend(self._answer(command, tag))
        except (FolderRefused, Throttled, ProtocolBroken) as refusal:
            if isinstance(refusal, LimitExceeded) or not refusal.facts.get("command"):
                raise  # the connection is no good any more
            return Answer(command, said, refusal)
        return Answer(command, said)

    def _answer(
        self, command: str, tag: bytes, on_go_ahead: Callable[[], None] | None = None
    ) -> Iterator[list[Part]]:
        self._settle()
        for word, parts in self.client.responses(tag):
            if word == b"*":
                self.listen(parts)
                yield parts
            elif word == tag:
                self.listen(parts)
                self._check(command, parts)
            elif word != b"+":
                raise self._nobodys(parts)
            elif on_go_ahead is not None:
                on_go_ahead()
                on_go_ahead = None

    def _nobodys(self, parts: list[Part]) -> MailError:
        line = parts[0][0] if isinstance(parts[0], tuple) else parts[0]
        text = shown(line)
        says = self.hidden.out_of(text)
        return refusals.out_of_protocol(text, self.server.host, says)

    def listen(self, parts: list[Part]) -> None:
        """Note an alert, and end with a BYE, whatever was asked."""
        first = parts[0]
        if not isinstance(first, bytes):
            return
        if ALERT in first[:40].upper():
            self._alert(first)
        if first[:6].upper() == b"* BYE ":
            text = shown(first[6:])
            says = self.hidden.out_of(text)
            raise refusals.goodbye(text, self.server.host, says)

    def _alert(self, line: bytes) -> None:
        words = line.split(b" ", 2)
        if words[1].upper() not in {b"OK", b"NO", b"BAD", b"BYE"}:
            return
        _, _, text = shown(words[-1]).partition("]")
        text = self.hidden.out_of(text.strip())[: refusals.SHOWN_MAX]
        # Said without TLS, it may be anybody's (THREATS, fault 17).
        new = text and text not in self.alerts and len(self.alerts) < ALERTS_MOST
        if new and self.server.security is not Security.NONE:
            self.alerts.append(text)

    def _check(self, command: str, parts: list[Part]) -> None:
        line = parts[0] if isinstance(parts[0], bytes) else parts[0][0]
        _, _, rest = line.partition(b" ")
        typ, _, text = rest.partition(b" ")
        word = typ.decode("latin-1").upper()
        if word in {"NO", "BAD"}:
            name = " ".join(command.split()[:2])
            words, host = shown(text), self.server.host
            says = self.hidden.out_of(words)
            raise refusals.command_refused(name, word, words, host, says)
        if word != "OK":
            says = self.hidden.out_of(shown(line))
            raise ProtocolBroken(says, host=self.server.host)
