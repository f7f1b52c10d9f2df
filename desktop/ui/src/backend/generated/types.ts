/** The types of `desktop/core/src/contract`, written by `target/debug/window-types write`. */

/** Ids are `rec_` and 32 hexadecimal digits. The window never looks inside one. */
export type RecordId = string;
export type DocumentId = string;
export type JobId = string;
export type AnalysisId = string;
export type UserId = string;
export type OrgId = string;
export type InvitationId = string;
export type StatementId = string;

/** RFC 3339. */
export type Timestamp = string;
/** Such as `2024-03-12`. */
export type Day = string;

/**
 * A rectangle on a page as it is shown (after the file's own rotation), in points (1/72 inch), origin at the top left.
 */
export type BBox = { 
/**
 * Left edge.
 */
x0: number, 
/**
 * Top edge.
 */
y0: number, 
/**
 * Right edge, not less than `x0`.
 */
x1: number, 
/**
 * Bottom edge, not less than `y0`.
 */
y1: number, };

/**
 * The role of a line on its page.
 */
export type LineRole = "body" | "header" | "footer" | "annotation";

/**
 * What a member may do in a clinic.
 */
export type Role = "admin" | "doctor" | "assistant";

/**
 * What a session that began with a password alone lacks: until then it reaches nothing but this and sign-out.
 */
export type SecondFactorStep = "prove" | "enrol";

/**
 * The assertion status of a statement: what the record says about its truth.
 */
export type Assertion = "present" | "negated" | "possible" | "family" | "historical" | "planned";

/**
 * What generated the statements.
 */
export type Generator = { "kind": "extractive" } | { "kind": "model", 
/**
 * The model's name on its server.
 */
name: string, };

/**
 * How a laboratory value compares with its reference range.
 */
export type LabFlag = "low" | "normal" | "high" | "abnormal";

/**
 * Why a language model made nothing of an analysis, or only a part.
 */
export type ModelFailure = "unavailable" | "request_rejected" | "unusable_answers";

/**
 * What a reader expects in a record.
 */
export type ExpectedTopic = "allergies" | "medications" | "code_status" | "surrogate" | "social_history" | "family_history" | "vaccines" | "follow_up";

/**
 * Why an attempt of a job failed.
 */
export type JobErrorCode = "model_unavailable" | "model_request_rejected" | "model_output_invalid" | "storage_unavailable" | "record_damaged" | "record_too_large" | "worker_lost" | "internal";

/**
 * The state of a job: `waiting → processing → complete | error | cancelled`.
 */
export type JobState = "waiting" | "processing" | "complete" | "error" | "cancelled";

/**
 * `GET /v1/members`: somebody who belongs to the clinic.
 */
export type Member = { 
/**
 * The user's id.
 */
user: UserId, 
/**
 * The user's name.
 */
name: string, 
/**
 * The user's e-mail address.
 */
email: string, 
/**
 * The user's role in the clinic.
 */
role: Role, 
/**
 * Whether the user signs reports of the clinic.
 */
signs: boolean, 
/**
 * When the user joined, or joined again.
 */
joined_at: Timestamp, 
/**
 * When a session of the user in this clinic was last used; absent if never, or unless an admin asks.
 */
last_seen_at: Timestamp | null, 
/**
 * Whether the user has a second factor; absent unless an admin asks.
 */
has_second_factor: boolean | null, 
/**
 * Records that belong to the user; absent unless an admin asks.
 */
records: number | null, };

/**
 * How an invitation stands.
 */
export type InvitationState = "open" | "expired" | "undeliverable";

/**
 * `GET /v1/invitations`: an invitation that was neither accepted nor revoked.
 */
export type Invitation = { 
/**
 * The invitation's id.
 */
id: InvitationId, 
/**
 * The address that is invited.
 */
email: string, 
/**
 * The role of whoever accepts it.
 */
role: Role, 
/**
 * Whether they will sign reports.
 */
signs: boolean, 
/**
 * How it stands.
 */
state: InvitationState, 
/**
 * The user who invited.
 */
invited_by: UserId, 
/**
 * When its latest mail was requested.
 */
sent_at: Timestamp, 
/**
 * When it ends unless it is accepted.
 */
expires_at: Timestamp, };

/**
 * What whoever was invited sees before they accept.
 */
export type OfferedMembership = { 
/**
 * The clinic's name.
 */
clinic: string, 
/**
 * The address that is invited.
 */
email: string, 
/**
 * The role in the clinic.
 */
role: Role, 
/**
 * Whether the address has an account, whose password then accepts it.
 */
has_account: boolean, 
/**
 * When the invitation ends.
 */
expires_at: Timestamp, };

