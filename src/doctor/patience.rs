//! How long a look waits for what lies behind a network or in a token.

use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use crate::failure::Failure;

/// How long a server, a store or a token may take to answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// How long codes files of an object store may take to be fetched and opened.
pub(super) const FETCHING: Duration = Duration::from_secs(120);

/// Does work that may hang, on a thread of its own, and gives it up after a time. What was given up ends with the process.
///
/// # Errors
/// `no_answer`: the time is over; those of the work.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    whom: &str,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (sender, answer) = sync_channel(1);
    let started = thread::Builder::new().name("look".to_owned()).spawn(move || {
        // Nobody may be waiting any more.
        let _ = sender.send(work());
    });
    started?;
    answer.recv_timeout(limit).unwrap_or_else(|_| {
        let problem = format!("{whom} did not answer within {} s", limit.as_secs());
        Err(Failure::midway("no_answer", problem)
            .with_advice("see that it runs and that this machine reaches it, then look again"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_given_up() {
        let quick = within(PATIENCE, "it", || Ok(7));
        assert_eq!(quick.unwrap(), 7);
        let slow = within(Duration::from_millis(20), "the store", || {
            thread::sleep(Duration::from_secs(5));
            Ok(())
        });
        let failure = slow.unwrap_err();
        assert_eq!(failure.code(), "no_answer");
        assert!(failure.message().starts_with("the store did not answer"), "{failure}");
    }
}
