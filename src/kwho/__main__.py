"""`python -m kwho` and the `kwho` script; imports nothing until it is called, so that workers start light."""


def main() -> None:
    """Run the command line."""
    import signal  # noqa: PLC0415  workers import this module and must not pay for the command line

    if hasattr(signal, "pthread_sigmask"):  # an interrupt waits until somebody can say what it means
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    from kwho.cli import run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
