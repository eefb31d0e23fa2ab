//! The assertions of the fuzz targets, without libFuzzer: over their seeds, over every input that a
//! target has found, and over random ones of the same make.

#![allow(clippy::unwrap_used, reason = "test code panics where it cannot go on")]
#![expect(clippy::disallowed_methods, reason = "the seeds are files")]

#[path = "invariants/call.rs"]
mod call;
#[path = "invariants/expressions.rs"]
mod expressions;
#[path = "invariants/parser.rs"]
mod parser;
#[path = "invariants/patterns.rs"]
mod patterns;

use proptest::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What dialplans are made of: the words of the dictionary that libFuzzer is given.
fn words() -> Vec<Vec<u8>> {
    let text = fs::read_to_string(top().join("fuzz/asterisk.dict")).unwrap();
    let quoted = |line: &str| line.strip_prefix('"')?.strip_suffix('"').map(unescaped);
    let words: Vec<Vec<u8>> = text.lines().filter_map(quoted).collect();
    assert!(words.len() > 50, "{words:?}");
    words
}

/// A word of a dictionary: `\xAB`, `\\` and `\"` stand for a byte.
fn unescaped(word: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        let (byte, len) = match after.strip_prefix('x') {
            Some(digits) => (u8::from_str_radix(&digits[..2], 16).unwrap(), 3),
            None => (after.as_bytes()[0], 1),
        };
        bytes.push(byte);
        rest = &after[len..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files below a folder, by path.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let below = |path: PathBuf| {
        if path.is_dir() {
            return files(&path);
        }
        let bytes = fs::read(&path).unwrap();
        vec![(path, bytes)]
    };
    paths.into_iter().flat_map(below).collect()
}

/// Every probe as one input: its main file, then its other files by name.
fn probes() -> Vec<Vec<u8>> {
    let folders = fs::read_dir(top().join("tests/probes")).unwrap();
    let folders = folders.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let input = |folder: PathBuf| {
        let (main, others): (Vec<_>, Vec<_>) =
            files(&folder).into_iter().partition(|(path, _)| path.ends_with("extensions.conf"));
        let mut input = main.into_iter().flat_map(|(_, bytes)| bytes).collect::<Vec<u8>>();
        for (path, bytes) in others {
            let name = path.strip_prefix(&folder).unwrap().to_str().unwrap();
            input.extend([format!("\n%%% {name}\n").as_bytes(), &bytes].concat());
        }
        input
    };
    folders.map(input).collect()
}

/// The lines of all probes and of the dialplans that ivrkit renders.
fn lines() -> Vec<Vec<u8>> {
    let dialplans = files(&top().join("tests/golden")).into_iter();
    let dialplans = dialplans.filter(|(path, _)| path.extension().is_some_and(|end| end == "conf"));
    let texts = dialplans.map(|(_, bytes)| bytes).chain(probes());
    let is_short = |line: &Vec<u8>| line.len() < 10_000;
    texts
        .flat_map(|text| text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>())
        .filter(is_short)
        .collect()
}

#[test]
fn every_finding_holds_now() {
    let mut count = 0;
    for (target, check) in [
        ("call", call::check as fn(&[u8])),
        ("expressions", expressions::check),
        ("parser", parser::check),
        ("patterns", patterns::check),
    ] {
        let folder = top().join("tests/fuzz_findings").join(target);
        if folder.exists() {
            for (path, bytes) in files(&folder) {
                println!("{}", path.display());
                check(&bytes);
                count += 1;
            }
        }
    }
    assert!(count > 0, "the findings are there");
}

#[test]
fn every_seed_of_the_parser_holds() {
    let seeds = probes();
    assert!(seeds.len() >= 122, "{} probes", seeds.len());
    let golden = files(&top().join("tests/golden")).into_iter().map(|(_, bytes)| bytes);
    for seed in seeds.into_iter().chain(golden) {
        parser::check(&seed);
    }
}

/// A seed that is cut off anywhere is still one that loads.
#[test]
fn every_seed_of_the_parser_holds_without_its_end() {
    for seed in probes().into_iter().filter(|seed| seed.len() < 1_000) {
        for end in (0..seed.len()).step_by(7) {
            parser::check(&seed[..end]);
        }
    }
}

#[test]
fn every_seed_of_the_expressions_holds() {
    for line in lines() {
        for skipped in [0, 1, 9] {
            expressions::check(&[&[skipped], line.as_slice()].concat());
        }
    }
}

#[test]
fn every_seed_of_the_patterns_holds() {
    let value = |line: &Vec<u8>| {
        let at = line.iter().position(|&byte| byte == b'=')?;
        let name = line[at + 1..].split(|&byte| byte == b',').next()?;
        Some(name.strip_prefix(b">").unwrap_or(name).trim_ascii().to_vec())
    };
    let names: Vec<Vec<u8>> = lines().iter().filter_map(value).collect();
    assert!(names.len() > 500);
    for names in names.chunks(12) {
        for digits in ["", "1", "12", "2345#", "_X.", "s"] {
            let first = format!("{digits}\n55\n").into_bytes();
            patterns::check(&[first, names.join(&b"\n"[..])].concat());
        }
    }
}

#[test]
fn every_seed_of_the_calls_ends() {
    let golden = files(&top().join("tests/golden")).into_iter().map(|(_, bytes)| bytes);
    for seed in probes().into_iter().chain(golden) {
        for deeds in [&b"\0"[..], b"\x02\x11\x04\x21\x02", b"\x83\x02\x03\x11\x01\0\x09"] {
            call::check(&[deeds, &seed].concat());
        }
    }
}

/// What grows with each step, and what asks for itself, ends.
#[test]
fn calls_that_grow_end() {
    let doubles = "same => n(l),Set(A=${A}${A}x)\nsame => n,Set(PUSH(B)=${A})\n\
                   same => n,Set(HASH(h,${A})=${HASH(h)}${A})\nsame => n,Goto(l)\n";
    let asks = "same => n,Set(X=$)\nsame => n,Set(A=${X}{EVAL(${X}{A})})\n\
                same => n,NoOp(${EVAL(${A})})\nsame => n,NoOp(${CUT(EVAL(${A}),,1)})\n";
    let nests = format!("same => n,NoOp({}1{})\n", "${IF(1?".repeat(40), ")}".repeat(40));
    let runs = format!("same => n,{}NoOp{}\n", "ExecIf(1?".repeat(800), ")".repeat(800));
    for lines in [doubles, asks, &nests, &runs] {
        call::check(format!("\0[m]\nexten => s,1,NoOp()\n{lines}").as_bytes());
    }
}

/// Words, ends of lines and other bytes in any order.
fn text(pieces: usize) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(words()),
        2 => Just(b"\n".to_vec()),
        2 => "[a-c0-3 ]{1,2}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 1..3),
    ];
    prop::collection::vec(piece, 0..pieces).prop_map(|pieces| pieces.concat())
}

