//! Tests of the JSON reader, placeholder.
