//! Every `.thrift` file of the installed packages: what is sound parses, generates and compiles, what is broken says where.
//! And the example's own file.

mod idl {
    mod compile;
    mod example;
    mod files;
    mod oracle;
    mod sample;
    mod verdicts;
}
