//! The connections that are open, up to a limit: a new one takes the place of the one that nobody has used for longest.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Instant;

use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::task::AbortHandle;

use super::routes::Body;
use super::shared::locked;

/// The open connections of both listeners.
pub(super) struct Connections {
    most: usize,
    open: Mutex<Vec<(Arc<Usage>, AbortHandle)>>,
}

impl Connections {
    /// No connections yet, and `most` of them at once.
    pub(super) fn new(most: usize) -> Connections {
        Connections { most, open: Mutex::new(Vec::new()) }
    }

    /// Makes room for one more: where there is none, closes the connection that is idle and was used last the longest ago, one
    /// that never had an answer first. Returns `false` if an answer is on its way on all of them.
    pub(super) fn make_room(&self) -> bool {
        let mut open = locked(&self.open);
        open.retain(|(_, task)| !task.is_finished());
        if open.len() < self.most {
            return true;
        }
        let idle = open.iter().enumerate().filter(|(_, (usage, _))| usage.is_idle());
        let oldest = idle.min_by_key(|(_, (usage, _))| usage.worth()).map(|(index, _)| index);
        let Some(index) = oldest else { return false };
        open.swap_remove(index).1.abort();
        true
    }

    /// Takes up a connection that `task` serves.
    pub(super) fn add(&self, usage: Arc<Usage>, task: AbortHandle) {
        locked(&self.open).push((usage, task));
    }
}

/// How a connection is used.
pub(super) struct Usage {
    /// Answers that are on their way.
    answering: AtomicUsize,
    /// Whether a request was admitted.
    admitted: AtomicBool,
    /// When it was opened, or its last answer ended.
    since: Mutex<Instant>,
}

impl Usage {
    /// That of a connection which was opened now.
    pub(super) fn begin() -> Arc<Usage> {
        let (answering, admitted) = (AtomicUsize::new(0), AtomicBool::new(false));
        Arc::new(Usage { answering, admitted, since: Mutex::new(Instant::now()) })
    }

    /// Notes that a request was admitted.
    pub(super) fn admit(&self) {
        self.admitted.store(true, Ordering::Relaxed);
    }

    /// Notes a request. Its answer is on its way until what this returns is dropped.
    pub(super) fn answering(self: &Arc<Usage>) -> Answering {
        self.answering.fetch_add(1, Ordering::Relaxed);
        Answering(self.clone())
    }

    fn is_idle(&self) -> bool {
        self.answering.load(Ordering::Relaxed) == 0
    }

    /// What is closed first is worth least.
    fn worth(&self) -> (bool, Instant) {
        (self.admitted.load(Ordering::Relaxed), *locked(&self.since))
    }
}

/// An answer that is on its way.
pub(super) struct Answering(Arc<Usage>);

impl Drop for Answering {
    fn drop(&mut self) {
        *locked(&self.0.since) = Instant::now();
        self.0.answering.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The body of an answer, which is on its way until all of it was taken.
pub(super) struct AnswerBody {
    pub body: Body,
    pub _answering: Answering,
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = <Body as HttpBody>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_idle_connection_makes_room_and_none_that_is_being_answered() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let connections = Connections::new(3);
            let usages: Vec<Arc<Usage>> = (0..3).map(|_| Usage::begin()).collect();
            let tasks: Vec<_> = usages
                .iter()
                .map(|usage| {
                    let task = tokio::spawn(std::future::pending::<()>());
                    assert!(connections.make_room());
                    connections.add(usage.clone(), task.abort_handle());
                    task
                })
                .collect();
            // The first was opened first and has had an answer, the second is being answered.
            usages[0].admit();
            let second = usages[1].answering();
            assert!(connections.make_room());
            tokio::task::yield_now().await;
            let ended: Vec<bool> = tasks.iter().map(|task| task.is_finished()).collect();
            assert_eq!(ended, [false, false, true]);
            let third = Usage::begin();
            let answer = third.answering();
            connections.add(third, tokio::spawn(std::future::pending::<()>()).abort_handle());
            let first = usages[0].answering();
            assert!(!connections.make_room(), "an answer is on its way on all of them");
            drop((first, second, answer));
            assert!(connections.make_room());
        });
    }
}
