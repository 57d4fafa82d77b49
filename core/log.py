"""Structured logs, in lines for people or JSON for machines.

Nothing that a server or a person wrote can break a line: control characters are
escaped (THREATS T22). Secrets are `Secret` and print as such.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def escape(text: str) -> str:
    r"""Make control characters visible: a line break becomes `\x0a`."""
    return CONTROL.sub(lambda m: f"\\x{ord(m.group()):02x}", text)


def _escape_values(_logger: object, _name: str, event: Any) -> Any:
    return {k: escape(v) if isinstance(v, str) else v for k, v in event.items()}


def set_up(form: str = "console", level: str = "info") -> None:
    """Send Malote's logs to standard error; keep the libraries to warnings."""
    logging.basicConfig(
        stream=sys.stderr, format="%(name)s: %(message)s", level=logging.WARNING
    )
    # imapclient prints mailbox data at DEBUG and names at WARNING (THREATS T2).
    logging.getLogger("imapclient").setLevel(logging.ERROR)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _escape_values,
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def bound(**context: object) -> Any:
    """Let every line inside the `with` carry `context`."""
    return structlog.contextvars.bound_contextvars(**context)


def logger(**context: object) -> Any:
    """Give a logger whose lines carry `context`."""
    return structlog.get_logger(**context)
