"""A load test: many requests at once, until priority and fairness or patience ends them."""

import threading

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    def burst(number: int) -> None:
        client = stage.pod("data", "etl")
        for _ in range(20):
            client.get(f"/api/v1/namespaces/data/configmaps?limit={number + 1}")
        client.close()

    with stage.step("load", "system:serviceaccount:data:etl", "", ("J01",)):
        threads = [threading.Thread(target=burst, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)


SCENARIO = Scenario("overload", "A load test", "confounder", "", (), _play)
