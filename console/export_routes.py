"""The address of a download: a file that an export has written, sent as it lies.

The answer is read from the disk piece by piece, however large the file is. Who holds
the ticket may have it (core.exporting.ticket): no session comes along.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from console.runtime import runtime
from core import exporting
from core.errors import LinkExpired
from core.i18n import Texts, choose
from core.words import explain

# A browser saves it and opens nothing, whatever the mail in it says of itself.
MEDIA = "application/octet-stream"
CLOSED = {
    "cache-control": "no-store",
    "content-security-policy": "sandbox; default-src 'none'",
    "cross-origin-resource-policy": "same-origin",
}


async def download(request: Request) -> Response:
    """Send a file, or say that the address is no longer good."""
    shown = request.path_params["ticket"]
    try:
        found = await run_in_threadpool(exporting.download, runtime(), shown)
    except LinkExpired as error:
        t = Texts(choose(request.headers.get("accept-language")))
        return PlainTextResponse(explain(t, error).line, 410, CLOSED)
    return FileResponse(
        found.path, headers=CLOSED, media_type=MEDIA, filename=found.name
    )


def routes() -> list[Route]:
    """Give the route of downloads."""
    return [Route("/api/export/{ticket}", download)]
