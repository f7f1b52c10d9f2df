//! Mails to admins about money and use, in English and in Spanish.

use maneiro_api::{account::MailLanguage, error::PlanLimit, subscription::BillingInterval};
use time::OffsetDateTime;

use super::{
    content::{Block, ComposedMail, Content},
    layout,
};
use crate::domain::billing_mail::BillingMail;

/// The mail in a language. `plan_name` gives the name of a plan that people see.
#[must_use]
pub fn compose(
    mail: &BillingMail,
    clinic: &str,
    plan_name: impl Fn(&str) -> String,
    language: MailLanguage,
) -> ComposedMail {
    let (subject, paragraphs) = match language {
        MailLanguage::En => english(mail, clinic, plan_name),
        MailLanguage::Es => spanish(mail, clinic, plan_name),
    };
    let blocks = paragraphs.into_iter().map(Block::Paragraph).collect();
    layout::lay_out(Content { subject, blocks }, language)
}

/// Units of a currency of which there are no hundredths (ISO 4217, as Stripe lists them).
const WHOLE_CURRENCIES: [&str; 6] = ["clp", "jpy", "krw", "pyg", "ugx", "vnd"];

/// An amount in the currency that Stripe says, such as `99.00 USD`.
fn amount(cents: i64, currency: &str) -> String {
    let code = currency.to_uppercase();
    if WHOLE_CURRENCIES.contains(&currency) {
        return format!("{cents} {code}");
    }
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02} {code}", cents.abs() / 100, cents.abs() % 100)
}

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_ES: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

fn date_en(at: OffsetDateTime) -> String {
    let month = MONTHS_EN[usize::from(u8::from(at.month())) - 1];
    format!("{month} {}, {}", at.day(), at.year())
}

fn date_es(at: OffsetDateTime) -> String {
    let month = MONTHS_ES[usize::from(u8::from(at.month())) - 1];
    format!("{} de {month} de {}", at.day(), at.year())
}

/// A count, or gigabytes of stored documents.
fn quantity(limit: PlanLimit, count: u64) -> String {
    match limit {
        PlanLimit::Analyses | PlanLimit::Seats => count.to_string(),
        PlanLimit::StorageBytes => {
            let tenths = count / 100_000_000;
            format!("{}.{} GB", tenths / 10, tenths % 10)
        }
    }
}

fn english(mail: &BillingMail, clinic: &str, plan_name: impl Fn(&str) -> String) -> (String, Vec<String>) {
    let open = "Open Maneiro, Settings, Billing";
    match mail {
        BillingMail::TrialStarted { ends_at } => (
            "Your Maneiro trial has begun".to_owned(),
            vec![
                format!(
                    "{clinic} can use Maneiro with dictation, letterhead and own templates until {}. Nothing is charged.",
                    date_en(*ends_at)
                ),
                format!(
                    "If you like it, choose a plan before that day: {open}. If you do nothing, the clinic goes on with the \
                     free plan, and every record stays readable and exportable."
                ),
            ],
        ),
        BillingMail::TrialEnding { days, ends_at } => {
            let left = if *days == 1 { "1 day".to_owned() } else { format!("{days} days") };
            (
                format!("Your Maneiro trial ends in {left}"),
                vec![
                    format!("The trial of {clinic} ends on {}.", date_en(*ends_at)),
                    format!(
                        "To go on as now, choose a plan: {open}. Otherwise the clinic has the free plan from then on. Every \
                         record stays readable and exportable."
                    ),
                ],
            )
        }
        BillingMail::TrialEnded => (
            "Your Maneiro trial has ended".to_owned(),
            vec![
                format!("{clinic} now has the free plan. Every record stays readable and exportable."),
                format!("You can choose a plan at any time: {open}."),
            ],
        ),
        BillingMail::PaymentSucceeded { amount_cents, currency, plan, interval, next_at } => {
            let plan = plan_name(plan);
            let every = match interval {
                BillingInterval::Month => "monthly",
                BillingInterval::Year => "yearly",
            };
            let mut paragraphs = vec![format!(
                "We received {} from {clinic} for the plan {plan}, billed {every}. Thank you.",
                amount(*amount_cents, currency)
            )];
            if let Some(next_at) = next_at {
                paragraphs.push(format!("The next payment is due on {}.", date_en(*next_at)));
            }
            paragraphs.push(format!("The invoice can be downloaded as a PDF: {open}."));
            ("Receipt for your payment to Maneiro".to_owned(), paragraphs)
        }
        BillingMail::PaymentFailed { failures, amount_cents, currency } => {
            let amount = amount(*amount_cents, currency);
            let (subject, next) = match failures {
                1 => (
                    "A payment to Maneiro failed",
                    "Nothing changes for now, and the payment is tried again in a few days.",
                ),
                2 => (
                    "A payment to Maneiro failed a second time",
                    "Nothing changes for now. If the next attempt fails too, no new analyses can be requested.",
                ),
                _ => (
                    "New analyses are suspended until the invoice is paid",
                    "From now on no new analyses can be requested. Every record stays readable and exportable, and everything \
                     works again the moment the invoice is paid.",
                ),
            };
            (
                subject.to_owned(),
                vec![
                    format!("The bank did not accept the payment of {amount} for {clinic}. {next}"),
                    format!("Please check the card: {open}, Payment method."),
                ],
            )
        }
        BillingMail::UsageAlert { limit, percent, used, maximum, resets_at } => {
            let (what, full) = match limit {
                PlanLimit::Analyses => ("analyses", "No new analyses can be requested until then."),
                PlanLimit::Seats => ("seats", "Nobody else can be invited."),
                PlanLimit::StorageBytes => ("storage", "No more documents can be added."),
            };
            let (used, maximum) = (quantity(*limit, *used), quantity(*limit, *maximum));
            let mut first = format!("{clinic} uses {used} of {maximum}: {percent} % of its {what}.");
            if let Some(resets_at) = resets_at {
                first.push_str(&format!(" The count starts again on {}.", date_en(*resets_at)));
            }
            if *percent >= 100 {
                first.push_str(&format!(" {full}"));
            }
            (
                format!("{percent} % of your {what} are used"),
                vec![first, format!("A larger plan or an add-on gives more: {open}.")],
            )
        }
        BillingMail::CancellationScheduled { ends_at } => (
            "Your Maneiro subscription is cancelled".to_owned(),
            vec![
                match ends_at {
                    Some(at) => {
                        format!("The subscription of {clinic} is paid until {} and ends then.", date_en(*at))
                    }
                    None => format!("The subscription of {clinic} ends with its paid period."),
                },
                format!(
                    "Every record stays readable and exportable after that. Until then you can take it back: {open}, Resume."
                ),
            ],
        ),
        BillingMail::SubscriptionEnded => (
            "Your Maneiro subscription has ended".to_owned(),
            vec![
                format!(
                    "{clinic} now has what the free plan offers. Every record stays readable and exportable."
                ),
                format!("You can come back at any time: {open}."),
            ],
        ),
    }
}

