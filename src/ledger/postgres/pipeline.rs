//! Statements that are sent before the answers to earlier ones are there.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio_postgres::{Error, Statement};

use super::connection::Connection;
use super::fault::ServerFault;
use super::statement::Parameter;

/// How many statements are sent at a time: each time wakes the connection's thread.
const SENT_AT_ONCE: usize = 64;
/// How many statements may be without an answer.
const UNANSWERED: usize = 1024;

type Answer = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send>>;

/// Statements without an answer, in their order.
#[derive(Default)]
pub(super) struct Pipeline {
    answers: VecDeque<Answer>,
    /// How many at the end of `answers` are not sent yet.
    unsent: usize,
}

impl Pipeline {
    /// Adds a statement. Waits for earlier ones where many are without an answer.
    ///
    /// # Errors
    /// The first fault of an earlier statement; the later ones are forgotten.
    pub(super) fn push(
        &mut self,
        connection: &Connection,
        statement: Statement,
        values: Vec<Parameter>,
    ) -> Result<(), ServerFault> {
        let client = connection.client().clone();
        self.answers.push_back(Box::pin(async move { client.execute_raw(&statement, values).await }));
        self.unsent += 1;
        match self.unsent < SENT_AT_ONCE {
            true => Ok(()),
            false => {
                self.send(connection)?;
                self.wait(connection, UNANSWERED)
            }
        }
    }

    /// Waits for the answers to all statements.
    ///
    /// # Errors
    /// The first fault; the later ones are forgotten.
    pub(super) fn settle(&mut self, connection: &Connection) -> Result<(), ServerFault> {
        self.send(connection)?;
        self.wait(connection, 0)
    }

    /// Forgets all statements; those that were sent are still carried out.
    pub(super) fn forget(&mut self) {
        self.answers.clear();
        self.unsent = 0;
    }

    /// Sends what is not sent yet: a request sends itself when it is first polled.
    fn send(&mut self, connection: &Connection) -> Result<(), ServerFault> {
        let unsent = self.answers.split_off(self.answers.len() - self.unsent);
        self.unsent = 0;
        let mut context = Context::from_waker(Waker::noop());
        for mut answer in unsent {
            match answer.as_mut().poll(&mut context) {
                Poll::Pending => self.answers.push_back(answer),
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => {
                    self.forget();
                    return Err(connection.fault(error));
                }
            }
        }
        Ok(())
    }

    /// Waits until at most `left` statements are without an answer.
    fn wait(&mut self, connection: &Connection, left: usize) -> Result<(), ServerFault> {
        while self.answers.len() > left {
            let Some(answer) = self.answers.pop_front() else { break };
            if let Err(fault) = connection.wait(answer) {
                self.forget();
                return Err(fault);
            }
        }
        Ok(())
    }
}
