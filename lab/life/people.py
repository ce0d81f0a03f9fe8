"""People with kubectl: each with hours, namespaces, a tool and a few sequences that they always do."""

from __future__ import annotations

from functools import partial

from lab.cast import K9S, LENS, PEOPLE, VPN, Person
from lab.client import MERGE, Client
from lab.discovery import Cache
from lab.life import Day, Live
from lab.streams import run


def _look_around(client: Client, day: Day, namespace: str) -> None:
    base = f"/api/v1/namespaces/{namespace}"
    client.get(f"{base}/pods?limit=500", table=True)
    if day.chance.random() < 0.5:
        client.get(f"/apis/apps/v1/namespaces/{namespace}/deployments?limit=500", table=True)
    if day.chance.random() < 0.2:
        client.get(f"{base}/events?limit=500", table=True)


def _read_logs(client: Client, day: Day, namespace: str) -> None:
    names = client.get(f"/api/v1/namespaces/{namespace}/pods?limit=500", table=True).names
    if names:
        pod = day.chance.choice(names)
        client.get(f"/api/v1/namespaces/{namespace}/pods/{pod}")
        client.get(f"/api/v1/namespaces/{namespace}/pods/{pod}/log?tailLines=50")


def _describe(client: Client, day: Day, namespace: str) -> None:
    names = client.get(f"/apis/apps/v1/namespaces/{namespace}/deployments?limit=500", table=True).names
    if names:
        name = day.chance.choice(names)
        client.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
        client.get(f"/apis/apps/v1/namespaces/{namespace}/replicasets?limit=500")
        client.get(f"/api/v1/namespaces/{namespace}/events?fieldSelector=involvedObject.name%3D{name}&limit=500")


def _restart(client: Client, day: Day, namespace: str) -> None:
    names = client.get(f"/apis/apps/v1/namespaces/{namespace}/deployments?limit=500", table=True).names
    if "cart" in names:
        stamp = {"kubectl.kubernetes.io/restartedAt": f"day {day.hour:.3f}"}
        body = {"spec": {"template": {"metadata": {"annotations": stamp}}}}
        path = f"/apis/apps/v1/namespaces/{namespace}/deployments/cart"
        client.patch(f"{path}?fieldManager=kubectl-rollout", body, "application/strategic-merge-patch+json")


def _shell(client: Client, day: Day, namespace: str) -> None:
    names = client.get(f"/api/v1/namespaces/{namespace}/pods?limit=500", table=True).names
    if names:
        pod = day.chance.choice(names)
        client.get(f"/api/v1/namespaces/{namespace}/pods/{pod}")
        run(client, namespace, pod, day.chance.choice([["ls", "/tmp"], ["env"], ["sh", "-c", "ps aux | head"]]))


def _forward(client: Client, day: Day, namespace: str) -> None:
    names = client.get(f"/api/v1/namespaces/{namespace}/pods?limit=500", table=True).names
    if names:
        day.lab.forward(client, namespace, day.chance.choice(names), 2)


def _change_configuration(client: Client, day: Day, namespace: str) -> None:
    if namespace == "shop":
        body = {"data": {"log-level": day.chance.choice(["info", "debug", "warn"])}}
        client.patch("/api/v1/namespaces/shop/configmaps/web-config?fieldManager=kubectl-edit", body, MERGE)


def _list_widely(client: Client, day: Day, _namespace: str) -> None:
    client.get("/api/v1/namespaces?limit=500", table=True)
    client.get("/api/v1/nodes?limit=500", table=True)
    if day.chance.random() < 0.3:
        client.get("/api/v1/pods?limit=500", table=True)


_HABITS = {
    "alice": (_look_around, _look_around, _read_logs, _describe, _restart, _change_configuration),
    "bob": (_look_around, _describe, _describe, _read_logs),
    "carol": (_list_widely, _look_around, _describe, _read_logs, _shell),
    "dave": (_look_around, _read_logs, _shell, _forward),
    "erin": (_look_around, _look_around, _read_logs, _shell),
    "frank": (_list_widely, _describe, _look_around),
    "grace": (_look_around, _read_logs),
    "heidi": (_forward, _look_around, _read_logs),
}


def _work(person: Person, day: Day) -> None:
    """From the first to the last of the person's hours, a command now and then; now and then from home by VPN."""
    cache = Cache(walks=person.agent == LENS)
    while day.rest(4 if _awake(person, day.hour) else 20):
        if not _awake(person, day.hour):
            continue
        address = day.lab.place(person.name) if day.chance.random() < 0.9 else VPN[len(person.name)]
        client = Client(day.lab.login(person.name), address, person.agent, day.lab.plane.ca)
        cache.use(client, day.hours)
        for _ in range(day.chance.randint(1, 4)):
            habit = day.chance.choice(_HABITS[person.name])
            habit(client, day, day.chance.choice(person.namespaces))
            if day.stop.wait(day.chance.uniform(0.2, 2.0)):
                break
        if person.agent == K9S:
            client.watch(f"/api/v1/namespaces/{person.namespaces[0]}/pods", seconds=day.chance.randint(5, 20))
        client.close()


def _awake(person: Person, hour: float) -> bool:
    first, last = person.hours
    return first <= hour <= last


WORK: dict[str, Live] = {name: partial(_work, person) for name, person in PEOPLE.items()}
