"""What all tests share: properties are judged by what they find, never by how long a shared machine takes."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("kwho", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("kwho"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "kwho")
