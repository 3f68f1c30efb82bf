"""Browser tabs without a browser, hundreds of them in one thread.

A tab speaks Streamlit's own protocol over its websocket, signed in through the gate, and keeps
what stands on its page: a page that shows a fault, or is not the one asked for, is an error.
The protocol is that of the Streamlit installed; an upgrade is tried in tests/browser.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

XSRF = "_streamlit_xsrf"
ENDED = ("script_finished", ForwardMsg.FINISHED_SUCCESSFULLY)
LONGEST_S = 120  # for an answer, before it counts as none
# What a browser asks before it opens its websocket.
FIRST_REQUESTS = ("/_stcore/health", "/_stcore/host-config")
# A returned workbook is announced in red, too; it is no fault of the page.
RETURNED = ":material/undo:"


class Broken(Exception):
    """The page is not what it should be."""


@dataclass(frozen=True)
class Page:
    """What stands in a tab after a run, in the order of the page."""

    elements: tuple[Element, ...]

    @property
    def title(self) -> str:
        headings = (each.heading for each in self.elements if each.HasField("heading"))
        return next((each.body for each in headings if each.tag == "h1"), "")

    def texts(self) -> Iterator[str]:
        """Of all that shows nothing but text or HTML."""
        for element in self.elements:
            body = getattr(_content(element), "body", None)
            if isinstance(body, str):
                yield body

    def faults(self) -> list[str]:
        thrown = [each.exception.message for each in self.elements if each.HasField("exception")]
        alerts = [each.alert for each in self.elements if each.HasField("alert")]
        return thrown + [
            each.body for each in alerts if each.format == Alert.ERROR and each.icon != RETURNED
        ]

    def widget(self, kind: str, label: str) -> Any:
        """The button, selectbox… of this label."""
        for element in self.elements:
            if element.WhichOneof("type") == kind and _content(element).label == label:
                return _content(element)
        raise Broken(f"no {kind} “{label}” on “{self.title}”")

    def ids(self) -> set[str]:
        return {getattr(_content(element), "id", "") for element in self.elements}


def _content(element: Element) -> Any:
    kind = element.WhichOneof("type")
    return getattr(element, kind) if kind else None


class Browser:
    """The cookies of one person; `async with` it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._http = httpx2.AsyncClient(
            base_url=address, timeout=LONGEST_S, trust_env=False, verify=False
        )

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def sign_in(self, username: str, password: str) -> None:
        form = (await self._http.get("/login")).text
        csrf = re.search(r'name="csrf" value="([^"]+)"', form)
        assert csrf, "the sign-in page has no form"
        fields = {"csrf": csrf[1], "username": username, "password": password, "next": "/"}
        answer = await self._http.post("/login", data=fields)
        if answer.status_code != httpx2.codes.SEE_OTHER:
            raise Broken(f"{username} was not let in: {answer.status_code}")

    async def open(self, page: str, title: str, query: str = "") -> "Tab":
        """A new tab on a screen; returns when all of the screen has come."""
        for address in (f"/{page}?{query}".rstrip("?"), *FIRST_REQUESTS):
            (await self._http.get(address)).raise_for_status()
        tab = Tab(self, await self._connect())
        await tab.visit(page, title, query)
        return tab

    async def put(self, address: str, name: str, data: bytes) -> None:
        token = self._http.cookies[XSRF]
        answer = await self._http.put(
            address, files={name: (name, data)}, headers={"X-Xsrftoken": token}
        )
        answer.raise_for_status()

    async def _connect(self) -> ClientConnection:
        cookies = "; ".join(f"{each.name}={each.value}" for each in self._http.cookies.jar)
        return await connect(
            f"{self.address.replace('http', 'ws', 1)}/_stcore/stream",
            origin=Origin(self.address),
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={"Cookie": cookies},
            open_timeout=LONGEST_S,
            ping_interval=None,  # a browser sends none
            compression=None,
            max_size=None,
        )


