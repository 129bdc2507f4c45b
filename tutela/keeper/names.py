"""People's names, opened, in memory only; and finding the people whose names are nearly what was typed.

Whoever asks says among whom (those whom the user may see), so nobody else is even compared, and scores are
never told. Names are brought into one script; typing slips are measured by optimal string alignment,
spellings across scripts by the skeleton of consonants.
"""

import heapq
import re
import threading
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from weakref import WeakValueDictionary

from anyascii import anyascii
from rapidfuzz import process
from rapidfuzz.distance import OSA

from tutela.keeper.messages import Found

# Bounds: what is longer is cut, so that no name and no question can make the keeper slow.
MOST_PEOPLE = 500_000  # about 0.4 kB each; when full, all are forgotten and asked for again
MOST_LETTERS = 200  # of one name, or of a question
MOST_WORD_LETTERS = 40
MOST_WORDS = 24  # of one person, all names together
MOST_ASKED_WORDS = 8
MOST_HITS = 200

# Likeness of two words, from 0 to 1. A name is found where half of what was asked is found in it.
_ALIKE = 0.7
_ALIKE_BY_SKELETON = 0.6
_SKELETON_FLOORS = {0: 0.0, 1: 0.50, 2: 0.54}  # by consonants; short skeletons say little
_SKELETON_FLOOR = 0.58
_SKELETON_WEIGHT = 0.4
_PREFIX_FLOOR = 0.7
_FOUND = 0.5

_PERSON_ID = re.compile(r"[0-9a-f]{32}")
_BETWEEN_WORDS = re.compile(r"[\s\-\u2010-\u2015/.,;:&+()\[\]|_\u060c\u30fb\u00b7]+")
_SYLLABIC = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # Chinese, Japanese, Korean: few spaces
_NOT_PLAIN = re.compile(r"[^a-z0-9]")
_ARABIC_THE = re.compile(r"^\u0627\u0644(?=..)")  # the article, where a name is left without it


