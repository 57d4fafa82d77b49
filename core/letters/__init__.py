"""Letters: from Markdown and variables to a message for the wire. Pure.

    people("Ana <ana@example.org>; …", Field.TO)   who it is for
    render("Hello {{contact.name}}", values)       the text, its variables filled in
    compose(Letter(…))                             the message, as it is sent

`missing` and `unknown` name the variables that have no value here, or nowhere;
`html_of` shows Markdown as a recipient will see it.
"""

from core.letters.addresses import people
from core.letters.composing import (
    ATTACHED_MOST,
    SUBJECT_MOST,
    TEXT_MOST,
    UNSUBSCRIBE,
    compose,
)
from core.letters.letter import Attachment, Composed, Letter
from core.letters.markdown import html_of, plain_of
from core.letters.templating import VARIABLES, missing, render, unknown

__all__ = [
    "ATTACHED_MOST",
    "SUBJECT_MOST",
    "TEXT_MOST",
    "UNSUBSCRIBE",
    "VARIABLES",
    "Attachment",
    "Composed",
    "Letter",
    "compose",
    "html_of",
    "missing",
    "people",
    "plain_of",
    "render",
    "unknown",
]
