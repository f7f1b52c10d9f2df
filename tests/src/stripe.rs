//! A stand-in of Stripe: an HTTP server that keeps customers, prices, checkouts, subscriptions, schedules and invoices, and speaks
//! the API for the calls that the service makes. The real adapter talks to it. Prorations and previews are canned. Its faults are
//! at the test's command.

use std::{
    collections::{BTreeMap, HashMap},
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use time::{Duration, OffsetDateTime};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};
use url::{Url, form_urlencoded};

/// The key of its account.
pub const STRIPE_KEY: &str = "sk_test_standin";

/// What signs its events.
pub const WEBHOOK_SECRET: &str = "whsec_standin";

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StripeFault {
    /// Answers with this status, and does nothing.
    Status(u16),
    /// Does what was asked, but the answer is lost.
    LostAnswer,
    /// Does nothing and never answers.
    HangBefore,
    /// Does what was asked and never answers.
    HangAfter,
}

#[derive(Default)]
struct StripeAccount {
    /// Objects by kind and id, in the order of creation.
    objects: BTreeMap<(&'static str, String), Value>,
    next_id: u64,
    now: i64,
    /// Answers by idempotency key, with what was asked.
    answers: HashMap<String, (String, StatusCode, Value)>,
    /// The fault of writes whose number is in it, or of all calls.
    faults: Vec<(u64, StripeFault)>,
    is_down: bool,
    hangs: bool,
    holds_next: bool,
    calls: u64,
    writes: u64,
    events: Vec<Value>,
}

/// A running stand-in. Dropping it stops it.
pub struct StripeStandIn {
    url: Url,
    account: Arc<Mutex<StripeAccount>>,
    gate: Arc<AnswerGate>,
    server: JoinHandle<()>,
}

impl Drop for StripeStandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type StripeAnswer = Result<Value, (StatusCode, &'static str)>;

const NOT_FOUND: (StatusCode, &str) = (StatusCode::NOT_FOUND, "resource_missing");
const INVALID: (StatusCode, &str) = (StatusCode::BAD_REQUEST, "parameter_invalid");

impl StripeAccount {
    fn id(&mut self, prefix: &str) -> String {
        self.next_id += 1;
        format!("{prefix}_{:012}", self.next_id)
    }

    fn put(&mut self, kind: &'static str, object: Value) -> Value {
        let id = object["id"].as_str().expect("an object has an id").to_owned();
        self.objects.insert((kind, id), object.clone());
        object
    }

    fn get(&self, kind: &'static str, id: &str) -> StripeAnswer {
        self.objects.get(&(kind, id.to_owned())).cloned().ok_or(NOT_FOUND)
    }

    fn all(&self, kind: &'static str) -> Vec<Value> {
        let mut all: Vec<Value> = self
            .objects
            .iter()
            .filter(|((of, _), _)| *of == kind)
            .map(|(_, object)| object.clone())
            .collect();
        all.reverse();
        all
    }

    fn event(&mut self, kind: &str, object: Value) {
        let id = self.id("evt");
        self.events.push(json!({
            "id": id, "object": "event", "api_version": "2026-09-30.endive", "created": self.now, "livemode": false,
            "pending_webhooks": 1, "type": kind, "data": { "object": object },
        }));
    }

    /// A subscription with its latest invoice and its schedule in place of their ids.
    fn expanded(&self, subscription: &Value) -> Value {
        let mut subscription = subscription.clone();
        for (member, kind) in [("latest_invoice", "invoice"), ("schedule", "schedule")] {
            if let Some(id) = subscription[member].as_str() {
                subscription[member] = self.get(kind, id).unwrap_or(Value::Null);
            }
        }
        subscription
    }

    /// Items of a period that begins now.
    fn items(&mut self, form: &Value, anchor: i64) -> Result<Vec<Value>, (StatusCode, &'static str)> {
        let list = form.as_array().ok_or(INVALID)?.clone();
        list.iter()
            .map(|item| {
                let price = self.get("price", item["price"].as_str().ok_or(INVALID)?)?;
                let id = self.id("si");
                let quantity: u32 = item["quantity"].as_str().unwrap_or("1").parse().map_err(|_| INVALID)?;
                let end = period_end(anchor, self.now, &price);
                Ok(json!({
                    "id": id, "object": "subscription_item", "price": price, "quantity": quantity,
                    "current_period_start": self.now, "current_period_end": end,
                }))
            })
            .collect()
    }

    fn total(items: &[Value]) -> i64 {
        let cents = |item: &Value| {
            item["price"]["unit_amount"].as_i64().unwrap_or(0) * item["quantity"].as_i64().unwrap_or(0)
        };
        items.iter().map(cents).sum()
    }

    fn invoice(&mut self, customer: &str, subscription: &str, total: i64, is_paid: bool) -> Value {
        let id = self.id("in");
        let status = if is_paid { "paid" } else { "open" };
        let paid = if is_paid { total } else { 0 };
        let url = format!("https://invoice.stripe.com/i/{id}");
        let invoice = json!({
            "id": id, "object": "invoice", "number": format!("MAN-{}", self.next_id), "status": status, "total": total,
            "amount_paid": paid, "amount_due": total, "currency": "usd", "created": self.now, "attempt_count": 1,
            "customer": customer, "hosted_invoice_url": url, "invoice_pdf": format!("{url}/pdf"), "livemode": false,
            "parent": { "subscription_details": { "subscription": subscription } },
        });
        self.put("invoice", invoice)
    }

    fn list(&self, all: Vec<Value>, form: &Value) -> StripeAnswer {
        let after = form["starting_after"].as_str();
        let limit: usize = form["limit"].as_str().and_then(|limit| limit.parse().ok()).unwrap_or(10);
        let start = match after {
            Some(after) => all.iter().position(|object| object["id"] == after).ok_or(NOT_FOUND)? + 1,
            None => 0,
        };
        let page: Vec<Value> = all[start..].iter().take(limit).cloned().collect();
        Ok(
            json!({ "object": "list", "has_more": start + page.len() < all.len(), "data": page, "url": "/v1/list" }),
        )
    }

    fn answer(&mut self, method: &Method, path: &str, form: &Value) -> StripeAnswer {
        let parts: Vec<&str> = path.trim_matches('/').split('/').skip(1).collect();
        let text = |name: &str| form[name].as_str().map(str::to_owned);
        match (method.as_str(), parts.as_slice()) {
            ("POST", ["customers"]) => {
                let id = self.id("cus");
                let customer = json!({
                    "id": id, "object": "customer", "name": form["name"], "email": form["email"], "metadata": form["metadata"],
                });
                Ok(self.put("customer", customer))
            }
            ("POST", ["checkout", "sessions"]) => {
                self.get("customer", &text("customer").ok_or(INVALID)?)?;
                let mut session = form.clone();
                let id = self.id("cs");
                session["url"] = json!(format!("https://checkout.stripe.com/c/pay/{id}"));
                session["id"] = json!(id);
                session["object"] = json!("checkout.session");
                Ok(self.put("session", session))
            }
            ("POST", ["billing_portal", "sessions"]) => {
                self.get("customer", &text("customer").ok_or(INVALID)?)?;
                let id = self.id("bps");
                Ok(json!({ "id": id, "url": format!("https://billing.stripe.com/p/session/{id}") }))
            }
            ("GET", ["subscriptions"]) => {
                let customer = text("customer");
                if let Some(customer) = &customer {
                    self.get("customer", customer)?;
                }
                let is_all = form["status"] == "all";
                let is_listed = |subscription: &Value| {
                    customer.as_ref().is_none_or(|customer| subscription["customer"] == **customer)
                        && (is_all || subscription["status"] != "canceled")
                };
                // The latest first; there may be a great many.
                let of_kind = self.objects.iter().rev().filter(|((kind, _), _)| *kind == "subscription");
                let mut listed =
                    of_kind.map(|(_, subscription)| subscription).filter(|one| is_listed(one)).peekable();
                if let Some(after) = form["starting_after"].as_str() {
                    while listed.next().ok_or(NOT_FOUND)?["id"] != after {}
                }
                let limit: usize = form["limit"].as_str().and_then(|limit| limit.parse().ok()).unwrap_or(10);
                let page: Vec<Value> = listed.by_ref().take(limit).map(|one| self.expanded(one)).collect();
                Ok(json!({ "object": "list", "has_more": listed.peek().is_some(), "data": page }))
            }
            ("POST", ["subscriptions", id]) => self.update_subscription(id, form),
            ("POST", ["invoices", "create_preview"]) => {
                let subscription = self.get("subscription", &text("subscription").ok_or(INVALID)?)?;
                let items = form["subscription_details"]["items"].as_array().ok_or(INVALID)?;
                let mut total = 0;
                for item in items.iter().filter(|item| item["deleted"] != "true") {
                    let price = self.get("price", item["price"].as_str().ok_or(INVALID)?)?;
                    let quantity: i64 =
                        item["quantity"].as_str().unwrap_or("1").parse().map_err(|_| INVALID)?;
                    total += price["unit_amount"].as_i64().unwrap_or(0) * quantity;
                }
                let due = total - Self::total(subscription["items"]["data"].as_array().ok_or(INVALID)?);
                Ok(json!({
                    "id": null, "total": due, "amount_paid": 0, "amount_due": due.max(0), "currency": "usd", "created": self.now,
                    "attempt_count": 0,
                }))
            }
            ("POST", ["subscription_schedules"]) => {
                let id = text("from_subscription").ok_or(INVALID)?;
                let mut subscription = self.get("subscription", &id)?;
                if !subscription["schedule"].is_null() {
                    return Err((StatusCode::BAD_REQUEST, "resource_already_exists"));
                }
                let item = &subscription["items"]["data"][0];
                let times = json!({ "start_date": item["current_period_start"], "end_date": item["current_period_end"] });
                let mut phase = times.clone();
                phase["items"] = json!([]);
                let schedule_id = self.id("sub_sched");
                let schedule = json!({ "id": schedule_id, "subscription": id, "current_phase": times, "phases": [phase] });
                subscription["schedule"] = json!(schedule_id);
                self.put("subscription", subscription);
                Ok(self.put("schedule", schedule))
            }
            ("GET", ["subscription_schedules", id]) => self.get("schedule", id),
            ("POST", ["subscription_schedules", id, "release"]) => {
                let schedule = self.get("schedule", id)?;
                let of = schedule["subscription"].as_str().ok_or(NOT_FOUND)?.to_owned();
                let mut subscription = self.get("subscription", &of)?;
                if subscription["schedule"] != **id {
                    return Err((StatusCode::BAD_REQUEST, "schedule_not_active"));
                }
                subscription["schedule"] = Value::Null;
                self.put("subscription", subscription);
                Ok(schedule)
            }
            ("POST", ["subscription_schedules", id]) => {
                let mut schedule = self.get("schedule", id)?;
                let of = schedule["subscription"].as_str().ok_or(NOT_FOUND)?;
                if self.get("subscription", of)?["schedule"] != **id {
                    return Err((StatusCode::BAD_REQUEST, "schedule_not_active"));
                }
                let end = schedule["current_phase"]["end_date"].clone();
                let next = &form["phases"][1]["items"];
                let items: Vec<Value> = next.as_array().ok_or(INVALID)?.clone();
                for item in &items {
                    self.get("price", item["price"].as_str().ok_or(INVALID)?)?;
                }
                schedule["phases"] = json!([
                    { "start_date": schedule["current_phase"]["start_date"], "end_date": end, "items": [] },
                    { "start_date": end, "end_date": null, "items": items },
                ]);
                Ok(self.put("schedule", schedule))
            }
            ("GET", ["invoices"]) => {
                let customer = text("customer").ok_or(INVALID)?;
                let all = self
                    .all("invoice")
                    .into_iter()
                    .filter(|invoice| invoice["customer"] == customer)
                    .collect();
                self.list(all, form)
            }
            ("GET", ["prices"]) => {
                let keys = form["lookup_keys"].as_array().cloned().unwrap_or_default();
                let all = self
                    .all("price")
                    .into_iter()
                    .filter(|price| keys.contains(&price["lookup_key"]))
                    .collect();
                self.list(all, form)
            }
            ("GET", ["products", id]) => self.get("product", id),
            ("POST", ["products"]) => {
                let id = text("id").ok_or(INVALID)?;
                Ok(self.put("product", json!({ "id": id, "name": form["name"] })))
            }
            ("POST", ["prices"]) => {
                let cents: i64 = text("unit_amount").and_then(|cents| cents.parse().ok()).ok_or(INVALID)?;
                self.get("product", &text("product").ok_or(INVALID)?)?;
                for mut other in self.all("price") {
                    if other["lookup_key"] == form["lookup_key"] {
                        if form["transfer_lookup_key"] != "true" {
                            return Err((StatusCode::BAD_REQUEST, "resource_already_exists"));
                        }
                        other["lookup_key"] = Value::Null;
                        self.put("price", other);
                    }
                }
                let id = self.id("price");
                let price = json!({
                    "id": id, "product": form["product"], "unit_amount": cents, "currency": form["currency"],
                    "recurring": form["recurring"], "lookup_key": form["lookup_key"], "active": true,
                });
                Ok(self.put("price", price))
            }
            _ => Err((StatusCode::NOT_FOUND, "url_invalid")),
        }
    }

    fn update_subscription(&mut self, id: &str, form: &Value) -> StripeAnswer {
        let mut subscription = self.get("subscription", id)?;
        if subscription["status"] == "canceled" {
            return Err(NOT_FOUND);
        }
        if let Some(cancels) = form["cancel_at_period_end"].as_str() {
            subscription["cancel_at_period_end"] = json!(cancels == "true");
            subscription["cancellation_details"] = form["cancellation_details"].clone();
        }
        if let Some(changes) = form["items"].as_array() {
            let mut items = subscription["items"]["data"].as_array().cloned().ok_or(INVALID)?;
            let before = Self::total(&items);
            for change in changes {
                let place = items.iter().position(|item| item["id"] == change["id"]);
                if change["deleted"] == "true" {
                    items.remove(place.ok_or(NOT_FOUND)?);
                    continue;
                }
                let price = self.get("price", change["price"].as_str().ok_or(INVALID)?)?;
                let quantity: u32 =
                    change["quantity"].as_str().unwrap_or("1").parse().map_err(|_| INVALID)?;
                match place {
                    Some(place) => {
                        items[place]["price"] = price;
                        items[place]["quantity"] = json!(quantity);
                    }
                    None => {
                        let mut item = items.first().cloned().ok_or(INVALID)?;
                        item["id"] = json!(self.id("si"));
                        item["price"] = price;
                        item["quantity"] = json!(quantity);
                        items.push(item);
                    }
                }
            }
            let due = Self::total(&items) - before;
            let interval_of = |item: &Value| item["price"]["recurring"]["interval"].clone();
            if interval_of(&items[0]) != interval_of(&subscription["items"]["data"][0]) {
                // Another interval begins at once.
                subscription["billing_cycle_anchor"] = json!(self.now);
                for item in &mut items {
                    item["current_period_start"] = json!(self.now);
                    item["current_period_end"] = json!(period_end(self.now, self.now, &item["price"]));
                }
            }
            subscription["items"]["data"] = json!(items);
            let customer = subscription["customer"].as_str().ok_or(INVALID)?.to_owned();
            let invoice = self.invoice(&customer, id, due, true);
            subscription["latest_invoice"] = invoice["id"].clone();
        }
        let subscription = self.put("subscription", subscription);
        self.event("customer.subscription.updated", subscription.clone());
        Ok(subscription)
    }
}

/// The same day and time so many months later, or the last day of a month that lacks it.
fn after_months(anchor: OffsetDateTime, months: u32) -> OffsetDateTime {
    let mut first = anchor.date().replace_day(1).expect("each month has a first day");
    for _ in 0..months {
        first += Duration::days(first.month().length(first.year()).into());
    }
    let day = anchor.day().min(first.month().length(first.year()));
    anchor.replace_date(first.replace_day(day).expect("the month has this day"))
}

/// When a period of a price ends that begins at `start`, counted from the anchor.
fn period_end(anchor: i64, start: i64, price: &Value) -> i64 {
    let anchor = OffsetDateTime::from_unix_timestamp(anchor).expect("a time");
    let months = if price["recurring"]["interval"] == "year" { 12 } else { 1 };
    let mut ends = (1..).map(|count| after_months(anchor, count * months).unix_timestamp());
    ends.find(|end| *end > start).expect("there is always a next month")
}

/// Form parameters with brackets as JSON: numbers as names make a list.
fn parse_form(text: &str) -> Value {
    let mut root = Value::Object(Map::new());
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        let parts: Vec<&str> = name.split(['[', ']']).filter(|part| !part.is_empty()).collect();
        let mut place = &mut root;
        for part in parts {
            place = match part.parse::<usize>() {
                Ok(index) => {
                    if !place.is_array() {
                        *place = json!([]);
                    }
                    let list = place.as_array_mut().expect("it was made a list");
                    while list.len() <= index {
                        list.push(Value::Null);
                    }
                    &mut list[index]
                }
                Err(_) => {
                    if !place.is_object() {
                        *place = json!({});
                    }
                    place.as_object_mut().expect("it was made an object").entry(part).or_insert(Value::Null)
                }
            };
        }
        *place = json!(value);
    }
    root
}

fn error_body(code: &str) -> Value {
    json!({ "error": { "type": "invalid_request_error", "code": code, "message": "made up by the stand-in" } })
}

/// What its server works on.
#[derive(Clone)]
struct StandInState {
    account: Arc<Mutex<StripeAccount>>,
    gate: Arc<AnswerGate>,
}

/// What passes between calls that hang or are held and the test.
#[derive(Default)]
struct AnswerGate {
    /// Told of each call that hangs or is held.
    stopped: Notify,
    /// Lets the answer go that is held.
    released: Notify,
}

/// When a call is answered.
enum StripeReply {
    Now(Response),
    /// When the test releases it.
    Held(Response),
    Never,
}

async fn handle(
    State(state): State<StandInState>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match answer_call(&state.account, &method, &uri, &headers, &body) {
        StripeReply::Now(response) => response,
        StripeReply::Held(response) => {
            state.gate.stopped.notify_one();
            state.gate.released.notified().await;
            response
        }
        StripeReply::Never => {
            state.gate.stopped.notify_one();
            std::future::pending().await
        }
    }
}

fn answer_call(
    account: &Mutex<StripeAccount>,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> StripeReply {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let respond = |status: StatusCode, body: Value| {
        StripeReply::Now((status, [("request-id", "req_standin")], axum::Json(body)).into_response())
    };
    let mut account = account.lock().expect("no call panics");
    account.calls += 1;
    if account.hangs {
        return StripeReply::Never;
    }
    if account.is_down {
        return respond(StatusCode::SERVICE_UNAVAILABLE, error_body("down"));
    }
    if header("authorization") != format!("Bearer {STRIPE_KEY}") {
        return respond(StatusCode::UNAUTHORIZED, error_body("api_key_invalid"));
    }
    if !header("stripe-version").starts_with("20") {
        return respond(StatusCode::BAD_REQUEST, error_body("version_missing"));
    }
    let text = if method == Method::GET {
        uri.query().unwrap_or_default().to_owned()
    } else {
        String::from_utf8_lossy(body).into_owned()
    };
    let asked = format!("{method} {} {text}", uri.path());
    let key = header("idempotency-key").to_owned();
    let mut fault = None;
    if method == Method::POST {
        account.writes += 1;
        let number = account.writes;
        fault = account.faults.iter().find(|(of, _)| *of == number).map(|(_, fault)| *fault);
        match fault {
            Some(StripeFault::Status(status)) => {
                let status = StatusCode::from_u16(status).expect("a status");
                return respond(status, error_body("made_up"));
            }
            Some(StripeFault::HangBefore) => return StripeReply::Never,
            Some(StripeFault::LostAnswer | StripeFault::HangAfter) | None => {}
        }
        if let Some((before, status, answer)) = account.answers.get(&key).filter(|_| !key.is_empty()) {
            return if *before == asked {
                respond(*status, answer.clone())
            } else {
                respond(StatusCode::BAD_REQUEST, error_body("idempotency_key_in_use"))
            };
        }
    }
    let (status, answer) = match account.answer(method, uri.path(), &parse_form(&text)) {
        Ok(answer) => (StatusCode::OK, answer),
        Err((status, code)) => (status, error_body(code)),
    };
    if method == Method::POST && !key.is_empty() {
        account.answers.insert(key, (asked, status, answer.clone()));
    }
    match fault {
        Some(StripeFault::LostAnswer) => respond(StatusCode::INTERNAL_SERVER_ERROR, Value::Null),
        Some(StripeFault::HangAfter) => StripeReply::Never,
        Some(StripeFault::Status(_) | StripeFault::HangBefore) | None => match respond(status, answer) {
            StripeReply::Now(response) if std::mem::take(&mut account.holds_next) => {
                StripeReply::Held(response)
            }
            reply => reply,
        },
    }
}

impl StripeStandIn {
    /// Starts one without anything in its account, at this time.
    pub async fn start(now: OffsetDateTime) -> Self {
        let account =
            Arc::new(Mutex::new(StripeAccount { now: now.unix_timestamp(), ..StripeAccount::default() }));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let url = Url::parse(&format!("http://{address}/")).expect("an address makes a URL");
        let gate = Arc::new(AnswerGate::default());
        let state = StandInState { account: Arc::clone(&account), gate: Arc::clone(&gate) };
        let router = Router::new().fallback(handle).with_state(state);
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("the stand-in serves");
        });
        Self { url, account, gate, server }
    }

    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    fn account(&self) -> MutexGuard<'_, StripeAccount> {
        self.account.lock().expect("no call panics")
    }

    /// Whether it answers nothing but 503.
    pub fn set_down(&self, is_down: bool) {
        self.account().is_down = is_down;
    }

    /// Whether it takes calls and never answers.
    pub fn set_hangs(&self, hangs: bool) {
        self.account().hangs = hangs;
    }

    /// Has the answer to the next call wait until it is released, while the account goes on changing.
    pub fn hold_next_answer(&self) {
        self.account().holds_next = true;
    }

    /// Lets the held answer go.
    pub fn release_answer(&self) {
        self.gate.released.notify_one();
    }

    /// Returns when a call hangs or its answer is held.
    pub async fn stopped_call(&self) {
        self.gate.stopped.notified().await;
    }

    /// Has the write after `writes` more go wrong.
    pub fn fail_write(&self, writes: u64, fault: StripeFault) {
        let mut account = self.account();
        let number = account.writes + writes + 1;
        account.faults.push((number, fault));
    }

    /// Calls until now.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.account().calls
    }

    /// How many objects of a kind there are: customer, session, subscription, schedule, invoice, price, product.
    #[must_use]
    pub fn count(&self, kind: &'static str) -> usize {
        self.account().all(kind).len()
    }

    /// Events since the last call, in order.
    #[must_use]
    pub fn take_events(&self) -> Vec<Value> {
        std::mem::take(&mut self.account().events)
    }

    /// Moves its clock.
    pub fn advance(&self, by: Duration) {
        self.account().now += by.whole_seconds();
    }

    /// Where a checkout leads when it is paid, and when it is left.
    #[must_use]
    pub fn return_urls(&self, url: &str) -> [String; 2] {
        let session_id = url.rsplit('/').next().expect("a URL has a last part");
        let session = self.account().get("session", session_id).expect("the checkout is there");
        ["success_url", "cancel_url"].map(|name| session[name].as_str().expect("a URL").to_owned())
    }

    /// The customer pays on the page of a checkout. Returns the subscription.
    pub fn pay_checkout(&self, url: &str) -> String {
        let mut account = self.account();
        let session_id = url.rsplit('/').next().expect("a URL has a last part");
        let session = account.get("session", session_id).expect("the checkout is there");
        let prices = session["line_items"].clone();
        let anchor = account.now;
        let items = account.items(&prices, anchor).expect("the order is valid");
        let customer = session["customer"].as_str().expect("a customer").to_owned();
        let id = account.id("sub");
        let invoice = account.invoice(&customer, &id, StripeAccount::total(&items), true);
        let subscription = json!({
            "id": id, "object": "subscription", "customer": customer, "livemode": false, "status": "active",
            "items": { "object": "list", "data": items }, "billing_cycle_anchor": account.now, "cancel_at_period_end": false,
            "schedule": null, "created": account.now, "latest_invoice": invoice["id"],
        });
        let subscription = account.put("subscription", subscription);
        account.event("checkout.session.completed", session);
        account.event("customer.subscription.created", subscription);
        account.event("invoice.payment_succeeded", invoice);
        id
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut StripeAccount, &mut Value)) {
        let mut account = self.account();
        let mut subscription = account.get("subscription", id).expect("the subscription is there");
        change(&mut account, &mut subscription);
        let subscription = account.put("subscription", subscription);
        let kind = if subscription["status"] == "canceled" { "deleted" } else { "updated" };
        account.event(&format!("customer.subscription.{kind}"), subscription);
    }

    /// The period ends: it is renewed and paid or not, ends, or changes to what was scheduled.
    pub fn end_period(&self, id: &str, is_paid: bool) {
        self.change(id, |account, subscription| {
            let end = subscription["items"]["data"][0]["current_period_end"].as_i64().expect("a time");
            account.now = account.now.max(end);
            if subscription["cancel_at_period_end"] == true {
                subscription["status"] = json!("canceled");
                return;
            }
            if let Some(schedule) = subscription["schedule"].as_str() {
                let schedule = account.get("schedule", schedule).expect("the schedule is there");
                let anchor = subscription["billing_cycle_anchor"].as_i64().expect("a time");
                let items = account.items(&schedule["phases"][1]["items"], anchor).expect("it was checked");
                subscription["items"]["data"] = json!(items);
                subscription["schedule"] = Value::Null;
            }
            let anchor = subscription["billing_cycle_anchor"].as_i64().expect("a time");
            for item in subscription["items"]["data"].as_array_mut().expect("items") {
                item["current_period_start"] = json!(end);
                item["current_period_end"] = json!(period_end(anchor, end, &item["price"]));
            }
            let customer = subscription["customer"].as_str().expect("a customer").to_owned();
            let total = StripeAccount::total(subscription["items"]["data"].as_array().expect("items"));
            let invoice = account.invoice(&customer, id, total, is_paid);
            subscription["status"] = json!(if is_paid { "active" } else { "past_due" });
            subscription["latest_invoice"] = invoice["id"].clone();
            account
                .event(if is_paid { "invoice.payment_succeeded" } else { "invoice.payment_failed" }, invoice);
        });
    }

    /// The payment of the latest invoice is tried again.
    pub fn retry_payment(&self, id: &str, is_paid: bool) {
        self.change(id, |account, subscription| {
            let invoice = subscription["latest_invoice"].as_str().expect("an invoice").to_owned();
            let mut invoice = account.get("invoice", &invoice).expect("the invoice is there");
            let attempts = invoice["attempt_count"].as_u64().expect("a count") + 1;
            invoice["attempt_count"] = json!(attempts);
            if is_paid {
                invoice["status"] = json!("paid");
                invoice["amount_paid"] = invoice["total"].clone();
                subscription["status"] = json!("active");
            }
            let invoice = account.put("invoice", invoice);
            account
                .event(if is_paid { "invoice.payment_succeeded" } else { "invoice.payment_failed" }, invoice);
        });
    }

    /// It ends at once.
    pub fn cancel_now(&self, id: &str) {
        self.change(id, |_, subscription| subscription["status"] = json!("canceled"));
    }

    /// Its first item has a price of another name.
    pub fn replace_price(&self, id: &str, price: &str) {
        self.change(id, |_, subscription| subscription["items"]["data"][0]["price"]["id"] = json!(price));
    }

    /// Its latest invoice is in another currency.
    pub fn set_currency(&self, id: &str, currency: &str) {
        self.change(id, |account, subscription| {
            let invoice = subscription["latest_invoice"].as_str().expect("an invoice").to_owned();
            let mut invoice = account.get("invoice", &invoice).expect("the invoice is there");
            invoice["currency"] = json!(currency);
            account.put("invoice", invoice);
        });
    }

    /// A charge of the customer is refunded, or disputed.
    pub fn charge_event(&self, id: &str, kind: &str) {
        let mut account = self.account();
        let customer =
            account.get("subscription", id).expect("the subscription is there")["customer"].clone();
        account.event(kind, json!({ "id": "ch_1", "object": "charge", "customer": customer }));
    }

    /// The customer of a subscription is deleted with all that they had.
    pub fn delete_customer(&self, id: &str) {
        let mut account = self.account();
        let customer =
            account.get("subscription", id).expect("the subscription is there")["customer"].clone();
        let customer = customer.as_str().expect("a customer").to_owned();
        account.objects.remove(&("customer", customer.clone()));
        account.objects.remove(&("subscription", id.to_owned()));
        account.event("customer.deleted", json!({ "id": customer, "object": "customer" }));
    }

    /// A subscription of a customer, past every checkout: for a great many of them.
    pub fn add_subscription(&self, customer: &str, price: &str) -> String {
        let mut account = self.account();
        account.put("customer", json!({ "id": customer, "object": "customer" }));
        let anchor = account.now;
        let items =
            account.items(&json!([{ "price": price, "quantity": "1" }]), anchor).expect("the price is there");
        let id = account.id("sub");
        let subscription = json!({
            "id": id, "object": "subscription", "customer": customer, "livemode": false, "status": "active",
            "items": { "object": "list", "data": items }, "billing_cycle_anchor": account.now, "cancel_at_period_end": false,
            "schedule": null, "created": account.now, "latest_invoice": null,
        });
        account.put("subscription", subscription);
        id
    }
}

/// The header that signs a body.
#[must_use]
pub fn sign(secret: &str, body: &str, at: OffsetDateTime) -> String {
    let timestamp = at.unix_timestamp();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length is accepted");
    mac.update(format!("{timestamp}.{body}").as_bytes());
    format!("t={timestamp},v1={}", hex::encode(mac.finalize().into_bytes()))
}
