//! The decision: which votes count, and whether they are enough. Pure: no file, no clock.

use jiff::Timestamp;
use serde::Serialize;

use super::public_key::PublicKey;
use super::request::SignedRequest;
use super::vote::Vote;

/// Somebody who approves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Approver {
    /// The key's file, as the job names it.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

/// By what a request is decided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    /// Those who approve today.
    pub approvers: &'a [Approver],
    /// How many must sign.
    pub required: usize,
    /// The key that the job ties to the user who asks, beside the one that signed the request.
    pub tied: Option<&'a PublicKey>,
    /// The present time.
    pub now: Timestamp,
}

/// Why a vote does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Objection {
    /// It is for another request.
    OtherRequest,
    /// Its key is not on the list.
    NotListed,
    /// Its key is that of the user who asks.
    RequestersKey,
    /// The user who asks signed it.
    RequestersUser,
    /// Its key has voted already.
    Twice,
}

impl Objection {
    /// The objection in words, after the name of a key.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Objection::OtherRequest => "signed another request",
            Objection::NotListed => "is not among the keys that approve",
            Objection::RequestersKey => "is the key of the user who asks",
            Objection::RequestersUser => "was used by the user who asks",
            Objection::Twice => "has signed already",
        }
    }
}

/// How a request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The keys whose votes count, as the job names them.
    pub approved_by: Vec<String>,
    /// The votes that do not count: fingerprint and reason.
    pub set_aside: Vec<(String, Objection)>,
    /// The keys that may still sign, as the job names them.
    pub open: Vec<String>,
    /// How many must sign.
    pub required: usize,
    /// Whether it is void.
    pub expired: bool,
}

impl Standing {
    /// Whether the act may be done.
    pub(crate) fn is_approved(&self) -> bool {
        !self.expired && self.required > 0 && self.approved_by.len() >= self.required
    }

    /// How many approvals are missing.
    pub(crate) fn missing(&self) -> usize {
        self.required.saturating_sub(self.approved_by.len())
    }
}

/// Decides a request by its votes.
pub(crate) fn decide(request: &SignedRequest, votes: &[Vote], rules: &Rules) -> Standing {
    let (mut counted, mut set_aside): (Vec<&PublicKey>, _) = (Vec::new(), Vec::new());
    for vote in votes {
        match objection(request, vote, &counted, rules) {
            None => counted.push(vote.key()),
            Some(objection) => set_aside.push((vote.key().fingerprint(), objection)),
        }
    }
    let name = |key: &PublicKey| rules.approvers.iter().find(|approver| approver.key == *key);
    let open = rules.approvers.iter().filter(|approver| {
        !counted.contains(&&approver.key) && !is_requesters(request, &approver.key, rules)
    });
    Standing {
        approved_by: counted.iter().filter_map(|&key| Some(name(key)?.name.clone())).collect(),
        open: open.map(|approver| approver.name.clone()).collect(),
        set_aside,
        required: rules.required,
        expired: request.is_expired(rules.now),
    }
}

/// Why a vote does not count beside those that were counted.
pub(super) fn objection(
    request: &SignedRequest,
    vote: &Vote,
    counted: &[&PublicKey],
    rules: &Rules,
) -> Option<Objection> {
    let key = vote.key();
    if !vote.is_for(request) {
        return Some(Objection::OtherRequest);
    }
    if !rules.approvers.iter().any(|approver| approver.key == *key) {
        return Some(Objection::NotListed);
    }
    if is_requesters(request, key, rules) {
        return Some(Objection::RequestersKey);
    }
    if vote.uid() == request.request().uid {
        return Some(Objection::RequestersUser);
    }
    counted.contains(&key).then_some(Objection::Twice)
}

fn is_requesters(request: &SignedRequest, key: &PublicKey, rules: &Rules) -> bool {
    request.key() == key || rules.tied == Some(key)
}
