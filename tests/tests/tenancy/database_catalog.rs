//! Rules about the database's catalog, which hold for tables that are added later too.

use maneiro_tests::postgres::TestDatabase;
use sqlx::PgConnection;

async fn connect() -> PgConnection {
    TestDatabase::create().await.superuser().await
}

async fn query_texts(database: &mut PgConnection, query: &'static str) -> Vec<String> {
    sqlx::query_scalar(query).fetch_all(database).await.unwrap()
}

#[tokio::test]
async fn row_level_security_is_enabled_and_forced_on_every_table() {
    let unprotected = query_texts(
        &mut connect().await,
        "select relname::text from pg_class
         where relnamespace = 'maneiro'::regnamespace and relkind in ('r', 'p') and relname <> '_sqlx_migrations'
           and not (relrowsecurity and relforcerowsecurity)",
    )
    .await;
    assert!(unprotected.is_empty(), "without row-level security: {unprotected:?}");
}

#[tokio::test]
async fn there_are_no_views_or_sequences() {
    let others = query_texts(
        &mut connect().await,
        "select relname::text from pg_class
         where relnamespace = 'maneiro'::regnamespace and relkind not in ('r', 'p', 'i', 'I')",
    )
    .await;
    assert!(others.is_empty(), "a view or sequence needs rules of its own: {others:?}");
}

/// The one condition under which `maneiro_app` sees a tenant's row, as PostgreSQL prints it.
const OWN: &str = "(org_id = maneiro.current_org())";

#[tokio::test]
async fn policies_restrict_the_service_to_rows_of_one_clinic() {
    let mut database = connect().await;
    let tables = query_texts(
        &mut database,
        "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
         where c.relnamespace = 'maneiro'::regnamespace and c.relkind in ('r', 'p') order by 1",
    )
    .await;
    assert!(tables.len() >= 9, "{tables:?}");
    for table in tables {
        let policies: Vec<(String, String, Option<String>, Option<String>)> = sqlx::query_as(
            "select policyname::text, cmd, qual, with_check from pg_policies
             where schemaname = 'maneiro' and tablename = $1 and 'maneiro_app' = any(roles)",
        )
        .bind(&table)
        .fetch_all(&mut database)
        .await
        .unwrap();
        assert!(!policies.is_empty(), "no policy lets the service at {table}");
        for (name, command, using, check) in policies {
            let (reads, writes) = match command.as_str() {
                "ALL" | "UPDATE" => (true, true),
                "SELECT" | "DELETE" => (true, false),
                "INSERT" => (false, true),
                other => panic!("{name} is for {other}"),
            };
            assert_eq!(using.as_deref(), reads.then_some(OWN), "{name} on {table}");
            assert_eq!(check.as_deref(), writes.then_some(OWN), "{name} on {table}");
        }
    }
}

