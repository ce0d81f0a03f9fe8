"""`python -m kwho` and the `kwho` script; imports nothing until it is called, so that workers start light."""

SELDOM = 100_000
"""Objects made between two rounds of the garbage collector; hardly anything here is circular."""


def main() -> None:
    """Run the command line."""
    import gc  # noqa: PLC0415  workers import this module and must not pay for the command line
    import os  # noqa: PLC0415
    import signal  # noqa: PLC0415
    import sys  # noqa: PLC0415

    gc.set_threshold(SELDOM)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed: what is printed goes nowhere, and no file takes its place
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  open to the end
    if hasattr(signal, "pthread_sigmask"):  # an interrupt waits until somebody can say what it means
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    from kwho.cli import run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
