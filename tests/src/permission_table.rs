//! The table of who may do what, as a picture for the documentation, drawn from the table that the service asks.

use std::fmt::Write as _;

use maneiro_api::account::Role;
use maneiro_cloud::domain::action::{Action, Concern, PermittedActor, RequiredLevel};

const COLUMNS: [&str; 6] = ["Admin", "Doctor", "Assistant", "Half session", "Support", "Operator"];

const ROW_HEIGHT_PX: usize = 24;
const HEAD_HEIGHT_PX: usize = 40;
const NAME_WIDTH_PX: usize = 250;
const COLUMN_WIDTH_PX: usize = 98;
const LEGEND_HEIGHT_PX: usize = 64;

/// What stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Yes,
    /// Only after a second factor, whatever the clinic requires.
    WithSecondFactor,
    No,
}

fn cells(action: Action) -> [Cell; 6] {
    let permission = action.permission();
    let needs_factor = permission.level == RequiredLevel::SecondFactor;
    let yes = if needs_factor { Cell::WithSecondFactor } else { Cell::Yes };
    let given = |is_permitted: bool, cell| if is_permitted { cell } else { Cell::No };
    match permission.who {
        PermittedActor::Operators => {
            let mut cells = [Cell::No; 6];
            cells[5] = yes;
            cells
        }
        PermittedActor::Members(roles) => {
            let role = |role: Role| given(roles.contains(&role), yes);
            let is_for_half = permission.level == RequiredLevel::Password;
            let is_operation = permission.concern == Concern::Operation;
            [
                role(Role::Admin),
                role(Role::Doctor),
                role(Role::Assistant),
                given(is_for_half, Cell::Yes),
                given(is_operation, Cell::Yes),
                Cell::No,
            ]
        }
    }
}

/// An action in words: `ReadRecord` is "Read record".
fn words(action: Action) -> String {
    let mut words = String::new();
    for character in format!("{action:?}").chars() {
        if character.is_uppercase() && !words.is_empty() {
            words.push(' ');
            words.extend(character.to_lowercase());
        } else {
            words.push(character);
        }
    }
    words
}

/// The table as an SVG document.
#[must_use]
pub fn permissions_svg() -> String {
    let width = NAME_WIDTH_PX + COLUMN_WIDTH_PX * COLUMNS.len() + 16;
    let height = HEAD_HEIGHT_PX + ROW_HEIGHT_PX * Action::ALL.len() + LEGEND_HEIGHT_PX;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\">\n\
         <title>Who may do what</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    let center = |column: usize| NAME_WIDTH_PX + COLUMN_WIDTH_PX * column + COLUMN_WIDTH_PX / 2;
    for (column, name) in COLUMNS.into_iter().enumerate() {
        let x = center(column);
        writeln!(svg, "<text x=\"{x}\" y=\"25\" text-anchor=\"middle\" font-weight=\"bold\" fill=\"#17495b\">{name}</text>")
            .expect("a string can be written to");
    }
    for (row, action) in Action::ALL.into_iter().enumerate() {
        let top = HEAD_HEIGHT_PX + ROW_HEIGHT_PX * row;
        if row % 2 == 0 {
            writeln!(
                svg,
                "<rect y=\"{top}\" width=\"{width}\" height=\"{ROW_HEIGHT_PX}\" fill=\"#f1f4f5\"/>"
            )
            .expect("a string can be written to");
        }
        let (baseline, middle) = (top + 16, top + ROW_HEIGHT_PX / 2);
        writeln!(svg, "<text x=\"16\" y=\"{baseline}\" fill=\"#1c2227\">{}</text>", words(action))
            .expect("a string can be written to");
        for (column, cell) in cells(action).into_iter().enumerate() {
            draw(&mut svg, cell, center(column), middle);
        }
    }
    let legend = HEAD_HEIGHT_PX + ROW_HEIGHT_PX * Action::ALL.len() + 20;
    draw(&mut svg, Cell::Yes, 24, legend);
    draw(&mut svg, Cell::WithSecondFactor, 24, legend + 24);
    for (offset, text) in [
        (4, "permitted. A half session lacks the second factor that its clinic or its user asks for."),
        (
            28,
            "permitted to a session that has proved a second factor. Support: an operator who acts as the member.",
        ),
    ] {
        writeln!(
            svg,
            "<text x=\"40\" y=\"{}\" fill=\"#566168\" font-size=\"12\">{text}</text>",
            legend + offset
        )
        .expect("a string can be written to");
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw(svg: &mut String, cell: Cell, x: usize, y: usize) {
    let drawn = match cell {
        Cell::Yes => writeln!(svg, "<circle cx=\"{x}\" cy=\"{y}\" r=\"5\" fill=\"#17495b\"/>"),
        Cell::WithSecondFactor => writeln!(
            svg,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"5\" fill=\"none\" stroke=\"#17495b\" stroke-width=\"2\"/><circle cx=\"{x}\" cy=\"{y}\" r=\"2\" fill=\"#17495b\"/>"
        ),
        Cell::No => Ok(()),
    };
    drawn.expect("a string can be written to");
}
