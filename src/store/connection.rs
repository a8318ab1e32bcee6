//! Connections: the kind of store comes from the URL, its settings from the environment, its credentials
//! from there or from a file.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{BackoffConfig, ClientConfigKey, ObjectStore, RetryConfig};

use super::StoreError;
use super::credentials::{Unusable, with_credentials_of_file};
use super::fault::reason;
use crate::job::ObjectUrl;

/// How long a failed request is retried.
const RETRIED_FOR: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// More retries than fit into [`RETRIED_FOR`], so that time is the limit.
const RETRIES: usize = 1000;
/// The longest that one request may take: it may carry much over a slow line.
const REQUEST_TIMEOUT: &str = "900 seconds";
/// The longest pause of a response, after which the connection is closed.
const READ_TIMEOUT: &str = "60 seconds";

/// The store of a URL. Sends no request yet.
///
/// # Errors
/// [`StoreError::Setup`]: settings are missing or contradict each other.
pub(super) fn connect(url: &ObjectUrl) -> Result<Arc<dyn ObjectStore>, StoreError> {
    // Fails if a provider is installed already, which is the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let backoff = BackoffConfig { max_backoff: LONGEST_PAUSE, ..BackoffConfig::default() };
    let retry = RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRIED_FOR };
    let root = url.root();
    let built: object_store::Result<Arc<dyn ObjectStore>> = match root.split_once(':').map(|(kind, _)| kind) {
        Some("gs") => GoogleCloudStorageBuilder::from_env()
            .with_url(root)
            .with_retry(retry)
            .with_config(GoogleConfigKey::Client(ClientConfigKey::Timeout), REQUEST_TIMEOUT)
            .with_config(GoogleConfigKey::Client(ClientConfigKey::ReadTimeout), READ_TIMEOUT)
            .build()
            .map(|store| Arc::new(store) as _),
        Some("az" | "abfs" | "abfss") => MicrosoftAzureBuilder::from_env()
            .with_url(root)
            .with_retry(retry)
            .with_config(AzureConfigKey::Client(ClientConfigKey::Timeout), REQUEST_TIMEOUT)
            .with_config(AzureConfigKey::Client(ClientConfigKey::ReadTimeout), READ_TIMEOUT)
            .build()
            .map(|store| Arc::new(store) as _),
        _ => with_credentials_of_file(AmazonS3Builder::from_env())
            .map_err(|Unusable { reason, advice }| StoreError::Setup { url: url.clone(), reason, advice })?
            .with_url(root)
            .with_retry(retry)
            .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), REQUEST_TIMEOUT)
            .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::ReadTimeout), READ_TIMEOUT)
            .build()
            .map(|store| Arc::new(store) as _),
    };
    built.map_err(|error| StoreError::Setup {
        url: url.clone(),
        reason: reason(&error),
        advice: "correct the environment variables of the store (docs/object-stores.md)",
    })
}
