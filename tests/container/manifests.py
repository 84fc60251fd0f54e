#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The Kubernetes manifests against Kubernetes' own description of its objects (the classes of
python3-kubernetes are made from it), against the program, and against each other. What the
operator of Prometheus defines has no such classes: its fields are checked by name."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import kubernetes.client
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy/kubernetes"
BASE = DEPLOY / "base"
PIMXDP = ROOT / "build/pimxdp"

passed = failed = skipped = 0


def check(name, why=""):
    global passed, failed
    if why:
        failed += 1
        print("not ok %s: %s" % (name, " ".join(str(why).split())))
    else:
        passed += 1
        print("ok " + name)


def same(name, found, expected):
    check(name, "" if found == expected else "expected %r, found %r" % (expected, found))


def skip(name, why):
    global skipped
    skipped += 1
    print("skip %s: %s" % (name, why))


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


# ---- Kubernetes' own description ----

MODELS = {"Namespace": "V1Namespace", "ServiceAccount": "V1ServiceAccount", "DaemonSet": "V1DaemonSet",
          "ConfigMap": "V1ConfigMap"}
PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float)}


def faults(value, kind, path):
    """What is wrong with a value that should be of that kind of the API, a line each."""
    if kind.startswith("list["):
        if not isinstance(value, list):
            return ["%s: expected a list" % path]
        return [fault for index, item in enumerate(value)
                for fault in faults(item, kind[5:-1], "%s[%d]" % (path, index))]
    if kind.startswith("dict("):
        if not isinstance(value, dict):
            return ["%s: expected a map" % path]
        kind = kind[5:-1].split(", ")[1]
        return [fault for key, item in value.items() for fault in faults(item, kind, "%s.%s" % (path, key))]
    if kind == "object":
        return []
    if kind in PLAIN:
        right = isinstance(value, PLAIN[kind]) and (kind == "bool" or not isinstance(value, bool))
        return [] if right else ["%s: expected %s, found %r" % (path, kind, value)]
    return object_faults(value, getattr(kubernetes.client, kind), path)


def object_faults(value, model, path):
    if not isinstance(value, dict):
        return ["%s: expected an object" % path]
    names = {name: field for field, name in model.attribute_map.items()}
    found = ["%s: there is no field %s" % (path, name) for name in value if name not in names]
    known = {names[name]: item for name, item in value.items() if name in names}
    try:
        model(**known)  # raises if a required field is missing
    except ValueError as error:
        found.append("%s: %s" % (path, error))
    for field, item in known.items():
        found += faults(item, model.openapi_types[field], "%s.%s" % (path, model.attribute_map[field]))
    return found


# ---- the manifests ----

def listed(folder):
    kustomization = load(folder / "kustomization.yaml")
    files = list(kustomization["resources"])
    for generator in kustomization.get("configMapGenerator", []):
        files += generator["files"]
    return sorted(files)


for folder in sorted(path for path in DEPLOY.iterdir() if path.is_dir()):
    there = sorted(path.name for path in folder.iterdir() if path.name != "kustomization.yaml")
    same("%s lists each of its files" % folder.name, listed(folder), there)

for path in sorted(BASE.glob("*.yaml")):
    if path.name == "kustomization.yaml":
        continue
    manifest = load(path)
    check("%s is what Kubernetes describes" % path.name,
          "; ".join(faults(manifest, MODELS[manifest["kind"]], manifest["kind"])))
broken = load(BASE / "daemonset.yaml")
broken["spec"]["template"]["spec"]["containers"][0]["securityContext"]["readOnlyRootFs"] = True
check("and a field that Kubernetes does not know is found",
      "" if faults(broken, "V1DaemonSet", "DaemonSet") else "it was not")

kustomization = load(BASE / "kustomization.yaml")
daemonset = load(BASE / "daemonset.yaml")
pod = daemonset["spec"]["template"]
spec = pod["spec"]
container, = spec["containers"]
arguments = container["args"]
security = container["securityContext"]
ports = {port["name"]: port for port in container["ports"]}
volumes = {volume["name"]: volume for volume in spec["volumes"]}
mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
config_map, = kustomization["configMapGenerator"]
namespace = load(BASE / "namespace.yaml")
account = load(BASE / "serviceaccount.yaml")

# ---- the program ----

verb = arguments[0]
usage = run(PIMXDP, verb, "--help")
check("its verb is one of the program's: " + verb, "" if usage.returncode == 0 else usage.stderr)
known = re.findall(r"--[a-z-]+", usage.stdout.split("options:")[1])
same("so are its options", [word for word in arguments if word.startswith("--") and word not in known], [])


