"""The address at which the frame finds the body of a mail: no page, and no rights.

It does not pass through a session of Streamlit and asks for rights by itself: by the
token, and by the integration's privacy level. The policy that it is sent with takes
script, forms, network and origin from whatever the body may hold (STREAMLIT.md §5).
"""

from __future__ import annotations

import html

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from console.runtime import runtime
from core import preview
from core.errors import LinkExpired, MailError, PrivacyForbids
from core.i18n import Texts, choose
from core.words import explain

GET = "GET"
HEADERS = {
    "content-security-policy": preview.HEADER_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-dns-prefetch-control": "off",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
}
STATUS: dict[type[MailError], int] = {LinkExpired: 410, PrivacyForbids: 403}
FAILED = 502


async def body(request: Request) -> Response:
    """Answer with the body that a token names."""
    if request.method != GET:
        return Response(status_code=405, headers={"allow": GET, **HEADERS})
    t = _texts(request)
    token = str(request.path_params["token"])
    title, language = t("preview.frame"), t.language.replace("_", "-")
    try:
        shown = await run_in_threadpool(
            preview.document, runtime(), token, title, language
        )
    except MailError as error:
        return answer(_told(t, error), STATUS.get(type(error), FAILED))
    return answer(shown)


async def draft(request: Request) -> Response:
    """Answer with a mail that is being written, as its reader will see it."""
    if request.method != GET:
        return Response(status_code=405, headers={"allow": GET, **HEADERS})
    t = _texts(request)
    name, language = str(request.path_params["name"]), t.language.replace("_", "-")
    try:
        return answer(preview.draft_document(name, t("preview.frame"), language))
    except LinkExpired as error:
        return answer(_told(t, error), STATUS[LinkExpired])


def answer(page: str, status: int = 200) -> Response:
    """Send HTML that must not be able to do anything, whatever it holds."""
    return HTMLResponse(page, status, headers=HEADERS)


def routes() -> list[Route]:
    """Give the routes of bodies: of mail that came, and of mail that is written."""
    return [
        Route(f"{preview.PATH}{{token:str}}", body),
        Route(f"{preview.DRAFT_PATH}{{name:str}}", draft),
    ]


def _told(t: Texts, error: MailError) -> str:
    return f"<!doctype html><p>{html.escape(explain(t, error, now=True).line)}</p>"


def _texts(request: Request) -> Texts:
    return Texts(choose(request.headers.get("accept-language", "")))
