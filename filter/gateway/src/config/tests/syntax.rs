//! Tables of what is written as text: urls, sizes, durations, names.

use crate::config::{Host, Period, Scheme, Size, Upstream, nearest};

#[test]
fn urls_are_taken_apart() {
    let check = |url: &str, authority: &str, prefix: &str| {
        let upstream = Upstream::parse(url).unwrap();
        assert_eq!(
            (upstream.authority().as_str(), upstream.path_prefix.as_str()),
            (authority, prefix),
            "{url}"
        );
    };
    check("http://127.0.0.1:8088", "127.0.0.1:8088", "");
    check("http://127.0.0.1:80/", "127.0.0.1", "");
    check("https://api.openai.com/v1", "api.openai.com", "");
    check("https://api.openai.com:443/v1/", "api.openai.com", "");
    check("https://LLM.example.com:8443/a/b/v1", "llm.example.com:8443", "/a/b");
    check("https://llm.example.com/v1beta", "llm.example.com", "/v1beta");
    check("http://[::1]:8088", "[::1]:8088", "");
    check("http://localhost", "localhost", "");
    let upstream = Upstream::parse("https://llm.example.com/a").unwrap();
    assert_eq!((upstream.scheme, upstream.port), (Scheme::Https, 443));
    assert_eq!(upstream.host, Host::Name("llm.example.com".to_owned()));
    assert_eq!(upstream.to_string(), "https://llm.example.com/a");
}

#[test]
fn malformed_urls_are_refused() {
    let bad = [
        "api.openai.com",
        "ftp://a",
        "http://",
        "http://a:0",
        "http://a:65536",
        "http://a:8x",
        "http://a:+1",
        "http://a b",
        "http://u:p@a",
        "http://a?key=1",
        "http://a#b",
        "http://[::1",
        "http://[x]",
        "http://a/../b",
        "http://a//b",
        "http://a/%2e",
        "http://a/v1/chat/completions",
        "http://a/b/chat/completions/",
        "http://a/v1/messages",
        "http://-a",
        "http://1.2.3",
        "http://a..b",
        "http://a\r\nb",
    ];
    for url in bad {
        assert!(Upstream::parse(url).is_err(), "{url:?} was taken");
    }
}

#[test]
fn sizes_and_durations_have_units() {
    assert_eq!(Size::parse("16MiB"), Ok(Size::bytes(16 << 20)));
    assert_eq!(Size::parse("0B").map(Size::as_bytes), Ok(0));
    assert_eq!(Period::parse("90s").map(Period::as_millis), Ok(90_000));
    assert_eq!(Period::parse("250ms").map(|it| it.to_string()), Ok("250ms".to_owned()));
    assert_eq!(
        (Size::bytes(1 << 30).to_string(), Size::bytes(1_025).to_string()),
        ("1GiB".into(), "1025B".into())
    );
    let wrong = |text: &str| Size::parse(text).unwrap_err();
    assert_eq!(wrong("16"), "`16` has no unit: write one of B, KiB, MiB, GiB after it, such as `16MiB`");
    assert_eq!(wrong("16MB"), "`MB` is not a unit of a size: write one of B, KiB, MiB, GiB, such as `16MiB`");
    assert_eq!(wrong("big"), "`big` is not a size: write a whole number and a unit, such as `16MiB`");
    assert!(wrong("99999999999GiB").contains("is too large a size"));
    assert!(wrong("-1MiB").contains("is not a size") && wrong("").contains("is not a size"));
}

#[test]
fn only_a_near_name_is_suggested() {
    let known = ["openai", "anthropic", "local"];
    assert_eq!(nearest("opnai", known), Some("openai"));
    assert_eq!(nearest("antropic", known), Some("anthropic"));
    assert_eq!(nearest("vllm", known), None);
    assert_eq!(nearest("", known), None);
}
