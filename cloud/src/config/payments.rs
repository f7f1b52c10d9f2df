//! How clinics pay.

use std::path::PathBuf;

use secrecy::SecretString;

use super::ConfigReader;

/// How clinics pay.
#[derive(Debug, Clone)]
pub struct PaymentsConfig {
    /// The key of an account of Stripe.
    pub key: SecretString,
    /// Any of them may sign an event.
    pub webhook_secrets: Vec<SecretString>,
    /// Whether Stripe Tax computes the taxes of a checkout.
    pub automatic_tax: bool,
    /// The catalogue of plans with the prices of the account.
    pub plans_file: PathBuf,
}

/// The beginnings of keys: standard or restricted, of the test mode or the live one.
const KEY_STARTS: [&str; 4] = ["sk_test_", "rk_test_", "sk_live_", "rk_live_"];

impl ConfigReader {
    /// The key of the account, and the file of plans if it is set.
    pub fn catalogue(&mut self) -> Option<(SecretString, Option<PathBuf>)> {
        let key = self.required("MANEIRO_STRIPE_KEY", "the key of an account of Stripe")?;
        Some((key.into(), self.plans_file()))
    }

    /// The file of plans if it is set.
    pub fn plans_file(&self) -> Option<PathBuf> {
        self.value("MANEIRO_PLANS_FILE").map(PathBuf::from)
    }

    /// `Some(None)` if nothing can be bought.
    pub fn payments(&mut self) -> Option<Option<PaymentsConfig>> {
        // MANEIRO_STRIPE_KEY: secret or restricted key of an account of Stripe. A key of the test mode sees nothing of the live
        // one, and the reverse. Default: none; nothing can then be bought.
        let key = self.parsed("MANEIRO_STRIPE_KEY", "a key that begins with sk_ or rk_", |text| {
            KEY_STARTS.iter().any(|start| text.starts_with(start)).then(|| SecretString::from(text))
        });
        // MANEIRO_STRIPE_WEBHOOK_SECRETS: signing secrets of the webhook, which begin with whsec_, separated by commas. Several
        // while one is replaced by another. Required with MANEIRO_STRIPE_KEY.
        let secrets = self.parsed(
            "MANEIRO_STRIPE_WEBHOOK_SECRETS",
            "a list of secrets that begin with whsec_",
            |text| {
                let all = text.split(',').map(str::trim);
                all.map(|secret| secret.starts_with("whsec_").then(|| SecretString::from(secret)))
                    .collect::<Option<Vec<_>>>()
            },
        );
        // MANEIRO_STRIPE_TAX: `yes` if Stripe Tax computes the taxes of a checkout. Default: no taxes are added.
        let tax = self.parsed("MANEIRO_STRIPE_TAX", "yes", |text| (text == "yes").then_some(()));
        // MANEIRO_PLANS_FILE: the catalogue of plans with the price ids of the account, as cloud/src/domain/plans.toml. Required
        // with MANEIRO_STRIPE_KEY.
        let plans_file = self.plans_file();
        let (key, secrets, tax) = (key?, secrets?, tax?);
        let Some(key) = key else {
            return if secrets.is_some() {
                self.error("MANEIRO_STRIPE_WEBHOOK_SECRETS is set, so set MANEIRO_STRIPE_KEY too.")
            } else {
                Some(None)
            };
        };
        let Some(webhook_secrets) = secrets else {
            return self.error("MANEIRO_STRIPE_KEY is set, so set MANEIRO_STRIPE_WEBHOOK_SECRETS too.");
        };
        let Some(plans_file) = plans_file else {
            return self.error("MANEIRO_STRIPE_KEY is set, so set MANEIRO_PLANS_FILE too.");
        };
        Some(Some(PaymentsConfig { key, webhook_secrets, automatic_tax: tax.is_some(), plans_file }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Option<PaymentsConfig>, Vec<String>> {
        let set: Vec<(String, String)> =
            set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut reader = ConfigReader::new(move |name| {
            set.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        });
        let config = reader.payments();
        reader.finish(config).map_err(|errors| errors.0)
    }

    #[test]
    fn payments_are_complete_or_absent() {
        const KEY: (&str, &str) = ("MANEIRO_STRIPE_KEY", "rk_live_secret");
        const SECRETS: (&str, &str) = ("MANEIRO_STRIPE_WEBHOOK_SECRETS", "whsec_new, whsec_old");
        const PLANS: (&str, &str) = ("MANEIRO_PLANS_FILE", "/etc/maneiro/plans.toml");
        assert!(read(&[]).unwrap().is_none());
        let config = read(&[KEY, SECRETS, PLANS]).unwrap().unwrap();
        assert_eq!((config.webhook_secrets.len(), config.automatic_tax), (2, false));
        assert!(!format!("{config:?}").contains("secret\""));
        assert_eq!(
            read(&[KEY, PLANS]).unwrap_err(),
            ["MANEIRO_STRIPE_KEY is set, so set MANEIRO_STRIPE_WEBHOOK_SECRETS too."]
        );
        assert_eq!(
            read(&[KEY, SECRETS]).unwrap_err(),
            ["MANEIRO_STRIPE_KEY is set, so set MANEIRO_PLANS_FILE too."]
        );
        assert_eq!(
            read(&[SECRETS]).unwrap_err(),
            ["MANEIRO_STRIPE_WEBHOOK_SECRETS is set, so set MANEIRO_STRIPE_KEY too."]
        );
        let wrong = read(&[("MANEIRO_STRIPE_KEY", "pk_live_secret"), SECRETS, PLANS]).unwrap_err();
        assert_eq!(wrong, ["MANEIRO_STRIPE_KEY is not a key that begins with sk_ or rk_."]);
    }
}
