//! The codes of all findings in scenarios: stable names, for machines and for searching.
//!
//! `docs/scenario.md` has a line for each; a test compares them. A code is never used again for
//! something else.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: &str = $code;)*

        /// Every code that a finding in a scenario can have.
        pub const CODES: &[&str] = &[$($code),*];
    };
}

codes! {
    // The text as YAML.
    YAML_SYNTAX = "yaml-syntax";
    YAML_EMPTY = "yaml-empty";
    YAML_CONTROL_CHARACTER = "yaml-control-character";
    YAML_SEVERAL_DOCUMENTS = "yaml-several-documents";
    YAML_TOO_DEEP = "yaml-too-deep";
    YAML_TOO_LARGE = "yaml-too-large";
    YAML_ALIAS_LOOP = "yaml-alias-loop";
    YAML_TAG = "yaml-tag";
    YAML_MERGE_KEY = "yaml-merge-key";
    YAML_KEY = "yaml-key";
    DUPLICATE_KEY = "duplicate-key";
    // The shape, as the schema has it.
    UNKNOWN_KEY = "unknown-key";
    MISSING_KEY = "missing-key";
    WRONG_KEY = "wrong-key";
    WRONG_TYPE = "wrong-type";
    OUT_OF_RANGE = "out-of-range";
    WRONG_LENGTH = "wrong-length";
    WRONG_FORM = "wrong-form";
    UNKNOWN_VALUE = "unknown-value";
    // The sense.
    UNKNOWN_PROMPT = "unknown-prompt";
    UNKNOWN_IVR = "unknown-ivr";
    UNKNOWN_VERIFICATION = "unknown-verification";
    UNUSED_PROMPT = "unused-prompt";
    UNUSED_VERIFICATION = "unused-verification";
    NO_START = "no-start";
    UNREACHABLE_IVR = "unreachable-ivr";
    REPLAY_NOT_ALLOWED = "replay-not-allowed";
    ENDLESS_LOOP = "endless-loop";
    LOOP_WITHOUT_LIMIT = "loop-without-limit";
    KEYS_WAIT = "keys-wait";
    KEY_IS_ENTRY = "key-is-entry";
    END_KEY_BOUND = "end-key-bound";
    DIGITS_ORDER = "digits-order";
    SHORT_CODE = "short-code";
    NO_SECOND_ENTRY = "no-second-entry";
    ASKS_AGAIN = "asks-again";
    SAME_OUTCOME = "same-outcome";
    HOLD_LIMIT = "hold-limit";
    HOLD_PER_CALLEE = "hold-per-callee";
    PROMPT_NAME = "prompt-name";
    PROMPT_NAME_CLASH = "prompt-name-clash";
    PER_CALLEE_SOURCE = "per-callee-source";
    PER_CALLEE_TWICE = "per-callee-twice";
    EMPTY_TEXT = "empty-text";
    SOURCE_PATH = "source-path";
    PROMPT_PARTS = "prompt-parts";
    TEXT_TEMPLATE = "text-template";
    TTS_ENGINE = "tts-engine";
    TTS_REQUEST = "tts-request";
    TTS_KEY = "tts-key";
    TTS_CLEARTEXT = "tts-cleartext";
    PUSH_TO = "push-to";
    PUSH_PASSWORD = "push-password";
    SOUND_FORMAT = "sound-format";
}
