"""A port of this machine for machines: /metrics, /healthz and /readyz.

It answers without a password, so it tells no secret, no address and no name; and it
listens on this machine alone unless a setting says otherwise.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from core import log
from core.errors import KeyWrong, StoreUnavailable
from core.release import version_of
from core.runtime import Runtime
from core.store import credentials
from core.store.engine import reading
from core.telemetry.collector import StoreCollector, Vitals, WorkerCollector
from core.vault import CHECK_TEXT

PATIENCE_S = 10.0  # with a client that says nothing
TICK_S = 15.0  # a scheduler that was silent for so long does not turn
JSON = "application/json"
Answer = tuple[HTTPStatus, str, bytes]


class Machines:
    """The port of a worker. Without it the worker works as well."""

    def __init__(
        self, runtime: Runtime, registry: CollectorRegistry, vitals: Vitals
    ) -> None:
        """Prepare; nothing listens yet."""
        self._runtime, self._registry, self._vitals = runtime, registry, vitals
        registry.register(StoreCollector(runtime))
        registry.register(WorkerCollector(vitals))
        ProcessCollector(registry=registry)
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        """Give where it listens; 0: it does not."""
        return self._server.server_port if self._server else 0

    def start(self) -> None:
        """Listen, unless the port is 0, or somebody else's: then work goes on."""
        settings = self._runtime.settings
        if not settings.metrics_port:
            return
        try:
            self._server = _Server((settings.metrics_host, settings.metrics_port), self)
        except OSError as error:
            log.logger().warning(
                "metrics not served",
                host=settings.metrics_host,
                port=settings.metrics_port,
                reason=error.strerror or str(error),
                to_do="set MALOTE_METRICS_PORT to a free port, or to 0 for none",
            )
            return
        serve = threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True
        )
        serve.start()
        log.logger().info("metrics served", host=settings.metrics_host, port=self.port)

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, path: str) -> Answer:
        """Give what is shown at a path."""
        match path.partition("?")[0]:
            case "/metrics":
                text = generate_latest(self._registry)
                return HTTPStatus.OK, CONTENT_TYPE_PLAIN_0_0_4, text
            case "/healthz":
                return _json(HTTPStatus.OK, {"ok": True, "version": version_of()})
            case "/readyz":
                checks = self.checks()
                good = all(checks.values())
                status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
                return _json(status, {"ok": good, "checks": checks})
            case _:
                return _json(HTTPStatus.NOT_FOUND, {"ok": False})

    def checks(self) -> dict[str, bool]:
        """Tell whether the store answers, the key opens it, the scheduler turns."""
        ticks = self._vitals.tick_age_s() < TICK_S
        try:
            with reading(self._runtime.engine) as conn:
                sealed = credentials.key_checks(conn)
        except StoreUnavailable:
            return {"store": False, "key": False, "scheduler": ticks}
        return {"store": True, "key": self._opens(sealed), "scheduler": ticks}

    def _opens(self, sealed: dict[str, bytes]) -> bool:
        vault = self._runtime.vault
        try:
            check = vault.open(sealed.get(vault.key_id, b""), 0, "check")
        except (KeyWrong, ValueError):  # ValueError: too short to be sealed
            return False
        return check.reveal() == CHECK_TEXT


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere it would share the port

    def __init__(self, where: tuple[str, int], machines: Machines) -> None:
        self.machines = machines
        super().__init__(where, _Handler)

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        """Tell a bug in the log, as everything is."""
        log.logger().exception("metrics broke")


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = PATIENCE_S

    def do_GET(self) -> None:
        status, kind, body = self.server.machines.answer(self.path)
        with suppress(OSError):  # the client left in the middle: its good right
            self._send(status, kind, body)

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        """Say no more than needed."""
        return "malote"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
        """Write nothing: scrapes come every few seconds."""


def _json(status: HTTPStatus, value: dict[str, Any]) -> Answer:
    return status, JSON, json.dumps(value).encode()