/**
 * `GET /v1/me/clinics`: a clinic that the user is a member of.
 */
export type OwnClinic = { 
/**
 * The clinic's id.
 */
organization: OrgId, 
/**
 * The clinic's name.
 */
name: string, 
/**
 * The user's role in it.
 */
role: Role, 
/**
 * Whether the session acts in it.
 */
is_current: boolean, 
/**
 * Whether it requires a second factor, which a switch asks for if the session had none.
 */
requires_second_factor: boolean, };

/**
 * `GET /v1/policy` and `PUT /v1/policy`: what holds for everybody in the clinic. What is stricter takes effect at once, in
 * sessions that have begun too.
 */
export type ClinicPolicy = { 
/**
 * Whether a password alone opens nothing.
 */
requires_second_factor: boolean, 
/**
 * Minutes without use after which a session ends and the window locks itself.
 */
idle_minutes: number, 
/**
 * Hours after which a session ends, used or not.
 */
session_hours: number, 
/**
 * Domains of the addresses that may be invited and become members, such as `clinic.example`; empty means any.
 */
mail_domains: Array<string>, 
/**
 * Days after which a record that nothing was added to is purged.
 */
retention_days: number, 
/**
 * What a patient hears or reads before a recording, 1 to 2,000 characters; absent means nothing.
 */
recording_consent: string | null, 
/**
 * Whether files themselves may be uploaded, besides the text of their pages.
 */
uploads_originals: boolean, 
/**
 * Hosts of language models that pages may be sent to; absent means any that the service has, empty means none.
 */
model_hosts: Array<string> | null, };

/**
 * `GET /v1/me/second-factor`.
 */
export type SecondFactorStatus = { 
/**
 * When the authenticator was confirmed; absent if there is none.
 */
enrolled_at: Timestamp | null, 
/**
 * Recovery codes that were not used yet.
 */
recovery_codes_left: number, 
/**
 * Whether a clinic of the user, or being an operator, requires a second factor: it cannot be removed then.
 */
is_required: boolean, };

/**
 * What a plan limits.
 */
export type PlanLimit = "analyses" | "seats" | "storage_bytes";

/**
 * Where a subscription stands.
 */
export type SubscriptionState = "trialing" | "active" | "past_due" | "suspended" | "cancelled" | "free";

/**
 * How often a subscription is billed.
 */
export type BillingInterval = "month" | "year";

/**
 * What a plan offers beyond its limits.
 */
export type PlanFeature = "plain_report" | "letterhead_report" | "dictation" | "own_templates" | "bulk_runs" | "priority_support" | "api_keys" | "outgoing_webhooks" | "single_sign_on" | "white_label";

/**
 * A limit of the plan and how much of it is used.
 */
export type LimitUse = { 
/**
 * Which limit.
 */
limit: PlanLimit, 
/**
 * How much is used.
 */
used: number, 
/**
 * How much the plan and its add-ons allow; absent means unlimited.
 */
maximum: number | null, 
/**
 * When `used` starts again at 0; absent if it does not.
 */
resets_at: Timestamp | null, };

/**
 * A plan of the catalogue.
 */
export type PlanOffer = { 
/**
 * The plan's key, such as `starter`.
 */
key: string, 
/**
 * The name that people see.
 */
name: string, 
/**
 * Price of a month, US cents.
 */
monthly_cents: number, 
/**
 * Price of a year, US cents; absent for plans that cannot be bought.
 */
yearly_cents: number | null, 
/**
 * Analyses a month; absent means unlimited.
 */
analyses_per_month: number | null, 
/**
 * Members; absent means unlimited.
 */
seats: number | null, 
/**
 * Stored documents in gigabytes of 10⁹ bytes; absent means unlimited.
 */
storage_gb: number | null, 
/**
 * What it offers besides.
 */
features: Array<PlanFeature>, };

/**
 * An add-on of the catalogue.
 */
export type AddOnOffer = { 
/**
 * The add-on's key: `seat` or `storage`.
 */
key: string, 
/**
 * The name that people see.
 */
name: string, 
/**
 * Price of a month, US cents.
 */
monthly_cents: number, 
/**
 * Price of a year, US cents.
 */
yearly_cents: number, 
/**
 * Members that one of it adds.
 */
seats: number, 
/**
 * Gigabytes that one of it adds.
 */
storage_gb: number, };

/**
 * `GET /v1/plans`: what can be bought, cheapest first.
 */
