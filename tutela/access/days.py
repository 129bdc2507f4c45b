"""What holds on a day: rows that begin with a day and end with another, or early."""

from datetime import date

from django.db.models import Q


def member_on(day: date) -> Q:
    """Memberships in force on `day`."""
    return Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gte=day))


def in_force(day: date) -> Q:
    """What has a last day, and was not ended early."""
    return Q(since__lte=day, until__gte=day) & not_ended(day)


def not_ended(day: date) -> Q:
    """What nobody ended: `ended_on` is the first day without it."""
    return Q(ended_on__isnull=True) | Q(ended_on__gt=day)


def begun_on(day: date) -> Q:
    """What goes on until somebody ends it."""
    return Q(since__lte=day) & not_ended(day)
