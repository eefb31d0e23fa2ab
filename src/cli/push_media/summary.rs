//! The plan and the summary of a push, for people and for programs.

use super::display;
use crate::push::{
    Report,
    path::RelativePath,
    plan::{Change, Plan},
};
use serde::Serialize;
use serde_json::{Value, json};

/// Most names that a summary for people gives.
const MAX_NAMES: usize = 20;

/// Prints what a push would do.
pub(super) fn print_plan(plan: &Plan, delete: bool) {
    for folder in &plan.folders {
        println!("make     {folder}/");
    }
    for file in &plan.files {
        println!("{:<9}{} ({})", word(file.change), file.path, size(file.size_bytes));
    }
    let left = |what: &str, paths: &[RelativePath]| {
        for path in paths {
            println!("{what:<9}{path}");
        }
    };
    left("foreign", &plan.foreign);
    left(if delete { "delete" } else { "stale" }, &plan.stale);
    let stale = match plan.stale.len() {
        0 => String::new(),
        count if delete => format!("{count} to delete, "),
        count => format!("{count} stale, "),
    };
    println!(
        "{}: {} to upload ({}), {} unchanged, {stale}{} foreign; nothing was changed",
        prompts(plan.files.len()),
        plan.uploads().count(),
        size(plan.upload_bytes()),
        plan.count(Change::Unchanged),
        plan.foreign.len(),
    );
}

/// Prints what a push did: the counts, and then the names of what changed.
pub(super) fn print(report: &Report) {
    let plan = &report.plan;
    let gone = |count: usize, what: &str| match count {
        0 => String::new(),
        count => format!(", {count} {what}"),
    };
    println!(
        "{}: {} uploaded, {} unchanged, {} foreign{}{}; {} in {:.1} s",
        prompts(plan.files.len()),
        plan.uploads().count(),
        plan.count(Change::Unchanged),
        plan.foreign.len(),
        gone(left(report), "no longer in the source"),
        gone(report.deleted.len(), "deleted"),
        size(plan.upload_bytes()),
        report.duration.as_secs_f64(),
    );
    let uploads = plan.uploads().map(|file| (word(file.change), &file.path));
    let deleted = report.deleted.iter().map(|path| ("deleted", path));
    for (what, path) in uploads.chain(deleted).take(MAX_NAMES) {
        println!("  {what:<9}{path}");
    }
    let more = (plan.uploads().count() + report.deleted.len()).saturating_sub(MAX_NAMES);
    if more > 0 {
        println!("  ... and {more} more");
    }
}

/// Writes the plan as one line of JSON; names are given, never reordered or taken out.
pub(super) fn emit_plan(report: &Report, delete: bool) {
    #[derive(Serialize)]
    struct Answer<'a> {
        dry_run: bool,
        uploaded: usize,
        new: usize,
        changed: usize,
        unchanged: usize,
        bytes: u64,
        delete: bool,
        duration_s: f64,
        #[serde(flatten)]
        plan: &'a Plan,
    }
    let plan = &report.plan;
    let answer = Answer {
        dry_run: true,
        uploaded: 0,
        new: plan.count(Change::New),
        changed: plan.count(Change::Changed),
        unchanged: plan.count(Change::Unchanged),
        bytes: plan.upload_bytes(),
        delete,
        duration_s: report.duration.as_secs_f64(),
        plan,
    };
    display::emit("plan", &answer);
}

/// Writes the summary as one line of JSON.
pub(super) fn emit(report: &Report) {
    let mut fields = counts(&report.plan);
    let deleted: Vec<_> = report.deleted.iter().map(RelativePath::to_text).collect();
    fields["dry_run"] = json!(false);
    fields["uploaded"] = json!(report.plan.uploads().count());
    fields["stale"] = json!(left(report));
    fields["deleted"] = json!(deleted);
    fields["reconnections"] = json!(report.reconnections);
    fields["duration_s"] = json!(report.duration.as_secs_f64());
    display::emit("summary", &fields);
}

/// How much there is of what.
pub(super) fn counts(plan: &Plan) -> Value {
    json!({
        "files": plan.files.len(),
        "new": plan.count(Change::New),
        "changed": plan.count(Change::Changed),
        "unchanged": plan.count(Change::Unchanged),
        "stale": plan.stale.len(),
        "foreign": plan.foreign.len(),
        "bytes": plan.upload_bytes(),
    })
}

/// A number of prompts in words.
pub(super) fn prompts(count: usize) -> String {
    format!("{count} prompt{}", if count == 1 { "" } else { "s" })
}

/// A number of bytes as people say it.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", (bytes + 500) / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

/// Stale files that are still there.
fn left(report: &Report) -> usize {
    report.plan.stale.len().saturating_sub(report.deleted.len())
}

fn word(change: Change) -> &'static str {
    match change {
        Change::New => "new",
        Change::Changed => "changed",
        Change::Unchanged => "same",
    }
}
