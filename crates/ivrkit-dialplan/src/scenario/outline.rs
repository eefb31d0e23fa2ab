//! What a tree says of IVRs, prompts and verifications, as far as it can be understood.
//!
//! The checks work on this and not on [`Scenario`](super::Scenario), because a scenario with one
//! misspelt key decodes to nothing, and its other mistakes are to be found in the same run. What
//! does not have the right shape is left out here (`shape` has said so); what was left out by the
//! author has its default. Must not judge.

use super::{
    model::{self, EndKey, Number, Target},
    words::nearest,
    yaml::{Key, Kind, Node},
};
use crate::source::Span;
use std::collections::{HashMap, HashSet};

/// A scenario as far as it can be understood.
#[derive(Debug)]
pub(super) struct Outline {
    /// The PBX.
    pub(super) profile: Option<Word>,
    /// The section `calls`.
    pub(super) calls: Option<Calls>,
    /// The section `media`.
    pub(super) media: Media,
    /// The section `tts`.
    pub(super) tts: Option<Tts>,
    /// The prompts, in the order of the text.
    pub(super) prompts: Vec<Prompt>,
    /// The IVRs.
    pub(super) ivrs: Vec<Ivr>,
    /// The verifications.
    pub(super) verifications: Vec<Verification>,
    /// Whether `verifications` is a section, or rightly left out.
    pub(super) verifications_understood: bool,
    index: Index,
}

/// Where each name stands in its list.
#[derive(Debug)]
struct Index {
    ivrs: HashMap<String, usize>,
    prompts: HashMap<String, usize>,
    verifications: HashMap<String, usize>,
}

/// A text or number, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) span: Span,
}

/// A number, and where it stands: at the section's key when it is a default.
#[derive(Debug, Clone, Copy)]
pub(super) struct Amount {
    pub(super) value: f64,
    pub(super) span: Span,
    pub(super) is_default: bool,
}

#[derive(Debug)]
pub(super) struct Calls {
    pub(super) key: Span,
    /// `outbound` and `inbound`, those that are there.
    pub(super) starts: Vec<Way>,
    /// Whether one of them is there, understood or not.
    pub(super) any: bool,
}

#[derive(Debug, Default)]
pub(super) struct Media {
    pub(super) source: Option<Word>,
    pub(super) push_to: Option<Word>,
    pub(super) sound_format: Option<Word>,
}

#[derive(Debug)]
pub(super) struct Prompt {
    pub(super) name: Word,
    pub(super) text: Option<Word>,
    pub(super) source: Option<Word>,
    pub(super) per_callee: bool,
    /// The key `spoken`, if it is there.
    pub(super) spoken: Option<Span>,
    /// The key `parts`, if it is there.
    pub(super) parts_key: Option<Span>,
    pub(super) parts: Vec<Part>,
    pub(super) sound_format: Option<Word>,
}

#[derive(Debug)]
pub(super) struct Part {
    pub(super) span: Span,
    pub(super) text: Option<Word>,
    pub(super) source: Option<Word>,
}

/// What `tts` says, without the settings that need no second look.
#[derive(Debug)]
pub(super) struct Tts {
    /// The engine's name; none if it is not understood.
    pub(super) engine: Option<Word>,
    /// The engines that have a section, by the section's key.
    pub(super) sections: Vec<Word>,
    pub(super) request: Option<Request>,
}

#[derive(Debug)]
pub(super) struct Request {
    pub(super) key: Span,
    pub(super) url: Option<Word>,
    pub(super) method: Option<Word>,
    /// The keys `json`, `form` and `xml`, those that are there.
    pub(super) bodies: Vec<Word>,
    pub(super) headers: Vec<(Word, Word)>,
    /// The keys, and how many places each is kept in.
    pub(super) keys: Vec<(Word, usize)>,
    /// Every text in it that may be a template.
    pub(super) templates: Vec<Word>,
}

