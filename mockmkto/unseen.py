"""Characters that show nothing, or turn the text around them: control characters and bidirectional ones.

Beside them, those that no XML can carry.
"""

from __future__ import annotations

import re

__all__ = ["NOT_XML", "UNSEEN", "escaped"]

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# Line ends and tabs are not among them: where they are unwelcome, somebody else takes care of them.
UNSEEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)


def escaped(text: str) -> str:
    r"""The text with each of them as JSON and Python write it: `\u202e`. What is JSON stays the same JSON."""
    if text.isascii() and "\x7f" not in text:
        return text
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
