//! The table of hostile files: what each is, and what must become of it.
//!
//! A new finding is a line here.

use crate::making::{Case, FRAMES, Fmt, TELEPHONE, Verdict, raw, rf64, riff, rifx, sound, tidy};
use Verdict::{Reads, Refused};

/// Every file of the table.
pub(crate) fn table() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |group: &str, rows: Vec<(&str, Vec<u8>, Verdict)>| {
        for (name, bytes, verdict) in rows {
            let verdict = of_this_build(group, name, verdict);
            cases.push(Case { name: format!("{group}: {name}"), bytes, verdict });
        }
    };
    add("cut off", cut_off());
    add("size of data", data_sizes());
    add("size of the rest", other_sizes());
    add("chunks", chunks());
    add("more than one", more_than_one());
    add("fmt", fmt_fields());
    add("extensible", extensible());
    add("samples", samples());
    add("sisters", sisters());
    add("encodings", encodings());
    add("in front", in_front());
    add("renamed", renamed());
    add("flac", flac());
    add("mp3", mp3());
    cases
}

/// Built without their decoders, FLAC and MP3 are refused by their names, whole or damaged.
fn of_this_build(group: &str, name: &str, verdict: Verdict) -> Verdict {
    let is_other = ["inside WAV", "the tag alone"].contains(&name);
    match group {
        _ if cfg!(feature = "compressed-sources") || is_other => verdict,
        "flac" => Refused("found a FLAC file, expected WAV; export the prompt as WAV"),
        "mp3" => Refused("found an MP3 file, expected WAV; export the prompt as WAV"),
        _ => verdict,
    }
}

