//! Prints every word of a file with its bounds, as `pdftotext -bbox` does, scans included:
//!
//! ```text
//! words record.pdf           # every page, in order
//! words record.pdf -         # the pages whose numbers are read from standard input, one after the other
//! ```
//!
//! A page begins with a line `page NUMBER WIDTH HEIGHT TEXT_SOURCE`, and a line of the page with `line`. A word is printed
//! as `word X0 Y0 X1 Y1 CONFIDENCE TEXT`, in points from the top left, and an unread region as
//! `unread X0 Y0 X1 Y1 REASON`. A page ends with `end SECONDS`: the time spent in Tesseract.

use std::{
    error::Error,
    io::{self, BufWriter, Write},
    mem,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use maneiro_engine::{Document, Finding, Limits, OcrEngine, Reader};
use maneiro_page::Page;
use tracing::{Subscriber, span};
use tracing_subscriber::{
    Layer,
    filter::filter_fn,
    layer::{Context, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (file, numbers) = match &arguments[..] {
        [file] => (file, None),
        [file, dash] if dash == "-" => (file, Some(io::stdin().lines())),
        _ => return Err("usage: words FILE [-]".into()),
    };
    let document = Document::open(std::fs::read(file)?, None, Limits::default())?;
    let stopwatch = Stopwatch::default();
    let is_tesseract = filter_fn(|span| span.name() == "tesseract");
    tracing_subscriber::registry().with(stopwatch.clone().with_filter(is_tesseract)).init();
    let mut printer = PagePrinter { reader: document.reader(), ocr_engine: None, stopwatch };
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match numbers {
        None => (1..=document.page_count()).try_for_each(|number| printer.print(number, &mut out))?,
        Some(numbers) => {
            writeln!(out, "pages {}", document.page_count())?;
            out.flush()?;
            for number in numbers {
                printer.print(number?.trim().parse()?, &mut out)?;
                out.flush()?;
            }
        }
    }
    Ok(out.flush()?)
}

struct PagePrinter<'d> {
    reader: Reader<'d>,
    /// Created when the first page needs it.
    ocr_engine: Option<OcrEngine>,
    stopwatch: Stopwatch,
}

impl PagePrinter<'_> {
    fn print(&mut self, number: u32, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
        let page = match self.reader.inspect(number)?.finding {
            Finding::Page(page) => page,
            Finding::Scan(scan) => {
                let ocr_engine = match &mut self.ocr_engine {
                    Some(ocr_engine) => ocr_engine,
                    none => none.insert(OcrEngine::english()?),
                };
                ocr_engine.recognise(scan)?
            }
        };
        print(&page, out)?;
        writeln!(out, "end {:.4}", self.stopwatch.take().as_secs_f64())?;
        Ok(())
    }
}

/// Adds up the time spent in spans. They are neither nested nor concurrent.
#[derive(Clone, Default)]
struct Stopwatch(Arc<Mutex<SpanTime>>);

#[derive(Default)]
struct SpanTime {
    entered: Option<Instant>,
    total: Duration,
}

impl Stopwatch {
    /// The time since the last call.
    fn take(&self) -> Duration {
        self.0.lock().map(|mut time| mem::take(&mut time.total)).unwrap_or_default()
    }
}

impl<S: Subscriber> Layer<S> for Stopwatch {
    fn on_enter(&self, _: &span::Id, _: Context<'_, S>) {
        if let Ok(mut time) = self.0.lock() {
            time.entered = Some(Instant::now());
        }
    }

    fn on_exit(&self, _: &span::Id, _: Context<'_, S>) {
        if let Ok(mut time) = self.0.lock()
            && let Some(entered) = time.entered.take()
        {
            time.total += entered.elapsed();
        }
    }
}

fn print(page: &Page, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "page {} {} {} {:?}", page.number, page.width, page.height, page.text_source)?;
    for line in &page.lines {
        writeln!(out, "line")?;
        for word in &line.words {
            let bbox = word.bbox;
            writeln!(
                out,
                "word {:.2} {:.2} {:.2} {:.2} {} {}",
                bbox.x0, bbox.y0, bbox.x1, bbox.y1, word.confidence, word.text
            )?;
        }
    }
    for unread in &page.unread {
        let bbox = unread.bbox;
        writeln!(
            out,
            "unread {:.2} {:.2} {:.2} {:.2} {:?}",
            bbox.x0, bbox.y0, bbox.x1, bbox.y1, unread.reason
        )?;
    }
    Ok(())
}
