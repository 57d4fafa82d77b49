"""A text that must not be seen."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """Hold a password; only `reveal` shows it, `str` and `repr` never do."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        """Give the text: to the wire or the vault, and nobody else."""
        return self._value

    def __bool__(self) -> bool:
        """Tell whether there is any text at all."""
        return bool(self._value)

    def __str__(self) -> str:
        """Show that there is a secret, not which."""
        return "Secret()"

    def __reduce__(self) -> str:
        """Refuse to be pickled: caches and session stores pickle."""
        msg = "a Secret does not leave the process"
        raise TypeError(msg)


class AccessToken(Secret):
    """An access token (RFC 6749 §1.4): shown to a server in place of a password."""

    __slots__ = ()
