include "./names.thrift"

struct Writer { 1: names.String string }