#[tokio::test]
async fn all_other_policies_and_grants_are_listed_here() {
    let mut database = connect().await;
    let beyond_own_rows = query_texts(
        &mut database,
        "select tablename || ': ' || array_to_string(roles, ',') || ' ' || lower(cmd) from pg_policies
         where schemaname = 'maneiro' and not (roles = '{maneiro_app}' and qual is not distinct from with_check
                                               and qual = '(org_id = maneiro.current_org())')
         order by 1",
    )
    .await;
    assert_eq!(
        beyond_own_rows,
        [
            "analyses: maneiro_system select",
            "analysis_edits: maneiro_system select",
            "audit_events: maneiro_app insert",
            "audit_events: maneiro_operator insert",
            "audit_events: maneiro_owner insert",
            "audit_events: maneiro_owner select",
            "audit_events: maneiro_sign_in insert",
            "audit_events: maneiro_system insert",
            "clinic_keys: maneiro_app select",
            "clinic_keys: maneiro_owner all",
            "clinic_keys: maneiro_sign_in insert",
            "credentials: maneiro_owner insert",
            "credentials: maneiro_sign_in all",
            "email_changes: maneiro_sign_in all",
            "invitations: maneiro_sign_in all",
            "job_documents: maneiro_system select",
            "jobs: maneiro_owner all",
            "jobs: maneiro_system all",
            "mails: maneiro_owner insert",
            "mails: maneiro_sign_in all",
            "memberships: maneiro_operator select",
            "memberships: maneiro_owner all",
            "memberships: maneiro_session select",
            "memberships: maneiro_sign_in all",
            "objects: maneiro_system all",
            "org_policies: maneiro_owner insert",
            "org_policies: maneiro_session select",
            "org_policies: maneiro_sign_in all",
            "org_policies: maneiro_system select",
            "organizations: maneiro_app all",
            "organizations: maneiro_operator select",
            "organizations: maneiro_owner all",
            "organizations: maneiro_session select",
            "organizations: maneiro_sign_in all",
            "pages: maneiro_system all",
            "password_resets: maneiro_sign_in all",
            "records: maneiro_system select",
            "recovery_codes: maneiro_owner all",
            "recovery_codes: maneiro_sign_in all",
            "registrations: maneiro_sign_in all",
            "second_factors: maneiro_app select",
            "second_factors: maneiro_owner all",
            "second_factors: maneiro_session select",
            "second_factors: maneiro_sign_in all",
            "sessions: maneiro_operator insert",
            "sessions: maneiro_owner all",
            "sessions: maneiro_session all",
            "sessions: maneiro_sign_in all",
            "sign_in_codes: maneiro_sign_in all",
            "signed_reports: maneiro_system select",
            "stripe_events: maneiro_owner all",
            "stripe_events: maneiro_system all",
            "subscriptions: maneiro_owner insert",
            "subscriptions: maneiro_sign_in insert",
            "subscriptions: maneiro_sign_in select",
            "subscriptions: maneiro_system all",
            "task_lanes: maneiro_system all",
            "tasks: maneiro_owner all",
            "tasks: maneiro_sign_in insert",
            "tasks: maneiro_sign_in select",
            "tasks: maneiro_system all",
            "users: maneiro_app select",
            "users: maneiro_operator select",
            "users: maneiro_owner all",
            "users: maneiro_session select",
            "users: maneiro_sign_in all",
        ]
    );
    let grants = query_texts(
        &mut database,
        "select grantee || ' ' || table_name || ': ' || string_agg(lower(privilege_type), ' ' order by privilege_type)
         from information_schema.role_table_grants
         where table_schema = 'maneiro' and grantee <> 'maneiro_owner' group by grantee, table_name order by 1",
    )
    .await;
    assert_eq!(
        grants,
        [
            "maneiro_app _sqlx_migrations: select",
            "maneiro_app analyses: delete insert select",
            "maneiro_app analysis_edits: delete insert select",
            "maneiro_app audit_events: insert",
            "maneiro_app billing_intents: insert select",
            "maneiro_app billing_mails: insert select",
            "maneiro_app clinic_keys: select",
            "maneiro_app documents: delete insert select",
            "maneiro_app invitations: insert select",
            "maneiro_app job_documents: delete insert select",
            "maneiro_app jobs: delete insert select update",
            "maneiro_app letterheads: insert select",
            "maneiro_app mail_preferences: insert select",
            "maneiro_app memberships: select",
            "maneiro_app model_answers: delete insert select",
            "maneiro_app monthly_usage: insert select",
            "maneiro_app objects: insert select",
            "maneiro_app org_policies: select",
            "maneiro_app organizations: select",
            "maneiro_app pages: delete insert select",
            "maneiro_app records: insert select",
            "maneiro_app signature_blocks: insert select",
            "maneiro_app signed_reports: delete insert select",
            "maneiro_app stripe_events: insert select",
            "maneiro_app subscriptions: select update",
            "maneiro_app tasks: delete insert select update",
            "maneiro_app usage: insert select",
            "maneiro_app usage_history: insert select",
            "maneiro_operator audit_events: insert",
            "maneiro_operator sessions: insert",
            "maneiro_session org_policies: select",
            "maneiro_session sessions: select",
            "maneiro_sign_in audit_events: insert",
            "maneiro_sign_in clinic_keys: insert",
            "maneiro_sign_in credentials: delete insert select",
            "maneiro_sign_in email_changes: delete insert select update",
            "maneiro_sign_in invitations: select",
            "maneiro_sign_in mails: delete insert select",
            "maneiro_sign_in memberships: insert select update",
            "maneiro_sign_in org_policies: select",
            "maneiro_sign_in organizations: insert",
            "maneiro_sign_in password_resets: delete insert select",
            "maneiro_sign_in recovery_codes: delete insert select",
            "maneiro_sign_in registrations: delete insert select update",
            "maneiro_sign_in second_factors: delete insert select update",
            "maneiro_sign_in sessions: insert",
            "maneiro_sign_in sign_in_codes: delete insert select",
            "maneiro_sign_in subscriptions: insert select",
            "maneiro_sign_in tasks: insert",
            "maneiro_system audit_events: insert",
            "maneiro_system objects: delete select",
            "maneiro_system pages: delete",
            "maneiro_system stripe_events: delete insert select",
            "maneiro_system subscriptions: select",
            "maneiro_system task_lanes: insert select update",
            "maneiro_system tasks: delete insert select update",
        ]
    );
    let columns = query_texts(
        &mut database,
        "select grantee || ' ' || table_name || ': ' || lower(privilege_type) || ' ' || string_agg(column_name, ' ' order by column_name)
         from information_schema.role_column_grants g
         where table_schema = 'maneiro' and grantee <> 'maneiro_owner'
           and not exists (select from information_schema.role_table_grants t
                           where t.table_schema = g.table_schema and t.table_name = g.table_name
                             and t.grantee = g.grantee and t.privilege_type = g.privilege_type)
         group by grantee, table_name, privilege_type order by 1",
    )
    .await;
    assert_eq!(
        columns,
        [
            "maneiro_app billing_intents: update error_code finished_at state url",
            "maneiro_app billing_mails: update sent_at",
            "maneiro_app documents: update original_version revision stored_pages",
            "maneiro_app invitations: update expires_at mail_refused_at revoked_at sent_at version",
            "maneiro_app letterheads: update changed_at content_sealed",
            "maneiro_app mail_preferences: update trial_reminders usage_alerts",
            "maneiro_app memberships: update ended_at ended_by_id ended_by_kind role signs",
            "maneiro_app monthly_usage: update analyses dictation_seconds pages",
            "maneiro_app objects: update changed_at sealed_bytes state",
            "maneiro_app org_policies: update absolute_hours idle_minutes mail_domains model_hosts recording_consent requires_second_factor retention_days uploads_originals",
            "maneiro_app organizations: update created_at name",
            "maneiro_app pages: update superseded_in",
            "maneiro_app records: update active_at deleted_at fields_sealed owner_id purged_at revision title_sealed",
            "maneiro_app second_factors: select confirmed_at user_id",
            "maneiro_app sessions: select client_address created_at device ended_at expires_at id last_used_at level operator_id org_id password_given_at support_reason user_id",
            "maneiro_app sessions: update ended_at password_given_at",
            "maneiro_app signature_blocks: update changed_at content_sealed",
            "maneiro_app stripe_events: update problem",
            "maneiro_app usage: update analyses",
            "maneiro_app users: select created_at email id language name",
            "maneiro_operator memberships: select ended_at org_id user_id",
            "maneiro_operator organizations: select deleted_at id",
            "maneiro_operator users: select disabled_at id",
            "maneiro_session memberships: select ended_at org_id role user_id",
            "maneiro_session organizations: select deleted_at id",
            "maneiro_session second_factors: select confirmed_at user_id",
            "maneiro_session sessions: update last_used_at",
            "maneiro_session users: select disabled_at id is_operator",
            "maneiro_sign_in credentials: update changed_at hash",
            "maneiro_sign_in invitations: update accepted_at accepted_by mail_refused_at",
            "maneiro_sign_in mails: update refusal refused_at sent_at",
            "maneiro_sign_in org_policies: insert org_id",
            "maneiro_sign_in organizations: select deleted_at id name",
            "maneiro_sign_in organizations: update created_at deleted_at",
            "maneiro_sign_in recovery_codes: update used_at",
            "maneiro_sign_in sessions: select client_address created_at device ended_at expires_at id last_used_at level operator_id org_id password_given_at user_id",
            "maneiro_sign_in sessions: update ended_at",
            "maneiro_sign_in tasks: select dedupe_key lane",
            "maneiro_sign_in users: insert created_at email email_verified_at id language name",
            "maneiro_sign_in users: select created_at disabled_at email id is_operator language name",
            "maneiro_sign_in users: update created_at disabled_at email email_verified_at",
            "maneiro_system analyses: select id job_id org_id",
            "maneiro_system analysis_edits: select analysis_id number org_id",
            "maneiro_system job_documents: select document_id org_id revision",
            "maneiro_system jobs: select attempt error_code id org_id pages_done state",
            "maneiro_system jobs: update attempt error_code finished_at pages_done state",
            "maneiro_system objects: update changed_at state",
            "maneiro_system org_policies: select org_id retention_days",
            "maneiro_system pages: select document_id org_id stored_in superseded_in version",
            "maneiro_system records: select active_at deleted_at id org_id purged_at",
            "maneiro_system signed_reports: select analysis_id org_id version",
            "maneiro_system stripe_events: update problem",
            "maneiro_system subscriptions: update sync_wanted_at",
        ]
    );
}

