//! Events for the pages that are open: server-sent events (WHATWG HTML §9.2).

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::locked;

/// The most pages that listen at once.
const MAX_LISTENERS: usize = 32;
/// How many events wait for a page that does not read. One that is further behind is cut off, and connects again.
const MAX_WAITING: usize = 64;

/// The pages that listen.
pub(super) struct Events {
    /// `None` once the preview ends.
    listeners: Mutex<Option<Vec<Sender<Bytes>>>>,
}

impl Default for Events {
    fn default() -> Events {
        Events { listeners: Mutex::new(Some(Vec::new())) }
    }
}

impl Events {
    /// A new listener; `None` if there are too many, or the preview has ended.
    pub(super) fn listen(&self) -> Option<EventStream> {
        let mut listeners = locked(&self.listeners);
        let listeners = listeners.as_mut()?;
        listeners.retain(|listener| !listener.is_closed());
        if listeners.len() >= MAX_LISTENERS {
            return None;
        }
        let (sender, receiver) = channel(MAX_WAITING);
        // The header goes out with the first bytes.
        let _ = sender.try_send(Bytes::from_static(b": open\n\n"));
        listeners.push(sender);
        Some(EventStream(receiver))
    }

    /// How many pages listen.
    pub(super) fn listeners(&self) -> usize {
        let listeners = locked(&self.listeners);
        listeners.iter().flatten().filter(|listener| !listener.is_closed()).count()
    }

    /// Sends an event of one line of JSON.
    pub(super) fn send(&self, name: &str, json: &str) {
        self.send_bytes(Bytes::from(format!("event: {name}\ndata: {json}\n\n")));
    }

    /// Sends a comment, by which pages that are gone are noticed.
    pub(super) fn beat(&self) {
        self.send_bytes(Bytes::from_static(b": \n\n"));
    }

    /// Sends the last event and ends all streams.
    pub(super) fn end(&self) {
        self.send("end", "{}");
        *locked(&self.listeners) = None;
    }

    fn send_bytes(&self, bytes: Bytes) {
        if let Some(listeners) = locked(&self.listeners).as_mut() {
            listeners.retain(|listener| listener.try_send(bytes.clone()).is_ok());
        }
    }
}

/// The body of a response that goes on as events come.
pub(super) struct EventStream(Receiver<Bytes>);

impl Body for EventStream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_does_not_read_is_cut_off() {
        let events = Events::default();
        let (mut reads, idle) = (events.listen().unwrap(), events.listen().unwrap());
        for _ in 0..2 * MAX_WAITING {
            events.beat();
            while reads.0.try_recv().is_ok() {}
        }
        assert_eq!(events.listeners(), 1);
        drop(idle);
        events.send("bench", "{}");
        assert_eq!(reads.0.try_recv().unwrap(), "event: bench\ndata: {}\n\n");
        events.end();
        assert_eq!(reads.0.try_recv().unwrap(), "event: end\ndata: {}\n\n");
        assert!(matches!(reads.0.try_recv(), Err(tokio::sync::mpsc::error::TryRecvError::Disconnected)));
        assert!(events.listen().is_none());
    }

    #[test]
    fn listeners_are_limited() {
        let events = Events::default();
        let open: Vec<EventStream> = (0..MAX_LISTENERS).filter_map(|_| events.listen()).collect();
        assert!(open.len() == MAX_LISTENERS && events.listen().is_none());
        drop(open);
        assert!(events.listen().is_some());
    }
}
