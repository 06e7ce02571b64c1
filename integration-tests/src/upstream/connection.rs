//! One HTTP/1.1 connection, written by hand: a server library would decide by
//! itself how bytes are grouped, when they are flushed and how a connection ends.

use super::{
    Exchange, Outcome, Server,
    format::{self, Act},
    script::{Division, Script},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// Longest request that is taken, in bytes.
const MAX_REQUEST: usize = 16 << 20;

/// Serves requests one after the other until the connection ends.
pub(super) async fn serve(stream: TcpStream, server: Arc<Server>) {
    // Each write must reach the client by itself and at once.
    let _ = stream.set_nodelay(true);
    let (mut reader, mut writer) = stream.into_split();
    let mut input = Vec::new();
    while let Ok(Some(exchange)) = read_request(&mut reader, &mut input).await {
        let script = server.script_for(&exchange);
        let outcome = tokio::select! {
            // A client that has left is noticed before more is written to it.
            biased;
            () = closed(&mut reader, &mut input) => Outcome::ClientClosed,
            outcome = answer(&mut writer, &exchange, script) => outcome.unwrap_or(Outcome::ClientClosed),
        };
        exchange.end(outcome);
        if outcome != Outcome::Served {
            return;
        }
    }
}

/// Waits until the client closes its side. What it sends meanwhile is kept.
async fn closed(reader: &mut OwnedReadHalf, input: &mut Vec<u8>) {
    while matches!(reader.read_buf(input).await, Ok(1..)) {}
}

async fn read_request(reader: &mut OwnedReadHalf, input: &mut Vec<u8>) -> io::Result<Option<Exchange>> {
    let head_length = loop {
        if let Some(end) = input.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if input.len() > MAX_REQUEST || reader.read_buf(input).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&input[..head_length]).into_owned();
    let Some((method, target, headers)) = parse_head(&head) else { return Ok(None) };
    let body_length =
        headers.get(http::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let length = head_length + body_length.unwrap_or(0).min(MAX_REQUEST);
    while input.len() < length {
        if reader.read_buf(input).await? == 0 {
            return Ok(None);
        }
    }
    let body = input[head_length..length].to_vec();
    input.drain(..length);
    Ok(Some(Exchange::new(method, target, headers, body)))
}

fn parse_head(head: &str) -> Option<(Method, String, HeaderMap)> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.parse().ok()?, words.next()?.to_owned());
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .filter_map(|(name, value)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::from_str(value.trim()).ok()?))
        })
        .collect();
    Some((method, target, headers))
}

/// Runs a script. An error means that the client is gone.
async fn answer(writer: &mut OwnedWriteHalf, exchange: &Exchange, script: Script) -> io::Result<Outcome> {
    let format = script.format.unwrap_or_else(|| exchange.format());
    let mut body = Body { writer, exchange, division: &script.division, offset: 0 };
    for act in format::acts(&script.before_head, format, script.counts) {
        if body.perform(act).await? == Flow::Cut {
            return Ok(Outcome::Cut);
        }
    }
    let mut head = format!("HTTP/1.1 {}\r\ntransfer-encoding: chunked\r\n", script.status);
    for (name, value) in &script.headers {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    body.writer.write_all((head + "\r\n").as_bytes()).await?;
    for act in format::acts(&script.steps, format, script.counts) {
        if body.perform(act).await? == Flow::Cut {
            return Ok(Outcome::Cut);
        }
    }
    body.writer.write_all(b"0\r\n\r\n").await?;
    Ok(Outcome::Served)
}

#[derive(PartialEq, Eq)]
enum Flow {
    GoesOn,
    Cut,
}

struct Body<'a> {
    writer: &'a mut OwnedWriteHalf,
    exchange: &'a Exchange,
    division: &'a Division,
    /// Bytes written so far.
    offset: usize,
}

impl Body<'_> {
    async fn perform(&mut self, act: Act) -> io::Result<Flow> {
        match act {
            Act::Write(bytes) => self.write(&bytes).await?,
            Act::Pause(gate) => gate.pass().await,
            Act::Delay(time) => tokio::time::sleep(time).await,
            Act::Forever { bytes, every } => loop {
                self.write(&bytes).await?;
                if every.is_zero() {
                    // Lets the watch for the client's leaving run.
                    tokio::task::yield_now().await;
                } else {
                    tokio::time::sleep(every).await;
                }
            },
            Act::Hang => std::future::pending().await,
            Act::Cut => {
                self.writer.shutdown().await?;
                return Ok(Flow::Cut);
            }
        }
        Ok(Flow::GoesOn)
    }

    /// Writes the bytes, divided as the script wants it.
    async fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let length = match self.division {
                Division::Steps => bytes.len(),
                Division::EveryByte => 1,
                Division::At(positions) => positions
                    .iter()
                    .filter(|position| **position > self.offset)
                    .map(|position| position - self.offset)
                    .fold(bytes.len(), usize::min),
            };
            let (piece, rest) = bytes.split_at(length);
            // One write for the chunk's frame and bytes, so that they travel together.
            let mut chunk = format!("{length:x}\r\n").into_bytes();
            chunk.extend_from_slice(piece);
            chunk.extend_from_slice(b"\r\n");
            self.exchange.wrote(length);
            self.writer.write_all(&chunk).await?;
            self.offset += length;
            bytes = rest;
        }
        Ok(())
    }
}
