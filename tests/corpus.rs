//! The committed fuzz corpus, through the functions that the fuzz targets call.

use std::fs;
use std::path::{Path, PathBuf};

use tchannel_tests::fuzz::{TARGETS, samples};
use tchannel_tests::mesh;
use tchannel_tests::scenario::{self, Menu};
use tchannel_tests::source::{Recorder, Rng, Source};

fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    files.sort();
    files
}

#[test]
fn every_input_of_the_corpus_keeps_every_law() {
    for (target, run) in TARGETS {
        let files = corpus(target);
        assert!(!files.is_empty(), "no corpus for {target}");
        for file in files {
            println!("{}", file.display());
            run(&fs::read(&file).expect("it can be read"));
        }
    }
}

#[test]
fn the_corpus_stays_small() {
    let files = TARGETS.iter().flat_map(|(target, _)| corpus(target));
    let bytes: u64 = files.map(|file| fs::metadata(file).expect("it is there").len()).sum();
    assert!(bytes < 1 << 20, "{bytes} bytes");
}

/// Only when asked for, with `TCHANNEL_CORPUS=new`: writes inputs made from seeds, the same ones each time.
#[test]
fn new_inputs() {
    if std::env::var("TCHANNEL_CORPUS").as_deref() != Ok("new") {
        return;
    }
    for (target, count) in
        [("pair", 48), ("args", 32), ("channel", 32), ("connection", 48), ("frame", 24), ("message", 24)]
    {
        for seed in 0..count {
            let bytes = input(target, seed);
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
            fs::write(folder.join(format!("seed-{seed:02}")), bytes).expect("it can be written");
        }
    }
    for (target, _) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
        for (number, sample) in samples(target).into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:02}")), sample).expect("it can be written");
        }
    }
}

/// What a fuzzer would have to send to get what this seed makes.
fn input(target: &str, seed: u64) -> Vec<u8> {
    let mut source = Recorder::new(Rng::new(seed));
    match target {
        "pair" | "args" => {
            let menu = if target == "pair" { Menu::All } else { Menu::Streams };
            source.byte();
            scenario::generate(&mut source, menu);
            source.into_taken()
        }
        "channel" => {
            source.byte();
            mesh::generate(&mut source, mesh::Menu::All);
            source.into_taken()
        }
        "connection" => {
            let len = 40 + source.below(400);
            source.run(len)
        }
        "frame" => scenario::hostile(&mut source).to_vec(),
        _ => {
            let frames = scenario::hostile(&mut source);
            // The type byte, then the body of the first frame.
            let kind = frames.get(2).copied().unwrap_or(0);
            let size = frames.first_chunk::<2>().map_or(0, |size| usize::from(u16::from_be_bytes(*size)));
            let body = frames.get(16..size.min(frames.len())).unwrap_or_default();
            [&[kind], body].concat()
        }
    }
}