class Word:
    """A word of somebody's name, shared by all who carry it and gone when the last of them is forgotten."""

    __slots__ = ("__weakref__", "skeleton", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.skeleton = skeleton(text)


_Held = dict[str, tuple[Word, ...]]  # person → words
_Alike = list[dict[Word, float]]  # for each asked word, the words like it, and how much


class Names:
    """The names that were given since the keeper was unlocked."""

    def __init__(self) -> None:
        self._people: dict[str, tuple[int, tuple[Word, ...]]] = {}
        self._words: WeakValueDictionary[str, Word] = WeakValueDictionary()
        self._changing = threading.Lock()

    def put(self, people: Iterable[tuple[str, int, Sequence[str]]]) -> None:
        """Hold all names of each person in this version; what was held of that person before is dropped."""
        for person, version, names in people:
            if not _PERSON_ID.fullmatch(person):
                raise ValueError("a person id has 32 hexadecimal digits")
            texts = list(dict.fromkeys(word for name in names for word in words_of(name)))[:MOST_WORDS]
            with self._changing:
                if len(self._people) >= MOST_PEOPLE:
                    self._people.clear()
                self._people[person] = int(version), tuple(self._word(text) for text in texts)

    def forget(self, people: Iterable[str]) -> None:
        """Drop these people and every word that nobody else carries."""
        with self._changing:
            for person in people:
                self._people.pop(person, None)

    def search(self, query: str, candidates: Iterable[tuple[str, int]], *, limit: int) -> Found:
        """Among `candidates` (person, version), those whose names are most like `query`."""
        held: _Held = {}
        missing = []
        for person, version in candidates:
            known = self._people.get(person)
            if known is None or known[0] != version:
                missing.append(person)
            else:
                held[person] = known[1]
        vocabulary = list(set().union(*held.values()))
        alike = [_alike(asked, vocabulary) for asked in words_of(query)[:MOST_ASKED_WORDS]]
        best = heapq.nsmallest(max(0, min(limit, MOST_HITS)), _ranked(held, alike))
        # Half a name counts only where nobody fits better, or each Amina would be found for every other.
        hits = [person for is_half, *_, person in best if is_half == best[0][0]]
        return Found(hits, missing)

    def _word(self, text: str) -> Word:
        word = self._words.get(text)
        if word is None:
            word = self._words[text] = Word(text)
        return word


def words_of(name: str) -> list[str]:
    """The words of a name in plain Latin letters, however it is written; each once."""
    words = []
    for part in _BETWEEN_WORDS.split(unicodedata.normalize("NFKC", name[:MOST_LETTERS])):
        latin = anyascii(_ARABIC_THE.sub("", part))
        # Transliterated syllables begin with a capital each; every one can be a name of its own.
        pieces = re.split(r"(?<=.)(?=[A-Z])", latin) if _SYLLABIC.search(part) else [latin]
        words += [_NOT_PLAIN.sub("", piece.lower())[:MOST_WORD_LETTERS] for piece in pieces]
    return list(dict.fromkeys(word for word in words if word))


# In this order: what several letters stand for, then one consonant for all that are confused across scripts.
_SOUNDS = (
    ("sch", "s"), ("tch", "s"), ("sh", "s"), ("ch", "s"), ("kh", "h"), ("gh", "k"), ("th", "t"), ("dh", "t"),
    ("ph", "f"), ("ck", "k"), ("dj", "j"), ("x", "ks"),
)  # fmt: skip
_CONSONANTS = str.maketrans("bdvzgqc", "ptfskkk", "aeiouyw0123456789")


def skeleton(word: str) -> str:
    """The consonants of a plain word: no vowels, repeats, or `h` at the end; voiced and unvoiced are one."""
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    bones = word.translate(_CONSONANTS)
    once = "".join(letter for letter, before in zip(bones, " " + bones, strict=False) if letter != before)
    return once.removesuffix("h") if len(once) > 1 else once


def _alike(asked: str, vocabulary: Sequence[Word]) -> dict[Word, float]:
    """The words that are like the one asked for, and how much."""
    texts = [word.text for word in vocabulary]
    near = process.extract(asked, texts, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE, limit=None)
    alike = {vocabulary[place]: likeness for _, likeness, place in near}
    bones = skeleton(asked)
    for word in vocabulary:
        if bones and word.skeleton == bones:
            floor = _SKELETON_FLOORS.get(len(bones), _SKELETON_FLOOR)
            likeness = floor + _SKELETON_WEIGHT * OSA.normalized_similarity(asked, word.text)
            if likeness >= _ALIKE_BY_SKELETON:
                alike[word] = max(alike.get(word, 0.0), min(likeness, 1.0))
        if word.text.startswith(asked):
            likeness = _PREFIX_FLOOR + (1 - _PREFIX_FLOOR) * len(asked) / len(word.text)
            alike[word] = max(alike.get(word, 0.0), likeness)
    return alike


def _ranked(held: _Held, alike: _Alike) -> Iterator[tuple[bool, float, int, str]]:
    """Those in whom enough was found: whole names, then the nearest, then those with the fewest words."""
    anything: set[Word] = set().union(*alike)
    for person, words in held.items():
        if not anything.isdisjoint(words):
            is_half, likeness = _compare(words, alike)
            if likeness >= _FOUND:
                yield is_half, -likeness, len(words), person


def _compare(words: Collection[Word], alike: _Alike) -> tuple[bool, float]:
    """Whether only half of a name fits, and the mean over the asked words of their likeness to a word each.

    No word of a name answers for two. It fits wholly where one side is found in the other, or two words are.
    """
    free = list(words)
    total = 0.0
    for one in alike:
        best = max((word for word in free if word in one), key=one.__getitem__, default=None)
        if best is not None:
            total += one[best]
            free.remove(best)
    answered = len(words) - len(free)
    return answered < min(2, len(alike), len(words)), total / len(alike)