export type PlanOffers = { 
/**
 * All plans, the free one and the trial included.
 */
plans: Array<PlanOffer>, 
/**
 * What a paid plan can be extended by.
 */
add_ons: Array<AddOnOffer>, 
/**
 * Whether anything can be bought here: an embedded service has no payments.
 */
can_buy: boolean, };

/**
 * A change that takes place at the end of the paid period.
 */
export type ScheduledPlan = { 
/**
 * The key of the plan.
 */
plan: string, 
/**
 * How often it is billed.
 */
interval: BillingInterval, 
/**
 * When it begins.
 */
at: Timestamp, };

/**
 * `GET /v1/subscription`.
 */
export type SubscriptionStatus = { 
/**
 * The key of the plan that applies now: a trial that ended, or a plan that was not paid, is `free`.
 */
plan: string, 
/**
 * The key of the plan that was subscribed to.
 */
subscribed_plan: string, 
/**
 * Where it stands.
 */
state: SubscriptionState, 
/**
 * Since when.
 */
state_since: Timestamp, 
/**
 * How often it is billed; absent if nothing is.
 */
interval: BillingInterval | null, 
/**
 * When the trial ends or ended.
 */
trial_ends_at: Timestamp | null, 
/**
 * When the paid period ends: it is then renewed, unless it is cancelled.
 */
period_ends_at: Timestamp | null, 
/**
 * Whether it ends with the paid period.
 */
cancels_at_period_end: boolean, 
/**
 * What follows at the end of the paid period.
 */
next: ScheduledPlan | null, 
/**
 * Payments in a row that failed.
 */
failed_payments: number, 
/**
 * Seats that were added.
 */
extra_seats: number, 
/**
 * Storage that was added, in units of the add-on.
 */
extra_storage: number, 
/**
 * Whether there is anything that payments know of: without it there is no portal.
 */
has_customer: boolean, 
/**
 * Each limit and how much of it is used.
 */
limits: Array<LimitUse>, 
/**
 * What the plan offers besides.
 */
features: Array<PlanFeature>, };

/**
 * What to buy: a plan with its add-ons.
 */
export type SubscriptionOrder = { 
/**
 * The key of a plan that is sold.
 */
plan: string, 
/**
 * How often it is billed.
 */
interval: BillingInterval, 
/**
 * Seats to be added, at most 1,000.
 */
extra_seats: number, 
/**
 * Storage to be added, in units of the add-on, at most 1,000.
 */
extra_storage: number, };

/**
 * When a change takes place.
 */
export type ChangeTime = "now" | "period_end";

/**
 * What a change would do. Nothing is changed yet.
 */
export type ChangePreview = { 
/**
 * When it takes place.
 */
when: ChangeTime, 
/**
 * That moment.
 */
at: Timestamp, 
/**
 * What is billed then, in the smallest unit of the currency; negative is a credit.
 */
due_cents: number, 
/**
 * The currency, such as `usd`.
 */
currency: string, 
/**
 * What stands in its way: limits of the new plan that are already exceeded.
 */
obstacles: Array<LimitUse>, };

/**
 * How an invoice stands.
 */
export type InvoiceStatus = "draft" | "open" | "paid" | "uncollectible" | "void";

/**
 * What was used in a month.
 */
export type MonthUse = { 
/**
 * The first day of the month (UTC).
 */
month: Day, 
/**
 * Analyses that were requested and did not fail.
 */
analyses: number, 
/**
 * Pages that were stored.
 */
pages: number, 
/**
 * Minutes that were dictated.
 */
dictation_minutes: number, 
/**
 * Bytes of stored documents at the last measurement of the month; absent if there was none.
 */
storage_bytes: number | null, 
/**
 * Members at the last measurement of the month; absent if there was none.
 */
members: number | null, };

/**
 * What one person used in a month.
 */
export type PersonUse = { 
/**
 * The user; absent if it was not a person.
 */
user: UserId | null, 
/**
 * Their name; absent if they are gone.
 */
name: string | null, 
/**
 * Analyses that they requested and did not fail.
 */
analyses: number, 
/**
 * Pages that they stored.
 */
pages: number, 
/**
 * Minutes that they dictated.
 */
dictation_minutes: number, 
/**
 * Bytes of the documents of the records that they created, now.
 */
storage_bytes: number, };

/**
 * `GET /v1/usage`.
 */
export type UsageReport = { 
/**
 * The clinic.
 */
organization: OrgId, 
/**
 * The last twelve months with the present one, the latest first.
 */
months: Array<MonthUse>, 
/**
 * Who used how much in the month that was asked for.
 */
persons: Array<PersonUse>, 
/**
 * The first day of that month (UTC).
 */
month: Day, };

