//! Stored hashes that are weaker than what is made now: accepted once, and replaced.

use futures::future::join_all;
use maneiro_api::account::Login;
use maneiro_tests::{PASSWORD, Person, TestApp};

async fn store_hash(app: &TestApp, person: &Person, hash: &str) {
    sqlx::query("update maneiro.credentials set hash = $2 where user_id = $1")
        .bind(person.me.user.uuid())
        .bind(hash)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
}

async fn stored(app: &TestApp, person: &Person) -> (String, String) {
    sqlx::query_as("select hash, scheme from maneiro.credentials where user_id = $1")
        .bind(person.me.user.uuid())
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap()
}

async fn sign_in(app: &TestApp, person: &Person, password: &str) -> bool {
    let login = Login { email: person.me.email.clone(), password: password.into(), organization: None };
    app.anonymous().login(&login).await.is_ok()
}

#[tokio::test]
async fn an_old_hash_is_accepted_and_replaced_by_the_first_sign_in() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let current = stored(&app, &doctor).await.1;
    assert_eq!(current, "$argon2id$v=19$m=19456,t=2,p=1");
    let bcrypt = bcrypt::hash(PASSWORD, 4).unwrap();
    store_hash(&app, &doctor, &bcrypt).await;
    assert_eq!(stored(&app, &doctor).await.1, "$2b$04");
    assert!(!sign_in(&app, &doctor, "a wrong password").await);
    assert_eq!(stored(&app, &doctor).await.0, bcrypt, "a wrong password replaces nothing");
    assert!(sign_in(&app, &doctor, PASSWORD).await);
    assert_eq!(stored(&app, &doctor).await.1, current);
    assert!(sign_in(&app, &doctor, PASSWORD).await);
    assert!(doctor.me().await.is_ok(), "other sessions go on");
    app.finish().await;
}

#[tokio::test]
async fn parallel_sign_ins_succeed_while_a_hash_is_replaced() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    store_hash(&app, &doctor, &bcrypt::hash(PASSWORD, 4).unwrap()).await;
    let signed_in = join_all((0..8).map(|_| sign_in(&app, &doctor, PASSWORD))).await;
    assert!(signed_in.iter().all(|done| *done), "{signed_in:?}");
    app.finish().await;
}
