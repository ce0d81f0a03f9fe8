"""The scheduler crashes and comes back: leases change hands, watches are opened anew."""

import time

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    with stage.step("crash and return", "system:kube-scheduler"):
        stage.lab.plane.crash("kube-scheduler")
        time.sleep(1)
        stage.lab.plane.start_scheduler()


SCENARIO = Scenario("leader-failover", "The scheduler crashes and returns", "confounder", "", (), _play)
