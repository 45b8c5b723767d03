"""Settings of worker processes in tests: a job that only counts, short leases, plain static files."""

import os
import sys
from pathlib import Path

from mutirao.site.settings import *  # noqa: F403

RUN_JOB = [sys.executable, "-S", str(Path(__file__).with_name("counting_job.py"))]
RUN_LEASE = 2
RUN_SECONDS = float(os.environ.get("TEST_RUN_SECONDS", "60"))
RUN_MEMORY = int(os.environ.get("TEST_RUN_MEMORY", "8000000000"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
API_OPEN = API_KNOWN = API_RUNS = RUNS_EACH = 10**9
