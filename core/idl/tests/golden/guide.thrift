// The service of the guide, with one thing more of each kind.

include "./shared.thrift"

const i32 MAX_ENTRIES = 100000
const list<string> RESERVED = ["root", "admin"]

/** Nobody has set this key. */
exception NotFoundError {
    // The key that was asked for.
    1: required string key
}

exception ReadOnlyError {}

/** A value and what is known of it. */
struct Entry {
    1: required Value value
    2: optional i64 changedAt // Milliseconds since 1970.
    3: shared.Role owner = shared.Role.USER
    4: Entry previous
}

union Value {
    1: string text
    2: binary bytes
    3: map<string, double> numbers
}

/**
 * Keeps values by their keys.
 *
 *   - a key is never empty
 *   - see RESERVED
 */
service KeyValue extends shared.BaseService {
    /** What setValue last said of a key. */
    string getValue(1: string key) throws (1: NotFoundError notFound)

    void setValue(1: string key, 2: string value) throws (1: ReadOnlyError readOnly, 2: NotFoundError notFound)

    /** Entries of an owner, newest first. */
    list<Entry> entries(1: shared.Role owner, 2: optional i32 limit, 3: bool deep = true)

    oneway void forget(1: string key)
}
