"""Markdown as people write it into mail: as HTML, as plain text, and kept out. Pure.

CommonMark with what surprises in a letter left out: indented text is no code, a line
of "--" makes no heading of the line above, "&amp;" stays what was typed, and a line
break is one. No HTML, and no images: nothing in a letter is ever loaded from elsewhere.
"""

from __future__ import annotations

import re

import nh3
from markdown_it import MarkdownIt

OFF = ("code", "lheading", "html_block", "html_inline", "entity", "image")
TAGS = set("a blockquote br code em h1 h2 h3 h4 h5 h6 hr li ol p pre strong ul".split())
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
# Where a backslash is only a backslash: code and links in angle brackets.
CODE = r"(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).){1,500}?(?<!`)(?P=ticks)(?!`)"
ESCAPE = re.compile(
    rf"{CODE}|<[^<>\s]{{1,500}}>|\\(?P<mark>[!-/:-@\[-`{{-~])", re.DOTALL
)
# What begins an inline structure anywhere; an underscore within a word begins none.
INLINE = re.compile(r"[\\`*<\[\]]|(?<![^\W_])_+|_+(?![^\W_])")
# What begins a block where a line begins; of a list, the number comes first.
BLOCK = re.compile(
    r"[-+](?=[\s-]|$)|#{1,6}(?=\s|$)|>|~~~|(?P<number>\d{1,9})(?=[.)](?:\s|$))"
)


def html_of(markdown: str) -> str:
    """Give Markdown as a piece of HTML that is harmless whatever was written."""
    made = _reader().render(markdown)
    return nh3.clean(
        made,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        url_relative="deny",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="noopener noreferrer",
    )


def plain_of(markdown: str) -> str:
    """Give Markdown as it was written, without the backslashes that only escape."""
    if "\\" not in markdown:
        return markdown
    lines = markdown.split("\n")
    out: list[str] = []
    start = 0
    for first, end in [*_fences(markdown), (len(lines), len(lines))]:
        if first > start:
            out.append(ESCAPE.sub(_bare, "\n".join(lines[start:first])))
        out += lines[first:end]
        start = end
    return "\n".join(out)


def escaped(value: str) -> str:
    """Give a value of one line so that Markdown shows it as the text it is."""
    inner = INLINE.sub(lambda found: re.sub(r"(.)", r"\\\1", found[0]), value)
    if found := BLOCK.match(inner):
        place = found.end() if found["number"] else 0
        inner = f"{inner[:place]}\\{inner[place:]}"
    return inner


def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(OFF)


def _fences(markdown: str) -> list[tuple[int, int]]:
    """Find the lines, [first, end), of code in fences."""
    tokens = _reader().parse(markdown)
    return [(t.map[0], t.map[1]) for t in tokens if t.type == "fence" and t.map]


def _bare(found: re.Match[str]) -> str:
    return found["mark"] or found[0]
