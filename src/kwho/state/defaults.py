"""The cluster roles that Kubernetes ships, by our own table (`content/tables/roles.yaml`)."""

from functools import lru_cache


@lru_cache(maxsize=1)
def default_roles() -> dict[str, tuple[str, ...]]:
    """Permissions by name of the cluster role, as far as the table tells them."""
    import yaml  # noqa: PLC0415  few scans need the table

    from kwho import plugins  # noqa: PLC0415

    table = yaml.load(plugins.read_table("roles"), Loader=yaml.CSafeLoader)
    return {name: tuple(permissions) for name, permissions in table.items()}