/**
 * Every code a command may fail with: the cloud's, then the workstation's.
 */
export type ErrorCode = "invalid_input" | "unauthenticated" | "invalid_credentials" | "permission_denied" | "second_factor_required" | "last_admin" | "not_found" | "method_not_allowed" | "record_incomplete" | "not_cancellable" | "not_retryable" | "document_conflict" | "idempotency_key_reused" | "too_large" | "unsupported_media_type" | "limit_reached" | "too_many_requests" | "unavailable" | "internal" | "offline" | "server_unreachable" | "server_not_maneiro" | "server_too_old" | "server_too_new" | "certificate_refused" | "code_wrong" | "code_expired" | "session_ended" | "wrong_password" | "password_required" | "locked" | "read_only" | "keychain_unavailable" | "file_missing" | "file_damaged" | "file_encrypted" | "file_kind" | "file_empty" | "file_already_there" | "disk_full" | "store_damaged" | "picture_kind" | "picture_too_large" | "picture_damaged" | "nothing_to_undo" | "nothing_to_redo" | "changed_elsewhere" | "words_unreadable" | "no_signature_block" | "no_analysis" | "no_printer";

/**
 * What a failed command answers: a code and its parameters, never a sentence.
 */
export type CommandError = { code: ErrorCode, 
/**
 * Values for the sentence of the code, such as `{ name: "imaging_CD.pdf" }`.
 */
params: Record<string, string | number>, 
/**
 * Finds the request in the cloud's log; shown as the number to quote.
 */
request_id: string | null, };

/**
 * A clinic's plan and how much of it is used.
 */
export type Usage = { plan: string, trial_ends_at: Timestamp | null, analyses_used: number, analyses_limit: number | null, resets_at: Timestamp, };

/**
 * Who is signed in, and the clinic the session acts in.
 */
export type Me = { user: UserId, name: string, email: string, organization: OrgId, clinic: string, role: Role, 
/**
 * Whether this member may sign reports.
 */
signs: boolean, 
/**
 * Minutes without a key or a pointer after which the window locks itself.
 */
idle_minutes: number, usage: Usage, };

export type KeychainFaultReason = "no_service" | "no_answer" | "denied" | "not_kept";

/**
 * Why the keychain is refused. `number` is what a user can quote: `KEYCHAIN-02`.
 */
export type KeychainFault = { number: string, reason: KeychainFaultReason, 
/**
 * How long was waited, for `no_answer`.
 */
seconds: number, };

export type LockReason = "idle" | "key" | "start";

export type SessionState = { "state": "signed_out" } | { "state": "second_factor", step: SecondFactorStep, email: string, clinic: string, } | { "state": "choose_clinic", email: string, clinics: Array<OwnClinic>, } | { "state": "no_keychain", fault: KeychainFault, email: string, } | { "state": "locked", name: string, clinic: string, email: string, reason: LockReason, idle_minutes: number, 
/**
 * The session ended, or its end can no longer be checked: only a full sign-in opens.
 */
needs_sign_in: boolean, } | { "state": "open", me: Me, read_only: boolean, };

/**
 * What a new authenticator needs; shown once.
 */
export type Enrolment = { 
/**
 * Base32, to be typed where no picture can be taken.
 */
secret: string, uri: string, 
/**
 * The URI as a QR code, an SVG document.
 */
qr_svg: string, };

/**
 * A session of the account that has not ended.
 */
export type ActiveSession = { id: string, organization: OrgId, is_current: boolean, 
/**
 * An operator of the platform acts in it as this person.
 */
is_support: boolean, address: string | null, 
/**
 * What the client said of itself.
 */
device: string | null, created_at: Timestamp, last_used_at: Timestamp, expires_at: Timestamp, };

/**
 * An invoice, as the payment provider made it. Amounts are in the smallest unit of the currency.
 */
export type Invoice = { id: string, 
/**
 * Null while it is a draft.
 */
number: string | null, status: InvoiceStatus, total_cents: number, paid_cents: number, currency: string, created_at: Timestamp, has_page: boolean, has_pdf: boolean, };

/**
 * The page on which an invoice is paid, or its PDF.
 */
export type InvoiceForm = "page" | "pdf";

export type Server = { url: string, 
/**
 * Whether this is the address the app is shipped with.
 */
preset: boolean, 
/**
 * As last seen; null if it was never reached.
 */
version: string | null, };

export type ColorScheme = "system" | "light" | "dark";

export type Language = "en" | "es";

export type ReportLanguageChoice = "en" | "es" | "app";

