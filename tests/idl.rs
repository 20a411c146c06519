//! Every `.thrift` file of the installed packages: what is sound parses, generates and compiles, what is broken says where.

mod idl {
    mod compile;
    mod files;
    mod oracle;
    mod sample;
    mod verdicts;
}