#[derive(Debug)]
pub(super) struct Ivr {
    pub(super) number: Word,
    pub(super) prompts: Vec<Word>,
    pub(super) keys: Vec<(Word, Way)>,
    pub(super) entry: Option<Entry>,
    pub(super) on_timeout: Way,
    pub(super) on_wrong_key: Way,
    pub(super) keys_may_wait: bool,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) verify: Option<Word>,
    pub(super) min_digits: Option<Amount>,
    pub(super) max_digits: Option<Amount>,
    pub(super) end_key: Option<char>,
    pub(super) hold: Option<Hold>,
    pub(super) on_no_verdict: Way,
}

#[derive(Debug)]
pub(super) struct Hold {
    pub(super) key: Span,
    pub(super) prompts: Vec<Word>,
    pub(super) limit_s: Option<Amount>,
}

#[derive(Debug)]
pub(super) struct Verification {
    pub(super) name: Word,
    pub(super) on_match: Way,
    pub(super) on_mismatch: Way,
    pub(super) on_exhausted: Way,
    pub(super) on_unavailable: Way,
    pub(super) attempts: Option<Amount>,
}

/// Where a call goes on.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) to: To,
    pub(super) span: Span,
}

/// The end of a [`Way`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum To {
    Ivr(String),
    Replay,
    Hangup,
    /// Not understood; the text is what was written.
    Broken(String),
}

impl Outline {
    pub(super) fn new(root: &Node) -> Self {
        let index =
            |name| sections(root, name).zip(0..).map(|((key, _), at)| (key.name.clone(), at));
        Self {
            index: Index {
                ivrs: index("ivrs").collect(),
                prompts: index("prompts").collect(),
                verifications: index("verifications").collect(),
            },
            profile: root.value("profile").and_then(Word::new),
            calls: root.entry("calls").and_then(|(key, node)| Calls::new(key, node)),
            media: root.value("media").map(Media::new).unwrap_or_default(),
            tts: root.entry("tts").and_then(|(key, node)| Tts::new(key, node)),
            prompts: sections(root, "prompts").map(|(key, node)| Prompt::new(key, node)).collect(),
            ivrs: sections(root, "ivrs").map(|(key, node)| Ivr::new(key, node)).collect(),
            verifications: sections(root, "verifications")
                .map(|(key, node)| Verification::new(key, node))
                .collect(),
            verifications_understood: root
                .value("verifications")
                .is_none_or(|node| matches!(node.kind, Kind::Map(_))),
        }
    }

    pub(super) fn ivr(&self, number: &str) -> Option<&Ivr> {
        self.ivr_index(number).map(|at| &self.ivrs[at])
    }

    /// The place of an IVR among the IVRs.
    pub(super) fn ivr_index(&self, number: &str) -> Option<usize> {
        self.index.ivrs.get(number).copied()
    }

    pub(super) fn prompt(&self, name: &str) -> Option<&Prompt> {
        self.index.prompts.get(name).map(|&at| &self.prompts[at])
    }

    pub(super) fn verification(&self, name: &str) -> Option<&Verification> {
        self.index.verifications.get(name).map(|&at| &self.verifications[at])
    }

    /// The numbers of the IVRs that have one.
    pub(super) fn numbers(&self) -> impl Iterator<Item = &str> + Clone {
        self.ivrs
            .iter()
            .map(|ivr| ivr.number.text.as_str())
            .filter(|text| Number::new(text).is_some())
    }

    /// The IVR that a way leads to. A way to an IVR that does not exist is followed to the nearest
    /// one that does, so that one slip is not found twice.
    pub(super) fn follow(&self, way: &Way) -> Option<&Ivr> {
        let (To::Ivr(text) | To::Broken(text)) = &way.to else { return None };
        self.ivr(text).or_else(|| nearest(text, self.numbers()).and_then(|number| self.ivr(number)))
    }

    /// The names of the verifications that some entry names.
    pub(super) fn judges(&self) -> HashSet<&str> {
        let entries = self.ivrs.iter().filter_map(|ivr| ivr.entry.as_ref());
        let judges = entries.filter_map(|entry| self.verification_of(entry));
        judges.map(|verification| verification.name.text.as_str()).collect()
    }

    /// The verification that an entry names, or the nearest one.
    pub(super) fn verification_of(&self, entry: &Entry) -> Option<&Verification> {
        let name = entry.verify.as_ref()?.text.as_str();
        self.verification(name).or_else(|| {
            let names = self.verifications.iter().map(|one| one.name.text.as_str());
            nearest(name, names).and_then(|near| self.verification(near))
        })
    }
}