/// Lines as people write them, with a break here and there.
fn dialplan() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        4 => "exten ?=>? ?(_[0-3XZN.!]{1,4}|[0-3a-]{1,3}|s)(/[0-3]{0,2})?,([1-4]|n|n\\(l\\)|s|hint|l),[A-C]{1,2}(\\([a-c,;${}]{0,4}\\)?)?",
        3 => "same => ([1-4]|n|n\\([lm]\\)|n\\+[1-3]),[A-C]\\([a-c]{0,2}\\)",
        2 => "\\[[ab;]{1,2}\\](\\((!|\\+|[ab]|!,a|\\+,b)\\))?",
        1 => "(include|switch|ignorepat|[ab] ?\\+?)=>?[ab9]{1,2}",
        1 => "#(try)?include [fg*]|%%% [fg]",
        1 => "(;--|--;|\\\\[\\[#=a]|;|[ab]) ?[ab= ]{0,3}",
    ];
    prop::collection::vec(line, 1..40).prop_map(|lines| lines.join("\n").into_bytes())
}

/// Steps that run, some of them broken.
fn calls() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        3 => "[0-3a-c]{0,3}",
        2 => "\\$\\{(A|B|EXTEN|CALLERID\\(num\\)|INC\\(A\\)|POP\\(A\\)|EVAL\\(\\$\\{A\\}\\)|RAND\\(1,3\\)|CDR\\(a\\))(:[0-2])?\\}",
        1 => "\\$\\[[0-3] ?[-+*<=] ?\\$?\\{?[AB0-3]\\}?\\]",
    ];
    let place = "(([mn],)?[sit0-3e],)?([1-3]|n|l|\\+1|-1)";
    let step = prop_oneof![
        4 => (("A|B|_A|TIMEOUT\\((digit|response|absolute)\\)|GLOBAL\\(A\\)|ARRAY\\(A,B\\)|PUSH\\(A\\)|CHANNEL\\(hangup_handler_push\\)"), value.clone()).prop_map(|(name, value)| format!("Set({name}={value})")),
        2 => place.prop_map(|place| format!("Goto({place})")),
        2 => (value.clone(), place, place).prop_map(|(value, yes, no)| format!("GotoIf({value}?{yes}:{no})")),
        1 => (value.clone(), place).prop_map(|(value, yes)| format!("ExecIf({value}?Goto({yes}):Wait(1))")),
        1 => value.prop_map(|value| format!("NoOp({value})")),
        4 => "(Background|Playback)\\([xa]{0,2}(&[xa])?(,m)?\\)|(WaitExten|Wait)\\([0-3]?\\)|Hangup\\([0-3]?\\)|UserEvent\\(A,b: c\\)|Nope\\(\\)",
    ];
    let line = prop_oneof![
        6 => ("(exten => (s|[ithTe]|[0-3]{1,2}|_[XZ0-3]{1,2}[.!]?)(/55?)?,[1-3]|same => n(\\(l\\))?),", step).prop_map(|(start, step)| start + &step),
        1 => "\\[[mn]\\]|include => [mn](,0:00-1:00)?|\\[general\\]\nautofallthrough=no",
    ];
    let deeds = prop::collection::vec((0_u8..24, 0_u8..20), 0..8);
    (deeds, prop::collection::vec(line, 1..30)).prop_map(|(deeds, lines)| {
        let mut bytes = vec![u8::try_from(deeds.len()).unwrap()];
        bytes.extend(deeds.into_iter().flat_map(|(what, when)| [what, when]));
        bytes.extend(format!("[m]\n{}", lines.join("\n")).bytes());
        bytes
    })
}

