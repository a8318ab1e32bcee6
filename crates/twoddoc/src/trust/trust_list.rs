//! Trust lists in XML (ETSI TS 102 231, TS 119 612): which authorities may issue 2D-DOC certificates.
//!
//! [`read`] checks the signature, and reads the services from the same tree. Whether the signer is trusted and whether the
//! list is current is not decided here.

use super::canonical_xml::{Element, XML_NAMESPACE, XmlError, parse};
use super::name::display_safe;
use super::xml_signature::{XmlSignatureError, decode_base64, verify};
use jiff::civil::Date;
use thiserror::Error;

/// The namespace of trust lists (TS 119 612 §5.1; the same in TS 102 231 since version 2).
const TSL: &str = "http://uri.etsi.org/02231/v2#";
/// Prefix of the types of services that issue certificates: `CA/PKC` and `CA/QC` (TS 119 612 §5.5.1.1).
const CERTIFICATE_AUTHORITY: &str = "http://uri.etsi.org/TrstSvc/Svctype/CA/";
/// The status "in accord" (TS 102 231 §5.5.4): the service conforms to the scheme's rules.
const IN_ACCORD: &str = "http://uri.etsi.org/TrstSvc/Svcstatus/inaccord";

/// A trust list with a valid signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustList {
    /// The sequence number, which increases by one with every issue (TS 119 612 §5.3.2).
    pub sequence: u64,
    /// The operator of the list (§5.3.4).
    pub operator: String,
    /// The day of issue, UTC (§5.3.14).
    pub issued: Option<Date>,
    /// The day by which the next issue is due, UTC (§5.3.15).
    pub next_update: Option<Date>,
    /// The addresses where its issues are published (§5.3.16).
    pub distribution_points: Vec<String>,
    /// The certificate whose key signed it, in DER. Nothing proves that it is the operator's.
    pub signer: Vec<u8>,
    /// The services that issue certificates, in the order of the list.
    pub services: Vec<TrustedService>,
}

/// A service of a trust list that issues certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedService {
    /// The authority's identifier, four characters of `A-Z0-9` (`TSPTradeName`, TS 119 612 §5.4.2).
    pub ca_id: String,
    /// The authority's name (`TSPName`, §5.4.1).
    pub operator: String,
    /// The address of its directory of certificates (`TSPInformationURI`, §5.4.4).
    pub directory: Option<String>,
    /// Its certificates in DER, not parsed yet (§5.5.3).
    pub certificates: Vec<Vec<u8>>,
    /// Whether its status is "in accord".
    pub in_accord: bool,
    /// The URI of its status (§5.5.4).
    pub status: String,
    /// The first day of its status, UTC (§5.5.5).
    pub since: Option<Date>,
}

