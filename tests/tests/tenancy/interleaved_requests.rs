//! Two clinics on one database connection, with requests that are dropped at any moment: neither ever sees the other.

use std::{
    future::Future,
    panic::resume_unwind,
    pin::Pin,
    task::{Context, Poll},
};

use futures::future::join_all;
use maneiro_api::{RequestId, record::CreateRecord};
use maneiro_cloud::{
    app::{accounts, records, sessions},
    domain::{actor::RequestOrigin, error::Error, pagination::ListRequest},
    state::App,
};
use maneiro_tests::{Person, TestApp, fixtures};

/// Requests of each lane. The environment may set another count.
const ROUNDS: u32 = 250;

/// Polls a future a limited count of times, then drops it.
pub(crate) struct DropAfter<F>(Pin<Box<F>>, u32);

impl<F: Future> DropAfter<F> {
    pub(crate) fn new(future: F, polls: u32) -> Self {
        Self(Box::pin(future), polls)
    }
}

impl<F: Future> Future for DropAfter<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.1 == 0 {
            return Poll::Ready(None);
        }
        self.1 -= 1;
        self.0.as_mut().poll(context).map(Some)
    }
}

/// A user of one clinic, and the title of its only record.
#[derive(Clone)]
struct Requester {
    app: App,
    person: Person,
    title: &'static str,
}

impl Requester {
    /// A request as in the service: a transaction before the clinic is known, then two of the clinic.
    async fn request(&self, panics: bool) -> Result<(), Error> {
        let request = RequestId::from_uuid(self.app.new_uuid());
        let origin = RequestOrigin { request, address: None, device: None };
        let who = sessions::authenticate(&self.app, &self.person.token, origin).await?;
        let list = records::list(&self.app, &who, ListRequest::parse(None, None)?).await?;
        if panics {
            let _open = self.app.db.begin_org(&who).await?;
            // A panic that prints nothing, while a transaction is open.
            resume_unwind(Box::new("a planned panic"));
        }
        let me = accounts::me(&self.app, &who).await?;
        let titles: Vec<&str> = list.items.iter().filter_map(|record| record.title.as_deref()).collect();
        if me.organization == self.person.me.organization && titles == [self.title] {
            Ok(())
        } else {
            Err(Error::internal(anyhow::anyhow!("another clinic was seen")))
        }
    }

    /// Sends requests in turn, and counts the responses. Some requests panic, many are dropped at any await point.
    async fn run_lane(self, lane: u32, rounds: u32) -> Result<u32, Error> {
        let mut answered = 0;
        for round in 0..rounds {
            let (requester, panics) = (self.clone(), round % 11 == 7);
            let polls = (round * 7 + lane * 13) % 24;
            let polls = if polls < 16 { polls } else { u32::MAX };
            match tokio::spawn(DropAfter::new(async move { requester.request(panics).await }, polls)).await {
                Ok(Some(answer)) => {
                    answer?;
                    answered += 1;
                }
                Ok(None) => {}
                Err(died) => assert!(died.is_panic() && panics, "round {round}"),
            }
        }
        Ok(answered)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dropped_requests_never_show_another_clinic() {
    let rounds = std::env::var("MANEIRO_TEST_ROUNDS").map_or(ROUNDS, |text| text.parse().expect("a number"));
    let app = TestApp::options().connections(1).start().await;
    let (ours, theirs) = (app.clinic().await.admin(), app.other_clinic().await.admin());
    fixtures::complete_record(&ours).await;
    let title = CreateRecord { title: "Another clinic's".to_owned() };
    theirs.create_record(&title).await.unwrap();
    let lanes = (0..8).map(|number| {
        let (person, title) = match number % 2 {
            0 => (ours.clone(), fixtures::RECORD_TITLE),
            _ => (theirs.clone(), "Another clinic's"),
        };
        tokio::spawn(Requester { app: app.app.clone(), person, title }.run_lane(number, rounds))
    });
    for answered in join_all(lanes).await {
        let answered = answered.expect("only requests panic").expect("every answer is the clinic's own");
        assert!(answered > rounds / 10, "{answered} of {rounds} were answered");
    }
    app.finish().await;
}
