"""Facts about people who work here, and which file is whose. File ids are plain: access stands below the case file."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from tutela.foundation.ids import new_id

if TYPE_CHECKING:
    from tutela.access.sessions import SessionStore


class Agency(models.Model):
    """An organisation that does casework, with its place of work (R28: "local" is the place of work)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC")

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """Caseworkers and the supervisor who agrees to their decisions."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "name"], name="team_name_once_per_agency")
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Somebody who signs in. What they are allowed to do is in their memberships, never here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)  # how colleagues know them
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    # When somebody else gave them their password, who knows it until they choose one; None: they chose it.
    password_given_at = models.DateTimeField(null=True)
    REQUIRED_FIELDS: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Role(models.TextChoices):
    """The roles of requirements §20 that belong to an agency's own people."""

    CASEWORKER = "caseworker", "caseworker"
    SUPERVISOR = "supervisor", "supervisor"
    COACH = "coach", "coach"
    SAFEGUARDING_FOCAL_POINT = "safeguarding_focal_point", "safeguarding focal point"
    DATA_PROTECTION_FOCAL_POINT = "data_protection_focal_point", "data-protection focal point"
    MANAGER = "manager", "manager"
    INFORMATION_OFFICER = "information_officer", "information officer"
    DATA_ENTRY = "data_entry", "data entry"
    VOLUNTEER = "volunteer", "volunteer"
    COORDINATOR = "coordinator", "coordinator"
    BEST_INTERESTS_REVIEWER = "best_interests_reviewer", "best-interests reviewer"
    TRACING_OFFICER = "tracing_officer", "tracing officer"
    ADMINISTRATOR = "administrator", "administrator"


class Membership(models.Model):
    """A role that somebody has in a team, from a day to a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, related_name="memberships", null=True, blank=True
    )
    role = models.CharField(max_length=32, choices=Role.choices)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    weekly_hours = models.PositiveSmallIntegerField(null=True)  # as agreed; None: the rule of the pack (R81)
    # A deputy: whose word they give in this team meanwhile (R121).
    stands_for = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="membership_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(stands_for__isnull=True)
                | Q(role=Role.SUPERVISOR, team__isnull=False, until__isnull=False) & ~Q(user=F("stands_for")),
                name="deputies_are_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class RoleAsked(models.Model):
    """A role that reaches far, which nobody gives alone: there is none before a second person has agreed (ADR 41).

    One that was given on the command line stands here too, with nobody who asked or agreed, so that others are told.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", null=True)
    role = models.CharField(max_length=32, choices=Role.choices)
    since = models.DateField()
    weekly_hours = models.PositiveSmallIntegerField(null=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    answered_at = models.DateTimeField(null=True)
    agreed = models.BooleanField(null=True)
    told_at = models.DateTimeField(null=True)  # when those who answer for it were sent a notice

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(agreed__isnull=True) | Q(agreed=False) | Q(asked_by__isnull=True)
                | Q(answered_by__isnull=False) & ~Q(answered_by=F("asked_by")) & ~Q(answered_by=F("user")),
                name="role_has_two_people",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user} to be {self.role}"


class Assignment(models.Model):
    """Whose file it is: the responsible caseworker and their team, from a day to a day (R104)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file_id = models.UUIDField(db_index=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="assignments")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    entry_id = models.UUIDField(null=True)  # the entry that gave it to them; None: they opened the file

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["file_id"],
                condition=Q(until__isnull=True),
                name="one_responsible_caseworker_per_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} with {self.user}"


class Invitation(models.Model):
    """Somebody is asked to take over a file: until a day they may read its hand-over and answer, and nothing else (R56)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file_id = models.UUIDField(db_index=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    since = models.DateField()
    until = models.DateField()
    entry_id = models.UUIDField()  # the entry that asked
    ended_by = models.UUIDField(null=True)  # the entry that answered it or asked somebody else

    def __str__(self) -> str:
        return f"{self.file_id} offered to {self.user}"


class EmergencyOpening(models.Model):
    """Somebody opened one file in an emergency: for a few hours, with a reason, and never unseen (R120)."""

    id = models.UUIDField(primary_key=True, editable=False)
    file_id = models.UUIDField(db_index=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="emergencies")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="emergencies")
    since = models.DateTimeField()
    until = models.DateTimeField()
    review_by = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # ended by hand, before its time
    told_at = models.DateTimeField(null=True)  # when those who answer for it were sent a notice
    sealed = models.BinaryField()  # the reason and its words, under the file's case key

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="emergency_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What it is called where no child, code or colleague may be named, such as an e-mail."""
        return f"E-{self.id.hex[-8:].upper()}"


class EmergencyReview(models.Model):
    """What somebody who was not part of it says to an opening. Nothing is settled while there is more to find out."""

    class Verdict(models.TextChoices):
        JUSTIFIED = "justified", "justified"
        NOT_JUSTIFIED = "not_justified", "not justified"
        MORE = "more", "more to find out"

    id = models.UUIDField(primary_key=True, editable=False)
    opening = models.ForeignKey(EmergencyOpening, on_delete=models.PROTECT, related_name="reviews")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    verdict = models.CharField(max_length=16, choices=Verdict.choices)
    sealed = models.BinaryField()  # the words, under the file's case key

    def __str__(self) -> str:
        return f"{self.opening}: {self.verdict}"


