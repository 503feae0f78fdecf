"""A request that drips in: cut off in the end, whatever the client keeps sending; quick ones are served meanwhile."""
import asyncio
import socket
import uuid

import pytest
from sanic import Sanic
from sanic.response import text

from assistant.slow_clients import ImpatientProtocol
from tests.assistant.channels.wechat import served  # noqa: F401  Sanic starts more than once in a process then

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\n"
MOST_BYTES = 200  # one every 0.05 s: ten seconds, twenty times its limit


@pytest.fixture
def address(run_async):
    app = Sanic(f"slow_{uuid.uuid4().hex}", configure_logging=False)
    app.config.update(REQUEST_TIMEOUT=0.5, RESPONSE_TIMEOUT=60, KEEP_ALIVE_TIMEOUT=60)
    app.add_route(lambda request: text(str(len(request.body))), "/", methods=["POST"])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))

    async def start():
        server = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False, protocol=ImpatientProtocol)
        await server.startup()
        await server.before_start()
        return server

    server = run_async(start())
    yield listener.getsockname()
    server.close()
    run_async(server.wait_closed())


async def drip(address, sent: bytes) -> int:
    """How many bytes more the server took after `sent` before it cut the line."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(sent)
    for number in range(MOST_BYTES):
        await asyncio.sleep(0.05)
        if reader.at_eof() or writer.is_closing():
            return number
        writer.write(b"a")
        try:
            await asyncio.wait_for(reader.read(4096), 0.001)
        except asyncio.TimeoutError:
            pass
        except ConnectionError:
            return number
    return MOST_BYTES


@pytest.mark.parametrize("sent", [b"POST / HTTP/1.1\r\nX-Slow: ", HEAD], ids=["head", "body"])
def test_a_request_that_drips_in_is_cut_off(sent: bytes, address, run_async) -> None:
    assert run_async(drip(address, sent)) < MOST_BYTES


def test_a_request_that_comes_in_pieces_but_in_time_is_answered_and_the_line_stays(address, run_async) -> None:
    async def ask_twice() -> list:
        reader, writer = await asyncio.open_connection(*address)
        answers = []
        for _ in range(2):
            for piece in (HEAD[:20], HEAD[20:], b"a" * 200, b"a" * 200):
                writer.write(piece)
                await asyncio.sleep(0)
            answers.append((await reader.readuntil(b"400"))[:15])
            await asyncio.sleep(0.8)  # longer than a request may take: an idle line is none
        return answers

    assert run_async(ask_twice()) == [b"HTTP/1.1 200 OK"] * 2
