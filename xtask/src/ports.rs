//! Finds out before anything is started whether a port is free, and says which option changes it.

use std::io::ErrorKind;
use std::net::TcpListener;

use crate::failure::{Failure, Outcome};

/// Fails when somebody listens on the port already; `change` says how to use another.
pub fn require_free(address: &str, port: u16, use_for: &str, change: &str) -> Outcome<()> {
    match TcpListener::bind((address, port)) {
        Ok(_) => Ok(()),
        Err(cause) if cause.kind() == ErrorKind::AddrInUse => Err(Failure::new(
            format!("port {port} on {address} is in use; it is needed for {use_for}"),
            format!("stop what listens there, or {change}"),
        )),
        Err(cause) => {
            Err(Failure::new(format!("cannot listen on {address}:{port} for {use_for}: {cause}"), change))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_in_use_is_named_with_the_option_that_changes_it() {
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = holder.local_addr().unwrap().port();
        let failure =
            require_free("127.0.0.1", port, "the gateway", "choose another with --port").unwrap_err();
        assert!(failure.what.contains(&port.to_string()), "{failure}");
        assert!(failure.remedy.contains("--port"), "{failure}");
    }

    #[test]
    fn free_port_passes() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert!(require_free("127.0.0.1", port, "the gateway", "").is_ok());
    }
}