/**
 * How this person likes the window on this computer. Kept outside the store, so that the first frame is already right.
 */
export type Preferences = { scheme: ColorScheme, 
/**
 * Percent of the normal text size, 90 to 150.
 */
text_size: number, language: Language, report_language: ReportLanguageChoice, 
/**
 * Whether the first start stays hidden.
 */
first_start_hidden: boolean, 
/**
 * Whether Appearance was opened once: a row of the first start.
 */
appearance_seen: boolean, 
/**
 * Share of the window that the page side of Review takes, 0 to 1.
 */
review_divider: number, };

export type Platform = "linux" | "windows" | "macos";

/**
 * All that the first frame needs. Answered from this computer, without network.
 */
export type Start = { version: string, platform: Platform, server: Server, session: SessionState, preferences: Preferences, 
/**
 * Where page images are fetched, with the secret of this window in its path and no slash at its end.
 */
page_base: string, };

/**
 * Where a record stands on its way to a signed report.
 */
export type RecordState = "reading" | "to_review" | "to_sign" | "signed";

/**
 * Fields of a record that the clinic fills in; all free text but the days.
 */
export type RecordFields = { number: string | null, birth_date: Day | null, injury_date: Day | null, examiner: string | null, 
/**
 * Kind of the case, such as `Left shoulder`.
 */
kind: string | null, };

export type ReadingState = "running" | "paused" | "cancelled" | "done";

/**
 * How far the reading of a record is. Pushed at most 20 times a second.
 */
export type Reading = { state: ReadingState, pages_done: number, pages_total: number, 
/**
 * Pages of the record, from 1, that could not be read.
 */
pages_failed: Array<number>, pages_per_second: number, 
/**
 * Null until it can be told.
 */
seconds_left: number | null, 
/**
 * Files that ask for their password.
 */
files_locked: number, 
/**
 * Files whose pages are still being counted: `pages_total` is then what is known so far.
 */
counting: boolean, };

export type RecordOwner = { id: UserId, name: string, };

/**
 * A file that asks for its password.
 */
export type LockedFile = { document: DocumentId, name: string, };

/**
 * A row of the list.
 */
export type RecordSummary = { id: RecordId, title: string, kind: string | null, state: RecordState, owner: RecordOwner, changed_at: Timestamp, files: number, pages: number, reading: Reading, pages_not_read: number, conflicts: number, 
/**
 * A newer result lies beside the one that was reviewed.
 */
new_result: boolean, 
/**
 * The cloud's job goes on.
 */
analysing: boolean, waits_for_network: boolean, sample: boolean, 
/**
 * Files that ask for their password, for the row's own field.
 */
locked_files: Array<LockedFile>, };

export type OwnerCount = { id: UserId, name: string, records: number, };

export type RecordCounts = { all: number, by_state: Record<RecordState, number>, owners: Array<OwnerCount>, };

export type RecordList = { items: Array<RecordSummary>, counts: RecordCounts, next_cursor: string | null, };

export type FileState = "waiting" | "reading" | "done" | "partly" | "failed" | "asks_password";

/**
 * Why the whole file could not be read.
 */
export type FileFault = "damaged" | "kind" | "empty" | "too_large" | "missing";

/**
 * One file of a record.
 */
export type RecordFile = { document: DocumentId, name: string, media_type: string, kilobytes: number, state: FileState, 
/**
 * Number of the file's first page in the record, from 1.
 */
first_page: number, pages: number, pages_read: number, 
/**
 * Why the whole file could not be read.
 */
fault: FileFault | null, };

/**
 * Why a page could not be read; a code of the reader, so that the window can say it in both languages.
 */
export type PageFault = "file_ends" | "picture_damaged" | "picture_too_large" | "picture_format" | "took_too_long" | "out_of_memory" | "reader_stopped" | "other";

/**
 * A page that could not be read.
 */
export type UnreadPage = { 
/**
 * Number in the record, from 1.
 */
page: number, document: DocumentId, fault: PageFault, 
/**
 * What the reader said, in English; shown for `other` only.
 */
detail: string | null, };

/**
 * A part of the record with a date and kind of its own.
 */
export type Encounter = { kind: string, date: Day | null, author: string | null, first_line: string, 
/**
 * Numbers in the record, from 1.
 */
first_page: number, last_page: number, };

export type StatementCounts = { total: number, reviewed: number, not_found: number, };

/**
 * The first page that can be shown: where it lies and how well its words were read.
 */
export type FirstPage = { document: DocumentId, page: number, confidence: number, };

/**
 * A record as the preview shows it.
 */
