//! Certificate requests (PKCS#10, RFC 2986): a bureau asks an authority of the national 2D-DOC for its certificate.
//!
//! The request is signed with the key that it is for. The certificate is a « cachet serveur »: subject C, O, OU and CN,
//! where CN is the certificate's identifier in a code's header (ANTS « Processus 2D-Doc » 1.2
//! p. 15, specification 3.2.6 p. 16). Its key usage is digitalSignature and nonRepudiation, critical, as in each issuer's
//! certificate that has a key usage (docs/keys.md). The trust list itself holds authorities only.

use crate::failure::{Exit, Explained};
use std::fmt;

use x509_cert::attr::{Attribute, AttributeTypeAndValue};
use x509_cert::der::asn1::{BitString, ObjectIdentifier, PrintableStringRef, SetOfVec, Utf8StringRef};
use x509_cert::der::pem::LineEnding;
use x509_cert::der::{self, Any, Decode as _, Encode as _, EncodePem as _};
use x509_cert::ext::ToExtension as _;
use x509_cert::ext::pkix::{KeyUsage, KeyUsages};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::request::{CertReq, CertReqInfo, ExtensionReq, Version};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use mail::identifiers::{siren_valid, siret_valid};
use twoddoc::{Algorithm, SignError, SigningKey};

const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const ORGANISATIONAL_UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

/// The longest name that a certificate holds, in characters (RFC 5280, appendix A: ub-organization-name).
const NAME_LIMIT: usize = 64;

/// Who asks for a certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CertificateRequest<'a> {
    /// The authority that will issue it, four characters. Not part of the request.
    pub ca_id: &'a str,
    /// The certificate's identifier, four characters, as agreed with the authority.
    pub certificate_id: &'a str,
    /// The bureau's name.
    pub organisation: &'a str,
    /// `0002` and its SIREN or SIRET.
    pub organisation_id: &'a str,
    /// The bureau's country, two letters.
    pub country: &'a str,
}

/// What is wrong with one field of a request, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {message}")]
pub(crate) struct RequestFault {
    /// The field: `ca`, `certificate-id`, `organisation`, `organisation-id`, `country` or `key`.
    pub field: &'static str,
    /// The problem and what to do.
    pub message: String,
}

/// A request that can't be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum RequestError {
    /// Wrong fields, all of them.
    #[error("{}", lines(.0))]
    Faults(Vec<RequestFault>),
    /// The key does not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The request can't be written.
    #[error("the request can't be written as DER: {0}")]
    Encode(#[from] der::Error),
}

impl Explained for RequestError {
    fn exit(&self) -> Exit {
        match self {
            RequestError::Sign(_) => Exit::Midway,
            RequestError::Faults(_) | RequestError::Encode(_) => Exit::Usage,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            RequestError::Faults(_) => "request_fields",
            RequestError::Sign(_) => "request_not_signed",
            RequestError::Encode(_) => "request_encoding",
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            RequestError::Sign(_) => {
                Some("see that the HSM is there, then run the same command again".to_owned())
            }
            RequestError::Faults(_) | RequestError::Encode(_) => None,
        }
    }
}

