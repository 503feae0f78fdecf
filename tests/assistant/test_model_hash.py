"""A model that is not the trained one is refused before anything of it is loaded."""
import hashlib
from pathlib import Path

import pytest

from assistant import model_hash, start
from tests.assistant.test_start import archive

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """An archive with the hash that sha256sum writes beside it."""
    made = archive(tmp_path / "idcard.tar.gz")
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    made.with_name("idcard.tar.gz.sha256").write_text(f"{digest}  idcard.tar.gz\n")
    return made


@pytest.mark.parametrize("stage", ["development", "service"])
def test_the_trained_model_is_taken(stage: str, model: Path, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_STAGE", stage)
    assert start.model_file(str(model)) == model


@pytest.mark.parametrize("stage", ["development", "service"])
def test_a_broken_or_foreign_model_is_refused_with_a_way_on(stage: str, model: Path, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_STAGE", stage)
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    with pytest.raises(start.StartRefused, match="broken, half-copied or another one.*make train"):
        start.model_file(str(model))


def test_a_model_without_a_hash_is_for_development_only(model: Path, monkeypatch) -> None:
    model.with_name("idcard.tar.gz.sha256").unlink()
    assert start.model_file(str(model)) == model  # rasa train, pytest --model
    monkeypatch.setenv("IDCARD_STAGE", "service")
    with pytest.raises(start.StartRefused, match="no readable hash.*make train.*sha256sum"):
        start.model_file(str(model))


@pytest.mark.parametrize("content", ["", "\xff\xfe", "\n"])
def test_a_broken_hash_file_is_no_missing_one(content: str, model: Path) -> None:
    model.with_name("idcard.tar.gz.sha256").write_text(content, encoding="latin-1")
    with pytest.raises(start.StartRefused, match="missing or broken"):
        start.model_file(str(model))


def test_training_writes_the_hash_that_is_checked() -> None:
    script = (ROOT / "scripts/train.sh").read_text(encoding="utf-8")
    assert "sha256sum idcard.tar.gz > idcard.tar.gz" + model_hash.SUFFIX in script
