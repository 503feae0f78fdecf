"""Every locked package is the one installed, has a licence that was looked at, and stands in the bill of materials."""
import json
import re
from importlib import metadata
from pathlib import Path

import pytest

from scripts import supply_chain
from scripts.supply_chain import LOCK, LOCK_WITH_TESTS, Package, licence, locked, problem

ROOT = Path(__file__).resolve().parents[2]
ADVISORIES = ROOT / "docs" / "advisories.md"


@pytest.mark.parametrize("package", locked(LOCK_WITH_TESTS), ids=lambda package: package.name)
def test_what_is_installed_is_what_is_locked_under_a_known_licence(package: Package) -> None:
    assert metadata.version(package.name) == package.version
    assert package.hashes
    assert problem(package) is None


def test_an_unknown_licence_is_not_acceptable(monkeypatch) -> None:
    for expression, acceptable in (("", False), ("GPL-3.0-only", False), ("MIT AND GPL-3.0-only", False), ("GPL-2.0-only OR MIT", True),
                                   ("Apache-2.0 AND BSD-2-Clause", True)):
        monkeypatch.setattr(supply_chain, "licence", lambda _name, found=expression: found)
        assert (problem(Package("somebody", "1", ())) is None) == acceptable, expression


def test_every_exception_is_still_one() -> None:
    names = {package.name for package in locked(LOCK_WITH_TESTS)}
    assert supply_chain.REVIEWED.keys() <= names
    assert [name for name in supply_chain.REVIEWED if licence(name) and supply_chain._is_allowed(licence(name))] == []


def test_the_bill_of_materials_holds_every_package_of_the_service(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(supply_chain, "ROOT", tmp_path)
    monkeypatch.setattr(supply_chain, "SBOM", tmp_path / "var" / "sbom.json")
    (tmp_path / "pyproject.toml").write_text('version = "9"\n')
    monkeypatch.setattr("sys.argv", ["supply_chain", "sbom"])
    assert supply_chain.main() == 0 and "var/sbom.json" in capsys.readouterr().out
    made = json.loads((tmp_path / "var" / "sbom.json").read_text())
    assert (made["bomFormat"], made["specVersion"], made["metadata"]["component"]["version"]) == ("CycloneDX", "1.5", "9")
    components = {component["name"]: component for component in made["components"]}
    assert components.keys() == {package.name for package in locked(LOCK)}
    assert components["rasa"]["purl"] == "pkg:pypi/rasa@3.6.21" and components["rasa"]["licenses"] == [{"expression": "Apache-2.0"}]
    assert all(re.fullmatch("[0-9a-f]{64}", one["content"]) for component in components.values() for one in component["hashes"])
    needs = {one["ref"]: one["dependsOn"] for one in made["dependencies"]}
    assert "sanic" in needs["rasa"] and all(name in components for names in needs.values() for name in names)


def test_every_advisory_was_looked_at_for_the_version_that_is_locked() -> None:
    """A newer lock needs a newer look."""
    versions = {package.name: package.version for package in locked(LOCK)}
    rows = re.findall(r"^\| ([a-z0-9-]+) ([\w.]+) \| ([^|]+) \|", ADVISORIES.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) >= 15
    for name, version, advisories in rows:
        assert versions.get(name) == version, f"{name} {version} is not what is locked"
        assert re.search(r"(CVE-\d{4}-\d{4,}|GHSA(-\w{4}){3})", advisories), name
