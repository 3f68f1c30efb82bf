"""Which passwords are strong enough."""

import pytest

from daxing_safety import passwords
from daxing_safety.errors import BadInput


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("Ab1!", "太短，只有 4 位"),
        ("abcdefghkm", "字符种类不够"),
        ("x" * 129, "太长"),
        ("Shuiwu-区水务局-1", "含有用户名"),
        ("Daxing@2021", "太常见"),
        ("P@ssw0rd1234", "太常见"),
        ("Qwerty123456!", "太常见"),
        ("aaaaaaaaaaaaaaaaaa", "太常见"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        passwords.check_strength(password, username="区水务局")


@pytest.mark.parametrize(
    "password", ["Lin-hai-7788", "四个汉字加Aa9别的", "t" * 5 + "correct horse battery"]
)
def test_a_strong_password_is_taken(password: str) -> None:
    passwords.check_strength(password, username="区水务局")


def test_initial_passwords_are_strong_and_differ() -> None:
    made = {passwords.initial() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        passwords.check_strength(password, username="区水务局")
