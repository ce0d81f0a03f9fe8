"""A CronJob with a host path in kube-system."""

from lab.manifests import workload
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    thief = stage.hijack("frank")
    host = [{"name": "host", "hostPath": {"path": "/etc/cron.d"}}]
    name = stage.word("log-cleaner", "cert-checker")
    body = workload("CronJob", name, "alpine:3.20", volumes=host)
    with stage.step("create the job", thief, "persistence", ("G01", "D04", "D05", "N11", "C16", "C21")):
        stage.must(stage.create(thief, body, "kube-system"))
    stage.pause()
    with stage.step("the administrator removes it", "kubernetes-admin", kind="confounder"):
        stage.admin().delete(f"/apis/batch/v1/namespaces/kube-system/cronjobs/{name}?propagationPolicy=Background")


SCENARIO = Scenario(
    "cron-persistence",
    "A CronJob that comes back",
    "attack",
    "return every minute",
    ("T1053.007",),
    _play,
)