fn lines(faults: &[RequestFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl CertificateRequest<'_> {
    /// The request as PEM, signed with the key that it is for.
    ///
    /// # Errors
    /// [`RequestError::Faults`]: all wrong fields, among them a key that is not ECDSA P-256; [`RequestError::Sign`]: the key
    /// does not sign; [`RequestError::Encode`]: the request can't be encoded.
    pub(crate) fn to_pem(self, key: &SigningKey) -> Result<String, RequestError> {
        let faults: Vec<RequestFault> = self.faults().into_iter().chain(fault_of_key(key)).collect();
        if !faults.is_empty() {
            return Err(RequestError::Faults(faults));
        }
        let info = self.info(key)?;
        let signature = key.sign(&info.to_der()?)?;
        let signature = p256::ecdsa::Signature::from_slice(&signature).map_err(|_| SignError::Invalid)?;
        let request = CertReq {
            info,
            algorithm: AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA256, parameters: None },
            signature: BitString::from_bytes(signature.to_der().as_bytes())?,
        };
        Ok(request.to_pem(LineEnding::LF)?)
    }

    fn info(&self, key: &SigningKey) -> Result<CertReqInfo, der::Error> {
        let subject = self.subject()?;
        let usage = KeyUsage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation);
        let usage = (&usage).to_extension(&subject, &[])?;
        let extensions = Attribute::try_from(ExtensionReq(vec![usage]))?;
        let public = key.verifying_key().to_spki_der().map_err(|_| der::ErrorKind::Failed)?;
        Ok(CertReqInfo {
            version: Version::V1,
            subject,
            public_key: SubjectPublicKeyInfoOwned::from_der(&public)?,
            attributes: SetOfVec::try_from(vec![extensions])?,
        })
    }

    fn subject(&self) -> Result<Name, der::Error> {
        let attributes = [
            (COUNTRY, Any::encode_from(&PrintableStringRef::new(self.country)?)?),
            (ORGANISATION, utf8(self.organisation)?),
            (ORGANISATIONAL_UNIT, utf8(self.organisation_id)?),
            (COMMON_NAME, utf8(self.certificate_id)?),
        ];
        let mut names = RdnSequence::default();
        for (oid, value) in attributes {
            let mut name = RelativeDistinguishedName::default();
            name.insert(AttributeTypeAndValue { oid, value })?;
            names.push(name);
        }
        Name::from_der(&names.to_der()?)
    }

    fn faults(&self) -> Vec<RequestFault> {
        let checks = self.checks_of_ids().into_iter().chain(self.checks_of_bureau());
        let wrong = checks.filter(|(right, ..)| !right);
        wrong.map(|(_, field, message)| RequestFault { field, message: message.to_owned() }).collect()
    }

    fn checks_of_ids(&self) -> [Check; 4] {
        [
            (
                fits(self.ca_id, 4) && letters(self.ca_id, 2),
                "ca",
                "write the authority's four characters, such as FR03",
            ),
            (
                !self.ca_id.ends_with("00"),
                "ca",
                "an authority `…00` exists for tests only and issues nothing; name the one you buy from",
            ),
            (
                fits(self.certificate_id, 4),
                "certificate-id",
                "write four capitals or digits, as agreed with the authority",
            ),
            (
                self.certificate_id != "0000",
                "certificate-id",
                "`0000` is the authority's own, for its tests; agree on another",
            ),
        ]
    }

    fn checks_of_bureau(&self) -> [Check; 4] {
        let name = self.organisation.trim();
        let printable = !name.is_empty() && !name.chars().any(char::is_control) && name == self.organisation;
        [
            (printable, "organisation", "write the bureau's registered name, without spaces around it"),
            (
                name.chars().count() <= NAME_LIMIT,
                "organisation",
                "a certificate holds at most 64 characters; shorten it as agreed with the authority",
            ),
            (
                organisation_id(self.organisation_id),
                "organisation-id",
                "write `0002`, a space and the bureau's SIREN (9 digits) or SIRET (14); a digit may be mistyped",
            ),
            (fits(self.country, 2) && letters(self.country, 2), "country", "write two capitals, such as FR"),
        ]
    }
}

/// Whether a field is right, its name, and what to do where it is wrong.
type Check = (bool, &'static str, &'static str);

/// A fault unless the key is ECDSA P-256: the specification has no Ed25519.
fn fault_of_key(key: &SigningKey) -> Option<RequestFault> {
    let message = match key.algorithm() {
        Algorithm::EcdsaP256 => return None,
        algorithm => format!(
            "this is {algorithm}, and the national specification knows ECDSA alone; make a key with `pli keys new signing --profile ecdsa-p256`"
        ),
    };
    Some(RequestFault { field: "key", message })
}

fn utf8(text: &str) -> Result<Any, der::Error> {
    Any::encode_from(&Utf8StringRef::new(text)?)
}

fn fits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

fn letters(text: &str, count: usize) -> bool {
    text.bytes().take(count).all(|byte| byte.is_ascii_uppercase())
}

/// Whether a text identifies a certificate in the binary form: five hexadecimal digits.
fn binary_id(text: &str) -> bool {
    fits(text, 5) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a text is an ISO 6523 identifier of the French register: `0002`, then a SIREN or SIRET.
fn organisation_id(text: &str) -> bool {
    text.strip_prefix("0002 ").is_some_and(|number| siren_valid(number) || siret_valid(number))
}

/// The authority and the certificate as a code's header names them: `FR03/AB12`, or `FR01/1A2B3` in the binary form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderId(String);

impl std::str::FromStr for HeaderId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<HeaderId, &'static str> {
        let sound = |(ca, certificate): (&str, &str)| {
            fits(ca, 4) && letters(ca, 2) && (fits(certificate, 4) || binary_id(certificate))
        };
        match text.split_once('/').is_some_and(sound) {
            true => Ok(HeaderId(text.to_owned())),
            false => Err("write authority and certificate as a code's header has them, such as FR03/AB12"),
        }
    }
}

