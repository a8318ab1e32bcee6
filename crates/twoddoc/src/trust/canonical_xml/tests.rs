//! Canonical forms that libxml2 wrote, the examples of the standard, and refused documents.

use super::error::XmlErrorKind;
use super::*;
use proptest::prelude::*;

fn form(text: &str, exclusive: bool, comments: bool, prefixes: &[&str]) -> Result<String, XmlError> {
    let document = parse(text.as_bytes())?;
    let inclusive_prefixes = prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
    let method = Method { exclusive, comments, inclusive_prefixes };
    Ok(String::from_utf8(canonical(&document, Part::Whole { without: None }, &method)).unwrap())
}

fn unescaped(text: &str) -> String {
    let mut characters = text.chars();
    let mut plain = String::new();
    while let Some(character) = characters.next() {
        plain.push(match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                _ => '\\',
            },
            (character, _) => character,
        });
    }
    plain
}

/// The forms in `canonical.tsv` were written by libxml2 (`fixtures/trust_list/make_canonical.py`).
#[test]
fn canonical_forms_are_those_of_libxml2() {
    let table = include_str!("../../../fixtures/trust_list/canonical.tsv");
    assert!(table.lines().count() >= 100);
    for line in table.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let (prefixes, text) = (columns[0].split_whitespace().collect::<Vec<_>>(), unescaped(columns[1]));
        let methods = [(false, false), (false, true), (true, false), (true, true)];
        for ((exclusive, comments), expected) in methods.into_iter().zip(&columns[2..]) {
            let prefixes = if exclusive { prefixes.as_slice() } else { &[] };
            assert_eq!(form(&text, exclusive, comments, prefixes), Ok(unescaped(expected)), "{text}");
        }
    }
}

/// The example of C14N §3.1, without its document type.
#[test]
fn instructions_and_comments_inside_and_outside_the_root() {
    let text = "<?xml version=\"1.0\"?>\n\n<?xml-stylesheet   href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n\n\
                <doc>Hello, world!<!-- Comment 1 --></doc>\n\n<?pi-without-data     ?>\n\n<!-- Comment 2 -->\n\n<!-- Comment 3 -->";
    let without = "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!</doc>\n<?pi-without-data?>";
    let with = "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!<!-- Comment 1 --></doc>\n\
                <?pi-without-data?>\n<!-- Comment 2 -->\n<!-- Comment 3 -->";
    assert_eq!(form(text, false, false, &[]).unwrap(), without);
    assert_eq!(form(text, false, true, &[]).unwrap(), with);
}

/// The example of C14N §3.3, without its document type.
#[test]
fn tags_and_namespaces() {
    let text = "<doc>\n   <e1   />\n   <e2   ></e2>\n   <e3   name = \"elem3\"   id=\"elem3\"   />\n   \
                <e5 a:attr=\"out\" b:attr=\"sorted\" attr2=\"all\" attr=\"I'm\"\n      xmlns:b=\"http://www.ietf.org\"\n      \
                xmlns:a=\"http://www.w3.org\"\n      xmlns=\"http://example.org\"/>\n   \
                <e6 xmlns=\"\" xmlns:a=\"http://www.w3.org\">\n      <e7 xmlns=\"http://www.ietf.org\">\n         \
                <e8 xmlns=\"\" xmlns:a=\"http://www.w3.org\">\n            <e9 xmlns=\"\" xmlns:a=\"http://www.ietf.org\"/>\n         \
                </e8>\n      </e7>\n   </e6>\n</doc>";
    let expected = "<doc>\n   <e1></e1>\n   <e2></e2>\n   <e3 id=\"elem3\" name=\"elem3\"></e3>\n   \
                    <e5 xmlns=\"http://example.org\" xmlns:a=\"http://www.w3.org\" xmlns:b=\"http://www.ietf.org\" attr=\"I'm\" \
                    attr2=\"all\" b:attr=\"sorted\" a:attr=\"out\"></e5>\n   <e6 xmlns:a=\"http://www.w3.org\">\n      \
                    <e7 xmlns=\"http://www.ietf.org\">\n         <e8 xmlns=\"\">\n            \
                    <e9 xmlns:a=\"http://www.ietf.org\"></e9>\n         </e8>\n      </e7>\n   </e6>\n</doc>";
    assert_eq!(form(text, false, false, &[]).unwrap(), expected);
}

/// The example of C14N §3.4, without its document type.
#[test]
fn references_are_resolved_and_escaped_again_where_c14n_says() {
    let text = "<doc>\n   <text>First line&#x0d;&#10;Second line</text>\n   <value>&#x32;</value>\n   \
                <compute><![CDATA[value>\"0\" && value<\"10\" ?\"valid\":\"error\"]]></compute>\n   \
                <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>\n</doc>";
    let expected = "<doc>\n   <text>First line&#xD;\nSecond line</text>\n   <value>2</value>\n   \
                    <compute>value&gt;\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"</compute>\n   \
                    <norm attr=\" '    &#xD;&#xA;&#x9;   ' \"></norm>\n</doc>";
    assert_eq!(form(text, false, false, &[]).unwrap(), expected);
}

