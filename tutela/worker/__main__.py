"""The worker process: `python -m tutela.worker`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutela.site.settings")
django.setup()

from django.db import close_old_connections  # noqa: E402 after Django is ready

from tutela.worker.duties import DUTIES  # noqa: E402
from tutela.worker.loop import run  # noqa: E402

run(DUTIES, before_each=close_old_connections)
