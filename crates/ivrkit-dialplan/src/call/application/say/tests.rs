//! What is said, sound by sound. Each lasts half a second.

use super::{super::trial::Trial, number};

/// Checks the names of what is said, and that the call then goes on.
#[track_caller]
fn says(application: &str, expected: &str) {
    heard(Trial::of(&dialplan(application)), application, expected);
}

fn dialplan(application: &str) -> String {
    format!("[m]\nexten => s,1,{application}\nsame => n,NoOp(on)\n")
}

#[track_caller]
fn heard(trial: Trial, application: &str, expected: &str) {
    let mut lines = vec![format!("0.00 m,s,1 {application}")];
    let mut at = 0;
    for name in expected.split_whitespace() {
        lines.push(format!("{}.{}0 hears {name}", at / 2, at % 2 * 5));
        at += 1;
    }
    let at = format!("{}.{}0", at / 2, at % 2 * 5);
    lines.push(format!("{at} m,s,2 NoOp(on)"));
    lines.push(format!("{at} end, cause 0, at m,s,3"));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    trial.heard().check("", &lines);
}

#[test]
fn digits_and_letters() {
    says("SayDigits(10*#-x)", "digits/1 digits/0 digits/star digits/pound digits/minus");
    says("SayDigits()", "");
    says("SayAlpha(Ab1.)", "letters/a letters/b digits/1 letters/dot");
    says("SayAlphaCase(a,aB)", "lowercase letters/a uppercase letters/b");
    says("SayAlphaCase(u,aB)", "letters/a uppercase letters/b");
    says("SayAlphaCase(x,aB)", "");
    says("SayPhonetic(Ab19)", "phonetic/a_p phonetic/b_p digits/1 phonetic/9_p");
}

#[test]
fn what_has_no_sound_is_left_out() {
    says("SayDigits(181)", "digits/1 digits/1");
    says("SayDigits(81)", "digits/1");
    says("SayAlpha(a b)", "letters/a letters/ascii32 letters/b");
}

#[test]
fn a_first_sound_that_is_missing_ended_the_call_on_asterisk_16() {
    let dialplan = dialplan("SayDigits(81)");
    Trial::of(&dialplan)
        .on_asterisk_16()
        .heard()
        .check("", &["0.00 m,s,1 SayDigits(81)", "0.00 misses ", "0.00 end, cause 0, at m,s,1"]);
}

#[test]
fn numbers() {
    says("SayNumber(0)", "digits/0");
    says("SayNumber(7)", "digits/7");
    says("SayNumber(21)", "digits/20 digits/1");
    says("SayNumber(-115)", "digits/minus digits/1 digits/hundred digits/15");
    says(
        "SayNumber(2020300)",
        "digits/2 digits/million digits/20 digits/thousand digits/3 digits/hundred",
    );
    says("SayNumber(12,f)", "digits/12");
    says("SayNumber(12x)", "");
    says("SayNumber(2147483647)", "");
    says("SayOrdinal(21)", "digits/20 digits/h-1");
    says("SayOrdinal(30)", "digits/h-30");
    says("SayOrdinal(100)", "digits/1 digits/h-hundred");
    says("SayOrdinal(2005)", "digits/2 digits/thousand digits/h-5");
    says("SayOrdinal(3000)", "digits/3 digits/h-thousand");
}

#[test]
fn the_english_say_and() {
    let trial = Trial::of(&dialplan("SayNumber(1101)")).speaking("en_GB");
    let said = "digits/1 digits/thousand digits/1 digits/hundred vm-and digits/1";
    heard(trial, "SayNumber(1101)", said);
    let trial = Trial::of(&dialplan("SayNumber(1001)")).speaking("en_GB");
    heard(trial, "SayNumber(1001)", "digits/1 digits/thousand vm-and digits/1");
}