/// The example of exc-c14n §2.2: an element apart from its document.
#[test]
fn an_element_declares_the_namespaces_it_uses_in_exc_c14n_and_all_in_scope_in_c14n() {
    let text = "<n0:local xmlns:n0=\"foo:bar\" xmlns:n3=\"ftp://example.org\" xml:lang=\"fr\"><n1:elem2 \
                xmlns:n1=\"http://example.net\" xml:space=\"default\"><n3:stuff xmlns:n3=\"ftp://example.org\"/></n1:elem2></n0:local>";
    let document = parse(text.as_bytes()).unwrap();
    let part = Part::Only(document.root.elements().next().unwrap());
    let formed = |exclusive| canonical(&document, part, &Method { exclusive, ..Method::default() });
    let exclusive = "<n1:elem2 xmlns:n1=\"http://example.net\" xml:space=\"default\"><n3:stuff \
                     xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>";
    let inclusive = "<n1:elem2 xmlns:n0=\"foo:bar\" xmlns:n1=\"http://example.net\" xmlns:n3=\"ftp://example.org\" \
                     xml:lang=\"fr\" xml:space=\"default\"><n3:stuff></n3:stuff></n1:elem2>";
    assert_eq!(String::from_utf8(formed(true)).unwrap(), exclusive);
    assert_eq!(String::from_utf8(formed(false)).unwrap(), inclusive);
}

