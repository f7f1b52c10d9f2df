//! Reads a file and prints its pages, for looking at results by eye:
//! `cargo run --workspace --example read -- FILE [--boxes]`.

use std::time::Instant;

use maneiro_engine::{Document, Limits, Recogniser};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let with_boxes = arguments.iter().any(|argument| argument == "--boxes");
    let path =
        arguments.iter().find(|argument| !argument.starts_with("--")).ok_or("usage: read FILE [--boxes]")?;

    let document = Document::open(std::fs::read(path)?, None, Limits::default())?;
    let mut recogniser = Recogniser::english()?;
    for number in 1..=document.page_count() {
        let begun = Instant::now();
        match recogniser.read(&document, number) {
            Ok(page) => {
                println!(
                    "== page {number}, {:.0} × {:.0} points, {:?}, {} ms",
                    page.width,
                    page.height,
                    page.how,
                    begun.elapsed().as_millis()
                );
                if with_boxes {
                    for word in page.words() {
                        let b = word.bbox;
                        println!(
                            "{:6.1} {:6.1} {:6.1} {:6.1} {:3} {}",
                            b.x0, b.y0, b.x1, b.y1, word.confidence, word.text
                        );
                    }
                    for unread in &page.unread {
                        let b = unread.bbox;
                        println!("unread {:.1} {:.1} {:.1} {:.1} {:?}", b.x0, b.y0, b.x1, b.y1, unread.why);
                    }
                } else {
                    println!("{}", page.text());
                }
            }
            Err(error) => println!("== page {number}: {error}"),
        }
    }
    Ok(())
}
