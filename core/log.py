"""Structured logs, in lines for people or JSON for machines.

Everything goes one way, lines of libraries too, so that in JSON every line is JSON.
Nothing that a server or a person wrote can break a line: control characters are
escaped (THREATS T22). Secrets are `Secret` and print as such. What is `bound` around a
piece of work, as the integration and the run, is in each of its lines.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from typing import Any

import structlog

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# imapclient prints mailbox data at DEBUG and names at WARNING (THREATS T2).
QUIET = ("imapclient", "apscheduler")


def escape(text: str) -> str:
    r"""Make control characters visible: a line break becomes `\x0a`."""
    return CONTROL.sub(lambda m: f"\\x{ord(m.group()):02x}", text)


def _escape_values(_logger: object, _name: str, event: Any) -> Any:
    return {k: escape(v) if isinstance(v, str) else v for k, v in event.items()}


def set_up(form: str = "console", level: str = "info") -> None:
    """Send Malote's logs to standard error; keep the libraries to warnings."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = [_escape_values, structlog.processors.format_exc_info]
    if form == "json":
        last.append(structlog.processors.JSONRenderer())
    else:
        last.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()))
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _take_libraries(shared, last)


def _take_libraries(shared: list[Any], last: list[Any]) -> None:
    """Let what libraries log take the same way."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, _Handler)]:
        root.removeHandler(old)
    handler = _Handler()
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def take_endings() -> None:
    """Let warnings, and what ends a thread or this program, be lines of the log too."""
    logging.captureWarnings(capture=True)

    def ended(kind: Any, error: Any, trace: Any) -> None:
        logger().critical("program ended", exc_info=(kind, error, trace))

    def thread_ended(what: threading.ExceptHookArgs) -> None:
        found = (what.exc_type, what.exc_value, what.exc_traceback)
        logger().critical("thread ended", exc_info=found)

    sys.excepthook, threading.excepthook = ended, thread_ended


class _Handler(logging.Handler):
    """Writes a line at once, so that it is not mixed with another thread's."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write, to whatever standard error is now."""
        try:
            sys.stderr.write(self.format(record) + "\n")
        except Exception:  # noqa: BLE001 - a log must not break what it tells of
            self.handleError(record)


def bound(**context: object) -> Any:
    """Let every line inside the `with` carry `context`."""
    return structlog.contextvars.bound_contextvars(**context)


def logger(**context: object) -> Any:
    """Give a logger whose lines carry `context`."""
    return structlog.get_logger(**context)