#[test]
fn the_chinese_count_by_tens_of_thousands() {
    let says = |number: &str, expected: &str| {
        let application = format!("SayNumber({number})");
        let trial = Trial::of(&dialplan(&application)).speaking("zh");
        heard(trial, &application, expected);
    };
    says("10005", "digits/1 digits/wan digits/0 digits/5");
    says(
        "12345",
        "digits/1 digits/wan digits/2 digits/thousand digits/3 digits/hundred digits/40 digits/5",
    );
    says("1005", "digits/1 digits/thousand digits/0 digits/5");
    says("110", "digits/1 digits/hundred digits/10");
    says("-20", "digits/minus digits/20");
    says("0", "digits/0");
}

#[test]
fn other_languages_are_not_modelled_for_numbers() {
    let trial = Trial::of(&dialplan("SayNumber(7)")).speaking("de");
    trial.check(
        "",
        &[
            "0.00 m,s,1 SayNumber(7)",
            "0.00 end, cause 0, at m,s,1, not modelled: SayNumber in another language",
        ],
    );
    // Asterisk has no own way for this one.
    let trial = Trial::of(&dialplan("SayNumber(7)")).speaking("cn");
    heard(trial, "SayNumber(7)", "digits/7");
    let trial = Trial::of(&dialplan("SayDigits(7)")).speaking("de");
    heard(trial, "SayDigits(7)", "digits/7");
}

#[test]
fn money() {
    let check = |text: &str, expected: i64| {
        assert_eq!(number::cents(text.as_bytes()), expected, "{text}");
    };
    check("1.05", 105);
    check("12.5", 1205);
    check(".50", 50);
    check("3", 300);
    check("x", 0);
    check("3.", 300);
    assert_eq!(number::cents_of_double(b"12.5"), 1250);
    let names = |cents| {
        let words = number::money(cents);
        let names: Vec<_> = words.iter().map(|word| String::from_utf8_lossy(&word.name)).collect();
        names.join(" ")
    };
    assert_eq!(names(100), "digits/1 letters/dollar");
    assert_eq!(names(101), "digits/1 letters/dollar_ and digits/1 cent");
    assert_eq!(names(250), "digits/2 dollars and digits/50 cents");
    assert_eq!(names(0), "digits/0 cents");
}

#[test]
fn keys_interrupt_only_if_the_dialplan_allows_it() {
    let dialplan = "[m]\nexten => s,1,SayDigits(123)\nsame => n,Set(SAY_DTMF_INTERRUPT=yes)\n\
                    same => n,SayNumber(21)\nexten => 5,1,NoOp(five)\n";
    Trial::of(dialplan).heard().check(
        "wait 0.5 5 wait 1 5",
        &[
            "0.00 m,s,1 SayDigits(123)",
            "0.00 hears digits/1",
            "0.50 hears digits/2",
            "0.60 digit 5 lost",
            "1.00 hears digits/3",
            "1.50 m,s,2 Set(SAY_DTMF_INTERRUPT=yes)",
            "1.50 m,s,3 SayNumber(21)",
            "1.50 hears digits/20",
            "1.80 digit 5",
            "1.80 stops digits/20",
            "1.80 m,5,1 NoOp(five)",
            "1.80 end, cause 0, at m,5,2",
        ],
    );
}

#[test]
fn a_number_without_its_sound_goes_on_and_a_date_ends_the_call() {
    let missed = ["0.00 m,s,1 SayNumber(8)", "0.00 misses digits/8", "0.00 m,s,2 NoOp(on)"];
    let end = ["0.00 end, cause 0, at m,s,3"];
    Trial::of(&dialplan("SayNumber(8)")).heard().check("", &[&missed[..], &end[..]].concat());
    Trial::of(&dialplan("SayUnixTime(28800,UTC,I)")).heard().check(
        "",
        &[
            "0.00 m,s,1 SayUnixTime(28800,UTC,I)",
            "0.00 misses digits/8",
            "0.00 end, cause 0, at m,s,1",
        ],
    );
}

#[test]
fn moments() {
    // The call begins on Monday, 1 January 2024, at midnight.
    says(
        "SayUnixTime()",
        "digits/day-1 digits/mon-0 digits/h-1 digits/2 digits/thousand digits/20 digits/4 digits/at \
         digits/12 digits/oclock digits/a-m",
    );
    says("DateTime(3600,UTC,Hx)", "digits/oh digits/1");
}
