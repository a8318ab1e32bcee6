//! The stage's end of the pipes. Any thread may tell; one asks, and waits for the answer.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};

use foreign::{LONGEST_FRAME, read_frame, write_frame};
use mail::issuance::Issuance;
use rayon::prelude::*;

use super::message::Report;
use crate::failure::Failure;
use crate::night::order::{Phase, Progress};
use crate::night::planning::DuePiece;

/// The length of an entry's number and of the length of its record, in bytes.
const NUMBER: usize = size_of::<u32>();

/// The pipes. What comes is read by a thread, so that the run never waits to be heard while the stage waits to be.
pub(super) struct Link {
    from: Mutex<Receiver<io::Result<Option<Vec<u8>>>>>,
    to: Mutex<Box<dyn Write + Send>>,
}

impl Link {
    /// The end of two pipes.
    pub(super) fn new(mut from: impl Read + Send + 'static, to: impl Write + Send + 'static) -> Link {
        let (sender, frames) = sync_channel(1);
        std::thread::spawn(move || {
            loop {
                let frame = read_frame(&mut from, LONGEST_FRAME);
                let last = !matches!(frame, Ok(Some(_)));
                if sender.send(frame).is_err() || last {
                    break;
                }
            }
        });
        Link { from: Mutex::new(frames), to: Mutex::new(Box::new(to)) }
    }

    /// The next order; `None` where there are no more.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn order(&self) -> io::Result<Option<Vec<u8>>> {
        self.from.lock().unwrap_or_else(PoisonError::into_inner).recv().unwrap_or(Ok(None))
    }

    /// Tells the run something.
    ///
    /// # Errors
    /// I/O errors: the run has gone.
    pub(super) fn tell(&self, report: &Report) -> io::Result<()> {
        let frame = serde_json::to_vec(report)?;
        write_frame(&mut *self.to.lock().unwrap_or_else(PoisonError::into_inner), &[&frame])
    }

    /// The records that the run was asked for.
    ///
    /// # Errors
    /// I/O errors; `bug`: an answer that is no list of records.
    pub(super) fn records(&self) -> Result<Vec<DuePiece>, Failure> {
        let answer = self.order()?.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        let unreadable = || Failure::bug("the records of a batch can't be read");
        let records = split(&answer).ok_or_else(unreadable)?;
        let unpack = |(entry, packed): (u32, &[u8])| {
            Ok(DuePiece { entry, issuance: Issuance::unpack(packed).ok_or_else(unreadable)? })
        };
        records.into_par_iter().with_min_len(16).map(unpack).collect()
    }
}

/// Adds a record to an answer.
pub(super) fn add_record(answer: &mut Vec<u8>, entry: u32, packed: &[u8]) {
    answer.extend_from_slice(&entry.to_le_bytes());
    answer.extend_from_slice(&(packed.len() as u32).to_le_bytes());
    answer.extend_from_slice(packed);
}

/// The records of an answer; `None` where it is cut.
fn split(mut answer: &[u8]) -> Option<Vec<(u32, &[u8])>> {
    let mut records = Vec::new();
    while !answer.is_empty() {
        let (entry, rest) = answer.split_first_chunk::<NUMBER>()?;
        let (length, rest) = rest.split_first_chunk::<NUMBER>()?;
        let (packed, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        records.push((u32::from_le_bytes(*entry), packed));
        answer = rest;
    }
    Some(records)
}

/// The progress of the stage, as the run shows it. Where the run has gone, the next question tells.
impl Progress for Link {
    fn begin(&self, phase: Phase, total: u64) {
        let _ = self.tell(&Report::Begin(phase, total));
    }

    fn advance(&self, by: u64) {
        let _ = self.tell(&Report::Advance(by));
    }

    fn end(&self) {
        let _ = self.tell(&Report::End);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_arrive_as_they_were_sent_and_a_cut_answer_does_not() {
        let mut answer = Vec::new();
        add_record(&mut answer, 7, b"seven");
        add_record(&mut answer, 8, b"");
        assert_eq!(split(&answer), Some(vec![(7, &b"seven"[..]), (8, b"")]));
        assert_eq!(split(b""), Some(vec![]));
        assert_eq!(split(&answer[..answer.len() - 1]), None);
        assert_eq!(split(&answer[..10]), None);
    }
}
