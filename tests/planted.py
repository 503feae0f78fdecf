"""Numbers that look real to a mask, made here so that none stands in a file."""

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def card_number(serial: str = "001") -> str:
    """A resident ID number with the right check digit, of a place that does not exist."""
    digits = "100000" + "19000101" + serial
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS)) % 11]


def mobile_number(serial: int = 0) -> str:
    return "139" + f"{serial:08}"
