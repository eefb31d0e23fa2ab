//! What the templates see of a scenario.
//!
//! Plain values under the names that `templates/` uses. Must not contain dialplan, except for
//! extension patterns, which no template could count out readably.

use super::{Error, Options};
use ivrkit_dialplan::scenario::{
    Entry, Ivr, KeySequence, Number, Profile, Scenario, Seconds, Target,
};
use minijinja::Value;
use serde::Serialize;

/// Everything the templates see.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    scenario: ScenarioView,
    profile: ProfileView,
    media: MediaView,
    /// Whether any prompt differs per callee.
    per_callee: bool,
    /// How many steps that do nothing an IVR begins with, besides its first: with that as many as the
    /// longest hold has priorities, and one more.
    runway: usize,
    ivrs: Vec<IvrView>,
}

/// Priorities of a hold until its limit, besides those that play its prompts.
const HOLD_STEPS: usize = 4;

/// Most prompts that one step of a hold plays. All are written twice in a line where some are a
/// callee's own; a line of more than 8,190 bytes is lost, and a root and a name may have 800.
const PROMPTS_OF_A_STEP: usize = 4;

#[derive(Debug, Serialize)]
struct ScenarioView {
    name: String,
    file: String,
    hash: String,
}

#[derive(Debug, Serialize)]
struct ProfileView {
    name: &'static str,
    /// Name of the template with what differs in this profile.
    template: String,
    callee_number: String,
}

#[derive(Debug, Serialize)]
struct MediaView {
    root: String,
}

#[derive(Debug, Serialize)]
struct IvrView {
    number: Value,
    title: Option<String>,
    prompts: Vec<PromptView>,
    plays: u8,
    wait_s: String,
    digit_timeout_s: String,
    keys: Vec<KeyView>,
    entry: Option<EntryView>,
    on_timeout: TargetView,
    on_wrong_key: TargetView,
    max_replays: u8,
    /// Whether a key can lead anywhere: if not, keys must not cut the prompts short.
    listens: bool,
    /// Whether anything in this IVR starts it over.
    replays: bool,
}

#[derive(Debug, Clone, Serialize)]
struct PromptView {
    name: String,
    per_callee: bool,
}

#[derive(Debug, Serialize)]
struct KeyView {
    keys: Value,
    target: TargetView,
}

#[derive(Debug, Serialize)]
struct EntryView {
    min_digits: u8,
    max_digits: u8,
    end_key: Value,
    /// Every length with and without the end key, shortest first.
    patterns: Vec<Value>,
    hold: HoldView,
    on_no_verdict: TargetView,
}

#[derive(Debug, Serialize)]
struct HoldView {
    /// The prompts of a round, by the steps that play them; each step makes the runway longer. Only the
    /// first may mix prompts of callees with others.
    steps: Vec<Vec<PromptView>>,
    /// Whole seconds, rounded up: the PBX's clock counts no less.
    limit_s: u64,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum TargetView {
    Ivr { ivr: Value },
    Replay,
    Hangup,
}

impl Page {
    pub(super) fn new(
        scenario: &Scenario,
        profile: Profile,
        options: &Options,
    ) -> Result<Self, Error> {
        let settings = scenario.profiles.get(&profile).cloned().unwrap_or_default();
        let views = scenario.ivrs.iter().map(|(number, ivr)| IvrView::new(scenario, number, ivr));
        let ivrs: Vec<IvrView> = views.collect::<Result<_, _>>()?;
        Ok(Self {
            scenario: ScenarioView {
                name: scenario.name.clone(),
                file: options.scenario_file.clone(),
                hash: options.scenario_hash.clone(),
            },
            profile: ProfileView {
                name: profile.name(),
                template: format!("{profile}.conf.j2"),
                callee_number: settings.callee_number,
            },
            media: MediaView { root: scenario.media.root.clone() },
            per_callee: ivrs.iter().any(IvrView::plays_per_callee),
            runway: ivrs.iter().map(IvrView::hold_steps).max().unwrap_or_default(),
            ivrs,
        })
    }
}

impl IvrView {
    fn new(scenario: &Scenario, number: &Number, ivr: &Ivr) -> Result<Self, Error> {
        let prompts = |names: &[String]| -> Result<Vec<PromptView>, Error> {
            names.iter().map(|name| PromptView::new(scenario, number, name)).collect()
        };
        let entry = match &ivr.entry {
            Some(entry) => {
                let mut first = prompts(&entry.hold.prompts)?;
                let others = first.split_off(first.len().min(PROMPTS_OF_A_STEP));
                let mut steps = vec![first];
                let alike = others.chunk_by(|one, next| one.per_callee == next.per_callee);
                let alike = alike.flat_map(|alike| alike.chunks(PROMPTS_OF_A_STEP));
                steps.extend(alike.map(<[PromptView]>::to_vec));
                Some(EntryView::new(entry, steps))
            }
            None => None,
        };
        let keys: Vec<KeyView> = ivr.keys.iter().map(KeyView::new).collect();
        Ok(Self {
            number: number_value(number),
            title: ivr.title.clone(),
            prompts: prompts(&ivr.prompts)?,
            plays: ivr.plays,
            wait_s: ivr.wait_s.to_string(),
            digit_timeout_s: ivr.digit_timeout_s.to_string(),
            listens: !keys.is_empty() || entry.is_some() || ivr.on_wrong_key.ivr().is_some(),
            replays: targets(ivr).any(|target| *target == Target::Replay),
            keys,
            entry,
            on_timeout: TargetView::new(&ivr.on_timeout),
            on_wrong_key: TargetView::new(&ivr.on_wrong_key),
            max_replays: ivr.max_replays,
        })
    }

