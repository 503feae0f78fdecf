"""The image, the compose file and the manifests of Kubernetes: by their schemas, and by what they promise."""
from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Iterator

import pytest
import yaml

from tests.deploy.edge import public_paths

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yml"))
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|KEY|_URL")


def checked(tool: str, *arguments: object) -> subprocess.CompletedProcess:
    program = ROOT / ".venv-deploy" / "bin" / tool
    if not program.exists():
        pytest.fail(f"{tool} is missing; run scripts/setup-schemas.sh", pytrace=False)
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)


def compose() -> dict:
    return yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))


def resources(kind: str) -> Iterator[dict]:
    for file in MANIFESTS:
        yield from (one for one in yaml.safe_load_all(file.read_text(encoding="utf-8")) if one["kind"] == kind)


def pods() -> "dict[str, dict]":
    return {one["metadata"]["name"]: one["spec"]["template"] for one in resources("Deployment")}


def container(pod: dict) -> dict:
    (only,) = pod["spec"]["containers"]
    return only


def written(folder: Path, text: str) -> Path:
    (folder / "spoilt.yml").write_text(text, encoding="utf-8")
    return folder / "spoilt.yml"


# ---- by their schemas -----------------------------------------------------------------------------------

@pytest.mark.services
def test_the_compose_file_keeps_its_schema(tmp_path: Path) -> None:
    schema = ("--builtin-schema", "vendor.compose-spec")
    done = checked("check-jsonschema", *schema, DEPLOY / "compose.yml")
    assert done.returncode == 0, done.stdout
    spoilt = (DEPLOY / "compose.yml").read_text(encoding="utf-8").replace("healthcheck:", "healthchek:", 1)
    assert checked("check-jsonschema", *schema, written(tmp_path, spoilt)).returncode != 0


@pytest.mark.services
def test_the_manifests_keep_the_schemas_of_kubernetes(tmp_path: Path) -> None:
    done = checked("kubernetes-validate", "--strict", *MANIFESTS)
    assert done.returncode == 0, done.stdout + done.stderr
    spoilt = (DEPLOY / "kubernetes" / "bot.yml").read_text(encoding="utf-8").replace("readOnlyRootFilesystem", "readOnlyRoot", 1)
    assert checked("kubernetes-validate", "--strict", written(tmp_path, spoilt)).returncode != 0


@pytest.mark.services
def test_hadolint_has_nothing_to_say_of_the_containerfile() -> None:
    done = checked("hadolint", DEPLOY / "Containerfile")
    assert done.returncode == 0, done.stdout


# ---- the image ------------------------------------------------------------------------------------------

def test_the_image_holds_locked_packages_and_runs_as_nobody_in_particular() -> None:
    last = (DEPLOY / "Containerfile").read_text(encoding="utf-8").split("\nFROM ")[-1]
    assert re.search(r"^USER 10001$", last, re.MULTILINE) and "RUN .venv/bin/pip install" not in last
    assert "--require-hashes -r requirements.txt" in (DEPLOY / "Containerfile").read_text(encoding="utf-8")


def test_whatever_the_image_copies_is_let_in_and_there() -> None:
    copied = re.findall(r"^COPY ((?!--).*) \S+$", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")}
    assert {path for line in copied for path in line.split()} == let_in
    assert [path for path in let_in if not (ROOT / path).exists()] == []


# ---- Kubernetes -----------------------------------------------------------------------------------------

def test_every_pod_is_hardened() -> None:
    for name, pod in pods().items():
        assert pod["spec"]["securityContext"]["runAsNonRoot"] and pod["spec"]["automountServiceAccountToken"] is False, name
        context = container(pod)["securityContext"]
        assert context == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}, name
        assert container(pod)["resources"]["limits"]["memory"] and container(pod)["resources"]["requests"]["cpu"], name
        assert not re.search(r":latest$|^[^:]+$", container(pod)["image"]), name


def test_secrets_are_named_and_never_written_down() -> None:
    assert list(resources("Secret")) == []
    for one in resources("ConfigMap"):
        assert not [name for name in one["data"] if SECRET.search(name)]
    assert all({"secretRef": {"name": "idcard"}} in container(pod)["envFrom"] for pod in pods().values())


