"""Where the links of a mail lead, and which pretend to lead elsewhere. Pure.

Reads and marks what nh3 has written, so that every tag is of the one form that it
gives; what is put in is a constant around an escaped host, and goes through nh3 again.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.lookalikes import decoded_host, differs, visible

LINKS_MOST = 500
CHARS_MOST = 300
ANCHOR = re.compile(r"<a((?: [a-z-]+=\"[^\"]*\")*)>(.*?)</a>", re.DOTALL)
HREF = re.compile(r' href="([^"]*)"')
TAG = re.compile(r"<[^>]*>")
# A text that reads as an address: a scheme or "www.", or a bare name of a known kind.
ADDRESS = re.compile(
    r"(?:https?://|www\.)([^\s/?#:@<>()\"']+)|"
    r"(?<![\w@.])((?:[\w-]+\.)+(?:com|org|net|gov|edu|br|pt|io|co|info|bank|app|dev|eu|de"
    r"|uk|us|fr|es|it|ar|mx))(?![\w@.-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link: what it says, where it leads; `elsewhere`: it names another host."""

    text: str
    url: str
    host: str
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """HTML in which links say where they lead."""

    html: str
    links: tuple[Link, ...]


def marked(clean: str) -> Marked:
    """Give each link its address as a title, and a visible host where it pretends."""
    links: list[Link] = []

    def mark(found: re.Match[str]) -> str:
        named = HREF.search(found[1])
        if named is None:
            return found[2]  # no address that we follow: mere text
        link = _link(html.unescape(named[1]), found[2])
        if len(links) < LINKS_MOST:
            links.append(link)
        title = html.escape(link.url)
        after = f'<strong class="elsewhere"> ⚠ {html.escape(link.host)}</strong>'
        opened = f'<a href="{named[1]}" title="{title}">{found[2]}</a>'
        return opened + (after if link.elsewhere else "")

    return Marked(ANCHOR.sub(mark, clean), tuple(links))


def _link(url: str, inner: str) -> Link:
    text = html.unescape(TAG.sub("", inner))
    text = visible(" ".join(text.split())[:CHARS_MOST])
    host = host_of(url)
    return Link(text, visible(url), host, _pretends(text, host))


def host_of(url: str) -> str:
    """Give the host that a link leads to, or whom a mailto: writes to; decoded."""
    if url[:7].lower() == "mailto:":
        return visible(url[7:].partition("?")[0])
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return visible(decoded_host(host) or url[:CHARS_MOST])


def _pretends(text: str, host: str) -> bool:
    """Tell whether a text names a host that the link does not lead to."""
    if "@" in host and "://" not in text:
        return False
    named = ADDRESS.search(text)
    if named is None:
        return False
    told = (named[1] or named[2]).rstrip(".,;")
    return differs(told, host) and not host.lower().endswith(f".{told.lower()}")
