//! Reads the text format of Prometheus 0.0.4 as strictly as its documents allow, and more: a family's
//! lines stand together, described first, counters end in `_total`, histograms are whole.

use std::collections::{BTreeMap, BTreeSet};

/// Values by name and labels as they are written, such as `calls_total{outcome="lost"}`.
#[derive(Debug)]
pub(crate) struct Figures(BTreeMap<String, f64>);

impl Figures {
    /// Reads a whole answer; panics with the line that breaks a rule.
    pub(crate) fn parse(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line has no end");
        let (mut values, mut families) = (BTreeMap::new(), BTreeSet::new());
        let (mut family, mut kind) = (String::new(), String::new());
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, help) = help.split_once(' ').expect(line);
                assert!(is_name(name) && !help.is_empty(), "{line}");
                assert!(families.insert(name.to_owned()), "told twice: {line}");
                let kind_line = lines.next().expect(line);
                let prefix = format!("# TYPE {name} ");
                kind_line.strip_prefix(&prefix).expect(kind_line).clone_into(&mut kind);
                name.clone_into(&mut family);
                let right = match kind.as_str() {
                    "counter" => name.ends_with("_total"),
                    "gauge" => !name.ends_with("_total"),
                    "histogram" => true,
                    _ => false,
                };
                assert!(right, "{kind_line}");
                continue;
            }
            let (sample, value) = line.rsplit_once(' ').expect(line);
            let (name, labels) = sample.split_once('{').unwrap_or((sample, "}"));
            let suffix = name.strip_prefix(family.as_str()).expect(line);
            let suffixes: &[_] =
                if kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
            assert!(suffixes.contains(&suffix), "{line}");
            check_labels(labels.strip_suffix('}').expect(line), line);
            let value: f64 = value.parse().expect(line);
            assert!(value >= 0.0, "{line}");
            assert!(values.insert(sample.to_owned(), value).is_none(), "twice: {line}");
        }
        let figures = Self(values);
        for family in &families {
            figures.check_histogram(family);
        }
        figures
    }

    /// The value of a name with its labels.
    pub(crate) fn value(&self, sample: &str) -> f64 {
        *self.0.get(sample).unwrap_or_else(|| panic!("no {sample} in {self:#?}"))
    }

    /// Buckets grow, and the last one holds all that was counted.
    fn check_histogram(&self, family: &str) {
        let prefix = format!("{family}_bucket{{le=\"");
        let mut buckets: Vec<(f64, f64)> = Vec::new();
        for (sample, count) in &self.0 {
            if let Some(bound) = sample.strip_prefix(&prefix) {
                let bound = bound.strip_suffix("\"}").expect(sample);
                buckets.push((bound.replace("+Inf", "inf").parse().expect(sample), *count));
            }
        }
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((bound, all)) = buckets.last() {
            assert!(bound.is_infinite(), "{family} has no last bucket");
            assert!(buckets.is_sorted_by(|a, b| a.1 <= b.1), "{family}: {buckets:?}");
            assert!((self.value(&format!("{family}_count")) - all).abs() < 0.5, "{family}");
            self.value(&format!("{family}_sum"));
        }
    }
}

fn check_labels(labels: &str, line: &str) {
    for label in labels.split(',').filter(|label| !label.is_empty()) {
        let (name, value) = label.split_once("=\"").expect(line);
        let value = value.strip_suffix('"').expect(line);
        assert!(is_name(name) && !name.starts_with("__"), "{line}");
        // What needs an escape is no word of ours.
        assert!(!value.contains(['\\', '"', '\n']), "{line}");
    }
}

fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    characters.next().is_some_and(first) && characters.all(|c| first(c) || c.is_ascii_digit())
}
