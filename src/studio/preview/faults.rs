//! Faults as the page shows them.

use std::path::Path;

use foreign::legible;
use template::TemplateFault;

use super::answers::{Fault, FaultBox};
use super::places::Places;
use crate::failure::Failure;

/// A fault of a template that has `variants` variants.
pub(super) fn of_template(fault: &TemplateFault, variants: usize, places: &Places) -> Fault {
    let (line, column) = fault.location.unzip();
    let boxes = fault.places.iter().map(|place| FaultBox {
        variant: None,
        page: place.page + 1,
        rect: place.rect.into(),
    });
    Fault {
        severity: fault.severity.name(),
        code: fault.code().to_owned(),
        message: legible(&fault.message_among(variants)).into_owned(),
        advice: fault.advice.as_deref().map(|advice| legible(advice).into_owned()),
        place: place(places, &fault.file, fault.location),
        file: Some(legible(&fault.file).into_owned()),
        line: line.map(|line| line as u64),
        column: column.map(|column| column as u64),
        variants: fault.variants,
        boxes: boxes.collect(),
    }
}

/// The faults that a failure sums up, or itself.
pub(super) fn of_failure(failure: &Failure, places: &Places) -> Vec<Fault> {
    let one = std::slice::from_ref(failure);
    let parts = if failure.parts().is_empty() { one } else { failure.parts() };
    let fault = |part: &Failure| {
        let position = part.position();
        let (line, column) = position.map_or((None, None), |at| (at.line, at.column));
        let at = line.map(|line| (line as usize, column.unwrap_or(1) as usize));
        Fault {
            severity: "error",
            code: part.code().to_owned(),
            message: legible(part.message()).into_owned(),
            advice: part.advice().map(|advice| legible(advice).into_owned()),
            place: position.and_then(|position| place(places, &position.file, at)),
            file: position.map(|position| legible(&position.file).into_owned()),
            line,
            column,
            variants: 0,
            boxes: Vec::new(),
        }
    };
    parts.iter().map(fault).collect()
}

/// The name of a fault's place, where its file is there to be opened.
fn place(places: &Places, file: &str, at: Option<(usize, usize)>) -> Option<String> {
    let path = Path::new(file);
    let (line, column) = at.unwrap_or((1, 1));
    path.is_file().then(|| places.name(path, line, column))
}
