"""Names of identities as bindings spell them, and the groups that an identity bears by its name alone."""

from typing import Final

AUTHENTICATED: Final = "system:authenticated"
ACCOUNTS: Final = "system:serviceaccounts"

_ACCOUNT: Final = "system:serviceaccount:"


def user_of(namespace: str | None, account: str) -> str:
    """The user name of a service account."""
    return f"{_ACCOUNT}{namespace or ''}:{account}"


def subject_user(subject: str) -> str:
    """The user name that a subject of a binding means; nothing for a group."""
    kind, _, name = subject.partition(":")
    if kind == "ServiceAccount":
        namespace, _, account = name.rpartition("/")
        return user_of(namespace, account)
    return name if kind == "User" else ""


def subject_group(subject: str) -> str:
    """The group that a subject of a binding means; nothing for a user or a service account."""
    kind, _, name = subject.partition(":")
    return name if kind == "Group" else ""


def implied_groups(user: str) -> tuple[str, ...]:
    """The groups that every request of a service account bears."""
    if not user.startswith(_ACCOUNT):
        return ()
    namespace = user.removeprefix(_ACCOUNT).partition(":")[0]
    return (ACCOUNTS, f"{ACCOUNTS}:{namespace}", AUTHENTICATED)


def names_of(user: str) -> tuple[str, ...]:
    """The subjects that mean a user: by name, and for a service account by namespace and name."""
    namespace, colon, account = user.removeprefix(_ACCOUNT).partition(":")
    own = f"User:{user}"
    return (own, f"ServiceAccount:{namespace}/{account}") if user.startswith(_ACCOUNT) and colon else (own,)