def option(name):
    return arguments[arguments.index(name) + 1]


environment = {entry["name"] for entry in container["env"]}
same("every variable in the arguments is set",
     set(re.findall(r"\$\((\w+)\)", " ".join(arguments))) - environment, set())
same("the image is the one that make image makes, of this version",
     ["%s:%s" % (image["newName"], image["newTag"]) for image in kustomization["images"]],
     ["%s:%s" % (re.search(r"^IMAGE *\?= *(\S+)", (ROOT / "deploy/deploy.mk").read_text(), re.M).group(1),
                 run(PIMXDP, "--version").stdout.split()[1])])
same("and the container's", container["image"], kustomization["images"][0]["name"])

configuration = pathlib.PurePath(option("--config"))
same("the configuration is a key of the ConfigMap", configuration.name in config_map["files"], True)
same("mounted as a folder, where the agent looks", mounts["config"],
     {"name": "config", "mountPath": str(configuration.parent), "readOnly": True})
same("by its name, which has no hash", (volumes["config"]["configMap"]["name"], config_map["options"]),
     (config_map["name"], {"disableNameSuffixHash": True}))
answer = run(PIMXDP, "check", "--config", BASE / configuration.name)
check("pimxdp check admits it", "" if answer.returncode == 0 else answer.stderr)
same("a fleet begins by observing", "mode = observe" in answer.stdout, True)

header = (ROOT / "loader/kernel/folder.h").read_text()
pin_root = re.search(r'define PIM_PIN_ROOT "([^"]+)"', header).group(1)
pin_folder = pin_root + re.search(r'define PIM_PIN_DIRECTORY PIM_PIN_ROOT "([^"]+)"', header).group(1)
same("the host's folder of pins is mounted, and made if it is missing",
     (volumes["pins"]["hostPath"], mounts["pins"]["mountPath"]),
     ({"path": pin_folder, "type": "DirectoryOrCreate"}, pin_folder))
same("in an empty volume, which has the mount point",
     (volumes["around-pins"], mounts["around-pins"]["mountPath"]),
     ({"name": "around-pins", "emptyDir": {"medium": "Memory"}}, pin_root))
same("nothing else is the host's", [name for name, volume in volumes.items() if "hostPath" in volume], ["pins", "state"])

state = re.search(r'define STATE_FOLDER "([^"]+)"', (ROOT / "loader/cli/run.c").read_text()).group(1)
same("the last good policy stays on the node", (volumes["state"]["hostPath"], mounts["state"]["mountPath"]),
     ({"path": state, "type": "DirectoryOrCreate"}, state))

served = re.search(r"serve (/.*?) at", usage.stdout).group(1).split(", ")
port = int(option("--metrics").rpartition(":")[2])
same("the port is the one it listens on, on the host",
     (ports["metrics"]["containerPort"], ports["metrics"]["hostPort"], spec["hostNetwork"]), (port, port, True))
