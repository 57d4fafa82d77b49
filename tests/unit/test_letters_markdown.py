"""Markdown of a letter: what it makes, and that nothing harmful comes out of it."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, strategies as st

from core.letters import html_of, plain_of


def tags_of(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """Read HTML as a browser would, roughly: tags and their attributes."""
    found: list[tuple[str, dict[str, str | None]]] = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, attrs: found.append((tag, dict(attrs)))  # type: ignore[method-assign]
    reader.feed(html)
    return found


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("**b** *i*", "<p><strong>b</strong> <em>i</em></p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("# T", "<h1>T</h1>\n"),
        ("Yours,\n--\nRui", "<p>Yours,<br>\n--<br>\nRui</p>\n"),
        ("    indented", "<p>indented</p>\n"),
        ("```\nx < y\n```", "<pre><code>x &lt; y\n</code></pre>\n"),
        ("&copy; &lt;", "<p>&amp;copy; &amp;lt;</p>\n"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"),
        ("<!-- x -->", "<p>&lt;!-- x --&gt;</p>\n"),
    ],
)
def test_markdown_is_what_people_mean_in_a_letter(text: str, html: str) -> None:
    assert html_of(text) == html


@pytest.mark.parametrize(
    "address",
    ["https://example.org/a?b=c", "http://example.org", "mailto:ana@example.org"],
)
def test_links_that_mail_may_have(address: str) -> None:
    for text in (f"[x]({address})", f"<{address}>", f"[x][1]\n\n[1]: {address}"):
        assert f'href="{address}"' in html_of(text)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java&#115;cript:alert(1)",
        "vbscript:x", "data:text/html,<script>alert(1)</script>", "file:///etc/passwd",
        "data:image/png;base64,AAAA", "//example.org/x", "/x", "x.html", "#x", "ftp://x",
        "\x01javascript:alert(1)", "jav\tascript:alert(1)", "smb://x/y", "cid:x",
    ],
)  # fmt: skip
def test_links_that_mail_may_not_have(address: str) -> None:
    for text in (f"[x]({address})", f"[x](<{address}>)", f"<{address}>",
                 f"[x][1]\n\n[1]: {address}"):  # fmt: skip
        assert "href=" not in html_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://example.org/p.png)", "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>", "<svg/onload=alert(1)>", "<iframe src=x></iframe>",
        "<a href='javascript:x'>x</a>", "<style>*{display:none}</style>",
        '[x](https://example.org "a\\" onmouseover=alert(1) b=\\"")',
        '```html" onload=alert(1)\nx\n```', "<p style=position:fixed>x</p>",
    ],
)  # fmt: skip
def test_nothing_is_loaded_and_nothing_runs(text: str) -> None:
    for name, attributes in tags_of(html_of(text)):
        assert name in {"p", "a", "br", "pre", "code"}
        assert set(attributes) <= {"href", "title", "target", "rel"}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a *b* c", "a *b* c"),
        (r"a \*b\* c", "a *b* c"),
        (r"C:\dir \\ x", "C:\\dir \\ x"),
        (r"`\*` and \*", r"`\*` and *"),
        ("```\n\\*\n```\n\\*", "```\n\\*\n```\n*"),
        ("~~~\n\\*", "~~~\n\\*"),
        ("\\`a\\` \\*", "`a` *"),
        ("one ` two\n\nthree \\* ` four", "one ` two\n\nthree * ` four"),
        (r"<https://example.org/a\_b>", r"<https://example.org/a\_b>"),
        (r"\<b> \_", "<b> _"),
    ],
)
def test_the_plain_text_is_the_markdown_without_escapes(text: str, plain: str) -> None:
    assert plain_of(text) == plain


@pytest.mark.parametrize(
    "text",
    ["`" * 100_000 + "\\*", "` `` ``` " * 11_000 + "\\*", "[" * 100_000, "*a_" * 33_000,
     "> " * 50_000, "- " * 50_000, "<" * 100_000 + "\\*", "\\" * 100_000,
     "[a](" * 25_000, "**a " * 25_000, "a`" * 50_000 + "\\*"],
)  # fmt: skip
def test_any_text_takes_little_time(text: str) -> None:
    began = time.process_time()
    html_of(text)
    plain_of(text)
    assert time.process_time() - began < 10


@given(st.text(alphabet="*_`[]()<>#-+.!\\&~='\"1a :/\n\u00e9", max_size=120))
def test_what_comes_out_has_known_tags_only(text: str) -> None:
    for name, _ in tags_of(html_of(text)):
        assert name in set(
            "a blockquote br code em h1 h2 h3 h4 h5 h6 hr li ol p pre strong ul".split()
        )
