"""The channels that face the public."""
