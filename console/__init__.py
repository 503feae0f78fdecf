"""The staff console: a Django process of its own that reads conversations, lets staff judge them, and makes better data of them."""
