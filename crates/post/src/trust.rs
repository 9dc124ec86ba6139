//! Whose certificates are believed: the public authorities that Mozilla lists, or those of one
//! file and nobody else. Once for rustls and once for lettre, which builds its own.

use std::path::Path;
use std::sync::Arc;

use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::files::{self, wrong};
use crate::{Fault, PostError};

/// Most authorities of a file.
const AUTHORITIES_MAX: usize = 256;

/// Whose certificates are believed.
pub(crate) enum Trust {
    Public,
    Only(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// The authorities of a file in PEM, or without one the public ones.
    ///
    /// # Errors
    /// [`PostError::File`].
    pub(crate) fn read(authority: Option<&Path>) -> Result<Trust, PostError> {
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
    pub(crate) fn client(&self) -> Result<Arc<ClientConfig>, Fault> {
        let mut roots = RootCertStore::empty();
        match self {
            Trust::Public => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Trust::Only(found) => drop(roots.add_parsable_certificates(found.iter().cloned())),
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| Fault::Encryption)?;
        Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
    }

    /// For STARTTLS, to a server of this name.
    pub(crate) fn starttls(&self, host: &str) -> Result<TlsParameters, Fault> {
        let builder = TlsParameters::builder(host.to_string());
        let builder = match self {
            Trust::Public => builder.certificate_store(CertificateStore::WebpkiRoots),
            Trust::Only(found) => {
                let mut builder = builder.certificate_store(CertificateStore::None);
                for one in found {
                    let one = Certificate::from_der(one.to_vec()).map_err(|_| Fault::Encryption)?;
                    builder = builder.add_root_certificate(one);
                }
                builder
            }
        };
        builder.build_rustls().map_err(|_| Fault::Encryption)
    }
}
