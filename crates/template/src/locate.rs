//! Finds the call in a template that left a mark, so that a fault can name its position.

use typst::World;
use typst::syntax::ast::{Arg, AstNode, Expr, FuncCall};
use typst::syntax::{Source, Span, SyntaxNode};

use super::world::TemplateWorld;

/// The first call of `function` whose first argument is the text `argument` (any call if `argument` is empty).
pub(super) fn call(world: &TemplateWorld, function: &str, argument: &str) -> Span {
    let main = world.source(world.main()).into_iter();
    main.chain(world.sources())
        .find_map(|source: Source| find(source.root(), function, argument))
        .unwrap_or(Span::detached())
}

fn find(node: &SyntaxNode, function: &str, argument: &str) -> Option<Span> {
    if let Some(found) = node.cast::<FuncCall>()
        && is_call(found, function, argument)
    {
        return Some(found.span());
    }
    node.children().find_map(|child| find(child, function, argument))
}

fn is_call(call: FuncCall, function: &str, argument: &str) -> bool {
    let Expr::Ident(callee) = call.callee() else { return false };
    let first = call.args().items().find_map(|arg| match arg {
        Arg::Pos(Expr::Str(text)) => Some(text.get()),
        _ => None,
    });
    callee.get() == function && (argument.is_empty() || first.is_some_and(|text| text == argument))
}
