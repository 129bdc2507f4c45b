"""Sentences for people, kept apart from their values until the language of the reader is known."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """A sentence with named places, such as `say("Ask {who} first.", who="the supervisor")`."""

    text: str
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return self.text.format(**dict(self.values)) if self.values else self.text


def say(text: str, **values: object) -> Words:
    """Mark `text` for translation; `pages` translates it when it is shown. Values never carry a child's data into logs."""
    return Words(text, tuple(values.items()))
