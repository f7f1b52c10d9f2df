//! Assertion status in context: whether a sentence affirms, denies or doubts something, or says it of somebody else, of the
//! past or of what may come.
//!
//! The method is that of NegEx (Chapman, Bridewell, Hanbury, Cooper, Buchanan 2001: "A simple algorithm for
//! identifying negated findings and diseases in discharge summaries", J Biomed Inform 34:301-310) and ConText
//! (Harkema, Dowling, Thornblade, Chapman 2009, J Biomed Inform 42:839-851): the scope of a trigger runs forward or
//! backward to the end of its clause or to a phrase that ends it; pseudo-triggers only look like triggers. What a phrase
//! alone cannot decide is decided here: who reports and who is ill, an answer after a colon, a sign before a term, a list
//! that turns into a statement of its own. The triggers are data of the lexicon.

pub(crate) mod orders;

use std::ops::Range;

use maneiro_api::analysis::Assertion;

use crate::{
    extract::input::{forms::FormAnswer, passage::Passage, sections::Section},
    lexicon::{
        CHANGE_NOUNS, COMPANY_WORDS, COPULAS, REPORTING_VERBS, TriggerEnd, TriggerMatch, TriggerReach,
        TriggerRole, TriggerSense, TriggerSide, WordToken, find_triggers,
    },
};

/// Longest scope. NegEx found five words enough for prose, but lists after `denies` run to the end of the sentence.
const MAX_SCOPE_WORDS: usize = 40;
/// Longest scope of a trigger that reaches only near terms.
const MAX_NEAR_WORDS: usize = 4;
/// Longest backward scope: a trigger after a term refers to the words next to it.
const MAX_BACKWARD_SCOPE_WORDS: usize = 5;
/// Words after "no" among which a change may follow: "no significant interval change in".
const MAX_WORDS_TO_CHANGE: usize = 4;

/// The assertion status of the term at `range` of a passage.
pub(crate) fn assertion(passage: &Passage, range: &Range<usize>) -> Assertion {
    match passage.answer {
        Some(FormAnswer::No) => return Assertion::Negated,
        Some(FormAnswer::Yes) if passage.section == Section::FamilyHistory => return Assertion::Family,
        Some(FormAnswer::Yes) => return Assertion::Present,
        Some(FormAnswer::Open) | None => {}
    }
    let sentence =
        TriggeredSentence { text: &passage.text, tokens: &passage.tokens, triggers: passage.triggers() };
    in_section(sentence.assertion(range), passage.section)
}

/// The assertion status of the term at `range` of a sentence.
pub(crate) fn assertion_in(
    sentence: &str,
    tokens: &[WordToken],
    range: &Range<usize>,
    section: Section,
) -> Assertion {
    let triggers = find_triggers(tokens);
    in_section(TriggeredSentence { text: sentence, tokens, triggers: &triggers }.assertion(range), section)
}

fn in_section(assertion: Assertion, section: Section) -> Assertion {
    match (section, assertion) {
        // "Family history: no diabetes" denies it of the family.
        (Section::FamilyHistory, assertion) if assertion != Assertion::Negated => Assertion::Family,
        (Section::ResolvedProblems, Assertion::Present) => Assertion::Historical,
        (_, assertion) => assertion,
    }
}

/// A sentence with its words and triggers.
struct TriggeredSentence<'a> {
    text: &'a str,
    tokens: &'a [WordToken],
    triggers: &'a [TriggerMatch],
}

