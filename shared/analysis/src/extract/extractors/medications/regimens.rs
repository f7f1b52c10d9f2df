//! Mentions of one drug, grouped into regimens: one dose and frequency each.

use time::{Date, Duration};

use super::mentions::MedicationMention;
use crate::extract::sig::frequencies_agree;

/// Within this time, two doses of one drug without a stated change contradict each other. After it, the later dose
/// replaces the earlier one.
pub(crate) const MAX_REGIMEN_GAP: Duration = Duration::days(365);

/// Groups the mentions of one drug by dose and frequency. Those without a dose join the last group before them.
pub(super) fn group_into_regimens<'a>(mentions: &[&'a MedicationMention]) -> Vec<Vec<&'a MedicationMention>> {
    let mut regimens: Vec<Vec<&MedicationMention>> = Vec::new();
    for mention in mentions.iter().filter(|mention| mention.sig.dose.is_some()) {
        let same = regimens.iter_mut().find(|regimen| {
            regimen.iter().all(|other| {
                other.sig.dose_key() == mention.sig.dose_key() && other.sig.agrees_in_frequency(&mention.sig)
            })
        });
        match same {
            Some(regimen) => regimen.push(mention),
            None => regimens.push(vec![mention]),
        }
    }
    for mention in mentions.iter().filter(|mention| mention.sig.dose.is_none()) {
        let nearest = regimens
            .iter()
            .enumerate()
            .max_by_key(|(_, regimen)| {
                let agrees = regimen
                    .iter()
                    .all(|other| other.sig.dose.is_none() || other.sig.agrees_in_frequency(&mention.sig));
                let last_before = regimen
                    .iter()
                    .map(|other| other.chronological_key())
                    .filter(|key| *key <= mention.chronological_key())
                    .max();
                (agrees, last_before)
            })
            .map(|(at, _)| at);
        match nearest {
            Some(at) => regimens[at].push(mention),
            None => regimens.push(vec![mention]),
        }
    }
    regimens
}

/// The last date on which a regimen is mentioned.
pub(super) fn last_date(regimen: &[&MedicationMention]) -> Option<Date> {
    regimen.iter().filter_map(|mention| mention.date).max()
}

/// The newest frequency, in the words of most mentions that agree with it, and of several such wordings the newest. A
/// single page that lacks "as needed" was probably cut off or misread.
pub(super) fn prevailing_frequency(chronological: &[&MedicationMention]) -> Option<String> {
    let frequencies = chronological.iter().filter_map(|mention| mention.sig.frequency.as_deref());
    let newest = frequencies.clone().next_back()?;
    let same = frequencies.filter(|frequency| frequencies_agree(Some(frequency), Some(newest)));
    // `max_by_key` returns the last of several maxima.
    same.clone()
        .max_by_key(|frequency| same.clone().filter(|other| other == frequency).count())
        .map(str::to_owned)
}
