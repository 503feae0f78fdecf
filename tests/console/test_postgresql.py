"""The same tests on PostgreSQL: in a process of their own, because Django's databases are chosen once for a process."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.services
HERE = Path(__file__).resolve().parent
SAME = ("test_projector.py", "test_finding.py", "test_judging.py", "test_guarding.py")


def test_projector_search_judging_and_guarding_hold_on_postgresql(postgres) -> None:
    urls = " ".join(postgres.new_database(name) for name in ("console_events", "console_tables"))
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(str(HERE / name) for name in SAME)],
                         cwd=HERE.parents[1], env={**os.environ, "CONSOLE_TEST_URLS": urls}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-4000:]
