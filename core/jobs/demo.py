"""Keep the demo's servers running, as a child of the worker, while they are wanted."""

from __future__ import annotations

import subprocess
import sys

from core import log
from core.parent import end
from core.runtime import Runtime
from core.store import integrations, workers
from core.store.engine import reading, writing

STOP_S = 5.0


class DemoServers:
    """A child process that ends when its standard input does."""

    def __init__(self, runtime: Runtime) -> None:
        """Prepare; nothing is started yet."""
        self._runtime = runtime
        self._child: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """Start the servers when they are wanted and not there; stop them otherwise."""
        with reading(self._runtime.engine) as conn:
            wanted = workers.wanted(conn, "demo")
        if not wanted:
            self.stop()
        elif self._child is None or self._child.poll() is not None:
            self._start()

    def stop(self) -> None:
        """End the servers, if they run."""
        child, self._child = self._child, None
        if child is not None:
            end(child, STOP_S)
            if child.stdout is not None:
                child.stdout.close()

    def _start(self) -> None:
        directory = self._runtime.demo_directory
        command = [sys.executable, "-m", "core.demo", "--directory", str(directory)]
        self._child = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        stdout = self._child.stdout
        ready = stdout.readline() if stdout else b""
        log.logger().info("demo servers", ready=bool(ready))
        self._follow_ports()

    def _follow_ports(self) -> None:
        """Tell a connected demo mailbox where its servers listen now."""
        found = self._runtime.demo()
        if found is None:
            return
        with writing(self._runtime.engine) as conn:
            for one in integrations.live(conn):
                if one.demo:
                    integrations.change(
                        conn,
                        one.id,
                        imap_port=found.imap_port,
                        smtp_port=found.smtp_port,
                    )
