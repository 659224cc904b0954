"""THE table of answers: every route, and who gets what from it. What is not in it must be shut to all."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.roles import Role

READER, COLLABORATOR, RESPONSIBLE = Role
#: The role of each visitor who is signed in.
ROLES: Mapping[str, Role] = {
    "reader": READER,
    "collaborator": COLLABORATOR,
    "responsible": RESPONSIBLE,
    "other_office": RESPONSIBLE,
}
TO_SIGN_IN, BEYOND_ROLE, WRONG_METHOD = 303, 403, 405


@dataclass(frozen=True)
class Answer:
    """What a route answers to an empty form, or to being opened.

    `least` is the role from which on it is open, None where it is no page of the portal; `elsewhere` is what
    another office gets, `signed_in` what somebody gets who is signed in already. Where the door is `guarded`,
    OPTIONS get no further than the rest.
    """

    status: int
    least: Role | None = None
    elsewhere: int | None = None
    signed_in: int | None = None
    guarded: bool = False

    def status_for(self, visitor: str, method: str) -> int:
        """Return the status that a visitor gets."""
        role = ROLES.get(visitor)
        if self.least and role is None:
            return TO_SIGN_IN
        if self.least and role and not role.includes(self.least):
            return BEYOND_ROLE
        if method == "OPTIONS" and not self.guarded:
            return 200
        if visitor == "other_office" and self.elsewhere:
            return self.elsewhere
        if method == "OPTIONS" and self.least:
            return 200
        return self.signed_in if role and self.signed_in else self.status


#: A page that nobody has written down is open to nobody.
SHUT = Answer(BEYOND_ROLE, guarded=True)


def _all(names: str, answer: Answer, blueprint: str) -> dict[str, Answer]:
    return {f"{blueprint}.{name}": answer for name in names.split()}


_OWN = Answer(200, COLLABORATOR, elsewhere=404)
#: Nothing is done with a request that has changed since it was seen, or that was never seen.
_UNSEEN = Answer(409, COLLABORATOR, elsewhere=404)
_PREVIEWED = Answer(200, READER, elsewhere=404, guarded=True)
_PREVIEW_REDIRECT = Answer(303, READER, elsewhere=404, guarded=True)
_NO_COOKIE, _NO_KEY, _NO_OFFICE = Answer(403, guarded=True), Answer(401), Answer(303, guarded=True)

PORTAL_ANSWERS: Mapping[str, Answer] = {
    "portal.redirect_to_list": Answer(303, READER),
    "portal.list_activations": Answer(200, READER),
    "portal.export_activations": Answer(200, COLLABORATOR),
    "bulk.review_action": Answer(303, COLLABORATOR),
    "bulk.start_action": Answer(303, COLLABORATOR),
    "bulk.show_action": Answer(200, READER, elsewhere=404),
    "bulk.perform_action": Answer(303, COLLABORATOR, elsewhere=404),
    "bulk.list_events": Answer(200, RESPONSIBLE),
    **_all("show_form send_template", Answer(200, COLLABORATOR), "bulk_orders"),
    # No file is sent.
    "bulk_orders.upload_file": Answer(422, COLLABORATOR),
    **_all("show_order send_rows", _OWN, "bulk_orders"),
    "bulk_orders.change_order": Answer(303, COLLABORATOR, elsewhere=404),
    "dossier_import.show_form": Answer(200, RESPONSIBLE),
    "dossier_import.upload_file": Answer(422, RESPONSIBLE),
    # A file that nobody has handed in, or that is another office's, leads back to the form.
    **_all("review_upload import_upload", Answer(303, RESPONSIBLE), "dossier_import"),
    "dossiers.show_dossier": Answer(200, READER, elsewhere=404),
    "dossiers.show_activation": Answer(303, READER, elsewhere=404),
    "dossiers.show_link": _OWN,
    "dossiers.copy": Answer(303, COLLABORATOR, elsewhere=404),
    "dossiers.record_copy": Answer(204, COLLABORATOR, elsewhere=404),
    **_all("ask_address ask_replace ask_cancel ask_language", _OWN, "dossiers"),
    # An invitation that is open can be neither stopped nor relaunched.
    **_all("ask_revoke ask_relaunch", _UNSEEN, "dossiers"),
    **_all("remind replace cancel revoke language", _UNSEEN, "dossiers"),
    # Its invitation still waits to leave.
    "dossiers.resend": Answer(303, COLLABORATOR, elsewhere=404),
    **_all("address relaunch", Answer(422, COLLABORATOR, elsewhere=404), "dossiers"),
    **_all("show_order_form show_announcement", _OWN, "orders"),
    "orders.submit_order": Answer(422, COLLABORATOR, elsewhere=404),
    **_all("show_toolkit show_messages", Answer(200, READER), "toolkit"),
    "account.show_account": Answer(200, READER),
    # Whose session it is not ends nothing.
    **_all("end_session end_other_sessions", Answer(303, READER), "account"),
    "account.save_news": Answer(422, READER),
    "account.show_settings": Answer(200, RESPONSIBLE),
    "account.save_settings": Answer(422, RESPONSIBLE),
    "people.list_people": Answer(200, RESPONSIBLE),
    "people.invite_colleague": Answer(422, RESPONSIBLE),
    "people.change_role": Answer(422, RESPONSIBLE),
    # The first of the office is whoever asks; nobody of it is there for another office.
    "people.disable_colleague": Answer(409, RESPONSIBLE, elsewhere=404),
    "people.enable_colleague": Answer(303, RESPONSIBLE, elsewhere=404),
    "people.withdraw_invitation": Answer(404, RESPONSIBLE),
    "preview.show_start": Answer(200, READER),
    "preview.start_walk": Answer(303, READER),
    **_all(
        "show_mail show_bank_page show_message_again show_message_outdated show_new_link_wanted "
        "show_request_unexpected show_unrecognised show_wait_elsewhere show_failure_elsewhere "
        "show_success_elsewhere wizard.show_welcome wizard.show_card_form wizard.show_wrong_reference "
        "wizard.hand_over_to_bank",
        _PREVIEWED,
        "preview",
    ),
    **_all("hand_over_to_bank send_message wizard.check_result", _PREVIEW_REDIRECT, "preview"),
    "preview.wizard.start_over": _PREVIEW_REDIRECT,
    **_all("wizard.accept_terms wizard.submit_card wizard.show_result", _PREVIEW_REDIRECT, "preview"),
    # Without a page to go to, and at a bank without an app.
    **_all("go_to_page show_app_steps", Answer(404, READER, 404, guarded=True), "preview"),
}

ANSWERS: Mapping[str, Answer] = {
    **PORTAL_ANSWERS,
    "auth.show_sign_in": Answer(200, signed_in=303),
    "auth.send_sign_in_link": Answer(422),
    "auth.show_link_sent": Answer(200),
    **_all("show_claim_button claim_sign_in_link", Answer(410), "auth"),
    "auth.sign_out": Answer(303),
    **_all("show_choice save_choice", Answer(404), "news"),
    **_all("healthz list_app_banks send_icon show_home show_security_contact", Answer(200), "site"),
    "site.show_terms": Answer(200),
    "site.show_app_steps": Answer(404),
    "design.show_design": Answer(200),
    "static": Answer(200),
    "entry.open_link": Answer(404),
    **_all("receive_return receive_return_by_get show_outcome", Answer(200), "entry"),
    "office_messages.show_receipt": Answer(410),
    "office_messages.send_message": Answer(400),
    **_all("show_welcome accept_terms show_card_form submit_card", _NO_COOKIE, "wizard"),
    **_all("hand_over_to_bank show_result check_result start_over", _NO_COOKIE, "wizard"),
    "wizard.show_wrong_reference": _NO_COOKIE,
    **_all("show_home describe_api list_scenarios", Answer(200), "qa"),
    "qa.create_office": Answer(303),
    **_all("create_activation make_digest finish_work open_portal reset_office", _NO_OFFICE, "qa"),
    **_all("open_result perform_command show_activation replay_return", _NO_OFFICE, "qa"),
    **_all("list_mails show_mail show_mail_html download_mail", _NO_OFFICE, "qa_mails"),
    **_all("get_contract get_server list_scenarios", Answer(200), "qa_api"),
    "qa_api.open_office": Answer(415),
    **_all("create_activation list_activations get_activation get_office reset_office", _NO_KEY, "qa_api"),
    **_all("age_activation cancel_activation fault_activation relaunch_activation", _NO_KEY, "qa_api"),
    **_all("remind_activation replace_activation replay_return resend_activation", _NO_KEY, "qa_api"),
    **_all("make_digest revoke_activation work_activation run_due_jobs", _NO_KEY, "qa_api"),
    **_all("create_sign_in_link list_mails get_mail", _NO_KEY, "qa_api"),
}

_NOTHING_THERE = Answer(404)
#: What the simulated bank answers to whoever comes without a key and without a transaction.
BANK_ANSWERS: Mapping[str, Answer] = {
    **_all("show_index show_design", Answer(200), "lobby"),
    "lobby.find_cardholder": Answer(400),
    "lobby.record_recovery_step": Answer(400),
    # A cardholder who has asked for nothing yet.
    "lobby.show_cardholder": Answer(200),
    "lobby.serve_static": _NOTHING_THERE,
    **_all("authenticate_card fetch_result", Answer(401, guarded=True), "server"),
    "app_server.exchange_app_requests": Answer(401, guarded=True),
    "sandbox_server.run_sandbox_command": Answer(401, guarded=True),
    "acs.receive_challenge": Answer(400),
    **_all("show_challenge submit_response compute_response", _NOTHING_THERE, "acs"),
    **_all("show_app_sign_in find_app_requests show_app_requests", _NOTHING_THERE, "bank_app"),
    "bank_app.answer_app_request": Answer(400),
}