#[tokio::test]
async fn foreign_keys_between_tenant_tables_include_the_clinic() {
    let incomplete = query_texts(
        &mut connect().await,
        "select c.conname::text from pg_constraint c
         where c.contype = 'f' and c.connamespace = 'maneiro'::regnamespace
           and exists (select from pg_attribute a where a.attrelid = c.conrelid and a.attname = 'org_id')
           and exists (select from pg_attribute a where a.attrelid = c.confrelid and a.attname = 'org_id')
           and not exists (select from pg_attribute a
                           where a.attrelid = c.conrelid and a.attname = 'org_id' and a.attnum = any(c.conkey))",
    )
    .await;
    assert!(incomplete.is_empty(), "{incomplete:?}");
}

#[tokio::test]
async fn every_table_column_and_function_has_a_comment() {
    let uncommented = query_texts(
        &mut connect().await,
        "select c.relname || coalesce('.' || a.attname, '')
         from pg_class c
         left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relnamespace = 'maneiro'::regnamespace and c.relkind in ('r', 'p')
           and (obj_description(c.oid, 'pg_class') is null or col_description(c.oid, a.attnum) is null)
         union all
         select proname::text from pg_proc
         where pronamespace = 'maneiro'::regnamespace and obj_description(oid, 'pg_proc') is null",
    )
    .await;
    assert!(uncommented.is_empty(), "without a comment: {uncommented:?}");
}