class Tab:
    """One tab. Each verb is one rerun, and returns what then stands on the page."""

    def __init__(self, browser: Browser, socket: ClientConnection) -> None:
        self._browser = browser
        self._socket = socket
        self._page_name, self.query, self._title = "", "", ""
        self._values: dict[str, WidgetState] = {}
        # Large parts of this run's page, and of the last one's: these need not be sent again.
        self._known: dict[str, ForwardMsg] = {}
        self._known_before: dict[str, ForwardMsg] = {}
        self.page = Page(())
        self.bytes_received = 0

    async def visit(self, page: str, title: str, query: str = "") -> Page:
        """A screen, as from the navigation or a link; its heading begins with `title`."""
        self._page_name, self.query, self._title = page, query, title
        return await self._run()

    async def click(self, label: str) -> Page:
        state = WidgetState(id=self.page.widget("button", label).id, trigger_value=True)
        return await self._run(state)

    async def choose_one_of(self, label: str, number: int) -> Page:
        """In a row of buttons, the one with this number."""
        widget = self.page.widget("button_group", label)
        state = WidgetState(id=widget.id)
        state.string_array_value.data.append(widget.options[number].content)
        self._values[widget.id] = state
        return await self._run()

    async def choose(self, label: str, number: int) -> Page:
        """In a list that opens."""
        widget = self.page.widget("selectbox", label)
        self._values[widget.id] = WidgetState(id=widget.id, string_value=widget.options[number])
        return await self._run()

    async def upload(self, label: str, name: str, data: bytes) -> Page:
        widget = self.page.widget("file_uploader", label)
        place = await self._place_for(name)
        await self._browser.put(place.upload_url, name, data)
        state = WidgetState(id=widget.id)
        state.file_uploader_state_value.uploaded_file_info.add(
            file_id=place.file_id, name=name, size=len(data), file_urls=place
        )
        self._values[widget.id] = state
        return await self._run()

    async def close(self) -> None:
        await self._socket.close()

    async def _place_for(self, name: str) -> FileURLs:
        message = BackMsg()
        message.file_urls_request.request_id = "upload"
        message.file_urls_request.file_names.append(name)
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(LONGEST_S):
            while True:
                answer = await self._next()
                if answer.HasField("file_urls_response"):
                    return answer.file_urls_response.file_urls[0]

    async def _run(self, *triggers: WidgetState) -> Page:
        await self._socket.send(self._rerun(triggers).SerializeToString())
        async with asyncio.timeout(LONGEST_S):
            self.page = await self._drawn()
        standing = self.page.ids()
        self._values = {id_: it for id_, it in self._values.items() if id_ in standing}
        if faults := self.page.faults():
            raise Broken(f"“{self._title}” shows: {'; '.join(faults)}")
        if not self.page.title.startswith(self._title):
            raise Broken(f"“{self.page.title}” came instead of “{self._title}”")
        return self.page

    def _rerun(self, triggers: tuple[WidgetState, ...]) -> BackMsg:
        self._known, self._known_before = {}, self._known
        message = BackMsg()
        asked = message.rerun_script
        asked.page_name, asked.query_string = self._page_name, self.query
        asked.context_info.url = f"{self._browser.address}/{self._page_name}"
        asked.widget_states.widgets.extend([*self._values.values(), *triggers])
        asked.cached_message_hashes.extend(self._known_before)
        return message

    async def _drawn(self) -> Page:
        """Reads on until a run has come to its end; one that leads to another page does not."""
        drawn: dict[tuple[int, ...], Element] = {}
        while True:
            answer = await self._next()
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                drawn = {}
            elif kind == "page_info_changed":
                self.query = answer.page_info_changed.query_string
            elif kind == "delta" and answer.delta.HasField("new_element"):
                drawn[tuple(answer.metadata.delta_path)] = answer.delta.new_element
            elif (kind, answer.script_finished) == ENDED:
                return Page(tuple(drawn[path] for path in sorted(drawn)))

    async def _next(self) -> ForwardMsg:
        received = await self._socket.recv()
        assert isinstance(received, bytes)
        self.bytes_received += len(received)
        answer = ForwardMsg.FromString(received)
        if answer.HasField("auth_redirect"):
            raise Broken("sent back to the sign-in page")
        if answer.HasField("ref_hash"):
            return self._as_sent_before(answer)
        if answer.metadata.cacheable:
            self._known[answer.hash] = answer
        return answer

    def _as_sent_before(self, reference: ForwardMsg) -> ForwardMsg:
        found = self._known_before[reference.ref_hash]
        self._known[reference.ref_hash] = found
        answer = ForwardMsg()
        answer.CopyFrom(found)
        answer.metadata.CopyFrom(reference.metadata)
        return answer
