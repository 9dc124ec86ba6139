//! Whose certificates are believed: the public authorities that Mozilla lists, or those of one
//! file and nobody else.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};

use crate::files::{self, wrong};
use crate::{Fault, OutboundError};

/// Most authorities of a file.
const AUTHORITIES_MAX: usize = 256;

/// Whose certificates are believed.
pub enum Trust {
    /// The authorities that Mozilla lists.
    Public,
    /// These and nobody else.
    Only(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// The authorities of a file in PEM, or without one the public ones.
    ///
    /// # Errors
    /// [`OutboundError::File`].
    pub fn read(authority: Option<&Path>) -> Result<Trust, OutboundError> {
        let Some(path) = authority else { return Ok(Trust::Public) };
        let bytes = files::bounded(path, files::CERTIFICATES_BYTES_MAX)?;
        let found = CertificateDer::pem_slice_iter(&bytes)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| wrong(path, "these are no certificates in PEM"))?;
        if !(1..=AUTHORITIES_MAX).contains(&found.len()) {
            return Err(wrong(path, "it holds no certificate, or more than 256"));
        }
        let mut roots = RootCertStore::empty();
        if found.iter().any(|one| roots.add(one.clone()).is_err()) {
            return Err(wrong(path, "one of its certificates cannot be used as an authority"));
        }
        Ok(Trust::Only(found))
    }

    /// For lines that are encrypted from the first byte.
    ///
    /// # Errors
    /// [`Fault::Encryption`].
    pub fn client(&self) -> Result<Arc<ClientConfig>, Fault> {
        self.builder().map(|builder| Arc::new(builder.with_no_client_auth()))
    }

    /// The same, showing a certificate of ours: a file of it and of those it rests on, and one
    /// of its key, in PEM.
    ///
    /// # Errors
    /// [`OutboundError::File`].
    pub fn client_showing(
        &self,
        chain: &Path,
        key: &Path,
    ) -> Result<Arc<ClientConfig>, OutboundError> {
        let bytes = files::bounded(chain, files::CERTIFICATES_BYTES_MAX)?;
        let found = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
        let found = found.map_err(|_| wrong(chain, "these are no certificates in PEM"))?;
        if !(1..=AUTHORITIES_MAX).contains(&found.len()) {
            return Err(wrong(chain, "it holds no certificate, or more than 256"));
        }
        let secret = files::secret_lines(key)?.join("\n");
        let secret = PrivateKeyDer::from_pem_slice(secret.as_bytes())
            .map_err(|_| wrong(key, "this is no private key in PEM"))?;
        let builder = self.builder();
        let builder = builder.map_err(|_| wrong(chain, "no version of TLS can be spoken"))?;
        let config = builder.with_client_auth_cert(found, secret);
        let what = "the certificate and the key do not belong together";
        Ok(Arc::new(config.map_err(|_| wrong(chain, what))?))
    }

    fn builder(&self) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, Fault> {
        let mut roots = RootCertStore::empty();
        match self {
            Trust::Public => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Trust::Only(found) => drop(roots.add_parsable_certificates(found.iter().cloned())),
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| Fault::Encryption)?;
        Ok(builder.with_root_certificates(roots))
    }
}
