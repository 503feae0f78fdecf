"""What may go wrong with a request of the web channel, each with its status and a sentence for the citizen."""
from typing import Dict, NamedTuple, Optional

HOTLINE = "12345"  # the number that knowledge/out_of_scope.yml gives wherever we cannot help


class Kind(NamedTuple):
    status: int
    message: str


KINDS: Dict[str, Kind] = {
    "bad_request": Kind(400, "这条消息没能看懂，请刷新页面再试一次。"),
    "bad_session": Kind(401, "这次咨询已经结束，请重新开始。"),
    "wrong_origin": Kind(403, "这个网站没有开通在线咨询。"),
    "not_found": Kind(404, "没有这个页面。"),
    "stale_button": Kind(409, "这个选项已经过去了，请选最新的，或者直接打字告诉我。"),
    "too_large": Kind(413, "一次最多写2000个字，请分几次发。"),
    "rate_limited": Kind(429, "您发得有点快，请稍等一会儿再发。"),
    "busy": Kind(429, "前面的话还在答，请稍等一会儿再发。"),
    "failed": Kind(500, f"系统出了点问题，请过一会儿再试；急的话请打{HOTLINE}政务服务热线。"),
    "not_ready": Kind(503, f"系统正在启动，请过一会儿再试；急的话请打{HOTLINE}政务服务热线。"),
}


class WebError(Exception):
    """A refusal that the citizen's side can understand; `retry_after` is in seconds."""

    def __init__(self, code: str, message: str = "", retry_after: Optional[int] = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = KINDS[code].status
        self.message = message or KINDS[code].message
        self.retry_after = retry_after

    def body(self) -> dict:
        error = {"code": self.code, "message": self.message}
        return {"error": error if self.retry_after is None else {**error, "retry_after": self.retry_after}}
