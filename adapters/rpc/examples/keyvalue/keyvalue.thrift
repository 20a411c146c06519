/** Nobody has set this key. */
exception NotFoundError {
    1: required string key
}

/** Keeps values by their keys. */
service KeyValue {
    /** What setValue last said of a key. */
    string getValue(1: string key) throws (1: NotFoundError notFound)

    void setValue(1: string key, 2: string value)
}
