"""Public files: the widget's, and what the pages here need. They are read when they are asked for, so an edit shows at once."""
import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sanic.request import Request
from sanic.response import HTTPResponse, empty, raw

from assistant.channels.web.errors import WebError

KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png"}
COMPRESSED = {".js", ".css", ".svg"}


class _File(NamedTuple):
    content: bytes
    compressed: bytes
    tag: str


def public_file(request: Request, folder: Path, name: str) -> HTTPResponse:
    """A file of `folder` (not of a folder in it). Raises WebError not_found for every other name."""
    path = next((path for path in folder.iterdir() if path.name == name), None)
    if path is None or path.suffix not in KINDS or not path.is_file():
        raise WebError("not_found")
    file = _read(path, path.stat().st_mtime_ns)
    headers = {"ETag": file.tag, "Cache-Control": "no-cache", "Cross-Origin-Resource-Policy": "cross-origin"}  # asked anew, mostly 304
    if file.tag in request.headers.get("if-none-match", ""):
        return empty(304, headers)
    body = file.content
    if path.suffix in COMPRESSED:
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = file.compressed
    return raw(body, headers=headers, content_type=KINDS[path.suffix])


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int) -> _File:
    content = path.read_bytes()
    return _File(content, gzip.compress(content, mtime=0), f'"{hashlib.sha256(content).hexdigest()[:32]}"')
