"""Rasa components that understand Chinese messages by their characters; see docs/adr/0005 and 0006."""
