//! The canonical conversation, written as a request to a provider.
//!
//! Anthropic wants the instructions apart, user and assistant in turns, and all results of a turn's calls together at
//! the beginning of the message behind it.

use super::form::Form;
use super::models::{LastWord, Model};
use super::notes::Notes;
use super::plan::Plan;
use super::prefill::{CONTINUE, is_said, without_space_at_the_end};
use super::write_parts::{Fate, fate, is_blank, write_content};
use super::write_settings::{write_settings, write_tools};
use crate::chat::{Chat, Delivery, Message, Part, Role, Text, Unsupported};
use crate::wire::json::{Array, Object, write_string};

/// Writes a request for a provider that is asked for `model`, and returns what could not be written.
pub fn write_request(chat: &Chat<'_>, model: &str, out: &mut Vec<u8>) -> Vec<Unsupported> {
    let mut notes = Notes::default();
    let known = Model::named(model);
    let plan = Plan::of(chat, known, &mut notes);
    let mut request = Object::open(out);
    write_string(request.key("model"), model);
    request.number("max_tokens", plan.max_tokens);
    if let Delivery::Stream { .. } = chat.delivery {
        request.raw("stream", "true");
    }
    let instructions = instructions(chat, &plan.form);
    write_conversation(chat, instructions, known.generation.last_word(), &mut request, &mut notes);
    write_tools(chat, known, &mut request, &mut notes);
    write_settings(chat, &plan, known.generation, &mut request, &mut notes);
    request.close();
    notes.into_paths()
}

fn write_conversation<'c>(
    chat: &'c Chat<'_>,
    instructions: impl Iterator<Item = &'c Text<'c>>,
    last_word: LastWord,
    request: &mut Object<'_>,
    notes: &mut Notes,
) {
    for message in &chat.messages {
        for part in &message.parts {
            match fate(part, message.role) {
                Fate::Written | Fate::Empty => {}
                Fate::Lost(path) => notes.add(path),
            }
        }
    }
    let mut said: Vec<&Message<'_>> = chat.messages.iter().filter(|message| is_said(message)).collect();
    let mut instructions = instructions.peekable();
    if said.is_empty() {
        // Anthropic demands a message; instructions alone are said by the user.
        if instructions.peek().is_some() {
            notes.add("messages[].role");
        }
        let mut messages = Array::open(request.key("messages"));
        write_said_by_user(instructions, messages.element());
        return messages.close();
    }
    if instructions.peek().is_some() {
        write_joined(instructions, request.key("system"));
    }
    let prefill = said.last().copied().filter(|message| message.role == Role::Assistant);
    let trimmed = prefill.and_then(without_space_at_the_end);
    if let (Some(trimmed), Some(last)) = (&trimmed, said.last_mut()) {
        *last = trimmed;
    }
    let mut messages = Array::open(request.key("messages"));
    for turn in said.chunk_by(|before, after| before.role == after.role) {
        write_turn(turn, messages.element());
    }
    if prefill.is_some() && last_word == LastWord::User {
        notes.add("messages[].role");
        write_said_by_user(std::iter::once(&CONTINUE), messages.element());
    }
    messages.close();
}

fn write_said_by_user<'c>(texts: impl Iterator<Item = &'c Text<'c>>, out: &mut Vec<u8>) {
    let mut message = Object::open(out);
    message.raw("role", "\"user\"");
    write_joined(texts, message.key("content"));
    message.close();
}

/// The texts of all system and developer messages, and the form that is asked for in words.
fn instructions<'c>(chat: &'c Chat<'c>, form: &'c Form<'_>) -> impl Iterator<Item = &'c Text<'c>> {
    let is_system = |message: &&Message<'_>| matches!(message.role, Role::System | Role::Developer);
    let parts = chat.messages.iter().filter(is_system).flat_map(|message| &message.parts);
    let texts = parts.filter_map(|part| match part {
        Part::Text(text) | Part::Refusal(text) if !is_blank(text) => Some(text),
        _ => None,
    });
    let asked = match form {
        Form::Asked(text) => Some(text),
        Form::Free | Form::Kept(_) => None,
    };
    texts.chain(asked)
}

/// Writes the texts as one string, each on a line of its own.
fn write_joined<'c>(texts: impl Iterator<Item = &'c Text<'c>>, out: &mut Vec<u8>) {
    out.push(b'"');
    for (index, text) in texts.enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\\n");
        }
        text.write_inside(out);
    }
    out.push(b'"');
}

/// Writes messages of one role as one message, results of calls first.
fn write_turn(turn: &[&Message<'_>], out: &mut Vec<u8>) {
    let Some(role) = turn.first().map(|message| message.role) else { return };
    let name = match role {
        Role::Assistant => "\"assistant\"",
        Role::System | Role::Developer | Role::User => "\"user\"",
    };
    let written = || {
        let parts = turn.iter().flat_map(|message| &message.parts);
        parts.filter(move |part| fate(part, role) == Fate::Written)
    };
    let is_result = |part: &&Part<'_>| matches!(part, Part::ToolResult { .. });
    let mut message = Object::open(out);
    message.raw("role", name);
    let ordered = written().filter(is_result).chain(written().filter(|part| !is_result(part)));
    write_content(ordered, message.key("content"));
    message.close();
}