#[tokio::test]
async fn every_constraint_is_named() {
    let unnamed = query_texts(
        &mut connect().await,
        "select conname::text from pg_constraint c join pg_class t on t.oid = c.conrelid
         where c.connamespace = 'maneiro'::regnamespace and t.relname <> '_sqlx_migrations'
           and (conname like '%\\_check' or conname like '%\\_check_' or conname like '%\\_id\\_fkey')",
    )
    .await;
    assert!(unnamed.is_empty(), "PostgreSQL named these: {unnamed:?}");
}

#[tokio::test]
async fn no_role_bypasses_row_level_security() {
    let mut database = connect().await;
    let bypassing = query_texts(
        &mut database,
        "select rolname::text from pg_roles
         where rolname like 'maneiro\\_%' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)",
    )
    .await;
    assert!(bypassing.is_empty(), "{bypassing:?}");
    let inherits: (bool, bool) = sqlx::query_as(
        "select bool_or(pg_has_role('maneiro_app', oid, 'usage')), pg_has_role('maneiro_app', 'maneiro_owner', 'member')
         from pg_roles where rolname in ('maneiro_sign_in', 'maneiro_session', 'maneiro_operator', 'maneiro_system')",
    )
    .fetch_one(&mut database)
    .await
    .unwrap();
    assert_eq!(
        inherits,
        (false, false),
        "maneiro_app has the rights of system tasks only inside SET LOCAL ROLE, and never the owner's"
    );
}
