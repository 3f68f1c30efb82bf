"""Failed sign-ins are counted in the database, so two servers count together."""

import ast
import os
import subprocess
import sys

from sqlmodel import col, select
from starlette.testclient import TestClient
from visits import sign_in

from daxing_safety import passwords, settings
from daxing_safety.actions.security_rules import SecurityRules
from daxing_safety.database import transaction
from daxing_safety.models import User

RULES = SecurityRules()
MATCHES = "passwords.matches"
GUESS = """
from daxing_safety.actions.sessions import WrongPassword
from daxing_safety.web import login
for username in {names!r}:
    try:
        login._sign_in(username, "Wrong-guess-4321", login.Visitor({address!r}, "", ""))
    except WrongPassword:
        pass
"""


def guess_elsewhere(names: list[str], address: str) -> None:
    """By another process, as a second server would."""
    code = GUESS.format(names=names, address=address)
    subprocess.run(
        [sys.executable, "-c", code], cwd=settings.ROOT, env=os.environ, check=True, timeout=120
    )


def test_guesses_at_one_server_lock_the_account_at_the_other(stranger: TestClient) -> None:
    guess_elsewhere(["区水务局"] * RULES.free_per_account, "10.9.9.9")
    answer = sign_in(stranger, "区水务局")
    assert answer.status_code == 401 and "尝试次数过多" in answer.text
    assert sign_in(stranger, "区城管委").status_code == 303


def test_guesses_from_one_address_are_counted_over_both(stranger: TestClient) -> None:
    guess_elsewhere([f"nobody{n}" for n in range(RULES.free_per_address)], "testclient")
    assert "尝试次数过多" in sign_in(stranger, "区城管委").text


def compares_a_password(function: ast.FunctionDef) -> bool:
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(isinstance(it, ast.Attribute) and ast.unparse(it) == MATCHES for it in calls)


def test_every_look_at_a_password_counts_the_attempt_first() -> None:
    """Who holds a password against a hash: the one function that counts, and the check of reuse."""
    found = set()
    for path in (settings.ROOT / "daxing_safety").rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef) and compares_a_password(function):
                found.add((path.name, function.name))
    assert found == {("login.py", "_check_password"), ("accounts.py", "check_new_password")}


def test_a_password_is_compared_whole(stranger: TestClient) -> None:
    longest = ("Gan-shui-5566-" * 10)[: passwords.LONGEST]
    with transaction() as session:
        user = session.exec(select(User).where(col(User.username) == "区水务局")).one()
        user.password_hash = passwords.hash_of(longest)
        session.add(user)
    assert sign_in(stranger, "区水务局", longest + "x").status_code == 401
    assert sign_in(stranger, "区水务局", longest[:-1]).status_code == 401
    assert sign_in(stranger, "区水务局", longest).status_code == 303
