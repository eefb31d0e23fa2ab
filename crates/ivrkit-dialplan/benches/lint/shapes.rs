//! Dialplans as people have them, made longer.

use super::load_shapes::SHAPES;

/// What is linted unless a name is given.
pub(crate) const NAMES: &[&str] =
    &["menus", "one-menu", "many-contexts", "one-context", "one-extension", "labels", "patterns"];

/// A dialplan of about so many lines; nothing if no shape has that name.
pub(crate) fn text(name: &str, lines: usize) -> Option<Vec<u8>> {
    match name {
        "menus" => Some(menus(lines, true)),
        "one-menu" => Some(menus(lines, false)),
        _ => SHAPES.iter().find(|shape| shape.name == name).map(|shape| shape.text(lines)),
    }
}

/// Menus that play, ask, look up and transfer: most kinds of steps, and hardly a mistake.
fn menus(lines: usize, have_contexts: bool) -> Vec<u8> {
    let mut text = String::with_capacity(lines * 48);
    if !have_contexts {
        text.push_str("[menu]\n");
    }
    for number in 0..lines.div_ceil(MENU.lines().count()) {
        let number = number.to_string();
        for line in MENU.lines().filter(|line| have_contexts || !line.starts_with('[')) {
            let line = line.replace("@@", &number);
            text.push_str(&line);
            text.push('\n');
        }
    }
    text.into_bytes()
}

const MENU: &str = r#"[menu-@@]
exten => 7@@,1,Answer()
 same => n,Set(TIMEOUT(digit)=3)
 same => n,Set(CHANNEL(language)=zh)
 same => n,Set(tries=0)
 same => n(again),Set(tries=$[${tries} + 1])
 same => n,GotoIf($["${tries}" > "3"]?bye)
 same => n,Playback(custom/welcome-@@&custom/choose)
 same => n,Read(choice,custom/menu-@@,1,,1,5)
 same => n,GotoIf($["${choice}" = "1"]?8@@,1)
 same => n,ExecIf($["${choice}" = ""]?Playback(custom/nothing):NoOp(chose ${choice}))
 same => n,Goto(again)
 same => n(bye),Playback(custom/goodbye)
 same => n,Hangup()
exten => 8@@,1,NoOp(call from ${CALLERID(num)} to ${FILTER(0-9,${EXTEN:1})})
 same => n,Set(CDR(userfield)=${IF($["${choice}" = "1"]?sales:support)})
 same => n,Gosub(log@@,1(${EXTEN},${UNIQUEID}))
 same => n,Dial(PJSIP/${EXTEN:1}&PJSIP/backup-@@,30,tTg)
 same => n,GotoIf($["${DIALSTATUS}" = "BUSY"]?busy:gone)
 same => n(busy),Voicemail(8@@@default,b)
 same => n,Hangup()
 same => n(gone),Voicemail(8@@@default,u)
 same => n,Hangup()
exten => log@@,1,Verbose(1,${ARG1} ${ARG2})
 same => n,Return()
"#;
