//! What Asterisk says about a configuration while it loads, and what ivrkit says instead.

use super::Place;
use std::borrow::Cow;

/// How loud Asterisk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing.
    Notice,
    /// Something is not as written.
    Warning,
    /// Something is lost.
    Error,
}

/// One message, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What Asterisk's message would be.
    pub kind: Kind,
    /// What was found and what it means: a lower-case fragment without a full stop.
    pub text: Cow<'static, str>,
    /// What to do about it.
    pub help: Option<&'static str>,
    /// Where, for people.
    pub place: Place,
    /// Line as Asterisk counts, see [`super::Setting::line`].
    pub line: u32,
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $level:ident, $names_line:literal;)+) => {
        /// The kinds of messages; the names are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[doc = $doc])+ $variant,)+ }

        impl Kind {
            /// Kebab-case name, for machines and for searching.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// How loud Asterisk is about it.
            pub fn level(self) -> Level {
                match self { $(Self::$variant => Level::$level,)+ }
            }

            /// Whether Asterisk names the line.
            pub fn names_line(self) -> bool {
                match self { $(Self::$variant => $names_line,)+ }
            }
        }
    };
}

kinds! {
    /// A section header without `]`.
    HeaderBracket = "header-no-bracket", Warning, true;
    /// A section header with `(` and without `)`.
    HeaderParenthesis = "header-no-paren", Warning, true;
    /// `(+)` on a section that does not exist.
    AppendMissing = "append-missing", Warning, true;
    /// A regular expression of a `(+)` that cannot be read.
    FilterRegex = "filter-regex", Error, false;
    /// A template that does not exist.
    TemplateMissing = "inherit-missing", Warning, true;
    /// A line before any section.
    NoSection = "no-category", Warning, true;
    /// A line without `=`.
    NoEquals = "no-equals", Warning, true;
    /// A line with nothing before the `=`.
    NoName = "no-name", Warning, true;
    /// A `\` before a blank at the beginning of a line.
    BadEscape = "bad-escape", Error, true;
    /// `#exec`, which is never run.
    Exec = "exec-disabled", Warning, false;
    /// A `#` line that is no directive.
    UnknownHash = "unknown-hash", Warning, true;
    /// `#include` without a name.
    HashArgument = "hash-no-arg", Warning, true;
    /// An included file that does not exist.
    FileMissing = "include-missing-file", Error, false;
    /// The same file once more.
    FileTwice = "file-twice", Warning, true;
    /// Files that include each other too deep.
    IncludeDepth = "include-level", Warning, false;
    /// A folder where a file was expected.
    NotAFile = "not-regular", Warning, false;
    /// A line that is too long.
    LineLength = "line-too-long", Warning, false;
    /// A block comment without an end.
    OpenComment = "unterminated-comment", Warning, false;
    /// Block comments in each other, too deep.
    CommentDepth = "comment-depth", Error, false;
    /// One of ivrkit's own limits.
    Limit = "limit", Error, false;
    /// `same` before any `exten`.
    SameFirst = "same-without-exten", Error, true;
    /// A label without `)`.
    LabelParenthesis = "label-no-paren", Warning, true;
    /// `n` before any priority.
    NextFirst = "n-without-prev", Warning, true;
    /// `s` before any priority.
    SameFirstPriority = "s-without-prev", Warning, true;
    /// A priority that is neither a number nor a label.
    PriorityLabel = "bad-priority-label", Warning, true;
    /// A priority below 1.
    PriorityNumber = "bad-priority", Warning, true;
    /// An application without `)`.
    ApplicationParenthesis = "no-close-paren", Warning, true;
    /// `_.` or `_!` as extension.
    CatchAll = "underscore-dot", Warning, true;
    /// A line that was not taken.
    Rejected = "register-failed", Warning, true;
    /// A priority that is there already.
    DuplicatePriority = "dup-priority", Warning, false;
    /// A priority that is there already, under another spelling of the extension.
    DuplicatePriorityAlias = "dup-priority-alias", Warning, false;
    /// A label that is there already.
    DuplicateLabel = "dup-label", Warning, false;
    /// An extension without a name.
    EmptyExtension = "empty-exten", Error, false;
    /// A label looked for in an extension that is not there.
    LabelLookup = "label-lookup", Notice, false;
    /// A label that is not there.
    NoSuchLabel = "no-such-label", Notice, false;
    /// A `[` without `]` in a pattern.
    PatternBrackets = "wrong-brackets", Warning, false;
    /// A `[` without `]` among the names that a label is looked for in.
    PatternSet = "unmatched-bracket", Warning, false;
    /// A `[]` with nothing in it among the names that a label is looked for in.
    PatternSetEmpty = "empty-set", Warning, false;
    /// An extension that ends at the place of another one in the tree of names, once a label was
    /// looked for.
    DuplicateExtension = "dup-exten", Warning, false;
    /// A switch of no known kind, asked for a label.
    NoSuchSwitch = "no-such-switch", Warning, false;
    /// The same include twice.
    IncludeTwice = "include-twice", Warning, true;
    /// The same ignorepat twice.
    IgnorepatTwice = "ignorepat-failed", Warning, true;
    /// The same switch twice.
    SwitchTwice = "switch-failed", Warning, true;
    /// A name that no dialplan has.
    UnknownDirective = "unknown-directive", Warning, true;
    /// An include of a context that does not exist.
    ContextMissing = "missing-context", Warning, false;
    /// More includes than are followed.
    TooManyIncludes = "too-many-includes", Warning, false;
    /// A time of day that is none.
    TimeRange = "time-range", Warning, false;
    /// A day or month that is none.
    TimeField = "time-field", Warning, false;
    /// `${` without `}`.
    VariableBrace = "var-brace", Warning, false;
    /// `$[` without `]`.
    ExpressionBracket = "expr-bracket", Warning, false;
    /// A function without `)`.
    FunctionParenthesis = "func-paren", Warning, false;
    /// A function that does not exist.
    FunctionMissing = "func-missing", Error, false;
    /// A function that can be set alone, and is read.
    FunctionWriteOnly = "func-write-only", Error, false;
    /// An expression that cannot be read.
    ExpressionSyntax = "expr-syntax", Warning, false;
    /// A global variable whose value is no UTF-8; it is kept as it is.
    GlobalUtf8 = "global-utf8", Warning, false;
    /// Variables in each other, too deep.
    VariableDepth = "variable-depth", Error, false;
    /// A text where an expression needs a number.
    ExpressionNumber = "expr-number", Warning, false;
    /// A division by 0 in an expression.
    ExpressionDivision = "expr-division", Warning, false;
    /// A number of an expression that Asterisk takes for too large.
    ExpressionOverflow = "expr-overflow", Warning, false;
    /// A regular expression of an expression that cannot be read.
    ExpressionRegex = "expr-regex", Warning, false;
    /// A function of an expression with too few or too many arguments.
    ExpressionArguments = "expr-arguments", Warning, false;
    /// A function that cannot be called within an expression.
    ExpressionFunction = "expr-function", Error, false;
    /// A function that fails, or is given what it cannot use.
    FunctionFailed = "func-failed", Warning, false;
    /// Something whose value at load is not computed here; empty is taken.
    NotModelled = "not-modelled", Warning, false;
    /// A hint's presence without its provider.
    PresenceProvider = "presence-provider", Warning, false;
}
