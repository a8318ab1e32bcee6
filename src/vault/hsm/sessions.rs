//! Sessions: one for each thread that signs at the same moment, opened when first needed, logged in once for all.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use cryptoki::error::Error;
use cryptoki::session::Session;

use super::token::Token;

/// The sessions of one login. Closed when dropped, and with the last one the token logs out.
pub struct Sessions {
    state: Mutex<State>,
    returned: Condvar,
    token: Token,
}

struct State {
    idle: Vec<Session>,
    /// How many there are, idle or in use.
    open: usize,
}

impl Sessions {
    /// Begins with the session that logged in.
    pub fn new(token: Token, first: Session) -> Sessions {
        let state = State { idle: vec![first], open: 1 };
        Sessions { state: Mutex::new(state), returned: Condvar::new(), token }
    }

    /// Works with a session of this thread's own. One that failed is not used again.
    ///
    /// # Errors
    /// Those of the work, and of a token that opens no session at all.
    pub fn with<T>(&self, work: impl FnOnce(&Session) -> Result<T, Error>) -> Result<T, Error> {
        let session = self.take()?;
        let outcome = work(&session);
        let mut state = self.lock();
        match &outcome {
            Ok(_) => state.idle.push(session),
            Err(_) => {
                drop(session);
                state.open -= 1;
            }
        }
        self.returned.notify_one();
        outcome
    }

    /// An idle session, a new one, or, where the token opens no more, the next one that comes back.
    fn take(&self) -> Result<Session, Error> {
        let mut state = self.lock();
        loop {
            if let Some(session) = state.idle.pop() {
                return Ok(session);
            }
            match self.token.session() {
                Ok(session) => {
                    state.open += 1;
                    return Ok(session);
                }
                Err(error) if state.open == 0 => return Err(error),
                Err(_) => state = self.returned.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
