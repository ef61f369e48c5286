//! What a configuration may have at most, and what may not be together.

use serde_json::json;

use super::{check, every_key, good, read, with};

#[test]
fn clients_and_the_admin_interface_are_told_apart() {
    let both = |listen: &str, admin: &str| {
        let mut document = with("/listen", json!({"address": listen, "port": 7}));
        document["admin"] = json!({"address": admin, "port": 7});
        document
    };
    let overlap =
        "admin.port: port 7 is already where clients connect: write another port than `listen.port`";
    for listen in ["127.0.0.1", "0.0.0.0", "::", "::ffff:127.0.0.1"] {
        check(both(listen, "127.0.0.1"), &[overlap]);
    }
    check(both("::", "::1"), &[overlap]);
    check(both("0.0.0.0", "::1"), &[]);
    check(both("127.0.0.2", "127.0.0.1"), &[]);
    check(
        with("/listen", json!({"port": 9901})),
        &[
            "listen.port: port 9901 is where the admin interface listens: write another port, or another `admin.port`",
        ],
    );
}

#[test]
fn so_many_providers_and_models_are_the_most() {
    let mut document = good();
    let models = document["models"].as_object_mut().unwrap();
    let targets = json!({"targets": [{"provider": "local", "model": "a"}]});
    models.extend((1..1_024).map(|number| (format!("m{number}"), targets.clone())));
    check(document.clone(), &[]);
    document["models"]["one-more"] = targets;
    check(document, &["models: there are 1025 models: write at most 1024"]);

    let mut document = good();
    let local = document["providers"]["local"].clone();
    let providers = document["providers"].as_object_mut().unwrap();
    providers.extend((3..256).map(|number| (format!("p{number}"), local.clone())));
    check(document.clone(), &[]);
    document["providers"]["one-more"] = local;
    check(document, &["providers: there are 257 providers: write at most 256"]);
}

#[test]
fn a_public_key_in_plain_text_is_warned_of() {
    let warnings = |url: &str| read(with("/providers/openai/url", json!(url)), &every_key).unwrap().warnings;
    assert_eq!(
        warnings("http://api.openai.com"),
        ["provider `openai`: its key is sent in plain text to http://api.openai.com: write an https url"]
    );
    for url in ["https://api.openai.com", "http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1"] {
        assert_eq!(warnings(url), [""; 0], "{url}");
    }
}

#[test]
fn sixteen_targets_are_the_most() {
    let targets = |count: usize| json!(vec![json!({"provider": "local", "model": "a"}); count]);
    check(with("/models/many", json!({"targets": targets(16)})), &[]);
    check(
        with("/models/many", json!({"targets": targets(15), "fallback": targets(2)})),
        &["models.many: the model has 17 targets and fallbacks: write at most 16"],
    );
}
