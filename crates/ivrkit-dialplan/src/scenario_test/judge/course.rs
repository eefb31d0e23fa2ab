//! The course of a call as lists: what tests compare.

use crate::{
    call::{SoundEnd, What, Why},
    rehearsal::{Happened, Record, ivr_entered},
};

/// One item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// As people read it.
    pub(super) text: String,
    /// The happening that it shows in: an index into the record.
    pub(super) at: usize,
}

/// What a call went through.
#[derive(Debug, Default)]
pub(super) struct Course<'a> {
    /// The IVRs that were entered.
    pub(super) ivrs: Vec<Found>,
    /// `context,exten`, one for each stay.
    pub(super) path: Vec<Found>,
    /// Sounds, with how they ended: `name (whole)`.
    pub(super) heard: Vec<Found>,
    /// `name,field=value,...`.
    pub(super) events: Vec<Found>,
    pub(super) complaints: Vec<Found>,
    /// What ended the call.
    pub(super) why: Option<Why>,
    /// Context and extension of the step before.
    place: Option<(&'a [u8], &'a [u8])>,
}

impl<'a> Course<'a> {
    /// The course of a call; names of sounds are shown without the folder of the prompts.
    pub(super) fn of(record: &'a Record, folder: Option<&str>) -> Self {
        let mut course = Self::default();
        for (at, happening) in record.happenings.iter().enumerate() {
            if let Happened::Call(what) = &happening.what {
                course.add(at, what, folder);
            }
        }
        course
    }

    fn add(&mut self, at: usize, what: &'a What, folder: Option<&str>) {
        match what {
            What::Step { context, exten, priority, .. } => self.step(at, context, exten, *priority),
            What::SoundBegins { name } => {
                self.heard.push(Found { text: shown(name, folder), at });
            }
            What::SoundEnds { name, end } => self.sound_ends(at, &shown(name, folder), *end),
            What::UserEvent { name, fields } => {
                let mut text = String::from_utf8_lossy(name).into_owned();
                for (field, value) in fields {
                    text.push(',');
                    text.push_str(&String::from_utf8_lossy(field));
                    text.push('=');
                    text.push_str(&String::from_utf8_lossy(value));
                }
                self.events.push(Found { text, at });
            }
            What::Complaint { text, .. } => {
                self.complaints.push(Found { text: text.clone(), at });
            }
            What::Ended { why, .. } => self.why = Some(why.clone()),
            _ => {}
        }
    }

    fn step(&mut self, at: usize, context: &'a [u8], exten: &'a [u8], priority: i32) {
        if let Some(number) = ivr_entered(context, exten, priority) {
            self.ivrs.push(Found { text: number.to_string(), at });
        }
        let place = Some((context, exten));
        if std::mem::replace(&mut self.place, place) == place {
            return;
        }
        let mut text = String::with_capacity(context.len() + exten.len() + 1);
        text.push_str(&String::from_utf8_lossy(context));
        text.push(',');
        text.push_str(&String::from_utf8_lossy(exten));
        if self.path.last().is_none_or(|last| last.text != text) {
            self.path.push(Found { text, at });
        }
    }

    fn sound_ends(&mut self, at: usize, name: &str, end: SoundEnd) {
        let text = match end {
            SoundEnd::Whole => format!("{name} (whole)"),
            SoundEnd::CutShort => format!("{name} (cut)"),
            SoundEnd::Missing => format!("{name} (missing)"),
        };
        match self.heard.iter_mut().rev().find(|found| found.text == name) {
            Some(begun) if end != SoundEnd::Missing => begun.text = text,
            _ => self.heard.push(Found { text, at }),
        }
    }
}

fn shown(name: &[u8], folder: Option<&str>) -> String {
    let name = String::from_utf8_lossy(name);
    let below = folder.and_then(|folder| name.strip_prefix(folder)?.strip_prefix('/'));
    below.unwrap_or(&name).to_owned()
}
