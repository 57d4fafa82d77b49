"""Characters that have no place in a header, a name or a variable's value. Pure.

A line break would begin another header field (RFC 5322 §2.2); invisible characters and
those that turn the direction of text let one thing look like another.
"""

from __future__ import annotations

import unicodedata

from core.errors import BadInput

# Controls, formats (invisible, or turning the direction), lone surrogates, separators.
ODD = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
# Letters and marks by their category, but nothing is seen of them.
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
IN_TEXT = frozenset("\n\t")


def is_odd(character: str) -> bool:
    """Tell whether a character is a control, invisible, or turns the direction."""
    return unicodedata.category(character) in ODD or character in BLANK


def check(text: str, field: str) -> None:
    """See that a line of text holds nothing odd.

    Raises:
        BadInput: it does; `character` names an invisible one, as "U+202E".

    """
    if text.isascii() and text.isprintable():
        return
    for character in text:
        if unicodedata.category(character) == "Cc":
            raise BadInput(field, "control")
        if is_odd(character):
            raise BadInput(field, "invisible", character=f"U+{ord(character):04X}")


def check_text(text: str, field: str) -> None:
    """See that a text of many lines can be sent: no controls, no half characters.

    What people write in other alphabets needs some of the invisible characters.

    Raises:
        BadInput: it cannot.

    """
    for character in text:
        unsent = unicodedata.category(character) in {"Cc", "Cs"}
        if unsent and character not in IN_TEXT:
            raise BadInput(field, "control_text")


def made_visible(text: str) -> str:
    """Give a value as one line: blanks are one space, what is odd is seen as U+FFFD."""
    line = " ".join(text.split())
    if line.isascii() and line.isprintable():
        return line
    return "".join("\N{REPLACEMENT CHARACTER}" if is_odd(c) else c for c in line)
