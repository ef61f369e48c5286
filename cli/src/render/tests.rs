//! What is rendered, apart from the fragments in `envoy/`, which a test of the command compares word by word.

use serde_json::Value;
use tollgate_gateway::config::Compiled;

use super::{Place, Rendered, emit, render};
use crate::load::{every_key, read};
use crate::yaml;

const CONFIG: &str = "
version: 1
bounds: {request_body: 1MiB, response_body: 2MiB, stream_idle: 30s, connect_timeout: 250ms}
providers:
  public: {kind: openai, key: {env: OPENAI_API_KEY}}
  named: {kind: self_hosted, url: 'http://llm.internal:8000/a/v1', dialect: openai_chat}
  local: {kind: self_hosted, url: 'http://127.0.0.1:8088', dialect: anthropic_messages, key: {env: LOCAL_KEY}}
  secure: {kind: self_hosted, url: 'https://10.0.0.1', dialect: openai_chat}
models:
  chat:
    targets: [{provider: local, model: a}]
    fallback: [{provider: public, model: b}]
    retry: {per_try_timeout: 40s}
  same: {targets: [{provider: local, model: c}, {provider: public, model: d}]}
  plain: {targets: [{provider: local, model: e}]}
  named: {targets: [{provider: named, model: f}]}
  tls: {targets: [{provider: public, model: g}, {provider: secure, model: h}]}
";

fn compiled(text: &str) -> Compiled {
    read(text, &every_key).expect("the configuration is good")
}

fn place() -> Place {
    Place {
        dir: "/run/tollgate".to_owned(),
        wasm: "/run/tollgate/filter.wasm".to_owned(),
        ca_bundle: Some("/etc/ca.pem".to_owned()),
        access_log: None,
    }
}

fn rendered(text: &str) -> Rendered {
    render(&compiled(text), &place())
}

fn clusters(rendered: &Rendered) -> &[Value] {
    rendered.cds["resources"].as_array().expect("clusters are a list")
}

/// The cluster of the chain of this name.
fn cluster<'a>(rendered: &'a Rendered, chain: &str) -> &'a Value {
    let prefix = format!("tollgate.{chain}.");
    let is_it = |it: &&Value| it["name"].as_str().is_some_and(|name| name.starts_with(&prefix));
    clusters(rendered).iter().find(is_it).expect("the chain has a cluster")
}

