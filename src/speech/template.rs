//! Templates of requests and commands: what is filled in is escaped for the place it stands in.
//!
//! Must not let an undefined value pass as an empty text.

use super::Error;
use minijinja::{Environment, Error as Problem, ErrorKind, UndefinedBehavior, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// RFC 3986, section 2.3: all but the unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a template stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// An argument, a header, a text of JSON or a form: it is escaped as a whole afterwards.
    Plain,
    /// An address.
    Url,
    /// An XML document.
    Xml,
}

/// Fills a template; `name` is its place for messages.
pub(super) fn fill(
    template: &str,
    place: Place,
    name: &str,
    values: &Value,
) -> Result<String, Error> {
    if !template.contains('{') {
        return Ok(template.to_owned());
    }
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_formatter(move |out, _, value| {
        if value.is_undefined() {
            return Err(ErrorKind::UndefinedError.into());
        }
        let text = value.to_string();
        let escaped = if value.is_safe() { text } else { escape(&text, place) };
        out.write_str(&escaped).map_err(Problem::from)
    });
    environment.render_str(template, values.clone()).map_err(|error| Error::Template {
        place: name.to_owned(),
        // The detail may repeat a value, and a value may be a key.
        problem: match error.kind() {
            ErrorKind::UndefinedError => {
                "it names a value that there is not; there are `text`, `language`, `voice` if one is \
                 set, and what else the scenario's page lists"
                    .to_owned()
            }
            kind => kind.to_string(),
        },
    })
}

fn escape(text: &str, place: Place) -> String {
    match place {
        Place::Plain => text.to_owned(),
        Place::Url => utf8_percent_encode(text, RESERVED).to_string(),
        Place::Xml => text.chars().fold(String::with_capacity(text.len()), |mut xml, c| {
            match c {
                '&' => xml.push_str("&amp;"),
                '<' => xml.push_str("&lt;"),
                '>' => xml.push_str("&gt;"),
                '"' => xml.push_str("&quot;"),
                '\'' => xml.push_str("&apos;"),
                '\t' | '\n' | '\r' => xml.push(c),
                // XML 1.0 has no way to write these.
                _ if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
                _ => xml.push(c),
            }
            xml
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    #[track_caller]
    fn check(template: &str, place: Place, expected: Option<&str>) {
        let values = context! { text => "a\"<b>&'c\u{1} 请", voice => "v/1" };
        assert_eq!(fill(template, place, "x", &values).ok().as_deref(), expected);
    }

    #[test]
    fn values_are_escaped_for_their_place() {
        check("[{{ text }}]", Place::Plain, Some("[a\"<b>&'c\u{1} 请]"));
        check("<p>{{ text }}</p>", Place::Xml, Some("<p>a&quot;&lt;b&gt;&amp;&apos;c 请</p>"));
        check(
            "/v/{{ voice }}?t={{ text }}",
            Place::Url,
            Some("/v/v%2F1?t=a%22%3Cb%3E%26%27c%01%20%E8%AF%B7"),
        );
        check("{{ voice | safe }}", Place::Url, Some("v/1"));
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        check("{{ tekst }}", Place::Plain, None);
        check("{{ keys.api }}", Place::Plain, None);
        check("{{ text", Place::Plain, None);
        check("no template", Place::Plain, Some("no template"));
    }
}