#[test]
fn documents_that_are_not_well_formed_are_refused() {
    let refused = [
        ("", "ends before"),
        ("<a>", "ends before"),
        ("<a></b>", "not well-formed"),
        ("</a>", "not well-formed"),
        ("<a/><b/>", "second root"),
        ("<a/>x", "outside the root"),
        ("&amp;<a/>", "outside the root"),
        ("<a/><![CDATA[]]>", "outside the root"),
        ("<!DOCTYPE a><a/>", "document type"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type"),
        ("<a>&b;</a>", "reference"),
        ("<a>&#0;</a>", "reference"),
        ("<a>&#xFFFE;</a>", "reference"),
        ("<a>&#+65;</a>", "reference"),
        ("<a>&#99999999999;</a>", "reference"),
        ("<a>&#;</a>", "reference"),
        ("<a>& b</a>", "not well-formed"),
        ("<a>]]></a>", "]]>"),
        ("<a>\u{1}</a>", "no place"),
        ("<a b='\u{ffff}'/>", "no place"),
        ("<a b='<'/>", "`<`"),
        ("<a b='&'/>", "begins nothing"),
        ("<a b=c/>", "not well-formed"),
        ("<a b/>", "not well-formed"),
        ("<a b='' b=''/>", "twice"),
        ("<a xmlns:p='u:1' xmlns:q='u:1' p:b='' q:b=''/>", "twice"),
        ("<a xmlns='u:1' xmlns='u:2'/>", "twice"),
        ("<p:a/>", "not declared"),
        ("<a p:b=''/>", "not declared"),
        ("<a xmlns:p=''/>", "can't be"),
        ("<a xmlns:='u:1'/>", "not permit"),
        ("<a xmlns:xml='u:1'/>", "can't be"),
        ("<a xmlns:xmlns='u:1'/>", "can't be"),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", "can't be"),
        ("<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", "can't be"),
        ("<a xmlns='relative'/>", "can't be"),
        ("<1a/>", "not permit"),
        ("<a:b:c xmlns:a='u:1'/>", "not permit"),
        ("<:a/>", "not permit"),
        ("<a\u{d7}/>", "not permit"),
        ("<a b>c='d'/>", "not well-formed"),
        ("<a><!-- -- --></a>", "not well-formed"),
        ("<a><?xml version='1.0'?></a>", "not at the start"),
        (" <?xml version='1.0'?><a/>", "not at the start"),
        ("<?xml version='1.1'?><a/>", "not XML 1.0"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "not UTF-8"),
        ("<a><?XML b?></a>", "can't name"),
        ("<a><? b?></a>", "can't name"),
    ];
    for (text, reason) in refused {
        let fault = parse(text.as_bytes()).expect_err(text);
        assert!(fault.to_string().contains(reason), "{text}: {fault}");
    }
    assert_eq!(parse(b"<a>\xff</a>").unwrap_err().kind, XmlErrorKind::NotUtf8);
    assert_eq!(parse("<a>\n\n<b></a>".as_bytes()).unwrap_err().line, 3);
}

#[test]
fn documents_beyond_a_limit_are_refused() {
    let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
    assert!(parse(deep(64).as_bytes()).is_ok());
    assert!(parse(deep(65).as_bytes()).unwrap_err().to_string().contains("inside one another"));
    assert!(
        parse("<a>".repeat(1_000_000).as_bytes()).unwrap_err().to_string().contains("inside one another")
    );
    let wide = |children: usize| format!("<a>{}</a>", "<b/>".repeat(children));
    assert!(parse(wide(99_999).as_bytes()).is_ok());
    assert!(parse(wide(100_000).as_bytes()).unwrap_err().to_string().contains("more than 100000"));
    let attributes = |number: usize| {
        let written: Vec<_> = (0..number).map(|one| format!("b{one}=''")).collect();
        format!("<a {}/>", written.join(" "))
    };
    assert!(parse(attributes(32).as_bytes()).is_ok());
    assert!(parse(attributes(100_000).as_bytes()).unwrap_err().to_string().contains("32 attributes"));
    let declaring = "<a xmlns:a='u:1' xmlns:b='u:1' xmlns:c='u:1' xmlns:d='u:1' xmlns:e='u:1'>".repeat(13);
    assert!(parse(declaring.as_bytes()).unwrap_err().to_string().contains("64 namespaces"));
    let long = format!("<a xmlns='u:{}'/>", "x".repeat(300));
    assert!(parse(long.as_bytes()).unwrap_err().to_string().contains("can't be"));
    assert!(parse(&vec![b' '; 5 << 20]).unwrap_err().to_string().contains("4 MiB"));
    let long = format!("<a b='{}'/>", "&amp;".repeat(800_000));
    assert_eq!(form(&long, true, false, &[]).unwrap().len(), long.len() + 3);
}

/// The slowest document within the limits: every element writes 31 long namespaces again.
#[test]
fn the_slowest_document_is_written_in_bounded_time() {
    let namespace = |one: usize| format!("u:{one:0250}");
    let declared: Vec<_> = (0..31).map(|one| format!("xmlns:p{one}='{}'", namespace(one))).collect();
    let used: Vec<_> = (0..31).map(|one| format!("p{one}:b=''")).collect();
    let element = format!("<c {}/>", used.join(" "));
    let text = format!("<a {}>{}</a>", declared.join(" "), element.repeat((4 << 20) / element.len() - 100));
    let start = std::time::Instant::now();
    let document = parse(text.as_bytes()).unwrap();
    let written =
        canonical(&document, Part::Whole { without: None }, &Method { exclusive: true, ..Method::default() });
    assert!(written.len() < 200 << 20, "{}", written.len());
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

/// Pieces of XML in random order.
fn fragments() -> impl Strategy<Value = String> {
    let pieces = [
        "<a>",
        "</a>",
        "<b x='1'/>",
        "<p:c xmlns:p='u:1'>",
        "</p:c>",
        "<a xmlns='u:2' y=\"&#13;&lt;\">",
        "&amp;",
        "&#10;",
        "text",
        "\r\n",
        "<!-- c -->",
        "<?pi z?>",
        "<![CDATA[<]]>",
        "<",
        ">",
        "&",
        "'",
        "\"",
        "]]>",
        "é",
        "xml:lang='fr'",
        "<?xml version='1.0'?>",
        "<!DOCTYPE a>",
        "<![CDATA[",
        "<!--",
        "/>",
        "=",
        "xmlns:",
        "\u{0}",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..30).prop_map(|pieces| pieces.concat())
}

/// A well-formed document.
fn well_formed() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "t",
        "&lt;",
        "\r\n",
        "<!--c-->",
        "<?pi  z ?>",
        "<![CDATA[&]]>",
        "<q:x a='&#9; b'/>",
    ]);
    let tree = leaf.prop_map(str::to_owned).prop_recursive(6, 60, 5, |inner| {
        let starts = [
            "a>|a",
            "p:b xmlns:p='u:1' p:x='\t'>|p:b",
            "a xmlns='u:2' z='1' y='2'>|a",
            "a xmlns='' xml:lang='fr'>|a",
            "q:d xmlns:q='u:3'>|q:d",
        ];
        (prop::sample::select(starts.to_vec()), prop::collection::vec(inner, 0..5)).prop_map(
            |(start, held)| {
                let (start, end) = start.split_once('|').unwrap();
                format!("<{start}{}</{end}>", held.concat())
            },
        )
    });
    tree.prop_map(|held| format!("<root xmlns:q='u:0' xmlns:unused='u:9'>{held}</root>"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), text in fragments()) {
        let _ = parse(&bytes);
        let _ = parse(text.as_bytes());
    }

    /// The canonical form of a canonical form is itself (C14N §1.1).
    #[test]
    fn canonicalisation_is_idempotent(text in well_formed(), exclusive: bool, comments: bool) {
        let once = form(&text, exclusive, comments, &[]).unwrap();
        prop_assert_eq!(&form(&once, exclusive, comments, &[]).unwrap(), &once);
    }
}
