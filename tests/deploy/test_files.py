"""deploy/: what its files name exists, what they set is read, and nothing runs with more rights than it needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

from tests.deploy.deployed import CONTAINERFILE, DEPLOY, KUBERNETES, ROOT, documents, image_environment, instructions, manifests, names_in

COMPOSE = (DEPLOY / "compose.yaml").read_text()
SERVICES: dict[str, Any] = documents(DEPLOY / "compose.yaml")[0]["services"]
OBJECTS = manifests()
PODS = {name: one["spec"]["template"]["spec"] for (kind, name), one in OBJECTS.items() if kind in ("Deployment", "StatefulSet")}
SOURCES = [*(ROOT / "blocks").rglob("*.py"), *(ROOT / "viz").rglob("*.py"), *(ROOT / "architecture_explorer").rglob("*.py")]
READ = set(re.findall(r'"(EXPLORER_[A-Z_]+)"', "\n".join(path.read_text() for path in SOURCES)))
HEALTH = "/_stcore/health"


def streamlit_variables() -> set[str]:
    """The variables that Streamlit reads its options from."""
    spaced = [re.sub("([A-Z])", r"_\1", name).replace(".", "_").upper() for name in config.get_config_options()]
    return {f"STREAMLIT_{name}" for name in spaced}


def unread(variables: set[str]) -> set[str]:
    """Those that neither the program nor Streamlit reads."""
    return {name for name in variables if name.startswith(("EXPLORER_", "STREAMLIT_"))} - READ - streamlit_variables()


# --- The image -----------------------------------------------------------------------------------------


def test_the_image_is_not_root_and_says_whether_it_is_well() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert "--uid 10001" in CONTAINERFILE
    [check] = instructions("HEALTHCHECK")
    assert HEALTH in check
    assert all(source == "${BASE}" for source in [line.split(" ")[0] for line in instructions("FROM")])


def test_what_the_image_sets_is_read_and_lies_in_its_volume() -> None:
    found = image_environment()
    assert unread(set(found)) == set()
    assert found["STREAMLIT_SERVER_ADDRESS"] == "0.0.0.0"
    folders = {name: value for name, value in found.items() if name == "HOME" or name.endswith(("_HOME", "_FOLDER"))}
    assert len(folders) == 5
    assert all(Path(value).is_relative_to(instructions("VOLUME")[0]) for value in folders.values())


def test_the_image_gets_what_the_package_is_built_of() -> None:
    let_through = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), flags=re.MULTILINE))
    built_of = {"requirements.txt", "pyproject.toml", "README.md", "LICENSE", "app.py", "architecture_explorer", "blocks", "viz", "pages", ".streamlit"}
    assert built_of <= let_through
    assert all((ROOT / name).exists() for name in let_through)


# --- Compose -----------------------------------------------------------------------------------------


def test_compose_names_every_setting_in_one_file() -> None:
    asked = dict(re.findall(r"\$\{(\w+)(:[-?][^}]*)?\}", COMPOSE))
    assert {name for name, default in asked.items() if default.startswith(":?")} == {"EXPLORER_DATABASE_PASSWORD", "EXPLORER_COOKIE_SECRET"}
    assert all(asked.values()), "a setting without a default would be empty without a word"
    assert names_in(DEPLOY / "settings.env") <= set(asked)


def test_no_secret_stands_in_a_file() -> None:
    for path in (DEPLOY / "settings.env", KUBERNETES / "secrets.env.example"):
        for name, value in re.findall(r"^(\w+)=(.*)$", path.read_text(), flags=re.MULTILINE):
            assert not re.search("PASSWORD|SECRET", name) or value == "", f"{path.name}: {name}"
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"deploy/.env", "deploy/kubernetes/secrets.env"} <= set(ignored)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_few_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert name == "database" or service["cap_drop"] == ["ALL"]
    assert "privileged" not in service


def test_only_the_proxy_is_reached_from_outside_and_at_first_from_this_machine_alone() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    assert SERVICES["proxy"]["ports"] == ["${EXPLORER_PUBLISH:-127.0.0.1:8080}:8080"]
    assert documents(DEPLOY / "compose.yaml")[0]["networks"]["inside"] == {"internal": True}


def test_what_compose_hands_to_the_app_is_read() -> None:
    assert unread(set(SERVICES["app"]["environment"])) == set()


def test_what_compose_mounts_exists() -> None:
    volumes = documents(DEPLOY / "compose.yaml")[0]["volumes"]
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert source in volumes or (DEPLOY / source).is_file()


# --- Kubernetes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(KUBERNETES.rglob("*.yaml")), ids=lambda path: str(path.relative_to(KUBERNETES)))
def test_manifests_are_objects_and_name_files_that_exist(path: Path) -> None:
    for one in documents(path):
        assert {"apiVersion", "kind"} <= set(one)
        assert all((path.parent / file).is_file() for file in one.get("resources", []))


@pytest.mark.parametrize("name", PODS)
def test_a_pod_has_few_rights_and_says_whether_it_is_well(name: str) -> None:
    pod = PODS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    [container] = pod["containers"]
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert {"readinessProbe", "livenessProbe"} <= set(container)
    assert "memory" in container["resources"]["limits"]
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    claimed = {claim["metadata"]["name"] for claim in OBJECTS.get(("StatefulSet", name), {}).get("spec", {}).get("volumeClaimTemplates", [])}
    assert mounted == {volume["name"] for volume in pod["volumes"]} | claimed


def test_the_app_s_pod_runs_the_image_as_it_is_meant() -> None:
    pod = PODS["app"]
    [container] = pod["containers"]
    assert f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" == instructions("USER")[0]
    assert str(container["ports"][0]["containerPort"]) == image_environment()["STREAMLIT_SERVER_PORT"]
    assert all(container[probe]["httpGet"]["path"] == HEALTH for probe in ("startupProbe", "readinessProbe", "livenessProbe"))
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/tmp"}
    assert unread({variable["name"] for variable in container["env"]}) == set()


def test_every_secret_that_a_pod_asks_for_is_in_the_example() -> None:
    asked = {v["valueFrom"]["secretKeyRef"]["key"] for pod in PODS.values() for v in pod["containers"][0]["env"] if "valueFrom" in v}
    assert asked == names_in(KUBERNETES / "secrets.env.example")


def test_services_policies_and_budgets_select_pods_by_their_labels() -> None:
    labels = {name: one["spec"]["template"]["metadata"]["labels"] for (kind, name), one in OBJECTS.items() if kind in ("Deployment", "StatefulSet")}
    for (kind, name), one in OBJECTS.items():
        selector = one.get("spec", {}).get({"NetworkPolicy": "podSelector"}.get(kind, "selector"), {})
        wanted = selector.get("matchLabels", {} if kind == "NetworkPolicy" else selector)
        if kind in ("Service", "NetworkPolicy", "PodDisruptionBudget", "Deployment", "StatefulSet") and name != "closed":
            assert wanted == labels[name], (kind, name)


def test_nothing_passes_but_what_a_policy_lets_through() -> None:
    assert OBJECTS["NetworkPolicy", "closed"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    [rule] = OBJECTS["NetworkPolicy", "database"]["spec"]["ingress"]
    assert rule["from"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "app"}}}]


def test_the_ingress_leads_by_a_cookie_and_hides_metrics() -> None:
    ingress = OBJECTS["Ingress", "app"]
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/affinity"] == "cookie"
    backends = {path["path"]: path["backend"]["service"]["name"] for path in ingress["spec"]["rules"][0]["http"]["paths"]}
    assert ("Service", backends["/"]) in OBJECTS
    assert ("Service", backends["/metrics"]) not in OBJECTS
