//! Downloads one file from an `http` or `https` address.
//!
//! Redirects are followed within the host only, and never from `https` to `http`. A download takes at most 30 seconds and
//! 64 MB.

use std::time::Duration;

use thiserror::Error;
use twoddoc::trust::display_safe;
use ureq::http::Uri;
use ureq::http::header::LOCATION;

const MOST_BYTES: u64 = 64 << 20;
const TIMEOUT: Duration = Duration::from_secs(30);
const MOST_REDIRECTS: usize = 5;

/// Why an address gave no file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum NetworkFault {
    /// The address is not one that is asked.
    #[error("only `http` and `https` addresses of a host are asked")]
    Address,
    /// The server answers with a refusal.
    #[error("the server answers {0}")]
    Status(u16),
    /// The server redirects to another host, or from `https` to `http`.
    #[error("the server sends us on to `{}`, which is not followed: another host, or no longer `https`", display_safe(.0))]
    Redirect(String),
    /// The server redirects too often.
    #[error("the server sends us on more than {MOST_REDIRECTS} times")]
    Redirects,
    /// The file is too large.
    #[error("the file is larger than {} MB", .0 >> 20)]
    TooLarge(u64),
    /// The file took too long.
    #[error("the file did not arrive within {} seconds", .0.as_secs())]
    Late(Duration),
    /// The connection failed or broke.
    #[error("no connection: {}", display_safe(.0))]
    Connection(String),
}

/// An HTTP client with its limits.
pub(super) struct Network {
    agent: ureq::Agent,
    most_bytes: u64,
    timeout: Duration,
}

impl Network {
    /// A client with the limits above and the environment's proxy, if any.
    pub(super) fn new() -> Network {
        Network::with(MOST_BYTES, TIMEOUT, ureq::Proxy::try_from_env())
    }

    pub(super) fn with(most_bytes: u64, timeout: Duration, proxy: Option<ureq::Proxy>) -> Network {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(concat!("pli/", env!("CARGO_PKG_VERSION")))
            .proxy(proxy)
            .build();
        Network { agent: config.new_agent(), most_bytes, timeout }
    }

    /// Downloads a file.
    ///
    /// # Errors
    /// [`NetworkFault`].
    pub(super) fn get(&self, address: &str) -> Result<Vec<u8>, NetworkFault> {
        let mut address = web_address(address).ok_or(NetworkFault::Address)?;
        for _ in 0..=MOST_REDIRECTS {
            let response = self.agent.get(address.clone()).call().map_err(|error| self.fault(error))?;
            let status = response.status();
            if status.as_u16() == 200 {
                return self.body(response);
            }
            let location = response.headers().get(LOCATION).filter(|_| status.is_redirection());
            let location =
                location.ok_or(NetworkFault::Status(status.as_u16()))?.to_str().unwrap_or_default();
            address =
                redirected(&address, location).ok_or_else(|| NetworkFault::Redirect(location.to_owned()))?;
        }
        Err(NetworkFault::Redirects)
    }

    fn body(&self, response: ureq::http::Response<ureq::Body>) -> Result<Vec<u8>, NetworkFault> {
        let mut body = response.into_body();
        let promised = body.content_length();
        // One byte more than the limit, since a file of exactly that size is allowed.
        let read = body.with_config().limit(self.most_bytes + 1).read_to_vec();
        let bytes = read.map_err(|error| self.fault(error))?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if length > self.most_bytes {
            return Err(NetworkFault::TooLarge(self.most_bytes));
        }
        match promised {
            Some(promised) if promised != length => Err(NetworkFault::Connection("it broke off".to_owned())),
            _ => Ok(bytes),
        }
    }

    fn fault(&self, error: ureq::Error) -> NetworkFault {
        match error {
            ureq::Error::BodyExceedsLimit(_) => NetworkFault::TooLarge(self.most_bytes),
            ureq::Error::Timeout(_) => NetworkFault::Late(self.timeout),
            ureq::Error::HostNotFound => NetworkFault::Connection("the host is not known".to_owned()),
            error => NetworkFault::Connection(error.to_string()),
        }
    }
}

/// Whether an address is one that is asked.
pub(super) fn is_web(address: &str) -> bool {
    web_address(address).is_some()
}

/// An address of `http` or `https` with a host and without a user's name.
fn web_address(address: &str) -> Option<Uri> {
    let address = address.split('#').next().unwrap_or_default();
    let uri: Uri = address.parse().ok()?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    (is_web && has_host && !has_user).then_some(uri)
}

/// The address to which a redirect leads, if it stays on the host and does not leave `https` (RFC 9110 §10.2.2).
fn redirected(from: &Uri, location: &str) -> Option<Uri> {
    let (scheme, authority, path) = (from.scheme_str()?, from.authority()?, from.path());
    let to = if location.contains("://") {
        web_address(location)?
    } else if location.starts_with("//") {
        web_address(&format!("{scheme}:{location}"))?
    } else if location.starts_with('/') {
        web_address(&format!("{scheme}://{authority}{location}"))?
    } else if location.starts_with('?') {
        web_address(&format!("{scheme}://{authority}{path}{location}"))?
    } else {
        let (folder, _) = path.rsplit_once('/').unwrap_or_default();
        web_address(&format!("{scheme}://{authority}{folder}/{location}"))?
    };
    let same_host = to.host()?.eq_ignore_ascii_case(from.host()?);
    let still_secret = scheme == "http" || to.scheme_str() == Some("https");
    (same_host && still_secret).then_some(to)
}

#[cfg(test)]
mod tests {
    use super::{is_web, redirected, web_address};

    #[test]
    fn only_addresses_of_the_web_are_asked() {
        for address in ["http://a.example", "https://a.example:8443/x?y=%2F#z", "http://127.0.0.1/"] {
            assert!(is_web(address), "{address}");
        }
        for address in [
            "",
            "a.example",
            "/x",
            "file:///etc/passwd",
            "ftp://a.example/",
            "ldap://a.example/",
            "http://",
            "http:///x",
            "http://user@a.example/",
            "https://user:word@a.example/",
            "HTTPS//a",
            "http://a b/",
        ] {
            assert!(!is_web(address), "{address}");
        }
    }

    #[test]
    fn redirects_stay_where_they_are() {
        let to = |from: &str, location: &str| {
            redirected(&web_address(from).unwrap(), location).map(|to| to.to_string()).unwrap_or_default()
        };
        let from = "http://a.example/b/c?d";
        assert_eq!(to(from, "https://A.example/x"), "https://A.example/x");
        assert_eq!(to(from, "http://a.example:8080/x"), "http://a.example:8080/x");
        assert_eq!(to(from, "/x?y"), "http://a.example/x?y");
        assert_eq!(to(from, "x"), "http://a.example/b/x");
        assert_eq!(to(from, "?x"), "http://a.example/b/c?x");
        assert_eq!(to("http://a.example", "x"), "http://a.example/x");
        for location in [
            "http://b.example/",
            "//b.example/",
            "file:///etc/passwd",
            "http://a.example@b.example/",
            "http://b.a.example",
        ] {
            assert_eq!(to(from, location), "", "{location}");
        }
        assert_eq!(to("https://a.example/", "http://a.example/"), "");
        assert_eq!(to("https://a.example/", "//a.example/x"), "https://a.example/x");
    }
}
