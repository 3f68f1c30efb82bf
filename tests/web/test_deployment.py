"""What a start refuses, and what it says to whoever started it."""

from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from daxing_safety.errors import UserFacingError
from daxing_safety.web import deployment


def options(**changed: Any) -> Any:
    """As they are, but for these: `_` stands for the point in a name."""
    asked = {name.replace("_", ".", 1): value for name, value in changed.items()}
    return lambda name: asked.get(name, st.get_option(name))


@pytest.fixture
def behind_a_proxy(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DAXING_TODAY")
    monkeypatch.setenv("DAXING_HOSTS", "chuangan.bjdx.local")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "10.1.1.5")
    data_dir.chmod(0o700)
    return data_dir


def told(*, is_demo: bool = False, address: str | None = "0.0.0.0") -> str:
    return "\n".join(deployment.remarks(address, is_demo=is_demo))


def test_as_it_is_shipped_it_starts() -> None:
    deployment.require_safe(st.get_option)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("server_trustedUserHeaders", None),
        ("server_enableXsrfProtection", False),
        ("server_enableCORS", False),
        ("server_enableStaticServing", True),
        ("server_enableAgentApi", True),
        ("server_maxUploadSize", 200),
        ("client_showErrorDetails", "full"),
        ("client_disableDataExport", False),
        ("browser_gatherUsageStats", True),
    ],
)
def test_an_unsafe_setting_is_named_and_nothing_starts(name: str, value: Any) -> None:
    with pytest.raises(UserFacingError, match=name.replace("_", r"\.", 1)) as refusal:
        deployment.require_safe(options(**{name: value}))
    assert str(refusal.value).endswith("。")


def test_whoever_may_claim_any_address_keeps_a_public_server_from_starting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    with pytest.raises(UserFacingError, match="FORWARDED_ALLOW_IPS"):
        deployment.require_safe(options(server_address="0.0.0.0"))
    deployment.require_safe(options(server_address="127.0.0.1"))


def test_well_set_up_nothing_is_said(behind_a_proxy: Path) -> None:
    assert told() == ""


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("FORWARDED_ALLOW_IPS", "", "HTTPS"),
        ("DAXING_HOSTS", "", "DAXING_HOSTS"),
        ("DAXING_TODAY", "2021-05-20", "DAXING_TODAY"),
    ],
)
def test_what_is_left_open_is_said(
    behind_a_proxy: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert says in told() and told().endswith("。")
    assert told(address="127.0.0.1") == told(address="localhost") == told(address="::1") == ""


def test_a_demo_that_others_can_reach_is_pointed_out(behind_a_proxy: Path) -> None:
    assert "演示数据" in told(is_demo=True, address=None)


def test_a_data_folder_that_others_can_read_is_pointed_out(behind_a_proxy: Path) -> None:
    behind_a_proxy.chmod(0o755)
    assert "chmod 700" in told()
