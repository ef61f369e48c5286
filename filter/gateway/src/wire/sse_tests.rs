//! Tests of the SSE decoder, placeholder.
