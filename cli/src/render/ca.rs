//! Where a system keeps the certificates it trusts.

use std::path::{Path, PathBuf};

/// Debian and Alpine, RHEL and Fedora, SUSE, older RHEL, BSD and macOS.
const PLACES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// The system's bundle, if it has one in a known place.
pub fn find() -> Option<PathBuf> {
    PLACES.iter().map(Path::new).find(|path| path.is_file()).map(Path::to_path_buf)
}
