//! Mentions of one drug, grouped into regimens: one dose and frequency each.

use std::collections::{BTreeSet, HashMap};

use time::{Date, Duration};

use super::mentions::MedicationMention;
use crate::extract::sig::frequency_key;

/// Within this time, two doses of one drug without a stated change contradict each other. After it, the later dose
/// replaces the earlier one.
pub(crate) const MAX_REGIMEN_GAP: Duration = Duration::days(365);

/// A regimen while it grows.
struct OpenRegimen<'a> {
    mentions: Vec<&'a MedicationMention>,
    /// What its mentions say of the frequency, if any says something.
    frequency: Option<String>,
    times: BTreeSet<(Option<Date>, usize)>,
}

impl<'a> OpenRegimen<'a> {
    fn new(mention: &'a MedicationMention) -> Self {
        let mut regimen = Self { mentions: Vec::new(), frequency: None, times: BTreeSet::new() };
        regimen.push(mention, mention.sig.frequency_key());
        regimen
    }

    fn push(&mut self, mention: &'a MedicationMention, frequency: Option<String>) {
        self.mentions.push(mention);
        self.times.insert(mention.chronological_key());
        self.frequency = self.frequency.take().or(frequency);
    }

    /// Whether the frequencies are the same, as far as both are given.
    fn agrees(&self, frequency: Option<&String>) -> bool {
        self.frequency.as_ref().zip(frequency).is_none_or(|(own, other)| own == other)
    }
}

/// Groups the mentions of one drug by dose and frequency. Those without a dose join the last group before them.
pub(super) fn group_into_regimens<'a>(mentions: &[&'a MedicationMention]) -> Vec<Vec<&'a MedicationMention>> {
    let mut regimens: Vec<OpenRegimen<'a>> = Vec::new();
    let mut by_dose: HashMap<String, Vec<usize>> = HashMap::new();
    for mention in mentions {
        let Some(dose) = mention.sig.dose_key() else { continue };
        let of_dose = by_dose.entry(dose).or_default();
        let frequency = mention.sig.frequency_key();
        match of_dose.iter().find(|&&at| regimens[at].agrees(frequency.as_ref())) {
            Some(&at) => regimens[at].push(mention, frequency),
            None => {
                of_dose.push(regimens.len());
                regimens.push(OpenRegimen::new(mention));
            }
        }
    }
    for mention in mentions.iter().filter(|mention| mention.sig.dose.is_none()) {
        let frequency = mention.sig.frequency_key();
        let time = mention.chronological_key();
        let nearest = regimens.iter_mut().max_by_key(|regimen| {
            (regimen.agrees(frequency.as_ref()), regimen.times.range(..=time).next_back().copied())
        });
        match nearest {
            // What is said without a dose does not say how often the dose is taken.
            Some(regimen) => regimen.push(mention, None),
            None => regimens.push(OpenRegimen::new(mention)),
        }
    }
    regimens.into_iter().map(|regimen| regimen.mentions).collect()
}

/// The last date on which a regimen is mentioned.
pub(super) fn last_date(regimen: &[&MedicationMention]) -> Option<Date> {
    regimen.iter().filter_map(|mention| mention.date).max()
}

/// The newest frequency, in the words of most mentions that agree with it, and of several such wordings the newest. A
/// single page that lacks "as needed" was probably cut off or misread.
pub(super) fn prevailing_frequency(chronological: &[&MedicationMention]) -> Option<String> {
    /// Number of mentions with a wording, and the position of the newest.
    type Use = (usize, usize);
    let frequencies = chronological.iter().filter_map(|mention| mention.sig.frequency.as_deref());
    let newest = frequencies.clone().next_back().map(frequency_key)?;
    let mut uses: HashMap<&str, Use> = HashMap::new();
    for (at, frequency) in frequencies.enumerate() {
        let (count, last) = uses.entry(frequency).or_default();
        (*count, *last) = (*count + 1, at);
    }
    uses.into_iter()
        .filter(|(frequency, _)| frequency_key(frequency) == newest)
        .max_by_key(|(_, uses)| *uses)
        .map(|(frequency, _)| frequency.to_owned())
}
