"""Values that are made once, however many ask for them at the same time. Pure.

A value is of a version; a newer one takes its place. What nobody has asked for longest makes room.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Place:
    """Who asks first fills it; the others wait for their turn and find it filled."""

    version: Hashable
    turn: threading.Lock = field(default_factory=threading.Lock)
    is_filled: bool = False
    value: Any = None


class Shelf:
    def __init__(self, places: int) -> None:
        self._most = places
        self._guard = threading.Lock()
        self._places: OrderedDict[Hashable, Place] = OrderedDict()

    def get(self, key: Hashable, version: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` returned for this version; where it raises, the next who asks tries anew."""
        place = self._place(key, version)
        with place.turn:
            if not place.is_filled:
                place.value = make()
                place.is_filled = True
            return place.value

    def _place(self, key: Hashable, version: Hashable) -> Place:
        with self._guard:
            place = self._places.get(key)
            if place is None or place.version != version:
                place = self._places[key] = Place(version)
            self._places.move_to_end(key)
            if len(self._places) > self._most:
                self._places.popitem(last=False)
            return place
