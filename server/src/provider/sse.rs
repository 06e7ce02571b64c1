//! Server-sent events out of bytes that may be divided anywhere: within a
//! character, a line, an event or the CR LF between two lines.

use std::str;

/// Longest line, and longest data of one event, in bytes. A peer must not be
/// able to make us hold more than this.
pub(super) const MAX_LINE: usize = 1 << 20;

/// One event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    /// From the `event` field; empty without one.
    pub(super) name: String,
    /// The lines of the `data` fields, joined by newlines.
    pub(super) data: String,
}

/// Why bytes are no event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// A line or an event grew past [`MAX_LINE`].
    TooLong,
    /// A line is not UTF-8.
    InvalidUtf8,
}

/// Takes bytes as they come and gives events as soon as they are whole.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    event: Event,
    has_data: bool,
    /// The last byte was a CR, so a LF that follows belongs to it.
    after_cr: bool,
    /// A byte order mark is skipped on the first line only.
    past_first_line: bool,
    strays: bool,
}

impl Decoder {
    /// Appends the events that these bytes complete. When it fails, the events
    /// before the fault are there, and nothing more can be read.
    pub(super) fn feed(&mut self, mut bytes: &[u8], events: &mut Vec<Event>) -> Result<(), Broken> {
        if self.after_cr && bytes.first() == Some(&b'\n') {
            bytes = &bytes[1..];
        }
        if !bytes.is_empty() {
            self.after_cr = false;
        }
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.extend_line(&bytes[..end])?;
            self.end_line(events)?;
            let crlf = bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n');
            self.after_cr = bytes[end] == b'\r' && end + 1 == bytes.len();
            bytes = &bytes[end + 1 + usize::from(crlf)..];
        }
        self.extend_line(bytes)
    }

    /// Appends what the end of the stream completes. The standard throws an
    /// event away whose empty line is missing; servers that omit the newlines
    /// after their last event are common, so it is given out here.
    pub(super) fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), Broken> {
        self.end_line(events)?;
        self.dispatch(events);
        Ok(())
    }

    /// Whether there were lines that no event stream has.
    pub(super) fn saw_strays(&self) -> bool {
        self.strays
    }

    fn extend_line(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        if self.line.len() + bytes.len() > MAX_LINE {
            // Nothing more will be read, so nothing more need be kept.
            self.line = Vec::new();
            return Err(Broken::TooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self, events: &mut Vec<Event>) -> Result<(), Broken> {
        let mut line = std::mem::take(&mut self.line);
        let result = self.take_line(&line, events);
        // Lines come by the thousand; their buffer is used again.
        line.clear();
        self.line = line;
        result
    }

    fn take_line(&mut self, line: &[u8], events: &mut Vec<Event>) -> Result<(), Broken> {
        let mut line = str::from_utf8(line).map_err(|_| Broken::InvalidUtf8)?;
        if !std::mem::replace(&mut self.past_first_line, true) {
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        if line.is_empty() {
            self.dispatch(events);
            return Ok(());
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.event.data.len() + value.len() >= MAX_LINE {
                    return Err(Broken::TooLong);
                }
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            "event" => value.clone_into(&mut self.event.name),
            // A comment has an empty field; ids and retry times mean nothing here.
            "" | "id" | "retry" => {}
            _ => self.strays = true,
        }
        Ok(())
    }

    fn dispatch(&mut self, events: &mut Vec<Event>) {
        let event = std::mem::take(&mut self.event);
        if std::mem::take(&mut self.has_data) {
            events.push(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event { name: name.to_owned(), data: data.to_owned() }
    }

    /// All events of the pieces, fed one after the other.
    fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Event>, Broken> {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        for piece in pieces {
            decoder.feed(piece, &mut events)?;
        }
        decoder.finish(&mut events)?;
        Ok(events)
    }

    const STREAM: &str = "\u{feff}: hello\r\nevent: a\r\ndata: 番頭\r\ndata: two\r\n\r\n\
        data:x\rdata\rid: 7\r\r\n: keep-alive\n\nevent: none\n\nretry: 10\ndata:  \u{feff}é\n\n\
        event: é🦀\ndata: {\"text\":\"🦀\"}\n\ndata: [DONE]";

    fn stream_events() -> Vec<Event> {
        vec![
            event("a", "番頭\ntwo"),
            event("", "x\n"),
            event("", " \u{feff}é"),
            event("é🦀", "{\"text\":\"🦀\"}"),
            event("", "[DONE]"),
        ]
    }

    #[test]
    fn reads_every_kind_of_line() {
        assert_eq!(decode([STREAM.as_bytes()]), Ok(stream_events()));
    }

    #[test]
    fn does_not_depend_on_where_bytes_are_divided() {
        let bytes = STREAM.as_bytes();
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                assert_eq!(decode(pieces), Ok(stream_events()), "divided at {first} and {second}");
            }
        }
        assert_eq!(decode(bytes.chunks(1)), Ok(stream_events()));
    }

    #[test]
    fn gives_an_event_with_its_last_byte() {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        decoder.feed(b"data: a\n", &mut events).expect("valid bytes");
        assert_eq!(events, []);
        decoder.feed(b"\r", &mut events).expect("valid bytes");
        assert_eq!(events, [event("", "a")]);
        decoder.feed(b"\ndata: b\n\n", &mut events).expect("valid bytes");
        assert_eq!(events, [event("", "a"), event("", "b")]);
    }

    #[test]
    fn bounds_lines_and_events() {
        let line = [b"data: ".as_slice(), &vec![b'x'; MAX_LINE]].concat();
        assert_eq!(decode(line.chunks(4096)), Err(Broken::TooLong));
        let lines = "data: xxxxxxxxxxxxxxxx\n".repeat(MAX_LINE / 16);
        assert_eq!(decode([lines.as_bytes()]), Err(Broken::TooLong));
        let fits = [b"data: ".as_slice(), &vec![b'x'; MAX_LINE - 6], b"\n\n"].concat();
        assert_eq!(decode(fits.chunks(4096)).map(|events| events.len()), Ok(1));
    }

    #[test]
    fn keeps_what_came_before_a_fault() {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        let result = decoder.feed(b"data: a\n\ndata: \xff\xfe\n\n", &mut events);
        assert_eq!((result, events), (Err(Broken::InvalidUtf8), vec![event("", "a")]));
    }

    #[test]
    fn never_panics_on_noise() {
        // A fixed generator: the same noise in every run.
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        let alphabet = b"data:event \r\n\xef\xbb\xbf\xc3\xa9{}x";
        for _ in 0..2_000 {
            let noise: Vec<u8> = (0..64)
                .map(|_| {
                    seed ^= seed << 13;
                    seed ^= seed >> 7;
                    seed ^= seed << 17;
                    alphabet[(seed % alphabet.len() as u64) as usize]
                })
                .collect();
            let whole = decode([noise.as_slice()]);
            assert_eq!(decode(noise.chunks(1)), whole, "{noise:?}");
            assert_eq!(decode(noise.chunks(7)), whole, "{noise:?}");
        }
    }
}
