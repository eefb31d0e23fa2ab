//! The suite that every kind of look-up passes, and what those with statements have in common.

use super::{
    databases::Kind,
    site::{OwnCodes, QUERY, Site, prepared, question, say},
};
use ivrkit_verifier::lookup::{Failure, Lookup};

/// Who types what, and whether it is right.
const ENTRIES: [(&str, &str, &str); 20] = [
    ("13900001111", "482913", "right"),
    ("13900001111", "482914", "wrong"),
    ("13900001111", "4829130", "wrong"),
    ("13900001111", "48291", "wrong"),
    ("13900001112", "482913", "wrong"),
    ("13900002222", "0012", "right"),
    ("13900002222", "12", "wrong"),
    ("13900003333", "111111", "right"),
    ("13900003333", "222222", "right"),
    ("13900003333", "333333", "wrong"),
    ("13900004444", "333333", "wrong"),
    ("13900005555", "0", "wrong"),
    ("13900006666", "482913", "wrong"),
    ("+8613900007777", "444444", "right"),
    ("13900008888", "8", "right"),
    ("anonymous", "482913", "wrong"),
    ("", "482913", "wrong"),
    ("13900001111", "' OR '1'='1", "wrong"),
    ("' OR '1'='1", "482913", "wrong"),
    ("13900001111'; DROP TABLE sms_codes; --", "482913", "wrong"),
];

async fn conforms(lookup: &dyn Lookup) {
    let checked = lookup.check(&[None]).await;
    assert_eq!(checked, Ok(Vec::new()), "nothing to regret");
    // Twice: the second time on the connections of the first.
    for _ in 0..2 {
        for (callee, digits, expected) in ENTRIES {
            let said = say(lookup, &question(callee, digits)).await;
            assert_eq!(said, expected, "{callee} types {digits}");
        }
    }
    // Many at once; each gets its own answer.
    let asked = ENTRIES.iter().cycle().take(100).map(|(callee, digits, expected)| async move {
        let said = say(lookup, &question(callee, digits)).await;
        assert_eq!(said, *expected, "{callee} types {digits}");
    });
    futures(asked).await;
}

