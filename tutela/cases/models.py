"""The case file, what was written on it, and the facts that entries became.

A fact that changes is a row with an entry that made it and, later, an entry that ended it: history stays. What R128 does
not list as clear is in one sealed value a row.
"""

from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from tutela.access.models import Agency, User
from tutela.foundation.ids import derived_id
from tutela.published.models import FormVersion
from tutela.vault.models import SealClass
from tutela.vault.sealing import open_sealed

_MOST_OF_ONE_ENTRY = 50  # rows of a repeat (`forms.answers.MOST_ROWS`)


class CaseFile(models.Model):
    """One child's file, from identification on. Its revision orders everything on it."""

    id = models.UUIDField(primary_key=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="files")
    opened_on = models.DateField()
    revision = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.id)


class Entry(models.Model):
    """One form submission: immutable, dated, authored, sealed."""

    id = models.UUIDField(primary_key=True)
    file = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="entries")
    revision = models.PositiveIntegerField()
    form = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="entries")
    form_code = models.CharField(max_length=80)
    happened_on = models.DateField()  # the exact time is sealed (R128)
    received_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="entries_written")
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="entries_done")
    about = models.UUIDField(null=True)  # the person it is about, where that is not the child
    amends = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="amended_by")
    keyed_hash = models.BinaryField()  # of everything submitted: the same id again must bring the same
    sealed_case = models.BinaryField()
    sealed_identity = models.BinaryField(null=True)
    sealed_confidential = models.BinaryField(null=True)

    class Meta:
        ordering: ClassVar = ["file", "revision"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "revision"], name="one_entry_per_revision")
        ]

    def __str__(self) -> str:
        return f"{self.form_code} at revision {self.revision}"


class Fact(models.Model):
    """A fact that an entry made and another may have ended. Each step declares its own kinds."""

    LABEL: ClassVar[str]  # the permanent name under which its values are sealed
    SEAL: ClassVar[SealClass] = "case"
    AMENDABLE: ClassVar[bool] = True  # False: an amended entry leaves it alone; only a new event counters it

    id = models.UUIDField(primary_key=True)
    file = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", null=True)
    sealed = models.BinaryField()

    class Meta:
        abstract = True
        ordering: ClassVar = ["entry__revision", "id"]

    def __str__(self) -> str:
        return f"{self.LABEL} {self.id}"

    def labels(self) -> Iterator[str]:
        """The names under one of which the id of this row follows from an entry (`cases.actions.make`)."""
        yield from (f"{self.LABEL} {number}" for number in range(_MOST_OF_ONE_ENTRY))

    @property
    def contents(self) -> dict[str, Any]:
        """The sealed fields, opened. Raises Unavailable while the keeper is locked, Tampered where a byte was changed."""
        if "_opened" not in self.__dict__:
            self.__dict__["_opened"] = open_sealed(
                bytes(self.sealed), file=self.file_id, seal_class=self.SEAL, row=self.id, label=self.LABEL
            )
        opened: dict[str, Any] = self.__dict__["_opened"]
        return opened


class Person(Fact):
    """The child, or somebody around the child, as known from one entry to another (R15, R109, R110).

    `person_id` is the same human through all versions on this file; the child's is derived from the file. What several
    entries say of the child adds up: `said` is what this entry said, the rest what is known with it.
    """

    LABEL = "cases.person"
    SEAL = "identity"

    person_id = models.UUIDField(db_index=True)
    is_the_child = models.BooleanField(default=False)
    sex = models.CharField(max_length=24, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True)

    class Meta(Fact.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person_id"],
                condition=Q(ended_by__isnull=True),
                name="one_current_version_per_person",
            ),
        ]


class Case(models.Model):
    """The case: a file that was registered, under a code that names nobody and never changes (R17)."""

    file = models.OneToOneField(CaseFile, on_delete=models.PROTECT, primary_key=True, related_name="case")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=16, unique=True)

    def __str__(self) -> str:
        return self.code


class Draft(models.Model):
    """What somebody has typed and not sent: sealed with their own key, deleted when it is sent (design §4)."""

    entry_id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="drafts")
    form = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=200)  # form, file, person and amended entry: one draft for each
    base = models.PositiveIntegerField(default=0)
    kept_at = models.DateTimeField()
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "place"], name="one_draft_per_place")
        ]

    def __str__(self) -> str:
        return f"draft of {self.form_id}"


class PrivateLabel(models.Model):
    """What one person calls a child on their own lists: sealed with their own key, seen by nobody else (R125)."""

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    file = models.ForeignKey(CaseFile, on_delete=models.CASCADE, related_name="+")
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "file"], name="one_label_per_person_and_file")
        ]

    def __str__(self) -> str:
        return f"label on {self.file_id}"


class FamilyLink(models.Model):
    """Two files of one family, as somebody said who may open both: each child keeps a file of their own (R115)."""

    id = models.UUIDField(primary_key=True)
    file = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="+")
    linked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "other"], name="one_family_link_per_pair")
        ]

    def __str__(self) -> str:
        return f"{self.file_id} and {self.other_id}"


def child_id(file_id: UUID) -> UUID:
    """The person id of the child of a file."""
    return derived_id(file_id, "child")
