//! Two clinics on one connection, with requests that are abandoned at any moment: nobody ever sees the other.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use futures::future::join_all;
use maneiro_api::RequestId;
use maneiro_cloud::{
    app::{auth, records},
    domain::{actor::OrgActor, list::Window},
    state::App,
};
use maneiro_tests::{Person, TestApp, given};

/// Rounds per lane; the measured run of 100,000 requests sets it through the environment.
const ROUNDS: u32 = 250;

/// Polls a future so often, then drops it.
struct Abandon<F>(Pin<Box<F>>, u32);

impl<F: Future> Future for Abandon<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.1 == 0 {
            return Poll::Ready(None);
        }
        self.1 -= 1;
        self.0.as_mut().poll(context).map(Some)
    }
}

async fn lane(app: App, who: OrgActor, title: &'static str, lane: u32, rounds: u32) -> u32 {
    let mut answered = 0;
    for round in 0..rounds {
        let (app, who) = (app.clone(), who.clone());
        let ask = async move {
            let window = Window::parse(None, None).expect("the defaults are sound");
            let list = records::list(&app, &who, window).await.expect("the list is there");
            let me = auth::me(&app, &who).await.expect("a person acts");
            assert_eq!(me.organization, who.org());
            assert!(round % 11 != 7, "a request that panics");
            list
        };
        // A different patience each time, so that requests end at every await there is.
        let patience = (round * 7 + lane * 13) % 24;
        let task = if patience < 16 {
            tokio::spawn(async move { Abandon(Box::pin(ask), patience).await })
        } else {
            tokio::spawn(async move { Some(pin!(ask).await) })
        };
        if let Ok(Some(list)) = task.await {
            assert_eq!(list.items.len(), 1, "round {round}");
            assert_eq!(list.items[0].title, title, "round {round}");
            answered += 1;
        }
    }
    answered
}

async fn actor(app: &TestApp, person: &Person) -> OrgActor {
    let request = RequestId::from_uuid(app.app.uuid());
    auth::authenticate(&app.app, &person.token, request).await.expect("the session is valid")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn abandoned_requests_on_one_connection_never_show_another_clinic() {
    let rounds = std::env::var("MANEIRO_TEST_ROUNDS").map_or(ROUNDS, |text| text.parse().expect("a number"));
    let app = TestApp::with().connections(1).start().await;
    let (ours, theirs) = (app.clinic().await.admin(), app.other_clinic().await.admin());
    given::record(&ours).await;
    let title = maneiro_api::record::CreateRecord { title: "Another clinic's".to_owned() };
    theirs.create_record(&title).await.unwrap();
    let (ours, theirs) = (actor(&app, &ours).await, actor(&app, &theirs).await);
    let lanes = (0..8).map(|number| {
        let (who, title) = match number % 2 {
            0 => (ours.clone(), "Quillfeather, Jocasta"),
            _ => (theirs.clone(), "Another clinic's"),
        };
        tokio::spawn(lane(app.app.clone(), who, title, number, rounds))
    });
    let answered: Vec<u32> =
        join_all(lanes).await.into_iter().map(|lane| lane.expect("no clinic was mixed up")).collect();
    assert!(answered.iter().all(|answered| *answered > rounds / 10), "{answered:?}");
    app.finish().await;
}
