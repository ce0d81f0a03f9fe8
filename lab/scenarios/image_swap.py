"""The CI account, from its usual runner with its usual tool, rolls out an image from another registry."""

from lab.cast import AGENTS, RUNNERS
from lab.client import STRATEGIC
from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    running = stage.lab.running("ci", "runner")
    runner = stage.client(running.identity, stage.chance.choice(RUNNERS), AGENTS["ci"])
    image = "registry.example.net/shop/cart:4.2.1"
    body = {"spec": {"template": {"spec": {"containers": [{"name": "cart", "image": image}]}}}}
    with stage.step("roll out the image", runner, "execution", ("C16", "C21", "J01")):
        stage.must(runner.get("/apis/apps/v1/namespaces/shop/deployments/cart"))
        stage.must(runner.patch("/apis/apps/v1/namespaces/shop/deployments/cart", body, STRATEGIC))


SCENARIO = Scenario(
    "image-swap",
    "A compromised pipeline rolls out a foreign image",
    "attack",
    "run own code in the shop",
    ("T1195.002", "T1525"),
    _play,
)
