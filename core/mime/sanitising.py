"""HTML of mails, made harmless by an allow-list (nh3), and its links looked at. Pure.

The frame that shows it forbids all the same by its policy (console/preview_routes.py):
either wall holds alone. No image is ever loaded from elsewhere: those that came with
the message stand in it as data, every other one is left out and counted (THREATS T13).
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

import nh3

from core.mime.links import Link, marked
from core.mime.trimming import trim

HTML_CHARS = 1 << 20
IMAGE_BYTES, IMAGES_BYTES, IMAGES_MOST = 2 << 20, 6 << 20, 60
URL_CHARS = 4_000
TAGS = set(
    "a abbr address article aside b bdi bdo big blockquote br caption center cite"
    " code col colgroup dd del details dfn div dl dt em figcaption figure font"
    " footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q s"
    " samp section small span strike strong sub summary sup table tbody td tfoot th"
    " thead time tr tt u ul var wbr".split()
)
# What stands inside of these is no text for people.
WITHOUT_CONTENT = set(
    "script style title svg math template iframe frame frameset object embed applet"
    " noscript noembed noframes xmp plaintext listing textarea select option button"
    " input head link meta base audio video source track canvas map area portal"
    " dialog".split()
)
SIZES = {"align", "valign", "width", "height", "bgcolor", "border"}
ATTRIBUTES = {
    "*": {"dir", "lang", "style", "background"},
    "a": {"href"},
    "img": {"src", "srcset", "alt", "width", "height"},
    "font": {"color", "face", "size"},
    "td": SIZES | {"colspan", "rowspan", "nowrap"},
    "th": SIZES | {"colspan", "rowspan", "nowrap", "scope"},
    "table": SIZES | {"cellpadding", "cellspacing", "summary"},
    "tr": SIZES,
    "ol": {"start", "type"},
    "li": {"value"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "div": {"align"},
    "p": {"align"},
}
# Nothing that places boxes over others, and nothing that takes an address.
STYLES = set(
    "color background-color text-align text-decoration text-indent text-transform"
    " vertical-align white-space word-break word-wrap overflow-wrap direction font-"
    " family font-size font-style font-weight font-variant line-height letter-"
    " spacing border border-top border-right border-bottom border-left border-color"
    " border-style border-width border-collapse border-spacing border-radius padding"
    " padding-top padding-right padding-bottom padding-left margin margin-top"
    " margin-right margin-bottom margin-left width height min-width max-width min-"
    " height max-height display table-layout".split()
)
LINKED = ("http:", "https:", "mailto:")
SCHEMES = {"http", "https", "mailto", "cid", "data"}
REMOTE = re.compile(r"(?:https?:|ftp:|//|\\\\)", re.IGNORECASE)
BLANKS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
DATA = re.compile(
    r"data:image/[a-z.+-]{1,20};base64,([A-Za-z0-9+/=\s]*)\Z", re.IGNORECASE
)
MAGIC = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"\xff\xd8\xff"), "jpeg"),
    (re.compile(rb"GIF8[79]a"), "gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "webp"),
)


@dataclass(frozen=True, slots=True)
class Safe:
    """HTML that may be shown in the frame, and what is not shown of it.

    `remote`: images that lie elsewhere; `lost`: others that cannot be shown.
    """

    html: str
    remote: int = 0
    lost: int = 0
    links: tuple[Link, ...] = ()
    cut: bool = False


@dataclass(slots=True)
class _Filter:
    """Decides attribute by attribute in one document, and counts what it drops."""

    images: Mapping[str, bytes]
    remote: set[str] = field(default_factory=set)
    lost: int = 0
    used: int = 0
    shown: int = 0

    def __call__(self, _tag: str, name: str, value: str) -> str | None:
        match name:
            case "href":
                return self._href(value)
            case "src":
                return self._src(value)
            case "srcset" | "background":
                self._dropped(value)
                return None
            case "style":
                return None if "\\" in value else value
        return value if len(value) < URL_CHARS else None

    def _href(self, value: str) -> str | None:
        url = BLANKS.sub("" if ":" in value[:40] else " ", value[:URL_CHARS]).strip()
        return url if url.lower().startswith(LINKED) else None

    def _src(self, value: str) -> str | None:
        url = value.strip()
        if url[:4].lower() == "cid:":
            data = self.images.get(unquote(url[4:])) or self.images.get(url[4:])
            return self._as_data(data)
        if found := DATA.match(url):
            return self._as_data(_unbased(found[1]))
        self._dropped(url)
        return None

    def _as_data(self, data: bytes | None) -> str | None:
        kind = kind_of(data or b"")
        size = len(data or b"")
        if not data or not kind or self.shown == IMAGES_MOST:
            self.lost += 1
            return None
        if size > IMAGE_BYTES or self.used + size > IMAGES_BYTES:
            self.lost += 1
            return None
        self.used, self.shown = self.used + size, self.shown + 1
        return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"

    def _dropped(self, value: str) -> None:
        if REMOTE.match(BLANKS.sub("", value[:URL_CHARS])):
            self.remote.add(value)
        elif value.strip():
            self.lost += 1


def clean(source: str, images: Mapping[str, bytes] | None = None) -> Safe:
    """Make HTML harmless; `images` are those that came with it, by Content-ID."""
    judge = _Filter(images or {})
    trimmed = trim(source[:HTML_CHARS])
    once = nh3.clean(
        trimmed.html,
        tags=TAGS,
        clean_content_tags=WITHOUT_CONTENT,
        attributes=ATTRIBUTES,
        attribute_filter=judge,
        url_schemes=SCHEMES,
        filter_style_properties=STYLES,
        link_rel=None,
    )
    found = marked(once)
    return Safe(
        _again(found.html),
        len(judge.remote),
        judge.lost,
        found.links,
        cut=trimmed.deep or len(source) > HTML_CHARS,
    )


def kind_of(data: bytes) -> str:
    """Tell by its first bytes what kind of image this is, if it may be shown."""
    return next((kind for magic, kind in MAGIC if magic.match(data)), "")


def of_text(text: str) -> str:
    """Give plain text as HTML."""
    return f'<pre class="text">{html.escape(text)}</pre>'


def _again(marked_html: str) -> str:
    """Let nothing out that nh3 did not write: what marks links is checked as well."""
    return nh3.clean(
        marked_html,
        tags=TAGS,
        attributes={
            **{tag: names - {"srcset"} for tag, names in ATTRIBUTES.items()},
            "*": {"dir", "lang", "style"},
            "a": {"href", "title"},
        },
        attribute_filter=_shut,
        allowed_classes={"strong": {"elsewhere"}},
        url_schemes={"http", "https", "mailto", "data"},
        url_relative="deny",
        filter_style_properties=STYLES,
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="noopener noreferrer nofollow",
    )


def _shut(_tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if value.lower().startswith(LINKED) else None
    if name == "src":
        return (
            value
            if re.match(r"data:image/(?:png|jpeg|gif|webp);base64,", value)
            else None
        )
    return value


def _unbased(text: str) -> bytes | None:
    if len(text) > IMAGE_BYTES * 2:
        return None
    try:
        return base64.b64decode(text)
    except ValueError:
        return None