    fn hold_steps(&self) -> usize {
        self.entry.as_ref().map_or(0, |entry| HOLD_STEPS + entry.hold.steps.len())
    }

    fn plays_per_callee(&self) -> bool {
        let held = self.entry.iter().flat_map(|entry| entry.hold.steps.iter().flatten());
        self.prompts.iter().chain(held).any(|prompt| prompt.per_callee)
    }
}

impl PromptView {
    fn new(scenario: &Scenario, ivr: &Number, name: &str) -> Result<Self, Error> {
        let prompt = scenario
            .prompts
            .get(name)
            .ok_or_else(|| Error::MissingPrompt { ivr: ivr.clone(), prompt: name.to_owned() })?;
        Ok(Self { name: name.to_owned(), per_callee: prompt.per_callee })
    }
}

impl KeyView {
    fn new((keys, target): (&KeySequence, &Target)) -> Self {
        let keys = Value::from_safe_string(keys.as_str().to_owned());
        Self { keys, target: TargetView::new(target) }
    }
}

impl EntryView {
    fn new(entry: &Entry, hold_steps: Vec<Vec<PromptView>>) -> Self {
        let end_key = entry.end_key.key();
        let patterns = (entry.min_digits..=entry.max_digits).flat_map(|digits| {
            let pattern = format!("_{}", "X".repeat(digits.into()));
            let ended = format!("{pattern}{end_key}");
            [pattern, ended].map(Value::from_safe_string)
        });
        Self {
            min_digits: entry.min_digits,
            max_digits: entry.max_digits,
            end_key: Value::from_safe_string(end_key.to_string()),
            patterns: patterns.collect(),
            hold: HoldView { steps: hold_steps, limit_s: whole_s(entry.hold.limit_s) },
            on_no_verdict: TargetView::new(&entry.on_no_verdict),
        }
    }
}

impl TargetView {
    fn new(target: &Target) -> Self {
        match target {
            Target::Ivr(number) => Self::Ivr { ivr: number_value(number) },
            Target::Replay => Self::Replay,
            Target::Hangup => Self::Hangup,
        }
    }
}

/// Every place an IVR can lead to.
fn targets(ivr: &Ivr) -> impl Iterator<Item = &Target> {
    let no_verdict = ivr.entry.iter().map(|entry| &entry.on_no_verdict);
    ivr.keys.values().chain(no_verdict).chain([&ivr.on_timeout, &ivr.on_wrong_key])
}

/// The type holds nothing but digits.
fn number_value(number: &Number) -> Value {
    Value::from_safe_string(number.as_str().to_owned())
}

fn whole_s(time: Seconds) -> u64 {
    time.as_ms().div_ceil(1000)
}
