//! `CHANNEL(what)`: what the channel is, and its hang-up handlers.

use super::{Called, DONE, failed, truth};
use crate::call::line::Line;

/// What a dialplan can set of a channel.
#[derive(Debug, Default)]
pub(super) struct Settings {
    account: Vec<u8>,
    peer_account: Vec<u8>,
    hangup_source: Vec<u8>,
    music_class: Vec<u8>,
    parking_lot: Vec<u8>,
    user_field: Vec<u8>,
}

/// What there is beside those that [`read`] knows: of every channel, and of those of a driver
/// (`func_channel_read` in `funcs/func_channel.c`, and in `channels/*`).
const NOT_MODELLED: &[&[u8]] = &[
    b"aor",
    b"adsicpe",
    b"appdata",
    b"appname",
    b"audionativeformat",
    b"audioreadformat",
    b"audiowriteformat",
    b"buffers",
    b"call-id",
    b"callgroup",
    b"callid",
    b"channeltype",
    b"contact",
    b"dahdi_channel",
    b"dahdi_group",
    b"dahdi_span",
    b"dahdi_type",
    b"device_name",
    b"dialmode",
    b"digitdetect",
    b"echocan_mode",
    b"endpoint",
    b"faxdetect",
    b"from",
    b"keypad_digits",
    b"lastcontext",
    b"lastexten",
    b"max_forwards",
    b"namedcallgroup",
    b"namedpickupgroup",
    b"no_media_path",
    b"osptoken",
    b"peerip",
    b"peername",
    b"pickupgroup",
    b"recvip",
    b"reversecharge",
    b"rtpdest",
    b"rtpqos",
    b"rtpsource",
    b"rxgain",
    b"secure_bridge_media",
    b"secure_bridge_signaling",
    b"secure_media",
    b"secure_signaling",
    b"t38passthrough",
    b"tdd",
    b"tenantid",
    b"tonezone",
    b"transfercapability",
    b"txgain",
    b"uri",
    b"useragent",
    b"videonativeformat",
];

/// Items of drivers that take arguments: `CHANNEL(rtp,dest)`.
const NOT_MODELLED_FAMILIES: [&[u8]; 4] = [b"pjsip", b"rtcp", b"rtp", b"dahdi"];

/// `CHANNEL(what)`; what a real channel's driver knows is not modelled.
pub(super) fn read(line: &Line, what: &[u8]) -> Called {
    let what = what.to_ascii_lowercase();
    match general(line, &what) {
        Some(called) => called,
        None if is_known(&what) => Called::NotModelled,
        None => failed(line, "CHANNEL knows no such item"),
    }
}

fn is_known(what: &[u8]) -> bool {
    let name = what.split(|&byte| byte == b',').next().unwrap_or_default();
    NOT_MODELLED.contains(&what) || NOT_MODELLED_FAMILIES.contains(&name.trim_ascii())
}

/// What is known of every channel.
fn general(line: &Line, what: &[u8]) -> Option<Called> {
    line.with(|channel| {
        let settings = &channel.facts.settings;
        Some(Called::Value(match what {
            b"name" | b"channame" => channel.setup.channel.clone(),
            b"state" => (if channel.is_answered { "Up" } else { "Ring" }).into(),
            b"language" => channel.setup.language.clone(),
            b"uniqueid" | b"linkedid" => channel.setup.unique_id.clone(),
            b"exten" => channel.exten.to_vec(),
            b"context" => channel.context.to_vec(),
            b"accountcode" => settings.account.clone(),
            b"peeraccount" => settings.peer_account.clone(),
            b"hangupsource" => settings.hangup_source.clone(),
            b"musicclass" => settings.music_class.clone(),
            b"parkinglot" => settings.parking_lot.clone(),
            b"userfield" => settings.user_field.clone(),
            b"peer" | b"after_bridge_goto" | b"dtmf_features" => Vec::new(),
            b"onhold" => b"0".to_vec(),
            b"amaflags" => b"3".to_vec(),
            b"checkhangup" => return Some(truth(channel.hangup.is_asked())),
            _ => return None,
        }))
    })
}

/// `CHANNEL(what)=value`.
pub(super) fn write(line: &Line, what: &[u8], value: &[u8]) -> Called {
    let what = what.to_ascii_lowercase();
    if let Some(how) = what.strip_prefix(b"hangup_handler_") {
        return handler(line, how, value);
    }
    line.with(|channel| {
        let own = &mut channel.facts.settings;
        let field = match &what[..] {
            b"language" => &mut channel.setup.language,
            b"accountcode" => &mut own.account,
            b"peeraccount" => &mut own.peer_account,
            b"hangupsource" => &mut own.hangup_source,
            b"musicclass" => &mut own.music_class,
            b"parkinglot" => &mut own.parking_lot,
            b"userfield" => &mut own.user_field,
            _ => return Called::NotModelled,
        };
        value.clone_into(field);
        DONE
    })
}

impl Settings {
    pub(super) fn account(&self) -> &[u8] {
        &self.account
    }

    pub(super) fn set_account(&mut self, account: &[u8]) {
        account.clone_into(&mut self.account);
    }
}

/// `hangup_handler_push`, `_pop` and `_wipe`: takes none, one or all away, then adds the new one.
fn handler(line: &Line, how: &[u8], value: &[u8]) -> Called {
    let new = (!value.is_empty()).then(|| line.whole_place(value));
    line.with(|channel| {
        let handlers = &mut channel.hangup_handlers;
        match how {
            b"push" => {}
            b"pop" if handlers.is_empty() => {}
            b"pop" => drop(handlers.remove(0)),
            b"wipe" => handlers.clear(),
            _ => return Called::NotModelled,
        }
        if let Some(new) = new {
            handlers.insert(0, new);
        }
        DONE
    })
}
