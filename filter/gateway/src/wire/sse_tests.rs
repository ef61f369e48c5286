//! What the decoder makes of streams, however they are cut.

use super::{Block, Decoder, Event, TooLong, write};

/// One event as a reader sees it: the bytes, the name, the data.
type Seen = (Vec<u8>, String, Option<String>);

fn seen(event: Event<'_>) -> Seen {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (event.raw().to_vec(), text(event.name()), event.data().map(|data| text(&data)))
}

/// The events of `stream` when its pieces end at `cuts`.
fn events(stream: &[u8], cuts: impl IntoIterator<Item = usize>) -> Vec<Seen> {
    let (mut decoder, mut list, mut begin) = (Decoder::new(1 << 20), Vec::new(), 0);
    for end in cuts.into_iter().chain([stream.len()]) {
        decoder.push(&stream[begin..end], |event| list.push(seen(event))).expect("no event over the bound");
        begin = end;
    }
    decoder.finish(|event| list.push(seen(event)));
    assert!(decoder.is_between_events());
    list
}

/// Checks the names and data of the events of `stream`, whole and in every two pieces and byte by byte.
#[track_caller]
fn check(stream: &str, expected: &[(&str, Option<&str>)]) {
    let stream = stream.as_bytes();
    let whole = events(stream, []);
    let told: Vec<_> = whole.iter().map(|(_, name, data)| (name.as_str(), data.as_deref())).collect();
    assert_eq!(told, expected);
    check_cuts(stream, &whole);
}

#[track_caller]
fn check_cuts(stream: &[u8], whole: &[Seen]) {
    for cut in 0..=stream.len() {
        assert_eq!(events(stream, [cut]), whole, "cut at {cut}");
    }
    assert_eq!(events(stream, 0..stream.len()), whole, "byte by byte");
    assert_eq!(
        whole.iter().flat_map(|(raw, ..)| raw.clone()).collect::<Vec<_>>(),
        stream,
        "every byte is in an event"
    );
}

#[test]
fn lines_may_end_in_any_of_the_three_ways() {
    for end in ["\n", "\r", "\r\n"] {
        let stream = "event: a|data: 1||data: 2||".replace('|', end);
        check(&stream, &[("a", Some("1")), ("", Some("2"))]);
    }
    check("data: 1\r\ndata: 2\n\rdata: 3\n\n", &[("", Some("1\n2")), ("", Some("3"))]);
    check("data: 1\r\n\ndata: 2\r\r\n", &[("", Some("1")), ("", Some("2"))]);
}

#[test]
fn fields_are_read_as_the_standard_says() {
    check("data:a\n\n", &[("", Some("a"))]);
    check("data:  a\n\n", &[("", Some(" a"))]);
    check("data\n\n", &[("", Some(""))]);
    check("data:\n\n", &[("", Some(""))]);
    check("data: a:b\n\n", &[("", Some("a:b"))]);
    check("data: a\ndata: b\ndata:\n\n", &[("", Some("a\nb\n"))]);
    check("data: a\nevent: x\nevent: y\nid: 5\nretry: 9\nother\n\n", &[("y", Some("a"))]);
    check("data : a\nDATA: b\n data: c\n\n", &[("", None)]);
}

#[test]
fn comments_and_blank_lines_are_events_without_data() {
    check(": hi\n\n\n:\n\nevent: ping\n\n", &[("", None), ("", None), ("", None), ("ping", None)]);
    check(": hi\ndata: a\n\n", &[("", Some("a"))]);
}

#[test]
fn a_byte_order_mark_is_passed_over_at_the_begin_and_nowhere_else() {
    check("\u{feff}data: a\n\n\u{feff}data: b\n\n", &[("", Some("a")), ("", None)]);
    check("\u{feff}\u{feff}data: a\n\n", &[("", None)]);
}

#[test]
fn the_last_event_may_lack_its_blank_line() {
    for end in ["", "\n", "\r", "\r\n", "\n\n", "\r\r", "\r\n\r\n", "\r\n\r"] {
        check(&format!("data: a\n\ndata: b{end}"), &[("", Some("a")), ("", Some("b"))]);
    }
    check("", &[]);
}

