"""Usernames and passwords that will do, and hashes (argon2id, OWASP's 19 MiB and 2 passes).

Hashing costs some 50 ms of a core and 19 MiB: never on the event loop, and at most two at once
(web/forms.py). Nothing here knows a database.
"""

import re
import secrets
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from daxing_safety.errors import BadInput

USERNAME = re.compile(r"[\w.\-]{2,32}")
USERNAME_RULE = "用户名须为 2 至 32 个汉字、字母、数字、下划线、点或连字符，不能有空格。"

LONG = 16  # from here on any characters will do
LONGEST = 128
FEWEST_DISTINCT = 5
NUMERALS = {2: "两", 3: "三", 4: "四"}

KINDS = (r"[A-Z]", r"[a-z]", r"[0-9]", r"[^A-Za-z0-9]")

# What everybody tries first. A password counts as weak when little is left of it without these.
WELL_KNOWN = re.compile(
    r"1234567890|0123456789|987654321|123456789|12345678|1234567|123456|12345|1234|123|321"
    r"|(?:19|20)\d\d|111+|000+|666+|888+|abcdefgh?|abcde?|abc|aabbcc|qwertyuiop|qwerty|asdfghjkl|asdf"
    r"|zxcvbnm?|1qaz2wsx3edc|1qaz2wsx|1qaz|2wsx|q1w2e3r4|pass ?word|passwd|admin(?:istrator)?|root"
    r"|welcome|letmein|iloveyou|woaini|mima|ceshi|test|user|guest|login|system"
    r"|daxing|beijing|bjdx|chuangan|anquan|yingji|office|safety"
)
MUST_REMAIN = 5
LEGIBLE = ("ABCDEFGHJKMNPQRSTUVWXYZ", "abcdefghjkmnpqrstuvwxyz", "23456789")
LOOKALIKES = str.maketrans("@0$!", "aosi")

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@dataclass(frozen=True, slots=True)
class Strength:
    """What is asked of a password: its characters, and how many of the four kinds."""

    shortest: int = 10
    kinds: int = 3

    def __str__(self) -> str:
        return (
            f"至少 {self.shortest} 位，并含大写字母、小写字母、数字、符号中的"
            f"{NUMERALS[self.kinds]}类；或者 {LONG} 位以上，字符不限。"
            "不能包含用户名，也不能用常见密码。"
        )


STANDARD = Strength()


def check_strength(password: str, *, username: str, strength: Strength = STANDARD) -> None:
    """Raises BadInput with the first thing that is wrong and the rules."""
    if fault := _fault(password, username, strength):
        raise BadInput(f"{fault}。要求：{strength}")


def _fault(password: str, username: str, strength: Strength) -> str | None:
    if len(password) > LONGEST:
        return f"密码太长，最多 {LONGEST} 位"
    if len(password) < strength.shortest:
        return f"密码太短，只有 {len(password)} 位"
    kinds = sum(bool(re.search(kind, password)) for kind in KINDS)
    if len(password) < LONG and kinds < strength.kinds:
        return "密码太简单，字符种类不够"
    if username.casefold() in password.casefold():
        return "密码中含有用户名"
    if _is_well_known(password):
        return "密码太常见，容易被猜中"
    return None


def _is_well_known(password: str) -> bool:
    plain = password.lower()
    left = (WELL_KNOWN.sub("", text) for text in (plain, plain.translate(LOOKALIKES)))
    return len(set(plain)) < FEWEST_DISTINCT or min(map(len, left)) < MUST_REMAIN


def initial() -> str:
    """A password to hand over on paper: no character that reads like another, strong by rule."""
    return "-".join("".join(map(secrets.choice, [letters] * 4)) for letters in LEGIBLE)


class Issued(NamedTuple):
    """An initial password: the hash is stored, the password goes onto paper."""

    password: str
    hash: str


def issue() -> Issued:
    """Not in a transaction: the hash takes its time."""
    password = initial()
    return Issued(password, hash_of(password))


def hash_of(password: str) -> str:
    return _hasher.hash(password)


def matches(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):  # the latter: an account without a password
        return False


@cache
def decoy() -> str:
    """A hash that nothing matches: an unknown user must cost the time of a known one."""
    return hash_of(secrets.token_hex())
