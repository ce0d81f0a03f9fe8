"""An honest sin: a developer puts a password into a configuration."""

from lab.story import Scenario, Stage


def _play(stage: Stage) -> None:
    erin = stage.person("erin")
    data = {"application.properties": "db.password=made-up-password\naws_access_key_id=MADEUP0000000000"}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": stage.word("settings")}, "data": data}
    with stage.step("write the configuration", erin, "", ("F22",)):
        stage.must(stage.create(erin, body, "staging"))


SCENARIO = Scenario("password-in-configuration", "A password in a configuration", "confounder", "", (), _play)
