"""What runs in a container through the API server: the arguments of exec and attach."""

from kwho.views import Look
from kwho.views.uri import query_values


def argv(look: Look) -> tuple[str, ...]:
    """The arguments of the command, decoded, in order; empty when the request is no exec or attach of a pod."""
    ref = look.event.objectRef
    if ref is None or ref.resource != "pods" or ref.subresource not in ("exec", "attach"):
        return ()
    return query_values(look, "command")


def command(look: Look) -> str | None:
    """The arguments joined by one blank; None when there are none."""
    arguments = look.see(argv)
    return " ".join(arguments) if arguments else None
