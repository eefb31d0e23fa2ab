//! `ivrkit graph` as a user runs it: all forms of small pictures, and inputs that cannot be drawn.
//!
//! After a change of a picture: `INSTA_UPDATE=always cargo test --test graph`, then look at it.

use assert_cmd::Command;
use quick_xml::{Reader, events::Event};
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command as Process, Stdio},
    time::Duration,
};

const FORMS: [&str; 4] = ["mermaid", "dot", "svg", "html"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs `ivrkit graph` in `tests/graph`: exit code, standard output, standard error.
fn graph(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ivrkit"));
    command.current_dir(root().join("tests/graph")).arg("graph").args(arguments);
    let output = command.timeout(Duration::from_mins(2)).output().expect("ivrkit starts");
    let text = |bytes| String::from_utf8(bytes).expect("ivrkit writes UTF-8");
    let code = output.status.code().expect("ended by itself and in time");
    (code, text(output.stdout), text(output.stderr))
}

/// A picture that can be drawn, the same twice.
#[track_caller]
fn drawn(arguments: &[&str]) -> String {
    let (code, out, errors) = graph(arguments);
    assert_eq!((code, errors.as_str()), (0, ""), "{arguments:?}");
    assert_eq!(graph(arguments).1, out, "{arguments:?}");
    out
}

#[track_caller]
fn refused(arguments: &[&str], code: i32, expected: &str) {
    let (found, out, errors) = graph(arguments);
    assert_eq!((found, out.as_str()), (code, ""), "{arguments:?}: {errors}");
    assert!(errors.contains(expected), "{arguments:?}: {errors}");
}

/// The texts that stand in a well-formed document.
#[track_caller]
fn texts(xml: &str) -> String {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut texts = String::new();
    loop {
        match reader.read_event().expect("it is well-formed") {
            Event::Text(text) => texts.push_str(&text.html_content()),
            Event::GeneralRef(name) => {
                let character = match &*name.html_content() {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "quot" => '"',
                    "apos" => '\'',
                    _ => ' ',
                };
                texts.push(character);
            }
            Event::Eof => return texts,
            _ => {}
        }
    }
}

/// What a browser would take from elsewhere.
#[track_caller]
fn is_self_contained(text: &str) {
    let namespace = "http://www.w3.org/2000/svg";
    let rest = text.replace(namespace, "");
    for foreign in ["http:", "https:", "src=", "@import", "url(//", "<link"] {
        assert!(!rest.contains(foreign), "it has `{foreign}`");
    }
}

/// Holds the picture of a menu in each form against the one that was last looked at.
#[test]
fn small_pictures_are_as_they_were_last_seen() {
    for form in FORMS {
        let menu = drawn(&["menu.conf", "--format", form, "--path", "call.json"]);
        let scenario =
            drawn(&["../../scenarios/driving-test.yaml", "--format", form, "--no-findings"]);
        insta::with_settings!({
            snapshot_path => "graph",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(format!("menu.{form}"), menu);
            insta::assert_snapshot!(format!("driving-test.{form}"), scenario);
        });
    }
}

#[test]
fn svg_is_well_formed_and_says_all_in_texts() {
    let svg = drawn(&["../../scenarios/driving-test.yaml", "--format", "svg"]);
    let found = texts(&svg);
    for expected in
        ["这里是驾校考试受理员", "已经预约成功，再见！", "IVR 6503", "right code", "key 1"]
    {
        assert!(found.contains(expected), "{expected}");
    }
    is_self_contained(&svg);
    let menu = texts(&drawn(&["menu.conf", "--format", "svg"]));
    assert!(menu.contains("\"bye\"") && menu.contains("<thanks>"), "{menu}");
}

#[test]
fn a_page_needs_nothing_but_itself_and_leads_from_findings_to_boxes() {
    let page = drawn(&["menu.conf", "--format", "html"]);
    is_self_contained(&page);
    let svg = page.find("<svg").zip(page.find("</svg>"));
    let (start, end) = svg.expect("the picture is in the page");
    texts(&page[start..end + "</svg>".len()]);
    let links: Vec<&str> =
        page.split("<a href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(!links.is_empty(), "there are findings with places");
    for link in links {
        assert!(page.contains(&format!("<g id=\"{link}\"")), "{link}");
    }
    assert!(page.contains("jump-to-missing-context"), "{page}");
    assert!(!drawn(&["menu.conf", "--format", "html", "--no-findings"]).contains("<aside>"));
}

/// The real Graphviz reads what is written, and draws it.
#[test]
fn graphviz_takes_dot() {
    for file in ["menu.conf", "../seed-script/extensions.conf", "../../scenarios/driving-test.yaml"]
    {
        let dot = drawn(&[file, "--format", "dot"]);
        let mut process = Process::new("dot")
            .arg("-Tsvg")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Graphviz is installed; tests/run does it");
        let mut stdin = process.stdin.take().expect("it is a pipe");
        stdin.write_all(dot.as_bytes()).expect("Graphviz reads");
        drop(stdin);
        let output = process.wait_with_output().expect("Graphviz ends");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.is_empty(), "{file}: {errors}");
        let svg = String::from_utf8(output.stdout).expect("Graphviz writes UTF-8");
        assert!(svg.contains("<svg"), "{file}");
        if file == "menu.conf" {
            assert!(texts(&svg).contains("\"bye\""), "{svg}");
        }
    }
}

#[test]
fn a_context_is_drawn_with_what_it_reaches() {
    let night = drawn(&["menu.conf", "--context", "night", "--format", "dot"]);
    assert!(night.contains("at 18:00-8:00") && night.contains("WaitExten"), "{night}");
    let menu = drawn(&["menu.conf", "--context", "menu", "--format", "dot"]);
    assert!(menu.contains("WaitExten") && !menu.contains("18:00"), "{menu}");
    refused(
        &["menu.conf", "--context", "day"],
        3,
        "ivrkit: there is no context `day` in menu.conf; known: menu, night\n",
    );
    let scenario = "../../scenarios/driving-test.yaml";
    refused(&[scenario, "--context", "day"], 2, "--context is for dialplans");
}

#[test]
fn what_cannot_be_drawn_is_said() {
    refused(&["gone.conf"], 3, "ivrkit: cannot read gone.conf: ");
    refused(&["."], 3, "ivrkit: cannot read .: it is a folder, expected a file\n");
    refused(&["menu.conf", "--format", "png"], 2, "[possible values: mermaid, dot, svg, html]");
    refused(&["menu.conf", "--path", "gone.json"], 3, "ivrkit: cannot read gone.json: ");
    refused(&["menu.conf", "--path", "menu.conf"], 3, "ivrkit: menu.conf: not a transcript: ");
    let scenario = "../../scenarios/driving-test.yaml";
    refused(
        &[scenario, "--path", "call.json"],
        3,
        "ivrkit: none of the 6 steps of call.json is in the picture: is it of another dialplan?\n",
    );
    let folder = tempfile::tempdir().expect("a folder for this test");
    let written = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("the file can be written");
        path
    };
    let path = written("empty.conf", "[general]\n");
    refused(&[&path.to_string_lossy()], 3, "it has no extensions");
    let path = written("open.conf", "[menu\nexten => s,1,Answer()\n");
    refused(&[&path.to_string_lossy()], 3, "Asterisk does not load it");
    let path = written("broken.yaml", "ivrkit: 1\n");
    refused(&[&path.to_string_lossy()], 1, "the scenario has ");
}

