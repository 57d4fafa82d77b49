"""HTML of mails: what stays, what is dropped and counted, where links lead."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given, strategies as st

from core.mime import sanitising, trimming
from core.mime.sanitising import clean, kind_of, of_text
from tests.browser.hostile import vectors

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100
ALLOWED = re.compile(r"</?([a-z0-9]+)((?: [a-z-]+=\"[^\"]*\")*)>")
ATTRIBUTE = re.compile(r" ([a-z-]+)=\"([^\"]*)\"")


def check_harmless(source: str) -> None:
    """Say that HTML holds nothing but allowed tags, attributes and addresses."""
    assert source.count("<") == len(ALLOWED.findall(source)), source
    for tag, attributes in ALLOWED.findall(source):
        assert tag in sanitising.TAGS
        for name, value in ATTRIBUTE.findall(attributes):
            assert not name.startswith("on")
            if name == "href":
                assert value.lower().startswith(("http:", "https:", "mailto:"))
            elif name == "src":
                assert re.match(r"data:image/(png|jpeg|gif|webp);base64,", value)
            elif name == "style":
                assert "url" not in value
                assert "position" not in value
            else:
                assert name not in {"srcset", "background", "ping", "id", "name"}


@pytest.mark.parametrize(("name", "source"), list(vectors("evil.localhost:1")))
def test_vectors_are_harmless(name: str, source: str) -> None:
    check_harmless(clean(source).html)
    assert name


PIECES = st.sampled_from(
    "<a <b> <p> </p> <img <svg> <math> <style> </style> <!-- --> <table> <td> <script>"
    " </script> > < \" ' = / href= src= onerror= style= javascript: data: cid: &lt;"
    " &#x3c;"
    " <mglyph> <mtext> <noscript> <template> <title> ]]> <![CDATA[ \0 position:fixed;"
    " url(x) <form> <select> <font> \u202e é".split(" ")
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=60))
def test_any_mixture_is_harmless(pieces: list[str]) -> None:
    once = clean("".join(pieces)).html
    check_harmless(once)
    check_harmless(clean(once).html)  # and stays so, read and written once more


def test_what_people_write_stays() -> None:
    source = (
        '<p style="color: red; font-weight: bold">Olá <b>Ana</b> &amp; cia</p>'
        '<table width="100%"><tr><td align="right">1</td></tr></table><br>'
    )
    found = clean(source).html
    assert 'style="color:red;font-weight:bold"' in found.replace(": ", ":").replace(
        "; ", ";"
    )
    assert "Olá <b>Ana</b> &amp; cia" in found
    assert '<td align="right">1</td>' in found


def test_remote_images_are_counted_once_each() -> None:
    source = (
        '<img src="http://t.example/1.png"><img src="http://t.example/1.png">'
        '<img src="//t.example/2.png"><img srcset="https://t.example/3.png 2x">'
        '<td background="http://t.example/4.png">'
        '<table background="http://t.example/4.png">'
        '<img src="relative.png"><img src="cid:nobody"><img>'
    )
    found = clean(source)
    assert found.remote == 4
    assert found.lost == 2
    assert "t.example" not in found.html


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"GIF89a", "gif"),
        (b"RIFF\0\0\0\0WEBP", "webp"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", ""),
        (b"BM", ""),
        (b"%PDF-1.7", ""),
        (b"", ""),
    ],
)
def test_only_images_that_are_images_are_shown(data: bytes, kind: str) -> None:
    assert kind_of(data) == kind
    given = base64.b64encode(data).decode()
    shown = clean(f'<img src="data:image/png;base64,{given}">').html
    assert (f"data:image/{kind};base64," in shown) is bool(kind)
    assert ("src=" in clean('<img src="cid:a%40b">', {"a@b": data}).html) is bool(kind)


def test_images_are_bounded() -> None:
    large = b"\x89PNG\r\n\x1a\n" + b"x" * sanitising.IMAGE_BYTES
    assert clean('<img src="cid:a">', {"a": large}).lost == 1
    many = clean('<img src="cid:a">' * 200, {"a": PNG})
    assert many.html.count("src=") == sanitising.IMAGES_MOST
    heavy = b"\x89PNG\r\n\x1a\n" + b"x" * (1 << 20)
    assert clean('<img src="cid:a">' * 20, {"a": heavy}).html.count("src=") == 5


@pytest.mark.parametrize(
    ("text", "url", "elsewhere"),
    [
        ("www.bank.com", "http://evil.example/", True),
        ("https://bank.com/login", "https://bank.com.evil.example/login", True),
        ("bank.com", "https://www.bank.com/x", False),
        ("bank.com", "https://mail.bank.com/x", False),
        ("mail.bank.com", "https://bank.com/", True),
        ("http://bank.com", "http://bank.com@evil.example/", True),
        ("<b>www.</b><i>bank.com</i>", "http://evil.example/", True),
        ("click here", "http://evil.example/", False),
        ("ana@bank.com", "mailto:ana@bank.com", False),
        ("apple.com", "https://xn--80ak6aa92e.com/", True),
        ("Node.js 20.1", "https://example.org", False),
    ],
)
def test_links_that_say_another_host_are_marked(
    text: str, url: str, elsewhere: bool
) -> None:
    found = clean(f'<a href="{url}">{text}</a>')
    (link,) = found.links
    assert link.elsewhere is elsewhere
    assert ('class="elsewhere"' in found.html) is elsewhere
    assert 'rel="noopener noreferrer nofollow"' in found.html
    assert 'target="_blank"' in found.html
    assert "title=" in found.html


def test_a_link_leads_where_it_says_to_lead() -> None:
    (link,) = clean('<a href=" HTTPS://Example.org/a?b=1&amp;c=2 ">x</a>').links
    assert (link.host, link.url) == ("example.org", "HTTPS://Example.org/a?b=1&c=2")


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>", "<b>", "<table><tr><td>", "<p><b><i><u>", "<a href=http://x>", "&",
        "<",
        "<div><!--</div>-->", '<div a="></div>">', "<div><style></div></style>",
        "<style>", "<!--", "<a b='", '<a b="', "<font size=1></p>", "&#1072;", "<p x",
        "<<div>div>", "<svg><g>", "<ul><li>", "<select><option>",
    ],
)  # fmt: skip
def test_bombs_are_trimmed_to_a_bounded_depth(bomb: str) -> None:
    trimmed = trimming.trim(bomb * 20_000)
    real = list(trimming.TAG.finditer(trimmed.html))
    names = [t[2].lower() for t in real if not t[1]]
    closed = [t[2].lower() for t in real if t[1]]
    counted = [n for n in names if n not in trimming.VOID | trimming.ENDED_BY_THE_NEXT]
    assert len(counted) - len(closed) <= trimming.DEPTH
    assert len(real) <= trimming.TAGS_MOST
    assert "<" not in trimming.TAG.sub("", trimmed.html)  # nothing else is a tag
    assert len(clean(bomb * 20_000).html) < 4 << 20


def test_what_was_trimmed_is_said() -> None:
    assert clean("<div>" * 1_000 + "deep").cut
    assert "deep" in clean("<div>" * 1_000 + "deep").html
    assert not clean("<div>" * 100 + "x").cut
    assert clean("x" * (sanitising.HTML_CHARS + 1)).cut


def test_a_text_is_a_text() -> None:
    assert of_text("<b>&\"'") == '<pre class="text">&lt;b&gt;&amp;&quot;&#x27;</pre>'
