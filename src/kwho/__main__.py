"""`python -m kwho` and the `kwho` script; imports nothing until it is called, so that workers start light."""


def main() -> None:
    """Run the command line."""
    from kwho.cli import run  # noqa: PLC0415  workers import this module and must not pay for the command line

    run()


if __name__ == "__main__":
    main()
