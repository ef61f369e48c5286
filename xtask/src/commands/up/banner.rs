//! What a newcomer can paste once the gateway serves: both dialects with curl, and both SDKs.

use std::path::Path;

use super::render::Rendered;
use crate::workspace::Workspace;

/// The text to print; `model` is the process of the local model, when there is one.
pub fn text(rendered: &Rendered, python: &Path, model: Option<u32>) -> String {
    let base = format!("http://{}", rendered.listen.authority());
    let admin = format!("http://{}", rendered.admin.authority());
    let name = rendered.model();
    let python = Workspace::shown(python);
    let stopped = model.map_or_else(String::new, |id| {
        format!("The local model is process {id}: stop it (kill {id}) to see the fallback answer, where one is configured.\n")
    });
    format!(
        r#"
Tollgate serves on {base}, Envoy's admin interface on {admin}.
{stopped}
With curl, in OpenAI's dialect and in Anthropic's (add "stream":true for a stream):

curl {base}/v1/chat/completions -H 'content-type: application/json' -d '{{"model":"{name}","max_tokens":40,"messages":[{{"role":"user","content":"Name three colours."}}]}}'

curl {base}/v1/messages -H 'content-type: application/json' -d '{{"model":"{name}","max_tokens":40,"messages":[{{"role":"user","content":"Name three colours."}}]}}'

With the SDKs:

{python} - <<'END'
from anthropic import Anthropic
from openai import OpenAI
question = [{{"role": "user", "content": "Name three colours."}}]
openai = OpenAI(base_url="{base}/v1", api_key="unused")
print(openai.chat.completions.create(model="{name}", max_tokens=40, messages=question).choices[0].message.content)
anthropic = Anthropic(base_url="{base}", api_key="unused")
print(anthropic.messages.create(model="{name}", max_tokens=40, messages=question).content[0].text)
END

The configuration is watched: edit it and the gateway follows. Ctrl-C stops everything.
"#
    )
}

#[cfg(test)]
mod tests {
    use super::super::render::tests::example;
    use super::*;

    #[test]
    fn every_line_to_paste_names_the_gateway_and_its_model() {
        let text = text(&example(), Path::new("/p/bin/python"), Some(7));
        let pasted: Vec<&str> = text.lines().filter(|line| line.starts_with("curl ")).collect();
        assert_eq!(pasted.len(), 2);
        for line in pasted {
            assert!(
                line.contains("http://127.0.0.1:10000/v1/") && line.contains(r#""model":"chat""#),
                "{line}"
            );
        }
        assert!(text.contains("\n/p/bin/python - <<'END'\n") && text.contains("\nEND\n"), "{text}");
        assert!(text.contains("kill 7"));
    }

    #[test]
    fn an_ipv6_address_can_be_pasted() {
        let mut rendered = example();
        rendered.listen.address = "::".into();
        assert!(text(&rendered, Path::new("/p"), None).contains("curl http://[::1]:10000/v1/messages"));
    }

    #[test]
    fn nothing_is_said_of_a_model_that_does_not_run() {
        assert!(!text(&example(), Path::new("/p"), None).contains("local model"));
    }
}
