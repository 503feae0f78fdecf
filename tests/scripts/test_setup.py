"""The set-up, as far as it can be tried without fetching anything."""
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ["requirements.txt", "requirements-dev.txt", "requirements-deploy.txt"]
VERBS = {"setup", "run", "chat", "train", "validate", "test", "check", "bench", "lock", "clean", "help"}


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def chosen_python(path: str, pyenv_root: Path) -> str:
    env = {**os.environ, "PATH": path, "PYENV_ROOT": str(pyenv_root)}
    return subprocess.run(["bash", "scripts/setup.sh", "--python"], cwd=ROOT, env=env, capture_output=True, text=True).stdout.strip()


def test_a_python_that_does_not_run_is_passed_over(tmp_path) -> None:
    shim = executable(tmp_path / "shims/python3.10", "#!/bin/sh\necho 'pyenv: python3.10: command not found' >&2\nexit 127\n")
    real = tmp_path / "versions/3.10.13/bin/python"
    real.parent.mkdir(parents=True)
    real.symlink_to(Path(sys.executable).resolve())
    executable(tmp_path / "versions/3.10.2/bin/python", "#!/bin/sh\nexit 1\n")
    found = chosen_python(f"{shim.parent}:/usr/bin:/bin", tmp_path)
    assert found and found != str(shim)
    version = subprocess.run([found, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True)
    assert version.stdout.split() == ["3", "10"]


@pytest.fixture
def tree(tmp_path) -> Path:
    """A project that has been set up, as far as the script can see; there is no uv and nothing can be fetched."""
    executable(tmp_path / "scripts/setup.sh", (ROOT / "scripts/setup.sh").read_text())
    (tmp_path / "requirements-dev.txt").write_text("rasa==3.6.21\n")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(Path(sys.executable).resolve())
    (tmp_path / ".venv/bin/activate").write_text(f"VIRTUAL_ENV='{tmp_path}/.venv'\n")
    fingerprint = hashlib.sha256((tmp_path / "requirements-dev.txt").read_bytes()).hexdigest()
    (tmp_path / ".venv/.set-up-for").write_text(f"{fingerprint}  -\n")
    return tmp_path


def set_up(tree: Path) -> subprocess.CompletedProcess:
    env = {"PATH": f"{tree}/bin:/usr/bin:/bin", "HOME": str(tree), "PIP_NO_INDEX": "1"}
    return subprocess.run(["bash", "scripts/setup.sh"], cwd=tree, env=env, capture_output=True, text=True, timeout=120)


def test_set_up_already_it_does_nothing(tree) -> None:
    done = set_up(tree)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_new_requirements_are_installed_into_the_venv_and_checked_against_their_hashes(tree) -> None:
    calls = tree / "calls"
    executable(tree / "bin/uv", f'#!/bin/sh\n[ "$1" = --version ] || echo "$@" >>{calls}\n')
    (tree / "requirements-dev.txt").write_text("rasa==3.6.22\n")
    assert set_up(tree).returncode == 0
    assert calls.read_text() == "pip sync --python .venv/bin/python --require-hashes requirements-dev.txt\n"
    calls.unlink()
    assert set_up(tree).stderr == "" and not calls.exists()


def test_a_failed_installation_says_what_to_do_and_is_tried_again(tree) -> None:
    executable(tree / "bin/uv", '#!/bin/sh\n[ "$1" = --version ]\n')
    (tree / "requirements-dev.txt").write_text("rasa==3.6.22\n")
    for _ in range(2):
        done = set_up(tree)
        assert done.returncode == 1 and "run this again" in done.stderr.splitlines()[-1]


def test_a_venv_that_uv_takes_for_another_python_is_not_touched(tree) -> None:
    calls = tree / "calls"
    executable(tree / "bin/uv", f"""#!/bin/sh
        echo "$@" >>{calls}
        case "$1 $2" in
            "venv --quiet") mkdir -p .venv/bin ;;
            "pip list") echo '[{{"name": "pip"}}]' ;;
        esac
        """)
    (tree / ".venv/bin/activate").write_text("VIRTUAL_ENV='/elsewhere/.venv'\n")
    executable(tree / "bin/python3.10", f'#!/bin/sh\nexec {Path(sys.executable).resolve()} "$@"\n')
    done = set_up(tree)
    assert done.returncode == 1 and "cache clean" in done.stderr
    assert "sync" not in calls.read_text()


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_requirement_is_exact_and_hashed_and_names_no_place(name: str) -> None:
    text = (ROOT / name).read_text()
    pins = re.split(r"\n(?=\S)", text.strip())
    assert len(pins) > 20
    for pin in pins:
        assert re.match(r"[a-z0-9.-]+==\S+", pin), pin[:80]
        assert "--hash=sha256:" in pin, pin[:80]
    assert not re.search(r"://|index-url|find-links|trusted-host", text)


def test_the_service_needs_nothing_that_the_tests_do_not_have() -> None:
    service, tests = (set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(), re.MULTILINE)) for name in REQUIREMENTS[:2])
    assert service < tests


def test_help_lists_every_verb() -> None:
    done = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {line.split()[0] for line in done.stdout.splitlines()} >= VERBS


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "scripts").glob("*.sh")))
def test_scripts_are_executable_and_parse(script: str) -> None:
    path = ROOT / "scripts" / script
    assert os.access(path, os.X_OK)
    subprocess.run(["bash", "-n", str(path)], check=True)
