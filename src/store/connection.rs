//! How a store is reached: its kind from the URL, the rest from the environment.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{BackoffConfig, ClientConfigKey, ObjectStore, RetryConfig};

use super::StoreError;
use super::fault::told;
use crate::job::ObjectUrl;

/// A request that fails is tried again for so long; it is time that ends it, not the count.
const TRIED_FOR: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const RETRIES: usize = 1000;
/// No single try takes longer: what it carries may be large, and the line slow.
const ONE_TRY: &str = "900 seconds";
/// A line that gives nothing for so long is dead.
const STALLED: &str = "60 seconds";

/// The store of a URL; nothing is asked of it yet.
///
/// # Errors
/// Settings that contradict each other, or that are missing.
pub(super) fn connect(url: &ObjectUrl) -> Result<Arc<dyn ObjectStore>, StoreError> {
    // The first one stays: who called before named the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let backoff = BackoffConfig { max_backoff: LONGEST_PAUSE, ..BackoffConfig::default() };
    let retry = RetryConfig { backoff, max_retries: RETRIES, retry_timeout: TRIED_FOR };
    let root = url.root();
    let built: object_store::Result<Arc<dyn ObjectStore>> = match root.split_once(':').map(|(kind, _)| kind) {
        Some("gs") => GoogleCloudStorageBuilder::from_env()
            .with_url(root)
            .with_retry(retry)
            .with_config(GoogleConfigKey::Client(ClientConfigKey::Timeout), ONE_TRY)
            .with_config(GoogleConfigKey::Client(ClientConfigKey::ReadTimeout), STALLED)
            .build()
            .map(|store| Arc::new(store) as _),
        Some("az" | "abfs" | "abfss") => MicrosoftAzureBuilder::from_env()
            .with_url(root)
            .with_retry(retry)
            .with_config(AzureConfigKey::Client(ClientConfigKey::Timeout), ONE_TRY)
            .with_config(AzureConfigKey::Client(ClientConfigKey::ReadTimeout), STALLED)
            .build()
            .map(|store| Arc::new(store) as _),
        _ => AmazonS3Builder::from_env()
            .with_url(root)
            .with_retry(retry)
            .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), ONE_TRY)
            .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::ReadTimeout), STALLED)
            .build()
            .map(|store| Arc::new(store) as _),
    };
    built.map_err(|error| StoreError::Setup {
        url: url.clone(),
        reason: told(&error),
        advice: "correct the environment variables of the store (docs/object-stores.md)",
    })
}