impl Calls {
    fn new(key: &Key, node: &Node) -> Option<Self> {
        matches!(node.kind, Kind::Map(_)).then(|| {
            let given = || ["outbound", "inbound"].into_iter().filter_map(|name| node.value(name));
            Self {
                key: key.span,
                starts: given().map(Way::new).collect(),
                any: given().count() > 0,
            }
        })
    }
}

impl Media {
    fn new(node: &Node) -> Self {
        let text = |name| node.value(name).and_then(Word::new);
        Self { source: text("source"), push_to: text("push_to"), sound_format: sound_format(node) }
    }
}

impl Prompt {
    fn new(key: &Key, node: &Node) -> Self {
        let text = |name| node.value(name).and_then(Word::new);
        Self {
            name: Word::from(key),
            text: text("text"),
            source: text("source"),
            per_callee: flag(node, "per_callee"),
            sound_format: sound_format(node),
            spoken: node.entry("spoken").map(|(key, _)| key.span),
            parts_key: node.entry("parts").map(|(key, _)| key.span),
            parts: node
                .value("parts")
                .map(Node::items)
                .unwrap_or_default()
                .iter()
                .map(Part::new)
                .collect(),
        }
    }
}

impl Part {
    fn new(node: &Node) -> Self {
        let text = |name| node.value(name).and_then(Word::new);
        Self { span: node.span, text: text("text"), source: text("source") }
    }
}

impl Tts {
    fn new(key: &Key, node: &Node) -> Option<Self> {
        const SECTIONS: [&str; 3] = ["espeak-ng", "command", "http"];
        matches!(node.kind, Kind::Map(_)).then(|| Self {
            engine: match node.value("engine") {
                Some(engine) => Word::new(engine).filter(|word| SECTIONS.contains(&&*word.text)),
                None => Some(Word { text: SECTIONS[0].to_owned(), span: key.span }),
            },
            sections: SECTIONS
                .iter()
                .filter_map(|name| node.entry(name))
                .map(|(key, _)| Word::from(key))
                .collect(),
            request: node.entry("http").map(|(key, node)| Request::new(key, node)),
        })
    }
}

impl Request {
    fn new(key: &Key, node: &Node) -> Self {
        let pairs = |name| {
            sections(node, name)
                .filter_map(|(key, value)| Some((Word::from(key), Word::new(value)?)))
                .collect()
        };
        let places =
            |key: &Node| ["env", "file"].iter().filter(|name| key.value(name).is_some()).count();
        let mut templates = Vec::new();
        for name in ["url", "headers", "json", "form", "xml"] {
            node.value(name).into_iter().for_each(|value| all_texts(value, &mut templates));
        }
        Self {
            key: key.span,
            url: node.value("url").and_then(Word::new),
            method: node.value("method").and_then(Word::new),
            bodies: ["json", "form", "xml"]
                .iter()
                .filter_map(|name| node.entry(name))
                .map(|(key, _)| Word::from(key))
                .collect(),
            headers: pairs("headers"),
            keys: sections(node, "keys")
                .map(|(key, node)| (Word::from(key), places(node)))
                .collect(),
            templates,
        }
    }
}

impl Ivr {
    fn new(key: &Key, node: &Node) -> Self {
        let keys = sections(node, "keys").map(|(key, to)| (Word::from(key), Way::new(to)));
        Self {
            number: Word::from(key),
            prompts: words(node, "prompts"),
            keys: keys.collect(),
            entry: node.value("entry").filter(|entry| !entry.entries().is_empty()).map(Entry::new),
            on_timeout: Way::or(node, "on_timeout", &Target::Hangup, key.span),
            on_wrong_key: Way::or(node, "on_wrong_key", &Target::Replay, key.span),
            keys_may_wait: flag(node, "keys_may_wait"),
        }
    }
}