fn options(cluster: &Value) -> &Value {
    &cluster["typed_extension_protocol_options"]["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]
}

/// The filter's own document in a wasm configuration.
fn settings(wasm: &Value) -> Value {
    let text = wasm["config"]["configuration"]["value"].as_str().expect("the settings are text");
    serde_json::from_str(text).expect("the settings are JSON")
}

fn edge(rendered: &Rendered) -> &Value {
    &rendered.ecds["resources"][0]["typed_config"]
}

#[test]
fn the_ipv6_address_for_everybody_takes_ipv4_too() {
    let socket = |address: &str| {
        let rendered = rendered(&format!("{CONFIG}listen: {{address: '{address}'}}\n"));
        rendered.lds["resources"][0]["address"]["socket_address"]["ipv4_compat"].clone()
    };
    for (address, expected) in [("::", true), ("::ffff:127.0.0.1", true), ("::1", false), ("0.0.0.0", false)]
    {
        assert_eq!(socket(address).as_bool().unwrap_or_default(), expected, "{address}");
    }
}

#[test]
fn models_with_one_chain_share_a_cluster_and_edge_knows_it() {
    let rendered = rendered(CONFIG);
    assert_eq!(clusters(&rendered).len(), 4);
    let models = settings(edge(&rendered));
    let name = cluster(&rendered, "local+public")["name"].clone();
    assert_eq!(models["edge"]["models"][0]["cluster"], name);
    assert_eq!(models["edge"]["models"][1]["cluster"], name);
    assert_eq!(models["edge"]["models"][2]["cluster"], cluster(&rendered, "local")["name"]);
}

#[test]
fn each_provider_is_a_priority_that_attempt_can_tell() {
    let rendered = rendered(CONFIG);
    let cluster = cluster(&rendered, "local+public");
    let endpoints = cluster["load_assignment"]["endpoints"].as_array().unwrap();
    let providers = settings(&options(cluster)["http_filters"][0]["typed_config"]);
    for (at, name) in ["local", "public"].iter().enumerate() {
        assert_eq!(endpoints[at]["priority"], at);
        let metadata = &endpoints[at]["lb_endpoints"][0]["metadata"]["filter_metadata"];
        assert_eq!(metadata["tollgate"]["target"], at.to_string());
        assert_eq!(providers["attempt"]["providers"][at]["name"], *name);
    }
}

#[test]
fn a_changed_provider_is_another_cluster_and_a_changed_model_is_not() {
    let names = |text: &str| -> Vec<Value> {
        clusters(&rendered(text)).iter().map(|cluster| cluster["name"].clone()).collect()
    };
    let before = names(CONFIG);
    let changes = [
        ("127.0.0.1:8088", "127.0.0.1:8089"),
        ("dialect: anthropic_messages", "dialect: openai_chat"),
        ("env: LOCAL_KEY", "env: OTHER_KEY"),
        ("connect_timeout: 250ms", "connect_timeout: 251ms"),
        ("version: 1", "version: 1\ntranslation: {unsupported: refuse}"),
    ];
    for (from, to) in changes {
        assert!(CONFIG.contains(from), "{from}");
        assert_ne!(names(&CONFIG.replace(from, to))[0], before[0], "{to}");
    }
    assert_eq!(names(&CONFIG.replace("model: a", "model: z")), before);
    assert_eq!(names(&CONFIG.replace("per_try_timeout: 40s", "per_try_timeout: 41s")), before);
}

#[test]
fn tls_verifies_the_host_it_asked_for() {
    let rendered = rendered(CONFIG);
    let sockets = cluster(&rendered, "local+public")["transport_socket_matches"].as_array().unwrap();
    assert_eq!(sockets[0]["transport_socket"]["name"], "envoy.transport_sockets.raw_buffer");
    let tls = &sockets[1]["transport_socket"]["typed_config"];
    assert_eq!(sockets[1]["match"]["target"], "1");
    assert_eq!(tls["sni"], "api.openai.com");
    let validation = &tls["common_tls_context"]["validation_context"];
    assert_eq!(validation["trusted_ca"]["filename"], "/etc/ca.pem");
    let san = &validation["match_typed_subject_alt_names"][0];
    assert_eq!((&san["san_type"], &san["matcher"]["exact"]), (&"DNS".into(), &"api.openai.com".into()));
    let by_ip = &cluster(&rendered, "public+secure")["transport_socket_matches"][1]["transport_socket"];
    let san = &by_ip["typed_config"]["common_tls_context"]["validation_context"]["match_typed_subject_alt_names"]
        [0];
    assert_eq!((&san["san_type"], &san["matcher"]["exact"]), (&"IP_ADDRESS".into(), &"10.0.0.1".into()));
    assert_eq!(by_ip["typed_config"]["sni"], Value::Null);
}

#[test]
fn http2_is_negotiated_where_every_provider_has_tls() {
    let rendered = rendered(CONFIG);
    let negotiates = |chain: &str| !options(cluster(&rendered, chain))["auto_config"].is_null();
    assert!(negotiates("public+secure"));
    assert!(!negotiates("local+public") && !negotiates("local"));
    assert!(!cluster(&rendered, "public+secure")["transport_socket"].is_null());
    assert!(cluster(&rendered, "local")["transport_socket_matches"].is_null());
}

#[test]
fn only_names_are_resolved() {
    let rendered = rendered(CONFIG);
    assert_eq!(cluster(&rendered, "local")["type"], "STATIC");
    assert_eq!(cluster(&rendered, "named")["type"], "STRICT_DNS");
    assert_eq!(cluster(&rendered, "local+public")["type"], "STRICT_DNS");
}

#[test]
fn buffers_and_times_follow_the_bounds() {
    let rendered = rendered(CONFIG);
    let listener = &rendered.lds["resources"][0];
    assert_eq!(listener["per_connection_buffer_limit_bytes"], 3 << 20, "the larger body, and slack");
    assert_eq!(clusters(&rendered)[0]["per_connection_buffer_limit_bytes"], 3 << 20);
    assert_eq!(clusters(&rendered)[0]["connect_timeout"], "0.250s");
    let host = &rendered.rds["resources"][0]["virtual_hosts"][0];
    assert_eq!(host["per_request_buffer_limit_bytes"], 3 << 20, "twice the body, and slack");
    let [chain, single] = [0, 1].map(|at| &host["routes"][at]["route"]);
    assert_eq!((&chain["timeout"], &single["timeout"]), (&"0s".into(), &"0s".into()));
    // Two tries of 40 seconds each, and then some, which is longer than a stream may be silent.
    assert_eq!(chain["idle_timeout"], "81s");
    assert_eq!(single["idle_timeout"], "30s");
    let quick = super::tests::rendered(&CONFIG.replace("per_try_timeout: 40s", "per_try_timeout: 5s"));
    let chain = &quick.rds["resources"][0]["virtual_hosts"][0]["routes"][0]["route"];
    // Two tries of 30 seconds each, which is what `stream_idle` gives the other models.
    assert_eq!(chain["idle_timeout"], "61s");
}

#[test]
fn only_the_cluster_of_a_chain_takes_the_route_of_chains() {
    let rendered = rendered(CONFIG);
    let host = &rendered.rds["resources"][0]["virtual_hosts"][0];
    let mark = host["routes"][0]["match"]["headers"][0]["string_match"]["contains"].as_str().unwrap();
    for cluster in clusters(&rendered) {
        let priorities = cluster["load_assignment"]["endpoints"].as_array().unwrap().len();
        assert_eq!(cluster["name"].as_str().unwrap().contains(mark), priorities > 1, "{}", cluster["name"]);
    }
    assert!(host["routes"][0]["route"]["retry_policy"]["retry_on"].is_null(), "the model says when");
    assert_eq!(host["routes"][1]["route"]["retry_policy"]["num_retries"], 1);
    assert!(host["routes"][1]["route"]["retry_policy"]["per_try_timeout"].is_null());
}

#[test]
fn each_endpoint_has_the_host_of_its_provider() {
    let rendered = rendered(CONFIG);
    for (chain, at, host) in [
        ("local+public", 0, "127.0.0.1:8088"),
        ("local+public", 1, "api.openai.com"),
        ("named", 0, "llm.internal:8000"),
    ] {
        let endpoint = &cluster(&rendered, chain)["load_assignment"]["endpoints"][at]["lb_endpoints"][0];
        assert_eq!(endpoint["endpoint"]["hostname"], host);
    }
}

#[test]
fn who_answered_is_told_unless_it_is_switched_off() {
    let told = |text: &str| -> Vec<bool> {
        let rendered = rendered(text);
        let routes = rendered.rds["resources"][0]["virtual_hosts"][0]["routes"].as_array().unwrap().clone();
        routes.iter().map(|route| route.get("response_headers_to_add").is_some()).collect()
    };
    assert_eq!(told(CONFIG), [true, true, false]);
    assert_eq!(told(&CONFIG.replace("version: 1", "version: 1\nresponse_headers: false")), [false; 3]);
}

#[test]
fn both_positions_share_one_virtual_machine_that_knows_the_names_of_the_keys() {
    let rendered = rendered(CONFIG);
    let vm = &edge(&rendered)["config"]["vm_config"];
    assert_eq!(
        vm["environment_variables"]["host_env_keys"],
        serde_json::json!(["LOCAL_KEY", "OPENAI_API_KEY"])
    );
    assert_eq!(vm["configuration"]["value"], "LOCAL_KEY,OPENAI_API_KEY");
    let filters: Vec<_> =
        clusters(&rendered).iter().filter_map(|cluster| options(cluster).get("http_filters")).collect();
    assert!(!filters.is_empty());
    for filters in filters {
        assert_eq!(&filters[0]["typed_config"]["config"]["vm_config"], vm);
    }
}

#[test]
fn a_cluster_carries_attempt_where_there_is_something_to_try_again() {
    let rendered = rendered(CONFIG);
    for cluster in clusters(&rendered) {
        let priorities = cluster["load_assignment"]["endpoints"].as_array().unwrap().len();
        assert_eq!(options(cluster).get("http_filters").is_some(), priorities > 1, "{}", cluster["name"]);
    }
    let settings = edge(&rendered)["config"]["configuration"]["value"].as_str().unwrap();
    let settings: serde_json::Value = serde_json::from_str(settings).unwrap();
    for model in settings["edge"]["models"].as_array().unwrap() {
        assert_eq!(model.get("direct").is_some(), model["targets"].as_array().unwrap().len() == 1, "{model}");
    }
}

#[test]
fn no_rendered_document_holds_a_secret() {
    let env = |name: &str| Some(format!("sk-secret-of-{name}"));
    let rendered = render(&read(CONFIG, &env).unwrap(), &place());
    let all = [&rendered.bootstrap, &rendered.lds, &rendered.rds, &rendered.cds, &rendered.ecds];
    for document in all {
        assert!(!emit("", document).contains("sk-secret"));
    }
}

#[test]
fn the_access_log_has_no_header_and_no_query() {
    let rendered = rendered(CONFIG);
    let manager = &rendered.lds["resources"][0]["filter_chains"][0]["filters"][0]["typed_config"];
    let line = &manager["access_log"][0]["typed_config"]["log_format"]["json_format"];
    for (field, format) in line.as_object().unwrap() {
        let format = format.as_str().unwrap();
        let is_safe = !format.contains("%REQ") && !format.contains("%RESP(") || format == "%REQ(:METHOD)%";
        assert!(is_safe, "{field}: {format}");
    }
    assert_eq!(line["model"], "%FILTER_STATE(wasm.tollgate.model:PLAIN)%");
}

#[test]
fn what_is_emitted_reads_back_as_the_same() {
    let rendered = rendered(CONFIG);
    for document in [&rendered.bootstrap, &rendered.lds, &rendered.rds, &rendered.cds, &rendered.ecds] {
        let text = emit("a comment", document);
        let mut problems = Vec::new();
        let node = yaml::read(&text, &mut problems).expect("what is emitted is YAML");
        assert!(problems.is_empty());
        assert_eq!(node.to_json(), *document);
    }
    let odd = serde_json::json!({"a:b": "yes", "": [], "list": [[1, {"x": "a\n\"b\""}], {}, null, true], "1": "0x1"});
    let node = yaml::read(&emit("odd", &odd), &mut Vec::new()).expect("what is emitted is YAML");
    assert_eq!(node.to_json(), odd);
}
