//! What a name that there is not was meant to be: facts, functions, arguments and fonts.

use typst::diag::SourceDiagnostic;
use typst::foundations::Value;
use typst::syntax::ast::{self, AstNode, Expr, LetBindingKind, Param};
use typst::syntax::{DiagSpan, LinkedNode, Side, Source, SyntaxNode};
use typst::{World, WorldExt};

use crate::fault::TemplateFault;
use crate::kind::FaultKind;
use crate::manifest::FACTS;
use crate::world::TemplateWorld;

/// The longest list of names that is shown whole.
const LISTED: usize = 12;

/// The fault of one of Typst's diagnostics, with the name that was meant where one is not known.
pub(crate) fn meant(
    world: &TemplateWorld,
    fault: TemplateFault,
    diagnostic: &SourceDiagnostic,
) -> TemplateFault {
    let said = fault.message.as_str();
    if let Some(key) = said.strip_prefix("dictionary does not contain key \"") {
        let key = key.split('"').next().unwrap_or_default().to_owned();
        return fact(world, fault, diagnostic, &key);
    }
    let advice = if let Some(family) = said.strip_prefix("unknown font family: ") {
        let families: Vec<&str> = world.book().families().map(|(family, _)| family).collect();
        Some(advice(family, "the fonts here are", &families))
    } else if let Some(name) = said.strip_prefix("unknown variable: ") {
        variable(world, diagnostic, name)
    } else if let Some(path) = said.strip_prefix("file not found (searched at ") {
        Some(file(world, path.trim_end_matches(')')))
    } else if let Some(argument) = said.strip_prefix("unexpected argument") {
        let argument = argument.trim_matches([' ', ':', '`']);
        let names = arguments(world, diagnostic).unwrap_or_default();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        (!names.is_empty()).then(|| advice(argument, "its arguments are", &names))
    } else {
        None
    };
    match (advice, fault.advice) {
        (Some(advice), Some(known)) => TemplateFault { advice: Some(format!("{advice}; {known}")), ..fault },
        (advice, known) => TemplateFault { advice: advice.or(known), ..fault },
    }
}

/// The nearest name, and all names where they are few.
fn advice(written: &str, words: &str, names: &[&str]) -> String {
    let listed = || names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let nearest = foreign::nearest(written, names.iter().copied());
    match nearest.map(|name| format!("did you mean `{name}`?")) {
        Some(meant) if names.len() > LISTED => meant,
        Some(meant) => format!("{meant} {words} {}", listed()),
        None => format!("{words} {}", listed()),
    }
}

/// The fault of a key of `sys.inputs` that is no fact; any other key's stays as it is.
fn fact(
    world: &TemplateWorld,
    fault: TemplateFault,
    diagnostic: &SourceDiagnostic,
    key: &str,
) -> TemplateFault {
    if !of_inputs(world, &diagnostic.span).unwrap_or(false) {
        return fault;
    }
    let facts: Vec<&str> = world.facts().collect();
    let (message, advice) = match FACTS.contains(&key) {
        true => (
            format!("the fact `{key}` does not select variants of this template"),
            format!("add \"{key}\" to `variants` in `template.toml`"),
        ),
        false => (format!("there is no fact `{key}`"), of_facts(key, &facts)),
    };
    TemplateFault { kind: FaultKind::UnknownFact, message, advice: Some(advice), ..fault }
}

/// What to write instead of a fact that there is not: one that the template sees, or one that it could.
fn of_facts(key: &str, facts: &[&str]) -> String {
    let undeclared = FACTS.into_iter().filter(|fact| !facts.contains(fact));
    match foreign::nearest(key, facts.iter().copied().chain(undeclared)) {
        Some(meant) if !facts.contains(&meant) => {
            format!("did you mean `{meant}`? Then add \"{meant}\" to `variants` in `template.toml`")
        }
        _ => advice(key, "the facts here are", facts),
    }
}

/// What to do about a file that is not there.
fn file(world: &TemplateWorld, path: &str) -> String {
    let is_source = |path: &str| path.ends_with(".typ");
    let alike = world.paths().filter(|other| is_source(other) == is_source(path));
    match foreign::nearest(path, alike) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "put it into the template's folder, or name a file that is there".to_owned(),
    }
}

/// What an unknown name is written for.
enum Sought {
    /// It is called.
    Called,
    /// It is the value of an argument with this name.
    Value(String),
    /// It may be anything.
    Anything,
}

/// What to write instead of a name that there is not.
fn variable(world: &TemplateWorld, diagnostic: &SourceDiagnostic, name: &str) -> Option<String> {
    let sought = sought(world, &diagnostic.span).unwrap_or(Sought::Anything);
    let names = names_in_sight(world, &sought);
    let nearest = foreign::nearest(name, names.iter().map(String::as_str));
    nearest.map(|name| format!("did you mean `{name}`?")).or(match sought {
        Sought::Value(argument) if argument == "align" => {
            Some("write `left`, `center` or `right`".to_owned())
        }
        _ => None,
    })
}