for probe, page in (("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
    same("%s asks for a page that is served" % probe, container[probe]["httpGet"], {"path": page, "port": "metrics"})
    same("%s: %s is served" % (probe, page), page in served, True)

# ---- privileges ----

# The agent keeps these; CAP_CHOWN besides to give pins to a group, which nothing here does.
needed = sorted(re.findall(r"^\t\{ CAP_(\w+), \"CAP_\1\",", (ROOT / "loader/machine/privilege.c").read_text(), re.M))
same("three of them are known", len(needed), 3)
same("its capabilities are those that the agent keeps", sorted(security["capabilities"]["add"]), needed)
same("and no others", security["capabilities"]["drop"], ["ALL"])
documented = re.search(r"--cap-add=(\S+)", (ROOT / "docs/container.md").read_text()).group(1)
same("the documented container has the same", sorted(documented.split(",")), needed)
same("confined", {name: security[name] for name in
                  ("allowPrivilegeEscalation", "privileged", "readOnlyRootFilesystem", "runAsUser")},
     {"allowPrivilegeEscalation": False, "privileged": False, "readOnlyRootFilesystem": True, "runAsUser": 0})
same("by a local profile", security["seccompProfile"]["type"], "Localhost")
profile = security["seccompProfile"]["localhostProfile"]
same("which is the shipped one, by the path that docs/fleet.md puts it",
     ((ROOT / "deploy/container" / pathlib.PurePath(profile).name).is_file(),
      "/var/lib/kubelet/seccomp/" + profile in (ROOT / "docs/fleet.md").read_text()), (True, True))
same("no token", (spec["automountServiceAccountToken"], account["automountServiceAccountToken"],
                  spec["serviceAccountName"]), (False, False, account["metadata"]["name"]))
same("the namespace allows hostNetwork and hostPath",
     {name.rpartition("/")[2]: level for name, level in namespace["metadata"]["labels"].items()},
     {"enforce": "privileged", "audit": "privileged", "warn": "privileged"})
same("and is the one of all", {load(folder / "kustomization.yaml")["namespace"] for folder in DEPLOY.iterdir()},
     {namespace["metadata"]["name"]})
same("the selector selects the pods",
     daemonset["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items(), True)
same("one node at a time", daemonset["spec"]["updateStrategy"],
     {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}})

# ---- Prometheus ----

monitor = load(DEPLOY / "monitoring/podmonitor.yaml")
same("PodMonitor has fields of its kind", (set(monitor), set(monitor["spec"])),
     ({"apiVersion", "kind", "metadata", "spec"}, {"jobLabel", "selector", "podMetricsEndpoints"}))
endpoint, = monitor["spec"]["podMetricsEndpoints"]
same("its endpoint too", set(endpoint), {"port", "path", "relabelings"})
same("it selects the pods",
     monitor["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items(), True)
same("it scrapes a port and a page that are there", (endpoint["port"] in ports, endpoint["path"] in served), (True, True))
jobs = set(re.findall(r'job="([^"]+)"', (ROOT / "deploy/prometheus/alerts.yaml").read_text()))
same("its job is that of the alerts", {pod["metadata"]["labels"][monitor["spec"]["jobLabel"]]}, jobs)

# ---- docs/fleet.md ----

# The pools' kustomizations as they stand there, on top of the base.
pools = re.findall(r"<!-- pool -->\n+```yaml\n(.*?)```", (ROOT / "docs/fleet.md").read_text(), re.S)
same("the documentation shows a pool", len(pools), 1)
pool = yaml.safe_load(pools[0])
same("it stands on the base", [(DEPLOY / "pools/canary" / entry).resolve() for entry in pool["resources"]], [BASE])
same("and replaces its configuration", [(entry["name"], entry["behavior"]) for entry in pool["configMapGenerator"]],
     [(config_map["name"], "replace")])

builder = ["kubectl", "kustomize"] if shutil.which("kubectl") else ["kustomize", "build"]
if shutil.which(builder[0]):
    for folder in sorted(path for path in DEPLOY.iterdir()):
        built = run(*builder, folder)
        check("kustomize builds %s" % folder.name, built.stderr if built.returncode else "")
    built = list(yaml.safe_load_all(run(*builder, BASE).stdout))
    same("what it builds is what Kubernetes describes",
         [fault for item in built for fault in faults(item, MODELS[item["kind"]], item["kind"])], [])
    same("with the configuration in it",
         [item["data"] for item in built if item["kind"] == "ConfigMap"],
         [{name: (BASE / name).read_text() for name in config_map["files"]}])
    with tempfile.TemporaryDirectory() as copy:
        folder = pathlib.Path(copy, "pools/canary")
        shutil.copytree(BASE, pathlib.Path(copy, "base"))
        folder.mkdir(parents=True)
        (folder / "kustomization.yaml").write_text(pools[0])
        (folder / configuration.name).write_text("other")
        answer = run(*builder, folder)
        check("kustomize builds the documented pool", answer.stderr if answer.returncode else "")
        built = {item["kind"]: item for item in yaml.safe_load_all(answer.stdout)}
        same("with its own files", built["ConfigMap"]["data"], {configuration.name: "other"})
        template = built["DaemonSet"]["spec"]["template"]
        same("which its pods mount", [volume["configMap"]["name"] for volume in template["spec"]["volumes"]
                                      if "configMap" in volume], [built["ConfigMap"]["metadata"]["name"]])
        same("on nodes of its own", template["spec"]["nodeSelector"]["pimxdp/pool"], "canary")
        same("selected apart from other pools", built["DaemonSet"]["spec"]["selector"]["matchLabels"],
             template["metadata"]["labels"])
else:
    skip("kustomize builds them", "neither kubectl nor kustomize is installed, and Debian's kubernetes-client "
                                  "cannot be installed beside another kubectl")

print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
sys.exit(failed > 0)
