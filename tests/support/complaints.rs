//! What a real Asterisk says while it loads a dialplan, as ivrkit names it.

use super::asterisk::Message;

/// The kind of a message, and its line if the daemon names one: `no-equals:12`.
///
/// A message that no kind stands for is kept as it is, so that a comparison fails.
pub(crate) fn complaint(message: &Message) -> String {
    let text = message.text.split_once(": ").map_or(message.text.as_str(), |(_, text)| text);
    let Some((_, _, kind)) =
        KINDS.iter().find(|(start, part, _)| text.starts_with(start) && text.contains(part))
    else {
        return format!("unknown: {text}");
    };
    let line = NAMING_A_LINE.contains(kind).then(|| line(text)).flatten();
    line.map_or_else(|| (*kind).to_owned(), |line| format!("{kind}:{line}"))
}

/// The number after the last ` line `.
fn line(text: &str) -> Option<u32> {
    let (_, after) = text.rsplit_once(" line ")?;
    let end = after.find(|byte: char| !byte.is_ascii_digit()).unwrap_or(after.len());
    after[..end].parse().ok()
}

/// How a message begins, what else is in it, and its kind.
const KINDS: &[(&str, &str, &str)] = &[
    ("No previous pattern in the first entry", "", "same-without-exten"),
    ("Label missing trailing ')'", "", "label-no-paren"),
    ("Can't use 'next' priority", "", "n-without-prev"),
    ("Can't use 'same' priority", "", "s-without-prev"),
    ("Invalid priority/label '", "", "bad-priority-label"),
    ("Invalid priority '", "", "bad-priority"),
    ("No closing parenthesis found?", "", "no-close-paren"),
    ("The use of '_", "strongly discouraged", "underscore-dot"),
    ("Unable to register extension at line", "", "register-failed"),
    ("Context '", "already included in", "include-twice"),
    ("Unable to include ignorepat", "", "ignorepat-failed"),
    ("Unable to include switch", "", "switch-failed"),
    ("==!!== Unknown directive:", "", "unknown-directive"),
    ("Unable to register extension '", "already in use by aliased extension", "dup-priority-alias"),
    ("Unable to register extension '", "already in use", "dup-priority"),
    ("Extension '", "already in use at ", "dup-label"),
    ("You have to be kidding-- add exten ''", "", "empty-exten"),
    ("Context '", "tries to include nonexistent context", "missing-context"),
    ("Context ", "contains too many includes", "too-many-includes"),
    ("Wrong usage of [] in the extension", "", "wrong-brackets"),
    ("A matching ']' was not found for '['", "", "unmatched-bracket"),
    ("Empty character set in exten pattern", "", "empty-set"),
    ("No such switch '", "", "no-such-switch"),
    ("Cannot find extension", "", "label-lookup"),
    ("Maximum PBX stack (", "", "label-lookup"),
    ("No such label '", "", "no-such-label"),
    ("parse error: no closing ']'", "", "header-no-bracket"),
    ("parse error: no closing ')'", "", "header-no-paren"),
    ("Category addition requested", "", "append-missing"),
    ("Regular expression '", "failed to compile", "filter-regex"),
    ("Inheritance requested", "", "inherit-missing"),
    ("parse error: No category context", "", "no-category"),
    ("No '=' (equal sign) in line", "", "no-equals"),
    ("No variable name in line", "", "no-name"),
    ("Invalid escape in line", "", "bad-escape"),
    ("Cannot perform #exec", "", "exec-disabled"),
    ("Unknown directive '#", "", "unknown-hash"),
    ("Directive '#", "needs an argument", "hash-no-arg"),
    ("The file '", "was listed as a #include", "include-missing-file"),
    ("'", "Same File included more than once!", "file-twice"),
    ("Line ", "too long, skipping", "line-too-long"),
    ("Unterminated comment detected", "", "unterminated-comment"),
    ("Maximum Include level (", "", "include-level"),
    ("'", "is not a regular file, ignoring", "not-regular"),
    ("", "valid time.", "time-range"),
    ("", "valid start time.", "time-range"),
    ("", "valid end time.", "time-range"),
    ("Invalid time range starting with", "", "time-range"),
    ("Invalid ", "skipping element", "time-field"),
    ("Error in extension logic (missing '}')", "", "var-brace"),
    ("Error in extension logic (missing ']')", "", "expr-bracket"),
    ("Can't find trailing parenthesis for function", "", "func-paren"),
    ("Function ", "not registered", "func-missing"),
    ("Function ", "cannot be read", "func-write-only"),
    ("Missing argument for number", "", "func-failed"),
    ("Found duplicate exten.", "", "dup-exten"),
    ("ast_yyerror()", "", "expr-syntax"),
    ("No provider found for label:", "", "presence-provider"),
    ("If you have questions, please refer to", "", "expr-syntax"),
    ("GLOBAL: The contents of variable", "invalid UTF-8", "global-utf8"),
    ("Error building JSON from", "Invalid UTF-8", "global-utf8"),
    ("Error creating message", "", "global-utf8"),
    ("Got ", " backtrace records", "global-utf8"),
    ("Exceeded maximum variable substitution recursion depth", "", "variable-depth"),
    ("Syntax: CUT(", "", "func-failed"),
    ("Usage: ", "(<", "func-failed"),
    ("We're already past the field", "", "func-failed"),
    ("The characters to search for", "", "func-failed"),
    ("No <find-string> specified", "", "func-failed"),
    ("FILTER allowed characters includes", "", "func-failed"),
    ("Range wrapping in FILTER", "", "func-failed"),
    ("Illegal character '", "in hexadecimal string", "func-failed"),
    ("Unexpected arguments: should have been", "", "func-failed"),
    ("Malformed input REGEX", "", "func-failed"),
    ("No argument specified!", "", "func-failed"),
    ("Syntax IF(", "", "func-failed"),
    ("      In this case, <expr>=", "", "func-failed"),
    ("Syntax: MATH(", "", "func-failed"),
    ("Unknown type of result requested", "", "func-failed"),
    ("Supply all the parameters", "", "func-failed"),
    ("'", "is not a valid number", "func-failed"),
    ("Argument '", "for format", "func-failed"),
    ("SPRINTF() has more format specifiers", "", "func-failed"),
    ("Format type not supported", "", "func-failed"),
    ("non-numeric argument", "", "expr-number"),
    ("division by zero", "", "expr-division"),
    ("div by zero", "", "expr-division"),
    ("overflow", "", "expr-overflow"),
    ("regcomp() error", "", "expr-regex"),
    ("Wrong args to ", "", "expr-arguments"),
    ("Hey! chan is NULL", "", "expr-function"),
    ("Hey! could not find func", "", "expr-function"),
    ("Error! '", "doesn't appear to be an available function", "expr-function"),
    ("Error! '", "is not possibly a function name", "expr-function"),
    ("No label found for presence state provider:", "", "presence-provider"),
];

const NAMING_A_LINE: &[&str] = &[
    "same-without-exten",
    "label-no-paren",
    "n-without-prev",
    "s-without-prev",
    "bad-priority-label",
    "bad-priority",
    "no-close-paren",
    "underscore-dot",
    "register-failed",
    "include-twice",
    "ignorepat-failed",
    "switch-failed",
    "unknown-directive",
    "header-no-bracket",
    "header-no-paren",
    "append-missing",
    "inherit-missing",
    "no-category",
    "no-equals",
    "no-name",
    "bad-escape",
    "unknown-hash",
    "hash-no-arg",
    "file-twice",
];
