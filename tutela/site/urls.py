"""Every address of the house. A test freezes the list."""

from allauth.account import views as accounts
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from allauth.socialaccount import views as issuers
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.urls import path
from django.views.generic import RedirectView

from tutela.web import (
    caseload,
    criteria,
    day_plan,
    directory,
    family,
    file,
    file_assessment,
    file_consent,
    file_people,
    file_plan,
    file_services,
    forms,
    group,
    health,
    intake,
    meetings,
    plan_paper,
    quick_note,
    second_factor,
    sessions,
    team,
    team_files,
    today,
)

_FILE = "files/<uuid:file_id>/"
_FACTOR = "accounts/second-factor/"

handler500 = "tutela.web.errors.broken"

urlpatterns = [
    path("", today.page, name="today"),
    path("cases", caseload.cases, name="cases"),
    path("intake", intake.page, name="intake"),
    path("intake/criteria", criteria.page, name="intake_criteria"),
    path("intake/group", group.page, name="intake_group"),
    path("intake/group/<uuid:sheet_id>", group.slips, name="intake_slips"),
    path("beside-me", today.beside_me, name="beside_me"),
    path("find", caseload.find, name="find"),
    path("services", directory.listing, name="services"),
    path("services/new", directory.add, name="service_new"),
    path("services/list", directory.handed_out_page, name="services_list"),
    path("services/gaps", directory.gaps, name="service_gaps"),
    path("services/gaps/new", directory.gap, name="service_gap_new"),
    path("services/<uuid:service_id>", directory.service, name="service"),
    path("services/<uuid:service_id>/change", directory.change, name="service_change"),
    path("services/<uuid:service_id>/verify", directory.check, name="service_verify"),
    path("services/<uuid:service_id>/concern", directory.concern, name="service_concern"),
    path("services/<uuid:service_id>/concern/lift", directory.lift, name="service_lift"),
    path("team", team.page, name="team"),
    path("quick-note", quick_note.page, name="quick_note"),
    path("day-plan", day_plan.page, name="day_plan"),
    path("day-plan/run-sheet", day_plan.run_sheet, name="run_sheet"),
    path("team/meeting", meetings.page, name="team_meeting"),
    path("team/meeting/notes", meetings.notes, name="team_meeting_notes"),
    path("team/matches/<int:match_id>", team.match, name="team_match"),
    path("team/people/<uuid:user_id>", team_files.caseload, name="team_caseload"),
    path("team/people/<uuid:user_id>/cover", team_files.cover, name="team_cover"),
    path("team/cover/<uuid:cover_id>/end", team_files.cover_end, name="team_cover_end"),
    path("forms/<str:code>", forms.page, name="form"),
    path("forms/<str:code>/draft", forms.keep, name="draft"),
    path(_FILE, file.story, name="file"),
    path(f"{_FILE}people", file_people.page, name="file_people"),
    path(f"{_FILE}family", family.link, name="file_family"),
    path(f"{_FILE}family-visit", family.visit, name="file_family_visit"),
    path(f"{_FILE}assessment", file_assessment.page, name="file_assessment"),
    path(f"{_FILE}plan", file_plan.page, name="file_plan"),
    path(f"{_FILE}plan/print", plan_paper.for_the_file, name="file_plan_print"),
    path(f"{_FILE}plan/copy", plan_paper.ask_for_copy, name="file_plan_copy"),
    path(f"{_FILE}plan/copy/paper", plan_paper.copy, name="file_plan_paper"),
    path(f"{_FILE}services", file_services.page, name="file_services"),
    path(f"{_FILE}services/find", file_services.find, name="file_find_service"),
    path(f"{_FILE}services/<uuid:entry_id>", file_services.packet, name="file_packet"),
    path(f"{_FILE}consent", file_consent.page, name="file_consent"),
    path(f"{_FILE}hand-over", team_files.hand_over, name="file_hand_over"),
    path(f"{_FILE}name", file.name, name="file_name"),
    path(f"{_FILE}label", file.label, name="file_label"),
    path(f"{_FILE}entries/<uuid:entry_id>", file.entry, name="file_entry"),
    path(f"{_FILE}forms/<str:code>", forms.page, name="file_form"),
    path(f"{_FILE}forms/<str:code>/draft", forms.keep, name="file_draft"),
    path("accounts/login/", accounts.login, name="account_login"),
    path("accounts/logout/", accounts.logout, name="account_logout"),
    path("accounts/password/change/", accounts.password_change, name="account_change_password"),
    path("accounts/reauthenticate/", accounts.reauthenticate, name="account_reauthenticate"),
    path("accounts/sessions/", sessions.page, name="sessions"),
    path("accounts/still-here/", sessions.still_here, name="still_here"),
    path("accounts/lock/", sessions.lock, name="session_lock"),
    path("accounts/back/", sessions.back, name="back"),
    path(_FACTOR, second_factor.page, name="mfa_index"),
    path(f"{_FACTOR}show/", factors.authenticate, name="mfa_authenticate"),
    path(f"{_FACTOR}show-again/", factors.reauthenticate, name="mfa_reauthenticate"),
    path(f"{_FACTOR}codes/", totp.activate_totp, name="mfa_activate_totp"),
    path(f"{_FACTOR}codes/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path(f"{_FACTOR}recovery/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(f"{_FACTOR}recovery/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path(f"{_FACTOR}keys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path(f"{_FACTOR}keys/add/", keys.add_webauthn, name="mfa_add_webauthn"),
    path(f"{_FACTOR}keys/<int:pk>/name/", keys.edit_webauthn, name="mfa_edit_webauthn"),
    path(f"{_FACTOR}keys/<int:pk>/remove/", second_factor.remove_key, name="mfa_remove_webauthn"),
    path(f"{_FACTOR}keys/show-again/", keys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("accounts/passkey/", keys.login_webauthn, name="mfa_login_webauthn"),
    path("accounts/cancelled/", issuers.login_cancelled, name="socialaccount_login_cancelled"),
    path("accounts/<str:provider_id>/login/", oidc.login, name="openid_connect_login"),
    path("accounts/<str:provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
    path("accounts/inactive/", accounts.account_inactive, name="account_inactive"),
    path(
        "accounts/login/", accounts.login, name="account_signup"
    ),  # nobody signs up; allauth asks for the name
    path("styleguide", today.styleguide, name="styleguide"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
