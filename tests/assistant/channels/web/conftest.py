"""One running server for all tests of the web channel."""
import pytest

from tests.assistant.channels.web.client import Server


@pytest.fixture(scope="session")
def web_server(model_path, tmp_path_factory):
    server = Server(model_path, tmp_path_factory.mktemp("web") / "web.db", IDCARD_ALLOWED_ORIGINS="http://city.test").start()
    yield server
    server.kill()


@pytest.fixture
def chat(web_server):
    return web_server.chat()