#[test]
fn letters_of_several_bytes_may_be_cut() {
    check("data: é€😀\n\nevent: é\ndata: x\n\n", &[("", Some("é€😀")), ("é", Some("x"))]);
}

#[test]
fn every_fixture_gives_the_same_events_however_it_is_cut() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata");
    let mut files = 0;
    for dialect in std::fs::read_dir(root).unwrap() {
        let Ok(streams) = std::fs::read_dir(dialect.unwrap().path().join("streams")) else { continue };
        for file in streams {
            let stream = std::fs::read(file.unwrap().path()).unwrap();
            check_cuts(&stream, &events(&stream, []));
            files += 1;
        }
    }
    assert!(files >= 10, "{files} fixtures");
}

/// The events of a stream by another way: all of it at hand, line by line.
fn plainly(stream: &str) -> Vec<(String, Option<String>)> {
    let text = stream.strip_prefix('\u{feff}').unwrap_or(stream).replace("\r\n", "\n").replace('\r', "\n");
    let mut blocks: Vec<Vec<&str>> = vec![Vec::new()];
    for line in text.split('\n') {
        if line.is_empty() {
            blocks.push(Vec::new());
        } else if let Some(block) = blocks.last_mut() {
            block.push(line);
        }
    }
    blocks.iter().filter(|block| !block.is_empty()).map(|block| fields(block)).collect()
}

fn fields(block: &[&str]) -> (String, Option<String>) {
    let values = |field: &str| {
        let value = |line: &&str| {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            (name == field).then(|| value.strip_prefix(' ').unwrap_or(value).to_owned())
        };
        block.iter().filter_map(value).collect::<Vec<_>>()
    };
    let data = values("data");
    (values("event").pop().unwrap_or_default(), (!data.is_empty()).then(|| data.join("\n")))
}

#[test]
fn any_stream_is_read_as_a_plain_reader_reads_it() {
    let words = [
        "data",
        "event",
        ":",
        " ",
        "x",
        "\n",
        "\r",
        "\r\n",
        "\n\n",
        "data: y\n",
        "é",
        "\u{feff}",
        "{\"a\":1}",
    ];
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..3000 {
        let stream: String = (0..random(30)).map(|_| words[random(words.len())]).collect();
        let mut cuts: Vec<_> = (0..random(4)).map(|_| random(stream.len() + 1)).collect();
        cuts.sort_unstable();
        let read = events(stream.as_bytes(), cuts);
        let told: Vec<_> = read.into_iter().map(|(_, name, data)| (name, data)).collect();
        let named: Vec<_> =
            told.into_iter().filter(|(name, data)| !name.is_empty() || data.is_some()).collect();
        let mut expected = plainly(&stream);
        expected.retain(|(name, data)| !name.is_empty() || data.is_some());
        assert_eq!(named, expected, "{stream:?}");
    }
}

/// How many events come before the bound is passed, if it is.
fn until_too_long(event_bytes_max: usize, stream: &[u8], piece_bytes: usize) -> (usize, Result<(), TooLong>) {
    let (mut decoder, mut events) = (Decoder::new(event_bytes_max), 0);
    for piece in stream.chunks(piece_bytes) {
        if let Err(error) = decoder.push(piece, |_| events += 1) {
            assert_eq!(decoder.push(b"data: x\n\n", |_| events += 1), Err(TooLong), "nothing more is read");
            return (events, Err(error));
        }
    }
    (events, Ok(()))
}

#[test]
fn an_event_over_the_bound_is_refused_however_it_comes() {
    let stream = b"data: 1\n\ndata: 234\n\ndata: 5\n\n";
    for piece_bytes in 1..=stream.len() {
        assert_eq!(until_too_long(12, stream, piece_bytes), (3, Ok(())), "above, {piece_bytes}");
        assert_eq!(until_too_long(11, stream, piece_bytes), (3, Ok(())), "at, {piece_bytes}");
        assert_eq!(until_too_long(10, stream, piece_bytes), (1, Err(TooLong)), "below, {piece_bytes}");
    }
}

