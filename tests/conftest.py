"""How every test runs. Fixtures live beside the tests that use them, or in `tests/support`."""

import faulthandler
import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("local", deadline=None)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    # On a fresh clone the first draw of text builds character tables and always looks too slow.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci" if os.environ.get("CI") else "local")
pytest_plugins = ["tests.support.scenario", "tests.support.server", "tests.support.sql", "tests.support.stores"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """What takes minutes is asked for."""
    parser.addoption("--long", action="store_true", help="run the tests marked long, too")
    parser.addoption("--pictures", metavar="FOLDER", help="put the pictures of the documentation there")


def pytest_configure(config: pytest.Config) -> None:
    """The marker of those tests."""
    config.addinivalue_line("markers", "long: takes most of a minute; runs with --long only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip them unless asked for."""
    if not config.getoption("--long"):
        for item in items:
            if "long" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="runs with --long only"))


@pytest.fixture(autouse=True)
def _take_as_long_as_asked(request: pytest.FixtureRequest) -> None:
    """Of a test that was asked for although it is long nobody needs to know where it is after two minutes."""
    if "long" in request.keywords:
        faulthandler.cancel_dump_traceback_later()