def test_what_belongs_to_the_assistant_finds_its_pods_and_their_ports() -> None:
    labels, ports = pods()["bot"]["metadata"]["labels"], {port["name"] for port in container(pods()["bot"])["ports"]}
    (budget,), (scaler,) = resources("PodDisruptionBudget"), resources("HorizontalPodAutoscaler")
    policies = {one["metadata"]["name"]: one["spec"] for one in resources("NetworkPolicy")}
    assert budget["spec"]["selector"]["matchLabels"] == policies["bot"]["podSelector"]["matchLabels"] == labels
    assert scaler["spec"]["scaleTargetRef"]["name"] == "bot" and scaler["spec"]["minReplicas"] >= 2
    for service in resources("Service"):
        pod = pods()[service["metadata"]["name"]]
        assert service["spec"]["selector"] == pod["metadata"]["labels"]
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= {port["name"] for port in container(pod)["ports"]}
    used = {probe["httpGet"]["port"] for name, probe in container(pods()["bot"]).items() if name.endswith("Probe")}
    assert used | {port["port"] for rule in policies["bot"]["ingress"] for port in rule["ports"]} == ports
    assert policies["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_the_ingress_lets_through_what_the_edge_does() -> None:
    paths = {path["path"] for one in resources("Ingress") if one["metadata"]["name"] != "console"
             for rule in one["spec"]["rules"] for path in rule["http"]["paths"]}
    assert paths == set(public_paths()) - {"/chat/"}  # as a prefix /chat holds it


def test_a_pod_that_stops_has_time_for_the_turns_that_run() -> None:
    spec = pods()["bot"]["spec"]
    waits = int(container(pods()["bot"])["lifecycle"]["preStop"]["exec"]["command"][1])
    grace = re.fullmatch(r"(\d+)s", compose()["services"]["bot-1"]["stop_grace_period"])
    from assistant.channels.web.turns import MOST_IN_LINE, SECONDS

    assert spec["terminationGracePeriodSeconds"] - waits >= MOST_IN_LINE * SECONDS <= int(grace[1])
    assert next(one for one in resources("Deployment") if one["metadata"]["name"] == "bot")["spec"]["strategy"] == {
        "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}


# ---- compose --------------------------------------------------------------------------------------------

def test_every_container_is_hardened_watched_and_of_a_named_version() -> None:
    for name, service in compose()["services"].items():
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"], name
        assert service["healthcheck"]["test"] and service["restart"] == "unless-stopped" and service["mem_limit"], name
        assert re.search(r":\d", service["image"]), name


def test_only_nginx_is_reached_from_outside_and_nothing_has_a_password_of_its_own() -> None:
    services = compose()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    for service in services.values():
        plain = {name: value for name, value in service.get("environment", {}).items() if SECRET.search(name)}
        assert all(name.endswith("_FILE") and value.startswith("/run/secrets/") for name, value in plain.items())


def test_nginx_knows_the_containers_by_the_addresses_that_compose_gives_them() -> None:
    given = {name: service["networks"]["inner"]["ipv4_address"] for name, service in compose()["services"].items()
             if isinstance(service["networks"], dict)}
    named = set(re.findall(r"server ([\d.]+):", (DEPLOY / "compose" / "idcard-upstreams.conf").read_text(encoding="utf-8")))
    assert named == {address for name, address in given.items() if name != "nginx"}
    assert compose()["services"]["bot-2"]["environment"]["IDCARD_TRUSTED_PROXIES"] == given["nginx"]


def test_the_secrets_are_made_by_chance_and_only_once(tmp_path: Path) -> None:
    made = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        script = folder / "secrets.sh"
        script.write_bytes((DEPLOY / "secrets.sh").read_bytes())
        subprocess.run(["bash", script], check=True, capture_output=True)
        assert subprocess.run(["bash", script], capture_output=True).returncode == 1
        assert (folder / "secrets").stat().st_mode & 0o077 == 0
        made.append({path.name: path.read_text() for path in (folder / "secrets").iterdir() if path.is_file()})
    assert set(made[0]) == {Path(secret["file"]).name for secret in compose()["secrets"].values()}
    assert all(made[0][name] != made[1][name] for name in made[0])
    settings = dict(line.split("=", 1) for line in made[0]["settings.env"].splitlines())
    assert f":{made[0]['postgres']}@" in settings["IDCARD_DATABASE_URL"] and len(settings["IDCARD_SECRET_KEY"]) >= 32
    assert re.search(r"requirepass (\S+)", made[0]["redis.conf"])[1] in settings["IDCARD_REDIS_URL"]
