"""Reach a sink through Apprise: check its URL, show it without secrets, send to it.

Apprise is imported when it is first needed: it is large, and few processes send.
"""

from __future__ import annotations

import importlib
import logging
import re
import warnings
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from email import charset
from functools import cache
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from core import hiding
from core.alerts.grouping import What
from core.errors import BadInput
from core.hiding import Hidden
from core.secret import Secret
from core.text import harmless

SEND_S = 20.0  # for one notice, all of it
URL_MOST, WORDS_MOST, BODY_MOST = 2000, 500, 20_000
SECRET_LEAST = 4  # shorter parts of a URL are no secrets, and are in every sentence
NO_REASON = "Apprise gives no reason"
PARTS = re.compile(r"[/?&=@:#,;+\s]+")
# Parameters that make Apprise read a file of this computer, to send what is in it, or
# with which to encrypt: whoever may add a sink may not read our key.
FILES = re.compile(r"template|keyfile|subfile|pgp\w*", re.IGNORECASE)
# What libraries say of the reason, without what they say around it.
REASONS = re.compile(
    r"\[Errno -?\d+\] [^'\"<>()]+|\(\d{3}, b?['\"].*?['\"]\)|CERTIFICATE_VERIFY_FAILED"
    r"[^()]*|timed out"
)


@dataclass(frozen=True, slots=True)
class Sending:
    """Whether a message was sent; if not, why, in the words of Apprise."""

    ok: bool
    words: str = ""


def check(url: Secret) -> str:
    """Give the URL of a sink as it may be shown, once Apprise can use it.

    Raises:
        BadInput: it cannot; names what is wrong, and repeats nothing of it.

    """
    text = url.reveal().strip()
    if not text:
        raise BadInput("sink_url", "empty")
    if len(text) > URL_MOST:
        raise BadInput("sink_url", "too_long")
    if harmless(text) != text or " " in text:
        raise BadInput("sink_url", "control")
    kind, mark, rest = text.partition("://")
    if not mark:
        raise BadInput("sink_url", "sink_form")
    for name, _ in parse_qsl(rest.partition("?")[2], keep_blank_values=True):
        if FILES.fullmatch(name.strip()):
            raise BadInput("sink_url", "sink_file", name=name.strip())
    service = _service(text)
    if service is not None:
        return _shown(service)
    kind = kind.lower()
    if kind in {"http", "https"}:
        raise BadInput("sink_url", "sink_web")
    if kind not in _kinds():
        raise BadInput("sink_url", "sink_kind", kind=kind[:20])
    raise BadInput("sink_url", "sink_incomplete", kind=kind)


def send(url: Secret, what: What | None, title: str, body: str) -> Sending:
    """Send a message, within `SEND_S`; nothing is raised for what a sink does.

    Needs no transaction, and must be called in none: it waits for the network.
    """
    text = url.reveal().strip()
    service = _service(text)
    if service is None:
        return Sending(
            ok=False, words="Apprise does not know this kind of sink any more"
        )
    hub = _apprise().Apprise(asset=_asset())
    hub.add(service)
    how = {"notify_type": _type(what), "body_format": "text", "timeout": SEND_S}
    try:
        with hub.notify(
            body[:BODY_MOST], title, log_level=logging.DEBUG, **how
        ) as told:
            if told:
                return Sending(ok=True)
            said = " ".join(_reasons(told.logs())) or NO_REASON
    except Exception as error:  # noqa: BLE001 - one of 130 plugins has a bug
        said = f"{NO_REASON} ({type(error).__name__})"
    words = _hidden(text, _shown(service)).out_of(harmless(said))
    return Sending(ok=False, words=words[:WORDS_MOST])


def _type(what: What | None) -> str:
    """Choose the colour that some services show."""
    return {What.FIRED: "failure", What.RECOVERED: "success"}.get(what, "info")  # type: ignore[arg-type]  # None: a test


def _reasons(entries: Any) -> Iterator[str]:
    """Give what Apprise warns of, and the reason within its own notes."""
    told: set[str] = set()
    for entry in entries:
        text = str(entry.message)
        if entry.level in {"WARNING", "ERROR", "CRITICAL"}:
            found = [text]
        else:  # what else is noted there has addresses, paths and the message in it
            found = [m.group() for m in REASONS.finditer(text) if "Exception" in text]
        for words in found:
            if words not in told:
                told.add(words)
                yield words


def _hidden(url: str, shown: str) -> Hidden:
    """Hide every part of a URL that is not shown, as it is and as it is sent."""
    parts = {part for text in (url, unquote(url)) for part in PARTS.split(text)}
    secrets = {p for p in parts if len(p) >= SECRET_LEAST and p not in shown}
    split = urlsplit(url)
    pair = f"{unquote(split.username or '')}:{unquote(split.password or '')}"
    coded = {b64encode(one.encode()).decode() for one in (*secrets, pair)}
    return hiding.of({url, *secrets, *coded})


def _shown(service: Any) -> str:
    """Show the service and its host; Apprise's own form has paths and headers in it.

    A host may be a token, or a topic that is as good as a password: names of hosts have
    a dot, and Apprise abbreviates tokens with dots.
    """
    form = urlsplit(service.url(privacy=True))
    host = form.netloc.rpartition("@")[2]
    bare = host.partition(":")[0]
    if "." not in bare and bare not in {"localhost", "****"}:
        host = f"{host[:1]}…"
    return harmless(f"{form.scheme}://{host}")[:300]


def _service(url: str) -> Any:
    """Give Apprise's service of a URL, or None."""
    return _apprise().Apprise.instantiate(url, asset=_asset())


def _kinds() -> frozenset[str]:
    return frozenset(_plugins().schemas())


@cache
def _asset() -> Any:
    """Tell Apprise who sends, and to keep to itself: no files, no redirects."""
    return _apprise().AppriseAsset(
        app_id="Malote",
        app_desc="Malote",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        secure_logging=True,
        storage_mode="memory",
        http_redirects=False,
        service_timeout=SEND_S,
        allow_templates=False,
    )


def _plugins() -> Any:
    return importlib.import_module("apprise.manager_plugins").NotificationManager()


@cache
def _apprise() -> ModuleType:
    """Import Apprise; what it logs may hold parts of a URL, and stays with it."""
    log = logging.getLogger("apprise")
    log.propagate = False
    log.setLevel(logging.DEBUG)  # else nobody would know why a connection failed
    log.addHandler(logging.NullHandler())
    charsets = dict(charset.CHARSETS)
    with warnings.catch_warnings():
        # Apprise 2.3 imports imghdr, for a library that we do not use.
        warnings.simplefilter("ignore", DeprecationWarning)
        _plugins().load_modules()
    # Its e-mail plugin changes how every mail of this process is written.
    charset.CHARSETS.clear()
    charset.CHARSETS.update(charsets)
    return importlib.import_module("apprise")
