"""What the locked packages are and under which licences: `make licences` checks, `make sbom` writes var/sbom.json (CycloneDX).

Names, versions and hashes come from the lock, licences from the metadata of what is installed.
"""
from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Iterator, Mapping, NamedTuple, Optional

ROOT = Path(__file__).resolve().parent.parent
LOCK, LOCK_WITH_TESTS = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
SBOM = ROOT / "var" / "sbom.json"

# Permissive: nothing is asked but notices, and nothing of these packages is passed on.
ALLOWED = {"MIT", "MIT-0", "MIT-CMU", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "PSF-2.0", "Unlicense", "TCL"}

# Looked at one by one: package -> licence, why it is acceptable.
REVIEWED = {
    "bidict": ("MPL-2.0", "imported unchanged by python-socketio; MPL binds changed files only"),
    "certifi": ("MPL-2.0", "a list of certificates, unchanged"),
    "hypothesis": ("MPL-2.0", "drives tests, not part of the service"),
    "psycopg2-binary": ("LGPL-3.0-or-later", "imported unchanged as a library of its own, which the LGPL allows"),
    "tqdm": ("MPL-2.0 AND MIT", "progress bars of training, unchanged"),
    "axe-playwright-python": ("MIT AND MPL-2.0", "its metadata names none; its licence file is MIT, the axe-core in it MPL; tests only"),
}

# What older packages write instead of an SPDX identifier. (“BSD” may also be the clause less; both are in the list.)
_SPELLINGS = {
    "Apache Software License": "Apache-2.0", "Apache 2.0": "Apache-2.0", "Apache License 2.0": "Apache-2.0", "MIT License": "MIT",
    "BSD License": "BSD-3-Clause", "BSD": "BSD-3-Clause", "3-Clause BSD License": "BSD-3-Clause", "Python Software Foundation License": "PSF-2.0", "The Unlicense (Unlicense)": "Unlicense",
    "ISC License (ISCL)": "ISC", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-3.0-or-later"}


class Package(NamedTuple):
    name: str
    version: str
    hashes: tuple[str, ...]  # SHA-256 of its files, hexadecimal


def locked(lock: Path) -> list[Package]:
    """The packages of a requirements file, each with its hashes."""
    packages = []
    for pin in re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip()):
        name, version = re.match(r"([a-z0-9.-]+)==(\S+)", pin).groups()
        packages.append(Package(name, version, tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", pin))))
    return packages


def licence(name: str) -> str:
    """The licence of an installed package as an SPDX expression, "" where its metadata names none that is known."""
    about = metadata.metadata(name)
    if about.get("License-Expression"):
        return about["License-Expression"]
    classifiers = [classifier.split(" :: ")[-1] for classifier in about.get_all("Classifier") or () if classifier.startswith("License ::")]
    named = [_SPELLINGS[one] for one in classifiers if one in _SPELLINGS] or [
        _SPELLINGS.get(about.get("License") or "", about.get("License") or "")]
    return " OR ".join(dict.fromkeys(named))


def problem(package: Package) -> Optional[str]:
    """Why the licence of a package is not acceptable, None where it is."""
    found = licence(package.name)
    if package.name in REVIEWED or (found and _is_allowed(found)):
        return None
    return f"{package.name} {package.version}: {found or 'no known licence'} is not in the list; look at it and enter it in REVIEWED"


def _is_allowed(expression: str) -> bool:
    """One of the alternatives holds only licences of the list; SPDX without brackets."""
    return any(all(part in ALLOWED for part in alternative.split(" AND ")) for alternative in expression.split(" OR "))


def sbom(packages: list[Package]) -> Mapping:
    """A CycloneDX 1.5 document; the same for the same lock."""
    known = {package.name for package in packages}
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE).group(1)
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "idcard-assistant", "name": "idcard-assistant", "version": version}},
        "components": [{
            "type": "library", "bom-ref": package.name, "name": package.name, "version": package.version,
            "purl": f"pkg:pypi/{package.name}@{package.version}",
            "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
            "licenses": [{"expression": _expression(package.name)}]} for package in packages],
        "dependencies": [{"ref": package.name, "dependsOn": sorted(set(_needs(package.name)) & known)} for package in packages]}


def _expression(name: str) -> str:
    return licence(name) or REVIEWED[name][0]


def _needs(name: str) -> Iterator[str]:
    """The packages that an installed one requires, without its extras."""
    for requirement in metadata.requires(name) or ():
        if "extra ==" not in requirement:
            yield re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", requirement).group()).lower()


def main() -> int:
    """`licences`: a line for every package, 1 where one is not acceptable. `sbom`: writes the file."""
    if sys.argv[1:] == ["sbom"]:
        packages = locked(LOCK)
        SBOM.parent.mkdir(exist_ok=True)
        SBOM.write_text(json.dumps(sbom(packages), indent=1) + "\n", encoding="utf-8")
        print(f"{SBOM.relative_to(ROOT)}: {len(packages)} packages")
        return 0
    packages = locked(LOCK_WITH_TESTS)
    for package in packages:
        print(f"{package.name} {package.version}: {_expression(package.name) if not problem(package) else licence(package.name)}"
              + (f" ({REVIEWED[package.name][1]})" if package.name in REVIEWED else ""))
    problems = [found for package in packages if (found := problem(package))]
    print(*problems, sep="\n", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
