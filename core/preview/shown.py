"""What is shown of a message: values only, all of them harmless. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.lookalikes import Oddity
from core.mime.authentication import Authentication
from core.mime.links import Link
from core.mime.structure import Piece

# Extensions of files that run programs, on one system or another.
RUNS = frozenset(
    "exe com bat cmd msi msp scr pif cpl js jse vbs vbe wsf wsh hta ps1 psm1 jar"
    " lnk reg dll sys inf scf url chm iso img vhd vhdx apk app dmg pkg deb rpm sh"
    " run desktop docm dotm xlsm xltm xlam pptm ppam sldm one xll".split()
)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was guessed or left out: `preview.note.<code>`, with `count`."""

    code: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """A name as it came, with what is invisible made visible, and its address."""

    name: str
    address: str
    odd: tuple[Oddity, ...] = ()

    @property
    def text(self) -> str:
        """Write the address beside the name, always (THREATS T15)."""
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class People:
    """Those of one header field (`from`, `reply_to`, …); `more`: not all are here."""

    role: str
    people: tuple[Person, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that can be downloaded; its size is about what it is once decoded."""

    section: str
    name: str
    type: str
    size_bytes: int
    odd: tuple[str, ...] = ()  # `preview.file.<code>`


@dataclass(frozen=True, slots=True)
class Body:
    """A body that may be shown: HTML for the frame, or a mere text."""

    html: str = ""
    text: str = ""
    links: tuple[Link, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Tell about how much memory it takes."""
        return 2 * (len(self.html) + len(self.text)) + 2_000 * len(self.links)


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as it is shown. `text_part`: the text beside the HTML, if any."""

    subject: str
    people: tuple[People, ...]
    odd: tuple[Oddity, ...]
    authentication: Authentication
    body: Body
    attachments: tuple[Attachment, ...]
    headers: str
    notes: tuple[Note, ...] = ()
    text_part: Piece | None = None
    pieces: dict[str, Piece] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        """Tell about how much memory it takes."""
        return self.body.size_bytes + 2 * len(self.headers) + 1_000 * len(self.pieces)


@dataclass(frozen=True, slots=True)
class Source:
    """The source of a message as text; `cut`: it goes on."""

    text: str
    cut: bool


@dataclass(frozen=True, slots=True)
class File:
    """An attachment, decoded."""

    name: str
    data: bytes


def runs(name: str) -> bool:
    """Tell whether a file of that name may run a program when it is opened."""
    return name.rpartition(".")[2].lower() in RUNS