impl HeaderId {
    /// A public key's PEM after a line that says which codes it verifies (explanatory text, RFC 7468 §2).
    #[must_use]
    pub(crate) fn label(&self, pem: &str) -> String {
        format!("2D-DOC: {self}\n{pem}")
    }
}

impl fmt::Display for HeaderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twoddoc::VerifyingKey;
    use x509_cert::der::DecodePem as _;

    const REQUEST: CertificateRequest = CertificateRequest {
        ca_id: "FR03",
        certificate_id: "AB12",
        organisation: "Bureau d’émission, Poitiers",
        organisation_id: "0002 732829320",
        country: "FR",
    };

    fn key(algorithm: Algorithm) -> SigningKey {
        SigningKey::from_seed(algorithm, &[3; 32]).unwrap()
    }

    #[test]
    fn a_request_is_read_back_and_its_signature_holds() {
        let key = key(Algorithm::EcdsaP256);
        let request = CertReq::from_pem(REQUEST.to_pem(&key).unwrap()).unwrap();
        let subject = "CN=AB12,OU=0002 732829320,O=Bureau d’émission\\, Poitiers,C=FR";
        assert_eq!(request.info.subject.to_string(), subject);
        let public = VerifyingKey::from_spki_der(&request.info.public_key.to_der().unwrap());
        assert_eq!(public.as_ref(), Ok(&key.verifying_key()));
        let signature = p256::ecdsa::Signature::from_der(request.signature.raw_bytes()).unwrap();
        let signed = request.info.to_der().unwrap();
        assert_eq!(public.unwrap().verify(&signed, &signature.to_bytes()), Ok(()));
    }

    #[test]
    fn every_wrong_field_is_reported_at_once() {
        let wrong = CertificateRequest {
            ca_id: "fr3",
            certificate_id: "0000",
            organisation: " ",
            organisation_id: "0002 732829321",
            country: "fr",
        };
        let message = wrong.to_pem(&key(Algorithm::Ed25519)).unwrap_err().to_string();
        let fields =
            ["`ca`", "`certificate-id`", "`organisation`", "`organisation-id`", "`country`", "`key`"];
        assert!(fields.iter().all(|field| message.contains(field)), "{message}");
        assert_eq!(message.lines().count(), 6, "{message}");
        assert!(message.contains("--profile ecdsa-p256"), "{message}");
        let long = "O".repeat(65);
        for wrong in [
            CertificateRequest { ca_id: "FR00", ..REQUEST },
            CertificateRequest { certificate_id: "AB1", ..REQUEST },
            CertificateRequest { organisation: &long, ..REQUEST },
            CertificateRequest { organisation: "a\nb", ..REQUEST },
            CertificateRequest { organisation_id: "732829320", ..REQUEST },
        ] {
            assert_eq!(wrong.faults().len(), 1, "{wrong:?}");
        }
        let siret = CertificateRequest { organisation_id: "0002 73282932000074", ..REQUEST };
        assert_eq!(siret.faults(), []);
    }

    #[test]
    fn a_labelled_key_is_still_read() {
        let public = key(Algorithm::EcdsaP256).verifying_key();
        let label: HeaderId = "FR00/0001".parse().unwrap();
        let text = label.label(&public.to_spki_pem().unwrap());
        assert!(text.starts_with("2D-DOC: FR00/0001\n-----BEGIN PUBLIC KEY-----\n"), "{text}");
        assert_eq!(VerifyingKey::from_spki_pem(&text), Ok(public));
        assert!("FR01/1A2B3".parse::<HeaderId>().is_ok(), "the binary form's");
        let wrong = ["FR00", "FR00/001", "fr00/0001", "FR00/0001/", "0000/0001", "FR01/1A2BG", "FR01/1a2b3"];
        for wrong in wrong {
            assert!(wrong.parse::<HeaderId>().is_err(), "{wrong}");
        }
    }
}
