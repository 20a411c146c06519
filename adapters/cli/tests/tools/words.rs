//! What the program says about itself.

use std::io::Write;
use std::process::{Command, Stdio};

use super::program::run;

const VERBS: [&str; 6] = ["call", "decode", "bench", "ping", "ringpop", "serve"];

fn text(words: &[&str]) -> String {
    let ran = run(words);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    ran.stdout
}

/// What bash says to a script.
fn bash(script: &str, options: &[&str]) -> String {
    let mut bash = Command::new("bash");
    let mut bash =
        bash.args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("there is a bash");
    let mut stdin = bash.stdin.take().expect("it was asked for");
    stdin.write_all(script.as_bytes()).expect("it reads");
    drop(stdin);
    let output = bash.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{script}");
    String::from_utf8(output.stdout).expect("it says text")
}

#[test]
fn completions_of_bash_parse_and_complete_verbs_and_options() {
    let script = text(&["--completions", "bash"]);
    bash(&script, &["-n"]);
    // As bash asks: all words, and which is the last; then the program, that word and the one before it.
    let complete = |before: &str, word: &str| {
        let last = before.split(' ').count();
        let previous = before.rsplit(' ').next().unwrap_or_default();
        let words = format!("COMP_WORDS=({before} {word}); COMP_CWORD={last}");
        bash(&format!("{script}\n{words}; _tchannel tchannel {word} {previous}; echo ${{COMPREPLY[@]}}"), &[])
    };
    for verb in VERBS {
        let begun = &verb[..verb.len() - 1];
        assert_eq!(complete("tchannel", begun), format!("{verb}\n"));
    }
    assert_eq!(complete("tchannel bench", "--conc"), "--concurrency\n");
    assert_eq!(complete("tchannel ringpop", "mem"), "members\n");
}

#[test]
fn completions_of_other_shells_name_all_verbs() {
    for (shell, mark) in [("zsh", "#compdef tchannel"), ("fish", "complete -c tchannel")] {
        let script = text(&["--completions", shell]);
        assert!(script.contains(mark), "{shell}");
        for verb in VERBS {
            assert!(script.contains(verb), "{shell}: {verb}");
        }
    }
    let ran = run(&["--completions", "tcsh"]);
    assert_eq!(ran.code, Some(125), "{ran:?}");
    assert!(ran.stderr.contains("bash"), "it says which there are: {ran:?}");
}

#[test]
fn manual_has_a_page_for_the_program_and_for_each_verb() {
    let page = text(&["--man"]);
    assert!(page.contains(".TH tchannel 1"), "{page}");
    for verb in VERBS {
        assert!(page.contains(&format!("tchannel\\-{verb}")), "{verb}: {page}");
        let page = text(&["--man", verb]);
        assert!(page.contains(&format!(".TH tchannel-{verb} 1")), "{page}");
        assert!(page.contains(".SH OPTIONS") || page.contains(".SH PEERS"), "{page}");
    }
    assert!(page.contains("Exit codes:"), "{page}");
    assert!(text(&["--man", "bench"]).contains("\\-\\-concurrency"));
    let ran = run(&["--man", "dance"]);
    assert_eq!(ran.code, Some(125), "{ran:?}");
    assert!(ran.stderr.contains("there is no verb `dance`"), "{ran:?}");
}

#[test]
fn version_is_told_by_either_option_of_every_verb() {
    let version = env!("CARGO_PKG_VERSION");
    for words in [&["-v"][..], &["--version"]] {
        assert_eq!(text(words), format!("tchannel {version}\n"));
    }
    for verb in VERBS {
        let said = text(&[verb, "--version"]);
        assert!(said.starts_with("tchannel") && said.ends_with(&format!(" {version}\n")), "{said}");
    }
}

#[test]
fn help_names_verbs_and_exit_codes_and_has_no_colour_in_a_pipe() {
    let help = text(&["--help"]);
    for verb in VERBS {
        assert!(help.contains(&format!("  {verb} ")), "{help}");
        assert!(text(&[verb, "--help"]).contains("Usage: tchannel "), "{verb}");
    }
    for code in ["  0 ", "  1..8 ", "  124 ", "  125 ", "  126 ", "  127 "] {
        assert!(help.contains(code), "{help}");
    }
    assert!(!help.contains('\u{1b}'), "{help}");
}

#[test]
fn words_that_make_no_sense_end_with_a_local_error_and_what_would() {
    for words in [&[][..], &["bench"], &["ping", "--nonsense"], &["--man", "--completions", "bash"]] {
        let ran = run(words);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(125), ""), "{words:?}: {ran:?}");
        assert!(ran.stderr.contains("Usage: "), "{words:?}: {ran:?}");
    }
}
