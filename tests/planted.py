"""Numbers that look real to a mask, made here so that none stands in a file."""

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def card_number(serial: str = "001") -> str:
    """A resident ID number with the right check digit, of a place that does not exist."""
    digits = "100000" + "19000101" + serial
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS)) % 11]


def old_card_number() -> str:
    """One of 15 digits, of the same place."""
    return "100000" + "500101" + "001"


def mobile_number(serial: int = 0) -> str:
    return "139" + f"{serial:08}"


def bank_card() -> str:
    """One with the right check digit, of a bank that does not exist."""
    digits = "62" + "0" * 16
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(digits)]
    return digits + str(-sum(number // 10 + number % 10 for number in doubled) % 10)


def full_width(digits: str) -> str:
    return "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in digits)


NAME, ADDRESS = "欧阳" + "试试", "试试路" + "99号2栋303室"
