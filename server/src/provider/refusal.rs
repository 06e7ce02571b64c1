//! What a provider means by a status, an error body or an error in its stream.

use super::fault::Fault;
use crate::run::FailureKind;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::time::{Duration, SystemTime};

/// Reads an answer whose status is not a success.
pub(super) fn of_status(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Fault {
    let complaint = serde_json::from_slice(body).map(|body| Complaint::of(&body)).unwrap_or_default();
    let mut fault = complaint.fault(status);
    fault.retry_after = retry_after(headers).or(complaint.retry_delay);
    fault
}

/// Reads an error that came within a stream, or as a whole answer with a status
/// of success.
pub(super) fn in_stream(error: &Value) -> Fault {
    let complaint = Complaint::of(error);
    complaint.fault(complaint.status())
}

/// What a provider says about an error, whichever format it uses.
#[derive(Default)]
struct Complaint {
    /// Type, code, status and reasons in lower case.
    words: Vec<String>,
    /// A status of HTTP given as a number.
    number: Option<u16>,
    message: String,
    retry_delay: Option<Duration>,
}

impl Complaint {
    /// Reads `{"error": {…}}`, `{"error": "…"}`, `[{"error": …}]`, `{"message": …}`,
    /// `{"detail": …}`, or the inner object of these.
    fn of(body: &Value) -> Self {
        let body = body.get(0).unwrap_or(body);
        let error = body.get("error").filter(|error| !error.is_null()).unwrap_or(body);
        let details = error["details"].as_array().map(Vec::as_slice).unwrap_or_default();
        let fields = ["type", "code", "status"].map(|name| &error[name]);
        let reasons = details.iter().map(|detail| &detail["reason"]);
        Self {
            words: fields
                .into_iter()
                .chain(reasons)
                .filter_map(Value::as_str)
                .map(str::to_lowercase)
                .collect(),
            number: error["code"].as_u64().and_then(|code| u16::try_from(code).ok()),
            message: [error, &error["message"], &error["detail"]]
                .into_iter()
                .find_map(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            retry_delay: details.iter().find_map(|detail| {
                let seconds = detail["retryDelay"].as_str()?.strip_suffix('s')?;
                Duration::try_from_secs_f64(seconds.parse().ok()?).ok()
            }),
        }
    }

    fn says(&self, words: &[&str]) -> bool {
        self.words.iter().any(|word| words.contains(&word.as_str()))
    }

    fn mentions(&self, phrases: &[&str]) -> bool {
        let message = self.message.to_lowercase();
        phrases.iter().any(|phrase| message.contains(phrase))
    }

    /// The status that would have come with this error. One without a name is
    /// the provider's own trouble, as its answer had begun well.
    fn status(&self) -> StatusCode {
        if let Some(status) = self.number.and_then(|number| StatusCode::from_u16(number).ok()) {
            return status;
        }
        if self.says(&["rate_limit_error", "rate_limit_exceeded", "resource_exhausted", "insufficient_quota"])
        {
            StatusCode::TOO_MANY_REQUESTS
        } else if self.says(&[
            "authentication_error",
            "permission_error",
            "invalid_api_key",
            "unauthenticated",
            "permission_denied",
        ]) {
            StatusCode::UNAUTHORIZED
        } else if self.says(&["invalid_request_error", "invalid_argument", "not_found_error", "not_found"]) {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        }
    }

    fn is_context_length(&self) -> bool {
        self.says(&["context_length_exceeded", "exceed_context_size_error", "request_too_large"])
            || self.mentions(&[
                "prompt is too long",
                "context length",
                "context window",
                "context size",
                "maximum context",
                "input is too long",
                "input token count",
                "too many input tokens",
            ])
    }

    fn is_content_filter(&self) -> bool {
        self.says(&["content_filter", "content_policy_violation", "responsibleaipolicyviolation"])
    }

    /// Gemini answers a wrong key with 400.
    fn is_wrong_key(&self) -> bool {
        self.says(&["api_key_invalid", "invalid_api_key"])
    }

    /// Money, not time, is what a retry would need.
    fn is_out_of_credit(&self) -> bool {
        self.says(&["insufficient_quota", "billing_hard_limit_reached"])
    }

    fn fault(&self, status: StatusCode) -> Fault {
        let code = status.as_u16();
        let (kind, retryable, sentence) = match code {
            401 | 403 => (FailureKind::Auth, false, "the provider refused the credential"),
            429 if self.is_out_of_credit() => {
                (FailureKind::RateLimited, false, "the account has no credit left")
            }
            429 => (FailureKind::RateLimited, true, "the provider asks for fewer requests"),
            _ if self.is_context_length() => {
                (FailureKind::ContextLength, false, "the request is longer than the model's context window")
            }
            500..=599 => (FailureKind::Overloaded, true, "the provider is overloaded or broken"),
            _ if self.is_content_filter() => {
                (FailureKind::ContentFilter, false, "the provider withheld the answer")
            }
            _ if self.is_wrong_key() => (FailureKind::Auth, false, "the provider refused the credential"),
            413 => (FailureKind::ContextLength, false, "the request is too large for the provider"),
            300..=399 => {
                (FailureKind::Rejected, false, "the provider answered with a redirect, which is not followed")
            }
            _ => (FailureKind::Rejected, false, "the provider refused the request"),
        };
        let words = if self.message.is_empty() { String::new() } else { format!(": {}", self.message) };
        Fault::new(kind, retryable, format!("{sentence} (HTTP {code}){words}"))
    }
}

/// The pause that the headers ask for: `retry-after-ms`, or `retry-after` in
/// seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let milliseconds = text("retry-after-ms")
        .and_then(|text| Duration::try_from_secs_f64(text.parse::<f64>().ok()? / 1000.0).ok());
    let seconds_or_date = || {
        let text = text("retry-after")?;
        match text.parse() {
            Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
            // A date that has passed asks for no pause.
            Err(_) => httpdate::parse_http_date(text)
                .ok()
                .map(|date| date.duration_since(SystemTime::now()).unwrap_or_default()),
        }
    };
    milliseconds.or_else(seconds_or_date)
}

#[cfg(test)]
mod tests {
    use super::{FailureKind::*, *};
    use serde_json::json;

    fn kind(status: u16, body: Value) -> (FailureKind, bool) {
        let status = StatusCode::from_u16(status).expect("a status");
        let fault = of_status(status, &HeaderMap::new(), body.to_string().as_bytes());
        (fault.kind, fault.retryable)
    }

    fn error(fields: Value) -> Value {
        json!({ "error": fields })
    }

    #[test]
    fn sorts_statuses() {
        for (status, expected) in [
            (302, (Rejected, false)),
            (400, (Rejected, false)),
            (401, (Auth, false)),
            (403, (Auth, false)),
            (404, (Rejected, false)),
            (413, (ContextLength, false)),
            (429, (RateLimited, true)),
            (500, (Overloaded, true)),
            (502, (Overloaded, true)),
            (503, (Overloaded, true)),
            (504, (Overloaded, true)),
            (529, (Overloaded, true)),
        ] {
            assert_eq!(kind(status, json!({})), expected, "{status}");
        }
    }

    #[test]
    fn sees_through_a_bad_request() {
        let context = (ContextLength, false);
        for (status, body, expected) in [
            (400, error(json!({ "code": "context_length_exceeded", "message": "m" })), context),
            (
                400,
                error(json!({ "type": "invalid_request_error", "message": "prompt is too long: 9 > 8" })),
                context,
            ),
            (400, error(json!({ "message": "The input token count (9) exceeds the maximum" })), context),
            (400, json!({ "message": "This model's maximum context length is 8 tokens" }), context),
            (400, error(json!({ "code": "content_filter", "message": "m" })), (ContentFilter, false)),
            (400, error(json!({ "code": 400, "details": [{ "reason": "API_KEY_INVALID" }] })), (Auth, false)),
            (429, error(json!({ "code": "insufficient_quota" })), (RateLimited, false)),
            (429, error(json!({ "message": "Request too large: context window" })), (RateLimited, true)),
        ] {
            assert_eq!(kind(status, body.clone()), expected, "{body}");
        }
    }

    #[test]
    fn sorts_errors_in_streams() {
        for (body, expected) in [
            (json!({ "type": "overloaded_error", "message": "Overloaded" }), Overloaded),
            (json!({ "error": { "type": "rate_limit_error" } }), RateLimited),
            (json!({ "error": { "code": 429, "status": "RESOURCE_EXHAUSTED" } }), RateLimited),
            (json!({ "error": { "code": "context_length_exceeded" } }), ContextLength),
            (json!({ "error": { "type": "authentication_error" } }), Auth),
            (json!({ "error": { "code": 502, "message": "bad gateway" } }), Overloaded),
            (json!({ "error": "something happened" }), Overloaded),
            (json!({ "error": { "code": 9_999_999 } }), Overloaded),
        ] {
            assert_eq!(in_stream(&body).kind, expected, "{body}");
        }
    }

    #[test]
    fn reads_the_pause_asked_for() {
        let of = |name: &'static str, value: String| {
            let value = value.parse().expect("a header value");
            retry_after(&HeaderMap::from_iter([(http::HeaderName::from_static(name), value)]))
        };
        assert_eq!(of("retry-after", "7".to_owned()), Some(Duration::from_secs(7)));
        assert_eq!(of("retry-after-ms", "1500".to_owned()), Some(Duration::from_millis(1500)));
        assert_eq!(of("retry-after", "-7".to_owned()), None);
        assert_eq!(of("retry-after", "1e300".to_owned()), None);
        assert_eq!(of("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT".to_owned()), Some(Duration::ZERO));
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(100));
        let pause = of("retry-after", date).expect("a pause");
        assert!((95..=100).contains(&pause.as_secs()), "{pause:?}");
        let body = json!([{ "error": { "details": [{ "retryDelay": "3.5s" }] } }]).to_string();
        let fault = of_status(StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new(), body.as_bytes());
        assert_eq!(fault.retry_after, Some(Duration::from_millis(3500)));
    }
}
