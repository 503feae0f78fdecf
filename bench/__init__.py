"""Measurements against public data and other systems; nothing here is part of the product."""