class Cover(models.Model):
    """A stand-in for a colleague's files of one team, or for one of them, from a day to a day (R104).

    The responsible caseworker stays who they are. What the stand-in may do ends with the last day, by itself.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="covers")
    covered_for = models.ForeignKey(User, on_delete=models.PROTECT, related_name="covered")
    stand_in = models.ForeignKey(User, on_delete=models.PROTECT, related_name="covering")
    file_id = models.UUIDField(null=True, db_index=True)  # None: all of them
    since = models.DateField()
    until = models.DateField()  # the last day
    confidential = models.BooleanField(default=False)  # named for the confidential section as well
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_on = models.DateField()
    ended_on = models.DateField(null=True)  # ended early: the first day without it

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="cover_ends_after_it_begins"),
            models.CheckConstraint(
                condition=~Q(stand_in=F("covered_for")), name="nobody_covers_for_themselves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stand_in} for {self.covered_for}"


class ClosedTo(models.Model):
    """A file is closed to a named colleague, who is not to know that it exists for them (R121).

    First it may only be asked for (`since` None). While it holds, whatever they would have agreed to goes to `instead`.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    file_id = models.UUIDField(db_index=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    instead = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    asked_on = models.DateField(null=True)
    since = models.DateField(null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    ended_on = models.DateField(null=True)  # the first day without it; where it was only asked for: declined
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    sealed = models.BinaryField()  # why

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["file_id", "user"], condition=Q(ended_on__isnull=True), name="closed_once_to_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} closed"


class Grant(models.Model):
    """A file, or a part of it, is open to somebody for a purpose, from a day to a day. It ends by itself.

    `confidential` opens that section to whoever reads the file already (R86); `on_reason` and `safeguarding` open the file,
    but for that section, to a manager or a safeguarding focal point who said why (requirements §20), and `best_interests`
    to a reviewer whom the supervisor named (R64). `referral` opens to a colleague of the agency that was asked what one
    referral told it, and nothing of the file (R42).
    """

    class Purpose(models.TextChoices):
        CONFIDENTIAL = "confidential", "the confidential section"
        REASON = "on_reason", "a reason that was stated"
        SAFEGUARDING = "safeguarding", "a safeguarding report"
        BEST_INTERESTS = "best_interests", "a review of best interests"
        REFERRAL = "referral", "what one referral told"

    id = models.UUIDField(primary_key=True, editable=False)
    file_id = models.UUIDField(db_index=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    since = models.DateField()
    until = models.DateField()  # the last day
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True)  # ended early: the first day without it
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    sealed = models.BinaryField()  # why
    # Of a referral: the entry that asked, and the agency as whose colleague `user` receives it.
    entry_id = models.UUIDField(null=True, db_index=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="grant_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(purpose="referral", entry_id__isnull=False, agency__isnull=False)
                | ~Q(purpose="referral") & Q(entry_id__isnull=True, agency__isnull=True),
                name="a_referral_says_which_and_to_whom",
            ),
            models.UniqueConstraint(
                fields=["entry_id"],
                condition=Q(purpose="referral", ended_on__isnull=True),
                name="one_recipient_a_referral",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} for {self.purpose}"


class TypingTask(models.Model):
    """Somebody types one form for a colleague, once and until a day, and reads nothing of the file (requirements §20).

    `entry_id`: what it became. The colleague looks at that and says that it is right, or corrects it (`confirmed_on`).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    file_id = models.UUIDField(db_index=True)
    form_code = models.CharField(max_length=80)
    typist = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")  # whose paper it is
    since = models.DateField()
    until = models.DateField()  # the last day
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True)  # ended early: the first day without it
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    entry_id = models.UUIDField(null=True, unique=True)
    confirmed_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="typing_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(typist=F("worker")), name="nobody_types_for_themselves"),
            models.CheckConstraint(
                condition=Q(confirmed_on__isnull=True) | Q(entry_id__isnull=False),
                name="only_what_was_typed_is_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form_code} typed for {self.worker}"


class Barrier(models.Model):
    """What an agency holds never reaches another: an information barrier, from a day on (R105)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")  # whose files these are
    barred = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="+"
    )  # whom nothing of them reaches
    reason = models.CharField(max_length=200)  # of an agreement between agencies; about no child
    since = models.DateField()
    ended_on = models.DateField(null=True)  # the first day without it

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agency", "barred"], condition=Q(ended_on__isnull=True), name="one_barrier_a_pair"
            ),
            models.CheckConstraint(condition=~Q(agency=F("barred")), name="no_barrier_within_an_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.barred} barred from {self.agency}"


class Session(AbstractBaseSession):
    """One browser in which somebody is signed in, or is about to be. No address is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions", null=True)
    browser = models.CharField(max_length=60, blank=True)  # such as "Chrome on Android"
    began = models.DateTimeField(null=True)
    seen = models.DateTimeField(null=True)  # last used, to the minute

    @property
    def handle(self) -> str:
        """Names it on a page. Its key would sign in whoever reads it there."""
        return salted_hmac("session on a page", self.session_key, algorithm="sha256").hexdigest()

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        from tutela.access.sessions import SessionStore

        return SessionStore
