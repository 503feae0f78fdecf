"""A copy of an example costs less than Rasa's and is worth the same."""
import copy

import numpy as np
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message

from assistant.train import copied


def example() -> Message:
    found = Message.build("补领多少钱", "费用", entities=[{"entity": "business", "value": "补领"}], intent_metadata={"from": "试"})
    found.set("topics", ["费用"], add_to_output=True)
    found.add_features(Features(np.ones((1, 2)), "sentence", "text", "counts"))
    return found


def test_a_copy_is_equal_and_as_deep_as_rasas() -> None:
    original = example()
    fingerprint = original.fingerprint()
    for found in (copied(original, {}), copy.deepcopy(original)):
        assert found.data == original.data and found == original
        assert found.features[0].fingerprint() == original.features[0].fingerprint() and found.features[0] is not original.features[0]
        found.get("entities")[0]["value"] = "换领"
        found.set("intent", "材料", add_to_output=True)
        assert found.fingerprint() != fingerprint
    assert original == example() and original.fingerprint() == fingerprint and original.output_properties == example().output_properties
