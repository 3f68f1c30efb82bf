"""The run's own server as one for work: it syncs to the disk, and may be restarted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clusters import Cluster


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.postgresql)


@pytest.fixture
def server(cluster: Cluster) -> Iterator[Cluster]:
    cluster.sync("on")
    yield cluster
    cluster.sync("off")
