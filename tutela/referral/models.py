"""Facts about referrals. Each step is a row of its own; where a referral stands is worked out, never stored (R41)."""

from typing import ClassVar

from django.db import models

from tutela.cases.models import Fact


class Referral(Fact):
    """A service was asked: for what, and on which basis it was told what it was told (R40, R42)."""

    LABEL = "referral.referral"
    AMENDABLE: ClassVar[bool] = False


class ReferralAnswer(Fact):
    """What the service said (R41)."""

    LABEL = "referral.answer"
    AMENDABLE: ClassVar[bool] = False

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="+")


class ReferralOutcome(Fact):
    """How the service goes: begun, completed, not received; and what they say about it (R43, R44)."""

    LABEL = "referral.outcome"
    AMENDABLE: ClassVar[bool] = False

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="+")


class Cancellation(Fact):
    """The service is no longer asked (R41)."""

    LABEL = "referral.cancel"
    AMENDABLE: ClassVar[bool] = False

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="+")


class ServiceGap(Fact):
    """No service was found for a need of this child (R46)."""

    LABEL = "referral.gap"
    AMENDABLE: ClassVar[bool] = False


class SharingWord(Fact):
    """The supervisor's word on what was told without a basis (R42)."""

    LABEL = "referral.word"
    AMENDABLE: ClassVar[bool] = False


class SharedWithoutBasis(Fact):
    """A service was told something already, and no basis stood on the file: the supervisor is told (R41, R42)."""

    LABEL = "referral.without_basis"
    AMENDABLE: ClassVar[bool] = False

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="+")
    word = models.ForeignKey(SharingWord, on_delete=models.PROTECT, null=True, related_name="+")
