//! One run: each cell several times, each time all subjects in turn.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::cells::{self, Cell};
use crate::process::{Programs, Server};
use crate::ratios::{Ratios, Sample};
use crate::{Failure, chart, peers, subjects};

struct Options {
    repetitions: usize,
    subjects: Vec<String>,
    cells: Vec<String>,
    json: Option<PathBuf>,
    svg: Option<PathBuf>,
    peers: PathBuf,
}

/// Time before and while a subject is measured, in milliseconds.
const WARM_UP: usize = 200;
const TIME: usize = 500;

pub(crate) fn compare(words: &[&str]) -> Result<(), Failure> {
    let options = Options::parse(words)?;
    let contestants = contestants(&options)?;
    let mut rows = Vec::new();
    for cell in cells::ALL.iter().filter(|cell| chosen(&options.cells, cell.name)) {
        let row = measure(*cell, &contestants, options.repetitions)?;
        print(*cell, &contestants, &row);
        rows.push((*cell, row));
    }
    let names: Vec<&str> = contestants.iter().map(|one| one.name.as_str()).collect();
    let document = document(&names, &rows, options.repetitions);
    if let Some(file) = &options.json {
        std::fs::write(file, format!("{document:#}\n"))?;
    }
    if let Some(file) = &options.svg {
        std::fs::write(file, chart::draw(&document).ok_or("nothing was measured")?)?;
    }
    Ok(())
}

/// What all subjects of one cell came to; nothing for one that cannot do it.
type Row = Vec<Option<Ratios>>;

struct Contestant {
    name: String,
    programs: Programs,
    /// Least size of bodies.
    least: usize,
}

fn contestants(options: &Options) -> Result<Vec<Contestant>, Failure> {
    let this = std::env::current_exe()?.display().to_string();
    let own = subjects::ALL.iter().map(|subject| {
        let words = |verb: &str| vec![this.clone(), verb.to_owned(), subject.name.to_owned()];
        let programs = Programs { server: words("serve"), client: words("load") };
        Contestant { name: subject.name.to_owned(), programs, least: subject.least }
    });
    let peers = peers::all(&options.peers).into_iter();
    let mut all: Vec<_> =
        own.chain(peers.map(|(name, programs)| Contestant { name, programs, least: 0 })).collect();
    all.retain(|one| one.name == subjects::ALL[0].name || chosen(&options.subjects, &one.name));
    Ok(all)
}

fn chosen(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|chosen| chosen == name)
}

fn measure(cell: Cell, contestants: &[Contestant], repetitions: usize) -> Result<Row, Failure> {
    // One call at a time measures wake-ups between cores, many measure work: both have a core for each side.
    let servers: Vec<Server> =
        contestants.iter().map(|one| Server::start(&one.programs)).collect::<Result<_, _>>()?;
    let mut samples: Vec<Vec<Sample>> = contestants.iter().map(|_| Vec::new()).collect();
    for _ in 0..repetitions {
        let taking_part = contestants.iter().zip(&servers).zip(&mut samples);
        for ((one, server), samples) in taking_part.filter(|((one, _), _)| one.least <= cell.size) {
            match server.load(&one.programs, 1, [cell.in_flight, cell.size, WARM_UP, TIME]) {
                Ok(said) => samples.extend(Sample::of(&said)),
                Err(failure) => eprintln!("{}, {}: {failure}", one.name, cell.name),
            }
        }
    }
    let (raw, all) = (samples[0].clone(), samples);
    Ok(all.iter().map(|samples| Ratios::of(samples, &raw)).collect())
}

fn print(cell: Cell, contestants: &[Contestant], row: &Row) {
    println!(
        "\n{:<20} {:>9} {:>9}  {:<23} {:<23} {:<23}",
        cell.name, "calls/s", "p50 us", "calls/s / raw", "p50 / raw", "CPU a call / raw"
    );
    for (Contestant { name, .. }, ratios) in contestants.iter().zip(row) {
        match ratios {
            None => println!("{name:<20} -"),
            Some(ratios) => println!(
                "{name:<20} {:>9.0} {:>9.1}  {:<23} {:<23} {:<23}",
                ratios.rate, ratios.p50_us, ratios.rate_ratio, ratios.p50_ratio, ratios.cpu_ratio
            ),
        }
    }
}

fn document(names: &[&str], rows: &[(Cell, Row)], repetitions: usize) -> Value {
    let cells = rows.iter().map(|(cell, row)| {
        let subjects = names
            .iter()
            .zip(row)
            .map(|(name, ratios)| json!({ "name": name, "ratios": ratios.as_ref().map(Ratios::document) }));
        let subjects: Vec<Value> = subjects.collect();
        json!({ "cell": cell.name, "in_flight": cell.in_flight, "bytes": cell.size, "subjects": subjects })
    });
    let cells: Vec<Value> = cells.collect();
    json!({
        "repetitions": repetitions,
        "seconds_each": TIME as f64 / 1e3,
        "runtime": "Tokio, multi-thread flavour, one worker in each process; server on core 0, client on core 1",
        "cells": cells,
    })
}

impl Options {
    fn parse(words: &[&str]) -> Result<Self, Failure> {
        let mut options = Options {
            repetitions: 5,
            subjects: Vec::new(),
            cells: Vec::new(),
            json: None,
            svg: None,
            peers: PathBuf::from("../../target/peers"),
        };
        let list = |text: &str| text.split(',').map(str::to_owned).collect();
        for pair in words.chunks(2) {
            match *pair {
                ["--reps", number] => options.repetitions = number.parse()?,
                ["--only", names] => options.subjects = list(names),
                ["--cells", names] => options.cells = list(names),
                ["--json", file] => options.json = Some(file.into()),
                ["--svg", file] => options.svg = Some(file.into()),
                ["--peers", directory] => options.peers = directory.into(),
                _ => return Err(format!("`compare` does not know `{}`", pair.join(" ")).into()),
            }
        }
        Ok(options)
    }
}
