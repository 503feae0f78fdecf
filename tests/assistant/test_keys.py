"""One secret, a key for each purpose; weak or missing secrets are refused where the public relies on them."""
import stat

import pytest

from assistant import keys, settings

STRONG = "a-synthetic-secret-for-the-tests-0123456789"


@pytest.fixture(autouse=True)
def _development(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IDCARD_STAGE", "development")
    monkeypatch.setenv("IDCARD_SECRET_KEY", STRONG)
    keys._secret.cache_clear()
    yield
    keys._secret.cache_clear()


def test_a_token_is_good_for_its_purpose_only() -> None:
    token = keys.sign("session", "abc")
    assert keys.verify("session", token) == "abc"
    assert keys.verify("button", token) is None
    for forged in ("", ".", "abc", "abc.", token + "x", "abd" + token[3:], token[:-1], "身份.证"):
        assert keys.verify("session", forged) is None


def test_another_secret_knows_none_of_the_tokens_and_pseudonyms(monkeypatch) -> None:
    token, hidden = keys.sign("session", "abc"), keys.pseudonym("sender", "abc")
    monkeypatch.setenv("IDCARD_SECRET_KEY", STRONG[::-1])
    assert keys.verify("session", token) is None
    assert keys.pseudonym("sender", "abc") != hidden


def test_a_pseudonym_shows_nothing_of_the_value() -> None:
    assert keys.pseudonym("sender", "abc") == keys.pseudonym("sender", "abc") != keys.pseudonym("sender", "abd")
    assert "abc" not in keys.pseudonym("sender", "abc") and len(keys.pseudonym("sender", "abc")) == 22


@pytest.mark.parametrize("weak", ["short", "a" * 64, "changeme" * 8])
def test_a_weak_secret_is_refused(weak: str, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_SECRET_KEY", weak)
    with pytest.raises(settings.SettingError, match="IDCARD_SECRET_KEY"):
        keys.check()


def test_in_service_there_is_no_secret_by_default(monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_STAGE", "service")
    monkeypatch.delenv("IDCARD_SECRET_KEY")
    with pytest.raises(settings.SettingError, match="missing"):
        keys.check()
    assert not keys.DEVELOPMENT_KEY.exists()


def test_in_development_a_secret_is_made_once_for_its_owner_alone(monkeypatch) -> None:
    monkeypatch.delenv("IDCARD_SECRET_KEY")
    token = keys.sign("session", "abc")
    keys._secret.cache_clear()
    assert keys.verify("session", token) == "abc"
    assert stat.S_IMODE(keys.DEVELOPMENT_KEY.stat().st_mode) == 0o600


def test_a_stage_that_is_none_stops_the_start(monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_STAGE", "live")
    with pytest.raises(settings.SettingError, match="live"):
        settings.check()
