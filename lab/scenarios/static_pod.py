"""A manifest dropped on a node's disk: the API sees only the mirror pod that the kubelet makes."""

import json

from lab.manifests import pod
from lab.process import wait_for
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    node = stage.chance.choice(stage.lab.plane.plan.nodes)
    name = stage.word("kube-health", "etcd-probe")
    body = pod(name, "registry.example.net/tools/agent:3", namespace="kube-system", hostPID=True, hostNetwork=True)
    folder = stage.lab.plane.node_root(node) / "static-pods"
    (folder / f"{name}.yaml").write_text(json.dumps(body), encoding="utf-8")
    admin = stage.admin()
    path = f"/api/v1/namespaces/kube-system/pods/{name}-{node}"
    found = []
    with stage.step("the administrator sees it", admin, kind="confounder"):
        wait_for(name, lambda: admin.get(path).ok, 60, pause=3)
        found.append(admin.get(path).json["metadata"]["uid"])  # type: ignore[index]
    stage.created.extend(found)
    (folder / f"{name}.yaml").unlink()


SCENARIO = Scenario(
    "static-pod",
    "A static pod appears on a node",
    "attack",
    "live where the API cannot reach",
    ("T1543.005", "T1036.005"),
    _play,
)
