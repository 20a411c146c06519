//! 1: states; 2: peer profile; 3: ids.

use crate::conformance::case::{Case, accepted, cases, connected};

/// A peer that says it speaks `language`: a call is served, one of ours is cancelled, and then it breaks the framing.
fn profile(language: &'static str, cancel: &str, end: &str) -> Case {
    accepted(format!(
        r#"! call 'echo' 'h' 'body'
             > call req 1 CALLED
           ! cancel 1 "dropped"
             {cancel}
             * failed 1 cancelled local …
           < raw: 0000
             {end}
             * closed protocol error: …frame size…"#
    ))
    .alone()
    .peer(Some(language))
}

const CANCEL: &str = r#"> cancel 1 ttl 3600000 T "dropped""#;
const FATAL: &str = r#"> error none fatal - "…frame size…""#;

cases! {
    s1_connect_queues_an_init_req_with_id_1: connected(
        "! timer
           = 5s
           > init req 1 version 2 [host_port=10.0.0.1:4040 process_name=demo[7] tchannel_language=rust \
tchannel_language_version=… tchannel_version=…]
         < init res 1: 0002 0002 REQUIRED
           * ready - probe -"
    ).bare().peer(None).config(|config| config.process_name = "demo[7]".into());
    s1_accept_sends_nothing_before_the_init_req: accepted(
        "! call 'echo' 'h' 'body'
         @ 1s
         < init req 1: 0002 0002 REQUIRED
           > init res 1 version 2 [host_port=10.0.0.1:4040 process_name=here tchannel_language=rust …]
           > call req 1 ttl 3599000 echo [cn=probe as=raw] T none 'echo' 'h' 'body'
           * ready - probe -
         < call res 1: 00 00 T RAW 00 ANSWER
           * response 1 ok [as=raw] T none 'h' 'body'"
    ).bare().alone().peer(None);
    s1_a_call_made_while_opening_leaves_after_the_init_res: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         @ 1s
         < init res 1: 0002 0002 REQUIRED
           > call req 2 ttl 3599000 echo [cn=probe as=raw] T none 'echo' 'h' 'body'
           * ready - probe -"
    ).bare().alone().peer(None);
    s1_what_the_peer_said_of_itself_is_kept: accepted(
        "! remote
           = none
         < init req 1: 0002 0005 0009'host_port' 000d'10.0.0.9:4040' 000c'process_name' 0006'wok[3]' \
0011'tchannel_language' 0002'go' 0019'tchannel_language_version' 0006'1.22.1' 0010'tchannel_version' 0006'1.34.5'
           > init res 1 …
           * ready 10.0.0.9:4040 wok[3] go
         ! remote
           = Some(\"10.0.0.9:4040\") \"wok[3]\" \"go\" \"1.22.1\" \"1.34.5\" \
[host_port=10.0.0.9:4040 process_name=wok[3] tchannel_language=go tchannel_language_version=1.22.1 tchannel_version=1.34.5]"
    ).bare().peer(Some("go"));
    s1_what_is_not_utf8_is_read_as_far_as_it_goes: accepted(
        "< init req 1: 0002 0002 0009'host_port' 0009'0.0.0.0:0' 000c'process_name' 0002 41ff
           > init res 1 …
           * ready - A\u{fffd} -"
    ).bare().peer(None);
    s1_init_id_0_is_echoed: accepted(
        "< init req 0: 0002 0002 REQUIRED
           > init res 0 …
           * ready - probe -"
    ).bare().peer(None);
    s1_init_id_77_is_echoed: accepted(
        "< init req 77: 0002 0002 REQUIRED
           > init res 77 …
           * ready - probe -"
    ).bare().peer(None);
    s1_the_id_of_no_message_is_echoed: accepted(
        "< init req none: 0002 0002 REQUIRED
           > init res none …
           * ready - probe -"
    ).bare().peer(None);
    s1_the_handshake_timer_is_gone_after_the_handshake: accepted(
        "! timer
           = 5s
         < init req 1: 0002 0002 REQUIRED
           > init res 1 …
           * ready - probe -
         ! timer
           = none
         @ 3600s"
    ).bare().peer(None);
    s1_a_lost_connection_ends_everything: connected(
        "! call 'echo' 'h' 'body'
           > call req 3 CALLED
         < call req 4: 01 TTL T ROUTE 00 0002'ec'
         < call req 5: 00 TTL T ROUTE 00 ARGS
           * request 5 HEAD none 2000ms 'echo' 'h' 'body'
         ! lost reset
           * failed 3 network local …
           * abandoned 5 network
           closes: connection reset"
    );
    s1_a_connection_lost_while_opening_fails_its_calls: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         ! lost eof
           * failed 2 network local …
           closes: the peer closed the connection"
    ).bare();
    s1_a_clock_that_steps_back_is_harmless: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! late 1s
         < ping req 5:
           > ping res 5
         ! back 900s
         < call req 3: 00 TTL T ROUTE 00 ARGS
           * request 3 HEAD none 902000ms 'echo' 'h' 'body'
         ! late 901s
         ! tick
           > error 2 timeout T "request timed out after 2000ms (limit was 2000ms)"
           * abandoned 2 timeout
         ! late 1s
         ! tick
           > error 3 timeout T "request timed out after 2000ms (limit was 2000ms)"
           * abandoned 3 timeout"#
    );
    s1_drain_before_the_handshake_waits_for_its_calls: connected(
        r#"! call 'echo' 'h' 'body'
           > init req 1 …
         ! drain "restart" 30s
         ! call 'echo' 'h' 'body'
           = draining
         < init res 1: 0002 0002 REQUIRED
           > error none declined - "draining: restart"
           > call req 2 CALLED
           * ready - probe -
         < call res 2: 00 00 T RAW 00 ANSWER
           * response 2 ok [as=raw] T none 'h' 'body'
           * closed drained"#
    ).bare().alone().peer(None);

    s2_go_takes_cancels_and_fatal_frames: profile("go", CANCEL, FATAL);
    s2_node_takes_cancels_but_no_fatal_frame: profile("node", CANCEL, "");
    s2_rust_takes_cancels_and_fatal_frames: profile("rust", CANCEL, FATAL);
    s2_java_takes_cancels_and_fatal_frames: profile("java", CANCEL, FATAL);
    s2_any_other_named_language_is_like_java: profile("cobol", CANCEL, FATAL);
    s2_python_takes_no_cancels: profile("python", "", FATAL);
    s2_a_peer_without_a_language_takes_no_cancels: accepted(
        r#"! call 'echo' 'h' 'body'
             > call req 1 CALLED
           ! cancel 1 "dropped"
             * failed 1 cancelled local …
           < raw: 0000
             fatal: …frame size…"#
    ).alone().peer(None);
    s2_the_language_is_compared_without_case: accepted(
        r#"< init req 1: 0002 0003 REQUIRED 0011'tchannel_language' 0006'Python'
             > init res 1 …
             * ready - probe Python
           ! call 'echo' 'h' 'body'
             > call req 1 CALLED
           ! cancel 1 "dropped"
             * failed 1 cancelled local …"#
    ).alone().bare().peer(Some("python"));
    s2_everyone_gets_the_draining_frame: accepted(
        r#"! call 'echo' 'h' 'body'
             > call req 1 CALLED
           ! drain "restart" 30s
             > error none declined - "draining: restart""#
    ).alone().peer(Some("python"));

    s3_the_diallers_first_own_id_is_2_and_the_next_one_higher: connected(
        "! call 'echo' 'h' 'body'
           > call req 2 CALLED
         ! call 'echo' 'h' 'body'
           > call req 3 CALLED
         ! open 'echo'
           > call req 4 more …"
    ).alone();
    s3_the_acceptors_first_own_id_is_1_and_the_next_one_higher: accepted(
        "! call 'echo' 'h' 'body'
           > call req 1 CALLED
         < call res 1: 00 00 T RAW 00 ANSWER
           * response 1 ok [as=raw] T none 'h' 'body'
         ! call 'echo' 'h' 'body'
           > call req 2 CALLED"
    ).alone();
    s3_a_handle_of_an_answered_call_does_not_name_a_later_one_with_its_id: accepted(
        "< call req 2: 01 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' in parts
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''
         < call req 2: 01 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' in parts
         ! read old 2
           = gone
         ! write old 2 'x'
           = gone
         ! read in 2
           = arg2 'h'
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''"
    );
}
