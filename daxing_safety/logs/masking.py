"""What may not stand in a log: numbers of people, passwords, and whatever opens a door. Pure.

Names of keys are looked for in the text, so a line of source in a traceback may lose a value,
too: rather that than the other way round.
"""

import re

HIDDEN = "***"
_NO_WORD_BEFORE, _NO_WORD_AFTER = r"(?<![A-Za-z0-9_-])", r"(?![A-Za-z0-9_-])"


def _alone(pattern: str) -> str:
    return _NO_WORD_BEFORE + pattern + _NO_WORD_AFTER


# What is found, and what stands in its place. The longer first.
PATTERNS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?m)^\[parameters: .*", f"[parameters: {HIDDEN}]"),  # of a statement that failed
        (r"(?m)^(DETAIL: ).*", rf"\1{HIDDEN}"),  # PostgreSQL tells the whole row
        (r"://([^\s:/@]*):[^\s@/]+@", rf"://\1:{HIDDEN}@"),
        (r"(?i)((?:cookie|authorization)['\"]?\s*[:=]\s*)[^\n]+", rf"\1{HIDDEN}"),
        (
            r"(?i)((?:passw(?:or)?d|pwd|secret|token|csrf|密码|口令|验证码)['\"]?\s*[:=：]\s*)"
            r"['\"]?[^\s'\",;&)}\]]+['\"]?",
            rf"\1{HIDDEN}",
        ),
        (r"\$argon2[^\s'\")\]]+", HIDDEN),
        # Streamlit's sessions, and the two in the address of an upload.
        (_alone(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"), HIDDEN),
        # secrets.token_urlsafe(32): cookies and forms.
        (
            _alone(
                r"(?=[A-Za-z0-9_-]{0,42}\d)(?=[A-Za-z0-9_-]{0,42}[a-z])"
                r"(?=[A-Za-z0-9_-]{0,42}[A-Z])[A-Za-z0-9_-]{43}"
            ),
            HIDDEN,
        ),
        (r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])", HIDDEN),  # 身份证号
        (
            r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![0-9A-Za-z])",
            HIDDEN,
        ),
    )
)


def masked(text: str) -> str:
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text
