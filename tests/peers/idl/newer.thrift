// typed.thrift, as it may look later.

exception NotFoundError {
    1: required string key
}

exception TooManyError {
    1: required i32 limit
    2: optional string hint
}

exception GoneError {
    1: optional string since
}

struct Extra {
    1: required list<map<string, double>> tables
    2: optional Extra next
}

struct Everything {
    1: required bool flag
    7: optional string text
    14: optional Extra extra
    15: optional set<string> tags
}

service Shapes {
    Everything echo(1: Everything value, 2: bool twice)

    string fail(1: string how) throws (1: NotFoundError notFound, 2: TooManyError tooMany, 3: GoneError gone)
}
