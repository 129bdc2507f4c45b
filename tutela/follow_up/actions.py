"""Noting contacts and reviews."""

from tutela.cases.actions import make
from tutela.cases.entries import Kind, OpenEntry
from tutela.follow_up.models import Contact, Review


def apply_contact(entry: OpenEntry) -> None:
    make(Contact, entry, entry.fact("contact"))


def apply_review(entry: OpenEntry) -> None:
    make(Review, entry, entry.fact("review"))


KINDS = (
    Kind("follow_up.contact", apply=apply_contact, while_closed=True),
    Kind("follow_up.review", apply=apply_review),
)
