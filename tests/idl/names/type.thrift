include "./names.thrift"

struct Reader { 1: optional Reader reader 2: names.Vec vec }

service Far extends names.std {
    Reader far(1: names.Point point = { 'x': 3 }) throws (1: names.Error error)
}
