"""What must be asked of somebody once more before a page that can do great harm."""

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django.http import HttpRequest

from tutela.web.frame import View


def is_fresh(request: HttpRequest) -> bool:
    """Whether whoever reads has shown a moment ago who they are."""
    return not is_reauthentication_required(request, app="")


def fresh_second_factor(view: View) -> View:
    """A page for whoever has just shown again who they are; others are asked first, and then come back to it."""
    guarded: View = reauthentication_required(view)
    return guarded
