use super::program::{capture, decode, decode_of};

#[test]
fn other_files_are_told_apart_in_a_sentence() {
    let cases: [(&[u8], &str); 7] = [
        (b"", "it has 0 bytes"),
        (b"\xD4\xC3\xB2\xA1\x02\0", "it has 6 bytes"),
        (b"#!/bin/sh\necho hello\n", "this is no capture"),
        (b"\x1F\x8B\x08\0\0\0\0\0", "unpack it first"),
        (b"\x7FELF\x02\x01\x01\0", "this is no capture"),
        (b"\xD4\xC3\xB2\xA1\x09\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "version 9"),
        (b"\xD4\xC3\xB2\xA1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\xFF\xFF\xFF\x7F\0\0\0\0", "damaged at byte 24"),
    ];
    for (file, words) in cases {
        let said = decode_of(&["-"], file);
        assert_eq!(said.code, 125, "{said:?}");
        assert!(said.err.contains(words) && said.err.lines().count() == 1, "{said:?}");
    }
    let said = decode(&["/nowhere/at-all.pcap"]);
    assert!(said.code == 125 && said.err.contains("cannot open /nowhere/at-all.pcap"), "{said:?}");
    let said = decode(&[env!("CARGO_MANIFEST_DIR")]);
    assert!(said.code == 125 && said.err.contains("cannot read"), "{said:?}");
}

#[test]
fn what_was_before_the_damage_is_told() {
    let mut file = std::fs::read(capture("long.pcap")).expect("it is there");
    file.truncate(5_000);
    let said = decode_of(&["-"], &file);
    assert!(said.code == 0 && said.out.lines().count() > 15, "{said:?}");
    assert!(said.err.contains("ends within a packet"), "{said:?}");
    file.extend([0xFF; 500]);
    let said = decode_of(&["-"], &file);
    assert!(said.code == 125 && said.out.lines().count() > 15 && said.err.contains("damaged"), "{said:?}");
}

#[test]
fn a_malformed_frame_or_a_wrong_checksum_ends_with_1() {
    let sum = "0061030000000002000000000000000000000003e811111111111111110000000000000000111111111111111100\
        046563686f0202636e0464656d6f026173037261770300000000\
        00046563686f000468656164000b68656c6c6f20776f726c64";
    let said = decode_of(&["--hex", "-"], sum.as_bytes());
    assert!(said.code == 1 && said.out.contains("! invalid checksum (type 3) expected: 0"), "{said:?}");
    let short = "0018d200000000030000000000000000ffff";
    let said = decode_of(&["--hex", "-"], short.as_bytes());
    assert!(said.code == 1 && said.out.contains("ends within a frame"), "{said:?}");
    let size = "0005d00000000003";
    let said = decode_of(&["--hex", "--explain", "-"], size.as_bytes());
    assert!(said.code == 1 && said.out.contains("! frame size is 5, must be 16 to 65535"), "{said:?}");
    let said = decode_of(&["--hex", "--json", "-"], size.as_bytes());
    assert_eq!(said.values()[0]["malformed"], "frame size is 5, must be 16 to 65535");
}

#[test]
fn odd_words_and_digits_end_with_125() {
    for (words, input, sentence) in [
        (&["--hex", "-"][..], "0010xy", "'x' in line 1 is no hexadecimal digit"),
        (&["--hex", "-"], "00000000: 0010 d000  ....\n", "`xxd -p FILE` writes it so"),
        (&["--hex", "-"], "00\n0", "half a byte"),
        (&["--hex", "--raw", "-"], "", "cannot be used with"),
        (&["--explain", "--calls", "-"], "", "cannot be used with"),
        (&["--responses", "maybe", "-"], "", "possible values"),
        (&["-t", "/nowhere.thrift", "-"], "", "/nowhere.thrift"),
        (&["-t", env!("CARGO_MANIFEST_DIR"), "-"], "", "no .thrift files"),
    ] {
        let said = decode_of(words, input.as_bytes());
        assert!(said.code == 125 && said.err.contains(sentence), "{said:?}");
    }
}

#[test]
fn what_peers_say_cannot_steer_the_terminal() {
    // An error frame whose text clears the screen.
    let error = b"\0\x30\xFF\0\0\0\0\x02\0\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x04\x1b[2J";
    // The same as the name of a header; of an init req, and of a call req.
    let init = b"\0\x1C\x01\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\x02\0\x01\0\x04\x1b[2J\0\0";
    let text = "\x1b[2J\u{9b}2J";
    let call = call_req(&[(text, text)], "x");
    // In one character that JSON leaves as it is: in arg3.
    let json = call_req(&[("as", "json")], &format!("[\"{}\"]", &text[4..]));
    for frame in [&error[..], init, &call, &json] {
        for words in [&[][..], &["--explain"], &["--json"], &["--calls"], &["--calls", "--json"]] {
            let said = decode_of(&[&["--raw", "-"], words].concat(), frame);
            let steers = |char: char| char.is_control() && char != '\n';
            assert!(said.code == 0 && !said.out.contains(steers), "{said:?}");
            if words.contains(&"--json") {
                let _whole = said.values();
            }
        }
    }
}

/// A call req without a checksum.
fn call_req(headers: &[(&str, &str)], arg3: &str) -> Vec<u8> {
    let short = |text: &str| [&[u8::try_from(text.len()).expect("short")], text.as_bytes()].concat();
    let long = |text: &str| [&[0], &short(text)[..]].concat();
    let mut rest = [&[0, 0, 0, 3, 0xE8][..], &[0; 25], &short("svc")].concat();
    rest.push(u8::try_from(headers.len()).expect("few"));
    for (key, value) in headers {
        rest.extend([short(key), short(value)].concat());
    }
    rest.extend([vec![0], long("echo"), long(""), long(arg3)].concat());
    let size = u16::try_from(16 + rest.len()).expect("a frame").to_be_bytes();
    [&size[..], &[3, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0], &rest].concat()
}