/// Runs all of them at once.
async fn futures(all: impl Iterator<Item = impl Future<Output = ()>>) {
    let mut all: Vec<_> = all.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        all.retain_mut(|one| one.as_mut().poll(context).is_pending());
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

/// What a section says to `check`; the columns are those that verifications want.
async fn checked(section: &str, columns: &[Option<String>]) -> String {
    let lookup = match prepared(section) {
        Ok(lookup) => lookup,
        Err(problem) => return problem,
    };
    match lookup.check(columns).await {
        Ok(warnings) => warnings.join("\n"),
        Err(Failure::Passing(why) | Failure::Lasting(why)) => why,
    }
}

/// What statements can say and how it is understood, in each SQL.
async fn understands_statements(site: &Site) {
    // A row is enough.
    let by_row = "SELECT 1 FROM sms_codes WHERE phone = :callee AND code = :digits;";
    let lookup = site.lookup(by_row, "match: row");
    assert_eq!(lookup.check(&[None]).await, Ok(Vec::new()));
    assert_eq!(say(&*lookup, &question("13900001111", "482913")).await, "right");
    assert_eq!(say(&*lookup, &question("13900001111", "482914")).await, "wrong");
    // What changes a row has found it, the second time too: a question may be asked twice.
    let using = "UPDATE sms_codes SET used_by = :call WHERE phone = :callee AND code = :digits \
                 AND (used_by IS NULL OR used_by = :call)";
    let lookup = site.lookup(using, "match: row");
    for (call, expected) in [("a", "right"), ("a", "right"), ("b", "wrong")] {
        let mut question = question("13900008888", "8");
        question.call = call.to_owned();
        assert_eq!(say(&*lookup, &question).await, expected, "{call}");
    }
    // A column of several, chosen by the configuration or by the scenario.
    let both = "SELECT number, code FROM sms_codes WHERE phone = :callee";
    let lookup = site.lookup(both, "column: CODE");
    assert_eq!(say(&*lookup, &question("13900002222", "0012")).await, "right");
    let mut by_number = question("13900001111", "482913");
    by_number.column = Some("number".to_owned());
    assert_eq!(say(&*lookup, &by_number).await, "right");
    // The scenario's own parameter, and casts beside parameters.
    let cast = "SELECT CAST(code AS char(8)) AS code FROM sms_codes WHERE phone = :callee \
                AND course = :course -- not :this";
    let lookup = site.lookup(cast, "");
    assert_eq!(say(&*lookup, &question("13900003333", "222222")).await, "right");
    assert_eq!(say(&*lookup, &question("13900003333", "111111")).await, "wrong");
    // No caller of a call that we dialled.
    let lookup = site.lookup("SELECT code FROM sms_codes WHERE phone = :caller", "");
    let mut rang_us = question("13900001111", "482913");
    assert_eq!(say(&*lookup, &rang_us).await, "wrong");
    rang_us.direction = ivrkit_dialplan::verification::Direction::Inbound;
    assert_eq!(say(&*lookup, &rang_us).await, "right");
    // A statement without a condition gives too much.
    let numbers = "SELECT a.code FROM sms_codes a, sms_codes b, sms_codes c, sms_codes d";
    let lookup = site.lookup(numbers, "");
    let said = say(&*lookup, &question("13900001111", "482913")).await;
    assert!(said.starts_with("never: `query` gave more than 100 rows"), "{said}");
}

/// Mistakes that the server of a site finds when ours starts.
async fn tells_mistakes(site: &Site) {
    let check = async |query: &str, more: &str, columns: &[Option<String>], expected: &str| {
        let said = checked(&site.section(query, more), columns).await;
        assert!(said.contains(expected), "{query}: {said}\nexpected {expected}");
    };
    let none = &[None];
    check("SELECT code FROM sms_kodes WHERE phone = :callee", "", none, "sms_kodes").await;
    check("SELECT kode FROM sms_codes WHERE phone = :callee", "", none, "kode").await;
    check("SELEKT code FROM sms_codes WHERE phone = :callee", "", none, "`query`: ").await;
    check("SELECT code, course FROM sms_codes WHERE phone = :callee", "", none, "name the column")
        .await;
    check(QUERY, "column: pin", none, "`query` gives no column `pin`; it gives `code`").await;
    check(QUERY, "", &[Some("pin".to_owned())], "`query` gives no column `pin`").await;
    check("SELECT 1 WHERE 1 = :digits", "match: row", &[Some("pin".to_owned())], "`match: row`")
        .await;
    let integer = "SELECT number FROM sms_codes WHERE phone = :callee";
    check(integer, "", none, "a code such as 0012 is kept as 12 there").await;
    check("SELECT code FROM sms_codes", "", none, "a code is good for everybody").await;
    check("SELECT code FROM sms_codes WHERE phone = :phone", "", none, "`:phone`; there are").await;
}

#[tokio::test]
async fn our_own_codes_conform() {
    conforms(&OwnCodes::new()).await;
}

#[tokio::test]
async fn sqlite_conforms() {
    let site = Site::sqlite();
    conforms(&*site.lookup(QUERY, "")).await;
    understands_statements(&site).await;
    tells_mistakes(&site).await;
}

#[tokio::test]
async fn postgres_conforms() {
    let site = Site::of(Kind::Postgres);
    conforms(&*site.lookup(QUERY, "")).await;
    understands_statements(&site).await;
    tells_mistakes(&site).await;
}

#[tokio::test]
async fn mariadb_conforms() {
    let site = Site::of(Kind::MariaDb);
    conforms(&*site.lookup(QUERY, "")).await;
    understands_statements(&site).await;
    tells_mistakes(&site).await;
}

#[tokio::test]
async fn an_http_service_conforms() {
    let site = Site::http();
    conforms(&*site.lookup("", "")).await;
}
