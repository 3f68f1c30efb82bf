"""For whom the server works at the moment, in this thread or request: noted beside an error."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Scene:
    address: str = ""
    path: str = ""
    username: str = ""
    role: str = ""
    began: float = field(default_factory=time.monotonic)


_scene: ContextVar[Scene | None] = ContextVar("scene", default=None)


def asked_from(address: str, path: str = "") -> None:
    """A request, or a run of a page, begins. The path comes without its query."""
    _scene.set(Scene(address=address, path=path))


def asks(username: str, role: str) -> None:
    """Who it is, once that is known."""
    _scene.set(replace(_scene.get() or Scene(), username=username, role=role))


def present() -> dict[str, str | int]:
    """What is known of it; how many milliseconds it has lasted."""
    scene = _scene.get()
    if scene is None:
        return {}
    told: dict[str, str | int] = {
        "user": scene.username,
        "role": scene.role,
        "address": scene.address,
        "path": scene.path,
    }
    told = {name: value for name, value in told.items() if value}
    return told | {"took_ms": round((time.monotonic() - scene.began) * 1000)}
