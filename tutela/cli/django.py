"""Commands that need the databases."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from tutela.foundation.refusals import Refused
from tutela.site.supervisor import no_core_dumps


def with_django(command: Callable[..., Any]) -> Callable[..., Any]:
    """Set Django up before `command`; a refusal or a missing setting is one sentence, never a traceback."""

    @wraps(command)
    def run(*arguments: Any, **named: Any) -> Any:
        no_core_dumps()
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutela.site.settings")
        import django
        from django.core.exceptions import ImproperlyConfigured

        try:
            django.setup()
            return command(*arguments, **named)
        except ImproperlyConfigured as error:
            raise click.ClickException(str(error)) from error
        except Refused as refused:
            raise click.ClickException(" ".join(str(one.words) for one in refused.unmet)) from refused

    return run