impl TriggeredSentence<'_> {
    fn assertion(&self, term: &Range<usize>) -> Assertion {
        if let Some(assertion) = self.answer(term).or_else(|| self.sign(term)) {
            return assertion;
        }
        let senses: Vec<TriggerSense> =
            self.triggers.iter().filter_map(|trigger| self.sense_for(trigger, term)).collect();
        let has = |sense| senses.contains(&sense);
        if has(TriggerSense::Uncertain) {
            return Assertion::Possible;
        }
        // Which counts if a sentence has several: "no family history of diabetes" denies.
        let by_precedence = [
            (TriggerSense::Negated, Assertion::Negated),
            (TriggerSense::Family, Assertion::Family),
            (TriggerSense::Planned, Assertion::Planned),
            (TriggerSense::Possible, Assertion::Possible),
            (TriggerSense::Historical, Assertion::Historical),
        ];
        if let Some((_, assertion)) = by_precedence.into_iter().find(|(sense, _)| has(*sense)) {
            return assertion;
        }
        let is_questioned = self.text[..term.start].ends_with('?') || self.text[term.end..].starts_with('?');
        if is_questioned { Assertion::Possible } else { Assertion::Present }
    }

    /// What a trigger says of the term, if the term is in its scope.
    fn sense_for(&self, trigger: &TriggerMatch, term: &Range<usize>) -> Option<TriggerSense> {
        let TriggerRole::Asserts { sense, side, reach } = trigger.role else { return None };
        if sense == TriggerSense::Present {
            return None;
        }
        let is_in_scope = match side {
            TriggerSide::Forward => {
                trigger.range.end <= term.start && self.reaches_forward(trigger, sense, reach, term)
            }
            TriggerSide::Backward => {
                trigger.range.start >= term.end && self.reaches_backward(trigger, sense, reach, term)
            }
            TriggerSide::Reply => false,
        };
        is_in_scope.then_some(sense)
    }

    fn reaches_forward(
        &self,
        trigger: &TriggerMatch,
        sense: TriggerSense,
        reach: TriggerReach,
        term: &Range<usize>,
    ) -> bool {
        let between = trigger.range.end..term.start;
        let words = self.count_words(&between);
        let is_near = words <= MAX_NEAR_WORDS && !self.text[between.clone()].contains(',');
        let is_within_reach = match reach {
            TriggerReach::Clause => words <= MAX_SCOPE_WORDS,
            TriggerReach::Near => is_near,
            TriggerReach::Initial => is_near && self.begins_clause(trigger),
            TriggerReach::Adjacent => words == 0,
            TriggerReach::Final => false,
        };
        is_within_reach
            && !self.is_ended(&between, sense)
            && !self.is_answer(trigger)
            && match sense {
                TriggerSense::Negated => {
                    !self.is_doubly_negated(trigger, term)
                        && !self.denies_change(trigger, term)
                        && !self.states_anew(&between, term)
                }
                TriggerSense::Family => !self.is_informant(trigger),
                TriggerSense::Present
                | TriggerSense::Possible
                | TriggerSense::Uncertain
                | TriggerSense::Historical
                | TriggerSense::Planned => true,
            }
    }

    fn reaches_backward(
        &self,
        trigger: &TriggerMatch,
        sense: TriggerSense,
        reach: TriggerReach,
        term: &Range<usize>,
    ) -> bool {
        let between = term.end..trigger.range.start;
        let words = self.count_words(&between);
        let is_within_reach = match reach {
            TriggerReach::Clause => words <= MAX_BACKWARD_SCOPE_WORDS,
            TriggerReach::Near => words <= MAX_NEAR_WORDS,
            TriggerReach::Adjacent => words == 0 && self.text[between.clone()].trim().is_empty(),
            TriggerReach::Final => words <= MAX_NEAR_WORDS && self.ends_clause(trigger),
            TriggerReach::Initial => false,
        };
        is_within_reach && self.is_joined(&between) && !self.is_ended(&between, sense)
    }

    /// Whether the words between a term and a trigger after it leave them together: without a comma, with the trigger
    /// directly after the comma ("sepsis, resolved"), or as a list ("fever, chills and cough were denied").
    fn is_joined(&self, between: &Range<usize>) -> bool {
        let text = &self.text[between.clone()];
        let Some(comma) = text.rfind(',') else { return true };
        let after = between.start + comma + 1..between.end;
        let is_list =
            self.words_in(&(between.start..between.end)).any(|token| token.key == "and" || token.key == "or");
        self.count_words(&after) == 0 || is_list
    }

    /// Whether a scope ends between a trigger and a term.
    fn is_ended(&self, between: &Range<usize>, sense: TriggerSense) -> bool {
        let text = &self.text[between.clone()];
        if text.contains([';', '•', '|']) || text.contains(". ") || text.contains("? ") || has_label(text) {
            return true;
        }
        self.triggers.iter().any(|end| {
            let TriggerRole::Ends(end_of) = end.role else { return false };
            let applies = match end_of {
                TriggerEnd::Clause => sense != TriggerSense::Family,
                TriggerEnd::History => sense == TriggerSense::Historical,
                TriggerEnd::Subject => true,
            };
            applies && end.range.start >= between.start && end.range.end <= between.end
        })
    }

    /// "Asthma: no", "Hepatitis? Y": the answer to a term.
    fn answer(&self, term: &Range<usize>) -> Option<Assertion> {
        self.triggers.iter().filter(|trigger| trigger.range.start >= term.end).find_map(|trigger| {
            let TriggerRole::Asserts { sense, side: TriggerSide::Reply, .. } = trigger.role else {
                return None;
            };
            let between = term.end..trigger.range.start;
            let is_to_term = self.is_answer(trigger)
                && self.count_words(&between) <= MAX_NEAR_WORDS
                && !self.text[between.clone()].contains([';', '.', '•'])
                && self.text[between.clone()].matches([':', '?', '=']).count() <= 1;
            is_to_term.then_some(match sense {
                TriggerSense::Negated => Assertion::Negated,
                TriggerSense::Present
                | TriggerSense::Possible
                | TriggerSense::Uncertain
                | TriggerSense::Historical
                | TriggerSense::Family
                | TriggerSense::Planned => Assertion::Present,
            })
        })
    }

    /// Whether a trigger stands alone after a colon, a question mark or a dash.
    fn is_answer(&self, trigger: &TriggerMatch) -> bool {
        let before = self.text[..trigger.range.start].trim_end();
        let follows_question = before.ends_with([':', '?', '='])
            || (before.ends_with(['-', '–', '—']) && before.len() < trigger.range.start);
        let after = self.text[trigger.range.end..].trim_start();
        let is_alone = after.is_empty()
            || after.starts_with([',', '.', ';', ')', ']', '|', '•', '/'])
            || starts_with_label(after);
        follows_question && is_alone
    }

    /// "(-) fever", "+ nausea, - vomiting": the sign before a term.
    fn sign(&self, term: &Range<usize>) -> Option<Assertion> {
        let before = self.text[..term.start].trim_end();
        let in_brackets = |signs: [&str; 2]| signs.iter().any(|sign| before.ends_with(sign));
        if in_brackets(["(-)", "[-]"]) || before.ends_with("(−)") {
            return Some(Assertion::Negated);
        }
        if in_brackets(["(+)", "[+]"]) {
            return Some(Assertion::Present);
        }
        // Alone, a dash may be a bullet: only beside a plus it is a minus.
        let sign = before.chars().next_back().filter(|sign| matches!(sign, '+' | '-' | '−'))?;
        let ahead = before[..before.len() - sign.len_utf8()].trim_end();
        let stands_alone = ahead.is_empty() || ahead.ends_with([',', ';', '.', ':', '(']);
        let has_both = self.text.contains('+') && self.text.contains(['-', '−']);
        (stands_alone && has_both).then_some(if sign == '+' {
            Assertion::Present
        } else {
            Assertion::Negated
        })
    }

    /// "can not stand without pain".
    fn is_doubly_negated(&self, trigger: &TriggerMatch, term: &Range<usize>) -> bool {
        const MAX_WORDS_TO_WITHOUT: usize = 5;
        let denies = |token: &WordToken| matches!(token.key.as_str(), "not" | "cannot" | "unable" | "never");
        let is = |word: &str| self.text[trigger.range.clone()].eq_ignore_ascii_case(word);
        is("without") && self.tokens_before(trigger.range.start).take(MAX_WORDS_TO_WITHOUT).any(denies)
            || (is("not") || is("never"))
                && self
                    .words_in(&(trigger.range.end..term.start))
                    .take(MAX_WORDS_TO_WITHOUT)
                    .any(|token| token.key == "wlthout")
    }

    /// "no worsening of the edema", "no significant interval change in the nodule".
    fn denies_change(&self, trigger: &TriggerMatch, term: &Range<usize>) -> bool {
        self.words_in(&(trigger.range.end..term.start))
            .take(MAX_WORDS_TO_CHANGE)
            .take_while(|token| !self.text[trigger.range.end..token.range.start].contains(','))
            .any(|token| {
                CHANGE_NOUNS.contains_word(&token.key)
                    && self
                        .words_in(&(token.range.end..term.end))
                        .next()
                        .is_some_and(|next| matches!(next.key.as_str(), "ln" | "of" | "from" | "to"))
            })
    }

    /// "No fever, cough is present": the list has turned into a statement of its own.
    fn states_anew(&self, between: &Range<usize>, term: &Range<usize>) -> bool {
        let text = &self.text[between.clone()];
        let last = self.words_in(between).last();
        let follows_comma = text.trim_end().ends_with(',');
        let follows_and = last.is_some_and(|token| token.key == "and");
        if !follows_comma && !follows_and {
            return false;
        }
        let next = self.tokens.iter().find(|token| token.range.start >= term.end);
        let has_copula = next.is_some_and(|next| {
            self.text[term.end..next.range.start].trim().is_empty() && COPULAS.contains_word(&next.key)
        });
        has_copula && !self.is_denied_after(term)
    }

    fn is_denied_after(&self, term: &Range<usize>) -> bool {
        self.triggers.iter().any(|trigger| {
            matches!(
                trigger.role,
                TriggerRole::Asserts { sense: TriggerSense::Negated, side: TriggerSide::Backward, .. }
            ) && trigger.range.start >= term.end
                && self.count_words(&(term.end..trigger.range.start)) == 0
        })
    }

    /// Whether a relative only tells or accompanies: "her mother reports", "lives with his wife".
    fn is_informant(&self, trigger: &TriggerMatch) -> bool {
        let mut after = self.tokens.iter().filter(|token| token.range.start >= trigger.range.end);
        let next: Vec<&WordToken> = after.by_ref().take(2).collect();
        let tells = |token: &&WordToken| REPORTING_VERBS.contains_word(&token.key);
        if next.iter().any(tells) || next.first().is_some_and(|token| token.key == "of") {
            return true;
        }
        let is_ill = next.first().is_some_and(|token| {
            matches!(
                token.key.as_str(),
                "who" | "wlth" | "had" | "has" | "was" | "dled" | "tuvo" | "con" | "tlene"
            )
        });
        let before: Vec<&str> =
            self.tokens_before(trigger.range.start).take(3).map(|token| token.key.as_str()).collect();
        let company =
            before.iter().find(|key| !matches!(**key, "her" | "hls" | "the" | "thelr" | "my" | "a" | "to"));
        !is_ill && company.is_some_and(|key| COMPANY_WORDS.contains_word(key))
    }

    fn begins_clause(&self, trigger: &TriggerMatch) -> bool {
        let before = self.text[..trigger.range.start].trim_end();
        before.is_empty() || before.ends_with([',', ';', '.', ':', '(', '•'])
    }

    fn ends_clause(&self, trigger: &TriggerMatch) -> bool {
        let after = self.text[trigger.range.end..].trim_start();
        after.is_empty() || after.starts_with([',', ';', '.', ')', '•'])
    }

    fn words_in(&self, range: &Range<usize>) -> impl Iterator<Item = &WordToken> {
        let first = self.tokens.partition_point(|token| token.range.start < range.start);
        let end = range.end;
        self.tokens[first..].iter().take_while(move |token| token.range.end <= end)
    }

    fn count_words(&self, range: &Range<usize>) -> usize {
        self.words_in(range).count()
    }

    /// The words before a position, the nearest first.
    fn tokens_before(&self, at: usize) -> impl Iterator<Item = &WordToken> {
        let end = self.tokens.partition_point(|token| token.range.end <= at);
        self.tokens[..end].iter().rev()
    }
}

