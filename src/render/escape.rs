//! Keeps what a scenario says inside its argument of the dialplan.
//!
//! Asterisk has no quoting that holds everywhere: `;` ends a line, `)` and `,` an argument, `${` and
//! `$[` are evaluated, and none of these can be escaped in all places. So every value that a
//! template writes passes [`write`], which leaves what file names and numbers are made of and turns
//! the rest into `_`. `ivrkit check` refuses such names beforehand; this is the last line of
//! defence, and it guards templates that users write too.

use minijinja::{Environment, Error, ErrorKind, Output, State, Value, value::ValueKind};

/// Longest value in bytes; a dialplan line of more than 8,190 bytes is lost, and may hold several.
const MAX_ARGUMENT_BYTES: usize = 400;

/// Longest comment in characters; more would not be read.
const MAX_COMMENT_CHARACTERS: usize = 160;

/// Makes an environment write safe values, and adds the filters for other places than arguments.
pub(super) fn install(environment: &mut Environment<'_>) {
    environment.set_formatter(write);
    environment.add_filter("comment", |text: &str| Value::from_safe_string(comment(text)));
    environment.add_filter("variable", |name: &str| Value::from_safe_string(variable(name)));
}

/// Writes one value of a template.
fn write(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let written = match (value.kind(), value.as_str()) {
        (_, Some(text)) if value.is_safe() => out.write_str(text),
        (_, Some(text)) => out.write_str(&argument(text)),
        (ValueKind::Number, None) => out.write_str(&value.to_string()),
        (kind, None) => {
            let problem = format!("found {kind}, expected a text or a number");
            return Err(Error::new(ErrorKind::InvalidOperation, problem));
        }
    };
    written.map_err(Error::from)
}

/// Letters, digits and `_ - . /` stay; anything else becomes `_`.
fn argument(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let kept = &text[..text.floor_char_boundary(MAX_ARGUMENT_BYTES)];
    kept.chars().map(|c| if plain(c) { c } else { '_' }).collect()
}

/// One line without `;`: a `;--` would open a block comment, a `--;` would hide the rest of the file.
fn comment(text: &str) -> String {
    let line = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = line.filter(|word| !word.is_empty()).collect();
    let plain = words.join(" ").replace(';', ",");
    plain.trim_start_matches(['-', ' ']).chars().take(MAX_COMMENT_CHARACTERS).collect()
}

/// `${NAME}` or `${NAME(argument)}` and nothing else, whatever the name is.
fn variable(name: &str) -> String {
    let plain = |text: &str, also: char| -> String {
        let kept = |c: &char| c.is_ascii_alphanumeric() || *c == '_' || *c == also;
        text.chars().filter(kept).take(MAX_ARGUMENT_BYTES).collect()
    };
    match name.split_once('(') {
        Some((name, argument)) => format!("${{{}({})}}", plain(name, '_'), plain(argument, '-')),
        None => format!("${{{}}}", plain(name, '_')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(escape: fn(&str) -> String, input: &str, expected: &str) {
        assert_eq!(escape(input), expected);
    }

    #[test]
    fn names_stay_as_they_are() {
        check(argument, "/tmp/media/networkdisk1", "/tmp/media/networkdisk1");
        check(argument, "macroform-the_simplicity.v2", "macroform-the_simplicity.v2");
        check(argument, "通知", "通知");
    }

    #[test]
    fn nothing_ends_an_argument_or_is_evaluated() {
        check(argument, "a;b,c)d(e\nf\"g\\h&i|j?k:l", "a_b_c_d_e_f_g_h_i_j_k_l");
        check(argument, "${EXTEN}$[1+1]", "__EXTEN___1_1_");
        check(argument, "a\0\r\u{2028}\u{a0}b", "a____b");
        assert_eq!(argument(&"验".repeat(9000)), "验".repeat(MAX_ARGUMENT_BYTES / 3));
    }

    #[test]
    fn a_comment_is_one_line_that_opens_and_closes_nothing() {
        check(comment, "Offers\n[ivrs]\r\n the  appointment", "Offers [ivrs] the appointment");
        check(comment, ";-- x --;", ",-- x --,");
        check(comment, "-- x", "x");
        check(comment, "为您预约", "为您预约");
        assert_eq!(comment(&"x".repeat(9000)).len(), MAX_COMMENT_CHARACTERS);
    }

    #[test]
    fn a_variable_has_its_braces_and_at_most_one_pair_of_parentheses() {
        check(variable, "CALLERID(num)", "${CALLERID(num)}");
        check(variable, "CALLEE", "${CALLEE}");
        check(variable, "PJSIP_HEADER(read,X-To)", "${PJSIP_HEADER(readX-To)}");
        check(variable, "A}),Hangup(", "${AHangup()}");
        check(variable, "A(b)(c)${d}", "${A(bcd)}");
    }
}
