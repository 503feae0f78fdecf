"""Serves a model without TensorFlow: call `load_rasa()` before anything else imports `rasa.core`.

Rasa imports TensorFlow even where no component uses it, through two helper modules of its training loop and through four
components that its recipe validator only compares classes with (reference: Rasa 3.6.21). Stand-ins in `sys.modules` save
about 400 MB and four seconds. Training always needs the real thing, so only the server and the chat call this.
"""
import importlib
import json
import sys
import tarfile
import warnings
from pathlib import Path
from types import ModuleType

# module -> the names Rasa imports from it
TRAINING_LOOP = {
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
}
COMPONENTS = {
    "rasa.nlu.classifiers.diet_classifier": ("DIETClassifier",),
    "rasa.nlu.selectors.response_selector": ("ResponseSelector",),
    "rasa.core.policies.ted_policy": ("TEDPolicy",),
    "rasa.core.policies.unexpected_intent_policy": ("UnexpecTEDIntentPolicy",),
}
# Not imported unless a model names them, hence no stand-in, but they need TensorFlow as well.
OTHER_COMPONENTS = (
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer",
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer",
)


def load_rasa() -> None:
    """Import Rasa's agent and server with the stand-ins in place.

    Does no harm in a process that has TensorFlow already. The deprecation warnings of Rasa's pinned dependencies are nothing
    anybody here can mend; some of them reset the warning filters while they are imported, hence the recording.
    """
    if "tensorflow" not in sys.modules:
        _put_stand_ins()
    with warnings.catch_warnings(record=True):
        importlib.import_module("rasa.core.run")
    warnings.filterwarnings("ignore", category=DeprecationWarning)


def _put_stand_ins() -> None:
    for module_name, class_names in {**TRAINING_LOOP, **COMPONENTS}.items():
        if module_name not in sys.modules:
            sys.modules[module_name] = _stand_in(module_name, class_names)


def _stand_in(module_name: str, class_names: tuple) -> ModuleType:
    module = ModuleType(module_name, "Stand-in: this process runs without TensorFlow.")
    for class_name in class_names:
        setattr(module, class_name, type(class_name, (), {"__module__": module_name}))
    return module


def components_needing_tensorflow(model: Path) -> list:
    """Class names of the components in a model archive that cannot run here, in the order they are used."""
    with tarfile.open(model, "r:gz") as archive:
        member = next((m for m in archive if m.name.lstrip("./") == "metadata.json"), None)
        if member is None:
            raise ValueError("no metadata.json in the archive")
        metadata = json.load(archive.extractfile(member))
    needing = {*COMPONENTS, *OTHER_COMPONENTS}
    used = [node["uses"].rsplit(".", 1) for node in metadata["predict_schema"]["nodes"].values()]
    return list(dict.fromkeys(class_name for module_name, class_name in used if module_name in needing))
