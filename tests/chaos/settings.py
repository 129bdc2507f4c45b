"""The settings of an installation, and processes that may be struck dead at a boundary. For the kill tests only."""

from tutela.site.settings import *  # noqa: F403 an installation, with nothing left out
from tutela.site.settings import INSTALLED_APPS as _INSTALLED_APPS

INSTALLED_APPS = [*_INSTALLED_APPS, "tests.chaos"]
