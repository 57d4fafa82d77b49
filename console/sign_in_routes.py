"""The two addresses of a sign-in that are no pages: away to the provider, and back.

Both answer by a redirection; nothing of what they were given is shown. The cookie names
the browser, so that a sign-in ends where it began (core.sign_in).
"""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console.runtime import runtime
from core import sign_in
from core.errors import MailError, SignInExpired

COOKIE = "malote_sign_in"
ACTIVITY = "malote_activity"  # from which a person came: they are led back to it
NUMBER = re.compile(r"[0-9]{1,10}\Z")
COOKIE_S = 3600
OURS = re.compile(r"[\w-]{43}\Z", re.ASCII)
PAGE = "/integrations"
GET = "GET"


async def start(request: Request) -> Response:
    """Lead a browser from the page to the provider."""
    if request.method != GET:
        return _not_by_this_method()
    browser = _browser(request) or secrets.token_urlsafe(32)
    ticket = request.query_params.get("ticket", "")
    try:
        url = await run_in_threadpool(sign_in.depart, runtime(), ticket, browser)
    except MailError as error:
        return _to_page(sign_in_problem=_told(error))
    answer = _redirected(url)
    _remember(answer, COOKIE, browser)
    activity = request.query_params.get("activity", "")
    if NUMBER.match(activity):
        _remember(answer, ACTIVITY, activity)
    else:
        answer.delete_cookie(ACTIVITY, path="/oauth")
    return answer


async def callback(request: Request) -> Response:
    """Take what the provider sent by the browser (RFC 6749 §4.1.2)."""
    if request.method != GET:
        return _not_by_this_method()
    given = request.query_params
    try:
        key = await run_in_threadpool(
            sign_in.arrive,
            runtime(),
            given.get("state", ""),
            _browser(request),
            given.get("code"),
            given.get("error"),
        )
    except MailError as error:
        return _to_page(sign_in_problem=_told(error), **_activity(request))
    return _to_page(sign_in=key, **_activity(request))


def routes() -> list[Route]:
    """Give the routes of a sign-in."""
    return [Route("/oauth/start", start), Route("/oauth/callback", callback)]


def _browser(request: Request) -> str:
    given = request.cookies.get(COOKIE, "")
    return given if OURS.match(given) else ""


def _activity(request: Request) -> dict[str, str]:
    given = request.cookies.get(ACTIVITY, "")
    return {"activity": given} if NUMBER.match(given) else {}


def _remember(answer: Response, name: str, value: str) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=COOKIE_S,
        path="/oauth",
        secure=runtime().settings.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",  # it comes along when the provider sends the browser back
    )


def _told(error: MailError) -> str:
    """Give the code of an error whose words need no facts; the page has none."""
    return error.code if isinstance(error, SignInExpired) else MailError.code


def _to_page(**query: str) -> Response:
    return _redirected(f"{PAGE}?{urlencode(query)}")


def _redirected(url: str) -> Response:
    return RedirectResponse(url, 303, {"cache-control": "no-store"})


def _not_by_this_method() -> Response:
    """Refuse HEAD, which looks only: a code works once."""
    return Response(status_code=405, headers={"allow": GET})