type Rows = Vec<(&'static str, Vec<u8>, Verdict)>;

fn good() -> Vec<u8> {
    TELEPHONE.file(&sound())
}

/// A tidy file with one byte run replaced.
fn with(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = good();
    file[at..at + bytes.len()].copy_from_slice(bytes);
    file
}

/// A file whose `data` says this size.
fn data_says(size: u32, data: &[u8]) -> Vec<u8> {
    riff(&[TELEPHONE.chunk(), raw(b"data", size, data)])
}

fn cut_off() -> Rows {
    let list = tidy(b"LIST", b"INFO");
    let whole = riff(&[
        TELEPHONE.chunk(),
        tidy(b"fact", &[0; 4]),
        list.clone(),
        tidy(b"data", &sound()),
        list,
    ]);
    let at = |end: usize| whole[..end].to_vec();
    vec![
        ("no byte", at(0), Refused("the file is empty")),
        ("one byte", at(1), Refused("found a text file")),
        ("behind RIFF", at(4), Refused("a RIFF file that is not WAVE")),
        ("behind the RIFF size", at(8), Refused("a RIFF file that is not WAVE")),
        ("inside WAVE", at(11), Refused("a RIFF file that is not WAVE")),
        ("behind WAVE", at(12), Refused("there is no `fmt ` chunk")),
        ("behind the name of fmt", at(16), Refused("there is no `fmt ` chunk")),
        (
            "behind the header of fmt",
            at(20),
            Refused("the chunk `fmt ` at byte 12 says 16 bytes, the file has 0 more"),
        ),
        (
            "inside fmt",
            at(35),
            Refused("the chunk `fmt ` at byte 12 says 16 bytes, the file has 15 more"),
        ),
        ("behind fmt", at(36), Refused("there is no `data` chunk")),
        (
            "behind the header of fact",
            at(44),
            Refused("the chunk `fact` at byte 36 says 4 bytes, the file has 0 more"),
        ),
        ("behind fact", at(48), Refused("there is no `data` chunk")),
        (
            "inside LIST",
            at(58),
            Refused("the chunk `LIST` at byte 48 says 4 bytes, the file has 2 more"),
        ),
        ("behind LIST", at(60), Refused("there is no `data` chunk")),
        ("behind the name of data", at(64), Refused("there is no `data` chunk")),
        (
            "behind the header of data",
            at(68),
            Refused("the `data` chunk says 800 bytes, 0 are there"),
        ),
        ("one byte of sound", at(69), Refused("the `data` chunk says 800 bytes, 1 are there")),
        (
            "one byte short",
            at(867),
            Refused("the file is cut off: the `data` chunk says 800 bytes, 799 are there"),
        ),
        ("behind the sound", at(868), Reads(FRAMES)),
        ("behind the name of LIST", at(872), Reads(FRAMES)),
        ("behind the header of LIST", at(876), Reads(FRAMES)),
        ("not at all", at(880), Reads(FRAMES)),
    ]
}

fn data_sizes() -> Rows {
    let list = tidy(b"LIST", b"INFOISFT\x05\0\0\0sox.\0\0");
    let with_list = [sound(), list].concat();
    let odd = [sound(), vec![9]].concat();
    vec![
        ("-1", data_says(u32::MAX, &sound()), Reads(FRAMES)),
        ("-8", data_says(0xFFFF_FFF8, &sound()), Reads(FRAMES)),
        ("-1, LIST behind", data_says(u32::MAX, &with_list), Reads(FRAMES)),
        ("-1 less a header", data_says(0xFFFF_FFDB, &sound()), Reads(FRAMES)),
        ("0x7FFFFFFF", data_says(0x7FFF_FFFF, &sound()), Reads(FRAMES)),
        ("0x7FFFF000, LIST behind", data_says(0x7FFF_F000, &with_list), Reads(FRAMES)),
        ("0x80000000", data_says(0x8000_0000, &sound()), Reads(FRAMES)),
        ("2000000000", data_says(2_000_000_000, &sound()), Reads(FRAMES)),
        (
            "0x7FFEFFFF is none of a stream",
            data_says(0x7FFE_FFFF, &sound()),
            Refused("the file is cut off: the `data` chunk says 2147418111 bytes"),
        ),
        ("0, sound behind", data_says(0, &sound()), Reads(FRAMES)),
        ("0, nothing behind", data_says(0, b""), Refused("the `data` chunk is empty")),
        (
            "0, LIST behind",
            data_says(0, &tidy(b"LIST", b"INFO")),
            Refused("the `data` chunk is empty"),
        ),
        ("-1, nothing behind", data_says(u32::MAX, b""), Refused("the `data` chunk is empty")),
        ("1", data_says(1, &[1, 0]), Refused("the `data` chunk is empty")),
        ("odd, padded", riff(&[TELEPHONE.chunk(), tidy(b"data", &odd)]), Reads(FRAMES)),
        ("odd, without pad", data_says(801, &odd), Reads(FRAMES)),
        (
            "odd, cut by one",
            data_says(801, &sound()),
            Refused("the `data` chunk says 801 bytes, 800 are there"),
        ),
        (
            "one more than there is",
            data_says(801, &sound()[..799]),
            Refused("says 801 bytes, 799 are there"),
        ),
        ("half of the sound", data_says(400, &sound()), Refused("belong to no chunk")),
        ("two bytes less", data_says(798, &sound()), Reads(FRAMES - 1)),
        ("-1, a million zeros behind", data_says(u32::MAX, &[0; 1_000_000]), Reads(500_000)),
        ("fits, zeros behind", [good(), vec![0; 4_096]].concat(), Reads(FRAMES)),
        ("fits, a line end behind", [good(), b"\r\n".to_vec()].concat(), Reads(FRAMES)),
        (
            "fits, rubbish behind",
            [good(), vec![0xA5; 64]].concat(),
            Refused("64 bytes from byte 844 on belong to no chunk"),
        ),
    ]
}

fn other_sizes() -> Rows {
    let data = tidy(b"data", &sound());
    let list = |size: u32| riff(&[TELEPHONE.chunk(), raw(b"LIST", size, b"INFO"), data.clone()]);
    let fmt = |size: u32| riff(&[raw(b"fmt ", size, &TELEPHONE.body()), data.clone()]);
    let long_fmt = [TELEPHONE.body(), vec![0; 100_000]].concat();
    vec![
        ("RIFF says 0", with(4, &[0; 4]), Reads(FRAMES)),
        ("RIFF says -1", with(4, &[0xFF; 4]), Reads(FRAMES)),
        ("RIFF says -8", with(4, &[0xF8, 0xFF, 0xFF, 0xFF]), Reads(FRAMES)),
        ("RIFF says half", with(4, &[100, 0, 0, 0]), Reads(FRAMES)),
        (
            "LIST says -8",
            list(0xFFFF_FFF8),
            Refused("the chunk `LIST` at byte 36 says 4294967288 bytes"),
        ),
        (
            "LIST says -1",
            list(u32::MAX),
            Refused("the chunk `LIST` at byte 36 says 4294967295 bytes"),
        ),
        (
            "LIST says 0x7FFFFFFF",
            list(0x7FFF_FFFF),
            Refused("the chunk `LIST` at byte 36 says 2147483647 bytes"),
        ),
        ("LIST says all", list(812), Refused("there is no `data` chunk")),
        (
            "LIST says one more than all",
            list(813),
            Refused("the chunk `LIST` at byte 36 says 813 bytes, the file has 812 more"),
        ),
        (
            "fmt says 0",
            fmt(0),
            Refused("the `fmt ` chunk at byte 12: it has 0 bytes, expected 16 or more"),
        ),
        (
            "fmt says 14",
            riff(&[raw(b"fmt ", 14, &TELEPHONE.body()[..14]), data.clone()]),
            Refused("it has 14 bytes, expected 16 or more"),
        ),
        ("fmt says 15", fmt(15), Refused("it has 15 bytes, expected 16 or more")),
        (
            "fmt says -8",
            fmt(0xFFFF_FFF8),
            Refused("the chunk `fmt ` at byte 12 says 4294967288 bytes"),
        ),
        (
            "fmt of 18",
            riff(&[tidy(b"fmt ", &[TELEPHONE.body(), vec![0, 0]].concat()), data.clone()]),
            Reads(FRAMES),
        ),
        (
            "fmt of 17",
            riff(&[tidy(b"fmt ", &[TELEPHONE.body(), vec![0]].concat()), data.clone()]),
            Reads(FRAMES),
        ),
        ("fmt of 100016", riff(&[tidy(b"fmt ", &long_fmt), data.clone()]), Reads(FRAMES)),
    ]
}

fn chunks() -> Rows {
    let (fmt, data) = (TELEPHONE.chunk(), tidy(b"data", &sound()));
    let cue = tidy(
        b"cue ",
        &[
            1, 0, 0, 0, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, b'd', b'a', b't', b'a', 0, 0, 0, 0, 0,
            0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
        ],
    );
    let around =
        |before: Vec<u8>, after: Vec<u8>| riff(&[fmt.clone(), before, data.clone(), after]);
    let none = Vec::new;
    let nested = (0..20_000).fold(b"INFO".to_vec(), |inner, _| {
        if inner.len() < 100_000 {
            [b"LIST".as_slice(), &tidy(b"LIST", &inner)].concat()
        } else {
            inner
        }
    });
    let storm = |id: &[u8; 4], count: usize| raw(id, 0, b"").repeat(count);
    vec![
        ("cue beyond data", around(none(), cue), Reads(FRAMES)),
        ("odd bext, padded", around(tidy(b"bext", b"abc"), none()), Reads(FRAMES)),
        ("odd bext, without pad", around(raw(b"bext", 3, b"abc"), none()), Reads(FRAMES)),
        ("odd bext, padded with rubbish", around(raw(b"bext", 3, b"abcX"), none()), Reads(FRAMES)),
        (
            "odd C2PA in front and behind",
            around(tidy(b"C2PA", &[7; 4_001]), tidy(b"C2PA", &[7; 4_001])),
            Reads(FRAMES),
        ),
        ("unknown name", around(tidy(b"what", b"ever"), tidy(b"when", b"ever")), Reads(FRAMES)),
        (
            "name that is not UTF-8",
            riff(&[raw(b"\xFF\xFE\xFD\xFC", 4, b"1234"), fmt.clone(), data.clone()]),
            Refused("there is no `fmt ` chunk"),
        ),
        (
            "name of zeros between",
            riff(&[fmt.clone(), vec![0; 64], data.clone()]),
            Refused("there is no `data` chunk"),
        ),
        ("fmt behind data", riff(&[data.clone(), fmt.clone()]), Reads(FRAMES)),
        (
            "FMT in capitals",
            riff(&[raw(b"FMT ", 16, &TELEPHONE.body()), data.clone()]),
            Refused("there is no `fmt ` chunk"),
        ),
        ("no fmt", riff(std::slice::from_ref(&data)), Refused("there is no `fmt ` chunk")),
        ("no data", riff(std::slice::from_ref(&fmt)), Refused("there is no `data` chunk")),
        ("LIST inside LIST, deep", around(tidy(b"LIST", &nested), none()), Reads(FRAMES)),
        ("data inside LIST", around(tidy(b"LIST", &data), none()), Reads(FRAMES)),
        (
            "a million tiny chunks in front",
            around(storm(b"JUNK", 1_000_000), none()),
            Reads(FRAMES),
        ),
        ("a million tiny chunks behind", around(none(), storm(b"PAD ", 1_000_000)), Reads(FRAMES)),
        (
            "more tiny chunks than any file has",
            around(storm(b"PAD ", 1_100_000), none()),
            Refused("more than 1048576 chunks"),
        ),
        (
            "a storm behind sound of unknown size",
            [data_says(u32::MAX, &sound()), storm(b"PAD ", 8_192), vec![b'x'; 9]].concat(),
            Reads(FRAMES + (8_192 * 8 + 9_usize).div_euclid(2)),
        ),
        (
            "a storm behind data of size 0",
            data_says(0, &storm(b"LIST", 1_000_000)),
            Refused("the `data` chunk is empty"),
        ),
        ("LIST behind, cut off", around(none(), raw(b"LIST", 4_000, b"INFO")), Reads(FRAMES)),
        ("LIST behind says -8", around(none(), raw(b"LIST", 0xFFFF_FFF8, b"INFO")), Reads(FRAMES)),
        ("JUNK of 60000 in front", around(tidy(b"JUNK", &[0; 60_000]), none()), Reads(FRAMES)),
        ("sound that spells RIFF", TELEPHONE.file(&b"RIFFRIFFdataWAVE".repeat(10)), Reads(80)),
    ]
}

fn more_than_one() -> Rows {
    let (fmt, data) = (TELEPHONE.chunk(), tidy(b"data", &sound()));
    let other = Fmt::pcm(2, 16_000, 16).chunk();
    vec![
        (
            "two data",
            riff(&[fmt.clone(), data.clone(), data.clone()]),
            Refused("a second `data` chunk at byte 844"),
        ),
        (
            "two data, one empty",
            riff(&[fmt.clone(), data.clone(), tidy(b"data", b"")]),
            Refused("a second `data` chunk at byte 844"),
        ),
        (
            "two data, LIST between",
            riff(&[fmt.clone(), data.clone(), tidy(b"LIST", b"INFO"), data.clone()]),
            Refused("a second `data` chunk at byte 856"),
        ),
        ("two fmt, alike", riff(&[fmt.clone(), fmt.clone(), data.clone()]), Reads(FRAMES)),
        (
            "two fmt that differ",
            riff(&[fmt.clone(), other.clone(), data.clone()]),
            Refused("a second `fmt ` chunk at byte 36 contradicts the first"),
        ),
        (
            "another fmt behind data",
            riff(&[fmt.clone(), data.clone(), other]),
            Refused("a second `fmt ` chunk at byte 844 contradicts"),
        ),
        ("two files", [good(), good()].concat(), Refused("a second WAV file begins at byte 844")),
        (
            "two files, the first of a stream",
            [data_says(u32::MAX, &sound()), good()].concat(),
            Refused("a second WAV file begins at byte 844"),
        ),
        (
            "two files, both of a stream",
            data_says(0x7FFF_F000, &sound()).repeat(2),
            Refused("a second WAV file begins at byte 844"),
        ),
        (
            "two files, the first of size 0",
            [data_says(0, &sound()), good()].concat(),
            Refused("a second WAV file begins at byte 844"),
        ),
        ("a hundred files", good().repeat(100), Refused("a second WAV file begins at byte 844")),
        (
            "RIFX behind RIFF",
            [good(), rifx(TELEPHONE, &sound(), 2)].concat(),
            Refused("a second WAV file begins at byte 844"),
        ),
    ]
}

fn fmt_fields() -> Rows {
    let file = |fmt: Fmt| fmt.file(&sound());
    let lying = |fmt: Fmt, frame_bytes| file(Fmt { frame_bytes, ..fmt });
    vec![
        (
            "0 channels",
            file(Fmt { channels: 0, ..TELEPHONE }),
            Refused("the `fmt ` chunk at byte 12: found 0 channels, expected 1 to 8"),
        ),
        ("9 channels", file(Fmt::pcm(9, 8_000, 16)), Refused("found 9 channels")),
        (
            "65535 channels",
            file(Fmt { channels: 65_535, ..TELEPHONE }),
            Refused("found 65535 channels"),
        ),
        ("8 channels", file(Fmt::pcm(8, 8_000, 16)), Reads(FRAMES / 8)),
        (
            "rate 0",
            file(Fmt::pcm(1, 0, 16)),
            Refused("found a sample rate of 0 Hz, expected 4000 to 192000"),
        ),
        ("rate 1", file(Fmt::pcm(1, 1, 16)), Refused("found a sample rate of 1 Hz")),
        ("rate 3999", file(Fmt::pcm(1, 3_999, 16)), Refused("found a sample rate of 3999 Hz")),
        ("rate 4000", file(Fmt::pcm(1, 4_000, 16)), Reads(FRAMES)),
        ("rate 192000", file(Fmt::pcm(1, 192_000, 16)), Reads(FRAMES)),
        (
            "rate 192001",
            file(Fmt::pcm(1, 192_001, 16)),
            Refused("found a sample rate of 192001 Hz"),
        ),
        (
            "rate 2^32-1",
            file(Fmt::pcm(1, u32::MAX, 16)),
            Refused("found a sample rate of 4294967295 Hz"),
        ),
        ("a rate with no common factor", file(Fmt::pcm(1, 191_999, 16)), Reads(FRAMES)),
        (
            "block align 0",
            lying(TELEPHONE, 0),
            Refused("a frame of 1 channels cannot have 0 bytes"),
        ),
        (
            "block align 1",
            lying(TELEPHONE, 1),
            Refused("samples of 16 bits in 1 bytes do not exist in PCM"),
        ),
        (
            "block align 3 of stereo",
            lying(Fmt::pcm(2, 8_000, 16), 3),
            Refused("a frame of 2 channels cannot have 3 bytes"),
        ),
        (
            "block align 65535",
            lying(TELEPHONE, 65_535),
            Refused("samples of 16 bits in 65535 bytes"),
        ),
        ("byte rate 0", file(Fmt { bytes_a_second: 0, ..TELEPHONE }), Reads(FRAMES)),
        ("byte rate that lies", file(Fmt { bytes_a_second: u32::MAX, ..TELEPHONE }), Reads(FRAMES)),
        ("bits 0", file(Fmt { bits: 0, ..TELEPHONE }), Refused("samples of 0 bits in 2 bytes")),
        ("bits 1", file(Fmt { bits: 1, ..TELEPHONE }), Refused("samples of 1 bits in 2 bytes")),
        ("bits 7 in 1 byte", file(Fmt::pcm(1, 8_000, 7)), Reads(2 * FRAMES)),
        ("bits 12 in 2 bytes", file(Fmt::pcm(1, 8_000, 12)), Reads(FRAMES)),
        (
            "bits 17 in 2 bytes",
            file(Fmt { bits: 17, ..TELEPHONE }),
            Refused("samples of 17 bits in 2 bytes"),
        ),
        ("bits 20 in 3 bytes", file(Fmt::pcm(1, 8_000, 20)), Reads(800 / 3)),
        (
            "bits 24 in 4 bytes",
            file(Fmt { frame_bytes: 4, bits: 24, ..TELEPHONE }),
            Reads(FRAMES / 2),
        ),
        (
            "bits 64",
            file(Fmt::pcm(1, 8_000, 64)),
            Refused("samples of 64 bits in 8 bytes do not exist in PCM"),
        ),
        ("bits 65535", file(Fmt { bits: 65_535, ..TELEPHONE }), Refused("samples of 65535 bits")),
        (
            "float of 16 bits",
            file(Fmt::of(3, 1, 8_000, 16)),
            Refused("samples of 16 bits in 2 bytes do not exist in float"),
        ),
        ("A-law of 16 bits", file(Fmt::of(6, 1, 8_000, 16)), Refused("do not exist in A-law")),
        ("u-law of 8 bits", file(Fmt::of(7, 1, 8_000, 8)), Reads(2 * FRAMES)),
        (
            "less than a frame",
            Fmt::pcm(8, 8_000, 32).file(&sound()[..31]),
            Refused("the `data` chunk is empty"),
        ),
    ]
}

fn extensible() -> Rows {
    let data = tidy(b"data", &sound());
    let file = |fmt: Vec<u8>| riff(&[fmt, data.clone()]);
    let pcm = |channels: u16| Fmt::pcm(channels, 8_000, 16);
    let mut private = TELEPHONE.extensible(16, 4, 1);
    private[8 + 26] = 0x99;
    let mut short = TELEPHONE.extensible(16, 4, 1);
    short.truncate(8 + 38);
    short[4] = 38;
    vec![
        ("valid bits 12 of 16", file(TELEPHONE.extensible(12, 4, 1)), Reads(FRAMES)),
        ("valid bits 0", file(TELEPHONE.extensible(0, 4, 1)), Reads(FRAMES)),
        ("valid bits 65535", file(TELEPHONE.extensible(65_535, 4, 1)), Reads(FRAMES)),
        ("mask 0", file(pcm(2).extensible(16, 0, 1)), Reads(FRAMES / 2)),
        ("mask of one for two channels", file(pcm(2).extensible(16, 4, 1)), Reads(FRAMES / 2)),
        ("mask of all ones", file(pcm(8).extensible(16, u32::MAX, 1)), Reads(FRAMES / 8)),
        (
            "sub-format float in 16 bits",
            file(TELEPHONE.extensible(16, 4, 3)),
            Refused("do not exist in float"),
        ),
        ("sub-format A-law", file(Fmt::pcm(1, 8_000, 8).extensible(8, 4, 6)), Reads(2 * FRAMES)),
        ("sub-format ADPCM", file(TELEPHONE.extensible(16, 4, 2)), Refused("Microsoft ADPCM")),
        (
            "sub-format extensible",
            file(TELEPHONE.extensible(16, 4, 0xFFFE)),
            Refused("a private sub-format"),
        ),
        ("private sub-format", file(private), Refused("a private sub-format (0xFFFE)")),
        ("two bytes short", file(short), Refused("it has 38 bytes, expected 40 or more")),
        (
            "no extension at all",
            file(Fmt { tag: 0xFFFE, ..TELEPHONE }.chunk()),
            Refused("it has 16 bytes, expected 40 or more"),
        ),
    ]
}

fn samples() -> Rows {
    let f32s = |samples: &[f32]| {
        let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        Fmt::of(3, 1, 8_000, 32).file(&data)
    };
    let f64s = |samples: &[f64]| {
        let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        Fmt::of(3, 1, 8_000, 64).file(&data)
    };
    let mut late = vec![0.5_f32; 100_000];
    late[99_999] = f32::NAN;
    vec![
        (
            "NaN",
            f32s(&[0.5, f32::NAN]),
            Refused("frame 1 holds NaN, expected numbers from -1 to 1"),
        ),
        (
            "NaN with a sign and a payload",
            f32s(&[f32::from_bits(0xFF80_0001)]),
            Refused("frame 0 holds NaN"),
        ),
        ("NaN in the last of many", f32s(&late), Refused("frame 99999 holds NaN")),
        ("infinity", f32s(&[0.5, 0.5, f32::INFINITY]), Refused("frame 2 holds infinity")),
        (
            "minus infinity of 64 bits",
            f64s(&[f64::NEG_INFINITY]),
            Refused("frame 0 holds infinity"),
        ),
        ("64 bits beyond 32", f64s(&[0.5, 1e300]), Refused("frame 1 holds infinity")),
        ("denormal", f32s(&[f32::from_bits(1), -f32::from_bits(1), 0.5]), Reads(3)),
        ("denormal of 64 bits", f64s(&[f64::from_bits(1), 0.5]), Reads(2)),
        ("minus zero", f32s(&[-0.0, 0.5]), Reads(2)),
        ("just too loud is limited", f32s(&[7.9, -7.9]), Reads(2)),
        (
            "integers as floats",
            f32s(&[0.0, 12_000.0]),
            Refused(
                "frame 1 holds 12000, expected numbers from -1 to 1; the samples were not scaled",
            ),
        ),
        ("full scale of 16 bits", TELEPHONE.file(&[0, 0x80, 0xFF, 0x7F]), Reads(2)),
        ("silence", TELEPHONE.file(&[0; 200]), Reads(100)),
        ("one sample", TELEPHONE.file(&[1, 1]), Reads(1)),
    ]
}

fn sisters() -> Rows {
    let sound = sound();
    let floats: Vec<u8> =
        [0.25_f32, -0.25].iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let rf64_of = |bytes: u64| rf64(b"RF64", bytes, &[], &sound);
    let rf64_without =
        [raw(b"RF64", u32::MAX, b"WAVE"), TELEPHONE.chunk(), raw(b"data", u32::MAX, &sound)]
            .concat();
    let short =
        [raw(b"RF64", u32::MAX, b"WAVE"), raw(b"ds64", 8, &[0; 8]), TELEPHONE.chunk()].concat();
    let mut many_rows = rf64_of(800);
    many_rows[12 + 8 + 24..][..4].fill(0xFF);
    let mut little_in_big = good();
    little_in_big[3] = b'X';
    let mut row = [0_u64, 800, 0].iter().flat_map(|size| size.to_le_bytes()).collect::<Vec<_>>();
    row.extend([1, 0, 0, 0, b'b', b'e', b'x', b't', 6, 0, 0, 0, 0, 0, 0, 0]);
    let with_row = [
        raw(b"BW64", u32::MAX, b"WAVE"),
        tidy(b"ds64", &row),
        raw(b"bext", u32::MAX, b"abcdef"),
        TELEPHONE.chunk(),
        raw(b"data", u32::MAX, &sound),
    ];
    vec![
        ("RF64", rf64_of(800), Reads(FRAMES)),
        ("BW64", rf64(b"BW64", 800, &[tidy(b"axml", b"<x/>")], &sound), Reads(FRAMES)),
        ("a size of 64 bits for bext", with_row.concat(), Reads(FRAMES)),
        ("ds64 says 0", rf64_of(0), Reads(FRAMES)),
        ("ds64 says -1", rf64_of(u64::MAX), Reads(FRAMES)),
        ("ds64 says 2^63", rf64_of(1 << 63), Reads(FRAMES)),
        ("ds64 says more", rf64_of(802), Refused("the `data` chunk says 802 bytes, 800 are there")),
        ("ds64 says half", rf64_of(400), Refused("belong to no chunk")),
        (
            "ds64 of 8 bytes",
            short,
            Refused("the chunk `ds64` at byte 12 has 8 bytes, expected 28 or more"),
        ),
        ("ds64 with 2^32-1 rows", many_rows, Reads(FRAMES)),
        ("no ds64", rf64_without, Reads(FRAMES)),
        (
            "RF64 without anything",
            raw(b"RF64", u32::MAX, b"WAVE"),
            Refused("there is no `fmt ` chunk"),
        ),
        ("RIFX", rifx(TELEPHONE, &sound, 2), Reads(FRAMES)),
        ("RIFX with floats", rifx(Fmt::of(3, 1, 8_000, 32), &floats, 4), Reads(2)),
        ("RIFX of 24 bits, stereo", rifx(Fmt::pcm(2, 48_000, 24), &sound[..600], 3), Reads(100)),
        ("RIFX with u-law", rifx(Fmt::of(7, 1, 8_000, 8), &sound, 1), Reads(800)),
        (
            "RIFX in little-endian order",
            little_in_big,
            Refused("the chunk `fmt ` at byte 12 says 268435456 bytes"),
        ),
        (
            "RIFX, cut off",
            rifx(TELEPHONE, &sound, 2)[..700].to_vec(),
            Refused("the file is cut off"),
        ),
        (
            "Wave64",
            [b"riff\x2E\x91\xCF\x11".as_slice(), &[0; 100]].concat(),
            Refused("found a Sony Wave64 file"),
        ),
    ]
}

fn encodings() -> Rows {
    let tagged = |tag: u16, bits: u16, frame_bytes: u16| {
        Fmt { tag, frame_bytes, bits, ..TELEPHONE }.file(&sound())
    };
    vec![
        (
            "Microsoft ADPCM",
            tagged(0x02, 4, 256),
            Refused("encoded as Microsoft ADPCM (0x0002), expected PCM, float, A-law or u-law"),
        ),
        ("IMA ADPCM", tagged(0x11, 4, 256), Refused("IMA ADPCM (0x0011)")),
        ("GSM 6.10", tagged(0x31, 0, 65), Refused("GSM 6.10 (0x0031)")),
        ("G.726", tagged(0x45, 4, 1), Refused("G.726 (0x0045)")),
        ("G.722", tagged(0x028F, 0, 1), Refused("G.722 (0x028F)")),
        ("MPEG layer II", tagged(0x50, 0, 144), Refused("MPEG audio (0x0050)")),
        ("MP3", tagged(0x55, 0, 1), Refused("MPEG audio (0x0055)")),
        ("AAC", tagged(0xFF, 16, 1), Refused("AAC (0x00FF)")),
        ("tag 0", tagged(0, 16, 2), Refused("an unknown encoding (0x0000)")),
        ("tag 65535", tagged(0xFFFF, 16, 2), Refused("an unknown encoding (0xFFFF)")),
    ]
}

fn in_front() -> Rows {
    let id3 = b"ID3\x04\0\0\0\0\x02\x01".to_vec();
    let tag = [id3.clone(), vec![0; 257]].concat();
    vec![
        ("ID3 tag", [tag.clone(), good()].concat(), Reads(FRAMES)),
        (
            "ID3 tag that lies about its size",
            [id3, vec![0; 200], good()].concat(),
            Refused("found an ID3 tag without sound"),
        ),
        ("ID3 tag alone", tag.clone(), Refused("found an ID3 tag without sound")),
        (
            "ID3 tag of 256 MB",
            b"ID3\x04\0\0\x7F\x7F\x7F\x7Fabc".to_vec(),
            Refused("found an ID3 tag without sound"),
        ),
        ("a hundred ID3 tags", tag.repeat(100), Refused("found many ID3 tags")),
        (
            "byte order mark",
            [b"\xEF\xBB\xBF".to_vec(), good()].concat(),
            Refused("a WAV file that was saved as text"),
        ),
        ("zeros", [vec![0; 16], good()].concat(), Refused("found unknown bytes")),
        ("a blank line", [b"\n".to_vec(), good()].concat(), Refused("expected WAV")),
    ]
}

fn renamed() -> Rows {
    let ogg = |packet: &[u8]| {
        let mut page = b"OggS\0\x02".to_vec();
        page.resize(26, 0);
        [page, vec![1, u8::try_from(packet.len()).unwrap()], packet.to_vec()].concat()
    };
    vec![
        ("text", b"Please wait.\n".to_vec(), Refused("found a text file, expected WAV")),
        ("Chinese text", "请稍后".as_bytes().to_vec(), Refused("found a text file")),
        (
            "a page of HTML",
            b"<!DOCTYPE html><title>404</title>".to_vec(),
            Refused("found a text file"),
        ),
        ("an error in JSON", br#"{"error":{"code":401}}"#.to_vec(), Refused("found a text file")),
        ("zeros", vec![0; 10_000], Refused("found unknown bytes")),
        ("all ones", vec![0xFF; 10_000], Refused("expected WAV")),
        ("Ogg Vorbis", ogg(b"\x01vorbis\0\0\0\0"), Refused("found an Ogg Vorbis file")),
        ("Ogg Opus", ogg(b"OpusHead\x01\x01"), Refused("found an Ogg Opus file")),
        ("Ogg, cut off", b"OggS".to_vec(), Refused("found an Ogg file")),
        ("AIFF", b"FORM\0\0\0\x10AIFFCOMM".to_vec(), Refused("found an AIFF file")),
        ("AU", b".snd\0\0\0\x18\0\0\0\x10".to_vec(), Refused("found an AU file")),
        ("AMR", b"#!AMR\n\x3C".to_vec(), Refused("found an AMR file")),
        ("M4A", b"\0\0\0\x20ftypM4A \0\0\0\0".to_vec(), Refused("found an MP4 file")),
        ("WebM", b"\x1A\x45\xDF\xA3\x01\0\0\0".to_vec(), Refused("found a WebM or Matroska file")),
        ("AAC", b"\xFF\xF1\x50\x80\x02\x1F\xFC".to_vec(), Refused("found an AAC stream")),
        ("AVI", raw(b"RIFF", 4, b"AVI LIST"), Refused("a RIFF file that is not WAVE")),
        ("ZIP", b"PK\x03\x04\x14\0\0\0".to_vec(), Refused("found a ZIP archive")),
        ("gzip", b"\x1F\x8B\x08\0\0\0\0\0".to_vec(), Refused("found a gzip archive")),
    ]
}

const TONE_FLAC: &[u8] = include_bytes!("tone.flac");

fn flac() -> Rows {
    let tone = TONE_FLAC.to_vec();
    let cut = |end: usize| tone[..end].to_vec();
    let changed = |at: usize, byte: u8| {
        let mut bytes = tone.clone();
        bytes[at] = byte;
        bytes
    };
    let tag = [b"TAG".as_slice(), &[b' '; 125]].concat();
    let mut unsaid = tone.clone();
    unsaid[21] &= 0xF0;
    unsaid[22..26].fill(0);
    let mut endless = tone.clone();
    endless[21] |= 0x0F;
    endless[22..26].fill(0xFF);
    let id3 = b"ID3\x04\0\0\0\0\0\x05title".to_vec();
    vec![
        ("as it is", tone.clone(), Reads(6_000)),
        ("8 kHz", include_bytes!("telephone.flac").to_vec(), Reads(2_000)),
        ("24 bits, stereo", include_bytes!("stereo24.flac").to_vec(), Reads(4_410)),
        ("behind an ID3 tag", [id3, tone.clone()].concat(), Reads(6_000)),
        ("with a tag behind", [tone.clone(), tag].concat(), Reads(6_000)),
        ("length unknown", unsaid, Reads(6_000)),
        ("length of 2^36", endless, Refused("the sound is longer than 10 minutes")),
        ("the name alone", cut(4), Refused("the FLAC file is cut off behind frame 0")),
        ("cut in its header", cut(30), Refused("the FLAC file is cut off behind frame 0")),
        ("cut in its first frame", cut(400), Refused("the FLAC file is cut off behind frame 0")),
        (
            "cut by one byte",
            cut(tone.len() - 1),
            Refused("the FLAC file is cut off behind frame 4608"),
        ),
        (
            "rubbish behind",
            [tone.clone(), vec![0xA5; 64]].concat(),
            Refused("the FLAC file cannot be decoded behind frame 6000"),
        ),
        ("two files", tone.repeat(2), Refused("the FLAC file cannot be decoded behind frame 6000")),
        (
            "a bit of sound changed",
            changed(tone.len() - 200, 0x5A),
            Refused("the FLAC file cannot be decoded behind frame 4608: "),
        ),
        (
            "a bit of the first frame changed",
            changed(300, 0x5A),
            Refused("the FLAC file cannot be decoded behind frame 0: "),
        ),
        (
            "streaminfo of another length",
            changed(7, 0x21),
            Refused("invalid streaminfo metadata block length"),
        ),
        (
            "rate 0",
            {
                let mut bytes = tone.clone();
                bytes[18..20].fill(0);
                bytes[20] &= 0x0F;
                bytes
            },
            Refused("the FLAC file"),
        ),
    ]
}

const TONE_MP3: &[u8] = include_bytes!("tone.mp3");

fn mp3() -> Rows {
    let tone = TONE_MP3.to_vec();
    let untagged = include_bytes!("untagged.mp3").to_vec();
    let cut = |end: usize| tone[..end].to_vec();
    let hole = |at: usize, count: usize| [&tone[..at], &tone[at + count..]].concat();
    let mut noise = tone.clone();
    let middle = noise.len() / 2;
    noise[middle..middle + 200].fill(0x5A);
    let tag = [b"TAG".as_slice(), &[b' '; 125]].concat();
    let in_wav = riff(&[Fmt { tag: 0x55, ..TELEPHONE }.chunk(), tidy(b"data", &tone)]);
    vec![
        ("as it is", tone.clone(), Reads(12_000)),
        ("stereo", include_bytes!("stereo.mp3").to_vec(), Reads(13_230)),
        ("without a length", untagged.clone(), Reads(12_672)),
        ("layer II", include_bytes!("layer2.mp3").to_vec(), Reads(5_760)),
        ("with a tag behind", [tone.clone(), tag].concat(), Reads(12_000)),
        (
            "zeros behind",
            [tone.clone(), vec![0; 500]].concat(),
            Refused("the MP3 file is cut off behind frame"),
        ),
        ("inside WAV", in_wav, Refused("MPEG audio (0x0055)")),
        ("one header", b"\xFF\xFB\x90\x64\0\0\0\0".to_vec(), Refused("the MP3 file")),
        ("the tag alone", cut(45), Refused("found an ID3 tag without sound")),
        ("cut in its first frame", cut(100), Refused("the MP3 file")),
        ("cut in the middle", cut(1_300), Refused("the MP3 file is cut off behind frame")),
        ("cut by one byte", cut(tone.len() - 1), Refused("the MP3 file is cut off behind frame")),
        (
            "without a length, cut by one byte",
            untagged[..untagged.len() - 1].to_vec(),
            Refused("the MP3 file is cut off behind frame"),
        ),
        ("a hole", hole(1_000, 50), Refused("the MP3 file")),
        ("rubbish in the middle", noise, Refused("the MP3 file")),
        (
            "rubbish behind, no length",
            [untagged.clone(), vec![0xA5; 5_000]].concat(),
            Refused("the MP3 file"),
        ),
        ("two files, no length", untagged.repeat(2), Reads(2 * 12_672)),
    ]
}
