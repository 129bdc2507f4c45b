"""Every address of the house. A test freezes the list."""

from allauth.account import views as accounts
from django.urls import path

from tutela.web import caseload, file, file_parts, forms, health, team, team_files, today

_FILE = "files/<uuid:file_id>/"

urlpatterns = [
    path("", today.page, name="today"),
    path("cases", caseload.cases, name="cases"),
    path("intake", caseload.intake, name="intake"),
    path("beside-me", today.beside_me, name="beside_me"),
    path("find", caseload.find, name="find"),
    path("team", team.page, name="team"),
    path("team/matches/<int:match_id>", team.match, name="team_match"),
    path("team/people/<uuid:user_id>", team_files.caseload, name="team_caseload"),
    path("team/people/<uuid:user_id>/cover", team_files.cover, name="team_cover"),
    path("team/cover/<uuid:cover_id>/end", team_files.cover_end, name="team_cover_end"),
    path("forms/<str:code>", forms.page, name="form"),
    path("forms/<str:code>/draft", forms.keep, name="draft"),
    path(_FILE, file.story, name="file"),
    path(f"{_FILE}people", file_parts.people, name="file_people"),
    path(f"{_FILE}plan", file_parts.plan, name="file_plan"),
    path(f"{_FILE}consent", file_parts.consent, name="file_consent"),
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
    path("accounts/inactive/", accounts.account_inactive, name="account_inactive"),
    path(
        "accounts/login/", accounts.login, name="account_signup"
    ),  # nobody signs up; allauth asks for the name
    path("styleguide", today.styleguide, name="styleguide"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
