"""Is a model archive the one that was trained? Its SHA-256 stands beside it, as scripts/train.sh writes it.

A model archive is code: it names the classes that Rasa imports. The hash finds what is broken, half-copied or mistaken for another.
Against somebody who may write in the folder of the models it helps only where the hash file is not theirs to write.
"""
import hashlib
from pathlib import Path

SUFFIX = ".sha256"


def why_refused(model: Path, is_needed: bool) -> str:
    """What is wrong with `model`, for the person who starts the assistant; "" where nothing is.

    The hash file holds the line of sha256sum. `is_needed`: a model without one is refused as well.
    """
    beside = model.with_name(model.name + SUFFIX)
    try:
        expected = beside.read_text(encoding="utf-8").split()[0]
    except (OSError, IndexError, UnicodeDecodeError):
        if not is_needed and not beside.exists():
            return ""
        return (f"There is no readable hash of {model}: {beside} is missing or broken, and IDCARD_STAGE=service takes only a model that "
                f"was checked. Train it here (make train), or, if you know where it comes from: sha256sum {model.name} > {beside.name}")
    if hashlib.sha256(model.read_bytes()).hexdigest() == expected.lower():
        return ""
    return (f"{model} is not the model whose hash stands in {beside}: it is broken, half-copied or another one. Train it again: make train "
            f"(a model of rasa train has no hash: remove {beside.name} to serve it in development).")
