//! Operations, from their tags.

use super::{Draft, removed};
use crate::{
    print,
    problem::{Fix, ProblemCode},
    reading::{OperationOutline, tag::Tag},
    spans::OperationSpan,
    step::{Operation, OperationKind},
    vocabulary::{self, Attribute},
};

impl Draft {
    pub(super) fn operation(&mut self, text: &str, tag: &Tag) {
        self.operations += 1;
        let span = OperationSpan {
            whole: tag.range.start..0,
            tag: tag.range.clone(),
            kind: tag.value(Attribute::Kind),
            path: tag.value(Attribute::Path),
            from: tag.value(Attribute::From),
            symbols: tag.value(Attribute::Symbols),
            changes: None,
        };
        let mut operation = Operation { kind: self.kind(text, tag), ..Operation::default() };
        operation.path = span.path.clone().map(|range| self.value(text, &range)).unwrap_or_default();
        if operation.path.trim().is_empty() {
            self.report(ProblemCode::MissingPath, tag.range.clone(), "The operation names no file.", None);
        }
        operation.from = span.from.clone().map(|range| self.value(text, &range));
        let has_from = operation.from.as_ref().is_some_and(|from| !from.is_empty());
        if operation.kind == OperationKind::Move && !has_from {
            let message = "The move does not say where the file comes from.";
            self.report(ProblemCode::MissingFrom, tag.range.clone(), message, None);
        }
        if operation.kind != OperationKind::Move && operation.from.is_some() {
            let whole = tag.values.iter().find(|value| value.attribute == Some(Attribute::From));
            let fix = whole.map(|value| removed(text, value));
            let message = "Only a move says where a file comes from.";
            self.report(ProblemCode::UnexpectedFrom, tag.range.clone(), message, fix);
        }
        if let Some(range) = &span.symbols {
            operation.symbols = names(&self.value(text, range));
        }
        if let Some(outline) = self.outline.last_mut() {
            outline.operations.push(OperationOutline { kind: operation.kind, path: operation.path.clone() });
        }
        if let (Some(step), Some(spans)) = (self.plan.steps.last_mut(), self.spans.steps.last_mut()) {
            step.operations.push(operation);
            spans.operations.push(span);
        }
    }

    fn kind(&mut self, text: &str, tag: &Tag) -> OperationKind {
        let Some(range) = tag.value(Attribute::Kind) else {
            let meant = tag.value(Attribute::From).map(|_| OperationKind::Move);
            let fix = meant.map(|kind| Fix {
                label: format!("Make it a {}", kind.as_str()),
                range: tag.name.end..tag.name.end,
                replacement: format!(" {}=\"{}\"", Attribute::Kind.name(), kind.as_str()),
            });
            let message = "The operation does not say whether it modifies, creates, deletes or moves.";
            self.report(ProblemCode::MissingType, tag.range.clone(), message, fix);
            return meant.unwrap_or_default();
        };
        let word = self.value(text, &range);
        if let Some(kind) = vocabulary::kind(&word) {
            return kind;
        }
        let meant = vocabulary::kind_meant(&word);
        let fix = meant.map(|kind| Fix {
            label: format!("Write {}", kind.as_str()),
            range: range.clone(),
            replacement: kind.as_str().to_owned(),
        });
        let message = format!("{word:?} is not modify, create, delete or move.");
        self.report(ProblemCode::UnknownType, range, message, fix);
        meant.unwrap_or_default()
    }
}

fn names(words: &str) -> Vec<String> {
    words.split(print::LAYOUT).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
