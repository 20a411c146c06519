// typed.thrift, as it may have looked before.

exception NotFoundError {
    1: required string key
}

struct Inner {
    1: required string name
}

struct Everything {
    1: required bool flag
    7: optional string text
    13: optional Inner inner
}

service Shapes {
    Everything full()

    string fail(1: string how) throws (1: NotFoundError notFound)
}
