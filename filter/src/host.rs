//! The calls into Envoy (proxy-wasm ABI 0.2.1), each of them total.
//!
//! The SDK's own wrappers panic on any status they do not expect, and a panic ends the worker's VM; these return what
//! happened. They also read headers without making a string of each.
#![expect(
    unsafe_code,
    reason = "the ABI is C functions over raw pointers; every pointer below is to a live slice or local"
)]

use std::ptr::{null, null_mut};

use tollgate_gateway::event::Head;

/// A call that Envoy did not perform, with its status (`proxy_status_t` of the ABI).
#[derive(Clone, Copy, Debug)]
pub struct Refused(#[expect(dead_code, reason = "shown by Debug in the log")] pub u32);

/// The header maps that are used (`proxy_map_type_t`).
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub enum Map {
    /// The request's.
    Request = 0,
    /// The reply's.
    Reply = 2,
}

/// The buffers that are used (`proxy_buffer_type_t`).
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub enum Buffer {
    /// The request's body, as far as it is here.
    Request = 0,
    /// The reply's body, as far as it is here.
    Reply = 1,
    /// The plugin's configuration.
    Configuration = 7,
}

/// How important a log line is (`proxy_log_level_t`).
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub enum Level {
    /// Somebody should look at it.
    Warn = 3,
    /// Something does not work.
    Error = 4,
}

/// What a metric is (`proxy_metric_type_t`).
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub enum MetricType {
    /// Grows only.
    Counter = 0,
    /// A distribution.
    Histogram = 2,
}

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_log(level: u32, text: *const u8, size: usize) -> u32;
    fn proxy_get_current_time_nanoseconds(time: *mut u64) -> u32;
    fn proxy_get_buffer_bytes(
        kind: u32,
        start: usize,
        max: usize,
        data: *mut *mut u8,
        size: *mut usize,
    ) -> u32;
    fn proxy_set_buffer_bytes(kind: u32, start: usize, size: usize, data: *const u8, data_size: usize)
    -> u32;
    fn proxy_get_header_map_pairs(kind: u32, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_replace_header_map_value(
        kind: u32,
        name: *const u8,
        name_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
    fn proxy_remove_header_map_value(kind: u32, name: *const u8, name_size: usize) -> u32;
    fn proxy_get_property(path: *const u8, path_size: usize, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_set_property(path: *const u8, path_size: usize, data: *const u8, size: usize) -> u32;
    fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_size: usize,
        body: *const u8,
        body_size: usize,
        headers: *const u8,
        headers_size: usize,
        grpc_status: i32,
    ) -> u32;
    fn proxy_call_foreign_function(
        name: *const u8,
        name_size: usize,
        argument: *const u8,
        argument_size: usize,
        data: *mut *mut u8,
        size: *mut usize,
    ) -> u32;
    fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
    fn proxy_define_metric(kind: u32, name: *const u8, name_size: usize, id: *mut u32) -> u32;
    fn proxy_record_metric(id: u32, value: u64) -> u32;
    fn proxy_increment_metric(id: u32, offset: i64) -> u32;
}

fn checked(status: u32) -> Result<(), Refused> {
    if status == 0 { Ok(()) } else { Err(Refused(status)) }
}

/// Takes over memory that Envoy filled; it came from this module's own allocator, through `proxy_on_memory_allocate`.
fn returned(call: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Result<Vec<u8>, Refused> {
    let (mut data, mut size) = (null_mut(), 0usize);
    checked(call(&mut data, &mut size))?;
    if data.is_null() || size == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the host allocated exactly `size` bytes at `data` with the SDK's `proxy_on_memory_allocate`, which gives
    // away a boxed slice of that size, and filled them; nobody else owns them.
    Ok(unsafe { Vec::from_raw_parts(data, size, size) })
}

/// Writes a line to Envoy's log. Never given a word of content.
pub fn log(level: Level, text: &str) {
    // SAFETY: the slice lives through the call.
    unsafe { proxy_log(level as u32, text.as_ptr(), text.len()) };
}

/// Milliseconds since 1970.
pub fn now() -> u64 {
    let mut nanoseconds = 0u64;
    // SAFETY: the pointer is to a live local; the host writes eight bytes.
    unsafe { proxy_get_current_time_nanoseconds(&mut nanoseconds) };
    nanoseconds / 1_000_000
}

/// At most `bytes` bytes from the beginning of a buffer.
pub fn buffer(kind: Buffer, bytes: usize) -> Result<Vec<u8>, Refused> {
    // SAFETY: `returned` passes pointers to live locals.
    returned(|data, size| unsafe { proxy_get_buffer_bytes(kind as u32, 0, bytes, data, size) })
}

/// Replaces the first `bytes` bytes of a buffer, which must be there.
pub fn replace_prefix(kind: Buffer, bytes: usize, with: &[u8]) -> Result<(), Refused> {
    // SAFETY: the slice lives through the call.
    checked(unsafe { proxy_set_buffer_bytes(kind as u32, 0, bytes, with.as_ptr(), with.len()) })
}

/// All headers of a message.
pub fn head(map: Map) -> Head {
    // SAFETY: `returned` passes pointers to live locals.
    let pairs = returned(|data, size| unsafe { proxy_get_header_map_pairs(map as u32, data, size) });
    pairs.ok().and_then(|pairs| read_pairs(&pairs)).unwrap_or_default()
}

/// The ABI's form of a header map: a count, the sizes of each name and value, then names and values, each ended by a zero.
fn read_pairs(bytes: &[u8]) -> Option<Head> {
    let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize);
    let count = number(0)?;
    let mut at = 4 + count.checked_mul(8)?;
    let mut head = Head::with_capacity(count, bytes.len().saturating_sub(at));
    for index in 0..count {
        let (name_size, value_size) = (number(4 + index * 8)?, number(8 + index * 8)?);
        let name = bytes.get(at..at + name_size)?;
        at += name_size + 1;
        head.push(name, bytes.get(at..at + value_size)?);
        at += value_size + 1;
    }
    Some(head)
}

/// Sets a header, whatever stood there.
pub fn set_header(map: Map, name: &str, value: &str) -> Result<(), Refused> {
    let (name_size, value_size) = (name.len(), value.len());
    // SAFETY: the slices live through the call.
    checked(unsafe {
        proxy_replace_header_map_value(map as u32, name.as_ptr(), name_size, value.as_ptr(), value_size)
    })
}

/// Removes a header, if it is there.
pub fn remove_header(map: Map, name: &str) -> Result<(), Refused> {
    // SAFETY: the slice lives through the call.
    checked(unsafe { proxy_remove_header_map_value(map as u32, name.as_ptr(), name.len()) })
}

/// A property by its path, the parts separated by zeros; `None` where there is none.
pub fn property(path: &str) -> Option<Vec<u8>> {
    // SAFETY: the slice lives through the call, and `returned` passes pointers to live locals.
    returned(|data, size| unsafe { proxy_get_property(path.as_ptr(), path.len(), data, size) }).ok()
}

/// Sets a value of the filter state.
pub fn set_property(path: &str, value: &[u8]) -> Result<(), Refused> {
    // SAFETY: the slices live through the call.
    checked(unsafe { proxy_set_property(path.as_ptr(), path.len(), value.as_ptr(), value.len()) })
}

/// Answers the request; Envoy does so when the callback has returned.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8], details: &str) -> Result<(), Refused> {
    let headers = write_pairs(headers);
    // SAFETY: the slices live through the call. −1 says that there is no gRPC status.
    checked(unsafe {
        proxy_send_local_response(
            status.into(),
            details.as_ptr(),
            details.len(),
            body.as_ptr(),
            body.len(),
            headers.as_ptr(),
            headers.len(),
            -1,
        )
    })
}

fn write_pairs(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = (pairs.len() as u32).to_le_bytes().to_vec();
    for (name, value) in pairs {
        bytes.extend_from_slice(&(name.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&(value.len() as u32).to_le_bytes());
    }
    for (name, value) in pairs {
        for text in [name, value] {
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(0);
        }
    }
    bytes
}

/// Has the route chosen again.
pub fn clear_route_cache() -> Result<(), Refused> {
    let name = "clear_route_cache";
    // SAFETY: the slice lives through the call, an empty argument may be null, and `returned` passes pointers to live
    // locals.
    returned(|data, size| unsafe {
        proxy_call_foreign_function(name.as_ptr(), name.len(), null(), 0, data, size)
    })
    .map(|_| ())
}

/// Has the root context's `on_tick` called every `period`.
pub fn tick_every(period: std::time::Duration) -> Result<(), Refused> {
    let milliseconds = u32::try_from(period.as_millis()).unwrap_or(u32::MAX);
    // SAFETY: takes numbers only.
    checked(unsafe { proxy_set_tick_period_milliseconds(milliseconds) })
}

/// The id of a metric, which is made if it is new.
pub fn define_metric(kind: MetricType, name: &str) -> Result<u32, Refused> {
    let mut id = 0u32;
    // SAFETY: the slice lives through the call, and the id is a live local.
    checked(unsafe { proxy_define_metric(kind as u32, name.as_ptr(), name.len(), &mut id) })?;
    Ok(id)
}

/// Adds to a counter.
pub fn count(id: u32, amount: u64) {
    let amount = i64::try_from(amount).unwrap_or(i64::MAX);
    if amount > 0 {
        // SAFETY: takes numbers only.
        unsafe { proxy_increment_metric(id, amount) };
    }
}

/// Adds a value to a histogram.
pub fn record(id: u32, value: u64) {
    // SAFETY: takes numbers only.
    unsafe { proxy_record_metric(id, value) };
}
