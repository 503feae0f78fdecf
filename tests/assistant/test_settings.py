"""The one table of settings, its twin in .env.example, and what is read from a .env file."""
import re
from pathlib import Path

import pytest

from assistant import settings

ROOT = Path(__file__).resolve().parents[2]


def test_env_example_is_the_table() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    found = re.findall(r"^# (.+)\n(IDCARD_\w+)=(.*)$", example, re.MULTILINE)
    assert found == [(setting.meaning, setting.name, setting.default) for setting in settings.SETTINGS]


@pytest.mark.parametrize("package", ["actions", "assistant", "console", "idcard"])
def test_no_package_reads_a_setting_that_the_table_does_not_name(package: str) -> None:
    named = {setting.name for setting in settings.SETTINGS}
    for path in (ROOT / package).rglob("*.py"):
        used = set(re.findall(r"""["'](IDCARD_[A-Z_]+)["']""", path.read_text(encoding="utf-8")))
        assert used <= named, path


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch) -> None:
    file = tmp_path / ".env"
    file.write_text("# IDCARD_OFF=1\nIDCARD_AS_OF=2016-12-01\n IDCARD_NEW = 'a=b' \nno setting\n", encoding="utf-8")
    monkeypatch.setenv("IDCARD_AS_OF", "2020-01-01")
    monkeypatch.setenv("IDCARD_NEW", "")  # so that monkeypatch takes it away afterwards
    monkeypatch.delenv("IDCARD_NEW")
    settings.read_env_file(file)
    assert settings.os.environ["IDCARD_AS_OF"] == "2020-01-01"
    assert settings.os.environ["IDCARD_NEW"] == "a=b"
    assert "# IDCARD_OFF" not in settings.os.environ and "IDCARD_OFF" not in settings.os.environ


@pytest.mark.parametrize("given", ["2016-13-01", "1.12.2016", "yesterday"])
def test_a_date_that_is_none_stops_the_start(given: str, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_AS_OF", given)
    with pytest.raises(settings.SettingError, match=re.escape(given)):
        settings.check()


@pytest.mark.parametrize("given", ["", "2016-12-01"])
def test_a_date_or_none_is_fine(given: str, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_AS_OF", given)
    settings.check()


@pytest.mark.parametrize("given", ["*", "https://", "city.test", "https://city.test/", "https://city.test/page", "HTTPS://CITY.test", "null"])
def test_an_origin_that_no_browser_sends_stops_the_start(given: str, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_ALLOWED_ORIGINS", f"https://other.test, {given}")
    with pytest.raises(settings.SettingError, match=re.escape(given)):
        settings.check()


def test_origins_and_proxies_are_lists(monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_ALLOWED_ORIGINS", " https://city.test, http://127.0.0.1:8080,")
    monkeypatch.setenv("IDCARD_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8,::1")
    assert settings.allowed_origins() == {"https://city.test", "http://127.0.0.1:8080"}
    assert [str(network) for network in settings.trusted_proxies()] == ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]
    monkeypatch.setenv("IDCARD_TRUSTED_PROXIES", "nginx")
    with pytest.raises(settings.SettingError, match="nginx"):
        settings.check()
