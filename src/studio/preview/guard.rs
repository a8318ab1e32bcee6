//! Who may ask: every request is judged by its raw header before anything else is done.
//!
//! A page of another site can make the browser send requests here, and by rebinding its name even read the answers. So the
//! host must be one of ours, the origin too, and the browser must say that no other site asks. Another user of the machine
//! can send any header, so the address has a token, which becomes a cookie. Host and origin are never compared with each
//! other, since both are the attacker's under rebinding; what proxies add is not read.

use hyper::header::{AsHeaderName, CONTENT_TYPE, COOKIE, HOST, ORIGIN};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode};

use super::refusal::Refusal;
use crate::failure::Failure;
use crate::files::hexadecimal;

/// What a request is allowed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// The address with the token was opened: the browser gets the cookie.
    Entry,
    /// It has the cookie.
    Admitted,
}

/// The names by which this server is reached, its token and its cookie.
pub(super) struct Guard {
    authorities: [String; 3],
    origins: [String; 3],
    token: String,
    cookie_name: String,
    cookie: String,
}

impl Guard {
    /// A guard of the server on this port, with a new token and cookie.
    ///
    /// # Errors
    /// `io`: the system has no randomness.
    pub(super) fn new(port: u16) -> Result<Guard, Failure> {
        let authorities = ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}"));
        Ok(Guard {
            origins: authorities.clone().map(|authority| format!("http://{authority}")),
            authorities,
            token: secret()?,
            cookie_name: format!("pli-preview-{port}"),
            cookie: secret()?,
        })
    }

    /// The address that opens the preview.
    pub(super) fn address(&self) -> String {
        format!("{}/?token={}", self.origins[0], self.token)
    }

    /// The token of the address.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// The value of `Set-Cookie` for a browser that opened the address.
    pub(super) fn set_cookie(&self) -> String {
        format!("{}={}; HttpOnly; SameSite=Strict; Path=/", self.cookie_name, self.cookie)
    }

    /// Judges a request.
    ///
    /// # Errors
    /// A [`Refusal`].
    pub(super) fn judge(&self, head: &Parts) -> Result<Admission, Refusal> {
        self.judge_host(head)?;
        let posts = match head.method {
            Method::GET => false,
            Method::POST => true,
            _ => return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method", "only GET and POST")),
        };
        self.judge_origin(&head.headers, posts)?;
        judge_fetch_site(&head.headers, posts)?;
        if posts && only(&head.headers, CONTENT_TYPE) != Some("application/json") {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content_type",
                "a POST is `application/json`",
            ));
        }
        if let (false, "/", Some(query)) = (posts, head.uri.path(), head.uri.query()) {
            let token = query.split('&').find_map(|pair| pair.strip_prefix("token="));
            if token.is_some_and(|token| same(token, &self.token)) {
                return Ok(Admission::Entry);
            }
        }
        match self.has_cookie(&head.headers) {
            true => Ok(Admission::Admitted),
            false => Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "token",
                "this page opens by the address that `pli preview` printed, with its token",
            )),
        }
    }

    /// Whether a request asks for this server by one of its names.
    pub(super) fn knows_host(&self, head: &Parts) -> bool {
        let known = |host: &str| self.authorities.iter().any(|authority| authority == host);
        // A request line may name a host too, and it counts before the header.
        let line = head.uri.authority().is_none_or(|authority| known(authority.as_str()));
        line && only(&head.headers, HOST).is_some_and(known)
    }

    fn judge_host(&self, head: &Parts) -> Result<(), Refusal> {
        match self.knows_host(head) {
            true => Ok(()),
            false => Err(Refusal::new(
                StatusCode::MISDIRECTED_REQUEST,
                "host",
                "this server is 127.0.0.1, localhost or [::1] with its port, and has no other name",
            )),
        }
    }

    fn judge_origin(&self, headers: &HeaderMap, posts: bool) -> Result<(), Refusal> {
        let ours = match headers.contains_key(ORIGIN) {
            true => only(headers, ORIGIN).is_some_and(|origin| self.origins.iter().any(|own| own == origin)),
            false => !posts,
        };
        match ours {
            true => Ok(()),
            false => Err(Refusal::new(StatusCode::FORBIDDEN, "origin", "another site asks")),
        }
    }

    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(name, value)| name == self.cookie_name && same(value, &self.cookie))
    }
}

/// Browsers say who asks. What is typed, or opened from a program, is asked by nobody; it may only look.
fn judge_fetch_site(headers: &HeaderMap, posts: bool) -> Result<(), Refusal> {
    const SITE: &str = "sec-fetch-site";
    let good = match headers.contains_key(SITE) {
        false => true,
        true => match only(headers, SITE) {
            Some("same-origin") => true,
            Some("none") => !posts,
            _ => false,
        },
    };
    match good {
        true => Ok(()),
        false => Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "site",
            "another site asks; copy the address into the browser's address bar instead of following a link",
        )),
    }
}

/// The value of a header that is there once.
fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Whether two texts are the same, compared to the end whatever differs.
pub(super) fn same(text: &str, secret: &str) -> bool {
    let differs = |(a, b): (u8, u8)| a ^ b;
    let differing = text.bytes().zip(secret.bytes()).map(differs).fold(0, |all, bits| all | bits);
    text.len() == secret.len() && differing == 0
}

