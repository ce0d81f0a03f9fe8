"""kwho reads Kubernetes audit logs and tells who did what, what is unusual, and whether the log can be believed."""

__version__ = "0.1.0"