export type RecordDetail = { summary: RecordSummary, fields: RecordFields, files: Array<RecordFile>, unread: Array<UnreadPage>, encounters: Array<Encounter>, 
/**
 * The three most important statements, if there is a result.
 */
most_important: Array<string>, statements: StatementCounts, kept_until: Day | null, first_page: FirstPage | null, };

/**
 * A file that was dropped, chosen, pasted or opened with the app; the shell keeps its path.
 */
export type OfferedFile = { handle: string, name: string, kilobytes: number, 
/**
 * What it is, by its first bytes; null if Maneiro cannot read it.
 */
media_type: string | null, };

export type OutboxWork = "analyse" | "edits" | "fields" | "files" | "signed_report" | "delete";

export type OutboxItem = { id: string, record: RecordId, title: string, what: OutboxWork, 
/**
 * Edits for `edits`, pages for `analyse` and `files`, 0 otherwise.
 */
count: number, kilobytes: number, since: Timestamp, };

/**
 * What waits for the cloud. It goes by itself.
 */
export type Outbox = { online: boolean, offline_since: Timestamp | null, items: Array<OutboxItem>, };

export type IntakeShape = "one" | "several";

export type PageState = "waiting" | "read" | "blank" | "duplicate" | "failed";

/**
 * What the thumbnails and the scroll need to know of every page; kept small, a record may have 2,000.
 */
export type PageInfo = { document: DocumentId, 
/**
 * Number in its file, from 1. The number in the record is its place in the list.
 */
number: number, 
/**
 * As shown, in points.
 */
width: number, height: number, state: PageState, 
/**
 * For `duplicate`: the number of the earlier page in the record.
 */
duplicate_of: number | null, 
/**
 * Mean confidence of its words in percent; 100 for a text layer.
 */
confidence: number, };

export type Word = { text: string, bbox: BBox, confidence: number, };

/**
 * Why no statement could be made of a line.
 */
export type NotUnderstood = "handwriting" | "damaged_picture" | "no_sense";

export type Line = { words: Array<Word>, role: LineRole, };

/**
 * The words of one page in reading order.
 */
export type PageWords = { page: number, width: number, height: number, lines: Array<Line>, };

export type WordPosition = { line: number, word: number, };

/**
 * Consecutive words of a page: line and word count from 0, both ends included.
 */
export type WordRange = { page: number, first: WordPosition, last: WordPosition, };

/**
 * A line with a hit.
 */
export type SearchHit = { page: number, 
/**
 * The line's words, and where in them the hit is, in UTF-16 units.
 */
text: string, start: number, end: number, boxes: Array<BBox>, 
/**
 * Mean confidence of the words hit.
 */
confidence: number, };

/**
 * Hits in page order; `more` says that there are others.
 */
export type SearchHits = { hits: Array<SearchHit>, more: boolean, };

/**
 * Sections in display order; `summary` is what is most important.
 */
export type Section = "summary" | "conflicts" | "problems" | "signs_symptoms" | "medications" | "allergies" | "vitals" | "labs" | "procedures" | "imaging" | "social_history" | "immunizations" | "directives" | "timeline" | "follow_ups" | "gaps";

/**
 * Where quoted words stand. A quote over two pages has two places.
 */
export type Place = { 
/**
 * Number in the record, from 1.
 */
page: number, document: DocumentId, 
/**
 * The part of the quote that stands on this page.
 */
quote: string, 
/**
 * One per line; empty if the quote was not found on the page.
 */
boxes: Array<BBox>, };

export type Citation = { quote: string, places: Array<Place>, 
/**
 * Mean confidence of the quoted words in percent; null if not found.
 */
confidence: number | null, 
/**
 * Chosen by a reader, not by the analyser.
 */
chosen_by_reader: boolean, };

/**
 * What the sections show beside the words; all as written on the page.
 */
export type StatementDetails = { name: string | null, value: string | null, unit: string | null, reference_range: string | null, flag: LabFlag | null, date: Day | null, 
/**
 * For `family`: whose, such as `father`.
 */
relation: string | null, 
/**
 * The code of the name with its list, such as `ICD-10-CM I10`.
 */
code: string | null, };

export type ReviewState = "open" | "accepted" | "rejected";

/**
 * Another version of the words of a statement, made elsewhere at the same time.
 */
export type Version = { text: string, author: string, mine: boolean, at: Timestamp, };

/**
 * Two edits of the same words; both stay until somebody chooses.
 */
export type EditConflict = { mine: Version, theirs: Version, base: string, };

/**
 * Words of a text that were read badly: start and end in UTF-16 units, confidence in percent.
 */
