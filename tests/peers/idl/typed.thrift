// A value of each type, each way to answer.

enum Level {
    LOW = 1
    HIGH = 5
}

exception NotFoundError {
    1: required string key
}

exception TooManyError {
    1: required i32 limit
    2: optional string hint
}

struct Inner {
    1: required string name
    2: optional Level level
}

struct Everything {
    1: required bool flag
    2: optional byte small
    3: optional i16 middling
    4: optional i32 number
    5: optional i64 large
    6: optional double ratio
    7: optional string text
    8: optional binary bytes
    9: optional Level level
    10: optional list<string> words
    11: optional set<i32> numbers
    12: optional map<string, Inner> inners
    13: optional Inner inner
}

service Shapes {
    Everything echo(1: Everything value)

    // A value with every field.
    Everything full()

    void nothing()

    // Fails as it is asked to: notFound, tooMany, or any other word for a failure that is not declared; empty does not fail.
    string fail(1: string how) throws (1: NotFoundError notFound, 2: TooManyError tooMany)

    list<string> words(1: i32 count)

    bool no()

    i32 zero()
}
