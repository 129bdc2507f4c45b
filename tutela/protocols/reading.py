"""One YAML file, and where in it each thing stands, so that whoever has to mend it is shown the line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# The way down to one value: names of mappings and numbers of lists, from the top of the file.
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """Something to mend in a pack: the file, the line (from 1), and a sentence that says what."""

    file: Path
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class Unreadable(ValueError):
    """A file that is no YAML, or no text."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


@dataclass(frozen=True)
class Document:
    """What a file says. `content` is None for an empty file."""

    file: Path
    content: Any
    root: yaml.Node | None

    def line(self, place: Place = ()) -> int:
        """The line of what stands at `place`, or of the nearest thing around it."""
        node, line = self.root, 1
        for step in place:
            key, node = _below(node, step)
            if key is None:
                break
            line = key.start_mark.line + 1
        return line

    def finding(self, sentence: str, place: Place = ()) -> Finding:
        """`sentence`, about what stands at `place`."""
        return Finding(self.file, self.line(place), sentence)


def read(file: Path) -> Document:
    """Read one file. Raises Unreadable."""
    try:
        loader = _Loader(file.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        return Document(file, None if root is None else loader.construct_document(root), root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(
            Finding(file, mark.line + 1 if mark else 1, f"This is not YAML: {error.problem}.")
        ) from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Unreadable(Finding(file, 1, f"This file cannot be read: {error}.")) from error


class _Loader(yaml.CSafeLoader):
    """YAML without two traps: `yes`, `no` and `on` are words here, and a name stands once in a mapping."""

    yaml_implicit_resolvers = {
        first: [
            (tag, pattern) for tag, pattern in found if first in "tTfF" or tag != "tag:yaml.org,2002:bool"
        ]
        for first, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = set()
        for key, _ in node.value:
            if key.value in names:
                raise yaml.MarkedYAMLError(
                    problem=f"“{key.value}” stands here twice", problem_mark=key.start_mark
                )
            names.add(key.value)
        return super().construct_mapping(node, deep)


def _below(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node | None, yaml.Node | None]:
    """What carries the line of `step` inside `node`, and what stands there."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == step), (None, None))
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None, None
