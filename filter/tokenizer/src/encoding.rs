//! The encodings by name, and the one place where a value of [`Encoding`] becomes a type of vocabulary.

use crate::split;
use crate::vocabulary::{Shape, Vocabulary};

/// Makes the types from the lines of `encodings.in`.
macro_rules! encodings {
    (
        vocabularies { $($vocabulary:ident: $split:ident, $ids:literal, $sha256:literal;)* }
        encodings { $($(#[$doc:meta])* $encoding:ident, $name:literal => $of:ident;)* }
    ) => {
        $(
            #[allow(dead_code, reason = "the tables for decoding are read only with the feature `encode`")]
            mod $vocabulary {
                include!(concat!(env!("OUT_DIR"), "/", stringify!($vocabulary), "/tables.rs"));

                pub(super) struct Tables;
            }

            impl Vocabulary for $vocabulary::Tables {
                type Split = split::$split;
                const TAG: u8 = Number::$vocabulary as u8 + 1;
                const ID_BITS: u32 = $vocabulary::ID_BITS;
                const PAIRS: Shape = $vocabulary::PAIRS;
                const WORDS: Shape = $vocabulary::WORDS;
                const WORD_SLOT_BYTES: usize = $vocabulary::WORD_SLOT_BYTES;
                const TOKEN_BYTES_MAX: usize = $vocabulary::TOKEN_BYTES_MAX;
                const NEAR_STARTS: &'static [u8] = $vocabulary::NEAR_STARTS;
                const NEAR: &'static [u8] = $vocabulary::NEAR;
                const EDGE: u32 = $vocabulary::EDGE;
                const BUCKETS: &'static [u8] = $vocabulary::BUCKETS;
                const SLOTS: &'static [u8] = $vocabulary::SLOTS;
                const WORD_BUCKETS: &'static [u8] = $vocabulary::WORD_BUCKETS;
                const WORD_SLOTS: &'static [u8] = $vocabulary::WORD_SLOTS;
                const BYTES: &'static [u8; 1024] = $vocabulary::BYTES;
                const BYTE_PAIRS: &'static [u8] = $vocabulary::BYTE_PAIRS;
                const WIDE_BLOCKS: &'static [u8] = $vocabulary::WIDE_BLOCKS;
                const WIDE_CHARS: &'static [u8] = $vocabulary::WIDE_CHARS;
                const SPACED: &'static [u8] = $vocabulary::SPACED;
                const LETTERS: &'static [u8] = $vocabulary::LETTERS;
                const JOINS: &'static [u8] = $vocabulary::JOINS;
                const ALPHABET_PAIRS: &'static [u8] = $vocabulary::ALPHABET_PAIRS;
                const CHARS: &'static [u8] = $vocabulary::CHARS;
                const CHAR_COUNTS: &'static [u8] = $vocabulary::CHAR_COUNTS;
                const STRADDLED: &'static [u8] = $vocabulary::STRADDLED;
                const STRADDLED_IN_PART: &'static [u8] = $vocabulary::STRADDLED_IN_PART;
                #[cfg(feature = "encode")]
                const TEXT: &'static [u8] = $vocabulary::TEXT;
                #[cfg(feature = "encode")]
                const TEXT_ENDS: &'static [u8] = $vocabulary::TEXT_ENDS;
            }
        )*

        /// Numbers the vocabularies.
        #[allow(non_camel_case_types, reason = "named as the vocabularies are")]
        enum Number {
            $($vocabulary),*
        }

        /// How a model family turns text into tokens.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Encoding {
            $($(#[$doc])* $encoding),*
        }

        impl Encoding {
            /// Every encoding.
            pub const ALL: &'static [Self] = &[$(Self::$encoding),*];

            /// The name under which the encoding was published.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$encoding => $name),*
                }
            }

            /// Runs `visit` with the tables of this encoding's vocabulary.
            #[inline(always)]
            pub(crate) fn visit<T: Visitor>(self, visitor: T) -> T::Output {
                match self {
                    $(Self::$encoding => visitor.visit::<$of::Tables>()),*
                }
            }
        }
    };
}

include!("encodings.in");

/// Something to do with a vocabulary whose type is chosen by an [`Encoding`].
pub(crate) trait Visitor {
    type Output;
    fn visit<V: Vocabulary>(self) -> Self::Output;
}
