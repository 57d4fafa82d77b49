"""A process that holds all that is imported, and forks a child for each order.

    with nursery("tests.servers.crashing") as ask:
        ask({"one": 7}, hear_pid)     # what the child says; None: it was killed

So hundreds of crashes cost little. The module named is run with `serve(run)`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core import log

Hear = Callable[[int], None]
Ask = Callable[[dict[str, Any], Hear], Any]


def unheard(_pid: int) -> None:
    """Take no notice of which child it is."""


@contextmanager
def nursery(module: str) -> Iterator[Ask]:
    """Start the process that forks; give a function that has one order done."""
    with subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        orders, answers = process.stdin, process.stdout

        def ask(order: dict[str, Any], hear_pid: Hear) -> Any:
            print(json.dumps(order), file=orders, flush=True)
            hear_pid(int(answers.readline()))
            return json.loads(answers.readline())

        yield ask
        orders.close()  # its end


def serve(run: Callable[[dict[str, Any]], Any]) -> None:
    """Fork a child for each order on standard input; tell its id, and what it said."""
    log.set_up("console", "error")
    for line in sys.stdin:
        out, into = os.pipe()
        child = os.fork()
        if not child:
            os.close(out)
            os.write(into, json.dumps(run(json.loads(line))).encode())
            os._exit(0)
        _say(str(child))
        os.close(into)
        with os.fdopen(out) as told:
            said = told.read()
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) not in {0, -signal.SIGKILL}:
            raise RuntimeError(f"a child ended with {status}")
        _say(said or "null")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
