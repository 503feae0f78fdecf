"""How the browser of the tests is got, tried with commands that only note that they were called."""
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def machine(tmp_path):
    """A machine with these commands only: name -> shell script."""
    def make(**commands: str) -> subprocess.CompletedProcess:
        for name, script in {"apt-get": f'echo "$@" >>{tmp_path}/calls', "id": "echo 0", **commands}.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
            (tmp_path / name).chmod(0o755)
        return subprocess.run(["/bin/bash", "scripts/setup-browser.sh"], cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    return make


def test_nothing_is_done_where_chromium_and_a_chinese_font_are(machine, tmp_path) -> None:
    done = machine(chromium="", **{"fc-list": "echo 'Noto Sans CJK SC'"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / "calls").exists()


def test_root_gets_what_is_missing_by_apt(machine, tmp_path) -> None:
    assert machine(chromium="").returncode == 0
    assert (tmp_path / "calls").read_text().splitlines()[-1].endswith("fontconfig fonts-wqy-microhei")
    assert "chromium" not in (tmp_path / "calls").read_text()


def test_anybody_else_is_told_what_to_install(machine, tmp_path) -> None:
    done = machine(id="echo 1000", **{"fc-list": "echo 'Noto Sans CJK SC'"})
    assert done.returncode == 1
    assert "sudo apt install chromium)" in done.stderr
    assert not (tmp_path / "calls").exists()


def test_a_failing_apt_is_said(machine) -> None:
    done = machine(**{"apt-get": "exit 100"})
    assert done.returncode == 1
    assert "chromium fontconfig fonts-wqy-microhei" in done.stderr.splitlines()[-1]
