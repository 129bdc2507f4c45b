"""Every address of the house. A test freezes the list."""

from allauth.account import views as accounts
from django.urls import path

from tutela.web import (
    caseload,
    day_plan,
    directory,
    family,
    file,
    file_parts,
    file_services,
    forms,
    health,
    meetings,
    quick_note,
    team,
    today,
)

_FILE = "files/<uuid:file_id>/"

urlpatterns = [
    path("", today.page, name="today"),
    path("cases", caseload.cases, name="cases"),
    path("intake", caseload.intake, name="intake"),
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
    path("forms/<str:code>", forms.page, name="form"),
    path("forms/<str:code>/draft", forms.keep, name="draft"),
    path(_FILE, file.story, name="file"),
    path(f"{_FILE}people", file_parts.people, name="file_people"),
    path(f"{_FILE}family", family.link, name="file_family"),
    path(f"{_FILE}family-visit", family.visit, name="file_family_visit"),
    path(f"{_FILE}plan", file_parts.plan, name="file_plan"),
    path(f"{_FILE}services", file_services.page, name="file_services"),
    path(f"{_FILE}services/find", file_services.find, name="file_find_service"),
    path(f"{_FILE}services/<uuid:entry_id>", file_services.packet, name="file_packet"),
    path(f"{_FILE}consent", file_parts.consent, name="file_consent"),
    path(f"{_FILE}name", file.name, name="file_name"),
    path(f"{_FILE}label", file.label, name="file_label"),
    path(f"{_FILE}entries/<uuid:entry_id>", file.entry, name="file_entry"),
    path(f"{_FILE}forms/<str:code>", forms.page, name="file_form"),
    path(f"{_FILE}forms/<str:code>/draft", forms.keep, name="file_draft"),
    path("accounts/login/", accounts.login, name="account_login"),
    path("accounts/logout/", accounts.logout, name="account_logout"),
    path("accounts/password/change/", accounts.password_change, name="account_change_password"),
    path("accounts/reauthenticate/", accounts.reauthenticate, name="account_reauthenticate"),
    path("accounts/inactive/", accounts.account_inactive, name="account_inactive"),
    path(
        "accounts/login/", accounts.login, name="account_signup"
    ),  # nobody signs up; allauth asks for the name
    path("styleguide", today.styleguide, name="styleguide"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
