"""The steps of a scripted server: what it says, expects and gets wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.certificates import Pair


@dataclass(frozen=True, slots=True)
class Send:
    """Send bytes; `{tag}` becomes the tag of the client's last command."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Drip:
    """Send bytes one at a time, with a pause before each."""

    data: bytes
    pause_s: float = 0.05


@dataclass(frozen=True, slots=True)
class Flood:
    """Send the same bytes again and again, `times` times or for as long as it lasts."""

    data: bytes
    times: int = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Expect:
    """Read one line; the pattern must be found in it, whatever its case."""

    pattern: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer commands from a table {pattern: lines} until the client leaves.

    Patterns match the beginning of a command after its tag, whatever its case; the
    first that does is taken. Each line gets CR LF; `{tag}` is the command's tag. A
    list may hold steps beside lines; a function makes one of the command. A command in
    no pattern gets `otherwise`. With `until`, the step ends after a command that
    matches it was answered. SMTP has no tags: `tagged=False`.
    """

    table: Table
    otherwise: bytes = b"{tag} BAD not in the script"
    until: bytes = b""
    tagged: bool = True


@dataclass(frozen=True, slots=True)
class Take:
    """Read a literal of so many bytes, with the line end after it; `then` gets it."""

    size: int
    then: Callable[[bytes], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Content:
    """Read a mail until its final dot, and keep it; or so many bytes of one."""

    most: int | None = None


@dataclass(frozen=True, slots=True)
class StartTls:
    """Go on in TLS with this certificate."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class Stall:
    """Say nothing, and leave the connection open, until the test is over."""


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection in good order (FIN)."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Tear the connection down (RST)."""


Step = (
    Send
    | Drip
    | Flood
    | Expect
    | Answer
    | Take
    | Content
    | StartTls
    | Stall
    | Close
    | Reset
)
Lines = Sequence["bytes | Step"]
Table = dict[bytes, "Lines | Callable[[bytes], Lines]"]

# An IMAP server that lets everybody in, for tables that need only one odd answer.
POLITE: Table = {
    rb"CAPABILITY": [b"* CAPABILITY IMAP4rev1", b"{tag} OK done"],
    rb"LOGIN ": [b"{tag} OK logged in"],
    rb"NOOP": [b"{tag} OK done"],
    rb"LOGOUT": [b"* BYE see you", b"{tag} OK done", Close()],
}
