"""What app.py hands to Streamlit's server: routes, middleware, start and stop; and how to start it.

One process, one event loop, one watch over the open websockets.
"""

import logging
import pkgutil
import runpy
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from typing import Any

import streamlit as st
from anyio import to_thread
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from daxing_safety import (
    __version__,
    actions,
    charts,
    database,
    garbage,
    logs,
    passwords,
    reports,
    settings,
    verification,
)
from daxing_safety.actions import installation, preferences
from daxing_safety.permissions import operator
from daxing_safety.ui import overview, todo
from daxing_safety.vocabulary import Role
from daxing_safety.web import deployment, loggers, login, portal, sign_ins, stop, upkeep, wall
from daxing_safety.web.background import Background
from daxing_safety.web.downloads import download
from daxing_safety.web.gate import Gate
from daxing_safety.web.headers import SecurityHeaders
from daxing_safety.web.health import health
from daxing_safety.web.portal import PortalHeader
from daxing_safety.web.setup import Setup
from daxing_safety.web.shell import ASSETS, TITLE, shell
from daxing_safety.web.sockets import Watch
from daxing_safety.web.trouble import Trouble
from daxing_safety.web.uploads import UploadLimits
from daxing_safety.workbooks import worker

ENTRY = settings.ROOT / "daxing_safety" / "ui" / "entry.py"

# Loaded before the port answers: the first visitor after a start must not wait for them, and what
# is there by then is kept out of the garbage collector's rounds.
HEAVY = (
    *("pandas", "pyarrow.pandas_compat", "plotly.graph_objects", "plotly.tools", "PIL.Image"),
    "streamlit.emojis",  # a large pattern, compiled for the first button that may bear one
)

log = logging.getLogger(__name__)

watch = Watch()
first_start = Setup()


async def favicon(_: Request) -> Response:
    return FileResponse(ASSETS / "favicon.png")


async def broken(request: Request, error: Exception) -> Response:
    number = logs.failure(error)
    return PlainTextResponse(
        f"系统出错了，请稍后再试。如再次出现，请把编号 {number} 告诉系统管理员。", 500
    )


ROUTES = [
    Route("/login", login.show_login, methods=["GET"]),
    Route("/login", login.sign_in, methods=["POST"]),
    Route("/logout", login.show_logout, methods=["GET"]),
    Route("/logout", login.sign_out, methods=["POST"]),
    Route("/auth/logout", login.show_logout, methods=["GET"]),
    Route("/password", login.show_password, methods=["GET"]),
    Route("/password", login.change_password, methods=["POST"]),
    Route("/sign_ins", sign_ins.show, methods=["GET"]),
    Route("/sign_ins", sign_ins.end, methods=["POST"]),
    Route("/setup", first_start.show, methods=["GET"]),
    Route("/setup", first_start.submit, methods=["POST"]),
    Route(wall.ADDRESS, wall.show, methods=["GET"]),
    Route(wall.ADDRESS, wall.start, methods=["POST"]),
    Route(f"{wall.ADDRESS}/close", wall.close, methods=["POST"]),
    Route("/download/{kind}/{id}", download, methods=["GET"]),
    Route("/healthz", health, methods=["GET"]),
    Route("/favicon.ico", favicon, methods=["GET"]),
    Mount("/assets", StaticFiles(directory=ASSETS)),
    Route("/{page:page}", shell, methods=["GET"]),
]
MIDDLEWARE = [
    Middleware(PortalHeader),
    Middleware(SecurityHeaders),
    Middleware(Trouble),
    Middleware(Gate, watch=watch),
    Middleware(UploadLimits),
]
EXCEPTION_HANDLERS: dict[Any, Callable[..., Any]] = {Exception: broken}


def lifespan(port: int) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(_: object) -> AsyncIterator[None]:
        logs.set_up()
        loggers.join()
        await to_thread.run_sync(prepare)
        stop.listen()
        announce(st.get_option("server.address"), port)
        background = Background(watch.run, upkeep.run)
        try:
            yield
        finally:
            await background.stop()
            worker.shutdown()
            log.info("Stopped")

    return running


def prepare() -> None:
    """All that the first visitor would otherwise wait for."""
    deployment.require_safe(st.get_option)
    portal.check_start()
    installation.upgrade()
    with database.reading() as session:
        if preferences.is_demo(session):
            settings.use_demo_day()
    for name in (*HEAVY, *modules_of(actions), *modules_of(reports), *modules_of(charts)):
        import_module(name)
    passwords.decoy()
    worker.warm()
    rehearse()
    garbage.settle()


def rehearse() -> None:
    """The leaders' first screen is drawn once, and kept until something is written."""
    with database.reading() as session:
        if not installation.is_installed(session):
            return
    leader = operator(Role.LEADER)
    overview.view(leader)
    todo.items(leader)


def modules_of(package: Any) -> list[str]:
    return [each.name for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]


def announce(host: str | None, port: int) -> None:
    address = f"http://localhost:{port}"
    log.info("Started version %s on port %s", __version__, port)
    lines = [f"{TITLE} {__version__} 已启动：{address}"]
    if login.has_no_accounts():
        lines += [
            "还没有任何账号。请在浏览器中打开下面的地址，用验证码建立第一个系统管理员：",
            f"    {address}/setup",
            f"    初始化验证码：{first_start.open()}",
        ]
    with database.reading() as session:
        is_demo = preferences.is_demo(session)
    lines += [f"注意：{each}" for each in deployment.remarks(host, is_demo=is_demo)]
    sys.stdout.write("\n".join(["", *lines, "", ""]))
    sys.stdout.flush()


def serve(host: str, port: int) -> None:
    """Runs the server until it is stopped, as `streamlit run app.py` does."""
    stop.leave_with_success()
    portal.leave_addresses_alone()
    verification.require_usable()  # here, so that a refusal is a sentence and no failed start
    installation.upgrade()
    options = [f"--server.address={host}", f"--server.port={port}"]
    sys.argv = ["streamlit", "run", str(settings.ROOT / "app.py"), *options]
    runpy.run_module("streamlit", run_name="__main__")