/// One expression with whatever operators.
fn expression() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        "[a-c0-3.]{1,3}",
        "\"[a-c ]{0,3}\"",
        "\\$\\{[A-C]{1,2}(\\([a-c,]{0,3}\\))?(:-?[0-2]){0,2}\\}",
    ];
    let tree = word.prop_recursive(5, 40, 3, |inner| {
        let pair = (inner.clone(), "( (\\|\\|?|&|==?|!=|[<>]=?|[+*/%:-]|=~|~~) )", inner.clone());
        prop_oneof![
            4 => pair.prop_map(|(left, operator, right)| left + &operator + &right),
            1 => inner.clone().prop_map(|inner| format!("({inner})")),
            1 => inner.clone().prop_map(|inner| format!("-{inner}")),
            1 => inner.clone().prop_map(|inner| format!("!{inner}")),
            1 => inner.clone().prop_map(|inner| format!("$[{inner}]")),
            1 => inner.clone().prop_map(|inner| format!("${{F({inner},1)}}")),
            1 => (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("F({one},{two})")),
            1 => (inner.clone(), inner.clone(), inner)
                .prop_map(|(one, two, three)| format!("{one} ? {two} :: {three}")),
        ]
    });
    tree.prop_map(|tree| format!("\0a$[{tree}]b").into_bytes())
}

/// Names of extensions, some of them broken.
fn names() -> impl Strategy<Value = Vec<u8>> {
    let name = "_?([0-3XZNxzn.!#/ -]|\\[[0-3X-]{0,4}\\]?){0,5}";
    let digits = "[0-3#-]{0,5}\n[0-3]{0,2}";
    (digits, prop::collection::vec(name, 1..12))
        .prop_map(|(digits, names)| format!("{digits}\n{}", names.join("\n")).into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_words_load_as_they_print(bytes in text(80)) {
        parser::check(&bytes);
    }

    #[test]
    fn any_call_ends(bytes in prop_oneof![6 => calls(), 1 => dialplan(), 1 => text(80)]) {
        call::check(&bytes);
    }

    #[test]
    fn any_dialplan_loads_as_it_prints(bytes in dialplan()) {
        parser::check(&bytes);
    }

    #[test]
    fn any_names_match_as_a_slow_model_does(bytes in prop_oneof![names(), text(20)]) {
        patterns::check(&bytes);
    }

    #[test]
    fn any_expression_reads_as_it_prints(bytes in prop_oneof![expression(), text(20)]) {
        expressions::check(&bytes);
    }
}
