"""The launcher: Streamlit as an ASGI application, tuned and closed.

Why each setting is there: docs/explain/console.md. Measured: without a collection
after each run and with uvloop's TCP_NODELAY a click is answered in milliseconds.
"""

from __future__ import annotations

import base64
import gc
import hashlib
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from console import export_routes, preview_routes, sign_in_routes
from console.runtime import runtime
from core import log, watch
from core.errors import BadInput, MailError
from core.i18n import Texts, terminal_texts
from core.jobs.child import WorkerProcess
from core.words import explain

HERE = Path(__file__).parent
HOST = "127.0.0.1"
USE = 2  # exit code: wrong use


def config(port: int) -> dict[str, Any]:
    """Give the settings of Streamlit."""
    return {
        "server.address": HOST,
        "server.port": port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.allowedHosts": ["localhost", HOST],
        "server.maxUploadSize": 25,  # MB: files of a mail; an import says its own
        "server.enableStaticServing": True,
        "server.showEmailPrompt": False,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.disableDataExport": True,
        "runner.magicEnabled": False,
        "runner.postScriptGC": False,
        "logger.hideWelcomeMessage": True,
        "logger.level": "warning",
        "theme.base": str(HERE / "theme.toml"),
    }


def policy() -> str:
    """Give the Content-Security-Policy; the one inline script is let in by its hash."""
    index = Path(st.__file__).parent / "static" / "index.html"
    scripts = re.findall(
        r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>",
        index.read_text("utf-8"),
        re.DOTALL,
    )
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    return (
        f"default-src 'self'; script-src 'self' {hashes};"
        " style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
        " font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:;"
        " frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
        " frame-ancestors 'self'"
    )


class Headers:
    """Add the headers of a closed page to every answer (pure ASGI).

    What a route says by itself stays as it is: the bodies of mails are closed further.
    """

    def __init__(self, app: Any) -> None:
        """Wrap an application."""
        self._app = app
        self._headers = [
            (b"content-security-policy", policy().encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        ]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, with the headers."""

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                said = list(message.get("headers", []))
                names = {name.lower() for name, _ in said}
                ours = [one for one in self._headers if one[0] not in names]
                message["headers"] = [*said, *ours]
            await send(message)

        await self._app(scope, receive, with_headers)


async def healthz(_request: Request) -> JSONResponse:
    """Say that the console answers."""
    return JSONResponse({"console": "ok"})


async def readyz(_request: Request) -> JSONResponse:
    """Say whether the store answers and a worker lives."""
    try:
        alive = watch.worker_lives(runtime())
    except MailError as error:
        return JSONResponse({"store": error.code}, status_code=503)
    state = {"store": "ok", "worker": "ok" if alive else "silent"}
    return JSONResponse(state, status_code=200 if alive else 503)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Keep one worker beside the console, from start to end."""
    worker = WorkerProcess()
    worker.start()
    try:
        yield {}
    finally:
        worker.stop()


def application() -> st.App:
    """Give the console as an ASGI application."""
    return st.App(
        HERE / "entry" / "app.py",
        lifespan=lifespan,
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *export_routes.routes(),
            *sign_in_routes.routes(),
            *preview_routes.routes(),
        ],
        middleware=[Middleware(Headers)],
        on_script_error=_log_script_error,
    )


def main() -> None:
    """Start the console; what keeps it from starting is one line on standard error."""
    t = terminal_texts()
    try:
        port = runtime().settings.port
        _check_port(port)
    except MailError as error:
        sys.exit(_stopped(t, error))
    app = application()
    _warm_up()
    print(t("server.address", port=str(port)), flush=True)  # noqa: T201 - our one line
    with suppress(KeyboardInterrupt):  # uvicorn has stopped in good order by then
        app.run(config=config(port))


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise BadInput("MALOTE_PORT", "port_busy", port=port) from None


def _stopped(t: Texts, error: MailError) -> int:
    print(f"malote: {explain(t, error).line}", file=sys.stderr)  # noqa: T201 - the same
    return USE


def _warm_up() -> None:
    """Import what pages need, then leave it out of every later collection."""
    import console.charts  # noqa: PLC0415 - warm imports
    import console.connect_dialog  # noqa: F401, PLC0415

    gc.collect()
    gc.freeze()


def _log_script_error(error: Exception) -> bool:
    log.logger().error("script broke", error=type(error).__name__)
    return False


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


if __name__ == "__main__":
    main()
