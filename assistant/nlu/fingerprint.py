"""What Rasa's training cache does not see: the source of helper modules a component is built on."""

import hashlib
import inspect
from types import ModuleType


def source_fingerprint(*modules: ModuleType) -> str:
    """A hash over the source text of the modules; Rasa itself hashes only the component's class."""
    digest = hashlib.sha256()
    for module in modules:
        digest.update(inspect.getsource(module).encode("utf-8"))
    return digest.hexdigest()
