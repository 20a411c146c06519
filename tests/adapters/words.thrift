// What the tests of streams have in common.

struct Word {
    1: required string text
}

exception RefusedError {
    1: required string why
}

service Words {
    /** Gives each word back, twice as loud. */
    Word shout(1: Word word) throws (1: RefusedError refused)
}
