"""The website: docs/web-protocol.md is what this channel speaks, docs/adr/0010-web-channel.md why it is so."""
from assistant.channels.web.input import WebInput

__all__ = ["WebInput"]