/// 32 random bytes in hexadecimal.
fn secret() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::midway("io", format!("the system gives no random bytes: {error}"))
            .with_advice("run the same command again")
    })?;
    Ok(hexadecimal(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    const OURS: &str = "http://127.0.0.1:4000";

    fn guard() -> Guard {
        Guard::new(4000).unwrap()
    }

    /// How a request is judged: the refusal's code, or what it is allowed.
    fn judged(guard: &Guard, method: &str, uri: &str, headers: &[(&str, &str)]) -> &'static str {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match guard.judge(&request.body(()).unwrap().into_parts().0) {
            Ok(Admission::Entry) => "entry",
            Ok(Admission::Admitted) => "admitted",
            Err(refusal) => refusal.code(),
        }
    }

    #[test]
    fn only_our_own_page_is_answered() {
        let guard = guard();
        let cookie = format!("other=1; pli-preview-4000={}", guard.cookie);
        let entry = format!("/?token={}", guard.token);
        let host = ("host", "127.0.0.1:4000");
        let get = |uri: &str, headers: &[(&str, &str)]| judged(&guard, "GET", uri, headers);
        assert_eq!(get(&entry, &[host]), "entry");
        assert_eq!(get(&entry, &[("host", "[::1]:4000"), ("sec-fetch-site", "none")]), "entry");
        for (headers, expected) in [
            (&[][..], "admitted"),
            (&[("sec-fetch-site", "same-origin")], "admitted"),
            (&[("origin", OURS)], "admitted"),
            // CVE-2025-24010, CVE-2018-14732, CVE-2025-30360: a page of another site asks.
            (&[("origin", "https://evil.example")], "origin"),
            (&[("origin", "null")], "origin"),
            (&[("origin", "http://127.0.0.1:4001")], "origin"),
            (&[("origin", "http://127.0.0.1:4000.evil.example")], "origin"),
            // CVE-2025-30359: a page includes the code as a script.
            (&[("sec-fetch-site", "cross-site"), ("sec-fetch-dest", "script")], "site"),
            (&[("sec-fetch-site", "same-site")], "site"),
        ] {
            let all = [&[host, ("cookie", cookie.as_str())][..], headers].concat();
            assert_eq!(get("/api/bench", &all), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_name_that_is_not_ours_is_not_answered() {
        let guard = guard();
        let entry = format!("/?token={}", guard.token);
        let get = |uri: &str, headers: &[(&str, &str)]| judged(&guard, "GET", uri, headers);
        let ours = ("host", "localhost:4000");
        // CVE-2025-66414: rebinding. The name, and with it host and origin, are the attacker's.
        for host in ["evil.example:4000", "127.0.0.1", "127.0.0.1:4001", "localhost:4000.evil.example", ""] {
            assert_eq!(get(&entry, &[("host", host)]), "host", "{host}");
            assert_eq!(get(&entry, &[("host", host), ("x-forwarded-host", ours.1)]), "host", "{host}");
        }
        assert_eq!(get(&entry, &[]), "host");
        assert_eq!(get(&entry, &[ours, ("host", "evil.example:4000")]), "host");
        assert_eq!(get(&format!("http://evil.example:4000{entry}"), &[ours]), "host");
        assert_eq!(get(&entry, &[ours, ("x-forwarded-host", "evil.example:4000")]), "entry");
    }

    #[test]
    fn a_token_or_cookie_of_another_is_worth_nothing() {
        let (guard, other) = (guard(), guard());
        let host = ("host", "127.0.0.1:4000");
        let cookie = |name: &str, value: &str| format!("{name}={value}");
        for (uri, cookie) in [
            ("/".to_owned(), String::new()),
            ("/?token=".to_owned(), String::new()),
            (format!("/?token={}", other.token), String::new()),
            (format!("/api/bench?token={}", guard.token), String::new()),
            ("/".to_owned(), cookie("pli-preview-4001", &guard.cookie)),
            ("/".to_owned(), cookie("pli-preview-4000", &other.cookie)),
            ("/".to_owned(), cookie("pli-preview-4000", &guard.token)),
            ("/".to_owned(), cookie("pli-preview-4000", &guard.cookie[1..])),
        ] {
            assert_eq!(judged(&guard, "GET", &uri, &[host, ("cookie", &cookie)]), "token", "{uri} {cookie}");
        }
    }

    #[test]
    fn a_post_is_of_our_page_and_json() {
        let guard = guard();
        let cookie = format!("pli-preview-4000={}", guard.cookie);
        let json = ("content-type", "application/json");
        let post = |headers: &[(&str, &str)]| {
            let all = [&[("host", "127.0.0.1:4000"), ("cookie", cookie.as_str())][..], headers].concat();
            judged(&guard, "POST", "/api/view", &all)
        };
        assert_eq!(post(&[("origin", OURS), json]), "admitted");
        assert_eq!(post(&[json]), "origin");
        // What a form of another site can send without asking first.
        assert_eq!(post(&[("origin", OURS), ("content-type", "text/plain")]), "content_type");
        assert_eq!(post(&[("origin", OURS)]), "content_type");
        assert_eq!(post(&[("origin", OURS), json, ("sec-fetch-site", "none")]), "site");
        assert_eq!(judged(&guard, "OPTIONS", "/api/view", &[("host", "127.0.0.1:4000")]), "method");
    }
}
