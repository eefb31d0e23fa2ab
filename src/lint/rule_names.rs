//! What settings call rules: a rule's name or code, its group, or all of them.

use ivrkit_dialplan::lint::{Group, Rule, rules};

/// Stands for every rule.
pub const ALL: &str = "all";

/// The rules that a word stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Every rule.
    All,
    /// Those of a group.
    Group(Group),
    /// One, by its name.
    Rule(&'static str),
}

impl Scope {
    /// What a word stands for.
    ///
    /// # Errors
    /// A word that is no rule and no group; the text says what it could have been.
    pub fn named(word: &str) -> Result<Self, String> {
        if word == ALL {
            return Ok(Self::All);
        }
        let group = Group::ALL.into_iter().find(|group| group.name() == word);
        let rule = || rules::find(word).map(|rule| Self::Rule(rule.name));
        group.map(Self::Group).or_else(rule).ok_or_else(|| {
            let known = rules::ALL.iter().map(|rule| rule.name);
            let groups = Group::ALL.map(Group::name);
            match nearest(word, known.chain(groups).chain([ALL])) {
                Some(nearest) => format!("no rule or group `{word}`, did you mean `{nearest}`?"),
                None => format!("no rule or group `{word}`, see `ivrkit rules`"),
            }
        })
    }

    /// Whether a rule is among them.
    pub fn has(self, rule: &Rule) -> bool {
        match self {
            Self::All => true,
            Self::Group(group) => rule.group == group,
            Self::Rule(name) => rule.name == name,
        }
    }
}

/// The known word that was most likely meant: at most a third of its letters differ.
pub fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let found: String = found.chars().take(80).collect::<String>().to_lowercase();
    let near = known.into_iter().filter_map(|word| {
        let allowed = (word.len().max(found.len()) / 3).max(1);
        let distance = strsim::damerau_levenshtein(&found, word);
        (distance <= allowed).then_some((distance, word))
    });
    near.min().map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_names_and_codes_and_groups() {
        assert_eq!(Scope::named("all"), Ok(Scope::All));
        assert_eq!(Scope::named("load"), Ok(Scope::Group(Group::Load)));
        let rule = rules::find("duplicate-priority").unwrap();
        assert_eq!(Scope::named("duplicate-priority"), Ok(Scope::Rule(rule.name)));
        assert_eq!(Scope::named(&rule.code.to_lowercase()), Ok(Scope::Rule(rule.name)));
        assert!(Scope::Group(Group::Load).has(rule) && !Scope::Group(Group::Flow).has(rule));
    }

    #[test]
    fn a_slip_has_the_nearest_name_beside_it() {
        let check = |word: &str, expected: &str| {
            assert_eq!(Scope::named(word), Err(expected.to_owned()));
        };
        check("stlye", "no rule or group `stlye`, did you mean `style`?");
        check(
            "duplicate-prio",
            "no rule or group `duplicate-prio`, did you mean `duplicate-priority`?",
        );
        check("colour-of-the-sky", "no rule or group `colour-of-the-sky`, see `ivrkit rules`");
    }
}
