"""What a page says, without its tags: the random letters that stand in them say something by chance."""

import re


def plain_words(page: str) -> str:
    """The words of a page of HTML, in one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())