#[test]
fn a_picture_that_nobody_could_read_is_refused() {
    let folder = tempfile::tempdir().expect("a folder for this test");
    let path = folder.path().join("extensions.conf");
    let mut text = String::from("[small]\nexten => s,1,Hangup()\n[large]\n");
    for number in 1000..2000 {
        text.push_str(&format!("exten => {number},1,Dial(PJSIP/phone-{number})\n"));
    }
    fs::write(&path, text).expect("the file can be written");
    let file = path.to_string_lossy().into_owned();
    refused(
        &[&file, "--format", "svg"],
        3,
        "the picture would have 1001 boxes, more than the 300 that SVG can show; draw what one \
         context reaches with --context, or use --format dot and Graphviz\n",
    );
    drawn(&[&file, "--format", "dot"]);
    drawn(&[&file, "--format", "svg", "--context", "small"]);
}

#[test]
fn a_file_is_written_whole() {
    let folder = tempfile::tempdir().expect("a folder for this test");
    let path = folder.path().join("menu.svg");
    let name = path.to_string_lossy().into_owned();
    assert_eq!(drawn(&["menu.conf", "--format", "svg", "-o", &name]), "");
    let written = fs::read_to_string(&path).expect("it was written");
    assert_eq!(written, drawn(&["menu.conf", "--format", "svg"]));
    refused(&["menu.conf", "-o", "gone/menu.svg"], 4, "ivrkit: cannot write gone/menu.svg: ");
}
