"""Words that rows keep: what an earlier build has written is read by each later one."""

from collections.abc import Mapping
from enum import StrEnum

import pytest
from sqlalchemy import Enum

from app.domain.failures import Failure
from app.domain.file_rules import FileProblem
from app.domain.history import AttemptOutcome, EventType, MailKind, OfficeEventType
from app.domain.message_rules import OfficeMessage
from app.domain.news_rules import NewsChoice
from app.domain.order_rules import OrderProblem
from app.domain.roles import Role
from app.domain.states import ActivationState, StatusLabel
from app.models import Base
from app.models.office import MandateState
from app.services.invitations import ActionOutcome, ActivationAction

#: Whoever renames one brings a migration that renames it in the rows.
WORDS: Mapping[type[StrEnum], str] = {
    ActivationState: ("invited terms_accepted awaiting_bank active expired cancelled revoked "),
    StatusLabel: ("cancelled active expired problem invitation_sent not_ordered "),
    AttemptOutcome: ("succeeded failed superseded "),
    Failure: (
        "wrong_card not_credit brand_not_carried card_data pin card_expired not_permitted refused "
        "bank_refused card_blocked card_never_used device technical too_frequent timed_out cancelled "
        "handoff_late "
    ),
    EventType: (
        "ordered resent reminded link_replaced address_corrected link_shown link_copied relaunched "
        "language_changed terms_accepted attempt_failed started_over late_result office_message "
        "activated refused_in_app cancelled revoked expired mail_sent mail_dead mail_dropped "
        "address_erased "
    ),
    OfficeEventType: (
        "list_exported bulk_action settings_changed colleague_invited invitation_withdrawn "
        "colleague_joined role_changed colleague_disabled colleague_enabled dossiers_imported "
    ),
    MailKind: (
        "invitation instructions first_reminder second_reminder third_reminder confirmation problem "
        "invitation_undelivered confirmation_undelivered new_link_wanted request_unexpected sign_in "
        "new_browser activated expired digest colleague_invited "
    ),
    OfficeMessage: ("new_link unexpected "),
    NewsChoice: ("problems each daily none "),
    Role: ("reader collaborator responsible "),
    MandateState: ("active archived "),
    ActivationAction: ("copy resend remind address replace cancel revoke relaunch language "),
    ActionOutcome: ("done still_waiting "),
    FileProblem: (
        "nothing_sent busy too_large no_table old_workbook broken_workbook workbooks_not_read "
        "too_many_rows too_many_columns encoding quotation no_headings column_missing column_twice "
        "no_rows not_filled_in empty too_long control_character rewritten formula card_number "
        "unknown_bank unknown_state account_elsewhere unknown_dossier no_active_mandate twice "
        "earlier_request too_old other_name other_office other_state two_dossiers known_elsewhere "
        "ambiguous_code "
    ),
    OrderProblem: (
        "no_dossier no_mandate bank_not_offered reference_missing bad_reference reference_letter "
        "reference_short reference_long address_missing bad_address address_accent address_comma "
        "address_space several_addresses bad_language iban_missing iban_not_needed bad_iban iban_letter "
        "iban_length old_account_number iban_of_other_bank already_ordered unknown_activation "
        "not_in_this_state no_link no_address changed_meanwhile sent_too_often no_reminder_left "
        "reminded_too_soon corrected_too_often office_corrected_too_often not_allowed "
    ),
}


@pytest.mark.parametrize("kind", WORDS)
def test_what_an_earlier_build_has_written_is_still_read(kind: type[StrEnum]) -> None:
    assert set(WORDS[kind].split()) - {member.value for member in kind} == set()


def test_each_vocabulary_that_a_column_keeps_is_known_here() -> None:
    columns = (column for table in Base.metadata.tables.values() for column in table.columns)
    assert {column.type.enum_class for column in columns if isinstance(column.type, Enum)} <= WORDS.keys()
