//! TLS for the listener: our certificate, and if wanted only clients with one.

use std::path::Path;
use std::sync::Arc;

use cauda_outbound::files::{self, wrong};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::Hl7Error;

/// Most certificates of a file.
const CERTIFICATES_MAX: usize = 256;

/// Our certificate with its chain and its key, each a file in PEM. With authorities of clients,
/// only who shows a certificate of theirs may send.
///
/// # Errors
/// [`Hl7Error::File`].
pub fn server_tls(
    chain: &Path,
    key: &Path,
    clients: Option<&Path>,
) -> Result<Arc<ServerConfig>, Hl7Error> {
    let certificates = read(chain)?;
    let secret = files::secret_lines(key)?.join("\n");
    let secret = PrivateKeyDer::from_pem_slice(secret.as_bytes())
        .map_err(|_| Hl7Error::from(wrong(key, "this is no private key in PEM")))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let unusable = |path: &Path, what| Hl7Error::from(wrong(path, what));
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|_| unusable(chain, "no version of TLS can be spoken"))?;
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for one in read(path)? {
                let what = "one of its certificates cannot be used as an authority";
                roots.add(one).map_err(|_| unusable(path, what))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|_| unusable(path, "clients cannot be checked by it"))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let what = "the certificate and the key do not belong together";
    let config = builder.with_single_cert(certificates, secret);
    Ok(Arc::new(config.map_err(|_| unusable(chain, what))?))
}

fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, Hl7Error> {
    let bytes = files::bounded(path, files::CERTIFICATES_BYTES_MAX)?;
    let found = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    match found {
        Ok(found) if (1..=CERTIFICATES_MAX).contains(&found.len()) => Ok(found),
        _ => Err(wrong(path, "it holds no certificate in PEM, or more than 256").into()),
    }
}
