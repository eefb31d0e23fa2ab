//! What all calls of a simulated PBX share, and how they enter its dialplan.
//!
//! Must not know clocks: the calendar is an argument.

use super::length::Lengths;
use ivrkit_dialplan::{
    call::{Call, Pbx, Redirect, Setup},
    scenario::{Number, Scenario},
};
use std::sync::Arc;

/// What all walks share.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) scenario: Scenario,
    pbx: Arc<Pbx>,
    calendar: Calendar,
    /// Seed of the dialplan's random functions.
    seed: u64,
}

/// What the PBX's clock shows when the walks' clock begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    /// Milliseconds since 1970.
    pub(super) epoch_ms: i64,
    /// How far local time is ahead of UTC, in seconds.
    pub(super) utc_offset_s: i32,
}

impl Plan {
    /// A PBX whose prompts have these lengths.
    pub(super) fn new(
        scenario: Scenario,
        pbx: &Pbx,
        lengths: &Lengths,
        calendar: Calendar,
        seed: u64,
    ) -> Self {
        let pbx = Arc::new(pbx.with_sounds(Arc::new(lengths.sounds(&scenario))));
        Self { scenario, pbx, calendar, seed }
    }

    /// A call with this number that enters the dialplan where an IVR is reached.
    pub(super) fn call(&self, ivr: &Number, number: &str, now_ms: u64) -> Call {
        let epoch_ms = self.calendar.epoch_ms.saturating_add_unsigned(now_ms);
        let part_ms = u16::try_from(epoch_ms.rem_euclid(1000)).expect("less than 1000");
        let Redirect { context, exten, priority } = place_of(ivr);
        let setup = Setup {
            context,
            exten,
            priority,
            caller_number: Some(number.into()),
            variables: self.callee_number(number).into_iter().collect(),
            epoch_s: epoch_ms.div_euclid(1000),
            epoch_part_ms: part_ms,
            utc_offset_s: self.calendar.utc_offset_s,
            seed: self.seed.wrapping_add(now_ms),
            ..Setup::default()
        };
        Call::begin(Arc::clone(&self.pbx), setup)
    }

    /// The variable in which the dialplan expects the callee's number, if it is one of its own.
    fn callee_number(&self, number: &str) -> Option<(Vec<u8>, Vec<u8>)> {
        let settings = self.scenario.profiles.get(&self.scenario.profile)?;
        let name = settings.callee_number.as_str();
        (name != "CALLERID(num)").then(|| (name.into(), number.into()))
    }
}

/// Where the PBX sends calls for an IVR.
pub(super) fn place_of(ivr: &Number) -> Redirect {
    Redirect { context: b"ivrs".to_vec(), exten: ivr.as_str().into(), priority: 1 }
}
