"""A question is asked once while a page is made, and each time outside of that."""

from tutela.foundation.remembering import once, remembering

asked: list[object] = []


@once
def question(thing: object, *, more: object = None) -> int:
    asked.append(thing)
    return len(asked)


def test_outside_it_is_asked_each_time() -> None:
    assert question("a") != question("a")


def test_inside_it_is_asked_once_for_the_same_things() -> None:
    with remembering():
        assert question("a") == question("a")
        assert question("a", more=1) == question("a", more=1) != question("a")
        assert question([1, 2]) == question([1, 2]) != question([2, 1])


def test_what_one_block_remembered_the_next_asks_anew() -> None:
    with remembering():
        first = question("a")
    with remembering():
        assert question("a") != first
    assert question("a") != question("a")
