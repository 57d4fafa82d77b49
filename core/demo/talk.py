"""A conversation of the demo's SMTP server, with the parameters of RFC 3461."""

from __future__ import annotations

import re
from collections.abc import Collection

from aiosmtpd.smtp import SMTP

NOTIFY = re.compile(r"NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*")
RET, ENVID = re.compile("FULL|HDRS"), re.compile("[!-*,-<>-~+]{1,100}")
ORCPT = re.compile("[!-*,-<>-~+]{1,500}")
LONGER = 500  # characters of a command, for its parameters


class DemoTalk(SMTP):
    """aiosmtpd 1.4.6 refuses each parameter of RCPT, and writes ENVID in capitals."""

    envelope_id = ""
    notify: Collection[str] | None = None  # of the RCPT at hand; None: it says nothing

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """Take RET and ENVID, then do what aiosmtpd does."""
        rest, said = _parted(arg, {"RET": RET, "ENVID": ENVID})
        if rest is None and arg is not None:
            await self.push("501 5.5.4 Syntax: RET, ENVID")
            return
        self.envelope_id = said.get("ENVID", "")
        await super().smtp_MAIL(rest)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """Take NOTIFY and ORCPT, then do what aiosmtpd does."""
        rest, said = _parted(arg, {"NOTIFY": NOTIFY, "ORCPT": ORCPT})
        if rest is None and arg is not None:
            await self.push("501 5.5.4 Syntax: NOTIFY, ORCPT")
            return
        words = said.get("NOTIFY")
        self.notify = None if words is None else frozenset(words.upper().split(","))
        await super().smtp_RCPT(rest)

    def allow_longer(self) -> None:
        """Let commands be as long as their parameters make them (RFC 3461 §4)."""
        self.command_size_limits["MAIL"] += LONGER
        self.command_size_limits["RCPT"] += LONGER


def _parted(
    arg: str | None, known: dict[str, re.Pattern[str]]
) -> tuple[str | None, dict[str, str]]:
    """Take known parameters out of a command; no rest: one of them is malformed."""
    if arg is None:
        return None, {}
    path, bracket, parameters = arg.rpartition(">")
    rest: list[str] = []
    said: dict[str, str] = {}
    for word in parameters.split():
        name, _, value = word.partition("=")
        form = known.get(name.upper())
        if form is None:
            rest.append(word)
        elif name.upper() in said or not form.fullmatch(value.upper()):
            return None, {}
        else:
            said[name.upper()] = value
    return " ".join([path + bracket, *rest]), said
