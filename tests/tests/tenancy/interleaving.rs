//! Two clinics on one connection, with requests that are abandoned at any moment: nobody ever sees the other.

use std::{
    future::Future,
    panic::resume_unwind,
    pin::Pin,
    task::{Context, Poll},
};

use futures::future::join_all;
use maneiro_api::{RequestId, record::CreateRecord};
use maneiro_cloud::{
    app::{auth, records},
    domain::{error::Error, pagination::ListRequest},
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

/// What one clinic's person asks, and must find.
#[derive(Clone)]
struct Asker {
    app: App,
    person: Person,
    title: &'static str,
}

impl Asker {
    /// A request as the service makes it: a transaction before the clinic is known, then two of the clinic.
    async fn ask(&self, panics: bool) -> Result<(), Error> {
        let request = RequestId::from_uuid(self.app.new_uuid());
        let who = auth::authenticate(&self.app, &self.person.token, request).await?;
        let list = records::list(&self.app, &who, ListRequest::parse(None, None)?).await?;
        if panics {
            // As a panic, but without filling the output.
            resume_unwind(Box::new("this request was to panic"));
        }
        let me = auth::me(&self.app, &who).await?;
        let titles: Vec<&str> = list.items.iter().map(|record| record.title.as_str()).collect();
        if me.organization == self.person.me.organization && titles == [self.title] {
            Ok(())
        } else {
            Err(Error::internal(anyhow::anyhow!("another clinic was seen")))
        }
    }

    /// Asks again and again, and counts the answers. Some requests panic, many are abandoned at any await there is.
    async fn lane(self, lane: u32, rounds: u32) -> Result<u32, Error> {
        let mut answered = 0;
        for round in 0..rounds {
            let (asker, panics) = (self.clone(), round % 11 == 7);
            let polls = (round * 7 + lane * 13) % 24;
            let polls = if polls < 16 { polls } else { u32::MAX };
            match tokio::spawn(Abandon(Box::pin(async move { asker.ask(panics).await }), polls)).await {
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
async fn abandoned_requests_on_one_connection_never_show_another_clinic() {
    let rounds = std::env::var("MANEIRO_TEST_ROUNDS").map_or(ROUNDS, |text| text.parse().expect("a number"));
    let app = TestApp::with().connections(1).start().await;
    let (ours, theirs) = (app.clinic().await.admin(), app.other_clinic().await.admin());
    given::record(&ours).await;
    let title = CreateRecord { title: "Another clinic's".to_owned() };
    theirs.create_record(&title).await.unwrap();
    let lanes = (0..8).map(|number| {
        let (person, title) = match number % 2 {
            0 => (ours.clone(), given::TITLE),
            _ => (theirs.clone(), "Another clinic's"),
        };
        tokio::spawn(Asker { app: app.app.clone(), person, title }.lane(number, rounds))
    });
    for answered in join_all(lanes).await {
        let answered = answered.expect("only requests panic").expect("every answer is the clinic's own");
        assert!(answered > rounds / 10, "{answered} of {rounds} were answered");
    }
    app.finish().await;
}
