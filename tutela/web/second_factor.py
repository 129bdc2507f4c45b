"""What must be asked of somebody once more before a page that can do great harm."""

from allauth.account.decorators import reauthentication_required

from tutela.web.frame import View


def fresh_second_factor(view: View) -> View:
    """A page for whoever has just shown again who they are; others are asked first, and then come back to it."""
    guarded: View = reauthentication_required(view)
    return guarded
