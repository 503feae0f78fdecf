"""WeChat official account. What the platform sends and what it expects is described in docs/tasks/connect-wechat.md."""
from assistant.channels.wechat.input import WeChatInput

__all__ = ["WeChatInput"]
