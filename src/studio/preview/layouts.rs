//! Stands for the layout worker of the template crate until it is there.

use template::{CompiledTemplate, Facts, Rect, Template, TemplateError};

pub(super) struct SourcePlace {
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemKind {
    Text,
    Image,
    Shape,
}
pub(super) struct MapItem {
    pub kind: ItemKind,
    pub rect: Rect,
    pub source: Option<SourcePlace>,
    pub text: String,
    pub font: String,
    pub size: f64,
}
#[derive(Default)]
pub(super) struct PageMap {
    pub marks: Vec<Option<SourcePlace>>,
    pub items: Vec<MapItem>,
}
pub(super) struct DesignerLayout {
    pub compiled: CompiledTemplate,
    pub maps: Vec<Vec<PageMap>>,
}
pub(super) struct LayoutWorker;
impl LayoutWorker {
    pub(super) fn start() -> LayoutWorker {
        LayoutWorker
    }
    pub(super) fn lay_out(
        &mut self,
        template: &Template,
        variants: &[Facts],
        bureau: &Facts,
    ) -> Result<DesignerLayout, TemplateError> {
        Ok(DesignerLayout { compiled: template.compile(variants, bureau)?, maps: Vec::new() })
    }
}
