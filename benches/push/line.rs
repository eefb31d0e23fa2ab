//! A long line in one machine: every packet that is routed into a TUN device comes back after half a
//! round trip, as if from the other end.
//!
//! The device's own address and its peer's change places in each packet, so that what is sent to the
//! peer arrives at this very machine, over real TCP; the sum of both stays the same, and with it every
//! checksum. Built and started by `benches/push/run`. Usage: `line DEVICE DELAY_US [BYTES_PER_S]`.

use std::{
    env,
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::fd::AsRawFd,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// Largest packet of a device.
const MAX_PACKET_BYTES: usize = 65_536;
/// Facts: linux/if_tun.h.
const TUNSETIFF: u64 = 0x4004_54ca;
const IFF_TUN: u16 = 0x0001;
const IFF_NO_PI: u16 = 0x1000;

unsafe extern "C" {
    fn ioctl(fd: i32, request: u64, argument: *mut u8) -> i32;
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let number = |index: usize| arguments.get(index).map(|text| text.parse().expect("a number"));
    let delay = Duration::from_micros(number(2).expect("DEVICE DELAY_US [BYTES_PER_S]"));
    let bytes_per_s: Option<u64> = number(3);
    let mut device = open(&arguments[1]);
    let mut back = device.try_clone().expect("a descriptor can be copied");
    let (sender, packets) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        for (due, packet) in packets {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            // A packet that the machine does not take is lost, as on any line.
            let _written = back.write(&packet);
        }
    });
    println!("ready");
    let mut buffer = vec![0; MAX_PACKET_BYTES];
    let mut free = Instant::now();
    loop {
        let length = device.read(&mut buffer).expect("the device stays");
        let packet = &mut buffer[..length];
        if length < 20 || packet[0] >> 4 != 4 {
            continue;
        }
        let (source, rest) = packet[12..].split_at_mut(4);
        source.swap_with_slice(&mut rest[..4]);
        free = free.max(Instant::now());
        if let Some(bytes_per_s) = bytes_per_s {
            free += Duration::from_nanos(length as u64 * 1_000_000_000 / bytes_per_s);
        }
        sender.send((free + delay, packet.to_vec())).expect("the other thread stays");
    }
}

fn open(name: &str) -> File {
    let device = OpenOptions::new().read(true).write(true).open("/dev/net/tun");
    let device = device.expect("/dev/net/tun can be opened");
    // struct ifreq: a name of 16 bytes, then the flags.
    let mut request = [0_u8; 40];
    request[..name.len()].copy_from_slice(name.as_bytes());
    request[16..18].copy_from_slice(&(IFF_TUN | IFF_NO_PI).to_ne_bytes());
    // SAFETY: the request is as long as the struct that the call reads.
    let set = unsafe { ioctl(device.as_raw_fd(), TUNSETIFF, request.as_mut_ptr()) };
    assert_eq!(set, 0, "the device {name} can be used");
    device
}
