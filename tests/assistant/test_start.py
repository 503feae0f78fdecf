"""What stops the start, each with a sentence for the person who starts it; no model is needed."""
import io
import json
import tarfile
from pathlib import Path

import pytest

import idcard.knowledge
from assistant import server, start
from idcard.knowledge import KnowledgeError


@pytest.fixture(scope="module", autouse=True)
def rasa_without_tensorflow() -> None:
    start.load_rasa()


def archive(path: Path, *classes: str) -> Path:
    """A model archive that says it uses these classes, and holds nothing else."""
    nodes = {str(number): {"uses": name} for number, name in enumerate(classes)}
    content = json.dumps({"predict_schema": {"nodes": nodes}}).encode()
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo("metadata.json")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return path


def config(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_missing_model_says_how_to_train_one(tmp_path) -> None:
    for path in (tmp_path, tmp_path / "none.tar.gz"):
        with pytest.raises(start.StartRefused, match="make train"):
            start.model_file(str(path))


def test_a_file_that_is_no_model_is_refused(tmp_path) -> None:
    (tmp_path / "text.tar.gz").write_text("no archive")
    with pytest.raises(start.StartRefused, match="not a Rasa model"):
        start.model_file(str(tmp_path / "text.tar.gz"))


def test_a_model_that_needs_tensorflow_is_refused_by_the_name_of_its_component(tmp_path) -> None:
    model = archive(tmp_path / "diet.tar.gz", "rasa.core.policies.rule_policy.RulePolicy",
                    "rasa.nlu.classifiers.diet_classifier.DIETClassifier", "rasa.core.policies.ted_policy.TEDPolicy")
    with pytest.raises(start.StartRefused, match="uses DIETClassifier, TEDPolicy.*rasa run"):
        start.model_file(str(model))


def test_the_newest_model_of_a_folder_is_taken(tmp_path) -> None:
    import os

    for name, age in (("old", 2), ("new", 1)):
        model = archive(tmp_path / f"{name}.tar.gz")
        os.utime(model, (1000 - age, 1000 - age))
    assert start.model_file(str(tmp_path)).name == "new.tar.gz"


@pytest.mark.parametrize("section", ["tracker_store", "lock_store", "event_broker", "nlg"])
@pytest.mark.parametrize("kind", ["assistant.nowhere.Store", "assistant.start.Nothing", "redsi"])
def test_a_class_that_cannot_be_imported_stops_the_start(section: str, kind: str, tmp_path) -> None:
    path = config(tmp_path / "endpoints.yml", f"{section}:\n  type: {kind}\n")
    with pytest.raises(start.StartRefused, match=f"{kind} \\({section} in"):
        start.read_endpoints(path, remote_actions=False)


def test_a_channel_that_cannot_be_imported_stops_the_start(tmp_path) -> None:
    path = config(tmp_path / "credentials.yml", "rest:\nassistant.nowhere.WebInput:\n")
    with pytest.raises(start.StartRefused, match="assistant.nowhere.WebInput"):
        start.check_channels(path)


def test_remote_actions_need_an_address(tmp_path) -> None:
    path = config(tmp_path / "endpoints.yml", "nlg:\n  type: response\n")
    with pytest.raises(start.StartRefused, match="action_endpoint"):
        start.read_endpoints(path, remote_actions=True)


def test_a_store_that_rasa_replaced_in_silence_is_noticed(tmp_path) -> None:
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import EndpointConfig

    from assistant.agent import CarefulAgent

    endpoints = AvailableEndpoints(tracker_store=EndpointConfig(type="assistant.stores.Broken"))
    with pytest.raises(start.StartRefused, match="assistant.stores.Broken"):
        start._check_stores(CarefulAgent(), endpoints)


def test_broken_knowledge_stops_the_server_with_exactly_its_message(monkeypatch, capsys) -> None:
    error = KnowledgeError("knowledge/policy/fee.yml", 12, "缺少 cites", "写上条款编号")

    def load() -> None:
        raise error

    monkeypatch.setattr(idcard.knowledge, "load", load)
    assert server.main([]) == 1
    output = capsys.readouterr()
    assert output.err == f"{error}\n" and output.out == ""


@pytest.mark.parametrize("arguments, words", [
    (["--model", "models/none.tar.gz"], "make train"),
    (["--credentials", "none.yml"], "none.yml"),
    (["--remote-storage", "aws"], "rasa run"),
])
def test_the_server_says_why_it_does_not_start(arguments: list, words: str, capsys) -> None:
    assert server.main(arguments) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


def test_a_port_in_use_is_told_before_anything_is_loaded(tmp_path, capsys) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert server.main(["--model", str(archive(tmp_path / "m.tar.gz")), "--port", str(port)]) == 1
    output = capsys.readouterr()
    assert f"127.0.0.1:{port}" in output.err and "Loading" not in output.out


def test_the_server_listens_on_this_machine_only_unless_told() -> None:
    args = server.parse_arguments([])
    assert (args.interface, args.port, args.enable_api) == ("127.0.0.1", 5005, False)
    assert server.parse_arguments(["-i", "0.0.0.0", "other.tar.gz"]).model == "other.tar.gz"