export type WeakWord = { start: number, end: number, confidence: number, };

/**
 * Who last changed a statement.
 */
export type LastChange = { author: string, mine: boolean, at: Timestamp, };

export type Statement = { id: StatementId, section: Section, text: string, 
/**
 * The words before the first edit; null if never edited or added by hand.
 */
text_before: string | null, assertion: Assertion, citations: Array<Citation>, 
/**
 * Every quote was found on its page.
 */
verified: boolean, 
/**
 * Sense, dose, value, unit and date were recomputed from the quote and agree.
 */
checked: boolean, 
/**
 * It stands among two places that disagree.
 */
in_conflict: boolean, 
/**
 * A language model made the analysis and left this out, which the built-in analyser found.
 */
also_in_record: boolean, weak_words: Array<WeakWord>, details: StatementDetails, state: ReviewState, added_by_hand: boolean, changed: LastChange | null, versions: EditConflict | null, 
/**
 * Not in the result before this one.
 */
is_new: boolean, };

export type UnusedPageReason = "blank" | "duplicate" | "failed" | "nothing_clinical" | "outside_window";

/**
 * A page that no statement rests on.
 */
export type UnusedPage = { page: number, reason: UnusedPageReason, kind: string | null, };

/**
 * A line that was read but not understood, or a region that was not read: then it has no text.
 */
export type UnusedLine = { page: number, bbox: BBox, text: string, confidence: number, reason: NotUnderstood, };

/**
 * The run that goes on, or the last one if it failed.
 */
export type Run = { job: JobId, state: JobState, pages_done: number, pages_total: number, seconds_left: number | null, error: JobErrorCode | null, };

/**
 * The days that an analysis is limited to, both ends included.
 */
export type DateWindow = { from: Day | null, to: Day | null, };

/**
 * What undo and redo would do; null if there is nothing.
 */
export type UndoState = { undo: ChangeKind | null, redo: ChangeKind | null, };

export type Review = { analysis: AnalysisId, generated_at: Timestamp, generator: Generator, focus: string | null, window: DateWindow | null, 
/**
 * Why a language model made nothing of it, or only a part: then the built-in analyser's result stands.
 */
model_failure: ModelFailure | null, statements: Array<Statement>, 
/**
 * What the language model found stated on no page.
 */
not_stated: Array<ExpectedTopic>, unused_pages: Array<UnusedPage>, 
/**
 * In page order; a long record has more than are listed.
 */
unused_lines: Array<UnusedLine>, 
/**
 * How many there are.
 */
unused_line_count: number, undo: UndoState, 
/**
 * A newer result is there and can be shown.
 */
newer: AnalysisId | null, };

/**
 * What happened to the files since the result was made.
 */
export type ChangedPages = { pages_added: number, pages_removed: number, };

/**
 * A record as Review opens it.
 */
export type ReviewRecord = { record: RecordId, title: string, fields: RecordFields, encounters: Array<Encounter>, 
/**
 * Null until the first result.
 */
review: Review | null, run: Run | null, files_changed: ChangedPages, waits_for_network: boolean, 
/**
 * Whether this member may change statements.
 */
may_edit: boolean, };

/**
 * A change of the statements by a reader.
 */
export type Change = { "change": "accept", statement: StatementId, } | { "change": "reject", statement: StatementId, } | { "change": "reopen", statement: StatementId, } | { "change": "edit", statement: StatementId, text: string, section: Section, } | { "change": "add", section: Section, text: string, assertion: Assertion, words: Array<WordRange>, } | { "change": "add_quote", statement: StatementId, words: Array<WordRange>, } | { "change": "keep_mine", statement: StatementId, } | { "change": "keep_theirs", statement: StatementId, };

export type ChangeKind = "accept" | "reject" | "reopen" | "edit" | "add" | "add_quote" | "keep_mine" | "keep_theirs";

/**
 * What a change did: the statements that are different now; one that comes back says so by not being known.
 */
export type Changed = { statements: Array<Statement>, removed: StatementId[], undo: UndoState, };

export type HistoryKind = "accept" | "reject" | "reopen" | "edit" | "add" | "add_quote" | "keep_mine" | "keep_theirs" | "undo" | "redo" | "run";

export type HistoryEntry = { id: string, at: Timestamp, author: string, mine: boolean, change: HistoryKind, statement: StatementId | null, before: string | null, after: string | null, };

/**
 * How much a report says.
 */
export type ReportForm = "short_letter" | "full_review";

/**
 * The language of everything on a report but statements and quotes, which stay in the record's own words.
 */