#[test]
fn an_event_that_never_ends_is_refused_at_the_bound() {
    let mut decoder = Decoder::new(100);
    for _ in 0..10 {
        assert_eq!(decoder.push(b"data: 1234", |_| panic!("no event is complete")), Ok(()));
    }
    assert_eq!(decoder.push(b"5", |_| panic!("no event is complete")), Err(TooLong));
    decoder.finish(|_| panic!("what is too long is no event"));
}

/// What is handed out of `stream` that passes in pieces which end at `cuts`: the data of events, and the pieces of a
/// block that is too long joined; and how much was held back at most.
fn passed(stream: &[u8], cuts: impl IntoIterator<Item = usize>) -> (Vec<String>, usize) {
    let (mut decoder, mut list, mut begin, mut held_bytes) = (Decoder::new(16), Vec::new(), 0, 0);
    let mut bytes = Vec::new();
    let mut long = String::new();
    let mut take = |block: Block<'_>| match block {
        Block::Piece(piece) => {
            bytes.extend_from_slice(piece);
            long += std::str::from_utf8(piece).unwrap();
        }
        Block::Event(event) => {
            bytes.extend_from_slice(event.raw());
            list.extend((!long.is_empty()).then(|| std::mem::take(&mut long)));
            list.extend(seen(event).2);
        }
    };
    for end in cuts.into_iter().chain([stream.len()]) {
        decoder.pass(&stream[begin..end], &mut take);
        held_bytes = held_bytes.max(decoder.held.len());
        begin = end;
    }
    decoder.pass_rest(&mut take);
    list.extend((!long.is_empty()).then_some(long));
    assert_eq!(bytes, stream, "every byte is handed out");
    (list, held_bytes)
}

#[test]
fn a_stream_that_passes_is_read_again_behind_an_event_over_the_bound() {
    for (long, end) in [
        ("data: 0123456789\n\n", "data: 2\n\n"),
        ("data: 0123456789\r\n\r\n", "data: 2\r\n\r\n"),
        ("data: 0123456789\r\r", "data: 2\r\r"),
        ("data: 01\ndata: 2\ndata: 3\n\n", "data: 2"),
        ("data: 01\r\ndata: 2\r\ndata: 3\r\n\r\n", "data: 2\n\r"),
        ("data: 012345678\n\n", "data: 2\n\n"),
    ] {
        let stream = format!("data: 1\n\n{long}{end}");
        let expected = ["1", long, "2"];
        let cuts = (0..=stream.len()).map(|cut| vec![cut]).chain([(0..stream.len()).collect()]);
        for cuts in cuts {
            assert_eq!(passed(stream.as_bytes(), cuts.clone()).0, expected, "{stream:?} cut at {cuts:?}");
        }
    }
    assert_eq!(passed(b"data: 01234567\n\n", []).0, ["01234567"], "at the bound");
}

#[test]
fn nothing_is_held_of_an_event_that_passes_but_a_byte_or_two() {
    let stream = "data: 0123456789\r".repeat(1000);
    let (list, held_bytes) = passed(stream.as_bytes(), 0..stream.len());
    assert_eq!((list, held_bytes), (vec![stream], 16));
}

#[test]
fn a_part_of_an_event_is_held_until_it_is_whole() {
    let mut decoder = Decoder::new(100);
    assert!(decoder.is_between_events());
    decoder.push(b"data: 1\n\nda", |_| {}).unwrap();
    assert!(!decoder.is_between_events());
    decoder.push(b"ta: 2\n\n", |_| {}).unwrap();
    assert!(decoder.is_between_events());
}

#[test]
fn a_written_event_reads_as_it_was() {
    let mut out = Vec::new();
    write(&mut out, "ping", b"{}");
    write(&mut out, "", b"[DONE]");
    assert_eq!(out, b"event: ping\ndata: {}\n\ndata: [DONE]\n\n");
    check(std::str::from_utf8(&out).unwrap(), &[("ping", Some("{}")), ("", Some("[DONE]"))]);
}
