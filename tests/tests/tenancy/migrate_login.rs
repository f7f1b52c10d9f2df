//! Migrations run with a login that is no superuser, as managed databases offer it.

use futures::future::join_all;
use maneiro_cloud::{adapters::embedded::postgres::Cluster, store::migrate::migrate};
use maneiro_tests::postgres::scratch_cluster;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

const PASSWORD: &str = "secret";

/// A cluster with a role that may create roles and owns these databases, and is no superuser.
async fn cluster_with_login(attributes: &str, databases: &[String]) -> Cluster {
    let cluster = tokio::task::spawn_blocking(scratch_cluster).await.unwrap();
    let mut superuser =
        PgConnection::connect(cluster.superuser_url("postgres").expose_secret()).await.unwrap();
    let create =
        format!("create role migrator login createrole nosuperuser {attributes} password '{PASSWORD}'");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut superuser).await.unwrap();
    for database in databases {
        let create = format!("create database {database} owner migrator");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut superuser).await.unwrap();
    }
    cluster
}

fn login(cluster: &Cluster, database: &str) -> SecretString {
    cluster.url("migrator", &SecretString::from(PASSWORD), database)
}

#[tokio::test]
async fn no_superuser_is_needed_to_migrate() {
    for attributes in ["inherit", "noinherit"] {
        let cluster = cluster_with_login(attributes, &["clinics".to_owned()]).await;
        for time in ["first", "second"] {
            let migrated = migrate(&login(&cluster, "clinics")).await;
            assert!(migrated.is_ok(), "{attributes}, the {time} time: {migrated:?}");
        }
        let mut superuser =
            PgConnection::connect(cluster.superuser_url("clinics").expose_secret()).await.unwrap();
        let owners: Vec<String> = sqlx::query_scalar(
            "select distinct rolname::text from pg_roles r join pg_class c on c.relowner = r.oid
             where c.relnamespace = 'maneiro'::regnamespace
             union select rolname::text from pg_roles r join pg_namespace n on n.nspowner = r.oid where nspname = 'maneiro'",
        )
        .fetch_all(&mut superuser)
        .await
        .unwrap();
        assert_eq!(owners, ["maneiro_owner"]);
    }
}

#[tokio::test]
async fn databases_of_one_cluster_can_be_migrated_at_once() {
    let databases: Vec<String> = (0..8).map(|number| format!("clinics_{number}")).collect();
    let cluster = cluster_with_login("inherit", &databases).await;
    let migrations = databases.iter().map(async |database| migrate(&login(&cluster, database)).await);
    for migrated in join_all(migrations).await {
        assert!(migrated.is_ok(), "{migrated:?}");
    }
}
