"""Is the server set up so that others may reach it? Looked at once, when it starts.

What would open a door is refused; what only the office can judge is said on the terminal.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any

from daxing_safety import settings
from daxing_safety.errors import UserFacingError

# As .streamlit/config.toml has them. An environment variable, or a start from another folder,
# would take them away without a word.
NEEDED: dict[str, Any] = {
    "server.trustedUserHeaders": {"x-daxing-login": "login"},
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.maxUploadSize": 20,
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.disableDataExport": True,
}
ANYBODY = "*"


def require_safe(option: Callable[[str], Any]) -> None:
    """Raises with every setting that is not as it has to be; `option` looks one up."""
    faults = [name for name, value in NEEDED.items() if option(name) != value]
    if faults:
        raise UserFacingError(
            f"不能启动：{'、'.join(faults)} 与 .streamlit/config.toml 不一致。"
            "请在程序所在的文件夹启动，并去掉 STREAMLIT_ 开头的环境变量。"
        )
    if not is_local(option("server.address")) and _proxies() == ANYBODY:
        raise UserFacingError(
            "不能启动：FORWARDED_ALLOW_IPS 是 *，任何人都能冒充别的地址。"
            "请写反向代理的地址，或把服务地址设为 127.0.0.1。"
        )


def remarks(address: str | None, *, is_demo: bool) -> Iterator[str]:
    """What is worth a look before others use it; nothing on a server for oneself."""
    if is_local(address):
        return
    if is_demo:
        yield "这是演示数据，所有账号共用一个密码，请不要让无关的人访问。"
    elif settings.fixed_day():
        yield "业务日由 DAXING_TODAY 固定，期限和日志都按这一天计，正式使用请去掉。"
    if not _proxies() and settings.portal() is None:
        yield "没有设置反向代理（FORWARDED_ALLOW_IPS），密码在网络上明文传送，请改用 HTTPS。"
    if not settings.allowed_hosts():
        yield "没有设置 DAXING_HOSTS，服务器对任何域名都作应答，请写上对外的域名。"
    if _is_open_to_others():
        yield f"数据文件夹 {settings.data_dir()} 别的系统用户也能读，请改权限（chmod 700）。"


def is_local(address: str | None) -> bool:
    try:
        return ip_address(address or "0.0.0.0").is_loopback
    except ValueError:
        return address == "localhost"


def _proxies() -> str:
    return os.environ.get("FORWARDED_ALLOW_IPS", "").strip()


def _is_open_to_others() -> bool:
    if sys.platform == "win32":  # rights are kept otherwise there
        return False
    return bool(settings.data_dir().stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
