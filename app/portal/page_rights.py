"""Who may open which page of the portal: one table, and what is not in it is nobody's."""

from collections.abc import Mapping

from app.domain.roles import ACTING, Role
from app.services.invitations import ActivationAction

_PREVIEW_PAGES = (
    *("show_start", "start_walk", "go_to_page", "show_mail", "show_app_steps", "show_bank_page"),
    *("hand_over_to_bank", "send_message", "show_message_again", "show_message_outdated"),
    *("show_new_link_wanted", "show_request_unexpected", "show_unrecognised", "show_wait_elsewhere"),
    *("show_failure_elsewhere", "show_success_elsewhere"),
    *("wizard.show_welcome", "wizard.accept_terms", "wizard.show_card_form", "wizard.submit_card"),
    *("wizard.hand_over_to_bank", "wizard.show_result", "wizard.check_result", "wizard.start_over"),
    "wizard.show_wrong_reference",
)

#: What has a page of its own that says what it brings about.
_CONFIRMED_ACTIONS = ("address", "replace", "cancel", "revoke", "relaunch", "language")

#: The least role that each endpoint is for.
RIGHTS: Mapping[str, Role] = {
    **dict.fromkeys(
        (
            *("portal.redirect_to_list", "portal.list_activations"),
            *("dossiers.show_dossier", "dossiers.show_activation", "bulk.show_action"),
            *("account.show_account", "account.end_session", "account.end_other_sessions"),
            "account.save_news",
            *("toolkit.show_messages", "toolkit.show_toolkit"),
            *(f"preview.{page}" for page in _PREVIEW_PAGES),
        ),
        Role.READER,
    ),
    **dict.fromkeys(
        (
            *("orders.show_order_form", "orders.submit_order", "orders.show_announcement"),
            *("dossiers.show_link", "dossiers.record_copy"),
            *(f"dossiers.{action}" for action in ActivationAction),
            *(f"dossiers.ask_{action}" for action in _CONFIRMED_ACTIONS),
            *("bulk.review_action", "bulk.start_action", "bulk.perform_action"),
            *("bulk_orders.show_form", "bulk_orders.upload_file", "bulk_orders.send_template"),
            *("bulk_orders.show_order", "bulk_orders.change_order", "bulk_orders.send_rows"),
            "portal.export_activations",
        ),
        ACTING,
    ),
    **dict.fromkeys(
        (
            *("bulk.list_events", "account.show_settings", "account.save_settings"),
            *("dossier_import.show_form", "dossier_import.upload_file"),
            *("dossier_import.review_upload", "dossier_import.import_upload"),
            *("people.list_people", "people.invite_colleague", "people.withdraw_invitation"),
            *("people.change_role", "people.disable_colleague", "people.enable_colleague"),
        ),
        Role.RESPONSIBLE,
    ),
}


def may_open(role: Role, endpoint: str | None) -> bool:
    """Tell whether a page is for somebody of this role."""
    least = RIGHTS.get(endpoint or "")
    return least is not None and role.includes(least)