impl Entry {
    fn new(node: &Node) -> Self {
        let amount = |name| node.value(name).and_then(Amount::new);
        Self {
            verify: node.value("verify").and_then(Word::new),
            min_digits: amount("min_digits"),
            max_digits: amount("max_digits"),
            end_key: match node.value("end_key").map(|key| &key.kind) {
                None => Some(EndKey::default().key()),
                Some(Kind::Text(text)) if text == "#" || text == "*" => text.chars().next(),
                Some(_) => None,
            },
            hold: node.entry("hold").and_then(|(key, hold)| Hold::new(key, hold)),
            on_no_verdict: Way::or(node, "on_no_verdict", &Target::Replay, node.span),
        }
    }
}

impl Hold {
    fn new(key: &Key, node: &Node) -> Option<Self> {
        matches!(node.kind, Kind::Map(_)).then(|| Self {
            key: key.span,
            prompts: words(node, "prompts"),
            limit_s: node.value("limit_s").and_then(Amount::new),
        })
    }
}

impl Verification {
    fn new(key: &Key, node: &Node) -> Self {
        Self {
            name: Word::from(key),
            on_match: Way::or(node, "on_match", &Target::Hangup, key.span),
            on_mismatch: Way::or_broken(node, "on_mismatch", key.span),
            on_exhausted: Way::or(node, "on_exhausted", &Target::Hangup, key.span),
            on_unavailable: Way::or(node, "on_unavailable", &Target::Replay, key.span),
            attempts: match node.value("attempts") {
                None => Some(Amount {
                    value: f64::from(model::default_attempts()),
                    span: key.span,
                    is_default: true,
                }),
                Some(attempts) => Amount::new(attempts),
            },
        }
    }
}

impl Word {
    fn new(node: &Node) -> Option<Self> {
        match &node.kind {
            Kind::Text(text) => Some(Self { text: text.clone(), span: node.span }),
            _ => None,
        }
    }
}

impl From<&Key> for Word {
    fn from(key: &Key) -> Self {
        Self { text: key.name.clone(), span: key.span }
    }
}

impl Amount {
    fn new(node: &Node) -> Option<Self> {
        match &node.kind {
            Kind::Number(number, _) => {
                Some(Self { value: number.as_f64()?, span: node.span, is_default: false })
            }
            _ => None,
        }
    }
}

impl Way {
    fn new(node: &Node) -> Self {
        let to = match &node.kind {
            Kind::Text(text) => Target::new(text).map_or(To::Broken(text.clone()), To::from),
            Kind::Number(number, written) => {
                Target::new(&number.to_string()).map_or(To::Broken(written.clone()), To::from)
            }
            _ => To::Broken(String::new()),
        };
        Self { to, span: node.span }
    }

    fn or(section: &Node, name: &str, default: &Target, span: Span) -> Self {
        let default = || Self { to: To::from(default.clone()), span };
        section.value(name).map_or_else(default, Self::new)
    }

    fn or_broken(section: &Node, name: &str, span: Span) -> Self {
        let broken = || Self { to: To::Broken(String::new()), span };
        section.value(name).map_or_else(broken, Self::new)
    }
}

impl From<Target> for To {
    fn from(target: Target) -> Self {
        match target {
            Target::Ivr(number) => Self::Ivr(number.as_str().to_owned()),
            Target::Replay => Self::Replay,
            Target::Hangup => Self::Hangup,
        }
    }
}

fn sections<'n>(node: &'n Node, name: &str) -> impl Iterator<Item = &'n (Key, Node)> {
    node.value(name).map(Node::entries).unwrap_or_default().iter()
}

fn words(node: &Node, name: &str) -> Vec<Word> {
    let Some(value) = node.value(name) else { return Vec::new() };
    // A single text where a list belongs: its shape is wrong, what it names is clear.
    Word::new(value).into_iter().chain(value.items().iter().filter_map(Word::new)).collect()
}

/// Every text in a value, however deep.
fn all_texts(node: &Node, found: &mut Vec<Word>) {
    found.extend(Word::new(node));
    node.items().iter().for_each(|item| all_texts(item, found));
    node.entries().iter().for_each(|(_, value)| all_texts(value, found));
}

fn sound_format(node: &Node) -> Option<Word> {
    node.value("sound").and_then(|sound| sound.value("format")).and_then(Word::new)
}

fn flag(node: &Node, name: &str) -> bool {
    matches!(node.value(name).map(|value| &value.kind), Some(Kind::Bool(true)))
}
