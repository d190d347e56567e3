"""Holds the examples of deploy/ against what Kubernetes, systemd and Compose accept."""

import copy
import pathlib
import shutil
import subprocess
import tempfile

import kubernetes_validate
import yaml
from harness import check, raises, same

DEPLOY = pathlib.Path("deploy")
KUBERNETES = DEPLOY / "kubernetes" / "course-inventory.yaml"


def documents():
    return list(yaml.safe_load_all(KUBERNETES.read_text()))


@check
def kubernetes(_):
    """the manifests are valid, unknown fields refused; a misspelt one is found"""
    found = documents()
    same([d["kind"] for d in found], ["ConfigMap", "CronJob"], "kinds")
    for document in found:
        for version in ("1.31", "1.37"):
            kubernetes_validate.validate(document, version, strict=True)
    broken = copy.deepcopy(found[1])
    broken["spec"]["concurencyPolicy"] = broken["spec"].pop("concurrencyPolicy")
    raises(kubernetes_validate.ValidationError, lambda: kubernetes_validate.validate(broken, "1.31", strict=True))


@check
def exit_codes(_):
    """every exit code is either tried again or given up, and systemd agrees with Kubernetes"""
    rules = documents()[1]["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    again = next(r["onExitCodes"]["values"] for r in rules if r["action"] == "Count")
    never = next(r["onExitCodes"] for r in rules if r["action"] == "FailJob")
    same((never["operator"], never["values"]), ("NotIn", [0, *again]), "given up")
    unit = (DEPLOY / "systemd" / "course-inventory.service").read_text()
    prevented = next(line for line in unit.splitlines() if line.startswith("RestartPreventExitStatus="))
    codes = {int(c) for c in prevented.partition("=")[2].split()}
    same(codes, {1, 64, 65, 69, 75, 77, 78} - set(again), "codes after which systemd does not restart")


@check
def mounts(_):
    """every secret file that a container is told of is mounted, and every volume is there"""
    pod = documents()[1]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    paths = [m["mountPath"] for m in container["volumeMounts"]]
    for variable in container["env"]:
        assert any(variable["value"].startswith(p) for p in paths), f"{variable['name']} is in no mount"
    same({m["name"] for m in container["volumeMounts"]}, {v["name"] for v in pod["volumes"]}, "volumes")


if shutil.which("systemd-analyze"):

    @check
    def systemd(_):
        """systemd takes the service and the timer"""
        with tempfile.TemporaryDirectory() as folder:
            for path in (DEPLOY / "systemd").iterdir():
                text = path.read_text().replace("/usr/local/bin/course-inventory", "/bin/true").replace("=course-inventory\n", "=root\n", 2)
                pathlib.Path(folder, path.name).write_text(text)
            units = [str(p) for p in pathlib.Path(folder).iterdir()]
            answer = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units], capture_output=True, text=True, timeout=120)
            same((answer.returncode, answer.stderr), (0, ""), "systemd-analyze verify")


# Compose is a plug-in of Docker's client and rarely there.
if shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:

    @check
    def compose(_):
        """Compose takes both files"""
        for path in (pathlib.Path("docker-compose.yaml"), DEPLOY / "compose" / "compose.yaml"):
            command = ["docker", "compose", "-f", path, "--profile", "stages", "config", "-q"]
            answer = subprocess.run(command, capture_output=True, text=True, timeout=120)
            same((answer.returncode, answer.stderr), (0, ""), str(path))
