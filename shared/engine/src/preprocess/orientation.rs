//! How a page lies: turned by quarters, and askew by a few degrees.
//!
//! Letters of Latin script stand on a baseline: their lower edges align far more sharply than their upper ones, and
//! both more than their sides. The direction and angle in which the edges of all letters align best is therefore
//! that of the lines, and tells which way is up.

use hayro::kurbo::Affine;

use super::components::{Ink, Mark};

/// How a picture is turned against the upright page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Not at all.
    None,
    /// A quarter to the right: its lines run downwards.
    Clockwise,
    /// Upside down.
    Half,
    /// A quarter to the left: its lines run upwards.
    Anticlockwise,
}

impl Turn {
    const ALL: [Turn; 4] = [Turn::None, Turn::Clockwise, Turn::Half, Turn::Anticlockwise];

    pub(crate) fn is_level(self) -> bool {
        matches!(self, Turn::None | Turn::Half)
    }
}

/// A way in which a page may lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stance {
    pub(crate) turn: Turn,
    /// By how much its lines fall to the right once it is turned back, in degrees.
    pub(crate) skew_degrees: f64,
}

impl Stance {
    /// From the picture, or any that is only scaled, to one whose lines run level from left to right. Where it comes
    /// to lie does not matter to those who compare places.
    pub(crate) fn to_level(self) -> Affine {
        let quarters = match self.turn {
            Turn::None => Affine::IDENTITY,
            Turn::Clockwise => Affine::new([0.0, -1.0, 1.0, 0.0, 0.0, 0.0]),
            Turn::Half => Affine::scale(-1.0),
            Turn::Anticlockwise => Affine::new([0.0, 1.0, -1.0, 0.0, 0.0, 0.0]),
        };
        Affine::rotate(-self.skew_degrees.to_radians()) * quarters
    }
}

/// The ways in which a page may lie, the most likely first.
#[derive(Debug)]
pub(crate) struct Stances {
    ranked: [Stance; 4],
    /// How many of them cannot be told apart.
    likely: usize,
}

/// Pages askew by more than this, in degrees, are not straightened.
const MAX_SKEW: f64 = 12.0;
/// With fewer letters nothing can be said.
const FEW_LETTERS: usize = 30;
/// One direction must align so many times better than another to be beyond doubt.
const AXIS_MARGIN: f64 = 1.35;
const TOP_MARGIN: f64 = 1.12;

impl Stances {
    pub(crate) fn of(ink: &Ink) -> Stances {
        let letters: Vec<Mark> = ink.characters().copied().collect();
        if letters.len() < FEW_LETTERS {
            return Stances { ranked: Turn::ALL.map(|turn| Stance { turn, skew_degrees: 0.0 }), likely: 4 };
        }
        let mut found = Turn::ALL.map(|turn| {
            let edges: Vec<(f64, f64)> = letters.iter().map(|letter| standing_edge(letter, turn)).collect();
            let (skew_degrees, score) = best_angle(&edges);
            (Stance { turn, skew_degrees }, score)
        });
        found.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let (best, best_score) = found[0];
        // The best, and those after it that come near: the same axis upside down counts as near for longer.
        let is_near = |(stance, score): &(Stance, f64)| {
            let margin =
                if stance.turn.is_level() == best.turn.is_level() { TOP_MARGIN } else { AXIS_MARGIN };
            best_score <= margin * score
        };
        found.sort_by_key(|candidate| !is_near(candidate));
        Stances {
            ranked: found.map(|(stance, _)| stance),
            likely: found.iter().filter(|candidate| is_near(candidate)).count(),
        }
    }

    /// Those that cannot be told apart; at least one.
    pub(crate) fn likely(&self) -> &[Stance] {
        &self.ranked[..self.likely]
    }

    pub(crate) fn all(&self) -> &[Stance] {
        &self.ranked
    }
}

/// The middle of the edge on which the letter stands of a page that is turned so: along the line, and across it.
fn standing_edge(letter: &Mark, turn: Turn) -> (f64, f64) {
    let [x0, y0, x1, y1] = [letter.x0, letter.y0, letter.x1, letter.y1].map(f64::from);
    let (x, y) = ((x0 + x1) / 2.0, (y0 + y1) / 2.0);
    match turn {
        Turn::None => (x, y1),
        Turn::Half => (-x, -y0),
        Turn::Clockwise => (y, -x0),
        Turn::Anticlockwise => (-y, x1),
    }
}

/// The angle at which the edges align best, in degrees, and how well: coarsely over all, then finely around the best.
fn best_angle(edges: &[(f64, f64)]) -> (f64, f64) {
    let best_of = |angles: &mut dyn Iterator<Item = f64>| {
        angles
            .map(|angle| (angle, alignment(edges, angle)))
            .fold((0.0, 0.0), |best, next| if next.1 > best.1 { next } else { best })
    };
    let steps =
        |around: f64, step: f64, count: i32| (-count..=count).map(move |n| around + f64::from(n) * step);
    let (coarse, _) = best_of(&mut steps(0.0, 0.5, (MAX_SKEW / 0.5) as i32));
    let (fine, _) = best_of(&mut steps(coarse, 0.1, 5));
    best_of(&mut steps(fine, 0.025, 4))
}

/// How many edges share their height with others if lines fall by this angle: the sum of squares of a histogram with
/// bins of one pixel, smoothed over three, per edge.
fn alignment(edges: &[(f64, f64)], degrees: f64) -> f64 {
    let slope = degrees.to_radians().tan();
    let heights = edges.iter().map(|(along, across)| across - along * slope);
    let least = heights.clone().fold(f64::INFINITY, f64::min);
    let most = heights.clone().fold(f64::NEG_INFINITY, f64::max);
    let mut histogram = vec![0u32; (most - least) as usize + 3];
    for height in heights {
        histogram[(height - least) as usize + 1] += 1;
    }
    let squares: u64 = histogram
        .windows(3)
        .map(|three| {
            let smooth = u64::from(three[0] + 2 * three[1] + three[2]);
            smooth * smooth
        })
        .sum();
    squares as f64 / edges.len() as f64
}
