//! `pli preview`, met by raw sockets: the published attacks on servers on loopback, saves, what is broken, the editor's way in,
//! and the end.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::job::{pli, program};
use crate::schemas::answers;

/// A preview of a copy of a built-in template.
struct Preview {
    child: Child,
    port: u16,
    token: String,
    cookie: String,
    folder: tempfile::TempDir,
}

impl Preview {
    fn open(template: &str) -> Preview {
        Preview::open_with(template, |_| {})
    }

    /// A preview of a copy that was changed before it was opened: `change` gets the folder around it.
    fn open_with(template: &str, change: impl FnOnce(&Path)) -> Preview {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(template);
        let copy = folder.path().join("letter");
        fs_err::create_dir(&copy).unwrap();
        for entry in fs_err::read_dir(source).unwrap() {
            let entry = entry.unwrap();
            fs_err::copy(entry.path(), copy.join(entry.file_name())).unwrap();
        }
        change(folder.path());
        let mut command = program();
        command.arg("preview").arg(&copy).args(["--no-open", "--json", "--editor", "true {file}"]);
        command.env("XDG_RUNTIME_DIR", folder.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // The document is printed on several lines.
        let mut said = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while !said.contains('}') {
            assert!(lines.read_line(&mut said).unwrap() > 0, "no address: {said}");
        }
        answers("preview", &said);
        let said: Value = serde_json::from_str(&said).unwrap();
        let address = said["address"].as_str().unwrap();
        let (origin, token) = address.split_once("/?token=").unwrap();
        let port = origin.rsplit_once(':').unwrap().1.parse().unwrap();
        let mut preview = Preview { child, port, token: token.to_owned(), cookie: String::new(), folder };
        let entry = preview.raw(&format!("GET /?token={token} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"));
        assert!(entry.starts_with("HTTP/1.1 303 "), "{entry}");
        let cookie = header(&entry, "set-cookie").unwrap();
        assert!(cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/"), "{cookie}");
        preview.cookie = cookie.split(';').next().unwrap().to_owned();
        preview
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("letter").join(name)
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// The first answer to what is sent, with its head.
    fn raw(&self, sent: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(sent.as_bytes()).unwrap();
        String::from_utf8_lossy(&answer(&mut stream)).into_owned()
    }

    /// The status of an answer to a GET with our cookie and these further headers.
    fn status(&self, path: &str, headers: &str) -> u16 {
        let (port, cookie) = (self.port, &self.cookie);
        let sent =
            format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n{headers}\r\n");
        status(&self.raw(&sent))
    }

    fn get(&self, path: &str) -> Vec<u8> {
        let (port, cookie) = (self.port, &self.cookie);
        let mut stream = self.connect();
        let sent = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n");
        stream.write_all(sent.as_bytes()).unwrap();
        let whole = answer(&mut stream);
        assert!(whole.starts_with(b"HTTP/1.1 200 "), "{path}: {}", String::from_utf8_lossy(&whole));
        whole[head_length(&whole).unwrap()..].to_vec()
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.get(path)).unwrap()
    }

    fn post(&self, path: &str, body: &Value) -> String {
        let (port, cookie, body) = (self.port, &self.cookie, body.to_string());
        self.raw(&format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n\
             Cookie: {cookie}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    fn events(&self) -> BufReader<TcpStream> {
        let mut stream = self.connect();
        let (port, cookie) = (self.port, &self.cookie);
        let sent = format!("GET /events HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\n\r\n");
        stream.write_all(sent.as_bytes()).unwrap();
        BufReader::new(stream)
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn head_length(answer: &[u8]) -> Option<usize> {
    answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4)
}

/// An answer: its head, and as much as its head says.
fn answer(stream: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    let mut block = [0; 1 << 16];
    loop {
        let length = head_length(&read).map(|head| {
            let text = String::from_utf8_lossy(&read[..head]).into_owned();
            head + header(&text, "content-length").map_or(0, |length| length.parse().unwrap())
        });
        if length.is_some_and(|length| read.len() >= length) {
            return read;
        }
        match stream.read(&mut block) {
            Ok(0) | Err(_) => return read,
            Ok(count) => read.extend_from_slice(&block[..count]),
        }
    }
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let lines = answer.split("\r\n\r\n").next()?.lines();
    lines.filter_map(|line| line.split_once(": ")).find(|(known, _)| *known == name).map(|(_, value)| value)
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// The next event with this name, as JSON.
fn event(events: &mut BufReader<TcpStream>, name: &str) -> Value {
    let wanted = format!("event: {name}\n");
    let mut line = String::new();
    loop {
        line.clear();
        assert!(events.read_line(&mut line).unwrap() > 0, "the stream ended before `{name}`");
        if line == wanted {
            // A frame of the transfer may end between the two lines.
            loop {
                line.clear();
                events.read_line(&mut line).unwrap();
                if let Some(data) = line.strip_prefix("data: ") {
                    return serde_json::from_str(data).unwrap();
                }
            }
        }
    }
}

/// Waits for the bench of a generation after this one. Benches of the same may come before it.
fn bench_after(events: &mut BufReader<TcpStream>, generation: u64) {
    while event(events, "bench")["generation"].as_u64().unwrap() <= generation {}
}

#[test]
fn a_page_of_another_site_gets_nothing() {
    let preview = Preview::open("card-letter");
    let (port, token, cookie) = (preview.port, &preview.token, &preview.cookie);
    let bench = |host: &str, headers: &str| {
        let sent = format!("GET /api/bench HTTP/1.1\r\n{host}Cookie: {cookie}\r\n{headers}\r\n");
        status(&preview.raw(&sent))
    };
    let ours = format!("Host: 127.0.0.1:{port}\r\n");
    assert_eq!(bench(&ours, "Sec-Fetch-Site: same-origin\r\n"), 200);
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        assert_eq!(bench(&format!("Host: {host}:{port}\r\n"), ""), 200, "{host}");
    }
    // Rebinding (CVE-2025-66414), and a proxy's header that says otherwise.
    for host in ["evil.example", "evil.example:80", "127.0.0.1", "localhost:1"] {
        let foreign = format!("Host: {host}\r\n");
        assert_eq!(bench(&foreign, ""), 421, "{host}");
        assert_eq!(bench(&foreign, &format!("X-Forwarded-Host: 127.0.0.1:{port}\r\n")), 421, "{host}");
        assert_eq!(bench(&foreign, &format!("Forwarded: host=127.0.0.1:{port}\r\n")), 421, "{host}");
    }
    assert!([400, 421].contains(&bench(&format!("{ours}Host: evil.example\r\n"), "")));
    assert!([400, 421].contains(&bench("", "")));
    let absolute = format!("GET http://evil.example/ HTTP/1.1\r\n{ours}Cookie: {cookie}\r\n\r\n");
    assert_eq!(status(&preview.raw(&absolute)), 421);
    // Requests of other sites (CVE-2025-24010, CVE-2018-14732, CVE-2025-30360), scripts (CVE-2025-30359), sockets.
    for foreign in [
        "Origin: https://evil.example\r\n",
        "Origin: null\r\n",
        "Origin: http://127.0.0.1:1\r\n",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: script\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nOrigin: https://evil.example\r\n",
    ] {
        for path in ["/", "/app/app.js", "/events", "/api/bench", "/tile/00.png"] {
            assert_eq!(preview.status(path, foreign), 403, "{path} {foreign}");
        }
    }
    // Other users of the machine have neither token nor cookie; another preview's cookie is another.
    for wrong in ["", "Cookie: pli-preview-1=1\r\n", "Cookie: a=b; pli-preview\r\n"] {
        assert_eq!(status(&preview.raw(&format!("GET / HTTP/1.1\r\n{ours}{wrong}\r\n"))), 403, "{wrong}");
        let bad = format!("GET /?token={}0 HTTP/1.1\r\n{ours}{wrong}\r\n", &token[1..]);
        assert_eq!(status(&preview.raw(&bad)), 403, "{wrong}");
    }
    // No name is a path.
    for path in [
        "/app/../Cargo.toml",
        "/app/%2e%2e%2fmod.rs",
        "/..%2f..%2fetc/passwd",
        "//etc/passwd",
        "/tile/../x.png",
    ] {
        assert_eq!(preview.status(path, ""), 404, "{path}");
    }
    assert_eq!(status(&preview.post("/api/open", &json!({ "place": "/etc/passwd" }))), 404);
    let page = preview.raw(&format!("GET / HTTP/1.1\r\n{ours}Cookie: {cookie}\r\n\r\n"));
    for (name, value) in [
        ("content-security-policy", "default-src 'self'"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ] {
        assert!(header(&page, name).is_some_and(|sent| sent.starts_with(value)), "{name}: {page}");
    }
    assert!(!page.to_ascii_lowercase().contains("access-control"), "{page}");
    within_limits(&preview);
}

/// Long requests are refused, and slow ones hold nobody up.
fn within_limits(preview: &Preview) {
    let (port, cookie) = (preview.port, &preview.cookie);
    assert_eq!(preview.status("/api/bench", &format!("X-Long: {}\r\n", "a".repeat(20_000))), 431);
    assert!([400, 431].contains(&preview.status("/api/bench", &"X-Many: 1\r\n".repeat(100))));
    let announced = format!(
        "POST /api/view HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n\
         Cookie: {cookie}\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    );
    assert_eq!(status(&preview.raw(&announced)), 413);
    for wrong in [
        json!({}),
        json!({ "client": "c", "variant": "v", "record": "r", "dpi": 1e9, "pages": [] }),
        json!({ "client": "c", "variant": "v", "record": "r", "dpi": 9, "pages": [] }),
    ] {
        assert_eq!(status(&preview.post("/api/view", &wrong)), 400, "{wrong}");
    }
    assert_eq!(status(&preview.post("/api/view", &json!("x"))), 400);
    half_open_connections_make_room(preview);
}

/// Half requests and silent connections, more than there are places for, hold up neither a new connection nor the page's own.
fn half_open_connections_make_room(preview: &Preview) {
    let (port, cookie) = (preview.port, &preview.cookie);
    let request = format!("GET /api/bench HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n");
    let mut own = preview.connect();
    own.write_all(request.as_bytes()).unwrap();
    assert_eq!(status(&String::from_utf8_lossy(&answer(&mut own))), 200);
    let mut events = preview.events();
    // The page's connections are in use before others come.
    let mut line = String::new();
    while line != ": open\n" {
        line.clear();
        assert!(events.read_line(&mut line).unwrap() > 0, "the stream ended before it began");
    }
    let open: Vec<TcpStream> = (0..250)
        .map(|number| {
            let mut stream = preview.connect();
            if number % 2 == 0 {
                // The server may have closed it by now.
                let _ = stream.write_all(b"GET / HTTP/1.1\r\nHo");
            }
            stream
        })
        .collect();
    let since = Instant::now();
    assert_eq!(preview.status("/api/bench", ""), 200);
    own.write_all(request.as_bytes()).unwrap();
    assert_eq!(status(&String::from_utf8_lossy(&answer(&mut own))), 200, "the page's own connection");
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
    let texts = preview.path("textes.typ");
    fs_err::write(&texts, fs_err::read_to_string(&texts).unwrap() + "\n").unwrap();
    // The page still hears of saves.
    bench_after(&mut events, 1);
    drop(open);
}

/// Values that can't be used are refused in plain words.
fn values_that_can_not_be_used(preview: &Preview, piece: &str) {
    for (path, code) in [
        (format!("/api/windows?piece={piece}&dx=NaN&dy=0"), 400),
        (format!("/api/windows?piece={piece}&dx=0&dy=inf"), 400),
        (format!("/api/windows?piece={piece}&dx=1&dy=0"), 200),
        (format!("/light/{piece}/front.png?blur=NaN"), 400),
        (format!("/ink/{piece}/0.png"), 404),
        (format!("/ink/{piece}/99.png"), 404),
        (format!("/ink/{piece}/1.png"), 200),
        ("/api/changes?against=zzz".to_owned(), 404),
        ("/api/changes?against=folder".to_owned(), 404),
        ("/api/changes?against=saved".to_owned(), 200),
        ("/export/texts.html?against=zzz".to_owned(), 404),
        ("/export/texts.html?against=folder".to_owned(), 404),
    ] {
        assert_eq!(preview.status(&path, ""), code, "{path}");
    }
    for (body, words) in [(json!({}), "is missing"), (json!({ "client": 1 }), "another kind")] {
        let refused = preview.post("/api/view", &body);
        assert!(refused.contains(words) && !refused.contains("line 1"), "{refused}");
    }
}

#[test]
fn a_save_is_shown_and_what_is_broken_stays_as_it_was() {
    let mut preview = Preview::open("card-letter");
    let bench = preview.json("/api/bench");
    let variant = &bench["variants"][0];
    let view = json!({
        "client": "tab", "variant": variant["id"], "record": bench["records"][0]["id"], "against": "saved",
        "dpi": 72, "pages": [{ "page": 1, "x": 0, "y": 0, "width": 600, "height": 900 }],
    });
    let answer = preview.post("/api/view", &view);
    let first: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!((&first["stale"], &first["pages"][0]["width"]), (&json!(false), &json!(595)));
    let piece = first["piece"].as_str().unwrap();
    what_is_printed_is_what_production_prints(&preview, &bench);
    values_that_can_not_be_used(&preview, piece);
    let texts_html = || String::from_utf8(preview.get("/export/texts.html?against=saved")).unwrap();
    assert!(!texts_html().contains("carton"), "nothing was saved yet");

    let mut events = preview.events();
    let texts = preview.path("textes.typ");
    let text = fs_err::read_to_string(&texts).unwrap();
    let changed = text.replacen("nouvelle carte professionnelle]", "nouvelle carton professionnelle]", 1);
    assert_ne!(text, changed);
    fs_err::write(&texts, &changed).unwrap();
    let shown = event(&mut events, "view");
    assert_ne!(shown["piece"], first["piece"]);
    let tiles = shown["pages"][0]["tiles"].as_array().unwrap();
    let differ = |tile: &&Value| tile["hash"] != tile["before"];
    assert!(tiles.iter().any(|tile| differ(&tile)) && tiles.iter().any(|tile| !differ(&tile)), "{tiles:?}");
    let hash = tiles[0]["hash"].as_str().unwrap();
    assert!(preview.get(&format!("/tile/{hash}.png")).starts_with(b"\x89PNG"));

    let compared = texts_html();
    assert!(compared.contains("carton") && compared.contains("<del"), "{compared}");

    // As editors that put a new file in the place of the old one.
    let new = preview.path(".textes.typ.new");
    fs_err::write(&new, format!("{changed}\n#let x = (\n")).unwrap();
    fs_err::rename(&new, &texts).unwrap();
    let broken = event(&mut events, "view");
    assert_eq!((&broken["stale"], &broken["piece"]), (&json!(true), &shown["piece"]));
    let told = event(&mut events, "bench");
    assert_eq!(told["state"], "broken");
    let fault = &told["faults"][0];
    assert!(fault["file"].as_str().unwrap().ends_with("textes.typ") && fault["line"].is_u64(), "{fault}");
    assert_eq!(status(&preview.post("/api/open", &json!({ "place": fault["place"] }))), 204);

    // The folder is replaced by another one, as a branch of a repository is.
    let folder = preview.path("");
    let away = preview.folder.path().join("away");
    fs_err::write(&texts, &text).unwrap();
    assert_eq!(event(&mut events, "view")["stale"], false);
    fs_err::rename(&folder, &away).unwrap();
    assert_eq!(event(&mut events, "view")["stale"], true);
    fs_err::rename(&away, &folder).unwrap();
    let back = event(&mut events, "view");
    assert_eq!((&back["stale"], back["piece"].as_str()), (&json!(false), Some(piece)));

    an_editor_shows_a_place(&preview, &mut events, &bench);
    it_ends_at_once(&mut preview, &mut events);
}

/// The piece of the page is that of `pli render`, byte for byte.
fn what_is_printed_is_what_production_prints(preview: &Preview, bench: &Value) {
    let (variant, record) = (&bench["variants"][0], bench["records"][0]["id"].as_str().unwrap());
    let id = variant["id"].as_str().unwrap();
    let exported = preview.get(&format!("/export/page.pdf?variant={id}&record={record}"));
    let output = preview.folder.path().join("letter.pdf");
    let folder = preview.path("");
    let mut arguments = vec!["render".to_owned(), folder.display().to_string()];
    for (name, value) in variant["facts"].as_object().unwrap() {
        arguments.extend(["--variant".to_owned(), format!("{name}={}", value.as_str().unwrap())]);
    }
    arguments.extend(["--output".to_owned(), output.display().to_string()]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let rendered = pli(&arguments);
    assert_eq!(rendered.code, 0, "{}", rendered.stderr);
    assert!(exported == fs_err::read(output).unwrap());
    let described = preview.json(&format!("/api/piece?variant={id}&record={record}"));
    let marks = described["pages"][0]["marks"].as_array().unwrap();
    let barcode = marks.iter().find(|mark| mark["kind"] == "code39").unwrap();
    assert_eq!(barcode["value"], described["card"]["number"]);
    assert!(barcode["file"].as_str().unwrap().ends_with("card-letter.typ"), "{barcode}");
    let piece = described["piece"].as_str().unwrap();
    let symbols = preview.json(&format!("/api/symbols?piece={piece}&page=1"));
    let symbols = symbols.as_array().unwrap();
    assert!(symbols.len() >= 6 && symbols.iter().all(|symbol| symbol["ok"] == true), "{symbols:?}");
    assert!(symbols.iter().any(|symbol| symbol["signature"] == "valid"));
}

fn an_editor_shows_a_place(preview: &Preview, events: &mut BufReader<TcpStream>, bench: &Value) {
    let (variant, record) = (&bench["variants"][0]["id"], &bench["records"][0]["id"]);
    let (variant, record) = (variant.as_str().unwrap(), record.as_str().unwrap());
    let described = preview.json(&format!("/api/piece?variant={variant}&record={record}"));
    let marks = described["pages"][0]["marks"].as_array().unwrap();
    let mark = marks.iter().find(|mark| mark["kind"] == "code39").unwrap();
    let place = format!("{}:{}:{}", preview.path("card-letter.typ").display(), mark["line"], mark["column"]);
    let reveal = |place: &str| {
        let mut command = program();
        command.args(["preview", "--json", "--reveal", place]).env("XDG_RUNTIME_DIR", preview.folder.path());
        command.output().unwrap()
    };
    let shown = reveal(&place);
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    answers("revealed", &String::from_utf8_lossy(&shown.stdout));
    let event = event(events, "reveal");
    assert_eq!(
        (&event["variant"], &event["page"], &event["x"]),
        (&json!(variant), &json!(1), &mark["quiet"]["x"])
    );
    let other = preview.folder.path().join("other.typ");
    fs_err::write(&other, "").unwrap();
    let none = reveal(&format!("{}:1:1", other.display()));
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&none.stderr).contains("start `pli preview`"));
}

#[test]
fn what_lies_around_a_template_is_watched_and_shown_too() {
    let envelopes = Path::new(env!("CARGO_MANIFEST_DIR")).join("envelopes");
    let envelope = fs_err::read_to_string(envelopes.join("dl-two-windows.toml")).unwrap();
    let preview = Preview::open_with("card-letter", |around| {
        let own = around.join("letter");
        fs_err::create_dir(around.join("shared")).unwrap();
        fs_err::write(around.join("shared/mots.typ"), "#let adieu = [Cordialement.]\n").unwrap();
        let toml = fs_err::read_to_string(own.join("template.toml")).unwrap();
        let toml = toml.replace("grammage", "shared = \"../shared\"\ngrammage");
        fs_err::write(own.join("template.toml"), toml.replace("dl-two-windows", "ours")).unwrap();
        let main = fs_err::read_to_string(own.join("card-letter.typ")).unwrap();
        let line = "#import \"/shared/mots.typ\": adieu\n#at(20mm, 193mm, adieu)\n";
        fs_err::write(own.join("card-letter.typ"), main + line).unwrap();
        fs_err::create_dir(around.join("envelopes")).unwrap();
        fs_err::write(around.join("envelopes/ours.toml"), &envelope).unwrap();
    });
    let bench = preview.json("/api/bench");
    let (variant, record) = (&bench["variants"][0]["id"], &bench["records"][0]["id"]);
    let described =
        format!("/api/piece?variant={}&record={}", variant.as_str().unwrap(), record.as_str().unwrap());
    let described = preview.json(&described);
    // A window of the envelope leads to the line that names the envelope.
    let marks =
        described["pages"].as_array().unwrap().iter().flat_map(|page| page["marks"].as_array().unwrap());
    let window = marks.clone().find(|mark| mark["kind"] == "window").expect("a window");
    let toml = fs_err::read_to_string(preview.path("template.toml")).unwrap();
    let line = 1 + toml.lines().position(|line| line.starts_with("envelope =")).unwrap();
    assert!(window["file"].as_str().unwrap().ends_with("letter/template.toml"), "{window}");
    assert_eq!(window["line"], line, "{window}");

    let mut events = preview.events();
    let place = format!("{}:1:16", preview.folder.path().join("shared/mots.typ").display());
    let mut command = program();
    command.args(["preview", "--reveal", &place]).env("XDG_RUNTIME_DIR", preview.folder.path());
    let shown = command.output().unwrap();
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    assert!(event(&mut events, "reveal")["y"].as_f64().unwrap() > 180.0);

    let wider = envelope.replacen("width_mm = 220", "width_mm = 225", 1);
    assert_ne!(envelope, wider);
    fs_err::write(preview.folder.path().join("envelopes/ours.toml"), wider).unwrap();
    let generation = bench["generation"].as_u64().unwrap();
    bench_after(&mut events, generation);
}

fn it_ends_at_once(preview: &mut Preview, events: &mut BufReader<TcpStream>) {
    let notes = preview.folder.path().join("pli");
    assert_eq!(fs_err::read_dir(&notes).unwrap().count(), 1);
    let since = Instant::now();
    let id = preview.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(event(events, "end"), json!({}));
    assert_eq!(preview.child.wait().unwrap().code(), Some(0));
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    assert_eq!(fs_err::read_dir(&notes).unwrap().count(), 0);
}

#[test]
fn what_can_not_be_shown_is_said_before_anything_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere").display().to_string();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (arguments, code) in [
        (vec!["preview", &nowhere], "template"),
        (vec!["preview", "card-letter", "--editor", "vim"], "preview_editor"),
        (vec!["preview", "card-letter", "--editor", "no-such-editor {file}"], "preview_editor"),
        (vec!["preview", "card-letter", "--port", &port], "preview_port"),
        (vec!["preview", "card-letter", "--job", &nowhere], "job"),
        (vec!["preview", "--reveal", "/etc/passwd"], "arguments"),
        (vec!["preview", "--reveal", "/nowhere.typ:1:1"], "preview_file"),
    ] {
        let ran = pli(&[
            &arguments[..],
            &["--no-open", "--json"][..if arguments[1] == "--reveal" { 0 } else { 2 }],
        ]
        .concat());
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
        if arguments[1] != "--reveal" {
            let said = ran.json();
            assert!(said["error"]["code"].as_str().unwrap().starts_with(code), "{said}");
            assert!(said["error"]["advice"].is_string(), "{said}");
        }
    }
}
