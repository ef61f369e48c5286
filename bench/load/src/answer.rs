//! Reads one HTTP/1.1 answer off a connection and gives its body, whole.

use std::io::Read;

/// Largest answer that is taken.
const BYTES_MAX: usize = 64 << 20;

/// Reads answers one after the other, keeping its buffers.
#[derive(Default)]
pub struct Reader {
    bytes: Vec<u8>,
    body: Vec<u8>,
}

impl Reader {
    /// The body of the next answer, which must be a 200.
    pub fn read(&mut self, from: &mut impl Read) -> Result<&[u8], String> {
        self.bytes.clear();
        self.body.clear();
        loop {
            if let Some(length) = self.look()? {
                if length != self.bytes.len() {
                    return Err("there is more behind the answer".to_owned());
                }
                return Ok(&self.body);
            }
            self.fill(from)?;
        }
    }

    fn fill(&mut self, from: &mut impl Read) -> Result<(), String> {
        let before = self.bytes.len();
        if before > BYTES_MAX {
            return Err("the answer is too large".to_owned());
        }
        self.bytes.resize(before + (64 << 10), 0);
        let count = from.read(&mut self.bytes[before..]).map_err(|error| error.to_string())?;
        self.bytes.truncate(before + count);
        if count == 0 {
            return Err(format!("the connection ended inside an answer, after {before} bytes"));
        }
        Ok(())
    }

    /// The answer's length if it is whole; its body is in `self.body` then.
    fn look(&mut self) -> Result<Option<usize>, String> {
        let Some(head_end) = find(&self.bytes, b"\r\n\r\n") else { return Ok(None) };
        let (head, rest) = self.bytes.split_at(head_end + 4);
        let head = String::from_utf8_lossy(head);
        if !head.starts_with("HTTP/1.1 200 ") {
            let body = String::from_utf8_lossy(&rest[..rest.len().min(300)]).into_owned();
            return Err(format!("answered with {}: {body}", head.lines().next().unwrap_or_default()));
        }
        let length = match header(&head, "content-length") {
            Some(length) => {
                let length: usize = length.parse().map_err(|_| "the length is not a number".to_owned())?;
                let Some(body) = rest.get(..length) else { return Ok(None) };
                self.body.extend_from_slice(body);
                length
            }
            None if rest.ends_with(b"0\r\n\r\n") => {
                self.body.clear();
                let Some(length) = unchunk(rest, &mut self.body)? else { return Ok(None) };
                length
            }
            None => return Ok(None),
        };
        Ok(Some(head_end + 4 + length))
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

/// Takes the chunks apart; how many bytes they take, or nothing when the last is not there yet.
fn unchunk(bytes: &[u8], body: &mut Vec<u8>) -> Result<Option<usize>, String> {
    let mut at = 0;
    loop {
        let Some(line) = find(&bytes[at..], b"\r\n") else { return Ok(None) };
        let size = std::str::from_utf8(&bytes[at..at + line])
            .ok()
            .and_then(|text| usize::from_str_radix(text, 16).ok())
            .ok_or("a chunk's size is not a number")?;
        let start = at + line + 2;
        let Some(chunk) = bytes.get(start..start + size + 2) else { return Ok(None) };
        body.extend_from_slice(&chunk[..size]);
        at = start + size + 2;
        if size == 0 {
            return Ok(Some(at));
        }
    }
}

/// Where `what` begins in `bytes`.
pub fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Trickle<'b>(&'b [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            into[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn check(answer: &str, expected: Result<&str, &str>) {
        let mut reader = Reader::default();
        for whole in [true, false] {
            let bytes = answer.as_bytes();
            let read = if whole { reader.read(&mut &bytes[..]) } else { reader.read(&mut Trickle(bytes)) };
            match (read, expected) {
                (Ok(body), Ok(expected)) => assert_eq!(body, expected.as_bytes(), "{answer}"),
                (Err(message), Err(expected)) => assert!(message.contains(expected), "{message}"),
                (read, _) => panic!("{answer}: {read:?}"),
            }
        }
    }

    #[test]
    fn body_is_given_whole_however_it_arrives() {
        check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Ok("hello"));
        check("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Ok(""));
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        check(
            &format!("{chunked}5\r\nhello\r\nc\r\n, 0\r\n\r\nworld\r\n0\r\n\r\n"),
            Ok("hello, 0\r\n\r\nworld"),
        );
    }

    #[test]
    fn other_answers_are_errors() {
        check("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno", Err("503"));
        check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", Err("ended inside"));
        check("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", Err("ended inside"));
    }
}
