//! Prints every word of a file with its place, as `pdftotext -bbox` does, scans included:
//!
//! ```text
//! words record.pdf           # every page, in order
//! words record.pdf -         # the pages whose numbers come in on standard input, as they come
//! ```
//!
//! A page begins with a line `page NUMBER WIDTH HEIGHT HOW`; a line of the page with `line`; a word is
//! `word X0 Y0 X1 Y1 CONFIDENCE TEXT`, in points from the top left; what was seen but not read, `unread X0 Y0 X1 Y1 WHY`.
//! A page ends with `end`, followed by the seconds that Tesseract took of it.

use std::{
    cell::Cell,
    error::Error,
    io::{self, BufWriter, Write},
    rc::Rc,
    time::{Duration, Instant},
};

use maneiro_engine::{Document, Finding, Limits, Moment, Reader, Recogniser};
use maneiro_page::Page;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (file, numbers) = match &arguments[..] {
        [file] => (file, None),
        [file, dash] if dash == "-" => (file, Some(io::stdin().lines())),
        _ => return Err("usage: words FILE [-]".into()),
    };
    let document = Document::open(std::fs::read(file)?, None, Limits::default())?;
    let mut reading = Reading { reader: document.reader(), recogniser: None, recognising: Rc::default() };
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match numbers {
        None => (1..=document.page_count()).try_for_each(|number| reading.print(number, &mut out))?,
        Some(numbers) => {
            writeln!(out, "pages {}", document.page_count())?;
            out.flush()?;
            for number in numbers {
                reading.print(number?.trim().parse()?, &mut out)?;
                out.flush()?;
            }
        }
    }
    Ok(out.flush()?)
}

struct Reading<'d> {
    reader: Reader<'d>,
    recogniser: Option<Recogniser>,
    recognising: Rc<Cell<Duration>>,
}

impl Reading<'_> {
    fn print(&mut self, number: u32, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
        self.recognising.set(Duration::ZERO);
        let page = match self.reader.inspect(number)?.finding {
            Finding::Page(page) => page,
            Finding::Scan(scan) => self.recogniser()?.recognise(scan)?,
        };
        print(&page, out)?;
        writeln!(out, "end {:.4}", self.recognising.get().as_secs_f64())?;
        Ok(())
    }

    /// The recogniser, made when the first page needs it.
    fn recogniser(&mut self) -> Result<&mut Recogniser, Box<dyn Error>> {
        if self.recogniser.is_none() {
            let mut recogniser = Recogniser::english()?;
            let (total, mut begun) = (self.recognising.clone(), Instant::now());
            recogniser.watch(move |moment| match moment {
                Moment::Begins => begun = Instant::now(),
                Moment::Ends => total.set(total.get() + begun.elapsed()),
            });
            self.recogniser = Some(recogniser);
        }
        self.recogniser.as_mut().ok_or_else(|| "it was just made".into())
    }
}

fn print(page: &Page, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "page {} {} {} {:?}", page.number, page.width, page.height, page.text_source)?;
    for line in &page.lines {
        writeln!(out, "line")?;
        for word in &line.words {
            let at = word.bbox;
            writeln!(
                out,
                "word {:.2} {:.2} {:.2} {:.2} {} {}",
                at.x0, at.y0, at.x1, at.y1, word.confidence, word.text
            )?;
        }
    }
    for unread in &page.unread {
        let at = unread.bbox;
        writeln!(out, "unread {:.2} {:.2} {:.2} {:.2} {:?}", at.x0, at.y0, at.x1, at.y1, unread.reason)?;
    }
    Ok(())
}
