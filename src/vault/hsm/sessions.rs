//! Sessions: one for each thread that signs at the same moment, opened when first needed, logged in once for all.
//!
//! A thread that finds no idle session opens one. If the token opens no more, the thread waits for one to be returned, unless
//! none is left that could be.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Opens a further session.
type Open<S, E> = Box<dyn Fn() -> Result<S, E> + Send + Sync>;

/// The sessions of one login. Closed when dropped, and with the last one the token logs out.
pub(super) struct Sessions<S, E> {
    state: Mutex<State<S>>,
    returned: Condvar,
    open: Open<S, E>,
}

struct State<S> {
    idle: Vec<S>,
    /// How many there are, idle or in use. Threads wait only if there is at least one.
    count: usize,
}

impl<S, E> Sessions<S, E> {
    /// Begins with the session that logged in.
    pub(super) fn new(first: S, open: impl Fn() -> Result<S, E> + Send + Sync + 'static) -> Sessions<S, E> {
        let state = State { idle: vec![first], count: 1 };
        Sessions { state: Mutex::new(state), returned: Condvar::new(), open: Box::new(open) }
    }

    /// Works with a session that no other thread uses meanwhile. A session whose work failed is closed.
    ///
    /// # Errors
    /// The error of the work; the token's error where it opens no session and none is left.
    pub(super) fn with<T>(&self, work: impl FnOnce(&S) -> Result<T, E>) -> Result<T, E> {
        let session = self.take()?;
        let outcome = work(&session);
        match outcome {
            Ok(_) => self.put_back(session),
            Err(_) => self.close(session),
        }
        outcome
    }

    /// An idle session, a new one, or, where the token opens no more, the next one that comes back.
    fn take(&self) -> Result<S, E> {
        let mut state = self.lock();
        loop {
            if let Some(session) = state.idle.pop() {
                return Ok(session);
            }
            match (self.open)() {
                Ok(session) => {
                    state.count += 1;
                    return Ok(session);
                }
                Err(error) if state.count == 0 => {
                    self.returned.notify_all();
                    return Err(error);
                }
                Err(_) => state = self.returned.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    fn put_back(&self, session: S) {
        self.lock().idle.push(session);
        self.returned.notify_one();
    }

    /// Closes a session and wakes all waiting threads, since it may have been the last one.
    fn close(&self, session: S) {
        let mut state = self.lock();
        drop(session);
        state.count -= 1;
        self.returned.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, channel};
    use std::thread;
    use std::time::Duration;

    use super::*;

    const WAITING: usize = 5;
    /// Long enough for any machine; only a pool that hangs takes it.
    const TIMEOUT: Duration = Duration::from_secs(20);

    type Outcome = Result<(), &'static str>;

    /// What each thread got that waited for the one session of a token while `last` was its outcome.
    fn outcomes_of_waiting(last: Outcome) -> Vec<Outcome> {
        let (asked, asking) = channel();
        let sessions = Arc::new(Sessions::new((), move || {
            asked.send(()).unwrap();
            Err("the token opens no more")
        }));
        let (done, outcomes) = channel();
        let held = sessions.with(|()| {
            for _ in 0..WAITING {
                let (sessions, done) = (Arc::clone(&sessions), done.clone());
                thread::spawn(move || done.send(sessions.with(|()| Ok(()))).unwrap());
            }
            // A thread that has asked for a session holds the lock until it waits.
            all(&asking);
            last
        });
        assert_eq!(held, last);
        all(&outcomes)
    }

    fn all<T>(receiver: &Receiver<T>) -> Vec<T> {
        (0..WAITING).map(|_| receiver.recv_timeout(TIMEOUT).expect("no thread waits for ever")).collect()
    }

    #[test]
    fn threads_take_turns_where_the_token_opens_one_session() {
        assert_eq!(outcomes_of_waiting(Ok(())), [Ok(()); WAITING]);
    }

    #[test]
    fn nobody_waits_for_ever_when_the_last_session_fails() {
        let gone = Err("the token opens no more");
        assert_eq!(outcomes_of_waiting(Err("the device is removed")), [gone; WAITING]);
    }
}
