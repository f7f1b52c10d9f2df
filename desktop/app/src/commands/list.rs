// The one list of the window's commands. It registers them, gives each a permission, and checks `capabilities/main.json` and
// the names in `desktop/ui`.
macro_rules! commands {
    ($then:ident) => {
        $then! {
            events: subscribe;
            session: start, check_server, use_server, register, mailed_code, confirm_registration, sign_in, unlock, lock,
                sign_out, look_for_keychain, work_in_memory, set_preferences, window_ready, active;
            account: prove_second_factor, begin_second_factor, confirm_second_factor, finish_second_factor, second_factor,
                replace_recovery_codes, remove_second_factor, choose_clinic, own_clinics, switch_clinic, view_invitation,
                accept_invitation, change_password, sessions, end_session, end_all_sessions, request_password_reset,
                reset_password, change_email, confirm_email_change, close_account;
            people: members, update_member, remove_member, leave_clinic, invitations, create_invitation, resend_invitation,
                revoke_invitation, policy, save_policy;
            billing: subscription, plans, buy_plan, open_payment_portal, preview_change, change_plan, set_add_ons,
                cancel_subscription, resume_subscription, invoices, open_invoice, usage, save_usage;
            records: list_records, record, create_records, add_files, arrange_files, remove_file, unlock_file,
                update_record, delete_record, open_sample, choose_files, paste_image, drop_offer, pause_reading,
                resume_reading, cancel_reading, outbox;
            pages: pages, page_words, search_pages;
            review: review, show_newer, change, undo, redo, history, run_analysis, cancel_analysis;
            report: preview_report, save_report, print_report, report_text, sign_report;
            settings: clinic, save_clinic, signature, save_signature, choose_picture, about, support_bundle, save_support_bundle, copy_text, open_page;
        }
    };
}