/// What the name at a span is written for.
fn sought(world: &TemplateWorld, span: &DiagSpan) -> Option<Sought> {
    let source = world.source(span.id()?).ok()?;
    let name = LinkedNode::new(source.root()).leaf_at(world.range(*span)?.start, Side::After)?;
    let around = name.parent()?;
    Some(match around.cast::<ast::Named>() {
        Some(named) => Sought::Value(named.name().get().to_string()),
        None if around.cast::<ast::FuncCall>().is_some() => Sought::Called,
        None => Sought::Anything,
    })
}

/// Whether the dictionary at a span is `sys.inputs`, or a name for it.
fn of_inputs(world: &TemplateWorld, span: &DiagSpan) -> Option<bool> {
    let source = world.source(span.id()?).ok()?;
    let target = around(world, &source, span, |node| {
        let access = match node.cast::<ast::FuncCall>().map(|call| call.callee()) {
            // In `sys.inputs.at("reson")` the method is the field.
            Some(Expr::FieldAccess(method)) if method.field().get() == "at" => Some(method),
            _ => node.cast::<ast::FieldAccess>(),
        };
        access.map(|access| access.target())
    })?;
    Some(match target {
        Expr::FieldAccess(_) => target.to_untyped().full_text() == "sys.inputs",
        Expr::Ident(name) => bound(world, name.get()).iter().any(|value| value == "sys.inputs"),
        _ => false,
    })
}

/// What the variables of that name are bound to, as it is written.
fn bound(world: &TemplateWorld, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for source in world.sources() {
        each_binding(source.root(), &mut |binding| {
            if binding.kind().bindings().iter().any(|known| known.get() == name) {
                found.extend(binding.init().map(|value| value.to_untyped().full_text().to_string()));
            }
        });
    }
    found
}

/// The names that a template may write for what is sought: those of Typst, of the prelude, and of its own files.
fn names_in_sight(world: &TemplateWorld, sought: &Sought) -> Vec<String> {
    let of_library = |value: &Value| match sought {
        Sought::Called => matches!(value, Value::Func(_) | Value::Type(_)),
        Sought::Value(_) => !matches!(value, Value::Func(_) | Value::Type(_) | Value::Module(_)),
        Sought::Anything => true,
    };
    let library = world.library().global.scope().iter().filter(|(_, binding)| of_library(binding.read()));
    let mut names: Vec<String> = library.map(|(name, _)| name.to_string()).collect();
    for source in world.sources() {
        each_binding(source.root(), &mut |binding| {
            let is_function = matches!(binding.kind(), LetBindingKind::Closure(_));
            if !(is_function && matches!(sought, Sought::Value(_))) {
                names.extend(binding.kind().bindings().iter().map(|name| name.get().to_string()));
            }
        });
    }
    // The prelude's own names.
    names.retain(|name| !name.starts_with('_'));
    names
}

/// The named arguments of the function that is called at a diagnostic.
fn arguments(world: &TemplateWorld, diagnostic: &SourceDiagnostic) -> Option<Vec<String>> {
    let is_of_template = |span: &&DiagSpan| {
        span.id().is_some_and(|id| crate::fault::file_name(id) != crate::files::PRELUDE_PATH)
    };
    let traced: Vec<DiagSpan> = diagnostic.trace.iter().map(|point| point.span.into()).collect();
    let span = std::iter::once(&diagnostic.span).chain(&traced).find(is_of_template)?;
    let source = world.source(span.id()?).ok()?;
    let call = around(world, &source, span, |node| node.cast::<ast::FuncCall>())?;
    let Expr::Ident(callee) = call.callee() else { return None };
    let own = world.sources().iter().find_map(|source| {
        let mut found = None;
        each_binding(source.root(), &mut |binding| match binding.kind() {
            LetBindingKind::Closure(name) if name.get() == callee.get() => {
                found = found.take().or(binding.init().map(named_parameters));
            }
            _ => {}
        });
        found
    });
    own.or_else(|| {
        let Value::Func(function) = world.library().global.scope().get(callee.get())?.read() else {
            return None;
        };
        let named = function.params().filter(|parameter| parameter.named());
        Some(named.filter_map(|parameter| parameter.name().map(str::to_owned)).collect())
    })
}

/// The named parameters of a closure.
fn named_parameters(closure: Expr) -> Vec<String> {
    let Expr::Closure(closure) = closure else { return Vec::new() };
    let named = |parameter| match parameter {
        Param::Named(named) => Some(named.name().get().to_string()),
        Param::Pos(_) | Param::Spread(_) => None,
    };
    closure.params().children().filter_map(named).collect()
}

fn each_binding(node: &SyntaxNode, found: &mut dyn FnMut(ast::LetBinding)) {
    if let Some(binding) = node.cast::<ast::LetBinding>() {
        found(binding);
    }
    node.children().for_each(|child| each_binding(child, found));
}

/// The smallest syntax around a span of which `found` makes something.
fn around<'s, T>(
    world: &TemplateWorld,
    source: &'s Source,
    span: &DiagSpan,
    found: impl Fn(&'s SyntaxNode) -> Option<T>,
) -> Option<T> {
    let range = world.range(*span)?;
    let mut node = LinkedNode::new(source.root()).leaf_at(range.start, Side::After);
    while let Some(here) = node {
        if here.range().end >= range.end
            && let Some(found) = found(here.get())
        {
            return Some(found);
        }
        node = here.parent().cloned();
    }
    None
}