/// Whether a text has a label with a capital within it: "no wheezes Heart: murmur".
fn has_label(text: &str) -> bool {
    text.match_indices(':').any(|(at, _)| {
        let word = text[..at].rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        word.len() >= 3 && word.starts_with(char::is_uppercase)
    })
}

/// Whether a text begins with a label: "Cough: yes".
fn starts_with_label(text: &str) -> bool {
    const MAX_LABEL_BYTES: usize = 40;
    text.starts_with(char::is_uppercase)
        && text
            .find([':', '?'])
            .is_some_and(|at| at <= MAX_LABEL_BYTES && !text[..at].contains([',', '.', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::word_tokens;

    fn assertion_in_section(sentence: &str, range: &Range<usize>, section: Section) -> Assertion {
        assertion_in(sentence, &word_tokens(sentence), range, section)
    }

    fn assertion_of(sentence: &str, term: &str) -> Assertion {
        let at = sentence.find(term).unwrap_or_else(|| panic!("{term} in {sentence}"));
        assertion_in_section(sentence, &(at..at + term.len()), Section::Hpi)
    }

    /// A sentence, a term in it and what it says of the term.
    fn sentences(file: &str) -> impl Iterator<Item = (&str, &str, &str)> {
        file.lines().filter(|line| !line.starts_with('#')).map(|line| {
            let mut columns = line.split('\t');
            let mut next = || columns.next().unwrap_or_else(|| panic!("a column is missing: {line}"));
            (next(), next(), next())
        })
    }

    fn label(assertion: Assertion) -> &'static str {
        match assertion {
            Assertion::Present => "present",
            Assertion::Negated => "negated",
            Assertion::Possible => "possible",
            Assertion::Family => "family",
            Assertion::Historical => "historical",
            Assertion::Planned => "planned",
        }
    }

    /// The sentences that are read wrongly, and precision and recall of negation.
    fn read_wrongly(file: &str) -> (Vec<String>, f64, f64) {
        let mut wrong = Vec::new();
        let (mut right, mut found, mut denied) = (0.0, 0.0, 0.0);
        for (sentence, term, expected) in sentences(file) {
            let read = label(assertion_of(sentence, term));
            found += f64::from(u8::from(read == "negated"));
            denied += f64::from(u8::from(expected == "negated"));
            right += f64::from(u8::from(read == "negated" && expected == "negated"));
            if read != expected {
                wrong.push(format!("{term}: {read}, not {expected}: {sentence}"));
            }
        }
        (wrong, right / found, right / denied)
    }

    #[test]
    fn sentences_that_the_rules_were_tuned_on_are_read() {
        let (wrong, precision, recall) = read_wrongly(include_str!("../../../polarity/tuning.tsv"));
        assert!(wrong.is_empty() && precision >= 1.0 && recall >= 1.0, "{wrong:#?}");
    }

    #[test]
    fn sentences_kept_apart_are_read() {
        let (wrong, precision, recall) = read_wrongly(include_str!("../../../polarity/held_out.tsv"));
        println!("negation: precision {precision:.3}, recall {recall:.3}; {} read wrongly", wrong.len());
        assert!(precision >= 0.95 && recall >= 0.95, "{precision:.3} {recall:.3} {wrong:#?}");
        assert!(wrong.len() <= 5, "{wrong:#?}");
    }

    #[test]
    fn misread_triggers_are_found() {
        assert_eq!(assertion_of("N0 evidence of pneumonia", "pneumonia"), Assertion::Negated);
        assert_eq!(assertion_of("Without evldence of fracture", "fracture"), Assertion::Negated);
    }

    #[test]
    fn family_history_is_about_relatives() {
        let sentence = "Diabetes, hypertension";
        assert_eq!(assertion_in_section(sentence, &(0..8), Section::FamilyHistory), Assertion::Family);
        let sentence = "No diabetes";
        assert_eq!(assertion_in_section(sentence, &(3..11), Section::FamilyHistory), Assertion::Negated);
    }
}
