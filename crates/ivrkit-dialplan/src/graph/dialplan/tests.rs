//! Small dialplans and their graphs.

use super::*;
use crate::{lint::Settings, syntax::Nothing};

fn drawn<T>(text: &str, begin: Option<&str>, look: impl FnOnce(&mut DialplanGraph<'_>) -> T) -> T {
    let lines = text.lines().map(str::trim_start).collect::<Vec<_>>().join("\n");
    let reading = lint::read(b"extensions.conf", lines.into_bytes(), &mut Nothing);
    let settings = Settings::default();
    let subject = Subject::new(&reading, &settings);
    look(&mut of(&subject, "test", &reading.secrets(), begin))
}

/// Each node with its lines, then each edge.
fn shown(graph: &Graph) -> String {
    let mut shown = String::new();
    for node in &graph.nodes {
        let group = node.group.map_or("-", |group| graph.groups[group].name.as_str());
        let subtitle = node.subtitle.as_ref().map_or(String::new(), |text| format!(" ({text})"));
        shown.push_str(&format!("{group}: {:?} {}{subtitle}\n", node.kind, node.title));
        node.lines.iter().for_each(|line| shown.push_str(&format!("  {}\n", line.text)));
    }
    for edge in &graph.edges {
        let (from, to) = (&graph.nodes[edge.from].title, &graph.nodes[edge.to].title);
        let labels = edge.labels.join(" | ");
        shown.push_str(&format!("{from} > {to} {:?}: {labels}\n", edge.kind));
    }
    shown
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let expected: Vec<_> =
        expected.lines().map(|line| line.strip_prefix("        ").unwrap_or(line)).collect();
    let found = drawn(text, None, |drawn| shown(&drawn.graph));
    assert_eq!(found.trim_end(), expected.join("\n").trim());
}

#[test]
fn a_menu_says_what_keys_and_silence_do() {
    check(
        "[main]
        exten => s,1,Answer()
        same => n(again),Background(/media/hello&/media/${X}/menu)
        same => n,WaitExten(4)
        exten => 1,1,Dial(PJSIP/10)
        exten => 2,1,Goto(s,again)
        exten => t,1,Hangup()
        exten => i,1,Goto(s,1)",
        "\
        main: Steps s (calls without a number)
          Answer()
        main: Menu s, again
          Background: hello & ${X}/menu
          WaitExten(4)
        main: Steps 1
          Dial(PJSIP/10)
          no step left: the call ends
        main: Steps 2
          Goto(s,again)
        main: Handler t (no key in time)
          Hangup()
        main: Handler i (what nobody expects)
          Goto(s,1)
        2 > s, again Jump: 
        i > s Jump: 
        s > s, again Next: 
        s, again > 1 Key: key 1
        s, again > 2 Key: key 2
        s, again > i Wrong: other keys
        s, again > t Timeout: no key for 4 s",
    );
}

#[test]
fn conditions_subroutines_and_what_is_missing_have_words() {
    check(
        "[main]
        exten => 100,1,GotoIf($[${X} = 1]?yes:no)
        same => n(yes),Gosub(sub,s,1(a))
        same => n,Goto(gone,1)
        same => n(no),GotoIfTime(9:00-17:00,mon-fri,*,*?elsewhere,s,1)
        same => n,Goto(${DEST},s,1)
        exten => h,1,NoOp()
        [sub]
        exten => s,1,Return()",
        "\
        main: Steps 100
          GotoIf($[${X} = 1]?yes:no)
        main: Steps 100, yes
          Gosub(sub,s,1(a))
          Goto(gone,1)
        main: Steps 100, no
          GotoIfTime(9:00-17:00,mon-fri,*,*?elsewhere,s,1)
          Goto(${DEST},s,1)
        main: Handler h (when the call ends)
          NoOp()
        sub: Steps s (calls without a number)
          Return()
        main: Missing main,gone,1 (there is no such extension)
        main: Missing elsewhere,s,1 (there is no such context)
        main: Outside ${DEST},s,1 (known at run time only)
        100 > 100, yes Jump: if ${X} = 1
        100 > 100, no Jump: else
        100, yes > s Call: Gosub
        100, yes > main,gone,1 Jump: 
        100, no > elsewhere,s,1 Jump: at 9:00-17:00,mon-fri,*,*
        100, no > ${DEST},s,1 Jump: ",
    );
}

#[test]
fn extensions_alike_and_included_contexts_share_nodes() {
    check(
        "[phones]
        include => out|9:00-17:00|mon-fri|*|*
        include => nowhere
        exten => 100,1,Dial(PJSIP/${EXTEN})
        same => n,Hangup()
        exten => 101,1,Dial(PJSIP/${EXTEN})
        same => n,Hangup()
        exten => h,1,NoOp()
        [out]
        exten => _9X.,1,Dial(PJSIP/${EXTEN:1}@trunk)
        exten => 0,1,Goto(phones,${X},1)",
        "\
        phones: Steps 100, 101 (2 extensions that do the same)
          Dial(PJSIP/${EXTEN})
          Hangup()
        phones: Handler h (when the call ends)
          NoOp()
        out: Steps _9X.
          Dial(PJSIP/${EXTEN:1}@trunk)
        out: Steps 0
          Goto(phones,${X},1)
        phones: Dialled a number in phones
        out: Dialled a number in out
        phones: Outside nowhere (a context that is not in these files)
        0 > a number in phones Jump: 
        100, 101 > h End: the call ends
        a number in phones > 100, 101 Key: 
        a number in phones > a number in out Include: at 9:00-17:00|mon-fri|*|*
        a number in phones > nowhere Include: include
        a number in out > _9X. Key: 
        a number in out > 0 Key: ",
    );
}

#[test]
fn secrets_are_not_shown() {
    let text = "[main]
        exten => 1,1,Authenticate(918273)
        exten => 2,1,VMAuthenticate(100)";
    let found = drawn(text, None, |drawn| shown(&drawn.graph));
    assert!(found.contains("Authenticate(****)") && !found.contains("918273"), "{found}");
}

#[test]
fn a_call_is_followed_through_patterns_and_includes() {
    let text = "[phones]
        include => out
        exten => 100,1,WaitExten(3)
        [out]
        exten => _9X,1,Goto(s,1)
        exten => s,1,NoOp()
        same => n,Goto(1)";
    let taken = drawn(text, None, |drawn| {
        let visit = |&(context, exten, priority): &(&str, &str, i32)| {
            let (context, exten) = (context.to_owned(), exten.to_owned());
            drawn.find(&Visit { context, exten, priority })
        };
        let visits = [
            ("phones", "100", 1),
            ("phones", "91", 1),
            ("phones", "s", 1),
            ("phones", "s", 2),
            ("phones", "s", 1),
            ("phones", "nothing", 1),
        ];
        let spots: Vec<_> = visits.iter().map(visit).collect();
        assert_eq!(drawn.graph.follow(&spots), 5);
        let title = |node: usize| drawn.graph.nodes[node].title.clone();
        let taken = drawn.graph.edges.iter().filter(|edge| edge.is_on_path);
        taken.map(|edge| (title(edge.from), title(edge.to), edge.kind)).collect::<Vec<_>>()
    });
    let expected =
        [("s", "s", EdgeKind::Jump), ("_9X", "s", EdgeKind::Jump), ("100", "_9X", EdgeKind::Moved)];
    let expected = expected.map(|(from, to, kind)| (from.to_owned(), to.to_owned(), kind));
    assert_eq!(taken, expected);
}

#[test]
fn what_many_contexts_lead_to_has_a_reference_in_each() {
    let mut text = "[bye]\nexten => s,1,Hangup()\n".to_owned();
    for at in 0..5 {
        text.push_str(&format!("[c{at}]\nexten => s,1,Goto(bye,s,1)\n"));
    }
    let found = drawn(&text, None, |drawn| shown(&drawn.graph));
    assert!(found.contains("c4: Reference s (in [bye])\n"), "{found}");
    assert_eq!(found.matches("s > s Jump").count(), 5, "{found}");
    let kept = drawn(&text, None, |drawn| {
        let group = drawn.group("c3").expect("it is there");
        drawn.graph.limit_to(group);
        shown(&drawn.graph)
    });
    assert!(kept.contains("bye: Steps s") && !kept.contains("c4"), "{kept}");
}
