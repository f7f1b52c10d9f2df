//! Reading as a caller sees it: files made here go in, pages come out.

mod annotations;
mod coarse;
mod copy;
mod damaged;
mod files;
mod fixtures;
mod forms;
mod handwriting;
mod hostile;
mod make;
mod mixed;
mod robust;
mod scans;
mod text_layers;
