"""A copy of an example costs less than Rasa's and is worth the same."""
import copy

from rasa.shared.nlu.training_data.message import Message

from assistant.train import copied


def example() -> Message:
    found = Message.build("补领多少钱", "费用", entities=[{"entity": "business", "value": "补领"}], intent_metadata={"from": "试"})
    found.set("topics", ["费用"], add_to_output=True)
    return found


def test_a_copy_is_equal_and_as_deep_as_rasas() -> None:
    original = example()
    fingerprint = original.fingerprint()
    for found in (copied(original, {}), copy.deepcopy(original)):
        assert vars(found) == vars(original) and found == original
        found.get("entities")[0]["value"] = "换领"
        found.set("intent", "材料", add_to_output=True)
        assert found.fingerprint() != fingerprint
    assert original == example() and original.fingerprint() == fingerprint and original.output_properties == example().output_properties
