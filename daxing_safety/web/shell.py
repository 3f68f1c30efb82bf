"""Streamlit's index.html as we hand it out: in Chinese, with our icon, style and dictionary.

Streamlit has no translation. Each piece that is replaced must be there, once: an upgrade that
changes index.html fails at start and not before the user's eyes.
"""

import re
from importlib.util import find_spec
from pathlib import Path

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

ASSETS = Path(__file__).parent.parent / "ui" / "assets"
TITLE = "大兴创安工作台"
NO_SCRIPT = (
    "<noscript><p>本系统需要启用浏览器的 JavaScript，请在浏览器设置中打开后刷新。</p></noscript>"
)
OURS = (
    '<link rel="stylesheet" href="./assets/app.css" />'
    '<link rel="stylesheet" href="./assets/panels.css" />'
    '<script src="./assets/zh.js" defer></script>'
    '<script src="./assets/pictures.js" defer></script></head>'
)

REPLACEMENTS = (
    (r'<html lang="en">', '<html lang="zh-CN" translate="no">'),
    (r"<title>Streamlit</title>", f"<title>{TITLE}</title>"),
    (r'href="\./favicon\.png"', 'href="./assets/favicon.png"'),
    # A font that the theme does not use.
    (r'<link\s+rel="preload"\s+href="\./static/media/SourceSans[^>]*>', ""),
    # The interface for programs is off.
    (r'<link rel="service-desc"[^>]*>', ""),
    # Inline, so the content security policy would refuse it; search engines only.
    (r"<script>\s*window\.prerenderReady = false\s*</script>", ""),
    (r"<noscript>.*?</noscript>", NO_SCRIPT),
    (r"</head>", OURS),
)


class PageAddress(Convertor[str]):
    """The file names under pages/: all that Streamlit answers with index.html."""

    regex = "[a-z_]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("page", PageAddress())


def translated(html: str) -> str:
    for pattern, text in REPLACEMENTS:
        html, count = re.subn(pattern, lambda _: text, html, flags=re.DOTALL)  # noqa: B023
        if count != 1:
            raise RuntimeError(f"index.html of Streamlit has {pattern!r} {count} times, not once")
    return html


def index_of_streamlit() -> str:
    package = find_spec("streamlit")
    assert package is not None and package.origin is not None
    return (Path(package.origin).parent / "static" / "index.html").read_text(encoding="utf-8")


SHELL = translated(index_of_streamlit())


async def shell(_: Request) -> Response:
    return HTMLResponse(SHELL, headers={"cache-control": "no-cache"})
