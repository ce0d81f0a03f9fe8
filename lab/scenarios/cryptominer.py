"""A namespace, a deployment with a miner, and more of it."""

from lab.client import MERGE
from lab.manifests import workload
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    space = stage.word("batch-jobs", "perf-test")
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}}
    with stage.step("make a namespace", thief, "execution", ("G06",)):
        stage.must(stage.create(thief, namespace))
    stage.pause()
    with stage.step("deploy the miner", thief, "impact", ("C16", "C17", "C21", "N11")):
        stage.must(stage.create(thief, workload("Deployment", "worker", "xmrig/xmrig:6.22.0"), space))
    with stage.step("scale it", thief, "impact", ("C21",)):
        path = f"/apis/apps/v1/namespaces/{space}/deployments/worker/scale"
        stage.must(thief.patch(path, {"spec": {"replicas": 6}}, MERGE))
    stage.pause()
    with stage.step("the administrator removes it", "kubernetes-admin", kind="confounder"):
        stage.admin().delete(f"/api/v1/namespaces/{space}")


SCENARIO = Scenario(
    "cryptominer",
    "A miner in a namespace of its own",
    "attack",
    "mine",
    ("T1496",),
    _play,
)
