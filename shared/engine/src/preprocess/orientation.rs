//! Orientation detection: the rotation of a page by quarter turns, and its skew by a few degrees.
//!
//! Letters of Latin script share a baseline: their lower edges align far more sharply than their upper ones, and
//! both more than their sides. The direction and angle in which the edges of all letters align best is therefore
//! that of the lines, and decides which way is up.

use hayro::kurbo::Affine;

use super::components::{Component, PageComponents};

/// The skew of a page is looked for up to this angle.
const MAX_SKEW_DEGREES: f64 = 12.0;
/// The steps in which the skew is looked for: coarse over the whole range, then finer around the best.
const COARSE_STEP_DEGREES: f64 = 0.5;
const MEDIUM_STEP_DEGREES: f64 = 0.1;
const FINE_STEP_DEGREES: f64 = 0.025;
/// The orientation of a page with fewer letters is not decided.
const MIN_LETTERS: usize = 30;
/// The best rotation is certain if its score exceeds that of a quarter turn by this factor.
const MIN_AXIS_SCORE_RATIO: f64 = 1.35;
/// And that of a half turn by this one.
const MIN_DIRECTION_SCORE_RATIO: f64 = 1.12;

/// The rotation of an image against the upright page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotation {
    Upright,
    /// A quarter turn to the right: lines run downwards.
    Clockwise,
    UpsideDown,
    /// A quarter turn to the left: lines run upwards.
    Counterclockwise,
}

impl Rotation {
    const ALL: [Rotation; 4] =
        [Rotation::Upright, Rotation::Clockwise, Rotation::UpsideDown, Rotation::Counterclockwise];

    pub(crate) fn has_horizontal_lines(self) -> bool {
        matches!(self, Rotation::Upright | Rotation::UpsideDown)
    }
}

/// The orientation of an image against the upright, deskewed page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Orientation {
    pub(crate) rotation: Rotation,
    /// The angle by which lines fall to the right once the rotation is undone.
    pub(crate) skew_degrees: f64,
}

impl Orientation {
    /// From pixels of the image, or of any that is only scaled, to a page whose lines run horizontally from left to
    /// right. The origin is arbitrary.
    pub(crate) fn deskew_transform(self) -> Affine {
        let quarter_turns = match self.rotation {
            Rotation::Upright => Affine::IDENTITY,
            Rotation::Clockwise => Affine::new([0.0, -1.0, 1.0, 0.0, 0.0, 0.0]),
            Rotation::UpsideDown => Affine::scale(-1.0),
            Rotation::Counterclockwise => Affine::new([0.0, 1.0, -1.0, 0.0, 0.0, 0.0]),
        };
        Affine::rotate(-self.skew_degrees.to_radians()) * quarter_turns
    }
}

/// The orientations that a page may have, the most likely first.
#[derive(Debug)]
pub(crate) struct OrientationCandidates {
    ranked: [Orientation; 4],
    likely_count: usize,
}

impl OrientationCandidates {
    pub(crate) fn detect(page: &PageComponents) -> OrientationCandidates {
        let letters: Vec<Component> = page.character_candidates().copied().collect();
        if letters.len() < MIN_LETTERS {
            let ranked = Rotation::ALL.map(|rotation| Orientation { rotation, skew_degrees: 0.0 });
            return OrientationCandidates { ranked, likely_count: ranked.len() };
        }
        let mut scored = Rotation::ALL.map(|rotation| {
            let edges: Vec<(f64, f64)> =
                letters.iter().map(|letter| baseline_edge(letter, rotation)).collect();
            let (skew_degrees, score) = best_skew(&edges);
            (Orientation { rotation, skew_degrees }, score)
        });
        scored.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let (best, best_score) = scored[0];
        let is_likely = |(orientation, score): &(Orientation, f64)| {
            let is_same_axis =
                orientation.rotation.has_horizontal_lines() == best.rotation.has_horizontal_lines();
            let ratio = if is_same_axis { MIN_DIRECTION_SCORE_RATIO } else { MIN_AXIS_SCORE_RATIO };
            best_score <= ratio * score
        };
        scored.sort_by_key(|candidate| !is_likely(candidate));
        OrientationCandidates {
            ranked: scored.map(|(orientation, _)| orientation),
            likely_count: scored.iter().filter(|candidate| is_likely(candidate)).count(),
        }
    }

    /// Those whose scores are too close to decide between them; at least one.
    pub(crate) fn likely(&self) -> &[Orientation] {
        &self.ranked[..self.likely_count]
    }

    pub(crate) fn all(&self) -> &[Orientation] {
        &self.ranked
    }
}

/// The middle of the edge of a letter that is on the baseline if the page has this rotation: along the line, and across
/// it.
fn baseline_edge(letter: &Component, rotation: Rotation) -> (f64, f64) {
    let [x0, y0, x1, y1] = [letter.x0, letter.y0, letter.x1, letter.y1].map(f64::from);
    let (x, y) = ((x0 + x1) / 2.0, (y0 + y1) / 2.0);
    match rotation {
        Rotation::Upright => (x, y1),
        Rotation::UpsideDown => (-x, -y0),
        Rotation::Clockwise => (y, -x0),
        Rotation::Counterclockwise => (-y, x1),
    }
}

/// The angle at which the edges align best, in degrees, and the score of that alignment.
fn best_skew(edges: &[(f64, f64)]) -> (f64, f64) {
    let best_of = |angles: &mut dyn Iterator<Item = f64>| {
        angles
            .map(|angle| (angle, alignment_score(edges, angle)))
            .fold((0.0, 0.0), |best, next| if next.1 > best.1 { next } else { best })
    };
    let angles_around =
        |center: f64, step: f64, count: i32| (-count..=count).map(move |n| center + f64::from(n) * step);
    let coarse_count = (MAX_SKEW_DEGREES / COARSE_STEP_DEGREES) as i32;
    let (coarse, _) = best_of(&mut angles_around(0.0, COARSE_STEP_DEGREES, coarse_count));
    let (medium, _) = best_of(&mut angles_around(coarse, MEDIUM_STEP_DEGREES, 5));
    best_of(&mut angles_around(medium, FINE_STEP_DEGREES, 4))
}

/// How well the edges align if lines fall by this angle: the sum of squares of a histogram of their heights with bins of
/// one pixel, smoothed over three, per edge.
fn alignment_score(edges: &[(f64, f64)], skew_degrees: f64) -> f64 {
    let slope = skew_degrees.to_radians().tan();
    let heights = edges.iter().map(|(along, across)| across - along * slope);
    let lowest = heights.clone().fold(f64::INFINITY, f64::min);
    let highest = heights.clone().fold(f64::NEG_INFINITY, f64::max);
    let mut histogram = vec![0u32; (highest - lowest) as usize + 3];
    for height in heights {
        histogram[(height - lowest) as usize + 1] += 1;
    }
    let squares: u64 = histogram
        .windows(3)
        .map(|bins| {
            let smooth = u64::from(bins[0] + 2 * bins[1] + bins[2]);
            smooth * smooth
        })
        .sum();
    squares as f64 / edges.len() as f64
}
