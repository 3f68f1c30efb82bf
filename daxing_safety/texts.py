"""Which characters of a text are kept: those that people can see. Pure.

What is stripped is what no keyboard writes on purpose: control characters (one of them breaks an
Excel file, NUL is refused by PostgreSQL), halves of characters, marks that turn a text around or
make equal texts unequal. Whatever can be read stays as it is: rare names, emoji, other scripts.
"""

import re

# The joiner U+200D stays: emoji need it.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200c\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


def legible(text: str) -> str:
    """Without what nobody sees; blanks, tabs and line breaks stay."""
    return text if text.isprintable() else INVISIBLE.sub("", text)