/// Why a trust list can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TrustListError {
    /// The file is not XML, or is refused.
    #[error("not a trust list: {0}")]
    Xml(#[from] XmlError),
    /// The root element is another one.
    #[error("not a trust list: its root is `{}`, not `TrustServiceStatusList`", display_safe(.0))]
    Root(String),
    /// The signature is missing or not valid.
    #[error(transparent)]
    Signature(#[from] XmlSignatureError),
    /// A mandatory element is missing, or there are several.
    #[error("the trust list has no {0}, or more than one")]
    Missing(&'static str),
    /// A value can't be parsed.
    #[error("the trust list's {what} can't be read: `{}`", display_safe(.value))]
    Value {
        /// The element.
        what: &'static str,
        /// The first 60 characters of the value.
        value: String,
    },
}

impl TrustListError {
    fn value(what: &'static str, value: &str) -> TrustListError {
        TrustListError::Value { what, value: value.trim().chars().take(60).collect() }
    }
}

/// Reads a trust list after checking its signature.
///
/// # Errors
/// [`TrustListError::Xml`] or [`TrustListError::Root`] if the file is not a trust list, [`TrustListError::Signature`] if
/// its signature is missing or not valid, [`TrustListError::Missing`] or [`TrustListError::Value`] if an element is.
pub fn read(xml: &[u8]) -> Result<TrustList, TrustListError> {
    let document = parse(xml)?;
    let root = &document.root;
    if !root.is(TSL, "TrustServiceStatusList") {
        return Err(TrustListError::Root(root.name.local.chars().take(60).collect()));
    }
    let signer = verify(&document)?;
    let scheme = root.only(TSL, "SchemeInformation").ok_or(TrustListError::Missing("SchemeInformation"))?;
    let sequence = text(scheme, "TSLSequenceNumber").ok_or(TrustListError::Missing("TSLSequenceNumber"))?;
    Ok(TrustList {
        sequence: sequence.parse().map_err(|_| TrustListError::value("TSLSequenceNumber", &sequence))?,
        operator: name(scheme, "SchemeOperatorName").ok_or(TrustListError::Missing("SchemeOperatorName"))?,
        issued: day(scheme, "ListIssueDateTime")?,
        next_update: match scheme.only(TSL, "NextUpdate") {
            Some(next_update) => day(next_update, "dateTime")?,
            None => None,
        },
        distribution_points: uris(scheme, "DistributionPoints").collect(),
        signer,
        services: services(root)?,
    })
}

fn services(root: &Element) -> Result<Vec<TrustedService>, TrustListError> {
    let providers = root.only(TSL, "TrustServiceProviderList").into_iter();
    let mut services = Vec::new();
    for provider in providers.flat_map(|list| list.named(TSL, "TrustServiceProvider")) {
        let information =
            provider.only(TSL, "TSPInformation").ok_or(TrustListError::Missing("TSPInformation"))?;
        // Providers without a 2D-DOC identifier issue no certificates for 2D-DOC.
        let Some(ca_id) = names(information, "TSPTradeName").find(|name| is_ca_id(name)) else { continue };
        let operator = name(information, "TSPName").unwrap_or_default();
        let directory = uris(information, "TSPInformationURI").next();
        let offered = provider.only(TSL, "TSPServices").into_iter();
        for service in offered.flat_map(|list| list.named(TSL, "TSPService")) {
            let service = service.only(TSL, "ServiceInformation");
            let service = service.ok_or(TrustListError::Missing("ServiceInformation"))?;
            let service_type = text(service, "ServiceTypeIdentifier").unwrap_or_default();
            if service_type.starts_with(CERTIFICATE_AUTHORITY) {
                services.push(read_service(service, &ca_id, &operator, directory.as_deref())?);
            }
        }
    }
    Ok(services)
}

fn read_service(
    service: &Element,
    ca_id: &str,
    operator: &str,
    directory: Option<&str>,
) -> Result<TrustedService, TrustListError> {
    let status = text(service, "ServiceStatus").ok_or(TrustListError::Missing("ServiceStatus"))?;
    Ok(TrustedService {
        ca_id: ca_id.to_owned(),
        operator: operator.to_owned(),
        directory: directory.map(str::to_owned),
        certificates: certificates(service)?,
        in_accord: status == IN_ACCORD,
        status,
        since: day(service, "StatusStartingTime")?,
    })
}

/// The certificates of a service (TS 119 612 §5.5.3). Identities given by name or key only are ignored.
fn certificates(service: &Element) -> Result<Vec<Vec<u8>>, TrustListError> {
    let identities = service.only(TSL, "ServiceDigitalIdentity").into_iter();
    let identities = identities.flat_map(|identity| identity.named(TSL, "DigitalId"));
    let certificates = identities.flat_map(|identity| identity.named(TSL, "X509Certificate"));
    let read = |element: &Element| {
        let text = element.text().unwrap_or_default();
        decode_base64(&text).ok_or_else(|| TrustListError::value("X509Certificate", &text))
    };
    certificates.map(read).collect()
}

/// Whether a text is an authority id: two letters of a country, and two letters or digits (S326 p. 15).
pub(super) fn is_ca_id(text: &str) -> bool {
    let (country, own) = text.split_at_checked(2).unwrap_or_default();
    let own_part =
        own.len() == 2 && own.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    own_part && country.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The trimmed text of the only child element with a name.
fn text(parent: &Element, local: &str) -> Option<String> {
    Some(parent.only(TSL, local)?.text()?.trim().to_owned())
}

/// A name in several languages (TS 119 612 §5.1.4), French first.
fn names<'e>(parent: &'e Element, local: &'e str) -> impl Iterator<Item = String> + 'e {
    in_languages(parent, local, "Name")
}

fn name(parent: &Element, local: &str) -> Option<String> {
    names(parent, local).next().filter(|name| !name.is_empty())
}

/// The addresses in an element, French first. Empty ones and those with white space are ignored.
fn uris<'e>(parent: &'e Element, local: &'e str) -> impl Iterator<Item = String> + 'e {
    in_languages(parent, local, "URI").filter(|uri| !uri.is_empty() && !uri.contains(char::is_whitespace))
}

fn in_languages<'e>(parent: &'e Element, local: &'e str, each: &'e str) -> impl Iterator<Item = String> + 'e {
    let mut written: Vec<&Element> = match parent.only(TSL, local) {
        Some(several) => several.named(TSL, each).collect(),
        None => Vec::new(),
    };
    written.sort_by_key(|element| !is_french(element));
    written.into_iter().filter_map(Element::text).map(|text| text.trim().to_owned())
}

fn is_french(element: &Element) -> bool {
    element.attributes.iter().any(|attribute| {
        let name = (&*attribute.name.namespace, attribute.name.local.as_str());
        name == (XML_NAMESPACE, "lang") && attribute.value.eq_ignore_ascii_case("fr")
    })
}

/// The day, in UTC, of the only child element with a name. `None` if it is absent or empty.
fn day(parent: &Element, local: &'static str) -> Result<Option<Date>, TrustListError> {
    let Some(text) = text(parent, local).filter(|text| !text.is_empty()) else { return Ok(None) };
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(Some(moment.to_zoned(jiff::tz::TimeZone::UTC).date()));
    }
    let local_time = text.parse::<jiff::civil::DateTime>();
    local_time.map(|moment| Some(moment.date())).map_err(|_| TrustListError::value(local, &text))
}

#[cfg(test)]
mod tests;
