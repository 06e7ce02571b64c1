//! What is wrong with a plan, where, and what would put it right.

use std::{fmt, ops::Range};

/// Something that is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether the plan can be used in spite of it.
    pub severity: Severity,
    /// What kind of thing is wrong.
    pub code: ProblemCode,
    /// The bytes of the text that it is about. Empty where something is missing.
    pub place: Range<usize>,
    /// The number of the step that it is about, as the text gives it.
    pub step: Option<u32>,
    /// One sentence for people.
    pub message: String,
    /// A change of the text after which the problem is gone, where it is evident.
    pub fix: Option<Fix>,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The plan means something, but perhaps not what was meant.
    Warning,
    /// The plan cannot be carried out as it stands.
    Error,
}

/// A change of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as the words on a button.
    pub label: String,
    /// The bytes that go.
    pub range: Range<usize>,
    /// What comes in their place.
    pub replacement: String,
}

impl Fix {
    /// The text with the change made. None: the range does not lie within the text.
    #[must_use]
    pub fn apply(&self, text: &str) -> Option<String> {
        let before = text.get(..self.range.start)?;
        let after = text.get(self.range.end..)?;
        Some([before, &self.replacement, after].concat())
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $severity:ident $word:literal,)+) => {
        /// What can be wrong with a plan. The words of [`ProblemCode::as_str`] are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ProblemCode { $($(#[doc = $doc])+ $name,)+ }

        impl ProblemCode {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// A word that does not change.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// How bad it is.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)+ }
            }
        }
    };
}

codes! {
    /// The text holds no `<implementation_plan>`.
    NoRoot = Error "no_root",
    /// Something stands before the document, as a fence of Markdown.
    TextBeforeRoot = Warning "text_before_root",
    /// Something stands after the document.
    TextAfterRoot = Warning "text_after_root",
    /// The text ends before the document does.
    CutOff = Error "cut_off",
    /// The text is longer than [`crate::MAX_BYTES`]; what is beyond was not read.
    TooLarge = Error "too_large",
    /// Elements lie deeper in each other than [`crate::MAX_DEPTH`].
    TooDeep = Error "too_deep",
    /// There are more than [`crate::MAX_STEPS`]; the others were not read.
    TooManySteps = Error "too_many_steps",
    /// There are more than [`crate::MAX_OPERATIONS`]; the others were not read.
    TooManyOperations = Error "too_many_operations",
    /// There are more than [`crate::MAX_PROBLEMS`]; the others are not listed.
    TooManyProblems = Error "too_many_problems",
    /// A DOCTYPE or another declaration. Nothing that it declares is ever put in.
    Declaration = Error "declaration",
    /// A tag, a comment or an instruction that is not written as XML has it.
    MalformedTag = Error "malformed_tag",
    /// An element is not closed.
    UnclosedElement = Error "unclosed_element",
    /// A closing tag that closes nothing.
    UnexpectedClosingTag = Error "unexpected_closing_tag",
    /// A CDATA section that is not closed.
    UnterminatedCdata = Error "unterminated_cdata",
    /// A character that XML does not allow.
    ControlCharacter = Error "control_character",
    /// An element that a plan does not have.
    UnknownElement = Warning "unknown_element",
    /// An element in a place where it has no meaning, or only an evident one.
    MisplacedElement = Warning "misplaced_element",
    /// A second element where one is meant; the first one counts.
    DuplicateElement = Warning "duplicate_element",
    /// An attribute that the element does not have.
    UnknownAttribute = Warning "unknown_attribute",
    /// Text between elements, where none is read.
    StrayText = Warning "stray_text",
    /// An entity that is not known, or a bare `&`; it is kept as it is written.
    UndefinedEntity = Warning "undefined_entity",
    /// A `<` in a text that opens nothing, or a `]]>` that closes nothing; it is taken as
    /// it is written.
    RawMarkup = Warning "raw_markup",
    /// Code that is not in a CDATA section.
    CodeNotInCdata = Warning "code_not_in_cdata",
    /// There is no step.
    NoSteps = Error "no_steps",
    /// A step has no title.
    MissingTitle = Error "missing_title",
    /// A step has no description, does nothing and runs nothing.
    EmptyStep = Error "empty_step",
    /// A step has no number that can be read; its place counts.
    MissingNumber = Warning "missing_number",
    /// Two steps have the same number.
    DuplicateNumber = Warning "duplicate_number",
    /// The numbers of the steps are not 1, 2, 3 and so on.
    NumberOutOfOrder = Warning "number_out_of_order",
    /// The confidence is not `high`, `medium` or `low`.
    InvalidConfidence = Warning "invalid_confidence",
    /// An operation does not say what it is; it is taken for `modify`.
    MissingType = Error "missing_type",
    /// An operation is none of the kinds; it is taken for the one that was evidently
    /// meant, or for `modify`.
    UnknownType = Error "unknown_type",
    /// An operation names no file.
    MissingPath = Error "missing_path",
    /// A move does not say where the file comes from.
    MissingFrom = Error "missing_from",
    /// Something other than a move says where the file comes from.
    UnexpectedFrom = Warning "unexpected_from",
    /// A file is written or changed, and it is not said how.
    MissingChanges = Warning "missing_changes",
    /// A source has no label, or an answer no comment, or one with white space in it.
    BadLabel = Warning "bad_label",
    /// Two sources have the same label.
    DuplicateLabel = Warning "duplicate_label",
    /// A reference to a step of a source is not written `A:2`.
    BadStepRef = Warning "bad_step_ref",
    /// A reference names a source that the plan does not list.
    UnknownLabel = Warning "unknown_label",
    /// A conflict does not say which step it is about.
    ConflictWithoutStep = Warning "conflict_without_step",
    /// A conflict is about a step that the plan does not have.
    UnknownStep = Warning "unknown_step",
    /// An answer does not say with `yes` or `no` whether its comment was followed.
    InvalidAddressed = Warning "invalid_addressed",
    /// A path that leaves the workspace or is not written as one.
    PathOutside = Error "path_outside",
    /// A path that is likely to hold a secret.
    SecretPath = Warning "secret_path",
    /// A file that is to be changed, deleted or moved does not exist.
    FileMissing = Error "file_missing",
    /// A file that is to be written exists already.
    FileExists = Error "file_exists",
    /// The path is a folder.
    PathIsFolder = Error "path_is_folder",
    /// A file is used after an earlier step deleted it or moved it away.
    FileGone = Error "file_gone",
    /// The file has no symbol of this name.
    SymbolMissing = Warning "symbol_missing",
    /// A file was changed since the plan was made.
    FileChanged = Warning "file_changed",
    /// Another step touches the same file.
    SameFile = Warning "same_file",
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
