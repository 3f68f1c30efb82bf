"""The first start: whoever reads the terminal may make the first administrator, once.

While there is no account, /setup asks for a code that only the terminal showed. It works for the
official tables and for the demo; with the first account the page is gone for good.
"""

import hmac
import secrets

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from daxing_safety import passwords, settings
from daxing_safety.actions import accounts, audit, installation
from daxing_safety.database import transaction
from daxing_safety.errors import BadInput, UserFacingError
from daxing_safety.vocabulary import Role
from daxing_safety.web.forms import HASHES_AT_ONCE, StaleForm, page, posted
from daxing_safety.web.login import STALE, has_no_accounts

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
TRIES = 10


class Setup:
    def __init__(self) -> None:
        self._code = ""
        self._tries_left = 0

    def open(self) -> str:
        """Makes a new code, to be shown on the terminal and nowhere else."""
        letters = "".join(secrets.choice(LETTERS) for _ in range(12))
        self._code = f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"
        self._tries_left = TRIES
        return self._code

    async def show(self, request: Request) -> Response:
        if not await to_thread.run_sync(has_no_accounts):
            return RedirectResponse("/login", 303)
        return setup_page(request)

    async def submit(self, request: Request) -> Response:
        if not await to_thread.run_sync(has_no_accounts):
            return RedirectResponse("/login", 303)
        try:
            fields = await posted(request)
            self._check_code(fields.get("code", ""))
            build = _build_demo if fields.get("content") == "demo" else _install
            await to_thread.run_sync(build, fields, limiter=HASHES_AT_ONCE)
        except StaleForm:
            return setup_page(request, status=400, error=STALE)
        except UserFacingError as refusal:
            return setup_page(request, status=400, error=str(refusal), fields=fields)
        self._tries_left = 0
        return RedirectResponse("/login?demo=1" if build is _build_demo else "/login?ready=1", 303)

    def _check_code(self, typed: str) -> None:
        if self._tries_left <= 0:
            raise BadInput("初始化验证码已失效，请重新启动服务，使用终端上显示的新验证码。")
        if not hmac.compare_digest(plain(typed), plain(self._code)):
            self._tries_left -= 1
            raise BadInput("初始化验证码不正确，请核对服务器终端上显示的验证码。")


def plain(code: str) -> bytes:
    return code.replace("-", "").replace(" ", "").upper().encode()


def _install(fields: dict[str, str]) -> None:
    username, password = fields.get("username", "").strip(), _chosen_password(fields)
    with transaction() as session:
        if not installation.is_installed(session):
            installation.install(session)
        accounts.add_user(
            session,
            username=username,
            display_name=fields.get("display_name", ""),
            role=Role.ADMIN,
            unit_code=None,
            password=password,
            by=audit.SYSTEM,
            now=settings.clock(),
            must_change_password=False,
        )


def _build_demo(fields: dict[str, str]) -> None:
    from daxing_safety import demo  # only a demo needs the machinery that builds one

    password = _chosen_password(fields)
    passwords.check_strength(password, username=Role.ADMIN.name)
    settings.use_demo_day()
    demo.build_demo(password=password)


def _chosen_password(fields: dict[str, str]) -> str:
    if fields.get("password") != fields.get("again"):
        raise BadInput("两次输入的密码不一致，请重新输入。")
    return fields.get("password", "")


def setup_page(
    request: Request, *, status: int = 200, error: str = "", fields: dict[str, str] | None = None
) -> Response:
    return page(
        request,
        "setup.html",
        status=status,
        error=error,
        fields=fields or {},
        rules=str(passwords.STANDARD),
    )
