"""Quiet logs for the unit tests: hypothesis makes thousands of runs."""

from core import log

log.set_up("console", "error")