fn spanish(mail: &BillingMail, clinic: &str, plan_name: impl Fn(&str) -> String) -> (String, Vec<String>) {
    let open = "abra Maneiro, Ajustes, Facturación";
    match mail {
        BillingMail::TrialStarted { ends_at } => (
            "Su prueba de Maneiro ha comenzado".to_owned(),
            vec![
                format!(
                    "{clinic} puede usar Maneiro con dictado, membrete y plantillas propias hasta el {}. No se cobra nada.",
                    date_es(*ends_at)
                ),
                format!(
                    "Si le gusta, elija un plan antes de ese día: {open}. Si no hace nada, la clínica sigue con el plan \
                     gratuito, y todos los expedientes se pueden seguir leyendo y exportando."
                ),
            ],
        ),
        BillingMail::TrialEnding { days, ends_at } => {
            let left = if *days == 1 { "1 día".to_owned() } else { format!("{days} días") };
            (
                format!("Su prueba de Maneiro termina en {left}"),
                vec![
                    format!("La prueba de {clinic} termina el {}.", date_es(*ends_at)),
                    format!(
                        "Para seguir como ahora, elija un plan: {open}. Si no, la clínica tendrá desde entonces el plan \
                         gratuito. Todos los expedientes se pueden seguir leyendo y exportando."
                    ),
                ],
            )
        }
        BillingMail::TrialEnded => (
            "Su prueba de Maneiro ha terminado".to_owned(),
            vec![
                format!(
                    "{clinic} tiene ahora el plan gratuito. Todos los expedientes se pueden seguir leyendo y exportando."
                ),
                format!("Puede elegir un plan en cualquier momento: {open}."),
            ],
        ),
        BillingMail::PaymentSucceeded { amount_cents, currency, plan, interval, next_at } => {
            let plan = plan_name(plan);
            let every = match interval {
                BillingInterval::Month => "mensual",
                BillingInterval::Year => "anual",
            };
            let mut paragraphs = vec![format!(
                "Hemos recibido {} de {clinic} por el plan {plan}, con factura {every}. Gracias.",
                amount(*amount_cents, currency)
            )];
            if let Some(next_at) = next_at {
                paragraphs.push(format!("El próximo pago vence el {}.", date_es(*next_at)));
            }
            paragraphs.push(format!("La factura se puede descargar en PDF: {open}."));
            ("Recibo de su pago a Maneiro".to_owned(), paragraphs)
        }
        BillingMail::PaymentFailed { failures, amount_cents, currency } => {
            let amount = amount(*amount_cents, currency);
            let (subject, next) = match failures {
                1 => (
                    "Un pago a Maneiro ha fallado",
                    "Por ahora no cambia nada, y el pago se intentará de nuevo en unos días.",
                ),
                2 => (
                    "Un pago a Maneiro ha fallado por segunda vez",
                    "Por ahora no cambia nada. Si el próximo intento también falla, no se podrán pedir nuevos análisis.",
                ),
                _ => (
                    "Los análisis nuevos quedan suspendidos hasta que se pague la factura",
                    "Desde ahora no se pueden pedir nuevos análisis. Todos los expedientes se pueden seguir leyendo y \
                     exportando, y todo vuelve a funcionar en cuanto se pague la factura.",
                ),
            };
            (
                subject.to_owned(),
                vec![
                    format!("El banco no aceptó el pago de {amount} de {clinic}. {next}"),
                    format!("Por favor, revise la tarjeta: {open}, Forma de pago."),
                ],
            )
        }
        BillingMail::UsageAlert { limit, percent, used, maximum, resets_at } => {
            let (what, full) = match limit {
                PlanLimit::Analyses => ("los análisis", "Hasta entonces no se pueden pedir nuevos análisis."),
                PlanLimit::Seats => ("los puestos", "No se puede invitar a nadie más."),
                PlanLimit::StorageBytes => ("el almacenamiento", "No se pueden añadir más documentos."),
            };
            let (used, maximum) = (quantity(*limit, *used), quantity(*limit, *maximum));
            let mut first = format!("{clinic} usa {used} de {maximum}: el {percent} % de {what}.");
            if let Some(resets_at) = resets_at {
                first.push_str(&format!(" La cuenta vuelve a empezar el {}.", date_es(*resets_at)));
            }
            if *percent >= 100 {
                first.push_str(&format!(" {full}"));
            }
            (
                format!("Ha usado el {percent} % de {what}"),
                vec![first, format!("Un plan mayor o un complemento da más: {open}.")],
            )
        }
        BillingMail::CancellationScheduled { ends_at } => (
            "Su suscripción a Maneiro está cancelada".to_owned(),
            vec![
                match ends_at {
                    Some(at) => {
                        format!(
                            "La suscripción de {clinic} está pagada hasta el {} y termina entonces.",
                            date_es(*at)
                        )
                    }
                    None => format!("La suscripción de {clinic} termina con el periodo pagado."),
                },
                format!(
                    "Después, todos los expedientes se pueden seguir leyendo y exportando. Hasta entonces puede \
                     reanudarla: {open}, Reanudar."
                ),
            ],
        ),
        BillingMail::SubscriptionEnded => (
            "Su suscripción a Maneiro ha terminado".to_owned(),
            vec![
                format!(
                    "{clinic} tiene ahora lo que ofrece el plan gratuito. Todos los expedientes se pueden seguir leyendo y \
                     exportando."
                ),
                format!("Puede volver en cualquier momento: {open}."),
            ],
        ),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn all() -> Vec<BillingMail> {
        let at = datetime!(2026-12-12 09:00 UTC);
        let mut mails = vec![
            BillingMail::TrialStarted { ends_at: at },
            BillingMail::TrialEnded,
            BillingMail::CancellationScheduled { ends_at: Some(at) },
            BillingMail::SubscriptionEnded,
        ];
        mails.extend([7, 3, 1].map(|days| BillingMail::TrialEnding { days, ends_at: at }));
        mails.extend((1..=3).map(|failures| BillingMail::PaymentFailed {
            failures,
            amount_cents: 9_900,
            currency: "eur".to_owned(),
        }));
        mails.extend([BillingInterval::Month, BillingInterval::Year].map(|interval| {
            BillingMail::PaymentSucceeded {
                amount_cents: 106_920,
                currency: "usd".to_owned(),
                plan: "starter".to_owned(),
                interval,
                next_at: Some(at),
            }
        }));
        for limit in [PlanLimit::Analyses, PlanLimit::Seats, PlanLimit::StorageBytes] {
            mails.extend([80, 90, 100].map(|percent| BillingMail::UsageAlert {
                limit,
                percent,
                used: 9_900_000_000,
                maximum: 10_000_000_000,
                resets_at: (limit == PlanLimit::Analyses).then_some(at),
            }));
        }
        mails
    }

    #[test]
    fn each_mail_says_something_of_its_own_in_each_language() {
        let mut subjects = std::collections::BTreeSet::new();
        for mail in all() {
            for language in [MailLanguage::En, MailLanguage::Es] {
                let ComposedMail { subject, text, html } =
                    compose(&mail, "Clinic <b> & Sons", str::to_uppercase, language);
                assert!(text.contains("Clinic <b> & Sons"), "{text}");
                assert!(html.contains("Clinic &lt;b&gt; &amp; Sons") && !html.contains("http"), "{html}");
                assert!(!text.contains("  "), "{text}");
                subjects.insert((language as u8, subject));
            }
        }
        // Month and year share a subject.
        assert_eq!(subjects.len(), 2 * (all().len() - 1));
    }

    #[test]
    fn amount_is_in_the_currency_that_stripe_says() {
        assert_eq!(amount(106_920, "usd"), "1069.20 USD");
        assert_eq!(amount(-505, "eur"), "-5.05 EUR");
        assert_eq!(amount(9_900, "jpy"), "9900 JPY");
    }
}