export type ReportLanguage = "en" | "es";

/**
 * What is chosen for a report.
 */
export type ReportOptions = { 
/**
 * How much it says.
 */
form: ReportForm, 
/**
 * Its language.
 */
language: ReportLanguage, 
/**
 * To whom: name and address, at most four lines of at most 120 characters. Empty if it is to nobody.
 */
recipient: string, 
/**
 * The sections of a full review; all if null. A letter has sections of its own.
 */
sections: Array<Section> | null, 
/**
 * Its paper.
 */
paper: PaperSize, 
/**
 * Whether it is on the clinic's letterhead, if the plan has one.
 */
letterhead: boolean, };

/**
 * A page reference that leads to a page of the record.
 */
export type ReportLink = { bbox: BBox, page: number, };

export type ReportPage = { width: number, height: number, links: Array<ReportLink>, };

/**
 * Facts that the signer should know; none of them bars signing.
 */
export type BeforeSigning = { statements: number, not_looked_at: number, 
/**
 * Printed as conflicts.
 */
conflicts: number, 
/**
 * Not found on their pages, and so left out.
 */
left_out: number, };

/**
 * The block below a signature, as it will print.
 */
export type PrintedBlock = { name: string, line: string, licence: string, has_picture: boolean, };

/**
 * The paper that a report is printed on.
 */
export type PaperSize = "letter" | "a4";

/**
 * How many pages each form has.
 */
export type FormPages = { short_letter: number, full_review: number, };

export type SignedVersion = { version: number, signed_at: Timestamp, signer: string, form: ReportForm, };

export type SigningBar = "not_a_signer" | "no_block" | "read_only" | "no_analysis";

/**
 * Why this member cannot sign, and who can.
 */
export type SigningRight = { allowed: boolean, reason: SigningBar | null, signers: Array<string>, };

export type ReportPreview = { 
/**
 * Names the pages for the page protocol: `{page_base}/report/{preview}/{page}?w={pixels}`.
 */
preview: string, 
/**
 * The signed version it shows; null for the draft.
 */
version: number | null, options: ReportOptions, drawn_at: Timestamp, pages: Array<ReportPage>, form_pages: FormPages, before_signing: BeforeSigning, block: PrintedBlock | null, clinic: string, 
/**
 * Versions that were signed, newest first.
 */
signed: Array<SignedVersion>, sign: SigningRight, };

export type ReportFormat = "pdf" | "markdown" | "json";

export type PrintPath = "dialog" | "viewer";

/**
 * How the PDF was handed to the system.
 */
export type PrintOutcome = { how: PrintPath, };

/**
 * A file that was saved where the user chose.
 */
export type SavedFile = { name: string, };

/**
 * A picture that the shell checked and re-encoded.
 */
export type Picture = { 
/**
 * What to name it by when saving.
 */
handle: string, 
/**
 * For an <img>: an address of the page protocol.
 */
url: string, width: number, height: number, };

export type Letterhead = { 
/**
 * Beside or below the picture, at most four.
 */
lines: Array<string>, picture: Picture | null, };

export type ClinicSettings = { name: string, letterhead: Letterhead, may_edit: boolean, };

export type SignatureBlock = { name: string, line: string, licence: string, phone: string, picture: Picture | null, };

export type SignatureSettings = { block: SignatureBlock | null, signs: boolean, signs_since: Timestamp | null, };

export type Licence = { name: string, version: string, licence: string, text: string, };

export type AboutServer = { url: string, version: string | null, };

export type AboutComponent = { name: string, version: string, };

export type About = { version: string, commit: string, built_at: Timestamp, server: AboutServer, components: Array<AboutComponent>, licences: Array<Licence>, };

export type BundleFile = { name: string, text: string, };

/**
 * What a support bundle will hold, as text, before it is saved. No patient data.
 */
export type SupportBundle = { id: string, name: string, files: Array<BundleFile>, };

/**
 * A place in the window, in CSS pixels.
 */
export type WindowPoint = { x: number, y: number, };

export type OfferPath = "dropped" | "opened";

export type ShellEvent = { "event": "session", session: SessionState, } | { "event": "records_changed" } | { "event": "record_changed", record: RecordId, } | { "event": "reading", record: RecordId, reading: Reading, } | { "event": "run", record: RecordId, run: Run, } | { "event": "review_changed", record: RecordId, } | { "event": "outbox_changed" } | { "event": "clinic_changed" } | { "event": "drag", count: number, x: number, y: number, } | { "event": "files_offered", files: Array<OfferedFile>, how: OfferPath, at: WindowPoint | null, };
