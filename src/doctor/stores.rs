//! The object stores of the job: each answers and lets this user in.

use super::patience::{PATIENCE, within};
use super::{Finding, Scene};
use crate::failure::Failure;
use crate::job::{ObjectUrl, OutputLocation};
use crate::store::Bucket;

const LOOK: &str = "stores";

/// Lists a first object of every bucket that the job names.
pub(super) fn look(scene: &mut Scene) -> Vec<Finding> {
    let patterns = scene.job.input().cards.iter().chain(&scene.job.input().codes);
    let mut urls: Vec<ObjectUrl> = patterns.filter_map(|text| ObjectUrl::parse(text)?.ok()).collect();
    if let OutputLocation::Objects(url) = scene.job.output() {
        urls.push(url);
    }
    if urls.is_empty() {
        return vec![Finding::ok(LOOK, "the job uses no object store")];
    }
    urls.into_iter().map(answer).collect()
}

fn answer(url: ObjectUrl) -> Finding {
    let shown = url.to_string();
    let asked = within(PATIENCE, &format!("the object store of {shown}"), move || {
        let bucket = Bucket::open(&url)?;
        // A pattern is no folder that could be listed.
        match url.key().contains(['*', '?', '[']) {
            true => bucket.find().map(drop).map_err(Failure::from),
            false => bucket.check().map_err(Failure::from),
        }
    });
    match asked {
        Ok(()) => Finding::ok(LOOK, format!("{shown} answers")),
        Err(failure) => Finding::failure(LOOK, &failure),
    }
}
