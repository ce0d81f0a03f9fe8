"""The runners of the kernel."""
